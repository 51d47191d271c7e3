"""Near-duplicates: paragraphs and speeches that say the same, by MinHash over runs of characters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Signature = NDArray[np.uint64]

PERMUTATIONS = 48
SHINGLE = 4
"""Characters in a run; shorter runs are shared by unrelated speeches."""
PARAGRAPH_THRESHOLD = 0.4
"""Share of runs in common (Jaccard) from which two paragraphs are of one family."""
SPEECH_THRESHOLD = 0.3
"""The same for whole speeches: a third of the runs in common is no accident."""
LEAST_ZI = 20
"""Shorter paragraphs are set phrases (谢谢大家！) and are nobody's duplicate."""
_NOT_WORDS = re.compile(r"[^㐀-鿿A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Near:
    """Two texts that say nearly the same; ``similarity`` is the estimated share of runs in common, 0 to 1."""

    first: str
    second: str
    similarity: float


def signature(text: str) -> Signature | None:
    """Return the MinHash signature of ``text``; None when it is too short to compare."""
    from datasketch import MinHash

    bare = _NOT_WORDS.sub("", text)
    if len(bare) < LEAST_ZI:
        return None
    minhash = MinHash(num_perm=PERMUTATIONS)
    minhash.update_batch({bare[at : at + SHINGLE].encode() for at in range(len(bare) - SHINGLE + 1)})
    values: Signature = minhash.hashvalues
    return values


def joined(signatures: Iterable[Signature | None]) -> Signature | None:
    """Return the signature of a speech from those of its paragraphs."""
    import numpy as np

    known = [s for s in signatures if s is not None]
    return np.minimum.reduce(known) if known else None


class NearIndex:
    """Signatures seen so far, found again by their bands. One key may stand for many texts (a family).

    ``threshold`` is the similarity from which two texts are near. Memory: about 2 KB a text.
    """

    def __init__(self, threshold: float = PARAGRAPH_THRESHOLD) -> None:
        self.threshold = threshold
        self._rows = 3 if threshold >= PARAGRAPH_THRESHOLD else 2
        self._keys: list[str] = []
        self._signatures: list[Signature] = []
        self._bands: dict[int, int | list[int]] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: str, values: Signature | None) -> None:
        """Remember a text's signature under ``key``; None is ignored."""
        if values is None:
            return
        number = len(self._keys)
        self._keys.append(key)
        self._signatures.append(values)
        for band in self._split(values):
            held = self._bands.setdefault(band, number)
            if isinstance(held, list):
                held.append(number)
            elif held != number:
                self._bands[band] = [held, number]

    def near(self, values: Signature | None) -> list[tuple[str, float]]:
        """Return the keys of near texts with their similarity, nearest first, each key once."""
        if values is None:
            return []
        numbers: set[int] = set()
        for band in self._split(values):
            held = self._bands.get(band)
            if held is not None:
                numbers.update(held if isinstance(held, list) else (held,))
        best: dict[str, float] = {}
        for number in numbers:
            similarity = float((self._signatures[number] == values).mean())
            if similarity >= self.threshold:
                key = self._keys[number]
                best[key] = max(similarity, best.get(key, 0.0))
        return sorted(best.items(), key=lambda item: (-item[1], item[0]))

    def _split(self, values: Signature) -> list[int]:
        rows = self._rows
        return [hash((at, values[at : at + rows].tobytes())) for at in range(0, PERMUTATIONS, rows)]


def families(texts: Iterable[tuple[str, str]], threshold: float = PARAGRAPH_THRESHOLD) -> dict[str, str]:
    """Return the family of each ``(key, text)``: the key of its first member; singletons are their own family.

    Members are near to at least one other member, so a family may be wider than ``threshold``.
    """
    index = NearIndex(threshold)
    head: dict[str, str] = {}

    def root(key: str) -> str:
        while head[key] != key:
            head[key] = head[head[key]]
            key = head[key]
        return key

    for key, text in texts:
        values = signature(text)
        head[key] = key
        for other, _ in index.near(values):
            head[root(key)] = root(other)
        index.add(key, values)
    order = {key: number for number, key in enumerate(head)}
    first: dict[str, str] = {}
    for key in head:
        top = root(key)
        first[top] = min(first.get(top, key), key, key=order.__getitem__)
    return {key: first[root(key)] for key in head}


def near_pairs(texts: Iterable[tuple[str, str]], threshold: float = SPEECH_THRESHOLD) -> list[Near]:
    """Return all pairs of near texts among ``(key, text)``, most similar first."""
    index = NearIndex(threshold)
    found = []
    for key, text in texts:
        values = signature(text)
        found += [Near(other, key, round(similarity, 2)) for other, similarity in index.near(values)]
        index.add(key, values)
    return sorted(found, key=lambda n: (-n.similarity, n.first, n.second))
