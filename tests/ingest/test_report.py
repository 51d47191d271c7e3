from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.errors import StorageError
from rag_speech.ingest.records import Action, Cut, Guess, IngestItem, IngestReport
from rag_speech.ingest.report import ACTIONS, REASONS, bars, render_report, shown_value, write_report
from rag_speech.speech.outline import Heading

ITEM = IngestItem(
    "材料/a.docx",
    Action.ADDED,
    title="在<script>会议上的讲话",
    occasion="flood_control",
    level="县",
    chars=2310,
    chunks={"opening": 2, "point": 9},
    guesses=(Guess("occasion", "flood_control", 0.97, "given"), Guess("level", "县", 0.456, "inferred")),
    outline=(Heading(1, "一、", "看清形势", "line", (Heading(2, "（一）", "查堤", "line"),)),),
    cuts=(
        Cut("E-META", "来源：<b>某网</b>", "标题", "同志们"),
        Cut("P-HALF", ",", put="，"),
        Cut("PAGE:page number", "— 1 —"),
    ),
    flags=(Cut("E-SCRUB", "与高度一致"),),
    near=("b-1",),
)
LIBRARY = {"occasion": {"flood_control": 5, "": 1}, "level": {"县": 6}, "role": {"point": 30, "opening": 6}}


def test_the_page_says_what_came_in_and_what_went() -> None:
    page = render_report(IngestReport((ITEM,), 1.25), LIBRARY)
    for words in (
        "防汛抗旱部署会",
        "一、",
        "看清形势",
        "查堤",
        "46%",
        "给定",
        "页码",
        "b-1",
        "2310 字，清理 3 处",
        "未定",
    ):
        assert words in page
    assert "<del>来源：&lt;b&gt;某网&lt;/b&gt;</del>" in page
    assert "<ins>，</ins>" in page
    assert "<mark>与高度一致</mark>" in page


def test_the_page_stands_alone_and_escapes_everything() -> None:
    page = render_report(IngestReport((ITEM,)), LIBRARY)
    assert "在&lt;script&gt;会议上的讲话" in page
    assert "<script" not in page
    assert not re.search(r"(?:src|href)\s*=|url\(|@import|https?://", page)


@pytest.mark.parametrize("kind", sorted(REASONS))
def test_every_reason_is_said_in_chinese(kind: str) -> None:
    page = render_report(IngestReport((IngestItem("x", Action.REFUSED, "english", kind),)))
    assert REASONS[kind] in page
    assert "english" not in page


@pytest.mark.parametrize(("value", "shown"), [("22.2", "约22分钟"), ("0.3", "约1分钟"), ("半小时", "半小时")])
def test_minutes_are_told_as_a_listener_counts_them(value: str, shown: str) -> None:
    assert shown_value(Guess("minutes", value, 0.9, "inferred")) == shown


@pytest.mark.parametrize("action", list(Action))
def test_every_action_is_counted(action: Action) -> None:
    report = IngestReport((IngestItem("x", action),))
    assert report.counts()[action.value] == 1
    assert f"<b>1</b>{ACTIONS[action]}" in render_report(report)


def test_a_dry_run_says_so_and_many_documents_get_one_line_each() -> None:
    items = tuple(IngestItem(f"{i}.txt", Action.ADDED, title=f"第{i}篇讲话") for i in range(450))
    page = render_report(IngestReport(items, dry_run=True))
    assert "试运行" in page
    assert "其余 50 篇" in page
    assert all(f"第{i}篇讲话" in page for i in range(450))


@given(st.dictionaries(st.text(min_size=1, max_size=4), st.integers(1, 1000), min_size=1))
def test_bars_keep_every_count_and_the_longest_is_whole(counts: dict[str, int]) -> None:
    rows = bars(counts)
    assert {row.label: row.count for row in rows} == counts
    assert max(row.share for row in rows) == 1.0
    assert [row.count for row in rows] == sorted(counts.values(), reverse=True)


def test_a_report_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError):
        write_report(IngestReport((ITEM,)), tmp_path / "file" / "r.html")
    write_report(IngestReport((ITEM,)), tmp_path / "new" / "r.html")
    assert (tmp_path / "new" / "r.html").read_text("utf-8").startswith("<!DOCTYPE html>")
