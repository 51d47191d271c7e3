"""Each way in which real endpoints misbehave, with what comes of it and how many calls it costs."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from rag_speech import errors
from rag_speech.llm.endpoint import EndpointLLM
from rag_speech.llm.learned import Learned
from tests.llm.misbehaving import (
    BUSY,
    HTML,
    REFUSED_BY_MINIMAX,
    TEXT,
    body,
    deltas,
    inspects,
    json_as_deepseek,
    limited,
    no_place,
    thinks,
    whole,
)
from tests.llm.server import fails, says, serving
from tests.llm.test_endpoint import ASK, FAST, GOOD_JSON, SCHEMA, ask, client

MOST_WASTED = 3


# ------------------------------------------------------------------ thinking


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
async def test_a_thinking_model_gets_the_room_it_needs_and_it_is_remembered(key: str) -> None:
    heard: list[str] = []
    thought: list[int] = []
    with serving(thinks(1500, key)) as server:
        llm = client(server, on_thought=thought.append)
        first = await llm.complete(ASK, max_tokens=120, on_token=heard.append, on_restart=heard.clear)
        second = await llm.complete(ASK, max_tokens=120)
        await llm.aclose()
    assert first.text == second.text == "".join(heard) == TEXT
    assert [request["max_tokens"] for request in server.requests] == [120, 2168, 2168]
    assert first.usage.calls == 2
    assert 0 < first.usage.thinking_tokens <= first.usage.completion_tokens
    assert thought[-1] == 0
    assert max(thought) > 20


async def test_thoughts_that_need_more_than_the_first_room() -> None:
    with serving(thinks(8000)) as server:
        assert (await ask(server)).text == TEXT
    assert [request["max_tokens"] for request in server.requests] == [50, 2098, 8242]


async def test_one_long_thought_is_no_reason_for_more_room() -> None:
    endless = deltas({"reasoning_content": "想一想，" * 30}, finish="length")
    with serving(thinks(1500), thinks(1500), endless, says(TEXT)) as server:
        llm = client(server)
        for _ in range(2):
            assert (await llm.complete(ASK, max_tokens=120)).text == TEXT
        await llm.aclose()
    assert [request["max_tokens"] for request in server.requests] == [120, 2168, 2168, 2168]


async def test_endless_thoughts_cost_three_calls_and_the_setting_is_named() -> None:
    with (
        serving(says("<think>想了很久", finish="length")) as server,
        pytest.raises(errors.BadReplyError, match=r"thinking = .off.*max_tokens_factor"),
    ):
        await ask(server)
    assert len(server.requests) == MOST_WASTED


async def test_an_answer_that_thoughts_cut_short_is_asked_for_again() -> None:
    cut = deltas({"reasoning_content": "想一想，" * 30}, {"content": "值班"}, finish="length")
    with serving(cut, says(TEXT)) as server:
        assert (await ask(server, max_tokens=200)).text == TEXT
    with serving(deltas({"content": "值班值守要严，"}, finish="length")) as server:
        reply = await ask(server)
    assert (reply.finish_reason, len(server.requests)) == ("length", 1), "no thoughts: the caller decides"


async def test_room_stays_within_what_the_endpoint_allows() -> None:
    def both(handler: Any, request: dict[str, Any]) -> None:
        if request["max_tokens"] > 1024:
            handler.error(400, "max_tokens must be less than or equal to 1024")
        else:
            thinks(900)(handler, request)

    with serving(both) as server:
        assert (await ask(server)).text == TEXT
    assert [request["max_tokens"] for request in server.requests] == [50, 2098, 1024]


async def test_settings_give_room_from_the_first_call() -> None:
    with serving(thinks(1500)) as server:
        assert (await ask(server, {"max_tokens_factor": 40})).text == TEXT
        assert (await ask(server, {"thinking": "on"})).text == TEXT
    assert [request["max_tokens"] for request in server.requests] == [2000, 2098]


@pytest.mark.parametrize(
    ("url", "switch"),
    [
        ("https://dashscope.aliyuncs.com/compatible-mode/v1", {"enable_thinking": False}),
        ("https://api.deepseek.com/v1", {"thinking": {"type": "disabled"}}),
        ("https://open.bigmodel.cn/api/paas/v4", {"thinking": {"type": "disabled"}}),
        ("http://10.0.0.7:11434/v1", {"reasoning_effort": "none"}),
        ("http://10.0.0.7:8000/v1", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("https://notdeepseek.com.example/v1", {"chat_template_kwargs": {"enable_thinking": False}}),
    ],
)
def test_thinking_is_switched_off_in_the_endpoints_own_way(url: str, switch: dict[str, Any]) -> None:
    from rag_speech.llm.request import thinking_switch

    assert thinking_switch("off", url) == switch
    assert thinking_switch("auto", url) == {}


async def test_extra_body_wins_over_the_switch_and_a_refused_switch_is_dropped() -> None:
    with serving(says(TEXT)) as server:
        await ask(server, {"thinking": "off", "extra_body": {"chat_template_kwargs": {"a": 1}, "top_k": 20}})
    assert server.requests[0]["chat_template_kwargs"] == {"a": 1}
    assert server.requests[0]["top_k"] == 20
    for said in ("unknown field chat_template_kwargs", '"gemma3" does not support thinking'):
        with serving(fails(400, said), says(TEXT)) as server:
            assert (await ask(server, {"thinking": "off"})).text == TEXT
        assert "chat_template_kwargs" not in server.requests[1]


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
async def test_an_answer_that_is_all_thought_is_said_at_once(key: str) -> None:
    only = deltas({"role": "assistant", "content": None, key: "先想一想，"}, {"content": None, key: TEXT})
    with (
        serving(only) as server,
        pytest.raises(errors.BadReplyError, match=r"among its thoughts.*thinking = .off"),
    ):
        await ask(server)
    assert len(server.requests) == 1
    with serving(only) as server, pytest.raises(errors.BadReplyError, match="reasoning parser"):
        await ask(server, {"thinking": "off"})


async def test_a_closing_tag_alone_makes_what_stood_before_a_thought() -> None:
    heard: list[str] = []
    with serving(says("好的，全县有17处……", "</thi", f"nk>\n\n{TEXT}")) as server:
        reply = await ask(server, on_token=heard.append, on_restart=heard.clear)
    assert reply.text == "".join(heard) == TEXT
    assert reply.usage.thinking_tokens > 0


# ------------------------------------------------------------------ shapes


@pytest.mark.parametrize(
    "behaviour",
    [
        deltas({"content": [{"type": "text", "text": TEXT[:5]}, {"type": "text", "text": TEXT[5:]}]}),
        deltas({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "想"}]}, TEXT]}),
        deltas({"content": {"type": "text", "text": TEXT}}),
        body(whole()),
        body(whole(), kind="text/plain"),
        body({**whole(), "choices": [{"message": {"content": TEXT}, "finish_reason": None}]}),
        body(f"data: {whole()}".replace("'", '"') + "\n\ndata: [DONE]\n\n"),
        body({**whole(), "base_resp": {"status_code": 0, "status_msg": ""}}),
    ],
)
async def test_unusual_shapes_are_read(behaviour: Any) -> None:
    heard: list[str] = []
    with serving(behaviour) as server:
        reply = await ask(server, on_token=heard.append)
    assert (reply.text, "".join(heard), reply.finish_reason) == (TEXT, TEXT, "stop")
    assert len(server.requests) == 1


async def test_a_whole_answer_is_counted_and_its_thoughts_left_out() -> None:
    with serving(body(whole(reasoning_content="想一想再写"))) as server:
        reply = await ask(server)
    assert reply.text == TEXT
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (100, 50)
    assert reply.usage.thinking_tokens > 0


@pytest.mark.parametrize("kind", ["text/html", "application/json", "text/html; charset=utf-8"])
async def test_a_login_page_is_said_at_once_with_the_address(kind: str) -> None:
    with (
        serving(body(HTML, kind=kind)) as server,
        pytest.raises(
            errors.EndpointError, match=r"web page \(统一认证\).*base_url = http://127.0.0.1"
        ) as caught,
    ):
        await ask(server)
    assert len(server.requests) == 1
    assert not isinstance(caught.value, errors.EndpointUnreachableError)


async def test_an_error_that_is_a_web_page_is_named_by_its_title() -> None:
    page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
    with (
        serving(body(page, status=502, kind="text/html")) as server,
        pytest.raises(errors.EndpointError, match=r"HTTP 502: a web page, 502 Bad Gateway\)"),
    ):
        await ask(server)
    assert len(server.requests) == 1 + FAST.retries


@pytest.mark.parametrize(
    ("value", "kind", "words", "calls"),
    [
        (BUSY, errors.EndpointError, "上游负载已饱和", MOST_WASTED),
        ({"error": "model 'x' not found"}, errors.UnknownModelError, "not found", 1),
        ({"error": {"message": "Insufficient Balance"}}, errors.EndpointError, "no credit", 1),
        (
            {"error": {"code": "401", "message": "无效的令牌"}},
            errors.AuthenticationError,
            "refused the key",
            1,
        ),
        (
            {"base_resp": {"status_code": 1004, "status_msg": "login fail"}},
            errors.AuthenticationError,
            "login",
            1,
        ),
        ({"base_resp": {"status_code": 1008, "status_msg": "x"}}, errors.EndpointError, "no credit", 1),
        ({"code": 500, "msg": "服务异常"}, errors.EndpointError, "服务异常", MOST_WASTED),
        ([1, 2], errors.EndpointError, "not an OpenAI-compatible answer", 1),
        ("", errors.EndpointError, "not an OpenAI-compatible answer", 1),
        ("404 page not found", errors.EndpointError, "404 page not found", 1),
    ],
)
async def test_an_error_in_an_answer_with_status_200(value: Any, kind: type, words: str, calls: int) -> None:
    with serving(body(value)) as server, pytest.raises(kind, match=words):
        await ask(server)
    assert len(server.requests) == calls


async def test_a_passing_error_with_status_200_passes() -> None:
    with serving(body(BUSY), says(TEXT)) as server:
        assert (await ask(server)).text == TEXT


@pytest.mark.parametrize("path", ["", "/v1/chat/completions", "/v2"])
async def test_an_address_with_nothing_behind_it_is_named(path: str) -> None:
    with serving(no_place) as server:
        root = server.url.removesuffix("/v1")
        with pytest.raises(errors.UnknownModelError, match=r"nothing at base_url = http.*/v1\)"):
            await ask(f"{root}{path}")
        assert (await ask(server)).text == TEXT
    assert len(server.requests) == 2


async def test_a_usage_chunk_without_choices_and_thoughts_before_the_text() -> None:
    def behave(handler: Any, request: dict[str, Any]) -> None:
        if not request.get("stream"):
            handler.error(400, "parameter.enable_thinking must be set to false for non-streaming calls")
            return
        handler.begin()
        handler.delta({"reasoning_content": "想"})
        handler.delta({"content": TEXT})
        handler.delta({}, "stop")
        handler.usage(completion_tokens_details={"reasoning_tokens": 7})
        handler.event("[DONE]")

    with serving(behave) as server:
        reply = await ask(server)
    assert (reply.text, reply.usage.thinking_tokens, reply.usage.completion_tokens) == (TEXT, 7, 20)


# ------------------------------------------------------------------ refused content


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (inspects("写"), "data_inspection_failed"),
        (body(REFUSED_BY_MINIMAX), "1027"),
        (body({"choices": None, "base_resp": {"status_code": 1026, "status_msg": "x"}}), "1026"),
        (says("", finish="content_filter"), "content_filter"),
        (says("写到一半", finish="content_filter"), "content_filter"),
        (says("", finish="sensitive"), "sensitive"),
        (deltas({"refusal": "I cannot help with that"}), "cannot help"),
        (fails(400, "Content Exists Risk"), "Content Exists Risk"),
        (fails(400, "The request was rejected because it was considered high risk"), "high risk"),
        (fails(400, "系统检测到输入或生成内容可能包含不安全或敏感内容", code="1301"), "1301"),
        (fails(403, "The response was filtered", code="content_filter"), "content_filter"),
        (fails(451, "内容违规"), "违规"),
        (body({"error": {"message": "输入内容违规", "code": "risk"}}), "违规"),
    ],
)
@pytest.mark.parametrize("schema", [None, SCHEMA])
async def test_refused_content_is_said_at_once_and_never_asked_again(
    behaviour: Any, said: str, schema: Any
) -> None:
    with serving(behaviour) as server, pytest.raises(errors.RefusedContentError, match="neutrally") as caught:
        await ask(server, schema=schema)
    assert len(server.requests) == 1
    assert said in caught.value.said
    assert caught.value.exit_code == 3


async def test_a_refusal_leaves_the_endpoint_as_it_was() -> None:
    with serving(inspects("转移", GOOD_JSON)) as server:
        llm = client(server)
        with pytest.raises(errors.RefusedContentError):
            await llm.complete([*ASK[:1], type(ASK[0])("user", "转移群众")], max_tokens=50, schema=SCHEMA)
        assert (await llm.complete(ASK, max_tokens=50, schema=SCHEMA)).degraded == ""
        await llm.aclose()
    assert llm.learned == Learned()


# ------------------------------------------------------------------ refused requests


@pytest.mark.parametrize(
    "said",
    [
        "Invalid max_tokens value, the valid range of max_tokens is [1, {most}]",
        "Range of max_tokens should be [1, {most}]",
        "max_tokens is too large: {asked}. This model supports at most {most} completion tokens",
        "max_tokens must be less than or equal to {most}",
        "max_tokens 不能超过 {most}",
    ],
)
async def test_the_longest_answer_is_learned_from_the_message(said: str) -> None:
    with serving(limited(512, said)) as server:
        llm = client(server)
        for _ in range(2):
            assert (await llm.complete(ASK, max_tokens=1800)).text == TEXT
        await llm.aclose()
    assert [request["max_tokens"] for request in server.requests] == [1800, 512, 512]


async def test_a_limit_that_is_not_told_is_found_by_halving() -> None:
    with serving(limited(512, "max_tokens is too large")) as server:
        assert (await ask(server, max_tokens=1800)).text == TEXT
    assert [request["max_tokens"] for request in server.requests] == [1800, 900, 450]
    with serving(limited(1, "max_tokens is too large")) as server, pytest.raises(errors.EndpointError):
        await ask(server, max_tokens=1800)
    assert len(server.requests) == MOST_WASTED


async def test_an_answer_that_nearly_fits_the_context_gets_what_is_left() -> None:
    said = (
        "'max_tokens' or 'max_completion_tokens' is too large: {asked}. This model's maximum context length is 8192 "
        "tokens and your request has 7000 input tokens"
    )
    with serving(limited(1192, said)) as server:
        llm = client(server)
        assert (await llm.complete(ASK, max_tokens=1800)).text == TEXT
        await llm.aclose()
    assert [request["max_tokens"] for request in server.requests] == [1800, 1176]
    assert llm.context_tokens == 8192
    assert llm.learned.token_limit is None, "the next prompt may be shorter"


@pytest.mark.parametrize(("text", "calls"), [('{"heading": "一、", "n": 3}', 2), (TEXT, MOST_WASTED)])
async def test_json_without_schemas(text: str, calls: int) -> None:
    with serving(json_as_deepseek(text)) as server:
        if calls == MOST_WASTED:
            with pytest.raises(errors.BadReplyError, match="did not answer with the JSON"):
                await ask(server, schema=SCHEMA)
        else:
            assert (await ask(server, schema=SCHEMA)).degraded == "json_object"
    assert len(server.requests) == calls


async def test_a_refusal_for_no_clear_reason_does_not_cost_json_for_good() -> None:
    with serving(fails(400, "bad things")) as server:
        llm = client(server)
        with pytest.raises(errors.EndpointError, match="bad things"):
            await llm.complete(ASK, max_tokens=50, schema=SCHEMA)
        assert len(server.requests) <= MOST_WASTED
        server.behaviours = (GOOD_JSON,)
        assert (await llm.complete(ASK, max_tokens=50, schema=SCHEMA)).degraded == ""
        await llm.aclose()


async def test_a_server_that_names_every_option_in_vain_costs_three_calls() -> None:
    options = "stream_options, seed, frequency_penalty, top_p, temperature, stop"
    with serving(fails(422, f"invalid request with {options}")) as server:
        llm = client(server)
        with pytest.raises(errors.EndpointError):
            await llm.complete(ASK, max_tokens=50, seed=3, schema=SCHEMA)
        await llm.aclose()
    assert len(server.requests) <= MOST_WASTED
    assert llm.learned == Learned(), "what did not help is not remembered"


async def test_empty_answers_cost_three_calls(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    from dataclasses import replace

    with serving(says("")) as server, pytest.raises(errors.BadReplyError, match="nothing 3 times"):
        await ask(server, {"limits": replace(FAST, retries=9)})
    assert len(server.requests) == MOST_WASTED


def test_what_was_learned_survives_being_written_down() -> None:
    learned = Learned({"seed"}, 1, "max_completion_tokens", 2048, 8192, 32768, True)
    assert Learned.from_json(learned.as_json()) == learned
    for wrong in (None, [], {"key": "x"}, {"room": "x"}, {"room": -1}, {"thinks": 1}, {"dropped": "seed"}):
        with pytest.raises(ValueError, match=r"not what|is "):
            Learned.from_json(wrong)


def test_the_client_is_the_llm_of_the_stages() -> None:
    from rag_speech.llm.base import LLM

    llm: LLM = EndpointLLM(base_url="http://127.0.0.1:1/v1", model="m")
    assert llm.name == "m"
