"""Small tools that every check family uses: lines and sentences with their spans, and making a finding."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag_speech.types import Finding, Severity, Span

_LINE = re.compile(r"[^\n]+")
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+[”’」』）)》]*|[^。！？!?；;\n]+\Z")
_SENTENCE_REACH = 400
_HALF = {ord("％"): "%", ord("．"): ".", ord("－"): "-", ord("，"): "，"}
_HALF |= {0xFF10 + d: str(d) for d in range(10)}
HAN = "㐀-䶿一-鿿"


def finding(
    text: str,
    code: str,
    severity: Severity,
    at: tuple[int, int],
    *,
    message: str,
    suggestion: str = "",
    rule: str = "",
    source: str = "",
    evidence: str = "",
    fix: str | None = None,
) -> Finding:
    """Return a finding on ``text[at[0]:at[1]]``; ``rule`` defaults to the code."""
    span = Span(*at)
    return Finding(
        code, severity, span, span.of(text), message, suggestion, rule or code, source, evidence, fix
    )


def absent(code: str, severity: Severity, message: str, suggestion: str = "", *, source: str = "") -> Finding:
    """Return a finding on something that the text as a whole lacks."""
    return Finding(code, severity, None, "", message, suggestion, code, source)


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


def quoted(words: str, most: int = 24) -> str:
    """Return ``words`` in quotation marks for a message, cut at ``most``; words that carry their own stay."""
    shown = words.replace("\n", "⏎")
    if len(shown) > most:
        shown = shown[:most] + "……" + ("”" if shown[0] == "“" else "")
    return shown if shown[:1] in {"“", "《"} else f"“{shown}”"
