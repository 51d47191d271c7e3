"""Gives every paragraph its beginning: the facts it has to state, and what people wrote on its theme and occasion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from rag_speech.nearness import Nearness
from rag_speech.remarks import Remarks
from rag_speech.subject import SLOT, Subject, plain
from rag_speech.themes import Theme
from rag_speech.types import Card, Fact, Plan, Role, SectionPlan
from rag_speech.voice import Voice, ending_of, hold_of, name_of
from rag_speech.zh.text import as_sentence, count_zi

_PEOPLE = re.compile(r"(?:[人者]|党员|学员|人员|干部|书记|群众|同志|教师|学生|企业家?|农民工)$")
"""A name of people is nothing that one could do well or badly (抓带头人)."""
CHOICE = 3
"""Of so many rows that are nearest to the topic, a speech takes one: the nearest alone would be every speech's."""
FILLED = 0.5
"""Rows that fill so much of a paragraph's budget come before shorter ones; facts that do stand by themselves."""
BARE_ZI = 20
AFTER_FACTS = 120
"""字 of what may follow figures in their paragraph."""
JOINS = 0.03
"""How near a row's first sentence has to be to the figures before it (:class:`Nearness`); most joints below it jar."""
ORDERS = "meeting"
"""The voice of who gives orders: at his meetings, a part wants its own work and not what any meeting hears."""
OVERRUN = 1.1
"""How far facts and beginning together may fill a paragraph's budget."""


def with_leads(
    plan: Plan,
    voice: Voice,
    event: str,
    *,
    themes: Sequence[Theme] = (),
    remarks: Sequence[Remarks] = (),
    at_length: bool = False,
    known: Callable[[str], bool] = lambda _: False,
    nearness: Nearness | None = None,
) -> Plan:
    """Give every paragraph its beginning: its facts where it has any, else a row of the banks.

    Rows on the part's theme come first, then those on the event's, then the occasion's own, then the voice's; of each the nearest to the topic by
    ``nearness``. No row is used twice in a speech; which of the nearest a speech takes depends on its event.
    ``known`` tells wording of the office's own speeches: what was said there is not said again. ``at_length`` is for a
    small model: all facts of a paragraph stand in its beginning, with what can be said to one of them (``remarks``), and
    a row after them where there is room.
    """
    themes, remarks = (themes, remarks) if at_length else ((), ())
    return _Leads(plan, voice, event, themes, remarks, at_length, known, nearness).given()


