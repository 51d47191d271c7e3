"""From the tree of a speech to pieces of a paragraph's size, each with its role and the headings above it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from rag_speech.speech.frame import cut_lines
from rag_speech.speech.walk import all_parts
from rag_speech.types import Chunk, Part, Role, Span, Speech

MAX_ZI = 350
"""A longer paragraph is cut at a sentence end, in 字."""
_LEAST = 80
"""A cut leaves at least this much on either side, in 字."""
_SENTENCE = re.compile(r"[。！？!?][”’」』）)]*")
_CLAUSE = re.compile(r"[；，]")
_FRAME = ("title", "subtitle", "caption", "salutation", "thanks")


@dataclass(frozen=True, slots=True)
class _Section:
    """From ``start`` on, the text belongs to ``role`` under ``headings``."""

    start: int
    role: Role
    headings: tuple[str, ...]


def chunk(
    speech: Speech, text: str, *, speech_id: str = "", occasion: str = "", level: str = ""
) -> list[Chunk]:
    """Cut ``text``, from which ``speech`` was parsed, into chunks; every span lies in ``text``.

    Together the chunks hold every spoken word once, in order; title, salutation, thanks and headings on lines of
    their own are not in them. A speech without numbered parts has its middle paragraphs as points.
    """
    sections = _sections(speech, text)
    starts = [s.start for s in sections]
    pieces = []
    for span in _stretches(speech, text):
        section = sections[max(bisect_right(starts, span.start) - 1, 0)]
        pieces += [(section, piece) for piece in _cut(text, span)]
    return [
        Chunk(
            id=f"{speech_id}-{number:03d}",
            speech_id=speech_id,
            role=section.role,
            text=span.of(text),
            span=span,
            headings=section.headings,
            occasion=occasion,
            level=level,
        )
        for number, (section, span) in enumerate(pieces, 1)
    ]


def _sections(speech: Speech, text: str) -> list[_Section]:
    """Return the sections in order of their place."""
    opening, closing = speech.opening, speech.closing
    found = [_Section(0, Role.OPENING, ())]
    if not speech.parts and len(opening.body) > 1 and (second := opening.body[1].span):
        found.append(_Section(second.start, Role.POINT, ()))
    found += [
        _Section(span.start, Role.TRANSITION, ()) for name, span in speech.spans if name == "transition"
    ]
    for part in speech.parts:
        found += _of_part(part, ())
    if closing.span and (closing.body or closing.children):
        found.append(_Section(closing.span.start, Role.CLOSING, ()))
        found += [s for c in closing.children for s in _of_part(c, (), Role.CLOSING)]
    return sorted((s for s in found if s.start <= len(text)), key=lambda s: s.start)


def _of_part(part: Part, above: tuple[str, ...], role: Role = Role.POINT) -> Iterator[_Section]:
    path = (*above, part.heading) if part.heading else above
    if part.placement == "inline" and (above or role is Role.CLOSING):
        path = above
    elif part.span:
        yield _Section(part.span.start, role, path)
    for child in part.children:
        yield from _of_part(child, path, role)


def _stretches(speech: Speech, text: str) -> Iterator[Span]:
    """Yield the spoken words: paragraphs without the frame and without headings that stand alone."""
    apart = {span.start: span for name, span in speech.spans if name in _FRAME or name == "transition"}
    frame = {span.start for name, span in speech.spans if name in _FRAME}
    headings = {
        part.span.start: part.span.start + len(part.marker + part.heading + part.stop)
        for part in all_parts(speech)
        if part.placement == "line" and part.level and part.span
    }
    first_parts = {p.span.start for p in speech.parts if p.span and p.placement == "inline"}
    for line in cut_lines(text):
        start, end = line.span.start, line.span.end
        if start in headings and headings[start] >= end:
            continue
        cuts = sorted(
            {start, end}
            | {at for at in first_parts if start < at < end}
            | {at for span in apart.values() for at in (span.start, span.end) if start < at < end}
        )
        for low, high in pairwise(cuts):
            stripped = text[low:high].strip()
            if stripped and low not in frame:
                begin = low + text[low:high].index(stripped)
                yield Span(begin, begin + len(stripped))


def _cut(text: str, span: Span, marks: re.Pattern[str] = _SENTENCE) -> Iterator[Span]:
    """Divide a long paragraph into pieces of about equal size that end with sentences, at worst with clauses."""
    size = span.end - span.start
    if size <= MAX_ZI:
        yield span
        return
    least = max(size / -(-size // MAX_ZI) * 0.85, _LEAST)
    start = span.start
    for found in [*marks.finditer(text, span.start, span.end), None]:
        end = found.end() if found else span.end
        if found is None or (end - start >= least and span.end - end >= _LEAST):
            piece = Span(start, end)
            start = end
            if piece.end - piece.start > MAX_ZI * 1.5 and marks is _SENTENCE:
                yield from _cut(text, piece, _CLAUSE)
            elif piece.start < piece.end:
                yield piece
