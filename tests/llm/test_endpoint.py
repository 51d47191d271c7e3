from __future__ import annotations

import asyncio
import email.utils
import logging
import socket
import time
from typing import Any

import pytest

from rag_speech import errors
from rag_speech.llm import Message
from rag_speech.llm.endpoint import EndpointLLM
from rag_speech.llm.openai_client import Limits
from tests.llm.server import FakeEndpoint, Handler, breaks, fails, hangs, refuses, says, serving

KEY = "sk-verysecretkey0123456789"
ASK = [Message("system", "你是起草人。"), Message("user", "写一句话。")]
FAST = Limits(
    connect=1.0, first_token=0.4, idle=0.3, retries=2, backoff=0.01, backoff_cap=0.05, retry_after_cap=1.5
)
SCHEMA = {
    "type": "object",
    "properties": {"heading": {"type": "string"}, "n": {"type": "integer"}},
    "required": ["heading", "n"],
    "additionalProperties": False,
}
GOOD_JSON = says('{"heading": "一', '、", "n": 3}')


def client(server: FakeEndpoint | str, **options: Any) -> EndpointLLM:
    url = server if isinstance(server, str) else server.url
    return EndpointLLM(base_url=url, model="fake", api_key=KEY, **{"limits": FAST, "direct": True, **options})


async def ask(server: FakeEndpoint | str, options: dict[str, Any] | None = None, **call: Any) -> Any:
    llm = client(server, **(options or {}))
    try:
        return await llm.complete(ASK, **{"max_tokens": 50, **call})
    finally:
        await llm.aclose()


async def test_a_streamed_answer_is_put_together_and_counted() -> None:
    usage = {"prompt_tokens_details": {"cached_tokens": 64}}
    heard: list[str] = []
    with serving(says("同志", "们：", usage=usage)) as server:
        reply = await ask(server, seed=7, stop=["。"], frequency_penalty=0.3, on_token=heard.append)
    assert (reply.text, reply.finish_reason, reply.model, reply.degraded) == (
        "同志们：",
        "stop",
        "fake-1",
        "",
    )
    assert heard == ["同志", "们："]
    used = reply.usage
    assert (used.calls, used.prompt_tokens, used.cached_tokens, used.completion_tokens) == (1, 100, 64, 20)
    assert used.seconds > 0
    sent = server.requests[0]
    assert sent["messages"] == [{"role": m.role, "content": m.content} for m in ASK]
    assert (sent["seed"], sent["stop"], sent["frequency_penalty"], sent["stream"]) == (7, ["。"], 0.3, True)
    assert server.keys == [f"Bearer {KEY}"]


@pytest.mark.parametrize(
    ("extra", "cached"),
    [({"prompt_cache_hit_tokens": 48}, 48), ({}, 0), ({"prompt_tokens_details": None}, 0)],
)
async def test_cached_tokens_of_other_servers(extra: dict[str, object], cached: int) -> None:
    with serving(says("好", usage=extra)) as server:
        assert (await ask(server)).usage.cached_tokens == cached


async def test_timings_of_llama_cpp_count_when_usage_is_missing() -> None:
    def behave(handler: Handler, body: dict[str, Any]) -> None:
        handler.begin()
        handler.piece("好")
        handler.event(
            {
                "id": "c",
                "object": "chat.completion.chunk",
                "created": 0,
                "model": "m",
                "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
                "timings": {"cache_n": 663, "prompt_n": 24, "predicted_n": 1},
            }
        )

    with serving(behave) as server:
        used = (await ask(server)).usage
    assert (used.prompt_tokens, used.cached_tokens, used.completion_tokens) == (687, 663, 1)


async def test_usage_is_estimated_when_the_endpoint_reports_none() -> None:
    with serving(says("各乡镇要抓好落实。" * 10)) as server:
        used = (await ask(server)).usage
    assert 40 <= used.completion_tokens <= 80
    assert used.prompt_tokens > 0


async def test_length_is_reported_not_hidden() -> None:
    with serving(says("写到一半", finish="length")) as server:
        assert (await ask(server)).finish_reason == "length"


