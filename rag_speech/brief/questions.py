"""What a brief leaves open that only the clerk can say: placeholders, the kind of occasion, who speaks."""

from __future__ import annotations

import re

from rag_speech.brief.brief import Brief
from rag_speech.zh.text import SPEAKING_RATE

PLACEHOLDER = re.compile(
    r"【[^】]*】|\[[^\]]*\]|[Xx×✕*＊○◯]{2,}|某某?(?=[县市区镇乡村局长书主单])|_{2,}|＿{2,}|…{2,}(?=会)|（[^（）]*(?:填|待定)[^（）]*）"
)
"""Words that stand for what the clerk did not fill in."""
_AROUND = 4
_CADRES = re.compile(r"干部(?:大会|会议)$")


def questions(brief: Brief, *, given_occasion: bool) -> tuple[str, ...]:
    """Return what to ask the clerk about the brief and the words it was read from, in Chinese.

    ``given_occasion``: the clerk named the occasion, so that nothing is asked about it.
    """
    text = brief.words or brief.own_text
    asked = [f"“{around}”里有占位符，请补上真实的内容。" for around in _placeholders(text)]
    occasion = brief.resolved_occasion
    if occasion.stands_in and not given_occasion:
        asked.append(
            f"从“{brief.event}”看不出是哪一类会议或活动，暂按“{occasion.name}”写；要换，请用 --occasion 指定。"
        )
    elif _CADRES.search(brief.event) and occasion.id == "work_conference" and not given_occasion:
        asked.append(
            "会上如果宣布任免，请用 --occasion appointment_announcement 指定；没有说明，稿子不提任免。"
        )
    if not brief.speaker:
        asked.append("没有说由谁来讲，请补上讲话人的职务。")
    if brief.minutes is None and brief.chars is None:
        minutes = round(brief.target_chars / SPEAKING_RATE)
        asked.append(
            f"没有说讲多久，按{occasion.name}的常例写{brief.target_chars}字左右（约{minutes}分钟）。"
        )
    return tuple(asked)


def _placeholders(text: str) -> list[str]:
    """Return each placeholder once, with the few characters behind it: XX县防汛."""
    found = (
        m.group()
        if len(m.group()) > _AROUND
        else re.split(r"[，。；\n]", text[m.start() : m.end() + _AROUND])[0]
        for m in PLACEHOLDER.finditer(text)
    )
    return list(dict.fromkeys(found))
