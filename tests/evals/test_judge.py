"""The judging model: votes, unreadable answers, swapped places."""

from __future__ import annotations

from rag_speech.brief.brief import make_brief
from rag_speech.evals.cases import Case
from rag_speech.evals.judge import CRITERIA, mean_of, prefer, read_draft
from rag_speech.llm.scripted import Call, ScriptedLLM
from rag_speech.prompts import Prompts

CASE = Case(
    id="c",
    brief=make_brief({"event": "全县防汛工作会议", "facts": ["水库52座"]}),
    rubric=("是否提到夜间转移",),
)
PROMPTS = Prompts.bundled()


async def test_votes_are_averaged_over_all_criteria() -> None:
    llm = ScriptedLLM(
        lambda call: dict.fromkeys((*CRITERIA, "extra1"), (call.seed or 0) + 1) | {"reason": "好"}
    )
    votes = await read_draft(llm, PROMPTS, CASE, "稿子", votes=3)
    assert [v.points and set(v.points.values()) for v in votes] == [{2}, {3}, {4}]
    assert mean_of(votes) == 3
    asked = llm.calls[0].text
    assert "是否提到夜间转移" in asked and "水库52座" in asked and asked.count("稿子\n") >= 1


async def test_an_answer_that_cannot_be_read_counts_for_nothing() -> None:
    good = {**dict.fromkeys((*CRITERIA, "extra1"), 5), "reason": ""}
    llm = ScriptedLLM(["我觉得很好", good, {**good, "usable": 9}])
    votes = await read_draft(llm, PROMPTS, CASE, "稿子", votes=3)
    assert [v.points is None for v in votes] == [True, False, True]
    assert mean_of(votes) == 5
    assert mean_of(votes[:1]) is None


def longer(call: Call) -> dict[str, str]:
    """Prefers the longer draft, wherever it stands."""
    first = call.text.split("甲稿：\n")[1].split("\n\n乙稿：")[0]
    second = call.text.split("乙稿：\n")[1].split("\n\n只输出")[0]
    return {"better": "甲" if len(first) > len(second) else "乙", "reason": ""}


async def test_a_preference_must_hold_both_ways_round() -> None:
    said = await prefer(ScriptedLLM(longer), PROMPTS, CASE, "长长的稿子", "短稿", votes=2)
    assert [p.winner for p in said] == ["A", "A"]
    said = await prefer(ScriptedLLM(longer), PROMPTS, CASE, "短稿", "长长的稿子")
    assert said[0].winner == "B"
    first = ScriptedLLM(lambda call: {"better": "甲", "reason": "排在前面"})
    assert (await prefer(first, PROMPTS, CASE, "长长的稿子", "短稿"))[0].winner == "tie"
    mute = ScriptedLLM(["？", {"better": "甲", "reason": ""}])
    assert (await prefer(mute, PROMPTS, CASE, "长长的稿子", "短稿"))[0].winner is None
