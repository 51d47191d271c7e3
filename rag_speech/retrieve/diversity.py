"""Keeps results from saying the same thing twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from rag_speech.types import Hit

NEAR_IDENTICAL = 0.6
"""Share of the shorter text's character pairs found in the other, from which the two count as one paragraph."""


def diverse(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Yield ``hits`` in order without those of a family, or nearly of a text, that came before."""
    families: set[str] = set()
    seen: list[frozenset[str]] = []
    for hit in hits:
        pairs = _pairs(hit.chunk.text)
        if hit.chunk.family in families or any(overlap(pairs, other) >= NEAR_IDENTICAL for other in seen):
            continue
        seen.append(pairs)
        if hit.chunk.family:
            families.add(hit.chunk.family)
        yield hit


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of the smaller set that lies in the larger one, 0 to 1."""
    small = min(len(one), len(other))
    return len(one & other) / small if small else float(one == other)


def _pairs(text: str) -> frozenset[str]:
    letters = [c for c in text if c.isalnum()]
    return frozenset(a + b for a, b in pairwise(letters)) or frozenset(letters)
