"""What a run leaves beside its rows: summary.json, junit.xml, report.html, and the table on the terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag_speech.evals.catalogue import HEADLINE
from rag_speech.evals.junit import junit
from rag_speech.evals.records import MANIFEST, SUMMARY, Manifest, Row, load
from rag_speech.evals.report import write_report
from rag_speech.evals.suite import Suite
from rag_speech.evals.tally import Outcome, judge_thresholds, shown, summary
from rag_speech.files import write_atomic


@dataclass(frozen=True, slots=True)
class End:
    """The end of a run: thresholds' outcomes, the summary as JSON and as a Markdown table."""

    outcomes: tuple[Outcome, ...]
    json: str
    table: str


def finish(folder: Path, suite: Suite | None, rows: Sequence[Row]) -> End:
    """Write the run's summary files. Raises InputError when ``folder`` holds no run, StorageError."""
    manifest = load(Manifest, folder / MANIFEST)
    thresholds = suite.thresholds if suite else ()
    first = suite.systems[0].name if suite else ""
    outcomes = tuple(judge_thresholds(thresholds, rows, first, manifest.retrieval))
    systems = summary(rows)
    data = {
        "suite": manifest.suite,
        "passed": all(o.passed for o in outcomes),
        "systems": systems,
        "retrieval": dict(manifest.retrieval),
        "thresholds": [
            {
                "metric": o.threshold.metric,
                "system": o.system,
                "value": o.value,
                "min": o.threshold.min,
                "max": o.threshold.max,
                "each": o.threshold.each,
                "passed": o.passed,
                "case": o.case,
            }
            for o in outcomes
        ],
    }
    text = json.dumps(data, ensure_ascii=False, indent=1)
    write_atomic(folder / SUMMARY, text + "\n")
    write_atomic(folder / "junit.xml", junit(manifest.suite, rows, outcomes, thresholds))
    write_atomic(folder / "report.html", write_report(folder))
    return End(outcomes, text, table_of(systems))


def table_of(systems: dict[str, dict[str, float | None]]) -> str:
    """Return the means as a Markdown table, a line a metric and a column a system."""
    names = list(systems)
    lines = ["| metric | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    lines.append("| drafts | " + " | ".join(f"{systems[n]['drafts']:.0f}" for n in names) + " |")
    for metric in HEADLINE:
        lines.append(f"| {metric} | " + " | ".join(shown(metric, systems[n][metric]) for n in names) + " |")
    return "\n".join(lines)
