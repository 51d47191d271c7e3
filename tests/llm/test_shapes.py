from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rag_speech.llm.failures import Failure
from rag_speech.llm.shapes import Counts, Piece, page_title, read_body, read_event
from rag_speech.llm.thinking import ThinkFilter

WORDS = st.sampled_from(
    ["choices", "delta", "message", "content", "usage", "error", "base_resp", "code", "text", "type", "status_code",
     "reasoning", "finish_reason", "prompt_tokens", "completion_tokens_details", "detail", "timings", "model"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 2000) | st.floats() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=25,
)


@given(VALUES)
def test_whatever_an_endpoint_sends_is_read(value: Any) -> None:
    piece = read_event(value)
    assert isinstance(piece.text, str) and isinstance(piece.thought, str) and isinstance(piece.finish, str)
    assert piece.failure is None or not piece.text


@given(st.text(max_size=80) | VALUES.map(lambda value: json.dumps(value, allow_nan=True)), WORDS)
def test_whatever_body_comes_is_read(text: str, kind: str) -> None:
    assert all(isinstance(piece, Piece) for piece in read_body(text, kind))


def test_counts_of_several_servers() -> None:
    details = {"reasoning_tokens": 7}
    usage = {"prompt_tokens": 9, "completion_tokens": 8, "completion_tokens_details": details}
    assert read_event({"choices": [], "usage": usage}).counts == Counts(9, 0, 8, 7)
    assert read_event(
        {"choices": [], "usage": {**usage, "completion_tokens_details": None}}
    ).counts == Counts(9, 0, 8)
    assert read_event({"choices": [], "usage": {"total_tokens": 0}}).counts is None


def test_the_key_is_taken_out_of_every_error() -> None:
    for value in ({"error": "bad key sk-verysecret1"}, {"detail": "sk-verysecret1"}, ["sk-verysecret1"]):
        failure = read_event(value, ("sk-verysecret1",)).failure
        assert isinstance(failure, Failure)
        assert "verysecret" not in failure.detail


def test_titles_of_pages() -> None:
    assert page_title("<!DOCTYPE html><html><title> 统一\n认证 </title>") == "统一 认证"
    assert page_title("<html></html>") == ""
    assert page_title("plain words") is None


@given(st.lists(st.sampled_from(["<think>", "</think>", "想", "写", "<", "think>", "</"]), max_size=12))
def test_no_piece_is_lost_between_text_and_thoughts(pieces: list[str]) -> None:
    kept = ThinkFilter()
    for piece in pieces:
        kept.feed(piece)
    kept.finish()
    words = [char for char in "".join(pieces) if char in "想写"]
    assert sorted(char for char in kept.text + kept.thoughts if char in "想写") == sorted(words)
