"""What a run leaves beside its rows: summary.json, junit.xml, report.html, and the table on the terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rag_speech.evals.agreement import Study, as_text, study
from rag_speech.evals.cases import cases_of_run
from rag_speech.evals.catalogue import HEADLINE, JUDGE
from rag_speech.evals.junit import junit
from rag_speech.evals.readings import READINGS
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
    readings = suite.readings if suite else None
    compared = _compared(folder, readings)
    thresholds = suite.thresholds if suite else ()
    first = suite.systems[0].name if suite else ""
    outcomes = tuple(judge_thresholds(thresholds, rows, first, manifest.retrieval))
    systems = summary(rows)
    data = {
        "suite": manifest.suite,
        "passed": all(o.passed for o in outcomes),
        "systems": systems,
        "retrieval": dict(manifest.retrieval),
        "judge": manifest.judge,
        "agreement": [asdict(a) for a in compared.measures] if compared else [],
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
    write_atomic(folder / "report.html", write_report(folder, readings=readings))
    table = table_of(systems)
    if compared:
        table += "\n\nHow far the measures agree with readers:\n\n" + as_text(
            compared.measures, compared.between
        )
    if manifest.judge and not (compared and any(a.measure == manifest.judge for a in compared.measures)):
        table += f"\n\n{manifest.judge} was never compared with readers: rag-speech eval read"
    return End(outcomes, text, table)


def _compared(folder: Path, readings: Path | None) -> Study | None:
    """Return what readings tell of the measures; None where there are none."""
    if readings is None or not (readings / READINGS).is_file():
        return None
    return study(readings, cases_of_run(folder))


def table_of(systems: dict[str, dict[str, float | None]]) -> str:
    """Return the means as a Markdown table, a line a metric and a column a system."""
    names = list(systems)
    lines = ["| metric | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    lines.append("| drafts | " + " | ".join(f"{systems[n]['drafts']:.0f}" for n in names) + " |")
    read = any(s["judge"] is not None for s in systems.values())
    for metric in (*JUDGE, *HEADLINE) if read else HEADLINE:
        lines.append(f"| {metric} | " + " | ".join(shown(metric, systems[n][metric]) for n in names) + " |")
    return "\n".join(lines)
