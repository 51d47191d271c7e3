"""Parts without a numeral: standing headings, parallel paragraphs after a promise, short calls inside them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from rag_speech.speech.frame import Line, is_bare
from rag_speech.speech.numerals import Family, Marker
from rag_speech.speech.promise import COUNTED

_HEADING_CHARS = 60
_FIRST_SENTENCE = 30
_ANCHOR = 3
_PREFIX = 2
_OPENING_SENTENCE = re.compile(rf"([^。：！？；\n]{{4,{_FIRST_SENTENCE}}})[。：]")
_CALL = re.compile(r"(?:(?<=[。！？”])|\A)要[^，。；：、！？“”]{3,12}。")
_GROUP = 3


@dataclass(frozen=True, slots=True)
class Unnumbered:
    """What stands in for markers, by line index. ``inline_points`` maps a line's start to offsets in the text."""

    headings: frozenset[int] = frozenset()
    parallel: dict[int, int] = field(default_factory=dict)
    points: frozenset[int] = frozenset()
    inline_points: dict[int, tuple[int, ...]] = field(default_factory=dict)
    seconds: frozenset[tuple[int, str]] = frozenset()
    next_han: dict[int, int] = field(default_factory=dict)

    def continues(self, index: int, series: str) -> bool:
        """Whether the series that begins in line ``index`` has its second member at the start of a later line."""
        return (index, series) in self.seconds

    def fills_gap(self, index: int, last: int, promised: int) -> bool:
        """Whether the heading in line ``index`` stands where the 一、 numbering lost its numeral."""
        following = self.next_han.get(index)
        return following == last + 2 if following else last < promised


def find_unnumbered(lines: tuple[Line, ...], marks: list[Marker | None]) -> Unnumbered:
    """Find the parts that have no numeral among the body's lines; ``marks`` are the lines' own markers."""
    headings = frozenset(
        index
        for index, line in enumerate(lines)
        if marks[index] is None and index + 1 < len(lines) and _is_heading(line.text, lines[index + 1].text)
    )
    seconds: set[tuple[int, str]] = set()
    ahead: set[str] = set()
    next_han: dict[int, int] = {}
    han = 0
    for index in range(len(lines) - 1, -1, -1):
        mark = marks[index]
        if mark is None:
            if index in headings:
                next_han[index] = han
            continue
        if mark.family is Family.HAN:
            han = mark.ordinal
        series = mark.family.series
        if mark.ordinal == 2:
            ahead.add(series)
        elif mark.ordinal == 1:
            if series in ahead:
                seconds.add((index, series))
            ahead.discard(series)
    parallel = _parallel(lines, marks, headings)
    points, inline = _calls(lines, marks, headings, sorted(parallel)) if parallel else (frozenset[int](), {})
    return Unnumbered(headings, parallel, points, inline, frozenset(seconds), next_han)


def _is_heading(text: str, following: str) -> bool:
    return (
        len(text) >= 4
        and is_bare(text, _HEADING_CHARS)
        and len(following) > len(text)
        and text[-1] not in "”）)》.…"
    )


def _parallel(
    lines: tuple[Line, ...], marks: list[Marker | None], headings: frozenset[int]
) -> dict[int, int]:
    """Find three or more unmarked paragraphs that begin in one frame, after a paragraph that announces them."""
    found: dict[int, int] = {}
    groups: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for index in range(len(lines) + 1):
        mark = marks[index] if index < len(lines) else None
        if (
            index == len(lines)
            or index in headings
            or (mark and mark.family in (Family.HAN, Family.HAN_PAREN))
        ):
            for group in groups.values():
                if len(group) >= _GROUP and _announced(lines, group) and _share_frame([s for _, s in group]):
                    found |= {at: ordinal for ordinal, (at, _) in enumerate(group, 1)}
            groups.clear()
        elif mark is None:
            first = _OPENING_SENTENCE.match(lines[index].text)
            if first and len(lines[index].text) > first.end():
                groups[first.group(1)[:_PREFIX]].append((index, first.group(1)))
    return found


def _announced(lines: tuple[Line, ...], group: list[tuple[int, str]]) -> bool:
    at = group[0][0]
    before = lines[at - 1].text if at else ""
    return before.endswith(("：", ":")) or COUNTED.search(before, max(len(before) - 60, 0)) is not None


def _share_frame(sentences: list[str]) -> bool:
    first, others = sentences[0][_PREFIX:], [s[_PREFIX:] for s in sentences[1:]]
    return any(
        all(first[at : at + _ANCHOR] in other for other in others) for at in range(len(first) - _ANCHOR + 1)
    )


def _calls(
    lines: tuple[Line, ...], marks: list[Marker | None], headings: frozenset[int], starts: list[int]
) -> tuple[frozenset[int], dict[int, tuple[int, ...]]]:
    """Find the short calls (要甘居幕后。) that divide a parallel paragraph and the paragraphs after it."""
    points: set[int] = set()
    inline: dict[int, tuple[int, ...]] = {}
    for place, start in enumerate(starts):
        stop = starts[place + 1] if place + 1 < len(starts) else len(lines)
        calls: list[tuple[int, int]] = []
        for index in range(start, stop):
            if index > start and (marks[index] or index in headings):
                break
            text = lines[index].text
            calls += [(index, m.start()) for m in _CALL.finditer(text) if m.end() < len(text)]
        if len(calls) < _GROUP:
            continue
        for index, at in calls:
            if at == 0 and index != start:
                points.add(index)
            elif at:
                line = lines[index]
                inline[line.start] = (*inline.get(line.start, ()), line.start + at)
    return frozenset(points), inline
