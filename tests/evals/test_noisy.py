"""The suite of noisy briefs with one command, against a real HTTP endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from typer.testing import CliRunner

from rag_speech.cli import app
from tests.llm.server import serving
from tests.llm.speech_server import environment, writes

EVAL = Path(__file__).parents[2] / "eval"
BASELINES = ("single_prompt", "plain_rag", "agent_write")


def test_one_command_against_an_endpoint(
    make_suite: Callable[..., Path], library_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = yaml.safe_load((EVAL / "suites" / "noisy.yaml").read_text("utf-8"))
    data |= {
        "cases": [str(EVAL / "cases" / "noisy")],
        "select": {"ids": ["D13", "D22"]},
        "settings": {"embedder": "hash", "library": str(library_folder)},
        "readings": str(tmp_path / "readings"),
    }
    suite, out = make_suite(**data), tmp_path / "run"
    command = ["eval", "run", str(suite), "-o", str(out), "--no-cache"]
    for name in BASELINES:
        command += ["--system", name]
    with serving(writes()) as server:
        for name, value in environment(server).items():
            monkeypatch.setenv(name, value)
        done = CliRunner().invoke(app, command, catch_exceptions=False)
        assert done.exit_code == 0 and "FAILED E" not in done.output, done.output
        asked = len(server.requests)
        again = CliRunner().invoke(app, command, catch_exceptions=False)
        assert again.exit_code == 0 and len(server.requests) == asked, "no answered call is asked again"
        bodies = [b["messages"][-1]["content"] for b in server.requests]
        assert sum("办公室主任" in b for b in bodies) >= 2 * 3 * 3, "three readings a draft"
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert set(summary["systems"]) == set(BASELINES) and summary["judge"].startswith("fake-1 (")
    assert all(
        s["errors"] == 0 and s["judge"] == 0 and s["must_not"] == 0 for s in summary["systems"].values()
    )
    assert "was never compared with readers" in again.output
    tree = ET.fromstring((out / "junit.xml").read_text("utf-8"))
    assert "reading model: 0, hand in: no, rubric 0/5" in "".join(tree.itertext())
    assert "还没有和读者比过" in (out / "report.html").read_text("utf-8")
