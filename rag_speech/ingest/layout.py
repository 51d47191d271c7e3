"""Paragraphs that a page broke or ran together: hard-wrapped lines, titles on two lines, paragraphs parted by 　　 only."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag_speech.ingest.offsets import Edit
from rag_speech.speech.frame import is_closing_cue, is_salutation, is_thanks
from rag_speech.speech.numerals import read_marker

_NARROWEST = 24
"""Columns (a Han character has two) under which no page is wrapped."""
_FEWEST = 6
"""Lines from which a width can be told."""
_HEAD = 12
_FULL = 3
"""Lines that must be equally long."""
_CUT_FIGURE = re.compile(r"\d\.?$")
_TOLERANCE = 4
"""Columns that a full line may fall short: a mark or a figure that may not begin or be cut at a line's end."""
_JOINABLE = "，,、"
_CLOSED = "。！？!?；;：:…”）)》】」』.\"'"
_SENTENCE_END = "。！？；"
_INDENT = re.compile(r"[　 \t\xa0]*")
_WIDE_GAP = re.compile(r"[　\xa0]{2,}|[ \t　\xa0]{4,}")
_TITLE_END = re.compile(r"(?:讲话|发言|致辞|报告|主持词|总结|演讲|党课|讲话稿|发言稿)(?:提纲|要点|摘要)?$")
_TITLE_REST = re.compile(
    r"(?![—（(\-])[^，。；：！？]{2,40}(?:上|时|中|式|会)的?(?:主持)?(?:讲话|发言|致辞|报告|总结|演讲)(?:提纲|要点|稿)?$"
)
_TITLE_OPEN = re.compile(r"(?:在|关于)[^，。；：！？“”]{4,40}$|[^，。；：！？“”]{2,24}同志$")
_ORGAN = re.compile(r"(?:委员会|人民政府|办公室|[局委厅院])$")
_TITLE_LINES = 4

StandsTogether = Callable[[str, str], bool]
"""Whether two characters stand side by side inside an everyday word."""


