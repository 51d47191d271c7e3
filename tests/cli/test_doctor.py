from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rag_speech.cli import app
from rag_speech.llm import get_llm, learned
from rag_speech.llm.endpoint import EndpointLLM
from tests.llm.misbehaving import BUSY, HTML, body, deltas, json_as_deepseek, thinks
from tests.llm.server import Behaviour, Handler, fails, refuses, says, serving

KEY = "sk-secret-of-the-office"
ANSWER = '{"sentence": "有人守着电话。"}'
STREAMED = says('{"sentence": ', '"有人守着电话。"}')


@pytest.fixture(autouse=True)
def _forget() -> None:
    learned.forget()


def probe(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, behaviour: Behaviour, **settings: str
) -> tuple[int, dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """Run ``doctor --probe --json``; return the exit code, the checks by name and the requests."""
    with serving(behaviour) as server:
        server.models = [{"id": "fake", "max_model_len": 32768}]
        environment = {
            "RAG_SPEECH_BASE_URL": server.url,
            "RAG_SPEECH_MODEL": "fake",
            "RAG_SPEECH_API_KEY": KEY,
            "RAG_SPEECH_CACHE": str(tmp_path),
            "RAG_SPEECH_LIBRARY": str(tmp_path / "library"),
            "RAG_SPEECH_EMBEDDER": "hash",
            **settings,
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        result = CliRunner().invoke(app, ["doctor", "--probe", "--json"])
        rows = {row["what"]: row for row in json.loads(result.stdout)["checks"]}
        return result.exit_code, rows, server.requests


def test_a_probe_is_one_call_and_tells_what_the_endpoint_can(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code, rows, requests = probe(monkeypatch, tmp_path, STREAMED)
    assert (code, len(requests)) == (0, 1)
    assert requests[0]["max_tokens"] <= 100
    assert rows["streaming"]["ok"] and rows["JSON"]["ok"]
    assert rows["context"]["detail"] == "32768 tokens"
    assert rows["thinking"]["detail"] == "no thoughts seen"
    assert "first text after" in rows["endpoint answers"]["detail"]


def test_what_a_probe_found_serves_later_runs_and_holds_no_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def behave(handler: Handler, request: dict[str, Any]) -> None:
        refuses("seed_", json_as_deepseek(ANSWER))(handler, request)

    code, rows, requests = probe(monkeypatch, tmp_path, behave)
    assert (code, len(requests)) == (0, 2)
    assert not rows["JSON"]["ok"] and "json_object" in rows["JSON"]["detail"]
    assert not rows["streaming"]["ok"]
    saved = list((tmp_path / "endpoints").iterdir())
    assert len(saved) == 1
    assert KEY not in saved[0].read_text(encoding="utf-8")
    learned.forget()
    from rag_speech.config import load_settings

    llm = get_llm(load_settings())
    assert isinstance(llm, EndpointLLM)
    assert (llm.learned.json_mode, llm.context_tokens) == (1, 32768)


def test_a_thinking_model_is_told_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, rows, requests = probe(monkeypatch, tmp_path, thinks(1500, text=ANSWER))
    assert (code, len(requests)) == (0, 2)
    assert "tokens of thought" in rows["thinking"]["detail"]
    assert "2048 tokens more" in rows["thinking"]["detail"]


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (fails(401), "refused the key"),
        (body(HTML, kind="text/html"), "统一认证"),
        (body(BUSY), "饱和"),
        (deltas({"reasoning": "想"}), "thoughts"),
        (fails(404), "nothing at base_url"),
    ],
)
def test_an_endpoint_that_cannot_be_used_fails_the_diagnosis(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, behaviour: Behaviour, words: str
) -> None:
    code, rows, requests = probe(monkeypatch, tmp_path, behaviour, RAG_SPEECH_MAX_RETRIES="0")
    assert code == 3
    assert words in rows["endpoint answers"]["detail"]
    assert len(requests) == 1


def test_there_is_nothing_to_probe_without_an_endpoint(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, rows, requests = probe(monkeypatch, tmp_path, STREAMED, RAG_SPEECH_PROVIDER="scripted")
    assert "no endpoint" in rows["probe"]["detail"]
    assert not requests


def test_damaged_findings_are_named_and_not_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    from rag_speech.llm.findings import findings_path, load_learned

    path = findings_path(tmp_path, "http://a/v1", "m")
    path.parent.mkdir()
    for content in ("{", "[]", '{"learned": {"room": "much"}}', "{}"):
        path.write_text(content, encoding="utf-8")
        assert load_learned(tmp_path, "http://a/v1", "m") is None
        assert str(path) in caplog.text
        caplog.clear()
