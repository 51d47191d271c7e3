"""The frame of a speech, by code: title, caption, salutation, the sentence that promises the parts.

Rules: DOMAIN conventions of the occasion's row (salutation class A-F, transition T1-T3, closing Z1-Z5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import Occasion
from rag_speech.speech.numerals import from_han, to_count
from rag_speech.zh.names import persons
from rag_speech.zh.overlap import covered

_GENRE_TITLE = {
    "讲话": "在{event}上的讲话",
    "致辞": "在{event}上的致辞",
    "发言": "在{event}上的发言",
    "主持词": "{event}主持词",
    "党课": "在{event}上的讲话",
    "述职报告": "在{event}上的述职发言",
}
_TITLE = re.compile(
    r"在[^。，！？\n]+(?:上|时)的?(?:[^。，！？\n]{0,6})(?:讲话|发言|致辞|党课|报告)|[^。，！？\n]+主持词"
)
_LONGEST_TITLE = 60
_NAMED = 0.7
"""Share of the event's pairs of characters that a title which names it has."""
LONGEST_SALUTATION = 60
_COUNT = re.compile(
    r"(?:讲|说|谈|提|作|汇报|强调|表个?态|拉)[^，。：！]{0,8}?(?<![那这第前后])(?P<count>[一二两三四五六七八九十]+)"
    r"(?=点|条(?!路)|项|件事|句话|层|部分|个?方面|个(?:问题|意思|意见|要求|希望|建议|看法|体会|情况|部分))"
)
"""How a sentence promises parts: 下面，我讲三点意见; not 三个村, not 那三条."""


def title_of(event: str, occasion: Occasion, proposed: str = "", banned: Iterable[str] = ()) -> str:
    """Return the proposed title where it has the form of one and names this event, else the occasion's form around it.

    An event that already names its genre is kept.
    """
    proposed = proposed.strip().rstrip("。")
    fits = _TITLE.fullmatch(proposed) and len(proposed) <= _LONGEST_TITLE
    if fits and covered(event, proposed) >= _NAMED and not any(b in proposed for b in banned):
        return proposed
    if event.endswith(("主持词", "讲话", "致辞", "发言")):
        return event
    return _GENRE_TITLE[occasion.genre].format(event=event)


def caption_of(brief: Brief, office: str) -> tuple[str, ...]:
    """Return the lines under the title: the speaker's ``office`` with the name, and the date."""
    speaker = "　".join(p for p in (office, brief.speaker_name) if p)
    date = f"（{brief.date.year}年{brief.date.month}月{brief.date.day}日）" if brief.date else ""
    return tuple(p for p in (speaker, date) if p)


def salutation_of(brief: Brief, occasion: Occasion, proposed: str = "", banned: Iterable[str] = ()) -> str:
    """Return the brief's salutation, else the proposed one where it may stand, else that of the occasion's class.

    A proposal may not name a person whom the brief does not name, nor run on, nor say what must not be said.
    """
    if brief.salutation:
        return brief.salutation.rstrip("：:") + "："
    proposed = proposed.strip().rstrip("：:。").replace(",", "，")
    names = {c.text for c in persons(proposed)}
    fits = (
        2 < len(proposed) <= LONGEST_SALUTATION
        and "\n" not in proposed
        and not re.search(r"[\d。！？]", proposed)
    )
    if fits and all(n in brief.own_text for n in names) and not any(b in proposed for b in banned):
        return f"{proposed}："
    return _by_class(brief, occasion)


def transition_of(proposed: str, count: int, occasion: Occasion) -> str:
    """Return the sentence that leads from the opening to ``count`` parts; one that promises another number is replaced.

    Nothing stays nothing: not every speech announces its parts.
    """
    said = proposed.strip()
    if promised_of(said) not in (None, count):
        return plain_transition(count, occasion)
    return said if not said or said[-1] in "。：！" else f"{said}。"


def plain_transition(count: int, occasion: Occasion) -> str:
    """Return the plainest sentence that promises so many parts; empty for one."""
    return f"下面，我讲{to_count(count)}点{occasion.promise}。" if count > 1 else ""


def promised_of(sentence: str) -> int | None:
    """Return how many parts a sentence promises (下面，我讲三点意见。: 3); None when it promises no number."""
    found = _COUNT.search(sentence)
    return from_han(found["count"].replace("两", "二")) if found else None


def vocative(salutation: str) -> str:
    """Return how the speaker turns to the audience again: 同志们， or 各位来宾、各位朋友，."""
    if any(word in salutation for word in ("来宾", "嘉宾", "朋友")):
        return "各位来宾、各位朋友，"
    return salutation.rstrip("：:").split("、")[-1].split("，")[-1] + "，"


def _by_class(brief: Brief, occasion: Occasion) -> str:
    kind = occasion.salutation[0]
    guests = "、".join(brief.guests)
    if kind == "B":
        return "各位委员、同志们：" if occasion.id == "cppcc" else "各位代表、同志们："
    if kind == "C":
        return f"{'尊敬的' + guests + '，' if guests else ''}各位领导、各位来宾，同志们、朋友们："
    if kind == "D":
        return f"尊敬的{guests + '，' if guests else ''}各位来宾、各位企业家，女士们、先生们："
    if kind == "E":
        return "各位领导、同志们："
    if "F" in occasion.salutation:
        for word, said in (
            ("企业家", "各位企业家，同志们："),
            ("教师", "老师们，同志们："),
            ("老师", "老师们，同志们："),
            ("老", "各位老领导、老同志："),
        ):
            if word in brief.audience + brief.event:
                return said
    return "同志们："
