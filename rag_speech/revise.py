"""Revision: only what was found wrong is written again, a bounded number of times, and the best draft is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rag_speech.compose import cards_of
from rag_speech.judge import REPEAT_ZI, Judge
from rag_speech.types import Card, DraftedParagraph, Fact, Finding, Plan, SectionPlan, Severity
from rag_speech.wording import runs, spoken, states, without
from rag_speech.zh.text import count_zi, sentences

MORE_ZI = 65
"""What one further paragraph brings."""
TOLERANCE = 0.05
"""How far from the asked length, as a share of it, a draft is left alone."""


def settle(plan: Plan, candidates: Mapping[str, Sequence[str]], judge: Judge) -> dict[str, DraftedParagraph]:
    """Compose every card's paragraph in speaking order, so that a later one never repeats an earlier one."""
    frame = [plan.opening_line, plan.transition, plan.closing_line]
    shared = runs(judge.shared_words, REPEAT_ZI)
    written: set[str] = set().union(*map(judge.traces, frame)) - shared
    said: list[str] = []
    done: dict[str, DraftedParagraph] = {}
    for card in cards_of(plan):
        if card.id not in candidates:
            continue
        texts = candidates[card.id]
        paragraph = judge.compose(card, texts, written=written, said=said, chars=card.chars)
        said += spoken(paragraph.text)
        written |= judge.traces(paragraph.text) - shared
        done[card.id] = paragraph
    return done


def as_written(card: Card, candidates: Sequence[str]) -> str:
    """Return the first candidate in one line, whatever is in it."""
    text = "".join(candidates[0].split()) if candidates else ""
    return text if text.startswith(card.lead) else card.lead + text


@dataclass(frozen=True, slots=True)
class Rank:
    """How good a draft is; smaller is better, compared from the left."""

    p0: int
    p1: int
    p2: int
    off: float

    @classmethod
    def of(cls, findings: Iterable[Finding], chars: int, target: int) -> Rank:
        """Rank a draft by its findings and by how far ``chars`` is from ``target``."""
        counts = dict.fromkeys(Severity, 0)
        for f in findings:
            counts[f.severity] += 1
        off = max(0.0, abs(chars - target) / target - TOLERANCE)
        return cls(counts[Severity.P0], counts[Severity.P1], counts[Severity.P2], round(off, 3))

    def __lt__(self, other: Rank) -> bool:
        return (self.p0, self.p1, self.p2 + 20 * self.off) < (other.p0, other.p1, other.p2 + 20 * other.off)


def faulty_cards(texts: Mapping[str, str], findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return the findings of P2 or worse that lie in a card's paragraph, by card."""
    found: dict[str, list[Finding]] = {}
    for f in findings:
        if f.severity > Severity.P2 or not f.fragment:
            continue
        for card_id, text in texts.items():
            if f.fragment in text:
                found.setdefault(card_id, []).append(f)
                break
    return found


def without_faults(text: str, findings: Iterable[Finding], facts: Sequence[Fact]) -> str:
    """Return the paragraph without the sentences that a finding touches, as long as every fact is still said."""
    fragments = [f.fragment for f in findings]
    kept = list(sentences(text))
    for sentence in list(kept):
        if sentence not in kept or not any(f in sentence or sentence in f for f in fragments):
            continue
        rest = without(kept, {sentence})
        if rest and all(states("".join(rest), f) for f in facts):
            kept = rest
    left = "".join(kept)
    return f"{left[:-1]}。" if left.endswith(("；", "，")) else left or text


def too_short(card: Card, text: str) -> bool:
    """Tell whether so little of a paragraph is left that it is better written again."""
    return count_zi(text) < 0.6 * card.chars


def extra_cards(
    plan: Plan, texts: Mapping[str, str], total: int, say: Callable[[SectionPlan, int], str]
) -> Plan:
    """Return the plan with further paragraphs, first in the parts that are shortest of their budgets.

    ``total`` is the length so far in 字, ``say`` tells what a part's next paragraph is about. A plan that is long enough comes back unchanged.
    """
    short = plan.target_chars - total
    if short <= TOLERANCE * plan.target_chars or not plan.sections:
        return plan

    def lack(section: SectionPlan) -> float:
        return sum(c.chars for c in section.cards) - sum(count_zi(texts.get(c.id, "")) for c in section.cards)

    sections = list(plan.sections)
    open_ = [i for i, s in enumerate(sections) if not s.cards[-1].fixed]
    order = sorted(open_, key=lambda i: lack(sections[i]), reverse=True)
    number = max(1, round(short / MORE_ZI))
    for n in range(number):
        i = order[n % len(order)]
        cards = sections[i].cards
        said = "".join(texts.get(c.id, "") for c in cards)
        spare = [a for c in cards for a in c.angles if a not in said]
        extra = replace(
            cards[-1],
            id=f"{cards[-1].id.rpartition('.')[0]}.{len(cards) + 1}",
            say=say(sections[i], len(cards)),
            lead="",
            facts=(),
            angles=tuple(spare[:2]),
            chars=max(80, min(150, round(short / number))),
        )
        sections[i] = replace(sections[i], cards=(*cards, extra))
    return replace(plan, sections=tuple(sections))


def _spare(plan: Plan, texts: Mapping[str, str], over: int) -> str:
    """Return the whole paragraph (card id) whose loss brings the length nearest to what was asked; empty for none.

    No part loses its first paragraph, nor one with facts.
    """
    room = over + round(2 * TOLERANCE * plan.target_chars)
    sizes = {
        c.id: count_zi(c.lead)
        for s in plan.sections
        for c in s.cards[1:]
        if c.lead and not c.facts and not c.fixed and texts.get(c.id) == c.lead and count_zi(c.lead) <= room
    }
    return min(sizes, key=lambda i: abs(sizes[i] - room // 2), default="")


def trimmed(plan: Plan, texts: Mapping[str, str], total: int, facts: Mapping[str, Fact]) -> dict[str, str]:
    """Return the texts cut to length: whole paragraphs of the banks where one fits, else last sentences.

    A paragraph that people wrote says its point to the end; without its last sentence it may stop at the fault.
    """
    out = dict(texts)
    over = total - round(plan.target_chars * (1 + TOLERANCE))
    while over > 0 and (spare := _spare(plan, out, over)):
        over -= count_zi(out.pop(spare))
    cards = [c for c in cards_of(plan) if c.id in out]
    while over > 0:
        best: tuple[float, Card, list[str]] | None = None
        for card in cards:
            pieces = spoken(out[card.id])
            rest = "".join(pieces[:-1])
            if len(pieces) < 3 or not all(states(rest, facts[i]) for i in card.facts):
                continue
            excess = count_zi(out[card.id]) - card.chars
            if best is None or excess > best[0]:
                best = (excess, card, pieces)
        if best is None:
            break
        _, card, pieces = best
        out[card.id] = "".join(pieces[:-1])
        over -= count_zi(pieces[-1])
    return out