@pytest.mark.parametrize(
    ("behaviour", "expected", "words"),
    [
        (fails(401, f"Incorrect API key provided: {KEY}"), errors.AuthenticationError, "RAG_SPEECH_API_KEY"),
        (fails(403), errors.AuthenticationError, "refused the key"),
        (
            fails(404, "The model `fake` does not exist", code="model_not_found"),
            errors.UnknownModelError,
            "'fake'",
        ),
        (fails(400, "Model Not Exist"), errors.UnknownModelError, "'fake'"),
        (fails(400, "bad things"), errors.EndpointError, "bad things"),
        (fails(402, "Insufficient Balance"), errors.EndpointError, "no credit"),
        (
            fails(429, "You exceeded your current quota", code="insufficient_quota"),
            errors.RateLimitError,
            "credit",
        ),
    ],
)
async def test_what_no_retry_can_help_fails_at_once(behaviour: Any, expected: type, words: str) -> None:
    with serving(behaviour) as server, pytest.raises(expected, match=words) as caught:
        await ask(server)
    assert type(caught.value) is expected
    assert len(server.requests) == 1
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
        "the request exceeds the available context size, try increasing it",
        "The prompt (total length 9000) is longer than the maximum model length of 8192",
        "Range of input length should be [1, 30720]",
        "Invalid request: Your request exceeded model token limit: 8192",
        "prompt is too long: 9000 tokens > 8192 maximum",
    ],
)
@pytest.mark.parametrize("schema", [None, SCHEMA])
async def test_context_too_long_is_recognised(message: str, schema: Any) -> None:
    with (
        serving(fails(400, message)) as server,
        pytest.raises(errors.ContextTooLongError, match="Shorten the materials"),
    ):
        await ask(server, schema=schema)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
async def test_passing_trouble_is_retried(status: int) -> None:
    restarts: list[int] = []
    with serving(fails(status), fails(status), says("好")) as server:
        reply = await ask(server, on_restart=lambda: restarts.append(1))
    assert reply.text == "好"
    assert reply.usage.calls == 3
    assert len(restarts) == 2


async def test_retries_are_bounded() -> None:
    with (
        serving(fails(500, "boom", x_request_id="req-7")) as server,
        pytest.raises(errors.EndpointError, match=r"after 3 tries.*boom") as caught,
    ):
        await ask(server)
    assert len(server.requests) == 3
    assert (caught.value.status, caught.value.request_id) == (500, "req-7")


async def test_a_rate_limit_without_retry_after_backs_off_then_gives_up() -> None:
    with (
        serving(fails(429, "slow down")) as server,
        pytest.raises(errors.RateLimitError, match="lower concurrency"),
    ):
        await ask(server)
    assert len(server.requests) == 3


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_retry_after_is_honoured(form: str) -> None:
    # An HTTP date has whole seconds: two from now is at least one second away.
    value = "0.5" if form == "seconds" else email.utils.formatdate(int(time.time()) + 2, usegmt=True)
    options = {"limits": Limits(backoff=0.001, retries=1, retry_after_cap=5)}
    with serving(fails(429, Retry_After=value), says("好")) as server:
        started = time.monotonic()
        assert (await ask(server, options)).text == "好"
    assert time.monotonic() - started >= 0.45


async def test_a_server_that_asks_for_too_much_patience_is_left_alone() -> None:
    with (
        serving(fails(429, Retry_After="3600")) as server,
        pytest.raises(errors.RateLimitError, match="wait 3600 s"),
    ):
        await ask(server)
    assert len(server.requests) == 1


async def test_connection_refused() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(
            errors.EndpointUnreachableError, match=rf"127.0.0.1:{port} cannot be reached after 3 tries"
        ):
            await ask(f"http://127.0.0.1:{port}/v1")


@pytest.mark.parametrize("how", ["reset", "cut", "garbage", "error"])
async def test_a_broken_stream_is_asked_again(how: str) -> None:
    heard: list[str] = []
    with serving(breaks(how), says("整句。")) as server:
        reply = await ask(server, on_token=heard.append, on_restart=heard.clear)
    assert reply.text == "整句。"
    assert heard == ["整句。"]
    assert reply.usage.calls == 2


