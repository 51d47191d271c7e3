"""Compares the vector index with the library file, and brings it up to date."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from rag_speech.store.index import MOST_PER_CALL, SAME_VECTOR, ChromaIndex
from rag_speech.store.speeches import SpeechStore
from rag_speech.types import Role

SAMPLES: Final = 16
"""Windows looked up by their own vectors when an index is opened."""
MISSES_ALLOWED: Final = 2
"""The graph search is approximate and may miss one; a damaged index was seen to miss more than half."""


@dataclass(frozen=True, slots=True)
class State:
    """What is wrong with an index: ``lag`` is mended by adding and removing, ``damage`` only by a rebuild."""

    lag: str = ""
    damage: str = ""

    @property
    def trouble(self) -> str:
        return self.damage or self.lag


def examine(index: ChromaIndex, store: SpeechStore) -> State:
    """Compare counts and the newest windows, then look samples up. Raises IndexFailure when that is impossible."""
    lag = _lag(index, store)
    return State(lag=lag) if lag else State(damage=_misses(index, store))


def catch_up(index: ChromaIndex, store: SpeechStore) -> None:
    """Add what the index lacks and remove what the library no longer holds. The caller holds the write lock."""
    for role in Role:
        wanted = {f"{chunk}.{number}": number for number, chunk in store.window_ids(role)}
        there = index.names(role)
        index.delete_names(role, sorted(there - wanted.keys()))
        # Ascending, so that the newest window is there only when all are.
        missing = sorted(number for name, number in wanted.items() if name not in there)
        for i in range(0, len(missing), MOST_PER_CALL):
            index.upsert(store.windows(missing[i : i + MOST_PER_CALL]))


def _lag(index: ChromaIndex, store: SpeechStore) -> str:
    expected = store.window_counts()
    for role in Role:
        found, wanted = index.count(role), expected.get(role, 0)
        if found != wanted:
            return f"{found} of {wanted} {role.value} windows"
        newest = store.newest_window(role) if found else None
        if newest and not index.has(newest):
            return f"the newest {role.value} window is missing"
    return ""


def _misses(index: ChromaIndex, store: SpeechStore) -> str:
    import numpy as np

    rows = store.sample_windows(SAMPLES, random.Random(0))
    missed = 0
    for role in {row.role for row in rows}:
        some = [row for row in rows if row.role == role]
        for found in index.query(role, np.stack([row.vector for row in some]), 1):
            missed += not found or found[0].distance > SAME_VECTOR
    few = min(MISSES_ALLOWED, len(rows) // 4)
    return f"{missed} of {len(rows)} sampled windows are not found" if missed > few else ""
