"""Plans a speech: parts, headings, budgets, and every fact and point assigned to the paragraph that says it.

Headings come from the brief's outline, else from its points, else from the occasion's moves. The model is asked
once, for parallel headings; what it answers is validated, and a frame by code stands in when it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from rag_speech.agenda import agenda_of, host_sections, numbered
from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import Move, Occasion
from rag_speech.frame import make_frame, topic_of
from rag_speech.headings import TAILS, headings_of, merge_points, point_moves, short_names
from rag_speech.llm.base import LLM
from rag_speech.materials import read_materials
from rag_speech.phrases import GAINS, GREETS, LACKS, OCCASION_FACT, WEAK
from rag_speech.prompts import Prompts
from rag_speech.retrieve.angles import angles
from rag_speech.types import Card, Exemplar, Fact, Plan, Role, SectionPlan, Usage
from rag_speech.voice import Voice, hold_of, voice_of
from rag_speech.wording import runs
from rag_speech.zh.text import count_zi

if TYPE_CHECKING:
    import numpy as np

PARAGRAPH_ZI = 100
"""A paragraph of a speech on a small model: a row of the banks, or what it writes well in one call."""
FRAME_ZI = 100
"""What a small model writes well to open or close a speech; beyond it, it talks about the meeting itself."""
CLOSING_ZI = 60
"""What the beginning of a closing has by itself."""
LONG_PARAGRAPH_ZI = 260
"""What a larger model writes well in one call."""
ANGLES = 2
_SHARED = 0.03
"""What two 字 in a row that a fact has in common with one part's topic alone are worth, as a cosine."""
_SIDE = 0.06
"""What it is worth that what is not done stands under what is weak, and what was done under what was done."""
_EARLY = 0.01
"""By how much each further paragraph of a part has to be nearer: facts stand at the start of a part."""
_IN_ORDER = 0.05
"""What it is worth that the brief's facts come in the order of its points, as most clerks give them."""
_FRONT = 0.67
"""How far through the parts the last fact stands: the last part tells what to do, and needs facts least."""


class Similarity(Protocol):
    """Embeds texts; the dot product of two rows is their cosine similarity."""

    def __call__(self, texts: Sequence[str]) -> np.ndarray: ...