@dataclass(frozen=True, slots=True)
class Wrap:
    """How a page was wrapped: ``width`` in columns, 0 when its lines are paragraphs; whether paragraphs are indented,
    or set apart by blank lines."""

    width: int = 0
    indented: bool = False
    spaced: bool = False

    def is_full(self, line: Row) -> bool:
        """Whether a line reaches the width, so that the next may go on with its paragraph."""
        return bool(self.width) and line.columns >= self.width - _TOLERANCE


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it stands on the page: its text without the space around it, its indent and its whole width in columns."""

    text: str
    indent: int
    columns: int
    after_blank: bool = False


def row(raw: str, *, after_blank: bool = False) -> Row:
    """Measure a raw line; half-width figures and letters take one column, the rest two."""
    space = _INDENT.match(raw)
    indent = columns_of(space.group()) if space else 0
    text = raw.strip()
    return Row(text, indent, indent + columns_of(text), after_blank)


def columns_of(text: str) -> int:
    """Return how many columns ``text`` takes."""
    return sum(
        1
        if c < "\u0300" or (unicodedata.east_asian_width(c) in ("Na", "H", "N") and c not in "“”‘’…—")
        else 2
        for c in text
    )


def wrap_of(rows: Sequence[Row]) -> Wrap:
    """Return how the page was wrapped: many lines equally long that stop in mid-sentence show it."""
    greeted = next((at for at, r in enumerate(rows[:_HEAD]) if is_salutation(r.text)), -1)
    rows = rows[greeted + 1 :]  # titles and captions have widths of their own
    width = _width(rows)
    full = [r for r in rows if width - _TOLERANCE <= r.columns <= width]
    long = [r for r in rows if r.columns * 2 >= width]
    cut = sum(r.text[-1] not in _CLOSED for r in full)
    if not width or len(full) * 2 < len(long) or cut * 2 < len(full) or cut < _FULL:
        return Wrap()
    indents = sum(2 <= r.indent <= 8 for r in rows)
    blanks = sum(r.after_blank for r in rows)
    return Wrap(width, 0 < indents < 0.7 * len(rows), 0 < blanks < 0.5 * len(rows))


def _width(rows: Sequence[Row]) -> int:
    """The greatest width that several lines reach and hardly one exceeds; 0 when there is none."""
    if len(rows) < _FEWEST:
        return 0
    sizes = sorted((r.columns for r in rows if r.columns >= _NARROWEST), reverse=True)
    for longer, width in enumerate(sizes):
        if longer * 10 > len(rows):
            return 0
        if sum(width - _TOLERANCE <= size <= width for size in sizes) >= _FULL:
            return width
    return 0


def is_broken(line: Row, following: Row, wrap: Wrap, together: StandsTogether) -> bool:
    """Whether the paragraph ``line`` was cut in two and goes on in ``following``.

    Without a wrapped page it takes two signs: the line does not end, and a sentence came before in it or a word is cut.
    """
    last = line.text[-1]
    if last in _JOINABLE:
        return True
    if wrap.width:
        return _goes_on(line, following, wrap)
    if last in _CLOSED or read_marker(following.text):
        return False
    if following.text[0] in "，。、；：！？）》”":
        return True
    ended = any(c in line.text for c in _SENTENCE_END)
    if read_marker(line.text) and not ended:
        return False
    goes_on = following.text[-1] in _CLOSED or len(following.text) > 40
    if not goes_on or (len(line.text) <= 40 and not ended):
        return False
    return ended or together(last, following.text[0])


def _goes_on(line: Row, following: Row, wrap: Wrap) -> bool:
    """Whether a wrapped line goes on in the next. An indent or a blank line tells where the page has them; else a full
    line goes on, unless the next begins as paragraphs do: of the sentences of a paragraph all but one end inside it."""
    if not wrap.is_full(line):
        return False
    if wrap.indented:
        return following.indent < 2
    if _CUT_FIGURE.search(line.text) and following.text[0].isdigit():
        return True
    if (wrap.spaced and following.after_blank) or read_marker(following.text):
        return False
    return line.text[-1] not in _CLOSED or not (
        is_thanks(following.text)
        or is_closing_cue(following.text)
        or is_salutation(line.text)
        or line.text[-1] in "：:"
    )


def is_title_broken(rows: Sequence[Row], at: int) -> bool:
    """Whether the title stands on two lines: the first opens one (在……, 某某同志), the second ends it (……上的讲话)."""
    if at + 1 >= min(len(rows), _TITLE_LINES + 1):
        return False
    first, second = rows[at].text, rows[at + 1].text
    if _TITLE_END.search(first) or not _TITLE_REST.fullmatch(second) or _ORGAN.search(first):
        return False
    if first.endswith("同志"):
        return bool(_TITLE_OPEN.fullmatch(first)) and second.startswith("在")
    return bool(_TITLE_OPEN.fullmatch(first)) and not second.startswith("在")


def parted(text: str) -> Iterator[Edit]:
    """Yield the ends of paragraphs that stand on one line and are parted by wide spaces only.

    A wide gap parts where a sentence or the salutation ends before it, where a numbered part begins after it, or where it
    follows a numbered heading; names (张　三) and captions stay.
    """
    for line in re.finditer(r"[^\n]+", text):
        raw = line.group()
        if "。" not in raw or not _WIDE_GAP.search(raw):
            continue
        start = 0
        for gap in _WIDE_GAP.finditer(raw):
            before, after = raw[start : gap.start()].strip(), raw[gap.end() :].lstrip()
            if not before or not after:
                continue
            ended = before[-1] in "。！？：:!?；”）)…"
            if ended or read_marker(after) or is_salutation(after) or _is_heading(before, after):
                yield Edit(line.start() + gap.start(), line.start() + gap.end(), "\n", "S-BREAK")
                start = gap.end()


def _is_heading(before: str, after: str) -> bool:
    marked = bool(read_marker(before)) and "。" not in before
    titled = bool(_TITLE_END.search(before)) and len(before) <= 60
    return (marked or titled) and len(after) > 8
