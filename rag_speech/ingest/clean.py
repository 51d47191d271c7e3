"""From a scraped page to the speech that was given: nothing that is not the speech, not one sentence less."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rag_speech.checks.placeholders import placeholders
from rag_speech.checks.scrape import injected, scrubbed
from rag_speech.ingest.background import Background, bundled_background, injected_words
from rag_speech.ingest.lines import INLINE_META, is_broken, judge_lines, wrap_width
from rag_speech.ingest.offsets import Edit, OffsetMap, apply_edits
from rag_speech.ingest.punctuation import character_edits, line_edits
from rag_speech.types import Finding, Span

MAX_ROUNDS = 12
"""Rounds until nothing changes; real pages need two."""
_LINE = re.compile(r"[^\s][^\n]*")
_BOOKMARK = re.compile(r"\[bookmark[^\]\n]*\]?[ \t]*")
_SCRUB_SIGN = re.compile(
    r"(?m:^[ 　]*同志[曾就在指强说要])|高度一致|以为核心|在的|[实彻]关于|重要讲话精神|[A-WYZ][工热书县市区镇乡局办村]"
)
_PLACE_SIGN = re.compile(r"[XＸ×xｘ*＊○〇_＿\[{<]|某某|待|此处|插入|填写|补充")


@dataclass(frozen=True, slots=True)
class Removal:
    """What was done to ``fragment``, the stretch ``span`` of the original, and why.

    ``code`` is the class of the defect (E-META, E-RELATED, E-DUP, E-AD, E-SEO, E-SCRUB, D-PLACE, P-HALF, P-SPACE,
    P-CTRL, S-BREAK); ``replacement`` is what stands there now. Flagged text stays.
    """

    span: Span
    code: str
    fragment: str
    action: Literal["removed", "flagged", "replaced"]
    replacement: str = ""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The cleaned text, one paragraph a line, what was changed, and where each character came from."""

    text: str
    removals: tuple[Removal, ...]
    offsets: OffsetMap


def clean(text: str, background: Background | None = None) -> Cleaned:
    """Clean a document's text. Cleaning the result again changes nothing; linear in the length of the text.

    ``background`` says what is at home in speeches (default: the bundled ones).
    """
    background = background or bundled_background()
    original, offsets = text, OffsetMap()
    removals: list[Removal] = []
    steps: tuple[Callable[[str], list[Edit]], ...] = (
        lambda t: list(character_edits(t)),
        _meta_edits,
        _layout_edits,
        lambda t: _inline_edits(t, background),
    )
    for _ in range(MAX_ROUNDS):
        before = text
        for step in steps:
            edits = step(text)
            if not edits:
                continue
            removals += [
                Removal(span, e.code, span.of(original), "replaced" if e.put else "removed", e.put)
                for e in edits
                if e.code and (span := offsets.span(Span(e.start, e.end)))
            ]
            text, offsets = apply_edits(text, edits, offsets)
        if text == before:
            break
    for found in _flags(text):
        if found.span:
            span = offsets.span(found.span)
            removals.append(Removal(span, found.code, span.of(original), "flagged"))
    return Cleaned(text, tuple(sorted(removals, key=lambda r: (r.span, r.code))), offsets)


def _meta_edits(text: str) -> list[Edit]:
    """Take site marks out of the lines they stand in, before lines are joined."""
    edits = [Edit(*m.span(), "", "E-META") for m in INLINE_META.finditer(text)]
    if "[bookmark" in text:
        edits += [Edit(*m.span(), "", "D-PLACE") for m in _BOOKMARK.finditer(text)]
    return sorted(edits, key=lambda e: e.start)


def _layout_edits(text: str) -> list[Edit]:
    """Drop the lines that are not the speech, join broken ones, and leave one line end between paragraphs."""
    matches = list(_LINE.finditer(text))
    lines = [m.group().rstrip() for m in matches]
    verdict = judge_lines(lines)
    width = wrap_width(lines)
    edits: list[Edit] = []
    at, last = 0, -1
    for index, match in enumerate(matches):
        start, end = match.start(), match.start() + len(lines[index])
        if index in verdict:
            edits += _gap(text, at, start)
            edits.append(Edit(start, end, "", verdict[index]))
            at = end
            continue
        if last < 0:
            edits += _gap(text, at, start)
        else:
            broken = is_broken(lines[last], lines[index], width)
            edits += _gap(text, at, start, "" if broken else "\n", "S-BREAK" if broken else "")
        at, last = end, index
    return edits + _gap(text, at, len(text))


def _gap(text: str, start: int, end: int, put: str = "", code: str = "") -> list[Edit]:
    return [Edit(start, end, put, code)] if text[start:end] != put else []


def _inline_edits(text: str, background: Background) -> list[Edit]:
    edits: list[Edit] = []
    at = 0
    for line in text.split("\n"):
        edits += line_edits(line, at)
        at += len(line) + 1
    words = [Edit(s.start, s.end, "", "E-SEO") for s in injected_words(text, background)]
    return sorted(words + edits, key=lambda e: e.start)


def _flags(text: str) -> list[Finding]:
    found: list[Finding] = []
    if _PLACE_SIGN.search(text):
        found += placeholders(text)
    if _SCRUB_SIGN.search(text):
        found += scrubbed(text)
    return found + injected(text)
