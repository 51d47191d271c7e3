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
        for name, value in environment(server, RAG_SPEECH_TIMEOUT="0.5").items():
            monkeypatch.setenv(name, value)
        failed = cli("draft", EXAMPLE, "--folder", "f", "-o", "out.md")
    assert (failed.code, failed.out) == (3, "")
    assert failed.err.startswith("rag-speech: ")
    assert failed.err.count("\n") == 1, failed.err
    assert said in failed.err
    assert KEY not in failed.err
    assert not (office / "out.md").exists()
    kept = {p: p.read_bytes() for p in (office / "f" / "calls").iterdir()}
    assert len(kept) == 3
    answered = [_asked(request) for request in server.requests[:3]]

    with serving(writes()) as server:
        monkeypatch.setenv("RAG_SPEECH_BASE_URL", server.url)
        done = cli("draft", EXAMPLE, "--folder", "f", "-o", "out.md")
        asked = [_asked(request) for request in server.requests]
    assert done.code == 0, done.err
    assert {p: p.read_bytes() for p in kept} == kept
    assert asked
    assert not [request for request in answered if request in asked]
    everything = b"".join(p.read_bytes() for p in (office / "f").rglob("*") if p.is_file())
    assert KEY.encode() not in everything


def test_answers_cut_off_at_their_length_leave_no_half_sentence(
    cli: Cli,
    office: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = "各部门要逐项核对台账，办完回个话。"
    cut = says(
        f"【开头】\n{said}\n【第一部分】\n{said}\n【结尾】\n{said}各乡镇要把责任落实到", finish="length"
    )

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        answer = writes() if "response_format" in body else cut
        answer(handler, body)

    monkeypatch.delenv("RAG_SPEECH_PROVIDER")
    (office / "short.yaml").write_text(
        "event: 青山县防汛工作会议\nspeaker: 县长\nchars: 200\npoints: [加强巡堤查险]\n", "utf-8"
    )
    with serving(behave) as server:
        for name, value in environment(server).items():
            monkeypatch.setenv(name, value)
        done = cli("draft", "short.yaml")
    assert done.code == 0, done.err
    assert "核对台账" in done.out
    assert "落实到" not in done.out


def test_nonsense_for_a_plan_leaves_one_that_code_made_and_says_so(
    cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAG_SPEECH_PROVIDER")
    with serving(_talks_where("thesis")) as server:
        for name, value in environment(server).items():
            monkeypatch.setenv(name, value)
        done = cli("draft", "为青山县防汛工作会议起草讲话，县长讲，3分钟，强调巡堤查险和转移避险")
    assert done.code == 0, done.err
    assert done.out.startswith("在青山县防汛工作会议上的讲话\n县长\n同志们：")
    assert "模型没有拟成提纲" in done.err


def _talks_where(stage: str) -> Behaviour:
    """Chatter where the answer should have a field ``stage``."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        schema = body.get("response_format", {}).get("json_schema", {}).get("schema", {})
        answer = says("好的，没有问题。") if stage in schema.get("properties", {}) else writes()
        answer(handler, body)

    return behave


def test_nonsense_where_json_was_asked_is_one_sentence_and_the_next_run_goes_on(
    cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAG_SPEECH_PROVIDER")
    words = "为青山县防汛工作会议起草讲话，县长讲，3分钟，强调巡堤查险和转移避险"
    with serving(_talks_where("speaker")) as server:
        for name, value in environment(server).items():
            monkeypatch.setenv(name, value)
        failed = cli("draft", words, "--folder", "f")
    assert (failed.code, failed.out) == (3, "")
    assert failed.err.startswith("rag-speech: fake-1 gave no usable answer")
    assert failed.err.count("\n") == 1, failed.err
    assert "same command again" in failed.err
    kept = {p: p.read_bytes() for p in (office / "f" / "calls").glob("*.json")}
    with serving(writes()) as server:
        monkeypatch.setenv("RAG_SPEECH_BASE_URL", server.url)
        done = cli("draft", words, "--folder", "f")
    assert done.code == 0, done.err
    assert {p: p.read_bytes() for p in kept} == kept
    assert done.out.startswith("在青山县防汛工作会议上的讲话\n县长\n同志们：")
    assert "下面，我讲两点" in done.out or "巡堤查险" in done.out


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


def _asked(request: dict[str, Any]) -> str:
    """What a request asks: it is the same when all of this is."""
    return json.dumps([request["messages"], request.get("seed")], ensure_ascii=False)
