"""The lexical index of a library: BM25 segments cached beside the library file, rebuilt where they are stale."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rag_speech.retrieve.bm25 import Segment, build_segment, scores
from rag_speech.retrieve.tokens import VERSION

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag_speech.store.speeches import SpeechStore

BLOCK: Final = 2048
"""Chunk numbers a segment covers. Adding a speech makes one block stale: about .2 s of counting when it is full."""


class LexicalIndex:
    """Segments for the searchable chunks of a library.

    A file's name carries its block, the block's mark in the library file and the version of the terms, so that a
    stale file is never opened.
    """

    def __init__(self, store: SpeechStore, folder: Path, notice: Callable[[str], None]) -> None:
        self._store = store
        self._folder = folder
        self._notice = notice
        self._segments: dict[str, Segment] = {}
        self._seen: tuple[int, int] | None = None

    def refresh(self) -> None:
        """Load or count the segments that changed since the last call."""
        now = self._store.change_count()
        if now == self._seen:
            return
        current: dict[str, Segment] = {}
        for block, (count, total) in self._store.segment_marks(BLOCK).items():
            name = f"{block:06d}-{count}-{total}-v{VERSION}.npz"
            current[name] = (
                self._segments.get(name) or Segment.load(self._folder / name) or self._count(block, name)
            )
        self._segments, self._seen = current, now

    def ranking(self, query: str, allowed: NDArray[np.int64] | None, depth: int) -> list[int]:
        """Return at most ``depth`` chunk numbers that share terms with ``query``, best first.

        ``allowed`` holds the numbers to choose from, ascending (None: all). Equal scores stand by number.
        """
        import numpy as np

        numbers, values = scores(query, list(self._segments.values()))
        if allowed is not None:
            values = np.where(np.isin(numbers, allowed, assume_unique=True), values, 0)
        hits = np.flatnonzero(values > 0)
        if len(hits) > depth:
            least = np.partition(values[hits], len(hits) - depth)[len(hits) - depth]
            hits = hits[values[hits] >= least]
        order = np.lexsort((numbers[hits], -values[hits]))
        return [int(n) for n in numbers[hits][order][:depth]]

    def _count(self, block: int, name: str) -> Segment:
        rows = self._store.chunk_texts(block * BLOCK, (block + 1) * BLOCK)
        segment = build_segment([number for number, _ in rows], [text for _, text in rows])
        try:
            self._folder.mkdir(exist_ok=True)
            segment.save(self._folder / name)
            for old in self._folder.glob(f"{block:06d}-*.npz"):
                if old.name != name:
                    old.unlink(missing_ok=True)
        except OSError as error:
            self._notice(
                f"The word index cannot be saved in {self._folder} ({error.strerror}); it is kept in memory."
            )
        return segment
