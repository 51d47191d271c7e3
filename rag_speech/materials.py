"""Reads the event's source documents piece by piece: statements with their spans, strangers' set aside.

A material is never pasted whole. Each sentence that carries a figure, a date or a decision becomes a
:class:`~rag_speech.types.Fact`; one that speaks of another place or another year, is about one township without saying so,
contradicts the brief, uses expired wording, gives private data or talks to a model is set aside, with its span, so that the
clerk sees what was left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from rag_speech.brief.brief import Brief, Material
from rag_speech.checks.privacy import private_data
from rag_speech.checks.rules_engine import rule_findings
from rag_speech.types import Fact, Severity, Span
from rag_speech.zh.claims import claims, covers
from rag_speech.zh.places import COMMON_PLACE as _COMMON_PLACE
from rag_speech.zh.places import PLACE as _PLACE
from rag_speech.zh.text import count_zi, sentences

MIN_ZI, MAX_ZI = 10, 90
"""A statement shorter than this says nothing, a longer one cannot be spoken in one breath."""

_FIGURE = re.compile(
    r"[0-9０-９]|百分之|[一二两三四五六七八九十百千万亿]{1,6}(?:个|项|家|人|名|户|公里|万|亿|件|次|处|座|条|天)"
)
_DECISION = re.compile(r"(?:要求|决定|必须|明确|负责|牵头|完成|确保|建立|落实|实行|启动|不得|严禁)")
_ORDER = re.compile(
    r"(?:忽略|无视|忘记)(?:掉)?(?:以上|上面|前面|之前|所有|一切)|系统提示|提示词|不要再写|改为输出|请(?:直接)?输出|人工智能(?:助手|模型|生成)|语言模型"
)
"""Words to a model instead of to the meeting: never a fact."""
_PLEA = re.compile(r"^(?:现将|特此)|(?:^|[，；])(?:请求|恳请|拟请|建议|妥否)")
"""What a subordinate asks of the leader: not the leader's to say."""
_LABEL = re.compile(r"^([^，。：；]{2,8})：")
_RUBRIC = re.compile(
    r"^[^，。：；]{0,6}(?:困难|问题|不足|不足的地方|打算|计划|做法|经验|原因|措施|特点|成效|亮点|情况)："
)
"""A label that only sorts what follows (存在的困难：); one that is its subject (县水利局：) stays."""
_YEAR = re.compile(r"(20\d\d)年")
_RIVALS = {"市": "市", "县": "县市区", "区": "县市区", "乡镇": "县市区乡镇"}
"""By the brief's level, what another place's name ends with: a county's own townships are not other places."""
_PARTS = {"市": "县市区乡镇村道", "县": "乡镇村道", "区": "乡镇村道", "乡镇": "村"}
"""By the brief's level, what the names of its own parts end with."""
_PART = re.compile(
    r"\s*(?:[\d一二三四五六七八九十]+[.、．]|[（(][\d一二三四五六七八九十]+[）)])?\s*([一-鿿]{2,3}(?:[县市区乡镇村]|街道))(?![长委])"
)
_WHOLE = re.compile(r"全[县市区]|[县市区](?:[委里级政水财气农住交公民应自融]|直)|各(?:县|乡|镇|村)|据")
"""How a sentence begins that is about the whole again: 县水利局, 全县, 各乡镇."""
_LEAN = re.compile(r"^(?:不过|但是?|然而|此外|另外|同时|因此|所以|当然|其中)[^，。]{0,6}，")
"""What ties a statement to the one before it: 不过也有问题，."""
_NUMBER = re.compile(
    r"^(?:[（(][\d一二三四五六七八九十]+[)）]|[\d一二三四五六七八九十]+[.．、](?!\d)|第[一二三四五六七八九十]+[，、])\s*"
)
"""The number of a heading or of a member of a list; what stands behind it may be a statement."""
_FRAGMENT = re.compile(r"其中(?![一-鿿]{0,4}，)")
"""A statement that breaks down the one before it says nothing alone."""
SAME_MATTER, NEAR_MATTER = 0.5, 0.3
"""Share of pairs of characters in common from which two statements are on the same matter, or may be."""
_COUNTED = re.compile(r"([一-鿿]{2})(\d[\d.]*)(万?[一-鿿])")
_STILL_THERE = re.compile(r"该[县市区]|当地|他们")


@dataclass(frozen=True, slots=True)
class Statements:
    """What the materials offer: ``facts`` of this event, ``set_aside`` of others."""

    facts: tuple[Fact, ...]
    set_aside: tuple[Fact, ...]


def read_materials(brief: Brief) -> Statements:
    """Return the statements of all materials in reading order; linear in their length."""
    facts: list[Fact] = []
    aside: list[Fact] = []
    seen: set[str] = set()
    rivals = _RIVALS.get(brief.level or "", "县市区")
    own_places = _places(brief.own_text, rivals)
    years = _own_years(brief)
    for material in brief.materials:
        elsewhere = False
        parts = _parts(material.text, _PARTS.get(brief.level or "", "乡镇村道"))
        for text, span, begin in _statements(material):
            key = re.sub(r"\W", "", text)
            if key in seen:
                continue
            seen.add(key)
            other_place = bool(own_places) and bool(_places(text, rivals) - own_places)
            elsewhere = other_place or (elsewhere and bool(_STILL_THERE.search(text)))
            unfit = (
                _is_of_another_year(text, years)
                or _is_unfit(text, brief.wording_date)
                or _disputes(text, brief.facts)
                or _is_of_a_part(text, parts.get(begin, ""), brief.own_text)
            )
            target = aside if elsewhere or unfit else facts
            target.append(Fact(f"m{len(facts) + len(aside) + 1}", text, material.name, span, required=False))
    return Statements(tuple(facts), tuple(aside))


