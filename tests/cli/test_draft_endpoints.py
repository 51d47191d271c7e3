"""A whole draft through endpoints that answer in their own way comes out as through a proper one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cli
from tests.llm.misbehaving import inspects
from tests.llm.server import Behaviour, Handler, serving
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


REFUSED = "43件"
"""What the filter of the endpoint refuses: a fact of the second part."""


def _asked(body: dict[str, Any]) -> str:
    """The part of a request for prose that says what to write; empty for a request for JSON."""
    return "" if "response_format" in body else body["messages"][-1]["content"].rpartition("请写")[2]


def _refusing(word: str) -> Behaviour:
    """Write as usual, but refuse every request for prose whose last turn holds ``word``."""
    usual, refusing = writes(), inspects(word)

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        if word in _asked(body):
            refusing(handler, body)
        else:
            usual(handler, body)

    return behave


def test_a_refused_wording_is_written_around_and_the_draft_goes_on(
    cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAG_SPEECH_PROVIDER")
    with serving(_refusing(REFUSED)) as server:
        for name, value in environment(server).items():
            monkeypatch.setenv(name, value)
        done = cli("draft", EXAMPLE, "--folder", "f")
    assert done.code == 0, done.err
    assert REFUSED not in done.out
    assert "一、提高公文质量" in done.out and "三、坚持学以致用" in done.out
    assert "必须讲的事实没有讲" in done.err, "what could not be said is named"


def test_a_part_that_is_refused_whatever_its_facts_is_a_gap_that_a_later_run_fills(
    cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAG_SPEECH_PROVIDER")
    heading = "【第二部分】"
    with serving(_refusing(heading)) as server:
        for name, value in environment(server).items():
            monkeypatch.setenv(name, value)
        gap = cli("draft", EXAMPLE, "--folder", "f")
        assert gap.code == 0, gap.err
        assert "第二部分的内容模型服务拒绝处理" in gap.err
        refused = sum(heading in _asked(r) for r in server.requests)
        assert refused <= 3, "no more than three calls on what cannot succeed"
    with serving(writes()) as server:
        for name, value in environment(server).items():
            monkeypatch.setenv(name, value)
        filled = cli("draft", EXAMPLE, "--folder", "f")
    assert filled.code == 0, filled.err
    assert "二、严守值班纪律" in filled.out and "拒绝处理" not in filled.err
