"""PDF files: lines found on the page by PDFium, then joined to paragraphs by where they stand."""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from rag_speech.ingest.readers.base import Document, Dropped, UnreadableError

MAX_PAGES = 1000
_TAIL = 16 * 1024
_NUMBER = re.compile(r"[—–\-\s·]*\d{1,4}[—–\-\s·]*|第?\s*\d{1,4}\s*页.{0,12}|\d{1,4}\s*/\s*\d{1,4}")
_NEW = re.compile(
    r"[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|\d{1,2}[.．、]|——|第[一二三四五六七八九十]，"
)
_ENDS = tuple("。！？：；”）…!?:;)")
_ORDINAL = re.compile("[一二三四五六七八九十]")
_SENTENCE = re.compile("[。！？：；](..)")
_OFTEN = 3  # paragraphs that begin alike
_EDGE = 0.12  # of the page's height, where page numbers and running heads stand
_SHORT = 2.3  # characters that a full line may fall short of the margin, because of rules for line ends
_SHORT_OPEN = 6.0  # the same when the line stops in mid-sentence
_INDENT = 0.8  # characters
_TYPE = 0.2  # of the usual size: more is another size of type
_GAP = 1.25  # of the usual line pitch
_SKIPPED = (0, 0xAD, 0xFFFE)  # no character; soft hyphen; PDFium's sign for a hyphen at a line's end
_HAN = r"[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f“”‘’—…]"
_GUESSED = "\x1f"  # stands for a space that PDFium guessed from a gap
_SPURIOUS = re.compile(rf"(?<={_HAN})\x1f|\x1f(?={_HAN})")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page; lengths in points, ``y`` is its baseline from the foot of the page."""

    text: str
    page: int
    left: float
    right: float
    y: float
    size: float
    edge: bool


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the text block of a page begins and ends, in points."""

    left: float
    right: float


@dataclass(frozen=True, slots=True)
class _Layout:
    """The frames by page, the usual size of a character and line pitch, and whether it indents."""

    frames: dict[int, _Frame]
    size: float
    pitch: float
    indented: bool


def read_pdf(data: bytes, name: str) -> Document:
    """Read a PDF: lines of one paragraph are joined, page numbers and running heads are dropped.

    Raises UnreadableError: damaged, cut off, locked with a password, over 1,000 pages, or no text (a scan).
    """
    if not data.startswith(b"%PDF-") and b"%PDF-" not in data[:1024]:
        raise UnreadableError(name, "damaged", "the file is not a PDF, or is damaged")
    if b"startxref" not in data[-_TAIL:]:
        raise UnreadableError(name, "damaged", "the PDF is cut off before its end")
    lines = _page_lines(data, name)
    if not lines:
        raise UnreadableError(
            name, "no_text", "the PDF has no text (a scan?); run text recognition on it first"
        )
    kept, dropped = _without_furniture(lines)
    return Document("\n".join(_paragraphs(kept)), {}, "pdf", "", name, dropped=tuple(dropped))


def _page_lines(data: bytes, name: str) -> list[_Line]:
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(data) as pdf:
            if len(pdf) > MAX_PAGES:
                raise UnreadableError(name, "too_large", f"the PDF has over {MAX_PAGES} pages")
            lines: list[_Line] = []
            for number in range(len(pdf)):
                page = pdf[number]
                text = page.get_textpage()
                lines += _lines_of(text, number, page.get_height(), pypdfium2.raw)
                text.close()
                page.close()
            return lines
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableError(name, "encrypted", "the PDF is locked with a password") from error
        raise UnreadableError(name, "damaged", "the PDF is damaged or cut off") from error


def _lines_of(page: Any, number: int, height: float, raw: Any) -> Iterator[_Line]:
    chars: list[tuple[str, int]] = []
    for at in range(page.count_chars() + 1):
        code = raw.FPDFText_GetUnicode(page.raw, at) if at < page.count_chars() else 10
        if code in (10, 13):
            if any(not c.isspace() for c, _ in chars):
                yield _line(page, chars, number, height, raw)
            chars = []
        elif code not in _SKIPPED:
            guessed = code == 32 and raw.FPDFText_IsGenerated(page.raw, at)
            chars.append((_GUESSED if guessed else chr(code), at))


def _line(page: Any, chars: list[tuple[str, int]], number: int, height: float, raw: Any) -> _Line:
    seen = [(c, at) for c, at in chars if not c.isspace()]
    first = page.get_charbox(seen[0][1], loose=True)
    last = page.get_charbox(seen[-1][1], loose=True)
    widths = [box[2] - box[0] for box in (page.get_charbox(at, loose=True) for at in _sample(seen))]
    size = max(1.0, median(widths) if widths else first[3] - first[1])
    edge = first[1] < height * _EDGE or first[3] > height * (1 - _EDGE)
    text = _SPURIOUS.sub("", "".join(c for c, _ in chars)).replace(_GUESSED, " ").strip()
    return _Line(text, number, first[0], last[2], _baseline(page, seen[0][1], raw), size, edge)


