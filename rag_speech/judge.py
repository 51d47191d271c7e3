"""Judges drafted sentences one by one and puts the good ones together into a paragraph.

A small model writes two good sentences and a bad third one; throwing the paragraph away wastes the two.
So every candidate is cut into sentences, each is held against the same rules that the checks use, and the
paragraph is built from what passes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from rag_speech import phrases
from rag_speech.checks.grounding import unsupported
from rag_speech.checks.placeholders import placeholders
from rag_speech.checks.residue import residue
from rag_speech.checks.rules_engine import load_rules, rule_findings
from rag_speech.nearness import Nearness
from rag_speech.types import Card, DraftedParagraph, Exemplar, Fact, Role, Severity
from rag_speech.wording import (
    HAN,
    alike,
    circles,
    clean_sentences,
    echoes,
    form_fault,
    overlap,
    runs,
    spoken,
    states,
    without,
)
from rag_speech.worth import Worth
from rag_speech.zh.claims import claims
from rag_speech.zh.text import as_sentence, count_zi

COPY_ZI = 14
"""A sentence that shares a run this long with an exemplar is dropped (checks warn from 16 字)."""
DEMO_ZI = 8
"""A run this long that the prompt's worked examples have was copied from them."""
REPEAT_ZI = 9
"""A run this long that the speech already has, outside the brief's own words, is a repetition."""
SAME = 0.95
"""Cosine from which one sentence says another in other words."""
FAR = 0.0
"""A sentence no nearer to its topic than sentences of any speech on average is beside the point."""
ENOUGH = 0.75
"""Share of a paragraph's budget at which no further candidate is asked for."""


