"""Builds the tree of a speech from its paragraphs, in order, with a stack of open parts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from rag_speech.speech.frame import Line
from rag_speech.speech.numerals import Family, Marker, inline_markers
from rag_speech.speech.unnumbered import Unnumbered
from rag_speech.types import Paragraph, Part, Placement, Span

MAX_DEPTH = 6
"""Deeper nesting than this is not a speech; what comes deeper joins the deepest level."""
_HEADING_CHARS = 40
_LONGEST_HEADING = 90
"""A heading that has its line to itself, and no stop, may be this long."""
_CLAUSE_CHARS = 20
_STOP = re.compile(r"[。！？!?；;：:]")
_COMMA = re.compile("[，,]")
_RANK = {Family.HAN: 1, Family.HAN_PAREN: 2, Family.ARABIC: 3, Family.ARABIC_PAREN: 4, Family.CIRCLED: 4}
_GAP = 2
"""An inline series may have lost one numeral."""
_PREDECESSORS = {
    Family.ORDINAL: (Family.ORDINAL, Family.FIRST),
    Family.FIRST: (Family.FIRST, Family.SIDE),
    Family.IS: (Family.IS, Family.NEED),
    Family.NEED: (Family.IS, Family.NEED),
}
_HEADING = "heading"
_PARALLEL = "parallel"
_CALL = "call"


@dataclass(slots=True, eq=False)
class Node:
    """A part being built. ``series`` names what its siblings must be; ``ordinal`` is its number in it."""

    level: int
    series: str = ""
    ordinal: int = 0
    family: Family | None = None
    marker: str = ""
    heading: str = ""
    stop: str = ""
    placement: Placement = "line"
    after: int | None = None
    start: int = 0
    end: int = 0
    body: list[Paragraph] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)

    def part(self) -> Part:
        """Freeze the node; ``after`` stays only where it differs from 'after all paragraphs'."""
        children = tuple(c.part() for c in self.children)
        end = max(self.end, *(c.span.end for c in children if c.span), 0)
        return settle(
            Part(
                level=self.level,
                marker=self.marker,
                heading=self.heading,
                stop=self.stop,
                placement=self.placement,
                body=tuple(self.body),
                children=children,
                after=self.after,
                span=Span(self.start, end),
            )
        )


class Builder:
    """Takes lines in order and keeps the stack of open parts, outermost first."""

    def __init__(self, unnumbered: Unnumbered) -> None:
        self.root = Node(0)
        self.stack = [self.root]
        self.unnumbered = unnumbered
        self.promised = 0
        self.last_text = ""

    def line(self, index: int, line: Line, found: Marker | None, following: Marker | None) -> None:
        """Add a paragraph; ``found`` is the marker it begins with, ``following`` that of the next paragraph."""
        if found and self._starts_part(found, index, line):
            self._marked(found, line, following)
        elif index in self.unnumbered.headings:
            self._heading(index, line)
        elif index in self.unnumbered.parallel:
            self._bare(_PARALLEL, line, 0, "run_in")
            self._fill(line, 0, following)
        elif index in self.unnumbered.points:
            self._bare(_CALL, line, 0, "run_in")
            self._fill(line, 0, following)
        else:
            self._close_inline()
            self.stack[-1].end = line.span.end
            self._fill(line, 0, following, heading=False)

    # ------------------------------------------------------------------ markers at the start of a paragraph

    def _starts_part(self, marker: Marker, index: int, line: Line) -> bool:
        if marker.family is Family.LOST:
            return any(n.family and n.marker.endswith("、") for n in self.stack)
        if marker.family.strong or self._sibling(marker) is not None:
            return True
        if marker.ordinal != 1:
            return self._same_series(marker) is not None
        if self.unnumbered.continues(index, marker.family.series):
            return True
        return any(
            m.family.series == marker.family.series and m.ordinal == 2 for m in inline_markers(line.text)
        )

    def _marked(self, marker: Marker, line: Line, following: Marker | None) -> None:
        node = Node(0, marker.family.series, marker.ordinal, marker.family, marker.text, placement="run_in")
        if marker.family is Family.LOST:
            at = max(i for i, n in enumerate(self.stack) if n.family and n.marker.endswith("、"))
            before = self.stack[at]
            node.series, node.ordinal, node.family = before.series, before.ordinal + 1, before.family
            self._pop_to(at)
        else:
            sibling = self._sibling(marker)
            if sibling is None and (marker.ordinal != 1 or not self.last_text.endswith(("：", ":"))):
                sibling = self._same_series(marker)
            if sibling is not None:
                self._pop_to(sibling)
            else:
                self._close_inline()
                self._pop_lower_ranks(marker.family, marker.ordinal)
        self._open(node, line, 0)
        self._fill(line, len(marker.text), following)

    def _sibling(self, marker: Marker) -> int | None:
        """Return the stack index of the open part that ``marker`` continues."""
        for at in range(len(self.stack) - 1, 0, -1):
            node = self.stack[at]
            if _follows(node, marker):
                return at
        return None

    def _same_series(self, marker: Marker) -> int | None:
        for at in range(len(self.stack) - 1, 0, -1):
            if self.stack[at].series == marker.family.series:
                return at
        return None

    def _pop_lower_ranks(self, family: Family, ordinal: int) -> None:
        """Close parts that a new strong numbering cannot stand in: （一） after 1. belongs to the 一、 above."""
        rank = _RANK.get(family)
        if rank is None:
            return
        ranks = [_RANK.get(n.family, 0) if n.family else 0 for n in self.stack]
        above = [at for at, r in enumerate(ranks) if 0 < r < rank]
        if above and any(r > rank for r in ranks[above[-1] + 1 :]):
            del self.stack[above[-1] + 1 :]
        elif rank == 1 and len(self.stack) > 1 and self._opens_the_speech(self.stack[1], ordinal):
            del self.stack[1:]

    def _opens_the_speech(self, top: Node, ordinal: int) -> bool:
        """Whether 一、 begins the speech's parts, so that a series open before it belongs to the opening."""
        if top.series == _HEADING:
            return ordinal > 1
        return ordinal == 1 and top.family is not None and not top.family.strong

    # ------------------------------------------------------------------ headings and points without a marker

    def _heading(self, index: int, line: Line) -> None:
        first = next((n for n in self.stack[1:] if n.family is Family.HAN), None)
        node = Node(0, _HEADING, 0)
        if first is None:
            at = next((i for i, n in enumerate(self.stack) if n.series == _HEADING), None)
            del self.stack[at or 1 :]
        elif self.unnumbered.fills_gap(index, first.ordinal, self.promised):
            self._pop_to(self.stack.index(first))
            node.series, node.ordinal, node.family = first.series, first.ordinal + 1, first.family
        else:
            del self.stack[self.stack.index(first) + 1 :]
        self._open(node, line, 0)
        node.heading = line.text
        node.end = line.span.end
        self.last_text = line.text

    def _bare(self, series: str, line: Line, offset: int, placement: Placement) -> None:
        at = next((i for i, node in enumerate(self.stack) if node.series == series), None)
        if at is not None:
            self._pop_to(at)
        elif placement == "run_in":
            self._close_inline()
        self._open(Node(0, series, placement=placement), line, offset)

    # ------------------------------------------------------------------ the stack

    def _pop_to(self, at: int) -> None:
        del self.stack[at:]

    def _close_inline(self) -> None:
        while self.stack[-1].placement == "inline":
            self.stack.pop()

    def _open(self, node: Node, line: Line, offset: int) -> None:
        del self.stack[MAX_DEPTH:]
        parent = self.stack[-1]
        node.level = parent.level + 1
        node.start = line.start + offset
        if node.placement == "inline":
            node.after = len(parent.body)
        parent.children.append(node)
        self.stack.append(node)

    # ------------------------------------------------------------------ the words of a paragraph

    def _fill(self, line: Line, offset: int, following: Marker | None, *, heading: bool = True) -> None:
        """Give the words from ``offset`` to the open part, and open the series that stand in the middle."""
        text = line.text
        self.last_text = text
        cuts = self._inline_cuts(line, offset, following)
        first = cuts[0][0] if cuts else len(text)
        self._segment(line, offset, first, heading=heading, run_in=first < len(text))
        for place, (start, marker) in enumerate(cuts):
            end = cuts[place + 1][0] if place + 1 < len(cuts) else len(text)
            if marker is None:
                self._bare(_CALL, line, start, "inline")
                self._segment(line, start, end, heading=True, run_in=True)
                continue
            at = self._inline_sibling(marker)
            if at is not None:
                self._pop_to(at)
            node = Node(
                0, marker.family.series, marker.ordinal, marker.family, marker.text, placement="inline"
            )
            self._open(node, line, start)
            self._segment(line, marker.end, end, heading=True, run_in=True)

    def _inline_sibling(self, marker: Marker) -> int | None:
        at = self._sibling(marker)
        return self._same_series(marker) if at is None and marker.ordinal != 1 else at

    def _inline_cuts(
        self, line: Line, offset: int, following: Marker | None
    ) -> list[tuple[int, Marker | None]]:
        found = inline_markers(line.text, max(offset - 1, 0))
        cuts: list[tuple[int, Marker | None]] = [
            (at - line.start, None) for at in self.unnumbered.inline_points.get(line.start, ())
        ]
        if not found:
            return cuts
        second_later = {(following.family.series, following.ordinal)} if following else set()
        later: list[bool] = []
        for marker in reversed(found):
            later.append((marker.family.series, 2) in second_later)
            second_later.add((marker.family.series, marker.ordinal))
        last = {n.family: n.ordinal for n in self.stack[1:] if n.family}
        for marker, has_second in zip(found, reversed(later), strict=True):
            if marker.start < offset or is_last_wish(line.text, marker):
                continue
            before = max(
                (last[f] for f in _PREDECESSORS.get(marker.family, (marker.family,)) if f in last), default=9
            )
            if (marker.ordinal == 1 and has_second) or before < marker.ordinal <= before + _GAP:
                last[marker.family] = marker.ordinal
                cuts.append((marker.start, marker))
        return sorted(cuts, key=lambda cut: cut[0])

    def _segment(self, line: Line, start: int, end: int, *, heading: bool, run_in: bool) -> None:
        """Give ``line.text[start:end]`` to the innermost open part: its heading, and what follows it."""
        node, text = self.stack[-1], line.text
        node.end = line.start + end
        while start < end and text[start] in " 　":
            start += 1
        if heading and node is not self.root:
            size, stop = _heading_size(text, start, end)
            node.heading, node.stop = text[start : start + size], text[start + size : start + size + stop]
            start += size + stop
            if node.placement == "run_in" and not run_in and start >= end:
                node.placement = "line"
        if start < end:
            node.body.append(Paragraph(text[start:end], Span(line.start + start, line.start + end)))


