"""Outlines of briefs: words and levels stay, numerals go."""

from __future__ import annotations

import pytest

from rag_speech.read.outline import read_outline


def _read(*lines: str) -> list[tuple[int, str]]:
    return [(i.level, i.text) for i in read_outline(lines)]


@pytest.mark.parametrize(
    "numerals",
    [
        ("一、", "二、"),
        ("一.", "二."),
        ("一：", "二："),
        ("（一）", "（二）"),
        ("(一)", "(二)"),
        ("1.", "2."),
        ("1、", "2、"),
        ("1． ", "2． "),
        ("（1）", "（2）"),
        ("(1)", "(2)"),
        ("①", "②"),
        ("第一部分 ", "第二部分 "),
        ("第一部分：", "第二部分："),
        ("第一，", "第二，"),
        ("第一、", "第二、"),
        ("第一个问题：", "第二个问题："),
        ("第一方面，", "第二方面，"),
        ("第一个方面 ", "第二个方面 "),
        ("第一点：", "第二点："),
        ("一是", "二是"),
        ("壹、", "贰、"),
        ("- ", "- "),
        ("• ", "• "),
        ("", ""),
    ],
    ids=lambda n: n[0] or "none",
)
def test_one_level_of_any_usual_numbering_is_the_first_level(numerals: tuple[str, str]) -> None:
    first, second = numerals
    assert _read(f"{first}把堤巡到位", f"{second}把人转移好。") == [(1, "把堤巡到位"), (1, "把人转移好")]


def test_mixed_levels_keep_their_depth() -> None:
    rows = [
        "一、认清形势",
        "（一）雨情",
        "1.降雨偏多",
        "2.还要下",
        "（二）工情",
        "二、压实责任",
        "（一）领导带班",
    ]
    assert _read(*rows) == [
        (1, "认清形势"),
        (2, "雨情"),
        (3, "降雨偏多"),
        (3, "还要下"),
        (2, "工情"),
        (1, "压实责任"),
        (2, "领导带班"),
    ]


def test_levels_follow_the_kinds_in_use() -> None:
    assert _read("（一）雨情", "1.降雨偏多") == [(1, "雨情"), (2, "降雨偏多")]
    assert _read("第一部分 形势", "一、雨情", "二、工情") == [(1, "形势"), (2, "雨情"), (2, "工情")]


def test_lines_without_a_numeral_hang_below_the_numbered_one_before() -> None:
    rows = ["一、认清形势", "雨情", "工情", "二、压实责任"]
    assert _read(*rows) == [(1, "认清形势"), (2, "雨情"), (2, "工情"), (1, "压实责任")]


def test_one_string_may_hold_the_whole_outline() -> None:
    assert _read("一、形势\n  1. 雨情\n\n二、责任；\n") == [(1, "形势"), (2, "雨情"), (1, "责任")]


@pytest.mark.parametrize(
    "heading",
    [
        "2027年的打算",
        "1.5万亩怎么分",
        "三点考虑",
        "十件实事",
        "一季度要开好头",
        "第一书记怎么干",
        "第一线的经验",
        "2个关口",
        "“一是一”的规矩",
    ],
)
def test_words_that_begin_like_a_numeral_are_whole(heading: str) -> None:
    assert _read(heading) == [(1, heading)]


@pytest.mark.parametrize("lines", [(), ("",), ("  \n ",), ("一、",), ("（一）\n1.",)])
def test_an_outline_of_nothing_is_empty(lines: tuple[str, ...]) -> None:
    assert _read(*lines) == []