@dataclass(frozen=True)
class Judge:
    """Holds what a draft may say. ``allowed`` is the brief and the facts taken from its materials; pure."""

    allowed: str
    as_of: date
    occasion: str
    shared_words: str = ""
    """Text whose runs may recur: event, place, headings, points."""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    exemplars: tuple[Exemplar, ...] = ()
    headings: tuple[str, ...] = ()
    """The headings of the parts: one of them said again in the text is said once."""
    demos: str = ""
    """The worked examples of the prompt: a small model repeats them."""
    demo_words: tuple[str, ...] = ()
    """Words of the worked examples' own subjects."""

    level: str = ""
    small: bool = True
    """A small model wrote it: its tics are dropped too, not only what is wrong in anybody's draft."""
    first_person: bool = False
    """The speech is about the speaker, as a report on oneself is."""
    unfit: str = ""
    """Pattern of what this voice does not say: orders to guests, reproaches to those who are praised."""
    avoid: tuple[str, ...] = ()
    """Words that the brief forbids."""
    event: str = ""
    nearness: Nearness | None = None
    """Measures what is beside the point and what was said before in other words; neither is looked at without."""
    worth: Worth | None = None
    """Measures what is filler; nothing is held to be without."""
    rules_files: tuple[str | Path, ...] = ()
    """Rules files of the office's own, besides the built-in ones."""

    @cached_property
    def _shown(self) -> frozenset[str]:
        return frozenset(runs(self.demos, DEMO_ZI))

    @cached_property
    def _shared(self) -> frozenset[str]:
        return frozenset(runs(self.shared_words, REPEAT_ZI))

    @cached_property
    def _copied(self) -> frozenset[str]:
        return frozenset(r for e in self.exemplars for r in runs(e.original, COPY_ZI))

    def fault(self, sentence: str, *, written: Collection[str], copied: Collection[str]) -> str:
        """Return why ``sentence`` cannot stand, or an empty string.

        ``written`` are the runs of ``REPEAT_ZI`` 字 that the speech already has, ``copied`` the exemplars'
        runs of ``COPY_ZI`` 字 (see :func:`runs`).
        """
        text = sentence.strip()
        tic = self._tic(text) if self.small else ""
        if why := form_fault(text) or tic or self._rule_fault(text) or self._foreign(text):
            return why
        if self.unfit and re.search(self.unfit, text):
            return "not said in this voice"
        if self.small and (again := self.turns(text).intersection(written)):
            return f"another {min(again)}"
        if not (runs(text, REPEAT_ZI) - self._shared).isdisjoint(written):
            return "said before"
        if runs(text, DEMO_ZI) & self._shown or any(
            w in text and w not in self.allowed for w in self.demo_words
        ):
            return "copied from a worked example"
        if not runs(text, COPY_ZI).isdisjoint(copied):
            return "copied from an exemplar"
        return ""

    def _tic(self, text: str) -> str:
        """Return what only a small model would say here."""
        if phrases.NOT_A_LEADER.search(text) or (not self.first_person and phrases.SELF.search(text)):
            return "not a leader's voice"
        if "？" in text:
            return "asks its audience"
        for pattern in (phrases.AUTHORITY, phrases.FREQUENCY, phrases.HONOUR, phrases.ACTOR):
            if (named := pattern.search(text)) and named.group() not in self.allowed:
                return f"speaks of what the brief does not: {named.group()}"
        if "企业" not in self.allowed and (word := phrases.COMPANY.search(text)):
            return f"company words: {word.group()}"
        return ""

    def _foreign(self, text: str) -> str:
        """Return what the sentence speaks of that this brief knows nothing of, or forbids."""
        if forbidden := next((w for w in self.avoid if w in text), ""):
            return f"to be avoided: {forbidden}"
        level = phrases.OTHER_LEVEL[self.level].search(text) if self.level else None
        if level and level.group() not in self.allowed:
            return f"another level: {level.group()}"
        for happened in phrases.HAPPENED.finditer(text):
            start, end = happened.span()
            around = [text[start : end + 2], *([text[start - 2 : end]] if start >= 2 else [])]
            if not any(words in self.allowed for words in around if len(words) > end - start):
                return f"an event the brief does not have: {happened.group()}"
        made_up = [
            m
            for p in (phrases.EXAMPLE, phrases.QUOTED)
            for m in p.finditer(text)
            if m.group() not in self.allowed
        ]
        if any(not m.groups() or m.group(1) not in self.allowed for m in made_up):
            return f"made up: {made_up[0].group()}"
        return ""

    def _rule_fault(self, text: str) -> str:
        if found := residue(text, self.allowed) or placeholders(text):
            return found[0].code
        if found := [
            f for f in unsupported(text, self.allowed, as_of=self.as_of) if f.severity <= Severity.P1
        ]:
            return f"{found[0].code} {found[0].fragment}"
        hits = rule_findings(
            text,
            as_of=self.as_of,
            occasion=self.occasion,
            brief_text=self.allowed,
            rules=load_rules(self.rules_files),
        )
        if found := [f for f in hits if f.severity <= Severity.P2 or f.code == "A-XH"]:
            return f"{found[0].code} {found[0].fragment}"
        return ""

    def compose(
        self,
        card: Card,
        candidates: Sequence[str],
        *,
        written: Collection[str],
        said: Sequence[str] = (),
        chars: int,
    ) -> DraftedParagraph:
        """Return the best paragraph of about ``chars`` 字 that the candidates' good sentences make.

        ``written`` are the traces and ``said`` the sentences of the paragraphs before it.

        Facts that no kept sentence covers are stated in the brief's own words, so that none is ever lost.
        """
        dropped: list[str] = []
        kept = [self._good(card, c, written, said, dropped) for c in candidates]
        kept.sort(key=lambda good: self._value(card, good, chars), reverse=True)
        chosen = list(kept[0]) if kept else []
        for other in kept[1:]:
            for sentence in other:
                if _zi(chosen) + count_zi(card.lead) >= 0.85 * chars:
                    break
                so_far = "".join([card.lead, *chosen])
                seen = runs(so_far, 6)
                again = self.turns(sentence) & self.turns(so_far)
                if (
                    not again
                    and not phrases.LEANS.match(sentence)
                    and len(runs(sentence, 6) & seen) <= 1
                    and not alike(sentence, chosen)
                    and not self._restates(sentence, chosen)
                ):
                    chosen.append(sentence)
        stated: list[str] = []
        for _ in range(2):  # a sentence that half says a stated fact goes, and may take another fact with it
            missing = self._missing(card, "".join([card.lead, *stated, *chosen]))
            stated += [as_sentence(f.text) for f in missing]
            told = runs("".join(stated), REPEAT_ZI) - self._shared
            half = {s for s in chosen if runs(s, REPEAT_ZI) & told}
            dropped += [f"half says a stated fact: {s}" for s in half]
            chosen = without(chosen, half)
        body = _trim([card.lead, *stated], chosen, chars, self._must(card))
        return DraftedParagraph(card.id, body, tuple(dropped), len(candidates))

    def is_enough(self, card: Card, candidates: Sequence[str]) -> bool:
        """Tell whether the candidates make a paragraph: with all facts of the card, and long enough.

        To a paragraph that is mostly there one good sentence is enough.
        """
        done = self.compose(card, candidates, written=(), chars=card.chars)
        if self._missing(card, card.lead + "".join(candidates)):
            return False
        size = count_zi(done.text)
        return size >= ENOUGH * card.chars or size > count_zi(card.lead) > 0.5 * card.chars

    def _empty(self, card: Card, sentence: str, said: Sequence[str]) -> str:
        """Return why a sentence that states no fact of the card adds nothing, or an empty string."""
        if self._restates(sentence, said):
            return "said before"
        if self._is_far(card, sentence):
            return "beside the point"
        if self.small and card.role is Role.POINT:
            if not phrases.ASKS.search(sentence) or phrases.EXPLAINS.search(sentence):
                return "asks for nothing"
            if self.worth is not None and self.worth(sentence) < 0:
                return "filler"
        return ""

    def _is_far(self, card: Card, sentence: str) -> bool:
        if self.nearness is None:
            return False
        return self.nearness(sentence, f"{self.event} {card.heading or card.say}") < FAR

    def _restates(self, sentence: str, said: Sequence[str]) -> bool:
        if self.nearness is None:
            return False
        return any(self.nearness.likeness(sentence, s) > SAME for s in said)

    def _good(
        self, card: Card, candidate: str, written: Collection[str], said: Sequence[str], dropped: list[str]
    ) -> list[str]:
        good: list[str] = []
        begun = spoken(card.lead)
        unsaid = bool(self._missing(card, card.lead))
        lost = False
        for sentence in clean_sentences(candidate, card):
            seen = {*written, *self.traces(card.lead), *(r for s in good for r in self.traces(s))}
            why = self.fault(sentence, written=seen, copied=self._copied)
            if not why and (echoes(sentence, card) or (self.small and circles(sentence, card.heading))):
                why = "echoes the card"
            if not why and alike(sentence, [card.lead]):
                why = "said before"
            if not why and self.small and card.role is Role.POINT and phrases.MEETING.search(sentence):
                why = "talks about the meeting"
            if not why and not (unsaid and claims(sentence)):
                why = self._empty(card, sentence, [*said, *begun, *good])
            if not why and not good and card.facts and phrases.ABOUT_FACT.match(sentence):
                why = "tells more of a fact than the brief does"
            if not why and lost and phrases.LEANS.match(sentence):
                why = "leans on a dropped sentence"
            lost = bool(why)
            if why:
                dropped.append(f"{why}: {sentence}")
            else:
                good.append(sentence)
        return good

    def _value(self, card: Card, good: Sequence[str], chars: int) -> float:
        text = card.lead + "".join(good)
        length = min(count_zi(text), 1.15 * chars) / chars
        hints = sum(1 for a in card.angles if overlap(a, text) >= 0.6) / max(1, len(card.angles))
        covered = 1 - len(self._missing(card, text)) / max(1, len(card.facts))
        return 1.5 * length + 0.5 * hints + covered

    def turns(self, text: str) -> set[str]:
        """Return what may be said once in a speech: openings of sentences that wear out, and headings."""
        links = (m.group() for s in spoken(text) if (m := phrases.LINK.match(s)))
        bare = HAN.sub("", text)
        headings = (f"#{h}" for h in (*self.headings, self.event) if len(h) >= 6 and HAN.sub("", h) in bare)
        return {link.removeprefix("我们") for link in links} | set(headings)

    def traces(self, text: str) -> set[str]:
        """Return what a later sentence must not have in common with ``text``: its runs, and its turns."""
        return runs(text, REPEAT_ZI) | self.turns(text)

    def _missing(self, card: Card, text: str) -> list[Fact]:
        return [f for f in self._must(card) if not states(text, f)]

    def _must(self, card: Card) -> list[Fact]:
        return [self.facts[i] for i in card.facts]


def _trim(fixed: Sequence[str], chosen: Sequence[str], chars: int, facts: Sequence[Fact]) -> str:
    """Drop sentences from the end while the paragraph is too long, but none that a fact needs."""
    kept = list(chosen)
    total = count_zi("".join([*fixed, *kept]))
    for i in range(len(kept) - 1, -1, -1):
        size = count_zi(kept[i])
        if total <= 1.15 * chars or total - size < 0.8 * chars:
            break
        rest = "".join([*fixed, *kept[:i], *kept[i + 1 :]])
        if all(states(rest, f) for f in facts):
            total -= size
            del kept[i]
    return "".join([*fixed, *kept])


def _zi(parts: Sequence[str]) -> int:
    return sum(count_zi(p) for p in parts)
