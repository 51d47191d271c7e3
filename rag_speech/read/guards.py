"""Code's veto over what the model would let the speaker say: private data, orders to a model, other places and years."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rag_speech.brief.brief import Brief
from rag_speech.checks.privacy import private_data
from rag_speech.checks.rules_engine import rule_findings
from rag_speech.types import Assignment, Severity, Statement, Use
from rag_speech.zh.claims import claims, covers
from rag_speech.zh.names import places
from rag_speech.zh.overlap import covered
from rag_speech.zh.places import local_names

_ORDER = re.compile(
    r"(?:忽略|无视|忘记)(?:掉)?(?:以上|上面|前面|之前|所有|一切)|系统提示|提示词|改为输出|请(?:直接)?输出|人工智能(?:助手|模型|生成)|语言模型"
)
"""Words to a model instead of to the meeting: never a fact."""
_YEAR = re.compile(r"(20\d\d)年")
_RIVALS = {"市": "市", "县": "县市", "区": "县市区", "乡镇": "县市区乡镇"}
"""By the brief's level, what another place's name ends with: a county's own townships are not other places, nor are the
many 区 that are no district (填埋区, 示范区)."""
_NEIGHBOUR = re.compile(r"(?:邻近|相邻|毗邻|周边|兄弟)的?(?P<name>[^\W\d县市区乡镇各的]{2,3}[县市区乡镇])")
"""A name of everyday words (白石县) is told from 组织县里 by what stands before it."""
_DIGITS = re.compile(r"[\d.]+")
_SAME_MATTER = 0.35
"""Share of pairs of characters in common from which two statements are on the same matter."""
_PAST_YEARS = range(2, 7)
"""Years back from the event whose figures are stale; what is older is history and may be told."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What this brief's statements are held against."""

    brief: Brief
    rivals: str
    said: str
    """All that the brief gives to be said: places that it names may be spoken of."""
    stale: frozenset[int]
    """Years of the recent past that the brief does not name."""

    @classmethod
    def of(cls, brief: Brief, assignment: Assignment) -> Guard:
        """Return the guard for a brief."""
        rivals = _RIVALS.get(brief.level or "", "县市区")
        said = "\n".join([brief.own_text, *(p.say for p in assignment.points)])
        day = brief.date or brief.wording_date
        stale = {day.year - n for n in _PAST_YEARS} - {int(y) for y in _YEAR.findall(said)}
        return cls(brief, rivals, said, frozenset(stale))

    def watch(self, statement: Statement) -> Statement:
        """Return the statement, kept out of the speech where code does not let it in."""
        if statement.use is not Use.SAY:
            return statement
        text = statement.wording
        if private_data(text):
            return replace(statement, use=Use.NEVER, why="含个人信息")
        if orders_a_model(text):
            return replace(statement, use=Use.NEVER, why="是写给程序看的话")
        if others := self._other_places(text):
            return replace(statement, use=Use.BACKGROUND, why=f"说的是{'、'.join(others)}，任务书没有提到")
        years = {int(y) for y in _YEAR.findall(text)}
        if years and years <= self.stale and self._competes(text):
            return replace(statement, use=Use.BACKGROUND, why="说的是往年的数，今年有新的")
        if any(f.severity <= Severity.P1 for f in rule_findings(text, as_of=self.brief.wording_date)):
            return replace(statement, use=Use.BACKGROUND, why="提法已经过时或者不规范")
        return statement

    def _competes(self, text: str) -> bool:
        """Tell whether a fact of the brief has another figure for the same matter: what is past may be told, an old figure not."""
        mine = [c for c in claims(text) if c.kind == "figure"]
        for fact in (*self.brief.facts, *self.brief.may_use):
            theirs = [c for c in claims(fact) if c.kind == "figure"]
            same_unit = any(a.unit == b.unit and not covers(b, a) for a in mine for b in theirs)
            if same_unit and covered(_DIGITS.sub("", text), fact) >= _SAME_MATTER:
                return True
        return False

    def _other_places(self, text: str) -> list[str]:
        """Return places of the brief's own rank or above that it does not name; none when it does not say where it is."""
        if not (self.brief.place or places_in(self.said, self.rivals)):
            return []
        return sorted(p for p in places_in(text, self.rivals) if p not in self.said)


def orders_a_model(text: str) -> bool:
    """Tell whether the text has words to a model in it."""
    return _ORDER.search(text) is not None


def places_in(text: str, suffixes: str) -> frozenset[str]:
    """Return the names of places whose last character is one of ``suffixes``."""
    found = {n.name for n in local_names(text)} | {c.text for c in places(text)}
    found |= {m["name"] for m in _NEIGHBOUR.finditer(text)}
    return frozenset(p for p in found if p[-1] in suffixes)
