from __future__ import annotations

from rag_speech.evals.metered import SEED_STEP, MeteredLLM
from rag_speech.llm import Message
from rag_speech.llm.scripted import ScriptedLLM


async def test_seeds_are_shifted_by_the_case_and_usage_adds_up() -> None:
    inner = ScriptedLLM()
    metered = MeteredLLM(inner, 2)
    for _ in range(2):
        await metered.complete([Message("user", "写40字")], max_tokens=80, seed=3)
    assert [c.seed for c in inner.calls] == [3 + SEED_STEP] * 2
    assert metered.usage.calls == 2
    assert metered.profile is inner.profile
