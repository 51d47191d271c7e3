"""Calls: no answered call is asked again, what is wrong goes back to the model, the stages' files are honoured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rag_speech.calls import Calls, Unfit
from rag_speech.errors import BadReplyError, EndpointUnreachableError, InputError
from rag_speech.folder import DraftFolder, clear
from rag_speech.llm.scripted import ScriptedLLM
from rag_speech.types import Assignment, Event, Usage
from tests.stages import ASSIGNMENT, BRIEF, calls_of, user

SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
    "additionalProperties": False,
}


async def _ask(calls: Calls, text: str = "写一段", **values: Any) -> str:
    given = {"max_tokens": 200, "temperature": 0.5, **values}
    return (await calls.ask("draft", user(text), **given)).text


async def test_the_same_request_is_answered_from_the_folder(tmp_path: Path) -> None:
    llm = ScriptedLLM(lambda call: f"第{call.index}次")
    assert await _ask(calls_of(llm, tmp_path)) == "第0次"
    again = calls_of(llm, tmp_path)
    assert await _ask(again) == "第0次"
    assert (len(llm.calls), again.asked) == (1, {})


@pytest.mark.parametrize(
    "change", [{"text": "写两段"}, {"max_tokens": 300}, {"temperature": 0.6}, {"seed": 2}, {"schema": SCHEMA}]
)
async def test_a_request_that_differs_in_anything_is_asked(tmp_path: Path, change: dict[str, Any]) -> None:
    llm = ScriptedLLM(lambda call: json.dumps({"n": call.index}))
    first = await _ask(calls_of(llm, tmp_path))
    assert await _ask(calls_of(llm, tmp_path), **change) != first


async def test_another_model_is_asked(tmp_path: Path) -> None:
    one, other = (ScriptedLLM([name], name=name) for name in ("甲", "乙"))
    assert [await _ask(calls_of(llm, tmp_path)) for llm in (one, other)] == ["甲", "乙"]


async def test_usage_adds_up_over_runs_and_counts_each_answer_once(tmp_path: Path) -> None:
    llm = ScriptedLLM(lambda call: "好。")
    first = calls_of(llm, tmp_path)
    for text in ("一", "二", "一"):
        await _ask(first, text)
    assert (first.usage.calls, first.asked) == (2, {"draft": 2})
    second = calls_of(llm, tmp_path)
    assert second.usage == first.usage
    for text in ("一", "三"):
        await _ask(second, text)
    assert (second.usage.calls, second.asked) == (3, {"draft": 1})
    assert calls_of(llm, None).usage == Usage()


async def test_an_answer_that_is_damaged_on_disk_is_asked_again(tmp_path: Path) -> None:
    llm = ScriptedLLM(lambda call: f"第{call.index}次")
    await _ask(calls_of(llm, tmp_path))
    (path,) = (tmp_path / "calls").iterdir()
    path.write_bytes(path.read_bytes()[:9])
    calls = calls_of(llm, tmp_path)
    assert calls.usage == Usage()
    assert await _ask(calls) == "第1次"


async def test_a_failed_call_leaves_nothing(tmp_path: Path) -> None:
    llm = ScriptedLLM([EndpointUnreachableError("weg"), "好。"])
    calls = calls_of(llm, tmp_path)
    with pytest.raises(EndpointUnreachableError):
        await _ask(calls)
    assert not list(tmp_path.rglob("*.json"))
    assert await _ask(calls) == "好。"


async def test_tokens_are_told_as_they_come() -> None:
    told: list[Event] = []
    await _ask(calls_of(ScriptedLLM(["各单位要抓好落实。"]), told=told))
    assert "".join(e.text for e in told if e.kind == "token") == "各单位要抓好落实。"


# ------------------------------------------------------------------ answers under a schema


async def _number(calls: Calls, **values: Any) -> int:
    def accept(data: Mapping[str, Any]) -> int:
        if data["n"] < 3:
            raise Unfit(f"{data['n']}太小", "要大一些")
        return int(data["n"])

    return await calls.ask_for(
        "plan", user("给个数"), accept, schema=SCHEMA, max_tokens=50, temperature=0.2, **values
    )


async def test_what_is_wrong_goes_back_named_with_the_answer_it_is_about() -> None:
    llm = ScriptedLLM([{"n": 1}, {"n": 2}, {"n": 3}])
    assert await _number(calls_of(llm)) == 3
    roles = [[m.role for m in call.messages] for call in llm.calls]
    assert roles == [["user"], ["user", "assistant", "user"], ["user", "assistant", "user"]]
    assert llm.calls[2].messages[1].content == '{"n": 2}'
    assert llm.calls[2].messages[2].content.endswith("1. 2太小\n2. 要大一些")
    assert [call.seed for call in llm.calls] == [1, 2, 3]


@pytest.mark.parametrize(
    ("answers", "why"),
    [([{"n": 1}] * 4, "1太小；要大一些"), (["不是JSON"] * 4, "The scripted answer is wrong")],
)
async def test_after_two_repairs_it_is_one_sentence_that_says_what_to_do(
    answers: list[Any], why: str
) -> None:
    llm = ScriptedLLM(answers)
    with pytest.raises(BadReplyError, match="in 3 tries") as error:
        await _number(calls_of(llm))
    assert why in str(error.value) and "stronger model" in str(error.value)
    assert error.value.last_attempt in ('{"n": 1}', "不是JSON")
    assert len(llm.calls) == 3


async def test_a_broken_answer_is_followed_by_a_sound_one() -> None:
    llm = ScriptedLLM(["{", {"n": 5}])
    assert await _number(calls_of(llm)) == 5


async def test_repairs_may_be_fewer() -> None:
    llm = ScriptedLLM([{"n": 1}, {"n": 3}])
    with pytest.raises(BadReplyError, match="in 1 tries"):
        await _number(calls_of(llm), tries=1)


async def test_repairs_are_kept_too(tmp_path: Path) -> None:
    assert await _number(calls_of(ScriptedLLM([{"n": 1}, {"n": 4}]), tmp_path)) == 4
    assert await _number(calls_of(ScriptedLLM([]), tmp_path)) == 4


# ------------------------------------------------------------------ the stages' files


async def _stage(folder: Path, made_of: str, say: str = "县长") -> Assignment:
    async def make() -> Assignment:
        return Assignment(speaker=say)

    return await DraftFolder(folder).stage("assignment", Assignment, made_of, make)


async def test_a_stages_file_holds_while_its_input_is_the_same(tmp_path: Path) -> None:
    await _stage(tmp_path, "甲", "县长")
    assert (await _stage(tmp_path, "甲", "书记")).speaker == "县长"
    assert not DraftFolder(tmp_path).edited("assignment")


async def test_a_file_that_nobody_changed_is_made_again_when_its_input_changes(tmp_path: Path) -> None:
    await _stage(tmp_path, "甲", "县长")
    assert (await _stage(tmp_path, "乙", "书记")).speaker == "书记"
    assert (await _stage(tmp_path, "乙", "市长")).speaker == "书记"


@pytest.mark.parametrize("made_of", ["甲", "乙"])
async def test_a_file_that_a_person_changed_is_honoured_whatever_it_was_made_of(
    tmp_path: Path, made_of: str
) -> None:
    await _stage(tmp_path, "甲", "县长")
    path = tmp_path / "assignment.yaml"
    path.write_text(path.read_text("utf-8").replace("县长", "常务副县长"), "utf-8")
    assert (await _stage(tmp_path, made_of, "书记")).speaker == "常务副县长"
    assert DraftFolder(tmp_path).edited("assignment")


async def test_a_changed_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    await _stage(tmp_path, "甲")
    (tmp_path / "assignment.yaml").write_text("讲话人: [", "utf-8")
    with pytest.raises(InputError, match=r"assignment\.yaml is not valid YAML"):
        await _stage(tmp_path, "甲")


async def test_a_stages_file_that_is_not_text_is_one_sentence(tmp_path: Path) -> None:
    await _stage(tmp_path, "甲")
    (tmp_path / "assignment.yaml").write_bytes("讲话人: 县长\n".encode("gbk"))
    with pytest.raises(InputError, match=r"assignment\.yaml"):
        await _stage(tmp_path, "甲")


async def test_without_a_folder_nothing_is_kept() -> None:
    async def make() -> Assignment:
        return ASSIGNMENT

    assert await DraftFolder(None).stage("assignment", Assignment, "甲", make) == ASSIGNMENT


def test_a_damaged_state_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{", "utf-8")
    with pytest.raises(InputError, match="--fresh"):
        DraftFolder(tmp_path).open(BRIEF, "key")


def test_a_fresh_start_takes_every_artefact_and_nothing_else(tmp_path: Path) -> None:
    folder = DraftFolder(tmp_path)
    folder.open(BRIEF, "key")
    ours = (
        "stages.json",
        "assignment.yaml",
        "evidence.yaml",
        "plan.yaml",
        "calls/a.json",
        "parts/1.json",
        "trace.json",
    )
    for name in (*ours, "备注.txt"):
        folder.save(name, "x")
    clear(tmp_path)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["备注.txt"]
