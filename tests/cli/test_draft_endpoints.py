"""A whole draft through endpoints that answer in their own way comes out as through a proper one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.llm.server import serving
from tests.llm.speech_server import environment, writes

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "01-county-office-training.yaml"


@pytest.mark.parametrize("shape", ["parts", "whole", "thinks"])
def test_the_shape_of_answers_makes_no_difference(
    cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    monkeypatch.delenv("RAG_SPEECH_PROVIDER")
    texts = []
    for number, behaviour in enumerate((writes(), writes(shape=shape))):
        with serving(behaviour) as server:
            for name, value in environment(server).items():
                monkeypatch.setenv(name, value)
            done = cli("draft", EXAMPLE, "--folder", f"f{number}")
            assert done.code == 0, done.err
            asked = len(server.requests)
        texts.append((done.out, asked))
    assert texts[0][0] == texts[1][0]
    assert "想一想" not in texts[1][0]
    # Thoughts cost one call more until the endpoint is known.
    assert texts[1][1] - texts[0][1] == (1 if shape == "thinks" else 0)


def test_a_budget_stops_the_draft_and_the_same_command_goes_on(
    cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAG_SPEECH_PROVIDER")
    with serving(writes()) as server:
        for name, value in environment(server, RAG_SPEECH_MAX_CALLS="3").items():
            monkeypatch.setenv(name, value)
        stopped = cli("draft", EXAMPLE, "--folder", "f")
        assert stopped.code == 3
        assert "max_calls = 3" in stopped.err
        assert stopped.err.count("\n") == 1, stopped.err
        assert len(server.requests) == 3
        monkeypatch.setenv("RAG_SPEECH_MAX_CALLS", "500")
        done = cli("draft", EXAMPLE, "--folder", "f")
    assert done.code == 0, done.err
