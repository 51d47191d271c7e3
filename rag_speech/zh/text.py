"""Counting and cutting Chinese text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag_speech.types import Span

SPEAKING_RATE = 180
"""字 a minute that a leader speaks; sources give 160-220."""

_LINE = re.compile(r"[^\n]+")
_SENTENCE_REACH = 400
_HALF = {ord("％"): "%", ord("．"): ".", ord("－"): "-", ord("，"): "，"}
_HALF |= {0xFF10 + d: str(d) for d in range(10)}
HAN = "㐀-䶿一-鿿"
_SPACE = re.compile(r"\s+")
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+[”’」』）)》]*|[^。！？!?；;\n]+\Z")


def count_zi(text: str) -> int:
    """Return the length of ``text`` in 字: every character that is not white space, punctuation included."""
    return len(_SPACE.sub("", text))


def sentences(text: str) -> list[str]:
    """Cut ``text`` after 。！？； and line ends; the pieces joined give the text back."""
    return [m.group() for m in _SENTENCE.finditer(text) if m.group()]


def as_sentence(text: str) -> str:
    """Return ``text`` with one full stop at its end; a quotation that ends on a stop of its own stays as it is."""
    bare = text.strip().rstrip("。；;，, ")
    return bare if re.search(r"[。！？][”’」』]$|[！？]$", bare) else f"{bare}。"


def minutes_of(zi: int, rate: int = SPEAKING_RATE) -> float:
    """Return the minutes that ``zi`` 字 take to speak."""
    return round(zi / rate, 1)


def half_width(text: str) -> str:
    """Return ``text`` with full-width digits and per cent signs narrowed; offsets stay the same."""
    return text.translate(_HALF)


def lines(text: str) -> Iterator[Span]:
    """Yield the span of every line that holds more than white space, without the space around it."""
    for match in _LINE.finditer(text):
        raw = match.group()
        left = len(raw) - len(raw.lstrip())
        if left < len(raw):
            yield Span(match.start() + left, match.start() + len(raw.rstrip()))


def sentence_spans(text: str) -> list[Span]:
    """Return the spans of the sentences of ``text`` (cut after 。！？； and line ends), trimmed."""
    spans = []
    for match in _SENTENCE.finditer(text):
        raw = match.group()
        left = len(raw) - len(raw.lstrip())
        if left < len(raw):
            spans.append(Span(match.start() + left, match.start() + len(raw.rstrip())))
    return spans


def sentence_around(text: str, at: int, stops: str = "。！？!?\n") -> Span:
    """Return the span of the sentence that holds offset ``at``, cut at 400 characters to either side."""
    low, high = max(0, at - _SENTENCE_REACH), min(len(text), at + _SENTENCE_REACH)
    start = max(low, *(text.rfind(c, low, at) + 1 for c in stops))
    ends = [e for c in stops if (e := text.find(c, at, high)) >= 0]
    return Span(start, min(ends) + 1 if ends else high)
