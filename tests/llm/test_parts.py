from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.errors import BadReplyError, ConfigError, RateLimitError
from rag_speech.llm import Message, get_llm, json_reply
from rag_speech.llm.scripted import Call, Rule, ScriptedLLM
from rag_speech.llm.thinking import ThinkFilter
from rag_speech.llm.tokens import estimate_tokens
from rag_speech.types import Usage

SCHEMA = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["会议", "培训"]},
        "points": {"type": "array", "items": {"type": "string", "minLength": 4}, "minItems": 2},
        "minutes": {"type": "integer", "minimum": 3},
        "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
    },
    "required": ["kind", "points", "minutes", "note"],
    "additionalProperties": False,
}


def ask(text: str = "写一段话，约80字。") -> list[Message]:
    return [Message("user", text)]


def cut(text: str, at: list[int]) -> list[str]:
    ends = sorted({min(n, len(text)) for n in at} | {0, len(text)})
    return [text[a:b] for a, b in itertools.pairwise(ends)]


@given(
    st.text("思考<>/ thik", max_size=30).filter(lambda t: "</think>" not in t),
    st.text("答案字。 \n<t", max_size=30).filter(lambda t: "<think>" not in t and "</think>" not in t),
    st.lists(st.integers(0, 90), max_size=12),
    st.booleans(),
)
def test_thoughts_never_leak_however_the_stream_is_cut(
    thought: str, answer: str, at: list[int], opened: bool
) -> None:
    filter_ = ThinkFilter()
    shown = ""
    for piece in cut(f"{'<think>' if opened else ''}{thought}</think>{answer}", at):
        new = filter_.feed(piece)
        if filter_.restarted:
            filter_.restarted, shown = False, ""
        shown += new
    shown += filter_.finish()
    assert shown == filter_.text == answer.lstrip()


@given(st.text(max_size=60).filter(lambda t: "think>" not in t), st.lists(st.integers(0, 60), max_size=12))
def test_an_answer_without_thoughts_passes_whole(text: str, at: list[int]) -> None:
    filter_ = ThinkFilter()
    shown = "".join(filter_.feed(piece) for piece in cut(text, at)) + filter_.finish()
    assert shown == text.lstrip()


@pytest.mark.parametrize(
    "text", ['{"a": 1}', '```json\n{"a": 1}\n```', '好的，如下：\n{"a": 1}\n以上。', '  {"a": 1}  ']
)
def test_json_is_found_where_models_put_it(text: str) -> None:
    assert json_reply.parse(text, {"type": "object", "required": ["a"]}) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "invalid JSON"),
        ("没有", "invalid JSON"),
        ('{"a": ', "invalid JSON"),
        ('{"a": "一"}', "a: '一' is not of type 'integer'"),
        ("[1]", "not of type 'object'"),
        ("[" * 100_000, "invalid JSON"),
    ],
)
def test_what_is_wrong_with_json_is_said(text: str, problem: str) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    with pytest.raises(ValueError, match=problem):
        json_reply.parse(text, schema)


@given(st.text(max_size=200), st.text(max_size=200))
def test_token_estimates_grow_with_the_text(one: str, two: str) -> None:
    assert 0 <= estimate_tokens(one) <= estimate_tokens(one + two) + 2


async def test_scripted_answers_come_from_rules_lists_and_functions() -> None:
    rules = ScriptedLLM(
        [
            Rule("培训", "培训的话。"),
            Rule("防汛", lambda call: f"防汛，{call.index}。"),
            Rule("停", RateLimitError("慢点")),
        ]
    )
    assert (await rules.complete(ask("为培训班写"), max_tokens=99)).text == "培训的话。"
    assert (await rules.complete(ask("为防汛会写"), max_tokens=99)).text == "防汛，1。"
    with pytest.raises(RateLimitError, match="慢点"):
        await rules.complete(ask("停"), max_tokens=99)
    with pytest.raises(BadReplyError, match="no answer to call 4"):
        await rules.complete(ask("别的"), max_tokens=99)
    listed = ScriptedLLM(["一", {"a": 1}])
    assert (await listed.complete(ask(), max_tokens=99)).text == "一"
    assert (await listed.complete(ask(), max_tokens=99, schema={"type": "object"})).data == {"a": 1}
    with pytest.raises(BadReplyError, match="call 3"):
        await listed.complete(ask(), max_tokens=99)

    def echo(call: Call) -> str:
        return call.text[::-1]

    assert (await ScriptedLLM(echo).complete(ask("甲乙"), max_tokens=9)).text == "乙甲"
    assert [call.text for call in listed.calls] == [ask()[0].content] * 3


async def test_scripted_answers_are_cut_like_a_real_models() -> None:
    llm = ScriptedLLM(lambda call: "各单位要抓好落实。" * 30)
    long = await llm.complete(ask(), max_tokens=20)
    assert long.finish_reason == "length"
    assert 15 <= estimate_tokens(long.text) <= 20
    stopped = await llm.complete(ask(), max_tokens=999, stop=["。"])
    assert (stopped.text, stopped.finish_reason) == ("各单位要抓好落实", "stop")
    assert stopped.usage == Usage(1, estimate_tokens(ask()[0].content), 0, estimate_tokens(stopped.text), 0.0)


async def test_the_default_script_writes_prose_and_json() -> None:
    llm = ScriptedLLM()
    pieces: list[str] = []
    first = await llm.complete(ask(), max_tokens=500, seed=1, on_token=pieces.append)
    assert first.text == "".join(pieces) == (await llm.complete(ask(), max_tokens=500, seed=1)).text
    assert first.text != (await llm.complete(ask(), max_tokens=500, seed=2)).text
    assert 80 <= len(first.text) <= 110
    reply = await llm.complete(ask(), max_tokens=500, schema=SCHEMA)
    assert reply.data == {"kind": "会议", "points": ["内容。。"] * 2, "minutes": 3, "note": None}
    assert json.loads(reply.text) == reply.data
    with pytest.raises(BadReplyError, match="scripted answer is wrong"):
        await ScriptedLLM(["不是"]).complete(ask(), max_tokens=9, schema=SCHEMA)


def test_settings_choose_the_model() -> None:
    from rag_speech.config import Settings
    from rag_speech.llm.embedded import EmbeddedLLM
    from rag_speech.llm.endpoint import EndpointLLM

    assert isinstance(get_llm(Settings(provider="scripted")), ScriptedLLM)
    embedded = get_llm(Settings(concurrency=3, context_tokens=4096))
    assert isinstance(embedded, EmbeddedLLM)
    assert (embedded.max_parallel, embedded.context_tokens) == (3, 4096)
    endpoint = get_llm(Settings(base_url="http://127.0.0.1:1/v1", model="qwen", api_key="k"))
    assert isinstance(endpoint, EndpointLLM)
    assert (endpoint.name, endpoint.max_parallel, endpoint.context_tokens) == ("qwen", 4, None)
    with pytest.raises(ConfigError, match="RAG_SPEECH_MODEL"):
        get_llm(Settings(base_url="http://127.0.0.1:1/v1"))
