"""Where a draft came from, as one page that needs nothing beside it: exemplars, sources, findings, model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING

from rag_speech.brief.occasions import occasions
from rag_speech.draft.compose import paragraphs_of
from rag_speech.errors import InputError
from rag_speech.render.copy import Copy
from rag_speech.render.page import Kind, Line, page_lines
from rag_speech.render.pending import pending_groups
from rag_speech.types import Draft, Exemplar, FactUse, Finding, PlannedParagraph, Role, Severity, Span

if TYPE_CHECKING:
    from jinja2 import Template

    from rag_speech.trace import Trace

SEVERITY_NAMES = {Severity.P0: "不能用", Severity.P1: "必须改", Severity.P2: "应当改", Severity.P3: "可改进"}
_KINDS = {
    "figure": "数字",
    "date": "日期",
    "person": "人名",
    "org": "单位",
    "title": "文件名",
    "docnum": "文号",
    "quote": "引文",
    "rank": "名次",
    "slogan": "提法",
}
_ROLES = {Role.OPENING: "开头", Role.TRANSITION: "过渡", Role.POINT: "正文", Role.CLOSING: "结尾"}
_SETTINGS = {
    "temperature": "温度",
    "embedder": "检索向量模型",
    "prompts": "提示词版本",
}
_AROUND = 14
"""字 of the source shown before and after what was found there."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line; ``style`` is a severity, ``fact``, ``bare`` (a figure without a source) or empty."""

    text: str
    style: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """An exemplar as the page shows it; ``score`` is the fused score of retrieval, higher is nearer."""

    id: str
    speech: str
    role: str
    score: str
    masked: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A figure, name or date of a line and where it stands in the brief or a material."""

    claim: str
    kind: str
    source: str
    before: str = ""
    words: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the speech with all that is known about it; ``frame`` says that code wrote it, not the model."""

    number: int
    kind: str
    pieces: tuple[Piece, ...]
    said: tuple[str, ...]
    exemplars: tuple[Shown, ...]
    claims: tuple[Claimed, ...]
    findings: tuple[tuple[str, Finding], ...]
    frame: bool


@dataclass(frozen=True, slots=True)
class _Written:
    """A paragraph as the model wrote it."""

    text: str
    planned: PlannedParagraph | None
    exemplars: tuple[Exemplar, ...]


def provenance_html(copy: Copy) -> str:
    """Return the page. Raises InputError for anything but a draft that kept its trace."""
    if copy.draft is None:
        raise InputError(
            "The HTML page shows where a draft came from: give a draft folder, or use check --format html"
        )
    if copy.trace is None:
        raise InputError(
            "This draft was written before drafts kept their trace; run the same draft command again"
        )
    rows = tuple(_rows(copy, copy.draft, copy.trace))
    general = [(SEVERITY_NAMES[f.severity], f) for f in copy.findings if f.span is None]
    sourced = sum(1 for use in copy.draft.facts if use.source)
    return _template().render(
        title=copy.speech.title,
        draft=copy.draft,
        occasion=_occasion_name(copy.draft.occasion),
        rows=rows,
        general=general,
        sourced=sourced,
        speeches=len({e.speech_id for e in copy.draft.exemplars}),
        groups=pending_groups(copy),
        settings=[(_SETTINGS.get(name, name), value) for name, value in copy.trace.settings.items()],
    )


def _rows(copy: Copy, draft: Draft, trace: Trace) -> Iterator[Row]:
    written = _written(trace)
    sources = _source_texts(copy)
    for number, line in enumerate(page_lines(copy.speech), 1):
        span = Span(line.start, line.start + len(line.text))
        own = [w for w in written if w.text in line.text] if line.kind is Kind.BODY else []
        uses = [use for use in draft.facts if use.sentence.strip() in line.text and use.claim in line.text]
        found = [f for f in copy.findings if f.span and f.span.start < span.end and f.span.end > span.start]
        yield Row(
            number,
            line.kind.value,
            tuple(_pieces(line, found, uses)),
            tuple(dict.fromkeys(w.planned.say for w in own if w.planned)),
            tuple(_shown([e for w in own for e in w.exemplars])),
            tuple(_claimed(use, sources) for use in _distinct(uses)),
            tuple((SEVERITY_NAMES[f.severity], f) for f in found),
            not own,
        )


def _pieces(line: Line, findings: Sequence[Finding], uses: Sequence[FactUse]) -> Iterator[Piece]:
    """Cut a line where a finding or a claim begins or ends; the pieces joined give the line."""
    marks: list[tuple[int, int, str, str]] = []
    for use in uses:
        at = line.text.find(use.claim)
        style = "fact" if use.source else "bare"
        title = "有依据" if use.source else "任务书和材料里没有依据"
        marks.append((at, at + len(use.claim), style, title))
    for f in findings:
        if f.span:
            marks.append((f.span.start - line.start, f.span.end - line.start, f.severity.value, f.message))
    edges = {edge for mark in marks for edge in mark[:2] if 0 < edge < len(line.text)}
    cuts = sorted({0, len(line.text)} | edges)
    for start, end in pairwise(cuts):
        over = [m for m in marks if m[0] <= start and end <= m[1]]
        style = min((m[2] for m in over), default="")
        yield Piece(line.text[start:end], style, " ".join(dict.fromkeys(m[3] for m in over)))


def _written(trace: Trace) -> list[_Written]:
    """Return every paragraph that the model wrote, with what was planned at its place and its part's exemplars."""
    return [
        _Written(
            text, part.paragraphs[n] if n < len(part.paragraphs) else None, trace.exemplars.get(part.id, ())
        )
        for part in trace.plan.parts
        for n, text in enumerate(paragraphs_of(trace.texts.get(part.id, "")))
    ]


def _shown(exemplars: Sequence[Exemplar]) -> Iterator[Shown]:
    seen = {e.chunk_id: e for e in exemplars}
    for e in sorted(seen.values(), key=lambda e: -e.score):
        yield Shown(e.chunk_id, e.speech_id, _ROLES[e.role], f"{e.score:.4f}", e.masked)


def _claimed(use: FactUse, sources: Mapping[str, str]) -> Claimed:
    kind = _KINDS.get(use.kind, use.kind)
    text = sources.get(use.source, "")
    if use.span is None or not text:
        return Claimed(use.claim, kind, _source_name(use.source))
    start, end = use.span.start, use.span.end
    low, high = max(0, start - _AROUND), min(len(text), end + _AROUND)
    before, after = text[low:start], text[end:high]
    if "\n" in before:
        before = before.rpartition("\n")[2]
    elif low:
        before = f"……{before}"
    if "\n" in after:
        after = after.partition("\n")[0]
    elif high < len(text):
        after = f"{after}……"
    return Claimed(use.claim, kind, _source_name(use.source), before, text[start:end], after)


def _source_name(source: str) -> str:
    named = {
        "brief": "任务书",
        "allow-list": "公开的通用说法",
        "arithmetic": "由任务书里的数推算",
        "": "没有依据",
    }
    return named.get(source, f"材料“{source}”")


def _source_texts(copy: Copy) -> dict[str, str]:
    if copy.brief is None:
        return {}
    return {"brief": copy.brief.own_text, **{m.name: m.text for m in copy.brief.materials}}


def _distinct(uses: Sequence[FactUse]) -> list[FactUse]:
    return list({(use.claim, use.source): use for use in uses}.values())


def _occasion_name(occasion: str) -> str:
    found = occasions().get(occasion)
    return found.name if found else occasion


@cache
def _template() -> Template:
    from jinja2 import Environment

    source = resources.files("rag_speech.render").joinpath("provenance.html.j2").read_text("utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
