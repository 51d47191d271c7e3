"""Masking: facts become slots, style stays."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.retrieve.mask import SlotKind, mask

_TEXT = st.text(
    alphabet="0123456789０１２万亿元年月日.%％，。、：；“”《》〔〕一二三是第全县市长书记张王李刘卫华同志\n 增长-—AaGx",
    max_size=120,
)
_NAMES = st.lists(st.text(alphabet="张王李刘卫华青山县同志", min_size=2, max_size=5), max_size=4)


def _outside(text: str) -> str:
    return re.sub("〔(?:" + "|".join(k.value for k in SlotKind) + ")〕", "␟", text)


def _plain(text: str) -> str:
    return text.translate(str.maketrans("", "", "〔〕"))


@given(_TEXT, _NAMES)
def test_no_digit_and_no_known_name_survives(text: str, names: list[str]) -> None:
    masked = _outside(mask(text, names).text)
    assert not re.search(r"\d", masked)
    assert not any(name in masked for name in names)


@given(_TEXT.map(_plain), _NAMES)
def test_slots_give_the_text_back(text: str, names: list[str]) -> None:
    masked = mask(text, names)
    rebuilt = masked.text
    for slot in masked.slots:
        assert slot.span.of(text) == slot.original
        rebuilt = rebuilt.replace(slot.label, f"\0{slot.original}\0", 1)
    assert rebuilt.replace("\0", "") == text


@given(_TEXT.map(_plain))
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("同比增长10.9%，投入三百二十万元。", "同比增长〔数字〕，投入〔数字〕。"),
        ("2026年5月8日，县委书记刘卫华同志到会。", "〔日期〕，县委书记〔人名〕同志到会。"),
        ("1-7月份，全市完成投资20.5亿元。", "〔日期〕，全市完成投资〔数字〕。"),
        ("认真学习《办公室工作规程》。", "认真学习〔文件〕。"),
        ("依据县办发〔2026〕12号文件。", "依据〔文件〕文件。"),
        ("按照“两个率先”的目标要求抓落实。", "按照〔口号〕的目标要求抓落实。"),
        ("借鉴远山重工集团公司的经验。", "借鉴〔单位〕的经验。"),
    ],
)
def test_facts_become_typed_slots(text: str, masked: str) -> None:
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "下面，我讲三点意见。",
        "一是要严格纪律。二是要学以致用。",
        "第一，办公室是参谋助手，一个环节也不能松懈。",
        "坚决维护以习近平同志为核心的党中央权威和集中统一领导。",
        "俗话说：“好记性不如烂笔头。”全县各级办公室要当好“参谋部”。",
        "增强“四个意识”，百尺竿头更进一步，十分重要。",
    ],
)
def test_style_stays(text: str) -> None:
    assert mask(text).text == text


def test_known_names_are_sorted_by_what_they_are() -> None:
    masked = mask("青山县供电公司的周小燕说，青山人爱青山。", ["青山县", "青山", "供电公司", "周小燕"])
    assert masked.text == "〔地名〕〔单位〕的〔人名〕说，〔地名〕人爱〔地名〕。"