@dataclass(frozen=True, slots=True)
class Planner:
    """What planning needs from outside: a model, prompts, retrieval and a measure of similarity."""

    llm: LLM
    prompts: Prompts
    exemplars: Callable[[str, Role, str, int], Sequence[Exemplar]]
    similarity: Similarity
    asks: bool = True
    """Whether the model is asked for headings and facts go where they fit; else code sets both in order."""

    async def plan(self, brief: Brief, occasion: Occasion) -> tuple[Plan, Usage]:
        """Return the plan and what it cost. Raises ModelError when the model cannot be reached."""
        statements = read_materials(brief)
        own = tuple(Fact(f"b{i + 1}", text) for i, text in enumerate(brief.facts))
        voice = voice_of(occasion.id, self.prompts)
        agenda = agenda_of(brief, own) if voice.name == "host" else ()
        if agenda:
            topics = merge_points(brief.points) or list(voice.frame["points"])
            headings, usage = ["" for _ in topics], Usage()
        else:
            topics, headings, usage = await headings_of(
                brief, occasion, self.llm if self.asks else None, self.prompts
            )
        frame = make_frame(
            brief, occasion, len(agenda or headings), self.prompts, task=short_names(brief.points, headings)
        )
        target = brief.target_chars
        framed = sum(
            map(
                count_zi,
                (frame.salutation, frame.opening_line, frame.transition, frame.closing_line, frame.thanks),
            )
        )
        script = host_sections(agenda, voice, topics)
        framed += sum(count_zi(c.lead) for s in script for c in s.cards if c.fixed)
        spare = max(0, target - framed - sum(count_zi(h) + 2 for h in headings))
        opening_moves = [m for m in occasion.moves if m.role == "opening"]
        closing_moves = [m for m in occasion.moves if m.role == "closing"]
        why = f"为什么要{hold_of(brief.event)}"
        opening = self._frame_cards("opening", Role.OPENING, opening_moves, spare, why)
        closing = self._frame_cards("closing", Role.CLOSING, closing_moves, spare, "勉励大家把事情做好")
        rest = spare - sum(c.chars for c in (*opening, *closing))
        sections = self._sections(topics, headings, occasion, rest, voice)
        if script:
            sections = numbered(sections)
        chosen = _choose(statements.facts, [*topics, brief.event], sections, len(own), self.similarity)
        taken = {i for s in script for c in s.cards for i in c.facts}
        free = tuple(f for f in own + chosen if f.id not in taken)
        opening, sections = (
            _assign(free, opening, sections, self.similarity, gather=self.llm.small)
            if self.asks
            else _deal(free, opening, sections)
        )
        sections = self._with_angles(sections, brief, occasion)
        opening = self._with_angles((SectionPlan("", opening),), brief, occasion)[0].cards
        plan = Plan(
            title=frame.title,
            caption=frame.caption,
            salutation=frame.salutation,
            opening_line=frame.opening_line,
            opening=opening,
            transition=frame.transition,
            sections=(*script, *sections),
            closing=closing,
            closing_line=frame.closing_line,
            thanks=frame.thanks,
            target_chars=target,
            facts=own + chosen,
            set_aside=statements.set_aside,
            pending=_pending(brief, occasion, headings),
        )
        return plan, usage

    def _frame_cards(
        self, name: str, role: Role, moves: Sequence[Move], spare: int, say: str
    ) -> tuple[Card, ...]:
        cards = []
        for i, move in enumerate(m for m in moves if not m.optional):
            chars = round(spare * move.share)
            if role is Role.CLOSING and chars < 60:
                continue
            size = min(max(chars, 60), FRAME_ZI if self.llm.small else LONG_PARAGRAPH_ZI)
            # What a small model adds to a closing weakens it; its beginning and the closing line say enough.
            fixed = role is Role.CLOSING and self.llm.small and self.asks
            size = CLOSING_ZI if fixed else size
            cards.append(Card(f"{name}.{i + 1}", role, "", say, size, guide=move.say, fixed=fixed))
        return tuple(cards)

    def _sections(
        self, topics: Sequence[str], headings: Sequence[str], occasion: Occasion, rest: int, voice: Voice
    ) -> tuple[SectionPlan, ...]:
        moves = point_moves(occasion)
        guides = {m.name: m.say for m in moves}
        shares = [m.share for m in moves]
        weights = shares if len(shares) == len(topics) else [1.0] * len(topics)
        plans = []
        for i, (topic, heading, weight) in enumerate(zip(topics, headings, weights, strict=True), 1):
            chars = max(80, round(rest * weight / sum(weights)))
            count = max(1, round(chars / (PARAGRAPH_ZI if self.llm.small else LONG_PARAGRAPH_ZI)))
            cards = tuple(
                Card(
                    f"{i}.{k + 1}",
                    Role.POINT,
                    heading,
                    voice.on(topic).say(topic, k),
                    round(chars / count),
                    guide=guides.get(topic, ""),
                )
                for k in range(count)
            )
            plans.append(SectionPlan(heading, cards, topic))
        return tuple(plans)

    def _with_angles(
        self, sections: tuple[SectionPlan, ...], brief: Brief, occasion: Occasion
    ) -> tuple[SectionPlan, ...]:
        used: set[str] = set()
        out = []
        for section in sections:
            found: list[Exemplar] = []
            if section.cards:
                query = f"{section.topic or section.cards[0].say} {section.heading} {topic_of(brief.event)}"
                found = list(
                    self.exemplars(query, section.cards[0].role, occasion.id, 2 * len(section.cards))
                )
            cards = []
            for k, card in enumerate(section.cards):
                mine = found[k :: len(section.cards)] or found
                hints = angles(
                    f"{section.heading} {card.say}", mine, self.similarity, count=ANGLES, used=used
                )
                used.update(hints)
                cards.append(replace(card, angles=hints, exemplars=tuple(mine[:1])))
            out.append(replace(section, cards=tuple(cards)))
        return tuple(out)


