"""Gives every paragraph its beginning: the facts it has to state, and what people wrote on its theme and occasion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from rag_speech.frame import topic_of
from rag_speech.nearness import Nearness
from rag_speech.text import as_sentence, count_zi
from rag_speech.themes import Theme, themes_of
from rag_speech.types import Card, Fact, Plan, Role, SectionPlan
from rag_speech.voice import Voice, ending_of, hold_of, name_of
from rag_speech.wording import runs

_SLOT = re.compile(r"\{\w+\}")
_PEOPLE = re.compile(r"(?:[人者]|党员|学员|人员|干部|书记|群众|同志|教师|学生|企业家?|农民工)$")
"""A name of people is nothing that one could do well or badly (抓带头人)."""
_VISIT = re.compile(r"调研|督导|考察")
"""What the leader does at the event, and not what it is about."""
CHOICE = 3
"""Of so many rows that are nearest to the topic, a speech takes one: the nearest alone would be every speech's."""
FILLED = 0.5
"""Rows that fill so much of a paragraph's budget come before shorter ones; facts that do stand by themselves."""
BARE_ZI = 20
_SHARED = 0.03
"""What two 字 in a row that a row has in common with a topic are worth, as a cosine."""
AFTER_FACTS = 120
"""字 of what may follow figures in their paragraph."""
JOINS = 0.03
"""How near a row's first sentence has to be to the figures before it (:class:`Nearness`); most joints below it jar."""
OF_TOPIC, OF_BRIEF = 0.005, 0.025
"""A row on a theme that is less near to both the topic and the brief (:class:`Nearness`) is about another setting."""
OF_ALL = 1.0
"""What nearness to the whole brief is worth beside nearness to the part's topic."""
NEAREST = 8
"""Rows of a theme by which it is measured how much the brief is about it."""
BRIEF_CHARS = 400
"""What of the brief is measured against: beyond it, the embedder hardly tells one brief from another."""
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
    at_length: bool = False,
    known: Callable[[str], bool] = lambda _: False,
    nearness: Nearness | None = None,
) -> Plan:
    """Give every paragraph its beginning: its facts where it has any, else a row of the banks.

    Rows on the part's theme come first, then those on the event's, then the occasion's own, then the voice's; of each the nearest to the topic by
    ``nearness``. No row is used twice in a speech; which of the nearest a speech takes depends on its event.
    ``known`` tells wording of the office's own speeches: what was said there is not said again. ``at_length`` is for a
    small model: all facts of a paragraph stand in its beginning, and a row after them where there is room.
    """
    return _Leads(plan, voice, event, themes if at_length else (), at_length, known, nearness).given()


