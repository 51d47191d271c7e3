"""What a speech announces and what it then says: headings, promises, length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag_speech.speech.numerals import Family, from_han, read_marker
from rag_speech.speech.parse import parse
from rag_speech.speech.promise import COUNTED, QUOTED
from rag_speech.speech.render import render
from rag_speech.speech.walk import blocks
from rag_speech.types import Part, Placement, Span, Speech
from rag_speech.zh.text import count_zi


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the outline with those below it."""

    level: int
    marker: str
    text: str
    placement: Placement
    children: tuple[Heading, ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    """A promised number of points: ``span`` lies in the parsed text, ``count`` is 0 for 几点.

    ``parts`` are the siblings that follow it, empty when no numbered series does. Source: DOMAIN S-PROMISE.
    """

    span: Span
    count: int
    noun: str
    parts: tuple[Part, ...]

    @property
    def kept(self) -> bool:
        """Whether as many points follow as were promised; 几点 is kept by any number above one."""
        return len(self.parts) == self.count if self.count else len(self.parts) > 1


def outline(speech: Speech, *, inline: bool = False) -> tuple[Heading, ...]:
    """Return the nested headings of the parts; ``inline`` also gives those in the middle of paragraphs."""
    return tuple(_heading(part, inline) for part in speech.parts)


def _heading(part: Part, inline: bool) -> Heading:
    children = tuple(_heading(c, inline) for c in part.children if inline or c.placement != "inline")
    return Heading(part.level, part.marker, part.heading, part.placement, children)


def speech_chars(speech: Speech | str) -> int:
    """Return the length in 字 of what is spoken: from the salutation to the last line of the closing."""
    if isinstance(speech, str):
        speech = parse(speech)
    return count_zi(render(replace(speech, title="", subtitle="", caption=())))


def promises(speech: Speech) -> list[Promise]:
    """Return every promise of a number of points, in the order of the text, with the points that follow."""
    found: list[Promise] = []
    top = () if speech.transition else speech.parts
    last = speech.opening.body[-1].span if speech.opening.body else None
    for owners, text, start, end in _pieces(speech.opening, ()):
        found += _in_piece(owners, text, start, end, top if last and start >= last.start else ())
    place = next((span for name, span in speech.spans if name == "transition"), None)
    if speech.transition and place:
        found += _in_piece((), speech.transition, place.start, place.end, speech.parts, transition=True)
    for part in (*speech.parts, speech.closing):
        for owners, text, start, end in _pieces(part, ()):
            found += _in_piece(owners, text, start, end, ())
    return found


def _pieces(part: Part, above: tuple[Part, ...]) -> Iterator[tuple[tuple[Part, ...], str, int, int]]:
    """Yield the stretches of words with the parts they stand in, innermost last, and their offsets."""
    owners = (*above, part)
    if part.heading and part.span:
        start = part.span.start + len(part.marker)
        yield owners, part.heading + part.stop, start, start + len(part.heading)
    for block in blocks(part):
        if isinstance(block, Part):
            yield from _pieces(block, owners)
        elif block.span:
            yield owners, block.text, block.span.start, block.span.end


def _in_piece(
    owners: tuple[Part, ...],
    text: str,
    start: int,
    end: int,
    top: tuple[Part, ...],
    *,
    transition: bool = False,
) -> list[Promise]:
    """Read the promises of one stretch; the last of them owns the series that follows the stretch."""
    spans: list[tuple[Span, int, str]] = []
    for match in COUNTED.finditer(text):
        noun = match.group("noun") or ""
        if noun or (transition and match.group("unit") in ("点", "条", "项", "个方面", "方面")):
            count = from_han(match.group("n")) or 0
            spans.append(
                (Span(start + match.start(), start + match.end()), count, noun or match.group("unit"))
            )
    if not spans:
        series = _series_after(owners, end, top)
        for match in QUOTED.finditer(text):
            count = from_han(match.group("n")) or 0
            if len(series) == count:
                return [
                    Promise(
                        Span(start + match.start(), start + match.end()), count, match.group("noun"), series
                    )
                ]
        return []
    parts = [()] * (len(spans) - 1) + [_series_after(owners, end, top)]
    return [Promise(span, count, noun, own) for (span, count, noun), own in zip(spans, parts, strict=True)]


def _series_after(owners: tuple[Part, ...], end: int, top: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the first run of siblings after offset ``end``: below the innermost part, or beside it when inline."""
    for at in range(len(owners) - 1, -1, -1):
        later = [c for c in owners[at].children if c.span and c.span.start >= end]
        if later:
            run = _first_run(later)
            inside = at + 1 < len(owners) and _kind(run[0]) == _kind(owners[at + 1])
            return () if inside else run
        if owners[at].placement != "inline" and owners[at].level:
            return ()
    return _first_run(list(top))


def _kind(part: Part) -> str:
    marker = read_marker(part.marker) if part.marker else None
    return marker.family.series if marker else ""


def _first_run(parts: list[Part]) -> tuple[Part, ...]:
    """Return the leading parts that belong to one numbered series; a lost numeral does not break it."""
    run: list[Part] = []
    for part in parts:
        marker = read_marker(part.marker) if part.marker else None
        if run and not (marker and marker.family is Family.LOST):
            first = read_marker(run[0].marker) if run[0].marker else None
            same = (marker.family.series if marker else "") == (first.family.series if first else "")
            if not same or (marker and marker.ordinal == 1):
                break
        run.append(part)
    return tuple(run)
