"""A check report as one self-contained page: the speech with marked spans and the list of findings beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING

from rag_speech.checks.run import CheckReport
from rag_speech.render.report_text import SEVERITY_NAMES, VERDICT_NAMES
from rag_speech.types import Finding, Severity, Span
from rag_speech.zh.text import SPEAKING_RATE

if TYPE_CHECKING:
    from jinja2 import Template


LONG_MARK = 60
"""字 from which a finding is drawn as a thin line, so that it does not drown the others."""
_HEAD_LINES = 6
"""Lines in which title, speaker, date and salutation stand."""
_SALUTATION_CHARS = 40


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the speech that lies in the same findings; ``rows`` are their rows in the list, 1-based."""

    text: str
    rows: tuple[int, ...] = ()
    style: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the list: findings that say the same, once or often."""

    number: int
    finding: Finding
    name: str
    count: int


def report_html(reports: Sequence[tuple[str, CheckReport]], *, least: Severity = Severity.P3) -> str:
    """Return the page for ``(file, report)`` pairs with the findings of ``least`` or graver."""
    pages = []
    for file, report in reports:
        found = report.at_least(least)
        pages.append(
            {
                "file": file,
                "report": report,
                "verdict": VERDICT_NAMES[report.verdict],
                "rows": group(found),
                "lines": list(zip(cut_lines(report.text, found), frame_styles(report.text), strict=True)),
                "counts": [
                    (s.value, SEVERITY_NAMES[s], sum(f.severity is s for f in found)) for s in Severity
                ],
                "total": len(found),
                "minutes": round(report.chars / SPEAKING_RATE),
            }
        )
    return _template().render(pages=pages)


def group(findings: Sequence[Finding]) -> list[Row]:
    """Return the rows of the list, in the order of the text; repeated findings share a row."""
    counts = Counter((f.code, f.message) for f in findings)
    first: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        first.setdefault((finding.code, finding.message), finding)
    return [Row(n, f, SEVERITY_NAMES[f.severity], counts[key]) for n, (key, f) in enumerate(first.items(), 1)]


def frame_styles(text: str) -> list[str]:
    """Return for every line its place on the page: ``title``, ``caption``, ``salutation`` or empty for the body."""
    every = text.split("\n")
    styles = [""] * len(every)
    filled = [n for n, line in enumerate(every) if line.strip()]
    head = filled[:_HEAD_LINES]
    for place, n in enumerate(head):
        line = every[n].strip()
        if line[-1] in "：:" and len(line) <= _SALUTATION_CHARS:
            styles[n] = "salutation"
            for above in head[1:place]:
                styles[above] = "caption"
            break
    if filled and not styles[filled[0]]:
        styles[filled[0]] = "title"
    return styles


def cut_lines(text: str, findings: Sequence[Finding]) -> list[list[Piece]]:
    """Cut ``text`` into lines, and each where a finding begins or ends; the pieces joined give the text."""
    number = {(row.finding.code, row.finding.message): row.number for row in group(findings)}
    breaks = [at for at, c in enumerate(text) if c == "\n"]
    placed = sorted(((f.span, f) for f in findings if f.span), key=lambda pair: pair[0])
    edges = (edge for span, _ in placed for edge in (span.start, span.end))
    cuts = sorted({0, len(text), *breaks, *(at + 1 for at in breaks), *edges})
    lines: list[list[Piece]] = [[]]
    active: list[tuple[Span, Finding]] = []
    upcoming = 0
    for start, end in pairwise(cuts):
        while upcoming < len(placed) and placed[upcoming][0].start <= start:
            active.append(placed[upcoming])
            upcoming += 1
        active = [pair for pair in active if pair[0].end > start]
        if text[start:end] == "\n":
            lines.append([])
        else:
            lines[-1].append(_piece(text[start:end], active, number))
    return lines


def _piece(text: str, active: Sequence[tuple[Span, Finding]], number: Mapping[tuple[str, str], int]) -> Piece:
    if not active:
        return Piece(text)
    every = [f for _, f in active]
    short = [f for span, f in active if span.end - span.start < LONG_MARK]
    worst = min(f.severity.value for f in short or every)
    rows = dict.fromkeys(number[f.code, f.message] for f in (*short, *every))
    title = " ".join(dict.fromkeys(f.message for f in every))
    return Piece(text, tuple(rows), worst if short else f"{worst} long", title)


@cache
def _template() -> Template:
    from jinja2 import Environment

    source = resources.files("rag_speech.render").joinpath("check_report.html.j2").read_text("utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