class _Leads:
    """Hands out rows of the banks, each once."""

    def __init__(
        self,
        plan: Plan,
        voice: Voice,
        event: str,
        themes: Sequence[Theme],
        at_length: bool,
        known: Callable[[str], bool],
        nearness: Nearness | None,
    ) -> None:
        self.plan, self.voice, self.at_length = plan, voice, at_length
        self.known, self.nearness, self.event = cache(known), nearness, event
        self.facts = {f.id: f for f in plan.facts}
        said = [*(s.topic for s in plan.sections), *(f.text for f in plan.facts if f.source == "brief")]
        self.hold, self.subject = hold_of(event), _VISIT.sub("", topic_of(event).removesuffix("工作"))
        self.brief = "；".join([self.subject, *said])[:BRIEF_CHARS]
        self.start = sum(map(ord, event))
        self.events: dict[str, list[Theme]] = {}
        self.themes_of = cache(lambda topic, voice: themes_of(topic, themes, voice))
        self.homes: dict[str, str] = {}
        self.words: dict[str, set[str]] = {}
        self.shares: dict[tuple[str, str, str], tuple[Sequence[str], Sequence[str], Sequence[str]]] = {}
        written = "".join(c.lead for s in plan.sections for c in s.cards)
        banks = [v.leads for v in (voice, voice.other) if v] + [t.leads for t in themes]
        rows = {row for bank in banks for rows in bank.values() for row in rows}
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
        lead = card.lead or _fact_lead(card, self.facts, every=self.at_length)
        facts = lead if card.facts else ""
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
            if count_zi(facts) < FILLED * card.chars:
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
        return replace(card, lead=lead)

    def _after(self, facts: str, banks: Iterable[Sequence[str]], section: SectionPlan) -> str:
        """Return what can follow figures in their paragraph: the row nearest to them, where one is near at all."""
        rows = next(filter(None, (self._free(b, section, AFTER_FACTS) for b in banks)), [])
        if self.nearness is None or not rows:
            return ""
        row = self._nearest(rows, facts)[0]
        begins = _plain(row).partition("。")[0] + "。"
        return self._say(row, section) if self.nearness(begins, facts) >= JOINS else ""

    def _is_bare(self, card: Card) -> bool:
        """Tell whether all there is yet is a part's number and name (一是抓好传达学习。)."""
        return self.at_length and not card.fixed and count_zi(card.lead) <= BARE_ZI

    def _free(self, bank: Sequence[str], section: SectionPlan, room: float | None = None) -> list[str]:
        """Return the bank's unused rows that suit the topic; with ``room`` (字), those that can follow a fact in it."""
        named = bool(_name(section))
        free = [r for r in bank if (named or "{core}" not in r) and ending_of(r) not in self.used]
        free = [r for r in free if not any(map(self.known, _SLOT.split(r)))]
        return free if room is None else [r for r in free if count_zi(r) <= room and not r.startswith("这")]

    def _nearest(self, rows: list[str], topic: str) -> list[str]:
        if self.nearness is None:
            return rows
        self.nearness.learn(_plain(r) for r in rows)
        return sorted(rows, key=lambda r: self._value(r, topic), reverse=True)[:CHOICE]

    def _banks(
        self, voice: Voice, card: Card, k: int, section: SectionPlan, left_over: bool
    ) -> Iterator[Sequence[str]]:
        """Yield the rows on the paragraph's facet, then those on others: first the themes', then any topic's.

        Rows that are nearer to another part on the same theme, and those on any topic, are ``left_over``. Behind facts,
        and where the theme is the event's alone, all its rows are one bank: being near counts more than the facet's turn.
        """
        kind = voice.facet(k, section.topic) if card.role is Role.POINT else card.role.value
        named = bool(_name(section))
        for theme in self._ranked(section.topic, voice, k) if kind in voice.facets else ():
            key = (theme.id, voice.name, section.topic)
            if key not in self.shares:
                self.shares[key] = self._share(theme, voice, section, named)
            own, free, rows = self.shares[key]
            if not card.facts and theme.match.search(section.topic):
                yield [r for r in theme.rows(voice, kind, named=named) if r in own]
            yield own
            yield rows if left_over else free
        if not left_over:
            return
        anyones = voice.leads.get(kind, ())
        yield [r for r in anyones if r in voice.own]
        yield anyones
        if kind in voice.facets:
            yield [r for facet in voice.facets for r in voice.leads.get(facet, ())]

    def _events(self, voice: Voice) -> list[Theme]:
        """Return the themes of the event, the one that the brief is most about first."""
        if voice.name not in self.events:
            found = self.themes_of(self.subject, voice.name)
            found = [t for t in found if not t.general] or found
            self.events[voice.name] = sorted(found, key=self._aboutness, reverse=True)
        return self.events[voice.name]

    def _aboutness(self, theme: Theme) -> float:
        if self.nearness is None:
            return 0.0
        rows = [_plain(r) for rows in theme.leads.values() for r in rows]
        self.nearness.learn(rows)
        nearest = sorted((self.nearness(r, self.brief) for r in rows), reverse=True)[:NEAREST]
        return sum(nearest) / len(nearest)

    def _ranked(self, topic: str, voice: Voice, k: int = 0) -> list[Theme]:
        """Return the themes from which a part's ``k``-th paragraph is taken, the best first.

        What names the part's own work comes first; where that is the event's, all that the event is about. What suits
        any work (责任, 质量) takes turns with the event's: better what the speech is about than what any meeting hears.
        """
        mine = self.themes_of(topic, voice.name)
        events = self._events(voice)
        named, general = [t for t in mine if not t.general], [t for t in mine if t.general]
        first = named
        if "、" in topic and mine:  # each of the things that it lists has its turn
            first = [*mine[k % len(mine) :], *mine[: k % len(mine)]]
        elif any(t in events for t in named):
            others = [t for t in named if t not in events]
            first = [*events, *others] if k % 2 == 0 else [*others, *events]
        turns = (general, events) if k % 2 == 0 else (events, general)
        return list({t.id: t for t in [*first, *turns[0], *turns[1]]}.values())

    def _share(
        self, theme: Theme, voice: Voice, section: SectionPlan, named: bool
    ) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
        """Return the theme's rows that are the part's own, those that no other part on the theme waits for, and all."""
        rows = self._fitting([r for f in voice.facets for r in theme.rows(voice, f, named=named)], section)
        rows = rows if theme.general or theme.voice else self._near(rows, section.topic)
        homes = self._homes(rows)
        own = [r for r in rows if homes[r] in ("", section.topic)]
        others = {homes[r] for r in rows} - {section.topic}
        kept = {t for t in others if theme in self._ranked(t, voice)}
        return own, [r for r in rows if homes[r] not in kept], rows

    def _fitting(self, rows: Sequence[str], section: SectionPlan) -> Sequence[str]:
        """Return the rows without those that have words of another part's topic and none of this one's."""
        words = {s.topic: self._words(s.topic) for s in self.plan.sections}
        mine = words.get(section.topic, set())
        others = set().union(*words.values()) - mine

        def fits(row: str) -> bool:
            said = self._words(row)
            return not said & others or bool(said & mine)

        return [r for r in rows if fits(r)]

    def _near(self, rows: Sequence[str], topic: str) -> Sequence[str]:
        """Return the rows that are near to the topic or to the brief: a theme has rows for settings that are not these."""
        if self.nearness is None:
            return rows
        self.nearness.learn(_plain(r) for r in rows)
        near = self.nearness
        return [
            r for r in rows if near(_plain(r), topic) >= OF_TOPIC or near(_plain(r), self.brief) >= OF_BRIEF
        ]

    def _homes(self, rows: Sequence[str]) -> Mapping[str, str]:
        """Return the topic of the part that each of a theme's rows is nearest to; empty where that cannot be told."""
        topics = list(dict.fromkeys(s.topic for s in self.plan.sections))
        if self.nearness is None or len(topics) < 2:
            return dict.fromkeys(rows, "")
        self.nearness.learn(_plain(r) for r in rows)
        for row in rows:
            if row not in self.homes:
                self.homes[row] = max(topics, key=lambda t: self._value(row, t))
        return self.homes

    def _words(self, text: str) -> set[str]:
        if text not in self.words:
            self.words[text] = runs(text, 2)
        return self.words[text]

    def _value(self, row: str, topic: str) -> float:
        """Return how much a row is about a topic of this brief: by meaning, and by words of the topic."""
        assert self.nearness is not None
        plain = _plain(row)
        near = self.nearness(plain, topic) + OF_ALL * self.nearness(plain, self.brief)
        return near + _SHARED * len(self._words(topic) & self._words(plain))

    def _say(self, row: str, section: SectionPlan) -> str:
        self.used.add(ending_of(row))
        return row.format(core=_name(section), topic=section.topic, hold=self.hold)

    def _topic_row(self, section: SectionPlan) -> str:
        rows = self.voice.leads.get("topic") or [""]
        at = [s.topic for s in self.plan.sections].index(section.topic)
        return rows[-1] if 0 < at == len(self.plan.sections) - 1 else rows[min(at, len(rows) - 1)]


def _plain(row: str) -> str:
    return _SLOT.sub("这件事", row)


def _name(section: SectionPlan) -> str:
    name = name_of(section.topic)
    return "" if _PEOPLE.search(name) else name


def _fact_lead(card: Card, facts: Mapping[str, Fact], *, every: bool) -> str:
    """Return the card's facts as sentences, the brief's own first, up to the first that is none; else nothing."""
    given = sorted((facts[i] for i in card.facts), key=lambda f: f.source != "brief")
    lead = ""
    for fact in given if every else given[:1]:
        text = fact.text.strip()
        if not 8 <= len(text) <= 90 or "\n" in text:
            break
        lead += as_sentence(text)
    return lead
