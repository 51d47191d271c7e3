"""The HTML report: the speech is all there, marks nest, markup in a speech stays text."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from rag_speech.checks import check
from rag_speech.render.report_html import cut_lines, frame_styles, group, report_html
from rag_speech.types import Finding, Severity, Span
from tests.checks.sample import CLEAN

TEXT = "一二三四五六\n七八九十"
SPANS = st.tuples(st.integers(0, 11), st.integers(1, 11)).filter(lambda s: s[0] < s[1])


def finding(start: int, end: int, code: str = "X-TEST") -> Finding:
    return Finding(code, Severity.P2, Span(start, end), TEXT[start:end], f"{start}到{end}")


@given(st.lists(SPANS, max_size=6))
def test_the_pieces_give_the_text_and_know_their_findings(spans: list[tuple[int, int]]) -> None:
    found = [finding(a, b) for a, b in spans]
    lines = cut_lines(TEXT, found)
    assert "\n".join("".join(p.text for p in line) for line in lines) == TEXT
    rows = {r.number: r.finding for r in group(found)}
    for line in lines:
        for piece in line:
            assert all(piece.text in rows[n].fragment for n in piece.rows)


def test_repeated_findings_share_a_row() -> None:
    repeated = [finding(0, 1), finding(0, 1), finding(2, 3)]
    assert [(r.number, r.count) for r in group(repeated)] == [(1, 2), (2, 1)]


def test_markup_in_the_speech_is_text() -> None:
    text = CLEAN + "<script>alert(1)</script>\n"
    page = report_html([("稿.txt", check(text, as_of=date(2026, 5, 20)))])
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "不能用" in page


def test_a_clean_speech_says_so() -> None:
    report = check(CLEAN, as_of=date(2026, 5, 20), exclude=["length"])
    assert "没有发现问题" in report_html([("稿.txt", report)])


def test_the_frame_of_the_speech_stands_as_on_paper() -> None:
    text = "在全县会议上的讲话\n\n县长 王某\n（2026年5月20日）\n\n同志们：\n今天开会。\n一是讲三点：\n"
    assert frame_styles(text) == ["title", "", "caption", "caption", "", "salutation", "", "", ""]
    assert frame_styles("同志们：\n今天开会。") == ["salutation", ""]
    assert frame_styles("") == [""]
