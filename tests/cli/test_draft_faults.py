"""What a failing endpoint does to a draft: what is written stays, the error says what to do, the next run goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cli
from tests.llm.server import Behaviour, Handler, breaks, fails, hangs, says, serving
from tests.llm.speech_server import environment, writes

REPO = Path(__file__).resolve().parents[2]
EXAMPLE = REPO / "examples" / "01-county-office-training.yaml"
KEY = "sk-secret-of-the-office"

FAULTS: dict[str, tuple[Behaviour, str]] = {
    "401": (fails(401, f"Incorrect API key provided: {KEY}"), "Set RAG_SPEECH_API_KEY"),
    "404": (fails(404, "The model fake-1 does not exist"), "Check the setting model"),
    "429": (fails(429, "slow down"), "Try again later or lower concurrency"),
    "429-long": (fails(429, "slow down", Retry_After="900"), "asks to wait 900 s"),
    "500": (fails(500, "out of memory"), "HTTP 500: out of memory"),
    "too-long": (fails(400, "maximum context length is 4096 tokens"), "Shorten the materials"),
    "reset": (breaks("reset"), "same command again"),
    "cut": (breaks("cut"), "same command again"),
    "stall": (hangs(2, 3.0), "did not answer in time"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_draft_so_far_is_kept_and_the_error_says_what_to_do(
    cli: Cli,
    office: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    behaviour, said = FAULTS[fault]
    monkeypatch.delenv("RAG_SPEECH_PROVIDER")
    with serving(writes(), writes(), writes(), behaviour) as server:
        for name, value in environment(server, RAG_SPEECH_TIMEOUT="0.5", RAG_SPEECH_SAMPLES="1").items():
            monkeypatch.setenv(name, value)
        failed = cli("draft", EXAMPLE, "--folder", "f", "-o", "out.md")
    assert (failed.code, failed.out) == (3, "")
    assert failed.err.startswith("rag-speech: ")
    assert failed.err.count("\n") == 1, failed.err
    assert said in failed.err
    assert KEY not in failed.err
    assert not (office / "out.md").exists()
    kept = {p.name: p.read_bytes() for p in (office / "f" / "cards").iterdir()}
    assert len(kept) == 3

    with serving(writes()) as server:
        monkeypatch.setenv("RAG_SPEECH_BASE_URL", server.url)
        done = cli("draft", EXAMPLE, "--folder", "f", "-o", "out.md")
        asked = json.dumps(server.requests, ensure_ascii=False)
    assert done.code == 0, done.err
    assert {name: (office / "f" / "cards" / name).read_bytes() for name in kept} == kept
    for name in kept:
        assert _lead(office / "f", name.removesuffix(".json")) not in asked
    everything = b"".join(p.read_bytes() for p in (office / "f").rglob("*") if p.is_file())
    assert KEY.encode() not in everything


def test_answers_cut_off_at_their_length_leave_no_half_sentence(
    cli: Cli,
    office: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("RAG_SPEECH_PROVIDER")
    with serving(says("各部门要逐项核对台账，办完回个话。各乡镇要把责任落实到", finish="length")) as server:
        for name, value in environment(server).items():
            monkeypatch.setenv(name, value)
        done = cli("draft", EXAMPLE)
    assert done.code == 0
    assert "核对台账" in done.out
    assert "落实到" not in done.out


def test_nonsense_where_json_was_asked_leaves_what_the_rules_read(
    cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def behave(handler: Handler, body: dict[str, Any]) -> None:
        answer = says("好的，没有问题。") if "response_format" in body else writes()
        answer(handler, body)

    monkeypatch.delenv("RAG_SPEECH_PROVIDER")
    with serving(behave) as server:
        for name, value in environment(server).items():
            monkeypatch.setenv(name, value)
        done = cli("draft", "为青山县防汛工作会议起草讲话，县长讲，3分钟，强调巡堤查险和转移避险")
    assert done.code == 0, done.err
    assert done.out.startswith("在青山县防汛工作会议上的讲话\n县长\n同志们：")
    assert "下面，我讲两点" in done.out


def test_the_same_words_again_ask_nothing(cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAG_SPEECH_PROVIDER")
    words = "为青山县防汛工作会议起草讲话，县长讲，3分钟，强调巡堤查险和转移避险"
    with serving(writes()) as server:
        for name, value in environment(server).items():
            monkeypatch.setenv(name, value)
        first = cli("draft", words)
        asked = len(server.requests)
        assert cli("draft", words).out == first.out
        assert len(server.requests) == asked


def test_a_model_that_never_says_a_word_is_an_error(
    cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAG_SPEECH_PROVIDER")
    with serving(says("", finish="length")) as server:
        for name, value in environment(server).items():
            monkeypatch.setenv(name, value)
        done = cli("draft", EXAMPLE)
    assert done.code == 3
    assert "used up its tokens" in done.err


def test_an_office_that_comes_back_is_asked_again_within_one_command(
    cli: Cli,
    office: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("RAG_SPEECH_PROVIDER")
    passing = (fails(503), fails(429, Retry_After="0"), breaks("reset"))
    with serving(*passing, writes()) as server:
        for name, value in environment(server, RAG_SPEECH_MAX_RETRIES="4").items():
            monkeypatch.setenv(name, value)
        done = cli("draft", EXAMPLE, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["model"] == "fake-1"


def _lead(folder: Path, card_id: str) -> str:
    """The first sentence of a card, which stands in every request for it."""
    plan = json.loads((folder / "plan.json").read_text("utf-8"))["plan"]
    cards = [*plan["opening"], *(c for s in plan["sections"] for c in s["cards"]), *plan["closing"]]
    (lead,) = [c["lead"] for c in cards if c["id"] == card_id]
    assert lead
    return str(lead)