@pytest.mark.parametrize("how", ["reset", "hang", "close", "garbage"])
async def test_an_answer_that_has_ended_is_not_asked_for_again(how: str) -> None:
    def behave(handler: Handler, body: dict[str, Any]) -> None:
        handler.begin()
        handler.piece("整句。")
        handler.piece(finish="stop")
        if how == "reset":
            time.sleep(0.1)
            handler.reset()
        elif how == "hang":
            time.sleep(0.6)
        elif how == "garbage":
            handler.event('{"id": "c", "choi')

    with serving(behave) as server:
        reply = await ask(server)
    assert (reply.text, reply.finish_reason, reply.usage.calls) == ("整句。", "stop", 1)
    assert len(server.requests) == 1


async def test_a_finish_reason_that_tells_of_a_breakdown_is_no_end() -> None:
    with serving(says("半句", finish="insufficient_system_resource"), says("整句。")) as server:
        assert (await ask(server)).text == "整句。"


@pytest.mark.parametrize("how", ["reset", "cut", "garbage"])
async def test_a_stream_that_always_breaks_is_given_up(how: str) -> None:
    with (
        serving(breaks(how)) as server,
        pytest.raises(errors.EndpointUnreachableError, match="broke off its answer after 3 tries"),
    ):
        await ask(server)
    assert len(server.requests) == 3


@pytest.mark.parametrize(("pieces", "words"), [(0, "no answer|silent for 0.4"), (2, "silent for 0.3")])
async def test_a_stall_is_noticed(pieces: int, words: str) -> None:
    with serving(hangs(pieces, 1.0)) as server:
        started = time.monotonic()
        with pytest.raises(errors.EndpointUnreachableError, match=words):
            await ask(server, {"limits": Limits(first_token=0.4, idle=0.3, retries=0)})
    assert time.monotonic() - started < 1.0


async def test_an_empty_answer_is_asked_again_then_reported() -> None:
    with serving(says(""), says("好")) as server:
        assert (await ask(server)).text == "好"
    with serving(says("  \n")) as server, pytest.raises(errors.BadReplyError, match="nothing 3 times"):
        await ask(server)
    assert len(server.requests) == 3


async def test_thoughts_are_left_out_of_answer_and_stream() -> None:
    heard: list[str] = []
    with serving(says("<thi", "nk>怎么写", "呢</th", "ink>\n\n同志", "们：")) as server:
        reply = await ask(server, on_token=heard.append, on_restart=heard.clear)
    assert reply.text == "".join(heard) == "同志们："


async def test_json_by_schema() -> None:
    with serving(GOOD_JSON) as server:
        reply = await ask(server, schema=SCHEMA)
    assert (reply.data, reply.degraded) == ({"heading": "一、", "n": 3}, "")
    assert server.requests[0]["response_format"]["json_schema"]["schema"] == SCHEMA


@pytest.mark.parametrize(("refused", "mode"), [("json_schema", "json_object"), ("response_format", "prompt")])
async def test_endpoints_without_schemas_get_the_schema_in_the_prompt(refused: str, mode: str) -> None:
    with serving(refuses(refused, GOOD_JSON)) as server:
        llm = client(server)
        for _ in range(2):
            reply = await llm.complete(ASK, max_tokens=50, schema=SCHEMA)
            assert reply.data == {"heading": "一、", "n": 3}
            assert reply.degraded == mode
        await llm.aclose()
    assert '"required"' in server.requests[-1]["messages"][-1]["content"]
    # What was refused once is not tried again.
    assert len(server.requests) == (3 if mode == "json_object" else 4)


async def test_invalid_json_is_asked_for_once_more_with_the_complaint() -> None:
    with serving(says('{"heading": "一、"}'), GOOD_JSON) as server:
        reply = await ask(server, schema=SCHEMA)
    assert reply.data == {"heading": "一、", "n": 3}
    assert reply.usage.calls == 2
    again = server.requests[1]["messages"]
    assert again[-2] == {"role": "assistant", "content": '{"heading": "一、"}'}
    assert "'n' is a required property" in again[-1]["content"]


