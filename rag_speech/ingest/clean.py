"""From a scraped page to the speech that was given: nothing that is not the speech, not one sentence less."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rag_speech.checks.placeholders import placeholders
from rag_speech.checks.scrape import injected, scrubbed
from rag_speech.errors import InputError
from rag_speech.ingest.background import Background, bundled_background, injected_words
from rag_speech.ingest.inline import site_marks
from rag_speech.ingest.layout import is_broken, is_title_broken, parted, row, wrap_of
from rag_speech.ingest.lines import judge_lines
from rag_speech.ingest.obscured import obscured
from rag_speech.ingest.offsets import Edit, OffsetMap, apply_edits
from rag_speech.ingest.punctuation import character_edits, line_edits
from rag_speech.ingest.traditional import to_simplified
from rag_speech.types import Finding, Span
from rag_speech.zh.text import lines as line_spans

MAX_ROUNDS = 12
"""Rounds until nothing changes; real pages need two."""
_LINE = re.compile(r"[^\n]*\S[^\n]*")
_SCRUB_SIGN = re.compile(
    r"(?m:^[ 　]*同志[曾就在指强说要])|高度一致|以为核心|在的|[实彻]关于|重要讲话精神|[A-WYZ][工热书县市区镇乡局办村]"
)
_PLACE_SIGN = re.compile(r"[XＸ×xｘ*＊○〇_＿\[{<]|某某|待|此处|插入|填写|补充")


@dataclass(frozen=True, slots=True)
class Removal:
    """What was done to ``fragment``, the stretch ``span`` of the original, and why.

    ``code`` is the class of the defect (E-META, E-RELATED, E-DUP, E-AD, E-SEO, E-SCRUB, D-PLACE, P-HALF, P-SPACE,
    P-CTRL, P-TRAD, S-BREAK); ``replacement`` is what stands there now. Flagged text stays.
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

    ``background`` says what is at home in speeches (default: the bundled ones). Raises InputError when ``text`` is no
    string.
    """
    if not isinstance(text, str):
        raise InputError(f"Only text can be cleaned, not {type(text).__name__}")
    background = background or bundled_background()
    original, offsets = text, OffsetMap()
    removals: list[Removal] = []
    steps: tuple[Callable[[str], list[Edit]], ...] = (
        lambda t: list(character_edits(t)),
        lambda t: to_simplified(t)[0],
        lambda t: list(parted(t)),
        site_marks,
        lambda t: obscured(t, background),
        lambda t: _layout_edits(t, background),
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
    for code, found in _flags(text):
        span = offsets.span(found)
        removals.append(Removal(span, code, span.of(original), "flagged"))
    return Cleaned(text, tuple(sorted(removals, key=lambda r: (r.span, r.code))), offsets)


def _layout_edits(text: str, background: Background) -> list[Edit]:
    """Drop the lines that are not the speech, join broken ones, and leave one line end between paragraphs."""
    matches = list(_LINE.finditer(text))
    ends = [0, *(m.end() for m in matches)]
    rows = [
        row(m.group(), after_blank=text.count("\n", ends[at], m.start()) > 1) for at, m in enumerate(matches)
    ]
    verdict = judge_lines([r.text for r in rows])
    kept = [i for i in range(len(rows)) if i not in verdict.gone]
    wrap = wrap_of([rows[i] for i in kept])
    following = dict(itertools.pairwise(kept))
    titles = [rows[i] for i in kept[:6]]
    edits: list[Edit] = []
    at, gap, code = 0, "", ""
    for index, match in enumerate(matches):
        start = match.start() + len(match.group()) - len(match.group().lstrip())
        end = start + len(rows[index].text)
        if index in verdict.gone:
            edits += _gap(text, at, start)
            edits.append(Edit(start, end, "", verdict.gone[index]))
            at = end
            continue
        edits += _gap(text, at, start, gap, code)
        edits += [Edit(start + a, start + b, "", c) for a, b, c in verdict.pieces.get(index, ())]
        at, gap, code = end, "\n", ""
        if index in following:
            place = kept.index(index) if index in kept[:6] else 6
            joined = is_broken(rows[index], rows[following[index]], wrap, background.together)
            if joined or is_title_broken(titles, place):
                gap, code = "", "S-BREAK"
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


def _flags(text: str) -> list[tuple[str, Span]]:
    """What stays but needs an eye: places with one sign of a page, holes, placeholders, foreign goods."""
    found: list[Finding] = []
    if _PLACE_SIGN.search(text):
        found += placeholders(text)
    if _SCRUB_SIGN.search(text):
        found += scrubbed(text)
    found += injected(text)
    flags = [(f.code, f.span) for f in found if f.span]
    flags += [("P-TRAD", span) for span in to_simplified(text)[1]]
    lines = list(line_spans(text))
    verdict = judge_lines([line.of(text) for line in lines])
    return flags + [(code, lines[index]) for index, code in sorted(verdict.flagged.items())]
