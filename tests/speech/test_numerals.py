"""Numerals and markers: what is written is read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.speech.numerals import Family, from_han, inline_markers, make_marker, read_marker, to_han


@given(st.integers(1, 999))
def test_numerals_round_trip(number: int) -> None:
    assert from_han(to_han(number)) == number


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("两", 2),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("一百零五", 105),
        ("一百一十", 110),
        ("", None),
        ("第一", None),
    ],
)
def test_numerals(numeral: str, value: int | None) -> None:
    assert from_han(numeral) == value


@pytest.mark.parametrize("number", [0, 1000, -1])
def test_numerals_out_of_range(number: int) -> None:
    with pytest.raises(ValueError, match="range"):
        to_han(number)


@given(st.sampled_from([f for f in Family if f is not Family.LOST]), st.integers(1, 20))
def test_markers_round_trip(family: Family, number: int) -> None:
    limit = {Family.FIRST: 4, Family.SIDE: 2}.get(family, 20)
    if number > limit:
        with pytest.raises(ValueError, match="marker"):
            make_marker(family, number)
        return
    found = read_marker(make_marker(family, number) + "抓落实")
    assert found is not None
    assert (found.family, found.ordinal) == (family, number)


@pytest.mark.parametrize(("level", "marker"), [(1, "二、"), (2, "（二）"), (3, "2."), (4, "（2）")])
def test_levels_are_those_of_the_standard(level: int, marker: str) -> None:
    assert make_marker(level, 2) == marker


def test_there_is_no_fifth_level() -> None:
    with pytest.raises(ValueError, match="level 5"):
        make_marker(5, 1)


@pytest.mark.parametrize(
    ("text", "family", "ordinal", "written"),
    [
        ("一、认清形势", Family.HAN, 1, "一、"),
        ("十二、抓落实", Family.HAN, 12, "十二、"),
        ("(二)抓落实", Family.HAN_PAREN, 2, "(二)"),
        ("3、大有作为。", Family.ARABIC, 3, "3、"),
        ("1．地位特殊", Family.ARABIC, 1, "1．"),
        ("（3）抓督查", Family.ARABIC_PAREN, 3, "（3）"),
        ("③抓督查", Family.CIRCLED, 3, "③"),
        ("第三,要强化管理", Family.ORDINAL, 3, "第三,"),
        ("第一是跟班", Family.ORDINAL, 1, "第一是"),
        ("第二句话，不做决策", Family.ORDINAL, 2, "第二句话，"),
        ("四是要清廉正直", Family.IS, 4, "四是"),
        ("二要大力精文减会", Family.NEED, 2, "二要"),
        ("其次是提高水平", Family.FIRST, 2, "其次是"),
        ("再次要树立理念", Family.FIRST, 3, "再次"),
        ("另一方面，要克服", Family.SIDE, 2, "另一方面，"),
        ("、要求很高。", Family.LOST, 0, "、"),
    ],
)
def test_every_style_is_read(text: str, family: Family, ordinal: int, written: str) -> None:
    found = read_marker(text)
    assert found is not None
    assert (found.family, found.ordinal, found.text) == (family, ordinal, written)


@pytest.mark.parametrize(
    "text",
    [
        "1.5万人",
        "2026年工作",
        "第一产业",
        "一二三产业",
        "首先我代表",
        "一方面军",
        "二要求",
        "方案已定",
        "三点意见",
    ],
)
def test_words_that_only_look_like_markers(text: str) -> None:
    assert read_marker(text) is None


def test_markers_inside_a_paragraph() -> None:
    found = inline_markers("有三个考虑：一是抓学习。二是抓落实；第三，抓作风，统一是关键。")
    assert [(m.text, m.start) for m in found] == [("一是", 6), ("二是", 12), ("第三，", 18)]
