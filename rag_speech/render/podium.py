"""What a reading copy has beyond the page: sentences kept together, minutes a part, pinyin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag_speech.render.page import Kind, Line
from rag_speech.zh.text import SPEAKING_RATE, count_zi

MAX_LINES = 5
"""Lines of a paragraph that still may be kept together; longer ones are cut at sentence ends."""
_ENDS = "。！？!?"
_CLOSERS = "”’》）)」』"
_SPOKEN = (Kind.SALUTATION, Kind.HEADING, Kind.BODY)


def cut_at_sentences(line: Line, columns: int) -> list[Line]:
    """Return a long paragraph in pieces of whole sentences; the pieces joined give it back."""
    limit = MAX_LINES * columns
    if len(line.text) <= limit or line.kind is not Kind.BODY:
        return [line]
    pieces: list[str] = []
    for sentence in _sentences(line.text):
        if pieces and len(pieces[-1]) + len(sentence) <= limit:
            pieces[-1] += sentence
        else:
            pieces.append(sentence)
    out, at = [], 0
    for piece in pieces:
        head = max(0, min(line.head - at, len(piece)))
        out.append(replace(line, text=piece, start=line.start + at, head=head))
        at += len(piece)
    return out


def _sentences(text: str) -> Iterator[str]:
    start = at = 0
    while at < len(text):
        if text[at] in _ENDS:
            at += 1
            while at < len(text) and text[at] in _ENDS + _CLOSERS:
                at += 1
            yield text[start:at]
            start = at
        else:
            at += 1
    if start < len(text):
        yield text[start:]


def minute_marks(lines: Sequence[Line]) -> dict[int, str]:
    """Return the mark that stands before a line, by its index: the whole length first, then each main part's."""
    spoken: dict[int, int] = {}
    for line in lines:
        if line.kind in _SPOKEN:
            spoken[line.part] = spoken.get(line.part, 0) + count_zi(line.text)
    total = sum(spoken.values())
    marks: dict[int, str] = {}
    done = 0
    seen: set[int] = set()
    for index, line in enumerate(lines):
        if line.kind not in _SPOKEN or line.part in seen:
            continue
        seen.add(line.part)
        own = spoken[line.part]
        done += own
        if not marks:
            marks[index] = f"全文{total}字，约{_minutes(total)}分钟；开头约{_minutes(own)}分钟"
        else:
            name = "结尾" if line.part < 0 else "本部分"
            marks[index] = f"{name}约{_minutes(own)}分钟，讲完累计{_minutes(done)}分钟"
    return marks


def _minutes(zi: int) -> str:
    return f"{zi / SPEAKING_RATE:.1f}".removesuffix(".0")