def _baseline(page: Any, at: int, raw: Any) -> float:
    """Unlike boxes, baselines do not change with the font that a character was taken from."""
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(page.raw, at, x, y)
    return y.value


def _sample(chars: list[tuple[str, int]]) -> list[int]:
    """Places of some Han characters: each is as wide as the type is high."""
    return [at for c, at in chars if "\u4e00" <= c <= "\u9fff"][:9]


def _without_furniture(lines: list[_Line]) -> tuple[list[_Line], list[Dropped]]:
    pages = len({line.page for line in lines})
    running = Counter(re.sub(r"\d+", "#", line.text) for line in lines if line.edge)
    kept: list[_Line] = []
    dropped: list[Dropped] = []
    for line in lines:
        if line.edge and _NUMBER.fullmatch(line.text):
            dropped.append(Dropped(line.text, "page number"))
        elif line.edge and pages > 2 and running[re.sub(r"\d+", "#", line.text)] > pages / 2:
            dropped.append(Dropped(line.text, "running head"))
        else:
            kept.append(line)
    return kept, dropped


def _paragraphs(lines: list[_Line]) -> list[str]:
    if not lines:
        return []
    layout = _layout(lines)
    joined = [_joins(before, line, layout) for before, line in pairwise(lines)]
    if not layout.indented:
        joined = _parted(lines, joined)
    found = [lines[0].text]
    for line, goes_on in zip(lines[1:], joined, strict=True):
        if goes_on:
            glue = " " if _latin(found[-1][-1]) and _latin(line.text[0]) else ""
            found[-1] += glue + line.text
        else:
            found.append(line.text)
    return found


def _parted(lines: list[_Line], joined: list[bool]) -> list[bool]:
    """Part a full line that ends a sentence from the next where that begins as other paragraphs do.

    Without indents nothing else tells them apart: 三是 between paragraphs that begin 二是 and 四是, or a beginning
    that many paragraphs have and no sentence within them.
    """
    keys = [_beginning(line.text) for line in lines[1:]]
    starts = [(at, keys[at]) for at, goes_on in enumerate(joined) if not goes_on]
    often = Counter([_beginning(lines[0].text), *(key for _, key in starts)])
    inside = Counter(_beginning(m[1]) for line in lines for m in _SENTENCE.finditer(line.text))
    parted = list(joined)
    for at, (key, goes_on) in enumerate(zip(keys, joined, strict=True)):
        if not goes_on or not lines[at].text.endswith(_ENDS):
            continue
        last = next((k for place, k in reversed(starts) if place < at), "")
        following = next((k for place, k in starts if place > at), "")
        common = often[key] >= _OFTEN and often[key] > inside[key]
        parted[at] = not (common or last == key == following)
    return parted


def _beginning(text: str) -> str:
    return _ORDINAL.sub("#", text[:2])


def _layout(lines: list[_Line]) -> _Layout:
    size = median(line.size for line in lines)
    frames = _frames(lines, size)
    pitches = [a.y - b.y for a, b in pairwise(lines) if a.page == b.page and a.y > b.y]
    indented = any(line.left - frames[line.page].left > _INDENT * size for line in lines)
    return _Layout(frames, size, median(pitches) if pitches else size * 1.6, indented)


def _joins(before: _Line, line: _Line, layout: _Layout) -> bool:
    """True when ``line`` goes on with the paragraph of the line before it."""
    frame, above = layout.frames[line.page], layout.frames[before.page]
    if abs(before.size - line.size) > _TYPE * layout.size:
        return False
    if before.page == line.page and before.y - line.y > _GAP * layout.pitch:
        return False
    if before.size > 1.15 * layout.size and _centred(before, above) and _centred(line, frame):
        return not line.text.startswith("——")
    if line.left - frame.left > _INDENT * layout.size:
        return False
    short = _SHORT if before.text.endswith(_ENDS) else _SHORT_OPEN
    if before.right < above.right - short * layout.size:
        return False
    return layout.indented or not (before.text.endswith(_ENDS) and _NEW.match(line.text))


def _centred(line: _Line, frame: _Frame) -> bool:
    middle = (frame.left + frame.right) / 2
    return abs((line.left + line.right) / 2 - middle) < line.size and line.left > frame.left + line.size


def _frames(lines: list[_Line], size: float) -> dict[int, _Frame]:
    """The text block of each page; a page of few lines takes the document's."""
    whole = _frame(lines, size)
    frames = {}
    for page in {line.page for line in lines}:
        own = [line for line in lines if line.page == page]
        frames[page] = _frame(own, size) if len(own) >= 10 else whole
    return frames


def _frame(lines: list[_Line], size: float) -> _Frame:
    lefts = sorted(line.left for line in lines)
    rights = sorted((line.right for line in lines), reverse=True)
    left = next((a for a, b in pairwise(lefts) if b - a < 0.3 * size), lefts[0])
    right = next((a for a, b in pairwise(rights) if a - b < 0.6 * size), rights[0])
    return _Frame(left, right)


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()
