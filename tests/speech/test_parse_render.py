"""The tree of a speech: parsing what was written gives back what was built."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.speech.parse import MAX_DEPTH, parse
from rag_speech.speech.render import render
from rag_speech.speech.walk import all_parts
from rag_speech.types import Speech
from tests.strategies import speeches


@given(speeches())
def test_parse_gives_back_what_render_wrote(speech: Speech) -> None:
    assert parse(render(speech)) == speech


@given(speeches())
def test_spans_cover_the_words(speech: Speech) -> None:
    text = render(speech)
    found = parse(text)
    for part in all_parts(found):
        for paragraph in part.body:
            assert paragraph.span is not None
            assert paragraph.span.of(text) == paragraph.text
        if part.level:
            assert part.span is not None
            assert part.span.of(text).startswith(part.marker + part.heading + part.stop)
    for name, span in found.spans:
        assert span.of(text) in (getattr(found, name) if name == "caption" else [getattr(found, name)])


@given(
    st.text(alphabet="一二三是要第，、。：；\n（）1.首先其次同志们最后祝谢大家下面讲点意见 　", max_size=200)
)
def test_any_text_is_read_without_losing_words(text: str) -> None:
    assert "".join(render(parse(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    "unit",
    [
        "一是二是",
        "一是。",
        "。一是。二是",
        "\n一、",
        "\n1、1、",
        "\n、",
        "\n要在",
        "：",
        "\n同志们：",
        "“四要”",
    ],
)
def test_repeats_take_linear_time(unit: str) -> None:
    started = time.process_time()
    speech = parse("同志们：\n今天开会。\n" + unit * 20_000)
    assert time.process_time() - started < 5
    assert all(part.level <= MAX_DEPTH for part in all_parts(speech))


def test_half_width_and_spaced_forms_are_read() -> None:
    speech = parse(
        "在全县大会上的讲话\n同志们:\n今天开会. 下面,我讲两点意见。\n一.抓学习\n学习很重要。\n二.抓落实\n落实是关键。"
    )
    assert [p.marker + p.heading for p in speech.parts] == ["一.抓学习", "二.抓落实"]
    assert speech.salutation == "同志们:"


def test_lost_and_doubled_numerals_stay_siblings() -> None:
    text = "同志们：\n讲一点意见。\n一、抓特性\n有四个特性。\n1、地位特殊。很重要。\n2、工作清苦。很累。\n、要求很高。要过硬。\n2、作用很大。要珍惜。"
    (part,) = parse(text).parts
    assert [(c.marker, c.heading) for c in part.children] == [
        ("1、", "地位特殊"),
        ("2、", "工作清苦"),
        ("、", "要求很高"),
        ("2、", "作用很大"),
    ]


def test_salutation_may_run_into_the_first_paragraph() -> None:
    speech = parse("同志们：今天，我们召开会议。\n一、抓学习\n学习很重要。")
    assert (speech.salutation, speech.opening.body[0].text) == ("同志们：", "今天，我们召开会议。")


def test_series_that_begins_in_a_paragraph_goes_on_below() -> None:
    speech = parse(
        "同志们：\n下面，我讲三点：一是抓学习。学习很重要。\n二是抓落实。落实是关键。\n三是抓作风。作风是保证。"
    )
    assert [p.marker for p in speech.parts] == ["一是", "二是", "三是"]
    assert speech.transition == "下面，我讲三点："


def test_series_of_paragraphs_in_the_opening_is_not_the_speech() -> None:
    text = (
        "同志们：\n培训有三个特点。\n一是坐得住。人人到齐。\n二是敢动手。当场改稿。\n三是问得真。问题都是难处。\n"
        "下面，我提两点希望。\n一、学以致用\n回去讲一课。\n二、围绕中心\n服务好大局。\n同志们，路还长。"
    )
    speech = parse(text)
    assert [p.heading for p in speech.opening.children] == ["坐得住", "敢动手", "问得真"]
    assert [p.heading for p in speech.parts] == ["学以致用", "围绕中心"]
    assert speech.transition == "下面，我提两点希望。"
    assert [p.text for p in speech.closing.body] == ["同志们，路还长。"]
    assert parse(render(speech)) == speech


def test_closing_may_have_its_own_numbered_points() -> None:
    text = (
        "同志们：\n下面，我讲两点意见。\n一、抓学习\n学习很重要。\n二、抓落实\n落实是关键。\n最后，再提两点要求。\n"
        "一是要守纪律。不迟到。\n二是要重实效。学了就用。\n祝大家学有所成！"
    )
    speech = parse(text)
    assert [p.heading for p in speech.parts] == ["抓学习", "抓落实"]
    assert [p.heading for p in speech.closing.children] == ["要守纪律", "要重实效"]


def test_last_paragraph_that_wishes_is_the_closing() -> None:
    speech = parse("各位来宾：\n欢迎大家。\n我们的山很美。\n再过三天就是除夕，祝大家新春快乐！\n谢谢大家！")
    assert [p.text[:4] for p in speech.closing.body] == ["再过三天"]
    assert speech.thanks == "谢谢大家！"