def _follows(node: Node, marker: Marker) -> bool:
    """Whether ``marker`` is the next of the series that ``node`` is in."""
    if marker.text.startswith("最后"):
        return node.family is Family.FIRST and node.ordinal in (2, 3)
    if marker.family is Family.FIRST and marker.ordinal > 1:
        return node.family in (Family.FIRST, Family.SIDE) and node.ordinal + 1 == marker.ordinal
    return node.series == marker.family.series and node.ordinal + 1 == marker.ordinal


def is_last_wish(text: str, marker: Marker) -> bool:
    """Whether 最后，begins a wish or an appeal and is not the last of a series."""
    return marker.text.startswith("最后") and text.startswith(("祝", "预祝", "我", "让我们"), marker.end)


def _heading_size(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the lengths of the heading at ``start`` and of the punctuation that closes it."""
    found = _STOP.search(text, start, min(end, start + _HEADING_CHARS + 1))
    if found:
        return found.start() - start, 1
    if end - start <= _HEADING_CHARS:
        closed = end > start and text[end - 1] in "，,"
        return (end - start - 1, 1) if closed else (end - start, 0)
    if end == len(text) and end - start <= _LONGEST_HEADING and not _STOP.search(text, start):
        return end - start, 0
    comma = _COMMA.search(text, start, start + _CLAUSE_CHARS + 1)
    return (comma.start() - start, 1) if comma else (0, 0)


def settle(part: Part) -> Part:
    """Write ``after`` as None where it means 'after all paragraphs'."""
    count = len(part.body)
    late = [c.after is not None and c.after >= count for c in part.children]
    children = tuple(replace(c, after=None) if at else c for c, at in zip(part.children, late, strict=True))
    return replace(part, children=children)
