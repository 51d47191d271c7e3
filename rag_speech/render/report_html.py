"""A check report as one self-contained page: the speech with marked spans and the list of findings beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from rag_speech.checks.run import CheckReport
from rag_speech.render.report_text import SEVERITY_NAMES, VERDICT_NAMES
from rag_speech.text import SPEAKING_RATE
from rag_speech.types import Finding, Severity

if TYPE_CHECKING:
    from jinja2 import Template


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the speech that lies in the same findings; ``numbers`` are their places in the list, 1-based."""

    text: str
    numbers: tuple[int, ...] = ()
    severity: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    finding: Finding
    name: str


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
                "rows": [_Row(n, f, SEVERITY_NAMES[f.severity]) for n, f in enumerate(found, 1)],
                "lines": cut_lines(report.text, found),
                "counts": [
                    (s.value, SEVERITY_NAMES[s], sum(f.severity is s for f in found)) for s in Severity
                ],
                "minutes": round(report.chars / SPEAKING_RATE),
            }
        )
    return _template().render(pages=pages)


def cut_lines(text: str, findings: Sequence[Finding]) -> list[list[Piece]]:
    """Cut ``text`` into its lines, and each line where a finding begins or ends; the pieces joined give the text."""
    edges = {0, len(text)}
    for finding in findings:
        if finding.span:
            edges |= {finding.span.start, finding.span.end}
    edges |= {at for at, c in enumerate(text) if c == "\n"} | {
        at + 1 for at, c in enumerate(text) if c == "\n"
    }
    cuts = sorted(edges)
    placed = sorted((f.span.start, f.span.end, n) for n, f in enumerate(findings, 1) if f.span)
    lines: list[list[Piece]] = [[]]
    active: list[tuple[int, int]] = []
    upcoming = 0
    for start, end in zip(cuts, cuts[1:], strict=False):
        while upcoming < len(placed) and placed[upcoming][0] <= start:
            active.append((placed[upcoming][1], placed[upcoming][2]))
            upcoming += 1
        active = [a for a in active if a[0] > start]
        piece = text[start:end]
        if piece == "\n":
            lines.append([])
            continue
        numbers = tuple(sorted(n for _, n in active))
        worst = min((findings[n - 1].severity.value for n in numbers), default="")
        lines[-1].append(Piece(piece, numbers, worst))
    return lines


@cache
def _template() -> Template:
    from jinja2 import Environment

    source = resources.files("rag_speech.render").joinpath("check_report.html.j2").read_text("utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
