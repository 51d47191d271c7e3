"""A real server behind the endpoint adapter: llama.cpp's own, with the embedded model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag_speech.config import Settings
from rag_speech.llm import Message
from rag_speech.llm.budget import Budget
from rag_speech.llm.embedded import ModelServer, ServerOptions
from rag_speech.llm.endpoint import EndpointLLM
from rag_speech.llm.findings import probe
from rag_speech.llm.learned import Learned
from tests.llm.test_endpoint import SCHEMA

pytestmark = pytest.mark.model
ASK = [Message("system", "你是起草人。"), Message("user", "用一句话说明值班值守为什么重要。")]


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    from rag_speech.llm.model_files import locate_model

    running = ModelServer(locate_model(Settings().cache_dir), "qwen", ServerOptions(slots=2))
    running.start()
    yield running
    running.stop()


def endpoint(server: ModelServer, **options: object) -> EndpointLLM:
    given = {"base_url": f"{server.address}/v1", "model": "qwen", "api_key": server.key, "direct": True}
    return EndpointLLM(**{**given, **options})  # type: ignore[arg-type]


async def test_llama_cpp_is_probed(server: ModelServer) -> None:
    llm = endpoint(server)
    found = await probe(llm)
    await llm.aclose()
    assert (found.streams, found.json, found.thinking_tokens, found.calls) == (True, "json_schema", 0, 1)
    assert found.context_tokens and found.context_tokens >= 2048
    assert 0 < found.first_text <= found.whole
    assert not llm.learned.dropped


async def test_llama_cpp_takes_the_switch_and_the_seed(server: ModelServer) -> None:
    llm = endpoint(server, thinking="off", extra_body={"top_k": 20})
    first = await llm.complete(ASK, max_tokens=40, seed=5, temperature=0.0)
    again = await llm.complete(ASK, max_tokens=40, seed=5, temperature=0.0, schema=SCHEMA)
    await llm.aclose()
    assert first.text and again.data["heading"]
    assert first.usage.completion_tokens <= 40
    assert (first.degraded, again.degraded) == ("", "")


async def test_llama_cpp_within_a_budget_and_too_long_a_prompt(server: ModelServer) -> None:
    from rag_speech.errors import BudgetError, ContextTooLongError

    llm = endpoint(server, budget=Budget(max_calls=1), learned=Learned())
    with pytest.raises(ContextTooLongError):
        await llm.complete([Message("user", "值班值守。" * 20_000)], max_tokens=20)
    with pytest.raises(BudgetError):
        await llm.complete(ASK, max_tokens=20)
    await llm.aclose()
