"""Hybrid search: meaning and words, fused, then made diverse."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from rag_speech.retrieve.diversity import diverse
from rag_speech.retrieve.fusion import reciprocal_rank_fusion
from rag_speech.types import Hit, Role

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag_speech.retrieve.lexical import LexicalIndex
    from rag_speech.store.index import ChromaIndex, Neighbour
    from rag_speech.store.speeches import SpeechStore

DEPTH: Final = 60
"""Chunks of each ranking that are fused, at least."""
_DEPTH_A_RESULT: Final = 6
_WINDOWS_A_CHUNK: Final = 2
"""Windows to fetch for each chunk wanted: neighbours often lie in one chunk."""
_PAGE: Final = 12


@dataclass(frozen=True, slots=True)
class Kind:
    """Which chunks may be found; None allows any."""

    role: Role | None = None
    occasion: str | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True)
class Searcher:
    """The parts of a library that a search needs. ``numbers`` returns the chunk numbers of a kind, ascending."""

    store: SpeechStore
    index: ChromaIndex
    lexical: LexicalIndex
    numbers: Callable[[Kind], NDArray[np.int64]]

    def search(self, query: str, vector: NDArray[np.float32], k: int, kind: Kind) -> list[Hit]:
        """Return at most ``k`` chunks of ``kind``, best first, no two of one family or nearly one text.

        ``vector`` is the query's. A chunk is scored by its best window and by BM25; the two rankings are fused.
        """
        depth = max(DEPTH, _DEPTH_A_RESULT * k)
        allowed = None if kind == Kind() else self.numbers(kind)
        near = self._nearest(vector, depth, kind, allowed)
        words = self.lexical.ranking(query, allowed, depth)
        return list(islice(diverse(self._hits(near, words)), k))

    def _nearest(
        self, vector: NDArray[np.float32], depth: int, kind: Kind, allowed: NDArray[np.int64] | None
    ) -> list[Neighbour]:
        """Return the best window of each of the ``depth`` nearest chunks, nearest first.

        A role is a collection of its own. Occasion and level are filtered here: Chroma's own filter is slower than
        fetching more than needed, and where much more would be needed, the allowed few are scored one by one.
        """
        roles = [kind.role] if kind.role else [r for r in Role if len(self.numbers(Kind(r)))]
        wanted = depth * _WINDOWS_A_CHUNK
        if allowed is None or (kind.occasion is None and kind.level is None):
            found = [n for role in roles for n in self.index.query(role, vector[None], wanted)[0]]
            return _best_windows(found)[:depth]
        if not len(allowed):
            return []
        wider = wanted * len(self.numbers(Kind(kind.role))) // len(allowed)
        if len(allowed) * _WINDOWS_A_CHUNK > wider * len(roles):
            fit = set(allowed.tolist())
            found = [
                n for role in roles for n in self.index.query(role, vector[None], wider)[0] if n.chunk in fit
            ]
            best = _best_windows(found)[:depth]
            if len(best) >= min(depth, len(allowed)):
                return best
        return self._exact(vector, allowed)[:depth]

    def _exact(self, vector: NDArray[np.float32], allowed: NDArray[np.int64]) -> list[Neighbour]:
        """Score every allowed window from the library file."""
        import numpy as np

        from rag_speech.store.index import Neighbour

        rows = self.store.windows_of(allowed)
        distances = 1 - np.stack([row.vector for row in rows]) @ vector
        return _best_windows(
            [Neighbour(r.chunk, r.number, float(d)) for r, d in zip(rows, distances, strict=True)]
        )

    def _hits(self, near: Sequence[Neighbour], words: Sequence[int]) -> Iterator[Hit]:
        """Yield the fused ranking as hits, read from the library file page by page."""
        fused = reciprocal_rank_fusion([[n.chunk for n in near], words])
        meaning = {n.chunk: rank for rank, n in enumerate(near, start=1)}
        lexical = {chunk: rank for rank, chunk in enumerate(words, start=1)}
        window = {n.chunk: n.window for n in near}
        for i in range(0, len(fused), _PAGE):
            page = fused[i : i + _PAGE]
            chunks = self.store.chunks([chunk for chunk, _ in page])
            spans = self.store.window_spans([window[chunk] for chunk, _ in page if chunk in window])
            for number, score in page:
                # An index that lags behind may name a chunk that was removed since.
                if number in chunks:
                    yield Hit(
                        chunk=chunks[number],
                        score=score,
                        dense_rank=meaning.get(number),
                        lexical_rank=lexical.get(number),
                        window=spans.get(window.get(number, -1)),
                    )


def _best_windows(found: Sequence[Neighbour]) -> list[Neighbour]:
    """Return the nearest window of each chunk, nearest first; equal distances stand by number."""
    best: dict[int, Neighbour] = {}
    for n in sorted(found, key=lambda n: (n.distance, n.chunk, n.window)):
        best.setdefault(n.chunk, n)
    return list(best.values())