def _choose(
    facts: Sequence[Fact],
    topics: Sequence[str],
    sections: Sequence[SectionPlan],
    taken: int,
    similarity: Similarity,
) -> tuple[Fact, ...]:
    """Return the statements of the materials that the speech has room for, nearest to its topics, in reading order."""
    room = max(0, sum(len(s.cards) for s in sections) + 1 - taken)
    if len(facts) <= room or not facts:
        return tuple(facts[:room])
    vectors = similarity([*topics, *(f.text for f in facts)])
    ask, have = vectors[: len(topics)], vectors[len(topics) :]
    value = (have @ ask.T).max(axis=1)
    picked: list[int] = []
    while len(picked) < room:
        left = [i for i in range(len(facts)) if i not in picked]
        crowd = [max((float(have[i] @ have[j]) for j in picked), default=0.0) for i in left]
        picked.append(left[max(range(len(left)), key=lambda n: float(value[left[n]]) - 0.5 * crowd[n])])
    return tuple(facts[i] for i in sorted(picked))


def _assign(
    facts: Sequence[Fact],
    opening: tuple[Card, ...],
    sections: tuple[SectionPlan, ...],
    similarity: Similarity,
    *,
    gather: bool,
) -> tuple[tuple[Card, ...], tuple[SectionPlan, ...]]:
    """Give every fact to the paragraph it fits best; at most two a paragraph while there is room elsewhere.

    With ``gather`` the facts of a part stand together at its beginning, in the clerk's order: a small model cannot lead
    up to each of them.
    """
    cards = [*opening, *(c for s in sections for c in s.cards)]
    if not facts or not cards:
        return opening, sections
    vectors = similarity([*(f"{c.heading} {c.say} {c.guide}" for c in cards), *(f.text for f in facts)])
    likeness = vectors[len(cards) :] @ vectors[: len(cards)].T
    if sections:
        likeness += _kinship(facts, len(opening), sections)
    given: dict[str, list[str]] = {c.id: [] for c in cards}
    pairs = sorted(
        ((float(likeness[f, c]), f, c) for f in range(len(facts)) for c in range(len(cards))),
        reverse=True,
    )
    placed: set[int] = set()
    limit = 2
    while len(placed) < len(facts):
        for _, f, c in pairs:
            if f not in placed and len(given[cards[c].id]) < limit:
                given[cards[c].id].append(facts[f].id)
                placed.add(f)
        limit += 1
    for before, fact in pairwise(facts):
        if fact.text.startswith("其中"):  # of what was said just before, and nowhere else
            home = next(found for found in given.values() if before.id in found)
            next(found for found in given.values() if fact.id in found).remove(fact.id)
            home.append(fact.id)
    order = {f.id: i for i, f in enumerate(facts)}
    in_order = {i: sorted(found, key=order.__getitem__) for i, found in given.items()}
    if gather:
        by_id = {f.id: f for f in facts}
        for section in sections:
            in_order |= _gathered(section, in_order, by_id)
    return _loaded(in_order, opening, sections)


def _gathered(
    section: SectionPlan, given: Mapping[str, Sequence[str]], facts: Mapping[str, Fact]
) -> dict[str, list[str]]:
    """Return the part's facts (by card) moved to its first paragraphs, each filled to its budget."""
    order = list(facts)
    waiting = sorted((i for c in section.cards for i in given[c.id]), key=order.index)
    gathered: dict[str, list[str]] = {c.id: [] for c in section.cards}
    at, room = 0, section.cards[0].chars
    for id_ in waiting:
        room -= count_zi(facts[id_].text)
        if room < 0 and gathered[section.cards[at].id] and at + 1 < len(section.cards):
            at += 1
            room = section.cards[at].chars - count_zi(facts[id_].text)
        gathered[section.cards[at].id].append(id_)
    return gathered


