"""Worn phrases (family K): how dense they are, sentences stacked with them, sentences that say nothing."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from rag_speech.checks.base import CheckContext
from rag_speech.checks.rules_engine import cliche_phrases
from rag_speech.checks.scan import absent, finding
from rag_speech.checks.scrape import clean_view
from rag_speech.types import Finding, Severity, Span
from rag_speech.zh.text import count_zi, sentence_spans

if TYPE_CHECKING:
    import ahocorasick

DENSE, VERY_DENSE = 4.0, 7.0
"""Worn phrases per 1,000 字."""

EMPTY_SHARE = 0.10
"""Share of empty sentences that is too much."""

_SOURCE = "套话治理"
_STACK = 3
_EMPTY_CHARS = 12
_OBJECT = re.compile(
    r"\d|[一二三四五六七八九十百千万亿]+(?:个|项|名|户|家|天|次|月|年|日|%)|《|“|：|局|办|委|镇|乡|村|企业|群众|同志|大家|你们|我们|谁|老|学|人"
)
_ENDS = "。！？；!?;”"
"""A line without any of them is a heading, which need not say who does what."""
_FEW = 4
"""Worn phrases that say nothing yet about a text's density."""


@cache
def _phrases() -> ahocorasick.Automaton:
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for name, words in cliche_phrases().items():
        for word in words:
            automaton.add_word(word, (name, len(word)))
    automaton.make_automaton()
    return automaton


def worn_phrases(text: str) -> list[tuple[Span, str]]:
    """Return the worn phrases of ``text`` with the list each stands in (``set`` or ``machine``); any fragment."""
    return [(Span(last + 1 - n, last + 1), name) for last, (name, n) in _phrases().iter_long(text)]


def check_cliche(context: CheckContext) -> list[Finding]:
    """Density, stacked sentences, empty sentences, machine phrases."""
    text, view = context.text, clean_view(context.text)
    hits = worn_phrases(view)
    out = []
    zi = count_zi(view)
    density = 1000 * len(hits) / zi if zi else 0.0
    if density > DENSE and len(hits) >= _FEW:
        severity = Severity.P2 if density > VERY_DENSE else Severity.P3
        message = f"套话偏多：每千字{density:.1f}处。"
        out.append(absent("K-DENSITY", severity, message, "换成具体的人、事、数。", source=_SOURCE))
    for span, name in hits:
        if name == "machine":
            message = f"“{span.of(text)}”是机器腔。"
            at = (span.start, span.end)
            out.append(
                finding(
                    text,
                    "K-MACHINE",
                    Severity.P3,
                    at,
                    message=message,
                    suggestion="换成平实的说法。",
                    source=_SOURCE,
                )
            )
    return out + _sentences(text, view, [s for s, _ in hits])


def _sentences(text: str, view: str, hits: list[Span]) -> list[Finding]:
    out, empty, every = [], [], sentence_spans(view)
    at = 0
    for span in every:
        while at < len(hits) and hits[at].start < span.start:
            at += 1
        own = [h for h in hits[at : at + 20] if h.end <= span.end]
        if len(own) >= _STACK:
            message = f"一句里叠了{len(own)}处套话。"
            where = (span.start, span.end)
            out.append(
                finding(
                    text,
                    "K-STACK",
                    Severity.P3,
                    where,
                    message=message,
                    suggestion="留一处，其余换成实事。",
                    source=_SOURCE,
                )
            )
        if own and view[span.end - 1] in _ENDS and _is_empty(span, own, view):
            empty.append(span)
    if len(every) >= 10 and len(empty) / len(every) > EMPTY_SHARE:
        shown = "；".join(s.of(text)[:20] for s in empty[:3])
        message = f"空话占{len(empty) / len(every):.0%}：{shown}。"
        out.append(
            absent("K-EMPTY", Severity.P2, message, "每项要求写清谁、做什么、到什么时候。", source=_SOURCE)
        )
    return out


def _is_empty(span: Span, own: list[Span], view: str) -> bool:
    """Tell whether nothing concrete is left of a sentence once its worn phrases are taken out."""
    rest, last = "", span.start
    for hit in own:
        rest += view[last : hit.start]
        last = hit.end
    rest += view[last : span.end]
    return count_zi(rest) < _EMPTY_CHARS and not _OBJECT.search(rest)
