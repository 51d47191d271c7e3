"""BM25 over terms, in segments that can be saved, loaded and rebuilt one by one.

bm25s 0.3.16 was measured first on 10,000 chunks: a query of 55 terms takes it .7 ms against .3 here, an index 4.7 s
against 1.1, its import .3 s; and an index cannot grow, so that every added speech would mean weighing the whole
corpus again. Here a segment holds counts only; the weights of Robertson's formula depend on the whole corpus and
are worked out for the postings that a query touches.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag_speech.retrieve.tokens import terms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

K1 = 1.5
B = 0.75
_MOST_COUNTED = 255


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Term counts of some chunks.

    ``numbers`` int64 (chunks,) are the chunks' numbers, ascending; ``lengths`` int32 (chunks,) their terms;
    ``vocabulary`` int64 (terms,) ascending; the postings of term t are ``rows[starts[t]:starts[t + 1]]``
    (uint16, positions in ``numbers``) with their ``counts`` (uint8, at most 255).
    """

    numbers: NDArray[np.int64]
    lengths: NDArray[np.int32]
    vocabulary: NDArray[np.int64]
    starts: NDArray[np.int64]
    rows: NDArray[np.uint16]
    counts: NDArray[np.uint8]

    _FIELDS = ("numbers", "lengths", "vocabulary", "starts", "rows", "counts")

    def postings(self, asked: NDArray[np.int64]) -> list[slice]:
        """Return where the postings of each term lie; an empty slice for one that does not occur."""
        import numpy as np

        at = np.searchsorted(self.vocabulary, asked)
        there = np.zeros(len(asked), dtype=bool)
        inside = at < len(self.vocabulary)
        there[inside] = self.vocabulary[at[inside]] == asked[inside]
        bounds = zip(self.starts[at * there], self.starts[(at + 1) * there], there, strict=True)
        return [slice(int(start), int(stop)) if found else slice(0, 0) for start, stop, found in bounds]

    def save(self, path: Path) -> None:
        """Write to ``path``, whole or not at all. Raises OSError."""
        import os

        import numpy as np

        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            with part.open("wb") as file:
                np.savez(file, **{name: getattr(self, name) for name in self._FIELDS})
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path) -> Segment | None:
        """Read what :meth:`save` wrote; None when the file is missing or damaged (its checksums tell)."""
        import numpy as np

        try:
            with np.load(path, allow_pickle=False) as data:
                return cls(**{name: data[name] for name in cls._FIELDS})
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None


def build_segment(numbers: Sequence[int], texts: Sequence[str]) -> Segment:
    """Count the terms of ``texts``, whose chunks have these ascending ``numbers``. At most 65,536 of them."""
    import numpy as np

    found = [terms(text) for text in texts]
    lengths = np.array([len(t) for t in found], dtype=np.int32)
    every = np.concatenate(found) if found else np.empty(0, dtype=np.int64)
    rows = np.repeat(np.arange(len(found), dtype=np.int64), lengths)
    vocabulary, position = np.unique(every, return_inverse=True)
    cells, counts = np.unique(position.astype(np.int64) * max(1, len(found)) + rows, return_counts=True)
    term_of_cell, row_of_cell = np.divmod(cells, max(1, len(found)))
    starts = np.searchsorted(term_of_cell, np.arange(len(vocabulary) + 1))
    return Segment(
        numbers=np.array(numbers, dtype=np.int64),
        lengths=lengths,
        vocabulary=vocabulary,
        starts=starts.astype(np.int64),
        rows=row_of_cell.astype(np.uint16),
        counts=np.minimum(counts, _MOST_COUNTED).astype(np.uint8),
    )


def scores(query: str, segments: Sequence[Segment]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the chunk numbers of all segments, and the BM25 score of each for ``query`` (0 = shares no term)."""
    import numpy as np

    total = sum(len(s.numbers) for s in segments)
    if not total:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
    average = max(1.0, sum(int(s.lengths.sum()) for s in segments) / total)
    asked, times = np.unique(terms(query), return_counts=True)
    where = [segment.postings(asked) for segment in segments]
    df = np.array([sum(w.stop - w.start for w in row) for row in zip(*where, strict=True)], dtype=np.float64)
    weights = np.asarray(np.log1p((total - df + 0.5) / (df + 0.5)) * times * (K1 + 1), dtype=np.float64)
    parts = [_score(segment, own, weights, average) for segment, own in zip(segments, where, strict=True)]
    return np.concatenate([s.numbers for s in segments]), np.concatenate(parts)


def _score(
    segment: Segment, where: Sequence[slice], weights: NDArray[np.float64], average: float
) -> NDArray[np.float32]:
    """Return the scores of a segment's chunks. All postings touched are weighed in one go: many lists are short."""
    import numpy as np

    if not where:
        return np.zeros(len(segment.numbers), dtype=np.float32)
    rows = np.concatenate([segment.rows[at] for at in where])
    tf = np.concatenate([segment.counts[at] for at in where]).astype(np.float64)
    weight = np.repeat(weights, [at.stop - at.start for at in where])
    norm = K1 * (1 - B + B * segment.lengths / average)
    summed = np.bincount(rows, weight * tf / (tf + norm[rows]), minlength=len(segment.numbers))
    return summed.astype(np.float32)