def _kinship(facts: Sequence[Fact], opening: int, sections: tuple[SectionPlan, ...]) -> np.ndarray:
    """Return what speaks for a paragraph besides its meaning (facts, paragraphs): the first ``opening`` are the opening's.

    What is said of the occasion itself stands at the start, all else in the part whose words it has, and there early.
    """
    import numpy as np

    words = [runs(f"{s.topic}。{s.heading}", 2) for s in sections]
    mine = [of - set().union(*words[:i], *words[i + 1 :]) for i, of in enumerate(words)]
    sides = [bool(WEAK.search(s.topic)) - bool(GAINS.search(s.topic)) for s in sections]
    gained = -1 if -1 in sides else 0  # what was done may have no part of its own to go to
    brief = [f.id for f in facts if f.source == "brief"]
    places = {id_: n / max(1, len(brief) - 1) for n, id_ in enumerate(brief)}
    bonus = np.zeros((len(facts), opening + sum(len(s.cards) for s in sections)))
    for row, fact in zip(bonus, facts, strict=True):
        # Who is quoted has to be introduced first.
        row[:opening] = 1 if OCCASION_FACT.match(fact.text) and "“" not in fact.text else -1
        said, at = runs(fact.text, 2), opening
        lacks = 1 if LACKS.search(fact.text) else gained
        for i, section in enumerate(sections):
            value = -1.0 if GREETS.match(section.topic) else _SHARED * min(2, len(said & mine[i]))
            value += _SIDE * sides[i] * lacks
            if fact.id in places:
                value -= _IN_ORDER * abs(_FRONT * places[fact.id] - i / max(1, len(sections) - 1))
            end = at + len(section.cards)
            row[at:end] = value - _EARLY * np.arange(len(section.cards))
            at = end
    return bonus


def _deal(
    facts: Sequence[Fact], opening: tuple[Card, ...], sections: tuple[SectionPlan, ...]
) -> tuple[tuple[Card, ...], tuple[SectionPlan, ...]]:
    """Deal the facts out to the paragraphs of the parts in order, whatever they are about."""
    cards = [c.id for s in sections for c in s.cards] or [c.id for c in opening]
    given: dict[str, list[str]] = {i: [] for i in cards}
    for n, fact in enumerate(facts):
        given[cards[n * len(cards) // len(facts)]].append(fact.id)
    return _loaded(given, opening, sections)


def _loaded(
    given: Mapping[str, Sequence[str]], opening: tuple[Card, ...], sections: tuple[SectionPlan, ...]
) -> tuple[tuple[Card, ...], tuple[SectionPlan, ...]]:
    def loaded(card: Card) -> Card:
        return replace(card, facts=tuple(given.get(card.id, ())))

    return tuple(map(loaded, opening)), tuple(replace(s, cards=tuple(map(loaded, s.cards))) for s in sections)


def _pending(brief: Brief, occasion: Occasion, headings: Sequence[str]) -> tuple[str, ...]:
    lacks = []
    if headings and all(h.endswith(TAILS) for h in headings):
        lacks.append("小标题是按要点套句式拟的，请润色。")
    if not brief.speaker:
        lacks.append("讲话人职务没有给出，标题下没有署名。")
    if not brief.date:
        lacks.append("讲话日期没有给出，标题下没有写日期。")
    if not brief.facts and not brief.materials:
        lacks.append("没有给出可用的数字、事例，正文只讲要求；请补充本地情况。")
    if occasion.salutation[0] in {"C", "D"} and not brief.guests:
        lacks.append("没有给出来宾姓名职务，称呼用了通称；请按出席名单核对。")
    if brief.chars is None and brief.minutes is None:
        lacks.append(f"没有给出时长，按{occasion.name}的一般篇幅写了约{brief.target_chars}字。")
    return tuple(lacks)