def _statements(material: Material) -> Iterator[tuple[str, Span, int]]:
    """Yield each statement, the span of its words, and where its sentence begins."""
    at = 0
    for piece in sentences(material.text):
        start, at = at, at + len(piece)
        text = piece.strip()
        if not MIN_ZI <= count_zi(text) <= MAX_ZI or not text.endswith(("。", "；", "！", ";")):
            continue
        number = _NUMBER.match(text)
        runs_on = at < len(material.text) and material.text[at - 1] != "\n" and material.text[at] != "\n"
        # A numbered sentence without a figure that a paragraph goes on from is its heading.
        heading = number and runs_on and not re.search(r"\d", text[number.end() :])
        if _FRAGMENT.match(text) or heading:
            continue
        if _FIGURE.search(text) or _DECISION.search(text):
            offset = start + piece.index(text)
            begin = number.end() if number else 0
            lean = _LEAN.match(text[begin:])
            begin += lean.end() if lean else 0
            rubric = _RUBRIC.match(text[begin:])
            begin += rubric.end() if rubric else 0
            said = _LABEL.sub(r"\1", text[begin:].rstrip("；;！"))
            yield (
                said + ("" if text.endswith("。") else "。"),
                Span(offset + begin, offset + len(text)),
                offset,
            )


def _parts(text: str, suffixes: str) -> dict[int, str]:
    """Return by its start the sentences that go on about one part of the place: 云渠镇 under 云渠镇辖18个村….

    A heading with a part's name holds until the next heading, a sentence that begins with one until the end of its
    paragraph or until a sentence on the whole.
    """
    found: dict[int, str] = {}
    at, headed = 0, ""
    for line in text.splitlines(keepends=True):
        if line.strip() and not line.rstrip().endswith(("。", "；", "！", "：", ";")):
            headed = _named_part(line, suffixes)
        now, start = headed, at
        at += len(line)
        for piece in sentences(line):
            begin = start + len(piece) - len(piece.lstrip())
            start += len(piece)
            if name := _named_part(piece, suffixes):
                now = name
            elif _WHOLE.match(piece.strip()):
                now = ""
            if now:
                found[begin] = now
    return found


def _named_part(text: str, suffixes: str) -> str:
    match = _PART.match(text)
    return match.group(1) if match and match.group(1)[-1] in suffixes else ""


def _is_of_a_part(text: str, part: str, own: str) -> bool:
    """Tell whether the statement is about a part that it does not name, and that the brief is not about."""
    return bool(part) and part not in text and part not in own


def _is_of_another_year(text: str, own_years: frozenset[int]) -> bool:
    years = {int(y) for y in _YEAR.findall(text)}
    return bool(years) and not years & own_years


def _is_unfit(text: str, as_of: date) -> bool:
    if _ORDER.search(text) or _PLEA.search(text) or private_data(text):
        return True
    return any(f.severity <= Severity.P1 for f in rule_findings(text, as_of=as_of))


def _disputes(text: str, own: Sequence[str]) -> bool:
    """Tell whether ``text`` gives another figure for what a fact of the brief says: the brief wins."""
    return any(
        (_likeness(text, fact) >= SAME_MATTER and _other_figure(text, fact))
        or (_likeness(text, fact) >= NEAR_MATTER and _done_otherwise(text, fact))
        for fact in own
    )


def _likeness(text: str, fact: str) -> float:
    mine, theirs = (set(pairwise(re.sub(r"[\W\d]", "", t))) for t in (text, fact))
    return len(mine & theirs) / (min(len(mine), len(theirs)) or 1)


def _done_otherwise(text: str, fact: str) -> bool:
    """Tell whether both put a figure of one unit behind the same word, and none is the same: 完成2.4万亩, 完成1.9万亩."""
    mine, theirs = ({m.groups() for m in _COUNTED.finditer(t)} for t in (text, fact))
    same = {(a, b) for a in mine for b in theirs if (a[0], a[2]) == (b[0], b[2])}
    return bool(same) and not any(a[1] == b[1] for a, b in same)


def _other_figure(text: str, fact: str) -> bool:
    mine = [c for c in claims(text) if c.kind == "figure"]
    theirs = [c for c in claims(fact) if c.kind == "figure"]
    same_unit = [(a, b) for a in mine for b in theirs if a.unit == b.unit]
    return bool(same_unit) and not any(covers(b, a) for a, b in same_unit)


def _places(text: str, suffixes: str) -> frozenset[str]:
    """Return the names of places whose last character is one of ``suffixes``."""
    found = (m.group() for m in _PLACE.finditer(text))
    return frozenset(p for p in found if p[-1] in suffixes and not _COMMON_PLACE.search(p))


def _own_years(brief: Brief) -> frozenset[int]:
    day = brief.date or brief.wording_date
    named = {int(y) for y in _YEAR.findall(brief.own_text)}
    return frozenset(named | {day.year, day.year + 1} | ({day.year - 1} if day.month <= 3 else set()))
