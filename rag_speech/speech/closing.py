"""Where the closing of a speech begins."""

from __future__ import annotations

from bisect import bisect_right

from rag_speech.speech.building import is_last_wish
from rag_speech.speech.frame import Line, is_bare, is_closing_cue, is_wish
from rag_speech.speech.numerals import Family, Marker
from rag_speech.speech.unnumbered import Unnumbered


def closing_start(lines: tuple[Line, ...], marks: list[Marker | None], unnumbered: Unnumbered) -> int:
    """Return the index of the line where the closing begins; their number when there is no closing."""
    heads = _heads(lines, marks, unnumbered)
    single = _single_lines_end(lines, marks, heads)
    for index in range(max(_last_top(marks, heads) + 1, 1), len(lines)):
        after = bisect_right(heads, index)
        if (after and heads[after - 1] == index) or not is_closing_cue(lines[index].text):
            continue
        later = marks[heads[after]] if after < len(heads) else None
        if after == len(heads) or (later and later.ordinal == 1 and lines[index].text.startswith("最后")):
            return min(index, single or index)
    last = len(lines) - 1
    if not single and last > max(heads, default=0) and is_wish(lines[last].text):
        return last
    return single or len(lines)


def _heads(lines: tuple[Line, ...], marks: list[Marker | None], unnumbered: Unnumbered) -> list[int]:
    """Return the lines that begin a part."""
    seen: set[str] = set()
    heads: list[int] = []
    for index, mark in enumerate(marks):
        if mark is None:
            if index in unnumbered.headings or index in unnumbered.parallel or index in unnumbered.points:
                heads.append(index)
        elif mark.text.startswith("最后"):
            before = marks[heads[-1]] if heads else None
            if before and before.family is Family.FIRST and not is_last_wish(lines[index].text, mark):
                heads.append(index)
        elif (
            mark.family.strong
            or mark.family.series in seen
            or unnumbered.continues(index, mark.family.series)
        ):
            seen.add(mark.family.series)
            heads.append(index)
        elif mark.family is Family.LOST and heads:
            heads.append(index)
    return heads


def _last_top(marks: list[Marker | None], heads: list[int]) -> int:
    """Return the last line that begins a part of the first level; -1 when there is none."""
    if not heads:
        return -1
    numbered = next((h for h in heads if (m := marks[h]) and m.family is Family.HAN), heads[0])
    first = marks[numbered]
    if first is None:
        return heads[0]
    return max(h for h in heads if (m := marks[h]) is not None and m.family.series == first.family.series)


def _single_lines_end(lines: tuple[Line, ...], marks: list[Marker | None], heads: list[int]) -> int | None:
    """Return the line after a first level whose parts are one paragraph each; None when they are longer."""
    if len(heads) < 2 or heads[-1] - heads[0] != len(heads) - 1 or heads[-1] + 1 >= len(lines):
        return None
    series = {m.family.series if (m := marks[h]) else "" for h in heads}
    if len(series) != 1 or any(is_bare(lines[h].text) for h in heads):
        return None
    return heads[-1] + 1
