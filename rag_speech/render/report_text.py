"""A check report for the terminal: each finding with its line and the fragment underlined."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag_speech.checks.run import CheckReport
from rag_speech.types import Finding, Outcome, Severity

if TYPE_CHECKING:
    from rich.text import Text

SEVERITY_NAMES = {Severity.P0: "不能用", Severity.P1: "必须改", Severity.P2: "应当改", Severity.P3: "可改进"}
VERDICT_NAMES = {"PASS": "可用", "FORM": "只看了形式，形式未见大问题", "REVISE": "需修改", "REJECT": "不能用"}
_STYLES = {Severity.P0: "bold red", Severity.P1: "red", Severity.P2: "yellow", Severity.P3: "cyan"}
_BEFORE, _SHOWN = 12, 40
"""字 of the line shown before the fragment, and at most of the fragment itself."""


def report_text(report: CheckReport, file: str, *, least: Severity = Severity.P3) -> Text:
    """Return the report as rich text: verdict and blocks, then the findings of ``least`` or graver."""
    from rich.text import Text

    shown = report.at_least(least)
    score = report.score
    style = {"PASS": "green", "FORM": "green", "REVISE": "yellow", "REJECT": "bold red"}[report.verdict]
    out = Text()
    out.append(f"{file}  ").append(f"{VERDICT_NAMES[report.verdict]}（{report.verdict}）", style=style)
    out.append(f"  {score.total:g}分")
    out.append(f"  场合：{report.occasion}\n" if report.occasion else "\n")
    if report.form_only:
        out.append("  没有任务书，只看了形式；讲得对不对、全不全没有看（--brief 给出任务书）\n", style="dim")
    for block in score.blocks:
        out.append(f"  {block.name} {block.points:g}/{block.full:g}")
        out.append(f"  {'；'.join(block.why)}\n" if block.why else "\n", style="dim")
    starts = line_starts(report.text)
    for finding in shown:
        out.append("\n").append_text(_finding(report.text, finding, starts))
    for result in report.results:
        if result.outcome is Outcome.CRASHED:
            out.append(f"\n检查项 {result.check} 未能完成：{result.reason}\n", style="bold red")
    counts = "，".join(
        f"{SEVERITY_NAMES[s]}{n}处" for s in Severity if (n := sum(f.severity is s for f in shown))
    )
    out.append(f"\n{counts or '没有发现问题'}\n")
    return out


def line_starts(text: str) -> list[int]:
    """Return the offset of every line's first character."""
    return [0, *(at + 1 for at, c in enumerate(text) if c == "\n")]


def line_of(offset: int, starts: Sequence[int]) -> int:
    """Return the 0-based line that holds ``offset``."""
    return bisect_right(starts, offset) - 1


def sentence(finding: Finding) -> str:
    """Return message and suggestion as sentences."""
    parts = [part.rstrip("。；，") for part in (finding.message, finding.suggestion) if part]
    return "。".join(parts) + "。"


def _finding(text: str, finding: Finding, starts: Sequence[int]) -> Text:
    from rich.cells import cell_len
    from rich.text import Text

    style = _STYLES[finding.severity]
    out = Text()
    out.append(f"{finding.severity.value} {finding.code} ", style=style)
    if finding.span is None:
        out.append("全文  ").append(f"{sentence(finding)}\n")
        return out
    start = finding.span.start
    row = line_of(start, starts)
    out.append(f"{row + 1}:{start - starts[row] + 1}  ").append(f"{sentence(finding)}\n")
    left = text[max(starts[row], start - _BEFORE) : start].lstrip()
    end = min(finding.span.end, start + _SHOWN)
    fragment = text[start:end].replace("\n", "⏎")
    tail = "……" if end < finding.span.end else text[end : end + 8].split("\n", maxsplit=1)[0]
    out.append(f"    {left}").append(fragment, style=f"underline {style}").append(f"{tail}\n")
    out.append(" " * (4 + cell_len(left))).append("^" * max(1, cell_len(fragment)), style=style).append("\n")
    return out
