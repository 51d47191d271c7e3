"""What is made of a run's rows: comparison, blind pairs, JUnit, thresholds."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from rag_speech.errors import InputError
from rag_speech.evals.compare import as_text, compare
from rag_speech.evals.junit import junit
from rag_speech.evals.records import Measured, Row, save_rows
from rag_speech.evals.suite import Threshold
from rag_speech.evals.tally import judge_thresholds, summary
from rag_speech.types import Finding, Severity


def row(case: str, system: str, score: float, *, seed: int = 1, error: str = "") -> Row:
    if error:
        return Row("k", case, system, seed, 1, error=error)
    found = Finding("S-TITLE", Severity.P1, None, "", "没有标题\x07")
    measured = Measured(
        {"score": score, "p1": 1.0, "chars": 900.0, "drift": None}, (found,), {"title": "fail"}
    )
    text = f"{system}写的{case}\n第二段"
    return Row("k", case, system, seed, 1, target=1000, text=text, first_text=text, final=measured, first=measured,
               resources={"seconds": 2.0, "tokens": 100.0})  # fmt: skip


CASES = [f"case{i}" for i in range(8)]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    rows = [row(c, "full", 85 + i % 3, seed=s) for i, c in enumerate(CASES) for s in (1, 2)]
    rows += [row(c, "single", 70 - i) for i, c in enumerate(CASES)]
    save_rows(folder, rows)
    return folder


def test_comparing_two_systems_of_a_run(run: Path) -> None:
    (found,) = compare(f"{run}:single", f"{run}:full", metrics=("score", "drift"))
    assert (found.a, found.b) == ("single", "full")
    score = found.differences["score"]
    assert score.cases == 8 and score.significant and score.wins == 8, "seeds of one case count as one"
    assert "drift" not in found.differences, "what was not measured is not compared"
    assert found.changes[0].case == "case7" and found.changes[0].b - found.changes[0].a == 23
    text = as_text(found)
    assert "| better |" in text and "case7: 63.0 -> 86.0 (+23.0)" in text


def test_comparing_one_system_with_all_others(run: Path) -> None:
    assert [(c.a, c.b) for c in compare(f"{run}:full", str(run))] == [("full", "single")]
    assert [(c.a, c.b) for c in compare(str(run), str(run))] == [("full", "full"), ("single", "single")]
    with pytest.raises(InputError, match="has no system 'ful'; it has: full, single"):
        compare(f"{run}:ful", str(run))


def test_runs_without_a_common_case_cannot_be_compared(run: Path, tmp_path: Path) -> None:
    save_rows(tmp_path / "other", [row("elsewhere", "full", 80)])
    with pytest.raises(InputError, match="Nothing to compare"):
        compare(str(run), str(tmp_path / "other"))


def test_thresholds_on_means_and_on_each_draft() -> None:
    rows = [row("a", "full", 90), row("b", "full", 70)]
    bounds = [
        Threshold(metric="score", min=80),
        Threshold(metric="score", min=75, each=True),
        Threshold(metric="drift", max=1),
        Threshold(metric="score", system="other", min=1),
        Threshold(metric="retrieval.mrr", min=0.5),
    ]
    found = judge_thresholds(bounds, rows, "full", {"mrr": 0.6})
    assert [(o.threshold.metric, o.passed, o.case) for o in found] == [
        ("score", True, ""),
        ("score", False, "b"),
        ("drift", False, ""),
        ("retrieval.mrr", True, ""),
        ("errors", True, ""),
    ]
    assert found[1].sentence == "full score is 70 in b, wanted at least 75"
    assert "not measured" in found[2].sentence


def test_a_failed_case_fails_the_gate() -> None:
    found = judge_thresholds(
        [], [row("a", "full", 90), row("b", "full", 0, error="ModelError: x")], "full", {}
    )
    assert [(o.threshold.metric, o.passed) for o in found] == [("errors", False)]


def test_the_summary_leaves_out_what_was_not_measured() -> None:
    found = summary([row("a", "full", 90), row("b", "full", 70), row("c", "full", 0, error="x")])["full"]
    assert (found["drafts"], found["score"], found["drift"]) == (3, 80, None)
    assert found["errors"] == pytest.approx(1 / 3)


def test_junit_tells_failures_from_errors() -> None:
    rows = [row("a", "full", 90), row("b", "full", 70), row("c", "full", 0, error="EndpointError: 断了\x00")]
    bounds = [Threshold(metric="score", min=75, each=True)]
    tree = ET.fromstring(junit("try", rows, judge_thresholds(bounds, rows, "full", {}), bounds))
    suite = tree[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    assert [[e.tag for e in case] for case in suite] == [["system-out"], ["system-out", "failure"], ["error"]]
    assert suite[1][1].get("message") == "score is 70" and "S-TITLE" in (suite[1][1].text or "")
    assert suite[2][0].tag == "error" and "断了" in (suite[2][0].get("message") or "")
