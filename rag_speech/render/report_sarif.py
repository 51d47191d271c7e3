"""Check reports as one SARIF 2.1.0 log, for editors and code-review tools."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rag_speech.checks.run import CheckReport
from rag_speech.render.report_text import line_of, line_starts, sentence
from rag_speech.types import Finding, Severity, Span

_LEVEL = {Severity.P0: "error", Severity.P1: "error", Severity.P2: "warning", Severity.P3: "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def report_sarif(reports: Sequence[tuple[str, CheckReport]], *, least: Severity = Severity.P3) -> str:
    """Return a SARIF log of ``(file, report)`` pairs with the findings of ``least`` or graver."""
    rules: dict[str, dict[str, Any]] = {}
    results = []
    for file, report in reports:
        starts = line_starts(report.text)
        for finding in report.at_least(least):
            rules.setdefault(finding.code, {"id": finding.code})
            results.append(_result(file, finding, starts))
    driver = {"name": "rag-speech", "rules": [rules[code] for code in sorted(rules)]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2)


def _result(file: str, finding: Finding, starts: Sequence[int]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": file}}
    if finding.span:
        place["region"] = _region(finding.span, starts)
    return {
        "ruleId": finding.code,
        "level": _LEVEL[finding.severity],
        "message": {"text": sentence(finding)},
        "locations": [{"physicalLocation": place}],
        "properties": {"severity": finding.severity.value, "rule": finding.rule, "source": finding.source},
    }


def _region(span: Span, starts: Sequence[int]) -> dict[str, int]:
    first, last = line_of(span.start, starts), line_of(max(span.start, span.end - 1), starts)
    return {
        "startLine": first + 1,
        "startColumn": span.start - starts[first] + 1,
        "endLine": last + 1,
        "endColumn": span.end - starts[last] + 1,
        "charOffset": span.start,
        "charLength": span.end - span.start,
    }
