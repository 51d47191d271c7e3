"""A speech as the lines of a page: what each line is, and how much of it is a heading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from rag_speech.speech.numerals import Family, read_marker
from rag_speech.speech.walk import blocks
from rag_speech.types import Part, Speech


class Kind(StrEnum):
    """What a line is."""

    TITLE = "title"
    SUBTITLE = "subtitle"
    CAPTION = "caption"
    SALUTATION = "salutation"
    HEADING = "heading"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of the page.

    ``start`` is its offset in the text of :func:`rag_speech.speech.render.render`; ``head`` counts the characters
    at its beginning that are a heading of ``rank`` 1 (一、) to 4 (（1）); ``part`` is 0 before the first main part
    and in the closing ``-1``.
    """

    kind: Kind
    text: str
    start: int = 0
    head: int = 0
    rank: int = 0
    part: int = 0


_RANKS = {Family.HAN: 1, Family.HAN_PAREN: 2, Family.ARABIC: 3, Family.ARABIC_PAREN: 4}
_SENTENCE = "。！？!?；;"


def page_lines(speech: Speech) -> tuple[Line, ...]:
    """Return the lines of a speech in page order; their texts joined by line ends are its canonical text."""
    lines = [Line(Kind.TITLE, speech.title), Line(Kind.SUBTITLE, speech.subtitle)]
    lines += [Line(Kind.CAPTION, text) for text in speech.caption]
    lines.append(Line(Kind.SALUTATION, speech.salutation))
    body: list[Line] = []
    _write(speech.opening, body, 0)
    if speech.transition:
        if speech.transition_run_in and body:
            body[-1] = _longer(body[-1], speech.transition)
        else:
            body.append(Line(Kind.BODY, speech.transition))
    for number, part in enumerate(speech.parts, 1):
        own: list[Line] = []
        _write(part, own, number)
        if part.placement == "inline" and body and own:
            body[-1] = _longer(body[-1], own.pop(0).text)
        body += own
    lines += body
    closing: list[Line] = []
    _write(speech.closing, closing, -1)
    lines += [*closing, Line(Kind.BODY, speech.thanks, part=-1)]
    return tuple(_placed(line for line in lines if line.text))


def _placed(lines: Iterator[Line]) -> Iterator[Line]:
    at = 0
    for line in lines:
        yield replace(line, start=at)
        at += len(line.text) + 1


def _write(part: Part, lines: list[Line], number: int) -> None:
    """Add a part's lines; the same walk as in :func:`rag_speech.speech.walk.part_lines`."""
    head = part.marker + part.heading + part.stop
    joins = False
    if part.placement == "inline" and lines:
        lines[-1] = _longer(lines[-1], head)
        joins = True
    elif head:
        lines.append(_headed(part, head, number))
        joins = part.placement != "line"
    for block in blocks(part):
        if isinstance(block, Part):
            _write(block, lines, number)
        elif joins:
            lines[-1] = _longer(lines[-1], block.text)
        else:
            lines.append(Line(Kind.BODY, block.text, part=number))
        joins = False


def _headed(part: Part, head: str, number: int) -> Line:
    rank = _rank(part)
    if part.placement == "line" and rank and not (rank > 2 and part.stop in tuple(_SENTENCE)):
        return Line(Kind.HEADING, head, 0, len(head), rank, number)
    return Line(Kind.BODY, head, 0, len(head) if rank else 0, rank, number)


def _rank(part: Part) -> int:
    """Return the rank of a heading by its numeral (GB/T 9704 7.3.3); 0 for a plain sentence."""
    if not part.marker:
        return min(part.level, 4) if part.placement == "line" else 0
    marker = read_marker(part.marker + part.heading)
    family = marker.family if marker else None
    if family in _RANKS:
        return _RANKS[family]
    if family is Family.LOST or (family is Family.ORDINAL and part.placement == "line" and not part.stop):
        return min(part.level, 4)
    return 0


def _longer(line: Line, text: str) -> Line:
    """A heading that goes on in its line is a paragraph that begins with it."""
    kind = Kind.BODY if line.kind is Kind.HEADING else line.kind
    return replace(line, kind=kind, text=line.text + text)
