"""A plan is held to the assignment, scaled to its length, and a changed one is met with a sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import get_occasion
from rag_speech.errors import InputError
from rag_speech.llm.scripted import Call, ScriptedLLM
from rag_speech.plan.planner import make_plan as ask_for_plan
from rag_speech.plan.planner import plan_of, require_whole, usable_statements
from rag_speech.plan.validate import bare_heading, problems_of
from rag_speech.types import Constraint, Evidence, Plan, Statement, Use
from rag_speech.zh.text import count_zi
from tests.stages import ASSIGNMENT, BRIEF, PROMPTS, calls_of, make_plan, model, paragraph, section, usual

OCCASION = get_occasion("flood_control")
BACKGROUND = Statement(id="S4", text="邻县溃堤5处", source="a", use=Use.BACKGROUND)
STATEMENTS = {**usable_statements(ASSIGNMENT, Evidence()), "S4": BACKGROUND}
BANNED = (Constraint(what="不点企业", strings=("宏达公司",)),)
ONE, TWO = make_plan().sections


def _problems(plan: Plan) -> tuple[str, ...]:
    return problems_of(plan, ASSIGNMENT, STATEMENTS, BANNED)


def test_a_sound_plan_has_no_problem() -> None:
    assert _problems(make_plan()) == ()


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        (make_plan(sections=(replace(ONE, paragraphs=(paragraph("巡堤", "F1", "S9"),)), TWO)), "第1部分用了没有的编号S9"),
        (make_plan(sections=(replace(ONE, paragraphs=(paragraph("巡堤", "F1", "S4"),)), TWO)), "第1部分用了S4，它是“背景”，不能讲"),
        (make_plan(sections=(replace(ONE, paragraphs=(paragraph("巡堤"),)), TWO)), "必用事实F1没有用上"),
        (make_plan(sections=(replace(ONE, answers=()), TWO)), "要点P1没有落到哪一部分（写进points）"),
        (make_plan(sections=(replace(ONE, answers=("P1", "P7")), TWO)), "没有编号为P7的要点"),
        (make_plan(sections=(replace(ONE, heading=""), TWO)), "第1部分没有标题"),
        (make_plan(sections=(replace(ONE, heading="把堤" * 14), TWO)), "第1部分的标题有28字，压到20字以内"),
        (make_plan(sections=(ONE, replace(TWO, heading=ONE.heading))), "有两个部分的标题一样"),
        (make_plan(sections=(replace(ONE, heading="学宏达公司"), TWO)), "第1部分的标题里有不能讲的“宏达公司”"),
        (make_plan(target_zi=700), "各段字数加起来约"),
        (make_plan(closing=section("closing", "", paragraph("收束", zi=20))), "结尾第1段20字，每段应当在40到420字之间"),
        (make_plan(sections=(replace(ONE, answers=("P1", "P2")),)), "只有一个部分不必编号"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)  # fmt: skip
def test_each_problem_is_named(plan: Plan, problem: str) -> None:
    assert [p for p in _problems(plan) if p.startswith(problem)]


def test_one_statement_may_be_shared_by_a_few_places_only() -> None:
    def spread(places: int) -> list[str]:
        parts = tuple(
            replace(ONE, id=str(n), paragraphs=(paragraph("巡堤", "F1"), paragraph("再讲", "F1")))
            for n in range(1, places + 1)
        )
        return [p for p in _problems(make_plan(sections=parts)) if p.startswith("F1在")]

    assert spread(3) == []
    assert len(spread(4)) == 1


def test_headings_of_unnumbered_parts_are_not_looked_at() -> None:
    plan = make_plan(numbering="不编号", transition="", sections=(replace(ONE, heading=""), TWO))
    assert not [p for p in _problems(plan) if "标题" in p]


@pytest.mark.parametrize(
    ("heading", "bare"),
    [
        ("一、把堤巡到位", "把堤巡到位"),
        ("（二）把堤巡到位。", "把堤巡到位"),
        ("1. 把堤巡到位：", "把堤巡到位"),
        ("第三，把堤巡到位", "把堤巡到位"),
        ("二是把堤巡到位", "把堤巡到位"),
        ("十件实事", "十件实事"),
        ("1.5万亩怎么分", "1.5万亩怎么分"),
    ],
)
def test_a_heading_bears_no_numeral(heading: str, bare: str) -> None:
    assert bare_heading(heading) == bare


# ------------------------------------------------------------------ from the answer to the plan


def _answer(zi: int = 150, **changes: Any) -> dict[str, Any]:
    row = {
        "points": ["P1"],
        "paragraphs": [{"heading": "", "say": "巡堤", "uses": ["F1", "F1", " "], "zi": zi}],
    }
    edge = {"points": [], "paragraphs": [{"heading": "", "say": "说明", "uses": [], "zi": zi // 2}]}
    given = {
        "thesis": "守住", "title": "", "salutation": "", "numbering": "标题", "opening": edge, "transition": "", "closing": edge,
        "sections": [{"heading": "一、巡堤", **row}, {"heading": "转移", **row}], "thanks": False,
        "reserve": [{"section": 7, "after": 0, "heading": "", "say": "再讲", "uses": [], "zi": 90}], "left_out": [{"id": "S1", "why": "枝节"}],
        "pending": [" ", "问清楚"],
    }  # fmt: skip
    return {**given, **changes}


def _plan(answer: dict[str, Any], **brief: Any) -> Plan:
    given = Brief(**{**BRIEF.model_dump(), "chars": 540, **brief})
    return plan_of(answer, given, OCCASION, ASSIGNMENT, BANNED)


@pytest.mark.parametrize("zi", [140, 150, 170, 200])
def test_budgets_are_scaled_to_the_length_asked_for(zi: int) -> None:
    plan = _plan(_answer(zi))
    frame = count_zi(plan.salutation + plan.transition) + sum(count_zi(s.heading) for s in plan.sections)
    assert abs(sum(s.zi for s in plan.parts) + frame - 540) <= 4


@pytest.mark.parametrize("zi", [60, 400])
def test_budgets_far_off_are_left_for_the_model_to_mend(zi: int) -> None:
    plan = _plan(_answer(zi))
    assert [s.zi for s in plan.sections] == [zi, zi]
    assert any("各段字数" in p for p in _problems(plan))


def test_code_takes_from_the_answer_what_it_needs() -> None:
    plan = _plan(_answer())
    assert [s.heading for s in plan.sections] == ["巡堤", "转移"]
    assert plan.sections[0].uses == ("F1",)
    assert plan.transition == "", "not every speech announces its parts"
    assert [r.section for r in plan.reserve] == ["2"], "a reserve goes to a part that there is"
    assert plan.left_out == ("S1：枝节",)
    assert plan.pending == ("问清楚",)
    assert _plan(_answer(numbering="段首")).transition == ""
    assert _plan(_answer(salutation="宏达公司的同志们：")).salutation == "同志们："


async def _ask(llm: ScriptedLLM) -> Plan:
    return await ask_for_plan(BRIEF, OCCASION, ASSIGNMENT, Evidence(), (), calls_of(llm), PROMPTS)


async def test_problems_go_back_to_the_model() -> None:
    def forgets(call: Call) -> dict[str, Any]:
        answer: Any = usual(call)
        return {**answer, "sections": [{**s, "points": []} for s in answer["sections"]]}

    llm = model(plan=[forgets])
    plan = await _ask(llm)
    assert "要点P1、P2没有落到哪一部分" in llm.calls[1].messages[-1].content
    assert problems_of(plan, ASSIGNMENT, usable_statements(ASSIGNMENT, Evidence()), ()) == ()
    assert len(llm.calls) == 2


async def test_what_the_model_cannot_mend_code_does_and_says_so() -> None:
    def forgets(call: Call) -> dict[str, Any]:
        answer: Any = usual(call)
        sections = [
            {**s, "points": [], "paragraphs": [{"heading": "", "say": "说", "uses": ["F9"], "zi": 20}]}
            for s in answer["sections"]
        ]
        return {**answer, "sections": sections}

    plan = await _ask(model(plan=forgets))
    assert problems_of(plan, ASSIGNMENT, usable_statements(ASSIGNMENT, Evidence()), ()) == ()
    assert any("程序补齐" in p for p in plan.pending)
    require_whole(plan, usable_statements(ASSIGNMENT, Evidence()), ())


# ------------------------------------------------------------------ a plan that a person changed


def test_a_whole_plan_passes() -> None:
    require_whole(make_plan(), STATEMENTS, BANNED)
    require_whole(
        make_plan(sections=(replace(ONE, answers=(), heading="随便一个标题"), TWO)), STATEMENTS, BANNED
    )


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (make_plan(sections=(ONE, replace(TWO, id="1"))), "有两个部分的编号都是1"),
        (make_plan(opening=replace(make_plan().opening, id="0")), "开头的编号应为opening"),
        (make_plan(closing=replace(make_plan().closing, id="end")), "结尾的编号应为closing"),
        (make_plan(sections=(ONE, replace(TWO, id="二"))), "部分的编号应为数字，'二'不是"),
        (make_plan(sections=(ONE, replace(TWO, paragraphs=(paragraph("转移", "S9"),)))), "第2部分用了没有的事实编号S9"),
        (make_plan(closing=section("closing", "", paragraph("收", "S4"))), "结尾用了S4，它在evidence.yaml里的用法是“背景”"),
        (make_plan(title="向宏达公司学习"), "标题里有不能讲的“宏达公司”"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)  # fmt: skip
def test_a_wrong_plan_is_one_sentence_that_names_the_place(plan: Plan, said: str) -> None:
    with pytest.raises(InputError) as error:
        require_whole(plan, STATEMENTS, BANNED)
    assert str(error.value).startswith("plan.yaml：")
    assert said in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("下面，我讲三点意见。", True),
        ("下面，我讲两点意见。", False),
        ("先说堤。", False),
        ("那三条先放一放。", False),
    ],
)
def test_a_transition_promises_the_parts_there_are_or_no_number(said: str, wrong: bool) -> None:
    plan = make_plan(transition=said, sections=(ONE, TWO))
    assert any("过渡句" in p for p in _problems(plan)) is wrong