async def test_a_server_that_takes_no_notice_of_schemas_gets_them_in_the_prompt() -> None:
    with serving(says("好的，没有问题"), GOOD_JSON) as server:
        llm = client(server)
        for _ in range(2):
            reply = await llm.complete(ASK, max_tokens=50, schema=SCHEMA)
            assert (reply.data["n"], reply.degraded) == (3, "json_object")
        await llm.aclose()
    assert len(server.requests) == 3
    for request in server.requests[1:]:
        assert '"required"' in request["messages"][-1]["content"]


async def test_cut_off_json_gets_more_room() -> None:
    with serving(says('{"heading": "一', finish="length"), GOOD_JSON) as server:
        assert (await ask(server, schema=SCHEMA)).data["n"] == 3
    assert [request["max_tokens"] for request in server.requests] == [50, 100]
    assert len(server.requests[1]["messages"]) == len(ASK)


async def test_json_that_stays_invalid_carries_the_last_attempt() -> None:
    with (
        serving(says("好的，没有问题")) as server,
        pytest.raises(errors.BadReplyError, match="invalid JSON") as caught,
    ):
        await ask(server, schema=SCHEMA)
    assert caught.value.last_attempt == "好的，没有问题"
    assert len(server.requests) == 2


@pytest.mark.parametrize("name", ["stream_options", "seed", "temperature"])
async def test_refused_options_are_dropped_and_said(name: str) -> None:
    with serving(refuses(name, says("好"), status=422)) as server:
        reply = await ask(server, seed=1)
    assert reply.text == "好"
    assert reply.degraded == ("" if name == "stream_options" else f"without {name}")


async def test_newer_openai_models_name_the_limit_differently() -> None:
    def behave(handler: Handler, body: dict[str, Any]) -> None:
        if "max_tokens" in body:
            handler.error(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
        else:
            says("好")(handler, body)

    with serving(behave) as server:
        assert (await ask(server)).text == "好"
    assert server.requests[1]["max_completion_tokens"] == 50


async def test_calls_wait_for_a_free_place() -> None:
    running = peak = 0

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        time.sleep(0.05)
        running -= 1
        says("好")(handler, body)

    with serving(behave) as server:
        llm = client(server, concurrency=2)
        await asyncio.gather(*(llm.complete(ASK, max_tokens=5) for _ in range(6)))
        await llm.aclose()
    assert peak == 2


def test_one_client_serves_one_event_loop_after_another() -> None:
    with serving(says("好")) as server:
        llm = client(server, concurrency=1)

        async def both() -> None:
            await asyncio.gather(*(llm.complete(ASK, max_tokens=5) for _ in range(2)))

        asyncio.run(both())
        asyncio.run(both())
    assert len(server.requests) == 4


async def test_what_a_callback_raises_reaches_the_caller() -> None:
    def broken_pipe(piece: str) -> None:
        raise BrokenPipeError("the terminal is gone")

    with serving(says("好")) as server, pytest.raises(BrokenPipeError):
        await ask(server, on_token=broken_pipe)
    assert len(server.requests) == 1


async def test_cancelling_a_call_hangs_up() -> None:
    with serving(hangs(1, 0.3)) as server:
        llm = client(server, concurrency=1)
        task = asyncio.create_task(llm.complete(ASK, max_tokens=5))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        server.behaviours = (says("好"),)
        assert (await llm.complete(ASK, max_tokens=5)).text == "好"
        await llm.aclose()


@pytest.mark.parametrize(
    "behaviour", [fails(401, f"bad key {KEY}"), fails(500, KEY), breaks("reset"), fails(400, KEY)]
)
async def test_the_key_is_nowhere(behaviour: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(behaviour) as server:
        llm = client(server)
        with pytest.raises(errors.RagSpeechError) as caught:
            await llm.complete(ASK, max_tokens=5)
        await llm.aclose()
        assert KEY not in repr(llm)
    shown: BaseException | None = caught.value
    while shown is not None:
        assert KEY not in f"{shown} {shown!r} {vars(shown)}"
        shown = shown.__cause__ or shown.__context__
    assert KEY not in caplog.text


async def test_servers_on_this_machine_ignore_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with serving(says("好")) as server:
        assert (await ask(server)).text == "好"
