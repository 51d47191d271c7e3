"""Wording that two texts share, counted in Han characters and digits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag_speech.types import Span
from rag_speech.zh.text import HAN

_KEPT = re.compile(f"[{HAN}0-9A-Za-z]")


def letters(text: str) -> tuple[str, list[int]]:
    """Return the Han characters, letters and digits of ``text`` and where each stands in it."""
    places = [m.start() for m in _KEPT.finditer(text)]
    return "".join(text[at] for at in places), places


def pairs(text: str) -> set[str]:
    """Return all pairs of neighbouring Han characters, letters and digits."""
    bare, _ = letters(text)
    return {bare[i : i + 2] for i in range(len(bare) - 1)}


def covered(words: str, text: str) -> float:
    """Return the share of the pairs of characters of ``words`` that ``text`` has too: 1.0 when all."""
    mine = pairs(words)
    return len(mine & pairs(text)) / len(mine) if mine else 1.0


def shared_runs(text: str, other: str, least: int) -> Iterator[Span]:
    """Yield where ``text`` has ``least`` characters or more in a row (Han, letters, digits) that ``other`` has too."""
    bare, places = letters(text)
    theirs, _ = letters(other)
    if len(theirs) < least:
        return
    grams = {theirs[i : i + least] for i in range(len(theirs) - least + 1)}
    at = 0
    while at <= len(bare) - least:
        if bare[at : at + least] not in grams:
            at += 1
            continue
        end = at + least
        while end < len(bare) and bare[at : end + 1] in theirs:
            end += 1
        yield Span(places[at], places[end - 1] + 1)
        at = end
