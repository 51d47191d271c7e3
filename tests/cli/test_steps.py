"""A draft in steps, as a person works: read, plan, change, go on; a part again; a service that is too small or refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from rag_speech import SpeechWriter
from rag_speech.config import Settings
from rag_speech.draft.length import Fitted, fit
from rag_speech.errors import ContextTooLongError, InputError
from rag_speech.llm.profile import HOSTED
from rag_speech.llm.scripted import Call, ScriptedLLM
from rag_speech.retrieve.library import Library
from rag_speech.types import Event
from tests.cli.conftest import Cli
from tests.stages import Answer, conversation, model, stage_of, stages_asked, usual

BRIEF = """event: 青山县防汛工作会议
speaker: 县长
place: 青山县
level: 县
date: 2026-06-02
minutes: 9
points: [加强巡堤查险, 组织转移避险, 严守值班纪律]
facts: [全县有险工险段17处]
"""
APART = replace(HOSTED, write_zi=1)
"""A model that writes one part a request."""


@pytest.fixture
def brief(office: Path) -> Path:
    path = office / "brief.yaml"
    path.write_text(BRIEF, "utf-8")
    return path


def _calls(folder: Path) -> dict[str, int]:
    """Number of kept answers by stage."""
    names = [p.name.rpartition("-")[0] for p in (folder / "calls").glob("*.json")]
    return {name: names.count(name) for name in names}


def test_until_read_stops_with_two_files_to_look_at(cli: Cli, office: Path, brief: Path) -> None:
    done = cli("draft", brief, "--folder", "f", "--until", "read")
    assert done.code == 0, done.err
    assert done.out.split() == ["f/assignment.yaml", "f/evidence.yaml"]
    assert yaml.safe_load((office / "f" / "assignment.yaml").read_text("utf-8"))["讲话人"] == "县长"
    assert _calls(office / "f") == {"read-brief": 1}


def test_until_plan_stops_with_three_and_the_same_command_goes_on(
    cli: Cli, office: Path, brief: Path
) -> None:
    said = cli("draft", brief, "--folder", "f", "--until", "plan", "--json")
    assert json.loads(said.out) == {"folder": "f", "files": ["assignment.yaml", "evidence.yaml", "plan.yaml"]}
    assert _calls(office / "f") == {"read-brief": 1, "plan": 1}
    done = cli("draft", brief, "--folder", "f")
    assert done.code == 0, done.err
    plan = yaml.safe_load((office / "f" / "plan.yaml").read_text("utf-8"))
    assert all(part["标题"] in done.out for part in plan["部分"])
    calls = _calls(office / "f")
    assert (calls["read-brief"], calls["plan"]) == (1, 1)


def test_a_changed_assignment_is_honoured_and_what_hangs_on_it_is_made_again(
    cli: Cli,
    office: Path,
    brief: Path,
) -> None:
    assert cli("draft", brief, "--folder", "f").code == 0
    path = office / "f" / "assignment.yaml"
    path.write_text(path.read_text("utf-8").replace("讲什么: 严守值班纪律", "讲什么: 备足抢险物资"), "utf-8")
    done = cli("draft", brief, "--folder", "f")
    assert done.code == 0, done.err
    assert "备足抢险物资" in done.out
    assert _calls(office / "f")["plan"] == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("编号: '2'", "编号: '1'", "有两个部分的编号都是1"),
        ("- F1", "- F9", "没有的事实编号F9"),
        ("标题:", "题目:", "unknown key '题目'"),
        ("总字数: 1620", "总字数: 多", "总字数"),
    ],
)
def test_a_plan_changed_wrongly_is_one_sentence(
    cli: Cli,
    office: Path,
    brief: Path,
    old: str,
    new: str,
    said: str,
) -> None:
    assert cli("draft", brief, "--folder", "f", "--until", "plan").code == 0
    path = office / "f" / "plan.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    failed = cli("draft", brief, "--folder", "f")
    assert (failed.code, failed.out) == (2, "")
    assert failed.err.startswith("rag-speech: ") and failed.err.count("\n") == 1
    assert said in failed.err
    path.write_text(text, "utf-8")
    assert cli("draft", brief, "--folder", "f").code == 0


# ------------------------------------------------------------------ what an edit and --redo cost


def _writer(library: Library, llm: ScriptedLLM) -> SpeechWriter:
    return SpeechWriter(Settings(), llm=llm, library=library)


@pytest.fixture
def given(tmp_path: Path) -> Any:
    from rag_speech.brief.brief import load_brief

    (tmp_path / "brief.yaml").write_text(BRIEF, "utf-8")
    return load_brief(tmp_path / "brief.yaml")


def test_a_changed_paragraph_of_the_plan_writes_its_part_alone(
    corpus_library: Library, tmp_path: Path, given: Any
) -> None:
    folder = tmp_path / "f"
    _writer(corpus_library, model(APART)).draft(given, folder=folder)
    before = {p.name: json.loads(p.read_bytes())["text"] for p in (folder / "parts").iterdir()}
    path = folder / "plan.yaml"
    plan = yaml.safe_load(path.read_text("utf-8"))
    plan["部分"][1]["段落"][0]["讲什么"] = "转移路线要让每户走过一遍"
    path.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False), "utf-8")

    llm = model(APART)
    draft = _writer(corpus_library, llm).draft(given, folder=folder)
    asked = [c.messages[-1].content for c in llm.calls if stage_of(c) == "draft"]
    assert len(asked) == 1 and "转移路线要让每户走过一遍" in asked[0]
    assert set(stages_asked(llm)) <= {"draft", "length", "review"}
    after = {p.name: json.loads(p.read_bytes())["text"] for p in (folder / "parts").iterdir()}
    assert {n for n in before if before[n] != after[n]} == {"2.json"}
    assert "转移路线要让每户走过一遍" in draft.text


@pytest.mark.parametrize("part", ["2", "opening", "closing"])
def test_redo_writes_one_part_anew(corpus_library: Library, tmp_path: Path, given: Any, part: str) -> None:
    folder = tmp_path / "f"
    _writer(corpus_library, model(APART)).draft(given, folder=folder)
    before = {p.stem: json.loads(p.read_bytes())["text"] for p in (folder / "parts").iterdir()}
    llm = model(APART)
    _writer(corpus_library, llm).draft(given, folder=folder, redo=[part])
    assert stages_asked(llm).count("draft") == 1
    assert not {"read-brief", "plan"} & set(stages_asked(llm))
    after = {p.stem: json.loads(p.read_bytes())["text"] for p in (folder / "parts").iterdir()}
    assert {n for n in before if before[n] != after[n]} == {part}


@pytest.mark.parametrize("part", ["7", "二", ""])
def test_redo_of_a_part_that_is_not_there_is_one_sentence(
    corpus_library: Library, tmp_path: Path, given: Any, part: str
) -> None:
    with pytest.raises(InputError, match="opening, 1, 2, 3, closing"):
        _writer(corpus_library, model()).draft(given, folder=tmp_path / "f", redo=[part])


# ------------------------------------------------------------------ a model that cannot see it all


def test_a_conversation_that_is_too_long_forgets_its_oldest_turns_and_says_so(
    corpus_library: Library, given: Any
) -> None:
    def clerk(call: Call) -> Answer:
        if sum(m.role == "assistant" for m in call.messages) > 2:
            return ContextTooLongError("maximum context length")
        return usual(call)

    told: list[Event] = []
    draft = _writer(corpus_library, model(APART, draft=clerk)).draft(given, on_event=told.append)
    notes = [e.text for e in told if e.kind == "note"]
    assert len(notes) == 1 and "看不到最前面的部分" in notes[0]
    assert notes[0] in draft.pending
    assert "严守值班纪律" in draft.text


def test_a_model_too_small_for_one_part_is_an_error(corpus_library: Library, given: Any) -> None:
    with pytest.raises(ContextTooLongError):
        _writer(corpus_library, model(draft=ContextTooLongError("maximum context length"))).draft(given)


async def test_a_length_that_cannot_be_mended_stays_as_it_is() -> None:
    talk = conversation(model(length=ContextTooLongError("too long")))
    texts = {"opening": "开。", "1": "全县有险工险段17处。" * 60, "2": "转。", "closing": "散。"}
    assert (await fit(talk, Fitted(talk.plan, texts))).texts == texts
