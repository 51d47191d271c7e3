"""Edits of a text that remember where every character came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from rag_speech.types import Span


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Maps offsets of an edited text to the original: stretch ``i`` of the text begins at ``edited[i]`` and
    ``original[i]``."""

    edited: tuple[int, ...] = (0,)
    original: tuple[int, ...] = (0,)

    def to_original(self, offset: int) -> int:
        """Return where the character at ``offset`` stood in the original."""
        at = bisect_right(self.edited, offset) - 1
        return self.original[at] + offset - self.edited[at]

    def span(self, span: Span) -> Span:
        """Return the stretch of the original that ``span`` of the edited text came from."""
        if span.start >= span.end:
            at = self.to_original(span.start)
            return Span(at, at)
        return Span(self.to_original(span.start), self.to_original(span.end - 1) + 1)


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``text[start:end]`` by ``put``; ``code`` is the reason, empty for mere layout."""

    start: int
    end: int
    put: str = ""
    code: str = ""


def apply_edits(text: str, edits: Iterable[Edit], offsets: OffsetMap) -> tuple[str, OffsetMap]:
    """Return the text after edits that are in order and apart, and its map to the original of ``offsets``."""
    pieces: list[str] = []
    edited: list[int] = []
    original: list[int] = []
    at = size = 0
    for edit in (*edits, Edit(len(text), len(text))):
        if at < edit.start:
            _copy_map(offsets, Span(at, edit.start), size, edited, original)
            pieces.append(text[at : edit.start])
            size += edit.start - at
        if edit.put:
            edited.append(size)
            original.append(offsets.to_original(edit.start))
            pieces.append(edit.put)
            size += len(edit.put)
        at = edit.end
    return "".join(pieces), _merged(edited or [0], original or [0])


def _copy_map(offsets: OffsetMap, span: Span, size: int, edited: list[int], original: list[int]) -> None:
    """Add the map of a stretch that stays as it is and will stand at ``size``."""
    first = bisect_right(offsets.edited, span.start)
    edited.append(size)
    original.append(offsets.to_original(span.start))
    for index in range(first, bisect_right(offsets.edited, span.end - 1)):
        edited.append(size + offsets.edited[index] - span.start)
        original.append(offsets.original[index])


def _merged(edited: list[int], original: list[int]) -> OffsetMap:
    keep = [
        i for i in range(len(edited)) if i == 0 or edited[i] - edited[i - 1] != original[i] - original[i - 1]
    ]
    return OffsetMap(tuple(edited[i] for i in keep), tuple(original[i] for i in keep))
