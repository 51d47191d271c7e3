"""A host's script (主持词): the agenda and the demands after it, called by code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag_speech.brief.brief import Brief
from rag_speech.speech.numerals import to_count, to_han
from rag_speech.types import Card, Fact, Role, SectionPlan
from rag_speech.voice import Voice

_AGENDA = re.compile(r"通报|发言|讲话|宣读|宣布|表态|部署|观看|颁奖|颁发|签订|签约|传达|报告|介绍|审议|表决")
_AGENDA_MARK = re.compile(
    r"^(?:第?[一二三四五六七八九十]+(?:是|项议程|、|，)|（[一二三四五六七八九十]+）|\d+[.、．])[：:，]?"
)


def agenda_of(brief: Brief, facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return the items of a host's agenda: the outline, else the facts that name what somebody does."""
    if brief.outline:
        return tuple(Fact("", item) for item in brief.outline)
    items = [f for f in facts if _AGENDA_MARK.match(f.text) and _AGENDA.search(f.text)]
    if len(items) < 2:
        for fact in facts:
            clauses = [c for c in re.split(r"[，；]", fact.text) if _AGENDA.search(c)]
            if "项议程" in fact.text and len(clauses) > 1:
                return tuple(Fact("", c) for c in clauses)  # the sentence itself is said once, in the opening
        items = [f for f in facts if _AGENDA.search(f.text)]
    return tuple(replace(f, text=_AGENDA_MARK.sub("", f.text)) for f in items)


def host_sections(agenda: Sequence[Fact], voice: Voice, topics: Sequence[str]) -> tuple[SectionPlan, ...]:
    """Return the part of a host's script that code writes: each item called, then the promise of the demands."""
    if not agenda:
        return ()
    lines = [
        (item.id, voice.frame["agenda"].format(number=to_han(n), item=item.text.rstrip("。；")))
        for n, item in enumerate(agenda, 1)
    ]
    lines.append(("", voice.frame["after"].format(count=to_count(len(topics)))))
    cards = tuple(
        Card(f"agenda.{n}", Role.POINT, "", "", 0, lead=text, facts=(fact,) if fact else (), fixed=True)
        for n, (fact, text) in enumerate(lines, 1)
    )
    return (SectionPlan("", cards),)


def numbered(sections: Sequence[SectionPlan]) -> tuple[SectionPlan, ...]:
    """Begin each part with its number and topic: 一是抓好传达学习。"""

    def led(number: int, section: SectionPlan) -> SectionPlan:
        first, *rest = section.cards
        return replace(section, cards=(replace(first, lead=f"{to_han(number)}是{section.topic}。"), *rest))

    return tuple(led(n, s) for n, s in enumerate(sections, 1))
