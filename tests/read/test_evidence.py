"""Materials as statements: what the model answers stands in its source by construction, or does not count."""

from __future__ import annotations

from typing import Any

import pytest

from rag_speech.brief.brief import Brief
from rag_speech.errors import ContextTooLongError
from rag_speech.llm.profile import Profile
from rag_speech.llm.scripted import Call, ScriptedLLM
from rag_speech.read.evidence import informed, read_materials, take_all
from rag_speech.types import Assignment, Evidence, Point, Status, Use
from tests.stages import ASSIGNMENT, BRIEF, PROMPTS, calls_of, model, stage_of

TEXT = "各乡镇已备编织袋28万条。堤上有值守点36处，昼夜有人。白石泵站计划6月底前改造。转移路线都走过一遍。\n"
ROW = {
    "part": "", "said": "", "whose": "", "when": "", "status": "情况", "use": "可讲", "why": "", "points": [],
}  # fmt: skip


def _answer(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    found = [{**ROW, **row} for row in rows]
    return {"statements": found, "members": [], "settled": [], "never": [], "conflicts": [], **more}


async def _read(
    llm: ScriptedLLM,
    *texts: str,
    assignment: Assignment = ASSIGNMENT,
    told: list[tuple[int, int]] | None = None,
) -> Evidence:
    materials = tuple({"name": f"材料{n}.txt", "text": t} for n, t in enumerate(texts or (TEXT,), 1))
    brief = Brief(**{**BRIEF.model_dump(), "materials": materials})
    seen = told if told is not None else []
    return await read_materials(
        brief, assignment, calls_of(llm), PROMPTS, on_window=lambda *step: seen.append(step)
    )


async def _one(*rows: dict[str, Any], **more: Any) -> Evidence:
    return await _read(model(read_materials=[_answer(*rows, **more)]))


async def test_a_statement_is_its_sentence_with_its_place() -> None:
    (s,) = (await _one({"n": [2], "points": ["P1", "P9"], "whose": " 本地 "})).statements
    assert (s.id, s.text, s.source, s.whose, s.answers) == (
        "S2",
        "堤上有值守点36处，昼夜有人。",
        "材料1.txt",
        "本地",
        ("P1",),
    )
    assert s.span is not None and s.span.of(TEXT) == s.text


async def test_sentences_that_belong_together_are_one_statement() -> None:
    (s,) = (await _one({"n": [2, 1]})).statements
    assert s.span is not None and s.span.of(TEXT) == s.text
    assert s.text.startswith("各乡镇") and s.text.endswith("昼夜有人。")


async def test_a_part_that_stands_in_the_sentence_is_the_statement() -> None:
    (s,) = (await _one({"n": [2], "part": "值守点36处"})).statements
    assert s.text == "值守点36处"
    assert s.span is not None and s.span.of(TEXT) == s.text


async def test_a_part_that_does_not_stand_there_is_not_taken() -> None:
    (s,) = (await _one({"n": [2], "part": "值守点63处"})).statements
    assert s.text == "堤上有值守点36处，昼夜有人。"


async def test_unknown_numbers_go_back_to_the_model() -> None:
    llm = model(read_materials=[_answer({"n": [1]}, {"n": [77]}), _answer({"n": [1]})])
    evidence = await _read(llm)
    assert [s.id for s in evidence.statements] == ["S1"]
    assert "没有编号为77的句子" in llm.calls[1].messages[-1].content


@pytest.mark.parametrize(
    ("said", "use", "kept"),
    [
        ("各乡镇备下编织袋28万条。", Use.SAY, True),
        ("各乡镇备下编织袋280000条。", Use.SAY, True),
        ("各乡镇备下编织袋82万条。", Use.BACKGROUND, False),
        ("17处险段都备了编织袋28万条。", Use.SAY, True),
    ],
    ids=["the same figure", "the same in digits", "another figure", "a figure of the brief"],
)
async def test_a_mended_wording_may_bring_no_figure_of_its_own(said: str, use: Use, kept: bool) -> None:
    (s,) = (await _one({"n": [1], "said": said})).statements
    assert s.use is use
    assert s.wording == (said if kept else "各乡镇已备编织袋28万条。")
    if not kept:
        assert "待核实" in s.why


async def test_what_is_unverified_is_background_whatever_the_model_says() -> None:
    (s,) = (await _one({"n": [1], "status": "未核实"})).statements
    assert (s.use, s.why, s.status) == (Use.BACKGROUND, "未经核实", Status.UNVERIFIED)


async def test_statements_of_one_sentence_have_ids_of_their_own() -> None:
    evidence = await _one({"n": [2], "part": "值守点36处"}, {"n": [2], "part": "昼夜有人"}, {"n": [2]})
    assert [s.id for s in evidence.statements] == ["S2", "S2a", "S2b"]


async def test_contradictions_are_dropped_and_named() -> None:
    evidence = await _one(
        {"n": [1]}, {"n": [2], "part": "值守点36处"}, {"n": [2], "part": "昼夜有人"},
        conflicts=[{"note": "值守点一处说36，一处说41，请找水利局核实", "drop": [2]}],
    )  # fmt: skip
    assert [(s.id, s.use) for s in evidence.statements] == [
        ("S1", Use.SAY), ("S2", Use.BACKGROUND), ("S2a", Use.BACKGROUND),
    ]  # fmt: skip
    assert evidence.pending == ("值守点一处说36，一处说41，请找水利局核实",)


async def test_what_the_brief_gives_to_be_said_is_never_forbidden() -> None:
    never = [{"what": "", "strings": ["17处", "宏达公司", "青山县防汛工作会议", "甲"], "why": "内部"}]
    (constraint,) = (await _one(never=never)).constraints
    assert (constraint.strings, constraint.source) == (("宏达公司",), "materials")


async def test_members_and_wordings_that_are_settled_reach_their_points() -> None:
    promised = Assignment(speaker="", points=(Point(id="P1", text="三个盯住", say="落实三个盯住", count=3),))
    answer = _answer(
        members=[
            {"point": "P1", "items": ["盯水库", " ", "盯沟口", "盯院坝"]},
            {"point": "P8", "items": ["甲"]},
        ],
        settled=[{"point": "P1", "say": "落实“三盯”"}],
    )
    evidence = await _read(model(read_materials=[answer]), assignment=promised)
    (point,) = informed(promised, evidence).points
    assert (point.say, point.members, point.count) == ("落实“三盯”", ("盯水库", "盯沟口", "盯院坝"), 3)


def _window_of(call: Call) -> list[int]:
    text = call.messages[1].content.partition("【材料】")[2].partition("逐项说明")[0]
    return [int(line.split("　")[0]) for line in text.splitlines() if line.split("　")[0].isdigit()]


@pytest.mark.parametrize(
    "failure", [ContextTooLongError("too long"), "不是JSON"], ids=["too long", "bad replies"]
)
async def test_a_window_that_cannot_be_read_is_halved_and_what_stays_unread_is_named(
    failure: BaseException | str,
) -> None:
    def clerk(call: Call) -> Any:
        numbers = _window_of(call)
        return failure if 1 in numbers else _answer({"n": [numbers[-1]]})

    text = "".join(f"第{n}段堤有人守。" for n in "甲乙丙丁戊己庚辛")
    evidence = await _read(model(read_materials=clerk), text)
    (unread,) = evidence.unread
    assert unread.startswith("材料“材料1.txt”第1至2句模型没有读成") and unread.endswith("里面的内容没有采用")
    assert [s.id for s in evidence.statements] == ["S4", "S8"]


async def test_windows_are_read_in_order_and_know_what_was_said_before() -> None:
    told: list[tuple[int, int]] = []
    llm = model(Profile(window_zi=20), read_materials=lambda call: _answer({"n": [_window_of(call)[0]]}))
    evidence = await _read(llm, told=told)
    assert [s.id for s in evidence.statements] == ["S1", "S2", "S3", "S4"]
    assert told == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert "S1　各乡镇已备编织袋28万条。" in llm.calls[1].messages[1].content
    assert {stage_of(call) for call in llm.calls} == {"read-materials"}


async def test_without_materials_nothing_is_asked() -> None:
    llm, told = model(), list[tuple[int, int]]()
    assert (
        await read_materials(
            BRIEF, ASSIGNMENT, calls_of(llm), PROMPTS, on_window=lambda *step: told.append(step)
        )
        == Evidence()
    )
    assert (llm.calls, told) == ([], [])


def test_taken_as_given_every_sentence_may_be_said() -> None:
    brief = Brief(**{**BRIEF.model_dump(), "materials": ({"name": "a", "text": TEXT},)})
    assert "".join(s.text for s in take_all(brief).statements) == TEXT.strip()
