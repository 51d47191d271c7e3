"""A review's edits: applied where the quote stands once and nothing speaks against it."""

from __future__ import annotations

import pytest

from rag_speech.review.edits import MOST_CHANGED, apply_edits
from rag_speech.types import Edit
from rag_speech.zh.text import count_zi

TEXTS = {
    "opening": "今天开会，讲防汛。" + "各单位都要记住。" * 6,
    "1": "堤要天天巡。人要早早转。\n查到就报，报了就办。",
}


def _edit(quote: str, replacement: str = "") -> Edit:
    return Edit(quote=quote, why="更好", replacement=replacement)


def _apply(*edits: Edit, objection: str = "") -> tuple[dict[str, str], list[str], list[str]]:
    outcome = apply_edits(TEXTS, edits, lambda before, after: objection)
    return dict(outcome.texts), [e.quote for e in outcome.done], [why for _, why in outcome.refused]


def test_an_edit_changes_its_own_place_and_nothing_else() -> None:
    texts, done, refused = _apply(_edit("堤要天天巡。", "堤要白天黑夜巡。"))
    assert texts == {**TEXTS, "1": TEXTS["1"].replace("天天", "白天黑夜")}
    assert (done, refused) == (["堤要天天巡。"], [])


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (_edit("稿中没有的话", "甲"), "稿中没有这句原话"),
        (_edit("", "甲"), "稿中没有这句原话"),
        (_edit("各单位都要记住。", "甲。"), "这句话在稿中不止一处"),
        (_edit("堤要天天巡。", "堤" * 60), "改动过多"),
    ],
)
def test_an_edit_that_does_not_hold_is_refused_with_its_reason(edit: Edit, why: str) -> None:
    texts, done, refused = _apply(edit, _edit("查到就报", "查到即报"))
    assert refused == [why]
    assert done == ["查到就报"], "the others are applied all the same"
    assert texts == {**TEXTS, "1": TEXTS["1"].replace("查到就报", "查到即报")}


def test_a_quote_that_stands_in_two_parts_is_ambiguous() -> None:
    outcome = apply_edits(
        {"1": "巡堤。" + "甲。" * 20, "2": "巡堤。" + "乙。" * 20}, [_edit("巡堤。")], lambda b, a: ""
    )
    assert [why for _, why in outcome.refused] == ["这句话在稿中不止一处"]


def test_edits_share_one_budget() -> None:
    size = count_zi("".join(TEXTS.values()))
    edits = [_edit("堤要天天巡。"), _edit("人要早早转。"), _edit("查到就报，报了就办。")]
    _, done, refused = _apply(*edits)
    assert sum(count_zi(q) for q in done) <= MOST_CHANGED * size
    assert set(refused) <= {"改动过多"} and len(done) + len(refused) == 3


def test_an_objection_is_the_reason() -> None:
    texts, done, refused = _apply(_edit("堤要天天巡。"), objection="改后丢了必须讲的“17处”")
    assert (texts, done, refused) == (TEXTS, [], ["改后丢了必须讲的“17处”"])


def test_the_objection_sees_the_part_before_and_after() -> None:
    seen: list[tuple[str, str]] = []
    apply_edits(TEXTS, [_edit("堤要天天巡。", "巡堤。")], lambda b, a: seen.append((b, a)) or "")  # type: ignore[func-returns-value]
    assert seen == [(TEXTS["1"], TEXTS["1"].replace("堤要天天巡。", "巡堤。"))]


@pytest.mark.parametrize(
    ("text", "quote", "replacement", "after"),
    [
        ("甲乙，丙丁。戊。", "丙丁", "", "甲乙。戊。"),
        ("甲乙。丙丁。戊。", "丙丁", "", "甲乙。戊。"),
        ("甲乙。丙丁，戊。", "丙丁", "", "甲乙。戊。"),
        ("甲：丙丁。戊。", "丙丁", "", "甲。戊。"),
        ("甲乙。\n丙丁。\n戊。", "丙丁。", "", "甲乙。\n戊。"),
        ("甲乙。丙丁。", "丙丁。", "丙丁。。", "甲乙。丙丁。"),
    ],
)  # fmt: skip
def test_what_a_deletion_leaves_is_tidied(text: str, quote: str, replacement: str, after: str) -> None:
    rest = {"1": text, "2": "各单位要抓好落实，一件一件办。" * 4}
    assert apply_edits(rest, [_edit(quote, replacement)], lambda b, a: "").texts["1"] == after


def test_a_part_is_never_emptied() -> None:
    texts = {"1": "巡堤。", "2": "各单位要抓好落实，一件一件办。" * 4}
    outcome = apply_edits(texts, [_edit("巡堤。")], lambda b, a: "")
    assert [why for _, why in outcome.refused] == ["改后这一部分没有内容了"]
    assert outcome.texts == texts
