"""The reading model: what it claims is checked, unreadable answers, medians, swapped places."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag_speech.brief.brief import make_brief
from rag_speech.errors import EndpointUnreachableError, InputError
from rag_speech.evals.cases import Case
from rag_speech.evals.drafts import DraftText
from rag_speech.evals.filed import read_filed
from rag_speech.evals.judge import OUTSIDE, consolidate, measured, prefer, read_draft, reader_name, rules_of
from rag_speech.evals.readings import Reading, file_drafts, file_readings, load_readings
from rag_speech.evals.records import Item, Violation, Vote
from rag_speech.llm.scripted import Call, ScriptedLLM
from rag_speech.prompts import Prompts

CASE = Case(
    id="c",
    brief=make_brief({"event": "全县防汛工作会议", "facts": ["水库52座"], "words": "讲五分钟"}),
    rubric=("讲到水库", "讲到夜间转移"),
    must_not=("213人", "语义：许诺奖金"),
    trap="去年的数",
)
PROMPTS = Prompts.bundled()
TEXT = "同志们：\n全县水库52座，一座一座看住。\n办好了，每人发奖金。"


def answer(**over: Any) -> dict[str, Any]:
    return {
        "items": [{"no": 1, "quote": "全县水库52座", "met": True}, {"no": 2, "quote": "", "met": False}],
        "violations": [],
        "reason": "还行",
        "worst": "每人发奖金",
        "hand_in": True,
        "score": 80,
    } | over


async def read(*answers: Any, text: str = TEXT, case: Case = CASE) -> tuple[Vote | None, ...]:
    return await read_draft(ScriptedLLM(list(answers)), PROMPTS, case, text, votes=len(answers))


async def test_the_model_sees_brief_rubric_must_nots_and_trap() -> None:
    llm = ScriptedLLM([answer()])
    await read_draft(llm, PROMPTS, CASE, TEXT, votes=1)
    for words in (
        "水库52座",
        "讲五分钟",
        "2. 讲到夜间转移",
        "1. 出现这些字样：213人",
        "2. 许诺奖金",
        "去年的数",
    ):
        assert words in llm.calls[0].text
    assert "程序已经查出" not in llm.calls[0].text


async def test_a_claim_counts_only_with_words_that_stand_in_the_draft() -> None:
    (vote,) = await read(
        answer(
            items=[
                {"no": 2, "quote": "夜里转移到高处", "met": True},
                {"no": 1, "quote": "水库52座……看住", "met": True},
            ],
            violations=[
                {"no": 2, "what": "许了愿", "quote": "每人发奖金"},
                {"no": 2, "what": "许了愿", "quote": "发两份奖金"},
                {"no": 0, "what": "口气不对", "quote": "一座一座看住"},
            ],
            worst="没有的话",
        )
    )
    assert vote is not None
    assert vote.rubric == (Item(True, "水库52座……看住"), Item(False)), "items are answered by number"
    assert vote.violations == (
        Violation("许诺奖金", "每人发奖金"),
        Violation(f"{OUTSIDE}：口气不对", "一座一座看住"),
    )
    assert vote.worst == ""


async def test_forbidden_strings_are_found_by_code() -> None:
    llm = ScriptedLLM([answer()])
    (vote,) = await read_draft(llm, PROMPTS, CASE, TEXT + "转移213人。", votes=1)
    assert vote is not None and vote.violations == (Violation(rules_of(CASE)[0], "213人"),)
    assert "程序已经查出，稿子里有这些不得出现的字样：213人" in llm.calls[0].text


async def test_an_answer_that_cannot_be_read_counts_for_nothing() -> None:
    votes = await read("我觉得很好", answer(score=60), answer(score=101), answer(items=[]))
    assert [v is None for v in votes] == [True, False, True, True]
    assert measured(votes)["judge"] == 60
    assert measured(votes[:1]) == dict.fromkeys(
        ("judge", "judge_hand_in", "judge_rubric", "judge_violations")
    )


def vote(score: float, *, met: bool, hand_in: bool, rules: tuple[str, ...] = ()) -> Vote:
    violations = tuple(Violation(r, f"{score:g}") for r in rules)
    return Vote((Item(met, "话" if met else ""),), violations, hand_in, score, "", f"{score:g}")


def test_three_readings_become_one() -> None:
    said = consolidate(
        [
            vote(90, met=True, hand_in=True, rules=(f"{OUTSIDE}：甲",)),
            None,
            vote(40, met=False, hand_in=False, rules=("许诺", "泄密")),
            vote(70, met=True, hand_in=True, rules=("许诺", f"{OUTSIDE}：乙")),
        ]
    )
    assert said is not None
    assert (said.score, said.hand_in, said.rubric, said.reason) == (70, True, (Item(True, "话"),), "70")
    assert [v.rule for v in said.violations] == ["许诺", f"{OUTSIDE}：乙"]
    assert consolidate([None]) is None


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


@pytest.fixture
def filed(tmp_path: Path) -> Path:
    drafts = [DraftText(f"d{n}", "full", "c", f"{TEXT}第{n}篇。") for n in range(3)]
    file_drafts(tmp_path, drafts)
    file_readings(
        tmp_path,
        [Reading(d.id, "full", "c", "r1", "model", (), (), True, 80, "", "2026-12-01") for d in drafts],
    )
    return tmp_path


def by_draft(failing: str = "") -> Callable[[Call], Any]:
    def say(call: Call) -> Any:
        if failing and failing in call.text:
            return EndpointUnreachableError("gone")
        return "？" if "第2篇" in call.text else answer()

    return say


async def test_filed_drafts_are_read_once(filed: Path) -> None:
    llm = ScriptedLLM(by_draft())
    assert await read_filed(llm, PROMPTS, filed, {"c": CASE}, votes=1) == 1, (
        "an unreadable answer is no reading"
    )
    own = [r for r in load_readings(filed) if r.kind == "judge"]
    assert {(r.draft, r.reader, r.score) for r in own} == {
        (f"d{n}", reader_name(llm, PROMPTS), 80) for n in (0, 1)
    }
    again = ScriptedLLM(by_draft())
    await read_filed(again, PROMPTS, filed, {"c": CASE}, votes=1)
    assert len(again.calls) == 1 and "第2篇" in again.calls[0].text
    with pytest.raises(InputError, match="drafts to c"):
        await read_filed(llm, PROMPTS, filed, {}, votes=1)


async def test_what_was_read_stays_when_the_endpoint_goes(filed: Path) -> None:
    llm = ScriptedLLM(by_draft("第1篇"), max_parallel=1)
    with pytest.raises(EndpointUnreachableError):
        await read_filed(llm, PROMPTS, filed, {"c": CASE}, votes=1)
    assert [r.draft for r in load_readings(filed) if r.kind == "judge"] == ["d0"]
