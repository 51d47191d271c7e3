"""Relative times (今年, 日前, 昨天) that the day of the speech contradicts (L-TIME)."""

from __future__ import annotations

import re
from datetime import date, timedelta

from rag_speech.checks.base import CheckContext
from rag_speech.checks.scan import finding
from rag_speech.checks.scrape import clean_view
from rag_speech.types import Finding, Severity
from rag_speech.zh.text import half_width, sentence_around

_YEARS = {"今年": 0, "本年度": 0, "去年": -1, "前年": -2, "明年": 1, "后年": 2}
_DAYS = {"今天": 0, "昨天": -1, "前天": -2, "明天": 1, "后天": 2}
_RECENT_DAYS = 60
"""日前 and 近日 reach no further back."""

_WORD = "|".join(_YEARS)
_NAMED_YEAR = re.compile(
    rf"(?:(?P<word>{_WORD})(?:是|即|，即|（即?)(?P<year>20\d\d)年?|(?P<year2>20\d\d)年?(?:（|，即)(?P<word2>{_WORD})(?=[），]))"
)
_NAMED_DAY = re.compile(
    rf"(?P<word>{'|'.join(_DAYS)})(?:是|（|，?即)(?:(?P<year>20\d\d)年)?(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日"
)
_RECENT = re.compile(
    r"(?:日前|近日|前不久|前几天|这几天)[，,（(]?(?:(?P<year>20\d\d)年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日"
)
_SO_FAR = re.compile(
    r"今年(?:以来)?[，,]?(?:(?:1|一)(?:月?[至到—－-]|月份?至)(?P<month>\d{1,2})月|(?P<half>上半年|前三季度|前三个季度|一季度|第一季度))"
)
_ENDS = {"上半年": 6, "前三季度": 9, "前三个季度": 9, "一季度": 3, "第一季度": 3}
_DONE = re.compile("完成了?(?!任务)|实现了?|达到|增长|下降|同比|已|共|累计")
_AIM = re.compile("力争|争取|确保|要|计划|目标|预计|将|务必|努力|必须|前完成|底前")
_CAPTION_DAY = re.compile(r"(20\d\d)年(\d{1,2})月(\d{1,2})日")
_SOURCE = "GB/T 15835—2011；相对时间以讲话当天为准"


def check_times(context: CheckContext) -> list[Finding]:
    """今年（2024年） in a speech of 2026, 昨天 with another day's date, results of months not yet over."""
    text = context.text
    view = half_width(clean_view(text))
    spoken, sure = _day_of_speech(context)
    out = [
        _said(text, m, f"“{m.group()}”与讲话日期（{spoken.year}年）对不上。")
        for m in _wrong_years(view, spoken)
    ]
    if sure:
        out += [
            _said(text, m, f"“{m.group()}”与讲话日期（{spoken.month}月{spoken.day}日）对不上。")
            for m in _wrong_days(view, spoken)
        ]
    for m in _RECENT.finditer(view):
        day = _a_day(int(m["year"] or spoken.year), int(m["month"]), int(m["day"]))
        if day and not timedelta(-1) <= spoken - day <= timedelta(_RECENT_DAYS) and (m["year"] or sure):
            out.append(_said(text, m, f"“{m.group()}”离讲话日期太远，不能说是近日。"))
    for m in _SO_FAR.finditer(view):
        last = int(m["month"]) if m["month"] else _ENDS[m["half"]]
        rest = sentence_around(view, m.start(), "，。！？；\n").of(view) + view[m.end() : m.end() + 16]
        if last > spoken.month and _DONE.search(rest) and not _AIM.search(rest):
            out.append(_said(text, m, f"“{m.group()}”还没有过完（讲话在{spoken.month}月），像是旧稿的数据。"))
    return sorted(out, key=lambda f: f.span or f.code)


def _day_of_speech(context: CheckContext) -> tuple[date, bool]:
    """Return the day of the speech, and whether the caption or the brief names it (else it is ``as_of``)."""
    named = _CAPTION_DAY.search(half_width("".join(context.speech.caption)))
    if named and (day := _a_day(*(int(g) for g in named.groups()))):
        return day, True
    if context.brief is not None and context.brief.date is not None:
        return context.brief.date, True
    return context.as_of, False


def _wrong_years(view: str, spoken: date) -> list[re.Match[str]]:
    return [
        m
        for m in _NAMED_YEAR.finditer(view)
        if int(m["year"] or m["year2"]) != spoken.year + _YEARS[m["word"] or m["word2"]]
    ]


def _wrong_days(view: str, spoken: date) -> list[re.Match[str]]:
    out = []
    for m in _NAMED_DAY.finditer(view):
        meant = spoken + timedelta(_DAYS[m["word"]])
        if (int(m["month"]), int(m["day"])) != (meant.month, meant.day) or int(
            m["year"] or meant.year
        ) != meant.year:
            out.append(m)
    return out


def _a_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _said(text: str, match: re.Match[str], message: str) -> Finding:
    return finding(
        text,
        "L-TIME",
        Severity.P2,
        match.span(),
        message=message,
        suggestion="按讲话日期核对，改成准确的年月日。",
        source=_SOURCE,
    )
