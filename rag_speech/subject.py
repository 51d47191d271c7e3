"""What a speech is about: the themes that each of its parts draws on, and how near what people wrote is to a part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rag_speech.frame import topic_of
from rag_speech.nearness import Nearness
from rag_speech.themes import Theme, themes_of
from rag_speech.types import Plan
from rag_speech.voice import Voice
from rag_speech.wording import runs

SLOT = re.compile(r"\{\w+\}")
_VISIT = re.compile(r"调研|督导|考察")
"""What the leader does at the event, and not what it is about."""
_SHARED = 0.03
"""What two 字 in a row that a row has in common with a topic are worth, as a cosine."""
OF_TOPIC, OF_BRIEF = 0.005, 0.025
"""A row on a theme that is less near to both the topic and the brief (:class:`Nearness`) is about another setting."""
OF_ALL = 1.0
"""What nearness to the whole brief is worth beside nearness to the part's topic."""
NEAREST = 8
"""Rows of a theme by which it is measured how much the brief is about it."""
BRIEF_CHARS = 400
"""What of the brief is measured against: beyond it, the embedder hardly tells one brief from another."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a part may take of a theme: the rows that are its ``own``, those that no other part waits for, and all."""

    own: Sequence[str]
    free: Sequence[str]
    all: Sequence[str]


class Subject:
    """The subject of one speech, by its plan and the name of its event. Without ``nearness`` all rows are alike."""

    def __init__(self, plan: Plan, event: str, themes: Sequence[Theme], nearness: Nearness | None) -> None:
        self.name = _VISIT.sub("", topic_of(event).removesuffix("工作"))
        said = [*(s.topic for s in plan.sections), *(f.text for f in plan.facts if f.source == "brief")]
        self._brief = "；".join([self.name, *said])[:BRIEF_CHARS]
        self._topics = list(dict.fromkeys(s.topic for s in plan.sections))
        self._nearness = nearness
        self._themes_of = cache(lambda topic, voice: themes_of(topic, themes, voice))
        self._words = cache(lambda text: runs(text, 2))
        self._events: dict[str, list[Theme]] = {}
        self._homes: dict[str, str] = {}
        self._shares: dict[tuple[str, str, str], Share] = {}

    def themes(self, topic: str, voice: Voice, k: int = 0) -> list[Theme]:
        """Return the themes from which the ``k``-th paragraph of a part is taken, the best first.

        What names the part's own work comes first; where that is the event's, all that the event is about. What suits
        any work (责任, 质量) takes turns with the event's: better what the speech is about than what any meeting hears.
        """
        mine = self._themes_of(topic, voice.name)
        events = self._themes_of_event(voice)
        named, general = [t for t in mine if not t.general], [t for t in mine if t.general]
        first = named
        if "、" in topic and mine:  # each of the things that it lists has its turn
            first = [*mine[k % len(mine) :], *mine[: k % len(mine)]]
        elif any(t in events for t in named):
            others = [t for t in named if t not in events]
            first = [*events, *others] if k % 2 == 0 else [*others, *events]
        turns = (general, events) if k % 2 == 0 else (events, general)
        return list({t.id: t for t in [*first, *turns[0], *turns[1]]}.values())

    def share(self, theme: Theme, voice: Voice, topic: str, *, named: bool) -> Share:
        """Return the part's share of a theme; a row belongs to the part that it is nearest to.

        A row with words of another part's topic is in none, nor one that is near to neither the topic nor the brief.
        """
        key = (theme.id, voice.name, topic)
        if key not in self._shares:
            rows = self._fitting([r for f in voice.facets for r in theme.rows(voice, f, named=named)], topic)
            rows = rows if theme.general or theme.voice else self._near(rows, topic)
            homes = self._homes_of(rows)
            own = [r for r in rows if homes[r] in ("", topic)]
            others = {homes[r] for r in rows} - {topic}
            kept = {t for t in others if theme in self.themes(t, voice)}
            self._shares[key] = Share(own, [r for r in rows if homes[r] not in kept], rows)
        return self._shares[key]

    def nearest(self, rows: Sequence[str], topic: str) -> list[str]:
        """Return the rows, the nearest to the topic first."""
        if self._nearness is None:
            return list(rows)
        self._learn(rows)
        return sorted(rows, key=lambda r: self._value(r, topic), reverse=True)

    def _themes_of_event(self, voice: Voice) -> list[Theme]:
        """Return the themes of the event, the one that the brief is most about first."""
        if voice.name not in self._events:
            found = self._themes_of(self.name, voice.name)
            found = [t for t in found if not t.general] or found
            self._events[voice.name] = sorted(found, key=self._aboutness, reverse=True)
        return self._events[voice.name]

    def _aboutness(self, theme: Theme) -> float:
        if self._nearness is None:
            return 0.0
        rows = [r for rows in theme.leads.values() for r in rows]
        self._learn(rows)
        nearest = sorted((self._nearness(plain(r), self._brief) for r in rows), reverse=True)[:NEAREST]
        return sum(nearest) / len(nearest)

    def _fitting(self, rows: Sequence[str], topic: str) -> Sequence[str]:
        """Return the rows without those that have words of another part's topic and none of this one's."""
        words = {t: self._words(t) for t in self._topics}
        mine = words.get(topic, set())
        others = set().union(*words.values()) - mine
        return [r for r in rows if not (said := self._words(r)) & others or said & mine]

    def _near(self, rows: Sequence[str], topic: str) -> Sequence[str]:
        """Return the rows that are near to the topic or to the brief: a theme has rows for settings that are not these."""
        if (near := self._nearness) is None:
            return rows
        self._learn(rows)
        return [
            r for r in rows if near(plain(r), topic) >= OF_TOPIC or near(plain(r), self._brief) >= OF_BRIEF
        ]

    def _homes_of(self, rows: Sequence[str]) -> Mapping[str, str]:
        """Return the topic of the part that each of a theme's rows is nearest to; empty where that cannot be told."""
        if self._nearness is None or len(self._topics) < 2:
            return dict.fromkeys(rows, "")
        self._learn(rows)
        for row in rows:
            if row not in self._homes:
                self._homes[row] = max(self._topics, key=lambda t: self._value(row, t))
        return self._homes

    def _value(self, row: str, topic: str) -> float:
        """Return how much a row is about a topic of this brief: by meaning, and by words of the topic."""
        assert self._nearness is not None
        said = plain(row)
        near = self._nearness(said, topic) + OF_ALL * self._nearness(said, self._brief)
        return near + _SHARED * len(self._words(topic) & self._words(said))

    def _learn(self, rows: Iterable[str]) -> None:
        assert self._nearness is not None
        self._nearness.learn(plain(r) for r in rows)


def plain(row: str) -> str:
    """Return a row as a sentence that the embedder can read, its slots filled with a word for anything."""
    return SLOT.sub("这件事", row)
