"""What the model wrote becomes parts, and parts a speech."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.draft.answer import read_parts, whole_sentences
from rag_speech.draft.compose import compose, lead_of
from rag_speech.draft.conversation import part_names
from rag_speech.speech.parse import parse
from rag_speech.speech.render import render
from tests.stages import make_plan, section
from tests.strategies import paragraphs as speech_paragraphs

PLAN = make_plan()
ONE = PLAN.sections[0]
NAMES = part_names(PLAN)


def _one(text: str, lead: str = "") -> str:
    return read_parts(text, [ONE], NAMES, {"1": lead} if lead else {}, thanks=False).get("1", "")


@pytest.mark.parametrize(
    "text",
    [
        "堤要天天巡。",
        "【第一部分】\n堤要天天巡。",
        "## 【第一部分】\n堤要天天巡。",
        "**【第一部分】**\n堤要天天巡。",
        "【第一部分】堤要天天巡。",
        "一、把堤巡到位\n堤要天天巡。",
        "把堤巡到位\n\n堤要天天巡。",
        "（一）把堤巡到位。\n堤要天天巡。",
        "一、把堤巡到位。堤要天天巡。",
        "好的，下面是第一部分：\n堤要天天巡。",
        "以下是正文：\n堤要天天巡。",
        "堤要天天巡。\n（字数：6）",
        "- 堤要天天巡。",
        "**堤**要天天巡。",
        "　　堤要天天巡。",
    ],
)
def test_headings_numerals_marks_and_chatter_come_off(text: str) -> None:
    assert _one(text) == "堤要天天巡。"


@pytest.mark.parametrize(
    "text", ["第一，把堤巡到位。堤要天天巡。", "把堤巡到位。堤要天天巡。", "堤要天天巡。"]
)
def test_a_lead_that_code_writes_is_not_said_twice(text: str) -> None:
    assert _one(text, "第一，把堤巡到位。") == "堤要天天巡。"


def test_paragraphs_stay_apart() -> None:
    assert _one("堤要天天巡。\n\n人要早早转。") == "堤要天天巡。\n人要早早转。"


def test_several_parts_are_told_apart_and_a_missing_one_is_missing() -> None:
    said = read_parts(
        "【开头】\n今天开会。\n【第一部分】把堤巡到位\n堤要天天巡。\n【结尾】\n散会。",
        PLAN.parts, NAMES, {}, thanks=False,
    )  # fmt: skip
    assert said == {"opening": "今天开会。", "1": "堤要天天巡。", "closing": "散会。"}


def test_without_names_several_parts_cannot_be_told_apart() -> None:
    assert read_parts("今天开会。\n堤要天天巡。", PLAN.parts, NAMES, {}, thanks=False) == {}


def test_a_salutation_in_the_opening_comes_off_and_thanks_that_code_adds_too() -> None:
    opening = read_parts("同志们：\n今天开会。", [PLAN.opening], NAMES, {}, thanks=True)
    assert opening == {"opening": "今天开会。"}
    for thanks, said in ((True, "散会。"), (False, "散会。谢谢大家！")):
        closing = read_parts("散会。谢谢大家！", [PLAN.closing], NAMES, {}, thanks=thanks)
        assert closing == {"closing": said}


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("一句。半", "一句。"),
        ("一句！两句", "一句！"),
        ("他说：“好。”然", "他说：“好。”"),
        ("半", ""),
        ("", ""),
        ("一句。", "一句。"),
    ],
)
def test_whole_sentences(text: str, whole: str) -> None:
    assert whole_sentences(text) == whole


# ------------------------------------------------------------------ the speech

TEXTS = {
    "opening": "今天开会。",
    "1": "堤要天天巡。\n查到就报。",
    "2": "人要早早转。",
    "closing": "让我们一起守好。",
}


def test_numbered_headings_stand_on_lines_of_their_own() -> None:
    lines = render(compose(PLAN, TEXTS)).splitlines()
    assert lines[3:] == [
        "同志们：", "今天开会。", "下面，我讲两点意见。", "一、把堤巡到位", "堤要天天巡。", "查到就报。",
        "二、把人转移好", "人要早早转。", "让我们一起守好。",
    ]  # fmt: skip


def test_leads_stand_at_the_beginning_of_a_parts_first_paragraph_once() -> None:
    plan = make_plan(numbering="段首", transition="")
    lines = render(compose(plan, {**TEXTS, "2": "第二，把人转移好。人要早早转。"})).splitlines()
    assert lines[4:] == [
        "今天开会。", "第一，把堤巡到位。堤要天天巡。", "查到就报。", "第二，把人转移好。人要早早转。", "让我们一起守好。",
    ]  # fmt: skip


def test_without_numbering_headings_are_not_spoken() -> None:
    text = render(compose(make_plan(numbering="不编号", transition=""), TEXTS))
    assert "把堤巡到位" not in text and "一、" not in text
    assert text.splitlines()[4:] == [
        "今天开会。",
        "堤要天天巡。",
        "查到就报。",
        "人要早早转。",
        "让我们一起守好。",
    ]


def test_a_part_without_text_takes_no_number() -> None:
    text = render(compose(PLAN, {**TEXTS, "1": ""}))
    assert "一、把人转移好" in text and "二、" not in text


@pytest.mark.parametrize(
    ("numbering", "lead"), [("标题", ""), ("不编号", ""), ("段首", "第一，把堤巡到位。")]
)
def test_only_leads_are_written_by_code(numbering: str, lead: str) -> None:
    plan = make_plan(numbering=numbering)
    assert lead_of(plan, plan.sections[0]) == lead
    assert lead_of(plan, section("1")) == ""


@given(
    st.sampled_from(["标题", "段首", "不编号"]),
    st.lists(
        st.lists(speech_paragraphs().map(lambda p: p.text), min_size=1, max_size=3), min_size=4, max_size=4
    ),
)
def test_a_composed_speech_is_read_back_as_it_was_written(numbering: str, texts: list[list[str]]) -> None:
    plan = make_plan(numbering=numbering, transition="下面，我讲两点意见。" if numbering == "标题" else "")
    closing = f"同志们，{texts[3][0]}"
    said = dict(
        zip(("opening", "1", "2", "closing"), ("\n".join(t) for t in (*texts[:3], [closing])), strict=True)
    )
    text = render(compose(plan, said))
    assert render(parse(text)) == text
    if numbering == "标题":
        assert [p.heading for p in parse(text).parts] == ["把堤巡到位", "把人转移好"]
