"""Relative times against the day of the speech; requirements that nobody could carry out."""

from __future__ import annotations

from datetime import date

import pytest

from rag_speech.checks import check

SPEECH = """在全县项目建设推进会上的讲话

县长

（2026年5月20日）

同志们：

今天，我们召开会议。下面，我讲两点意见。

一、压实责任

{first}

二、抓好落实

{second}

让我们共同努力，为建设家乡作出贡献！
"""
PLAIN = "县住建局6月底前把12个项目的手续办完。"


def codes(first: str, second: str = PLAIN) -> set[str]:
    text = SPEECH.format(first=first, second=second)
    return {f.code for f in check(text, as_of=date(2026, 11, 20)).findings}


@pytest.mark.parametrize(
    "wrong",
    [
        "今年1至10月，全县完成投资12亿元。",
        "今年上半年完成投资15亿元。",
        "今年是2025年，任务很重。",
        "2024年（去年）完成投资9亿元。",
        "日前，1月3日召开了会议。",
        "昨天（5月18日）下了大雨。",
    ],
)
def test_a_time_that_the_day_contradicts_is_found(wrong: str) -> None:
    assert "L-TIME" in codes(wrong)


@pytest.mark.parametrize(
    "right",
    [
        "今年1至4月，全县完成投资12亿元。",
        "今年1至10月，力争完成投资12亿元。",
        "今年上半年要完成投资15亿元。",
        "去年（2025年）完成投资9亿元。",
        "日前，5月3日召开了会议。",
        "昨天（5月19日）下了大雨。",
        "日前，省里召开了会议，今年任务很重。",
    ],
)
def test_a_time_that_fits_or_says_nothing_exact_passes(right: str) -> None:
    assert "L-TIME" not in codes(right)


def test_a_requirement_of_worn_phrases_alone_is_vague() -> None:
    empty = (
        "要高度重视，提高政治站位，统一思想，形成合力，切实把各项工作落到实处，确保务求实效，不断开创新局面。"
    )
    assert "K-VAGUE" in codes(empty)
    assert "K-VAGUE" not in codes(empty + "住建局6月底前报清单。")
    assert "K-VAGUE" not in codes(PLAIN)


def test_headings_are_no_empty_sentences() -> None:
    headings = "\n\n".join(f"（{n}）认清形势\n\n{PLAIN}" for n in "一二三四五六")
    assert "K-EMPTY" not in codes(headings)
