"""Numbers the sentences of the materials and cuts them into windows that a model reads in one call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag_speech.brief.brief import Material
from rag_speech.types import Span
from rag_speech.zh.text import count_zi, sentence_spans


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, or a row of a table, with its number over all materials; ``span`` lies in its material's text."""

    number: int
    source: str
    text: str
    span: Span


def number_lines(materials: Iterable[Material]) -> tuple[Line, ...]:
    """Return the sentences of all materials in order, numbered from 1."""
    spans = ((m, span) for m in materials for span in sentence_spans(m.text))
    return tuple(Line(n, m.name, span.of(m.text), span) for n, (m, span) in enumerate(spans, 1))


def cut_windows(lines: Sequence[Line], zi: int) -> Iterator[tuple[Line, ...]]:
    """Yield windows of at most about ``zi`` 字, a material's end preferred where it is near."""
    window: list[Line] = []
    size = 0
    for line in lines:
        length = count_zi(line.text)
        other = bool(window) and window[-1].source != line.source and size > zi // 2
        if window and (size + length > zi or other):
            yield tuple(window)
            window, size = [], 0
        window.append(line)
        size += length
    if window:
        yield tuple(window)
