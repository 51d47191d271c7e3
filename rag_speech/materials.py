"""Reads the event's source documents piece by piece: statements with their spans, strangers' set aside.

A material is never pasted whole. Each sentence that carries a figure, a date or a decision becomes a
:class:`~rag_speech.types.Fact`; one that speaks of another place or another year, contradicts the brief, uses
expired wording, gives private data or talks to a model is set aside, with its span, so that the clerk sees what was left out and why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from rag_speech.brief import Brief, Material
from rag_speech.checks.facts import claims, covers
from rag_speech.checks.privacy import private_data
from rag_speech.checks.rules_engine import rule_findings
from rag_speech.places import COMMON_PLACE as _COMMON_PLACE
from rag_speech.places import PLACE as _PLACE
from rag_speech.text import count_zi, sentences
from rag_speech.types import Fact, Severity, Span

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
_YEAR = re.compile(r"(20\d\d)年")
_RIVALS = {"市": "市", "县": "县市区", "区": "县市区", "乡镇": "县市区乡镇"}
"""By the brief's level, what another place's name ends with: a county's own townships are not other places."""
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
        for text, span in _statements(material):
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
            )
            target = aside if elsewhere or unfit else facts
            target.append(Fact(f"m{len(facts) + len(aside) + 1}", text, material.name, span, required=False))
    return Statements(tuple(facts), tuple(aside))


def _statements(material: Material) -> Iterator[tuple[str, Span]]:
    at = 0
    for piece in sentences(material.text):
        start, at = at, at + len(piece)
        text = piece.strip()
        if not MIN_ZI <= count_zi(text) <= MAX_ZI or not text.endswith(("。", "；", "！", ";")):
            continue
        if _FIGURE.search(text) or _DECISION.search(text):
            offset = start + piece.index(text)
            yield (
                _LABEL.sub(r"\1", text.rstrip("；;！")) + ("" if text.endswith("。") else "。"),
                Span(offset, offset + len(text)),
            )


def _is_of_another_year(text: str, own_years: frozenset[int]) -> bool:
    years = {int(y) for y in _YEAR.findall(text)}
    return bool(years) and not years & own_years


def _is_unfit(text: str, as_of: date) -> bool:
    if _ORDER.search(text) or _PLEA.search(text) or private_data(text):
        return True
    return any(f.severity <= Severity.P1 for f in rule_findings(text, as_of=as_of))


def _disputes(text: str, own: Sequence[str]) -> bool:
    """Tell whether ``text`` gives another figure for what a fact of the brief says: the brief wins."""
    return any(_same_matter(text, fact) and _other_figure(text, fact) for fact in own)


def _same_matter(text: str, fact: str) -> bool:
    mine, theirs = (set(pairwise(re.sub(r"[\W\d]", "", t))) for t in (text, fact))
    return len(mine & theirs) >= 0.5 * min(len(mine), len(theirs) or 1)


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
