"""A check report as JSON: one object a file, offsets into the text as read."""

from __future__ import annotations

import json
from typing import Any

from rag_speech.checks.run import CheckReport
from rag_speech.types import Finding, Outcome, Severity


def report_json(report: CheckReport, file: str, *, least: Severity = Severity.P3) -> str:
    """Return one line of JSON: file, verdict, score, blocks and the findings of ``least`` or graver."""
    data: dict[str, Any] = {
        "file": file,
        "verdict": report.verdict,
        "form_only": report.form_only,
        "score": report.score.total,
        "blocks": [
            {"name": b.name, "points": b.points, "full": b.full, "why": list(b.why)}
            for b in report.score.blocks
        ],
        "findings": [_row(f) for f in report.at_least(least)],
    }
    crashed = {r.check: r.reason for r in report.results if r.outcome is Outcome.CRASHED}
    if crashed:
        data["crashed"] = crashed
    return json.dumps(data, ensure_ascii=False)


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "start": finding.span.start if finding.span else None,
        "end": finding.span.end if finding.span else None,
        "fragment": finding.fragment,
        "message": finding.message,
        "suggestion": finding.suggestion,
        "rule": finding.rule,
    }
