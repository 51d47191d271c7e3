"""Paragraphs and sentences that are too long to be read aloud, and broken lines (S-PARA, S-SENT, S-BREAK)."""

from __future__ import annotations

import re
from itertools import pairwise

from rag_speech.checks.base import CheckContext
from rag_speech.checks.scan import finding
from rag_speech.checks.scrape import clean_view
from rag_speech.speech.walk import all_parts
from rag_speech.types import Finding, Severity, Span
from rag_speech.zh.text import count_zi, lines

LONG_PARAGRAPH, VERY_LONG_PARAGRAPH, LONG_SENTENCE = 450, 700, 120
"""字 from which a paragraph or sentence is hard to read aloud."""

_SOURCE = "口头宣读的段落、句长惯例"
_END = "。！？!?；;：:…”’」）)》】"
_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]*")
_BROKEN_CHARS = 40
"""A line of at least this many 字 is no heading, so it must end with punctuation."""


def check_paragraphs(context: CheckContext) -> list[Finding]:
    """Long paragraphs and sentences."""
    text, out = context.text, []
    for line in lines(clean_view(text)):
        zi = count_zi(line.of(text))
        if zi > LONG_PARAGRAPH:
            severity = Severity.P2 if zi > VERY_LONG_PARAGRAPH else Severity.P3
            message = f"这一段{zi}字，念起来没有停顿的地方。"
            at = (line.start, line.end)
            out.append(
                finding(
                    text,
                    "S-PARA",
                    severity,
                    at,
                    message=message,
                    suggestion="按意思分成两三段。",
                    source=_SOURCE,
                )
            )
        if zi > LONG_SENTENCE:
            out += _long_sentences(text, line)
    return out


def _long_sentences(text: str, line: Span) -> list[Finding]:
    out = []
    for m in _SENTENCE.finditer(text, line.start, line.end):
        zi = count_zi(m.group())
        if zi > LONG_SENTENCE:
            message = f"这一句{zi}字，一口气念不完。"
            out.append(
                finding(
                    text,
                    "S-SENT",
                    Severity.P3,
                    m.span(),
                    message=message,
                    suggestion="拆成短句。",
                    source=_SOURCE,
                )
            )
    return out


def check_breaks(context: CheckContext) -> list[Finding]:
    """A line that ends in the middle of a sentence (S-BREAK)."""
    text = context.text
    every = list(lines(clean_view(text)))
    heads = {s.start for name, s in context.speech.spans if name != "transition"}
    heads |= {p.span.start for p in all_parts(context.speech) if p.span and p.placement == "line"}
    out = []
    for line, following in pairwise(every):
        shown = line.of(text)
        if line.start in heads or shown[-1] in _END:
            continue
        if count_zi(shown) < _BROKEN_CHARS and "。" not in shown:
            continue
        clause = max(shown.rfind(c) for c in "，。；：、！？,;") + 1
        start = line.start + min(clause, len(shown) - 1)
        end = min(following.end, following.start + 6)
        out.append(
            finding(
                text,
                "S-BREAK",
                Severity.P2,
                (start, end),
                message="一句话没完就断了行。",
                suggestion="接回上一行，或者补上标点。",
                source="段落完整",
            )
        )
    return out
