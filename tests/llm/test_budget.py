from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rag_speech import errors
from rag_speech.config import Settings
from rag_speech.llm import get_llm, learned
from rag_speech.llm.budget import Budget, Pace, pace_of_this_process
from rag_speech.llm.endpoint import EndpointLLM
from rag_speech.llm.usage import Price, priced, thought_line, usage_line
from rag_speech.types import Usage
from tests.llm.server import fails, says, serving
from tests.llm.test_endpoint import ASK, client

USAGE: dict[str, object] = {}
"""100 tokens read, 20 written."""


async def test_the_call_that_would_pass_max_calls_is_not_made() -> None:
    with serving(says("好")) as server:
        llm = client(server, budget=Budget(max_calls=2))
        await llm.complete(ASK, max_tokens=5)
        await llm.complete(ASK, max_tokens=5)
        with pytest.raises(errors.BudgetError, match=r"max_calls = 2 .*same command again") as caught:
            await llm.complete(ASK, max_tokens=5)
        await llm.aclose()
    assert len(server.requests) == 2
    assert caught.value.exit_code == 3


async def test_retries_count_as_calls() -> None:
    with serving(fails(500)) as server:
        llm = client(server, budget=Budget(max_calls=2))
        with pytest.raises(errors.BudgetError):
            await llm.complete(ASK, max_tokens=5)
        await llm.aclose()
    assert len(server.requests) == 2


async def test_the_call_that_would_pass_max_tokens_total_is_not_made() -> None:
    with serving(says("好", usage=USAGE)) as server:
        llm = client(server, budget=Budget(max_tokens_total=300))
        for _ in range(2):
            await llm.complete(ASK, max_tokens=40)
        with pytest.raises(errors.BudgetError, match=r"240 of max_tokens_total = 300"):
            await llm.complete(ASK, max_tokens=60)
        await llm.complete(ASK, max_tokens=20)
        await llm.aclose()
    assert len(server.requests) == 3


async def test_calls_side_by_side_share_the_budget() -> None:
    with serving(says("好", usage=USAGE)) as server:
        llm = client(server, budget=Budget(max_tokens_total=250), concurrency=4)
        calls = [llm.complete(ASK, max_tokens=100) for _ in range(4)]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        await llm.aclose()
    assert len(server.requests) == 2
    assert sum(isinstance(outcome, errors.BudgetError) for outcome in outcomes) == 2


async def test_what_failed_is_counted_and_frees_its_share() -> None:
    budget = Budget(max_tokens_total=300)
    with pytest.raises(ValueError, match="x"), budget.call(250):
        raise ValueError("x")
    assert budget.spent.calls == 1
    with budget.call(300) as call:
        call.usage = Usage(1, 100, 0, 100)
    with pytest.raises(errors.BudgetError), budget.call(101):
        pass


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_no_more_than_so_many_calls_begin_within_any_minute() -> None:
    clock = Clock()
    pace = Pace(3, clock=clock)
    starts = []
    for step in (0, 0, 10, 0, 0, 0, 45, 0):
        clock.now += step
        starts.append(clock.now + pace.reserve())
    assert starts == [0, 0, 10, 60, 60, 70, 120, 120]
    assert all(sum(begin <= t < begin + 60 for t in starts) <= 3 for begin in starts)


def test_all_wait_while_the_endpoint_asks_to() -> None:
    clock = Clock()
    pace = Pace(clock=clock)
    assert pace.reserve() == 0
    pace.hold(7)
    clock.now = 2
    assert [pace.reserve(), pace.reserve()] == [5, 5]
    clock.now = 8
    assert pace.reserve() == 0


async def test_a_rate_limit_slows_every_call_of_the_process() -> None:
    pace = Pace()
    with serving(fails(429, Retry_After="0.3"), says("好")) as server:
        first, second = client(server, pace=pace), client(server, pace=pace)
        task = asyncio.create_task(first.complete(ASK, max_tokens=5))
        while not server.requests:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert pace.reserve() > 0.05
        await second.complete(ASK, max_tokens=5)
        await task
        await first.aclose()
        await second.aclose()


def test_the_process_shares_pace_and_what_was_learned_but_not_budgets() -> None:
    learned.forget()
    settings = Settings(base_url="http://127.0.0.1:1/v1", model="m", max_calls=3, requests_per_minute=30)
    one, two = get_llm(settings), get_llm(settings)
    other = get_llm(settings.model_copy(update={"model": "n"}))
    assert isinstance(one, EndpointLLM) and isinstance(two, EndpointLLM) and isinstance(other, EndpointLLM)
    assert one.learned is two.learned
    assert one.learned is not other.learned
    assert pace_of_this_process("http://127.0.0.1:1/v1", 30) is pace_of_this_process(
        "http://127.0.0.1:1/v1", 30
    )


async def test_a_price_makes_a_cost() -> None:
    price = Price(prompt=2.0, completion=8.0, cached=0.5)
    extra: dict[str, Any] = {"prompt_tokens_details": {"cached_tokens": 60}}
    with serving(says("好", usage=extra)) as server:
        llm = client(server, price=price)
        reply = await llm.complete(ASK, max_tokens=5)
        await llm.aclose()
    assert reply.usage.cost == pytest.approx((40 * 2 + 60 * 0.5 + 20 * 8) / 1e6)
    assert llm.usage == reply.usage


def test_a_sum_has_a_cost_only_when_all_its_parts_have() -> None:
    some, free, unknown = Usage(1, cost=0.5), Usage(1, cost=0.0), Usage(1)
    assert (some + some).cost == 1.0
    assert (some + free).cost == 0.5
    assert (some + Usage()).cost == (Usage() + some).cost == 0.5
    assert (some + unknown).cost is None
    assert (unknown + some).cost is None
    assert (Usage() + Usage()).cost is None
    assert (Usage(1, thinking_tokens=3) + Usage(1, thinking_tokens=4)).thinking_tokens == 7
    assert priced(unknown, None) == unknown


def test_the_usage_line_says_what_is_known() -> None:
    assert usage_line(Usage(2, 100, 0, 50)) == "调用模型2次，读入100、写出50词元。"
    full = Usage(2, 100, 40, 50, 1.0, 30, 0.0125)
    assert usage_line(full) == "调用模型2次，读入100（缓存40）、写出50（其中思考30）词元，约0.0125元。"
    assert usage_line(full, "USD").endswith("约0.0125 USD。")


def test_thinking_is_shown_as_progress() -> None:
    assert thought_line(320) == "正在思考（约320词元）"
    assert thought_line(0) == ""
