"""A speech as lines of a page, and where its title breaks."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.render.balance import MAX_LINES, break_title, zi_width
from rag_speech.render.page import Kind, page_lines
from rag_speech.render.podium import cut_at_sentences, minute_marks
from rag_speech.resources import data_dir
from rag_speech.speech.parse import parse
from rag_speech.speech.render import render
from rag_speech.types import Speech
from tests.strategies import speeches

TITLES = [
    text.split("title: ", 1)[1].split("\n", 1)[0]
    for path in sorted((data_dir("corpus") / "speeches").glob("*.md"))
    if "title: " in (text := path.read_text("utf-8"))
]


@given(speeches())
def test_lines_are_the_canonical_text(speech: Speech) -> None:
    lines = page_lines(speech)
    text = render(speech)
    assert "\n".join(line.text for line in lines) == text
    for line in lines:
        assert text[line.start : line.start + len(line.text)] == line.text
        assert 0 <= line.head <= len(line.text)


def test_headings_rank_by_their_numeral() -> None:
    speech = parse(
        "在全县大会上的讲话\n同志们：\n今天开会。下面，我讲两点意见。\n一、抓学习\n（一）学理论。要天天学。\n1.读原文\n读三本书。\n"
        "二、抓落实\n一是人要到齐。说到做到。\n二是事要办完。说到做到。"
    )
    ranked = {line.text[:4]: (line.kind, line.rank, line.text[: line.head]) for line in page_lines(speech)}
    assert ranked["一、抓学"] == (Kind.HEADING, 1, "一、抓学习")
    assert ranked["（一）学"] == (Kind.BODY, 2, "（一）学理论。")
    assert ranked["1.读原"] == (Kind.HEADING, 3, "1.读原文")
    assert ranked["一是人要"] == (Kind.BODY, 0, "")


@given(st.text(min_size=1, max_size=120), st.integers(10, 28))
def test_title_pieces_give_the_title_back(title: str, width: int) -> None:
    pieces = break_title(title, width)
    assert "".join(pieces) == title
    if len(pieces) > 1 and "——" not in title:
        assert len(pieces) <= MAX_LINES
        assert all(zi_width(piece) <= width for piece in pieces)


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("在砚溪县办公室系统业务培训班开班式上的讲话", ("在砚溪县办公室系统业务", "培训班开班式上的讲话")),
        (
            "把答卷写在回去以后——在栾陵市干部大会上的讲话",
            ("把答卷写在回去以后", "——在栾陵市干部大会上的讲话"),
        ),
        (
            "在柃溪县岁末年初安全生产工作部署会议上的讲话",
            ("在柃溪县岁末年初", "安全生产工作部署会议上的讲话"),
        ),
        ("在全县大会上的讲话", ("在全县大会上的讲话",)),
    ],
)
def test_titles_break_between_words(title: str, lines: tuple[str, ...]) -> None:
    assert break_title(title, 20) == lines


def test_no_title_of_the_corpus_breaks_badly() -> None:
    assert len(TITLES) > 20
    for title in TITLES:
        pieces = break_title(title, 20)
        for before, after in pairwise(pieces):
            assert after[0] not in "的上时、，。”》）", pieces
            assert not (before[-1].isdigit() and after[0] in "0123456789年月日届"), pieces
            assert not before.endswith(("在", "第", "“", "《", "（")), pieces
        widths = [zi_width(p) for p in pieces]
        assert max(widths) <= 20
        assert len(widths) < 3 or "——" in title or widths[1] >= min(widths[0], widths[2])


@given(speeches())
def test_reading_copy_cuts_only_at_sentence_ends(speech: Speech) -> None:
    for line in page_lines(speech):
        pieces = cut_at_sentences(line, 6)
        assert "".join(p.text for p in pieces) == line.text
        assert all(p.text[-1] in "。！？” ）；" for p in pieces[:-1])
        assert sum(p.head for p in pieces) == line.head


def test_minutes_add_up() -> None:
    body = "要把这件事办好。" * 60
    speech = parse(
        f"在全县大会上的讲话\n同志们：\n今天开会。\n一、抓学习\n{body}\n二、抓落实\n{body}\n同志们，让我们共同努力。"
    )
    marks = list(minute_marks(page_lines(speech)).values())
    assert marks[0].startswith("全文991字，约5.5分钟；开头约0.1分钟")
    assert marks[1] == "本部分约2.7分钟，讲完累计2.7分钟"
    assert marks[-1].startswith("结尾约")
    assert marks[-1].endswith("累计5.5分钟")