class _Leads:
    """Hands out rows of the banks, each once."""

    def __init__(
        self,
        plan: Plan,
        voice: Voice,
        event: str,
        themes: Sequence[Theme],
        remarks: Sequence[Remarks],
        at_length: bool,
        known: Callable[[str], bool],
        nearness: Nearness | None,
    ) -> None:
        self.plan, self.voice, self.remarks, self.at_length = plan, voice, remarks, at_length
        self.known, self.nearness, self.event, self.hold = cache(known), nearness, event, hold_of(event)
        self.facts = {f.id: f for f in plan.facts}
        self.start = sum(map(ord, event))
        self.subject = Subject(plan, event, themes, nearness)
        written = "".join(c.lead for s in plan.sections for c in s.cards)
        banks = [v.leads for v in (voice, voice.other) if v] + [t.leads for t in themes]
        rows = {row for bank in banks for rows in bank.values() for row in rows}
        rows |= {row for kind in remarks for row in kind.rows}
        self.used = {tail for row in rows if (tail := ending_of(row)) in written}

    def given(self) -> Plan:
        """Return the plan with its beginnings: first each part takes what is its own, then what is left is dealt out."""
        opening = self._section(SectionPlan("", self.plan.opening), left_over=True).cards
        closing = self._section(SectionPlan("", self.plan.closing), left_over=True).cards
        sections = self.plan.sections
        for left_over in (False, True):
            sections = tuple(self._section(s, left_over=left_over) for s in sections)
        pending = tuple(dict.fromkeys((*self.plan.pending, *self._vague(sections))))
        return replace(self.plan, opening=opening, sections=sections, closing=closing, pending=pending)

    def _vague(self, sections: Iterable[SectionPlan]) -> Iterator[str]:
        """Yield what to tell the clerk of parts of which half or more is what could be said at any meeting."""
        if not self.at_length or self.voice.name != ORDERS:
            return
        anyones = {ending_of(row) for rows in self.voice.leads.values() for row in rows}
        for section in sections:
            loose = sum(ending_of(c.lead) in anyones for c in section.cards)
            if loose > 1 and 2 * loose >= len(section.cards):
                yield f"“{section.heading or section.topic}”这一部分没有对口的素材，多是通用的话，请补上本地情况和具体做法。"

    def _section(self, section: SectionPlan, *, left_over: bool) -> SectionPlan:
        cards = tuple(self._led(c, k, section, left_over) for k, c in enumerate(section.cards))
        return replace(section, cards=cards)

    def _led(self, card: Card, k: int, section: SectionPlan, left_over: bool) -> Card:
        point = card.role is Role.POINT
        if card.lead and not (self._is_bare(card) and point):
            return card
        stated = [] if card.lead else _stated(card, self.facts, every=self.at_length)
        facts = (card.lead or "".join(stated)) if card.facts else ""
        own = sum(self.facts[i].source == "brief" for i in card.facts)
        lead = card.lead or self._remarked(stated[:own], section) + "".join(stated[own:])
        voice = self.voice.on(section.topic) if point else self.voice
        banks = list(self._banks(voice, card, k, section, left_over))
        if not (left_over or facts or any(self._free(b, section) for b in banks)):
            return card
        # Without a heading, the first paragraph has to name what this part is about.
        unnamed = point and k == 0 and not section.heading
        if unnamed and not (section.topic and section.topic in lead):
            named = (r for bank in banks for r in self._free(bank, section) if "{core}" in r)
            lead = self._say(next(named, self._topic_row(section)), section) + lead
        if facts and point and self.at_length:
            if count_zi(lead) < FILLED * card.chars:
                lead += self._after(facts, banks, section)
            return replace(card, lead=lead, chars=count_zi(lead))
        if not lead or (point and self.at_length):
            room = OVERRUN * card.chars - count_zi(lead) if lead else None
            rows = next(filter(None, (self._free(b, section, room) for b in banks)), [])
            if rows:
                rows = [r for r in rows if count_zi(lead + r) >= FILLED * card.chars] or rows
                # A name that is put into a sentence may not suit it; whole sentences always do.
                rows = [r for r in rows if "{core}" not in r] or rows
                rows = self._nearest(rows, section.topic or self.event)
                # A part begins with what is nearest to it; further on, the nearest alone would be every speech's.
                at = 0 if point and k == 0 else (self.start + len(self.used)) % len(rows)
                lead += self._say(rows[at], section)
        # Around the parts, facts that got their answer are a paragraph; there is nothing to add to it.
        answered = facts and not point and lead != facts
        return replace(card, lead=lead, chars=count_zi(lead) if answered else card.chars)

    def _after(self, facts: str, banks: Iterable[Sequence[str]], section: SectionPlan) -> str:
        """Return what can follow figures in their paragraph: the row nearest to them, where one is near at all."""
        rows = next(filter(None, (self._free(b, section, AFTER_FACTS) for b in banks)), [])
        if self.nearness is None or not rows:
            return ""
        row = self.subject.nearest(rows, facts)[0]
        begins = plain(row).partition("。")[0] + "。"
        return self._say(row, section) if self.nearness(begins, facts) >= JOINS else ""

    def _remarked(self, stated: Sequence[str], section: SectionPlan) -> str:
        """Return the facts with something said to the most telling of them, behind the last of its kind in a row."""
        for kind in self.remarks:
            first = next((i for i, fact in enumerate(stated) if kind.suit(fact, self.voice.name)), None)
            if first is not None and (free := self._free(kind.rows, section)):
                alike = [k for k in self.remarks if k is kind or (k.gap and kind.gap)]
                end = first + 1
                while end < len(stated) and any(k.suit(stated[end], self.voice.name) for k in alike):
                    end += 1
                rows = self._nearest(free, "".join(stated[first:end]))
                row = rows[(self.start + len(self.used)) % len(rows)]
                return "".join([*stated[:end], self._say(row, section), *stated[end:]])
        return "".join(stated)

    def _nearest(self, rows: Sequence[str], topic: str) -> list[str]:
        """Return the rows of which a speech takes one."""
        near = self.subject.nearest(rows, topic)
        return near[:CHOICE] if self.nearness else near

    def _is_bare(self, card: Card) -> bool:
        """Tell whether all there is yet is a part's number and name (一是抓好传达学习。)."""
        return self.at_length and not card.fixed and count_zi(card.lead) <= BARE_ZI

    def _free(self, bank: Sequence[str], section: SectionPlan, room: float | None = None) -> list[str]:
        """Return the bank's unused rows that suit the topic; with ``room`` (字), those that can follow a fact in it."""
        named = bool(_name(section))
        free = [r for r in bank if (named or "{core}" not in r) and ending_of(r) not in self.used]
        free = [r for r in free if not any(map(self.known, SLOT.split(r)))]
        return free if room is None else [r for r in free if count_zi(r) <= room and not r.startswith("这")]

    def _banks(
        self, voice: Voice, card: Card, k: int, section: SectionPlan, left_over: bool
    ) -> Iterator[Sequence[str]]:
        """Yield the rows on the paragraph's facet, then those on others: first the themes', then any topic's.

        Rows that are nearer to another part on the same theme, and those on any topic, are ``left_over``. Behind facts,
        and where the theme is the event's alone, all its rows are one bank: being near counts more than the facet's turn.
        """
        kind = voice.facet(k, section.topic) if card.role is Role.POINT else card.role.value
        named = bool(_name(section))
        for theme in self.subject.themes(section.topic, voice, k) if kind in voice.facets else ():
            share = self.subject.share(theme, voice, section.topic, named=named)
            if not card.facts and theme.match.search(section.topic):
                yield [r for r in theme.rows(voice, kind, named=named) if r in share.own]
            yield share.own
            yield share.all if left_over else share.free
        if not left_over:
            return
        anyones = voice.leads.get(kind, ())
        yield [r for r in anyones if r in voice.own]
        yield anyones
        if kind in voice.facets:
            yield [r for facet in voice.facets for r in voice.leads.get(facet, ())]

    def _say(self, row: str, section: SectionPlan) -> str:
        self.used.add(ending_of(row))
        return row.format(core=_name(section), topic=section.topic, hold=self.hold)

    def _topic_row(self, section: SectionPlan) -> str:
        rows = self.voice.leads.get("topic") or [""]
        at = [s.topic for s in self.plan.sections].index(section.topic)
        return rows[-1] if 0 < at == len(self.plan.sections) - 1 else rows[min(at, len(rows) - 1)]


def _name(section: SectionPlan) -> str:
    name = name_of(section.topic)
    return "" if _PEOPLE.search(name) else name


def _stated(card: Card, facts: Mapping[str, Fact], *, every: bool) -> list[str]:
    """Return the card's facts as sentences, the brief's own first, up to the first that is none."""
    given = sorted((facts[i] for i in card.facts), key=lambda f: f.source != "brief")
    stated = []
    for fact in given if every else given[:1]:
        text = fact.text.strip()
        if not 8 <= len(text) <= 90 or "\n" in text:
            break
        stated.append(as_sentence(text))
    return stated
