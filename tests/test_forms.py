"""Records of the stages as files that a person reads and changes."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rag_speech import forms
from rag_speech.errors import InputError
from rag_speech.types import Assignment, Evidence, Plan, Statement, Use
from tests.stages import ASSIGNMENT, make_plan

HERE = Path("plan.yaml")


@pytest.mark.parametrize("kind", [Assignment, Evidence, Plan])
@settings(max_examples=40)
@given(data=st.data())
def test_what_is_written_is_read_back(kind: type[Any], data: st.DataObject) -> None:
    record = data.draw(st.from_type(kind))
    assert forms.read(kind, forms.write(kind, record), HERE) == record


def test_the_file_is_chinese_and_says_nothing_that_goes_without_saying() -> None:
    text = forms.write(Plan, make_plan())
    assert text.startswith("# 提纲。")
    body = "\n".join(text.splitlines()[1:])
    assert not [
        line for line in body.splitlines() if ":" in line and line.strip("- ").split(":")[0].isascii()
    ]
    assert "备用" not in body and "待核实" not in body
    assert "致谢: ''" in body, "what a plan has to say stands there even when it is empty"


def test_every_field_has_a_name_of_its_own_within_its_record() -> None:
    from rag_speech.types import Constraint, OutlineItem, PlannedParagraph, Point, Reserve, Section, Span

    for record in (
        Assignment,
        Evidence,
        Plan,
        Statement,
        Point,
        Constraint,
        OutlineItem,
        Section,
        PlannedParagraph,
        Reserve,
        Span,
    ):
        names = [forms._NAMES[f.name] for f in fields(record)]  # type: ignore[arg-type]
        assert len(names) == len(set(names)), record


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"总字": 500}, "unknown key '总字'; known are 标题, 署名"),
        ({"总字数": "很多"}, "总字数: Input should be a valid integer"),
        ({"编号方式": "罗马数字"}, "编号方式: Input should be '标题', '段首' or '不编号'"),
        ({"部分": [{"编号": "1", "段": []}]}, "unknown key '段'"),
        ({"部分": [{"编号": "1", "段落": [{"讲什么": "巡堤", "字数": "百"}]}]}, "部分 / 0 / 段落 / 0 / 字数"),
        ({"部分": [{"编号": ["1"]}]}, "部分 / 0 / 编号: Input should be a valid string"),
        ({"开头": "很短"}, "开头"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_changed_file_is_one_sentence_that_names_the_place(
    change: dict[str, Any], said: str
) -> None:
    data = yaml.safe_load(forms.write(Plan, make_plan())) | change
    with pytest.raises(InputError) as error:
        forms.read(Plan, yaml.safe_dump(data, allow_unicode=True), HERE)
    assert str(error.value).startswith("plan.yaml")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["标题: [没有完", "\t- x", "标题: 甲: 乙"])
def test_broken_yaml_is_one_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"plan\.yaml is not valid YAML") as error:
        forms.read(Plan, text, HERE)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "# 空的\n", "- 一\n- 二\n", "标题\n", "5\n"])
def test_a_file_that_is_no_record_is_one_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"plan\.yaml"):
        forms.read(Plan, text, HERE)


def test_emptied_values_are_empty_texts_and_lists() -> None:
    text = forms.write(Plan, make_plan(thanks="谢谢大家！"))
    changed = text.replace("致谢: 谢谢大家！", "致谢:").replace(
        "署名:\n- 县长\n- （2026年6月2日）\n", "署名:\n"
    )
    read = forms.read(Plan, changed, HERE)
    assert (read.thanks, read.caption) == ("", ())


def test_a_person_may_write_the_english_names_too() -> None:
    statement = {"id": "S1", "text": "甲", "use": "不讲"}
    read = forms.read(Evidence, yaml.safe_dump({"statements": [statement]}, allow_unicode=True), HERE)
    assert read.statements == (Statement(id="S1", text="甲", use=Use.NEVER),)


def test_an_assignment_reads_well() -> None:
    assert forms.write(Assignment, ASSIGNMENT).splitlines()[1:4] == ["讲话人: 县长", "要点:", "- 编号: P1"]


def test_a_part_numbered_as_people_write_it_is_read() -> None:
    data = yaml.safe_load(forms.write(Plan, make_plan()))
    data["部分"] = [{**part, "编号": int(part["编号"])} for part in data["部分"]]
    read = forms.read(Plan, yaml.safe_dump(data, allow_unicode=True), HERE)
    assert [s.id for s in read.sections] == [s.id for s in make_plan().sections]
