"""Blind sheets, readers' answers, and what is made of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rag_speech.brief.brief import make_brief
from rag_speech.cli import app
from rag_speech.errors import InputError
from rag_speech.evals.blind import Key, key_path, write_sheets
from rag_speech.evals.cases import Case
from rag_speech.evals.drafts import DraftText, draft_id, gather
from rag_speech.evals.readings import (
    DRAFTS,
    PREFERENCES,
    READINGS,
    Reading,
    file_readings,
    load_lines,
    load_readings,
    stands,
)
from rag_speech.evals.records import Manifest, Row, dump, load, save_rows
from rag_speech.evals.tally import tallies
from rag_speech.evals.unblind import read_answers

BRIEF = {
    "event": "全县防汛工作会议",
    "words": "讲五分钟，别点县名。",
    "facts": ["水库52座"],
    "may_use": ["抽水机3台"],
    "materials": [{"name": "记录", "text": "去年转移213人。"}],
}
CASES = {
    name: Case(
        id=name,
        brief=make_brief(BRIEF),
        rubric=("讲到水库52座", "讲到夜间转移"),
        must_not=("213人", "语义：点县名"),
        trap="去年的数",
    )
    for name in ("one", "two")
}


def draft(system: str, case: str) -> DraftText:
    text = f"同志们：\n这一篇是给{case}的。全县水库52座，{system}的脾气。\n散会。"
    return DraftText(draft_id(case, text), system, case, text, "m", "abc")


DRAFTED = [draft(s, c) for s in ("急", "慢", "闷") for c in CASES]


def filled(sheets: Path, key: Key, **over: Any) -> list[dict[str, Any]]:
    """Fill in all forms as a reader would who likes 急 best."""
    forms = []
    for sheet in key.sheets:
        form = json.loads((sheets / f"{sheet.name}.json").read_text("utf-8"))
        form |= {"reader": "r1", "kind": "model", "date": "2026-12-01"}
        for letter, own in sheet.drafts.items():
            form["drafts"][letter] = {
                "rubric": [{"met": True, "quote": "全县水库52座"}, {"met": False, "quote": ""}],
                "violations": [],
                "hand_in": own.system == "急",
                "score": {"急": 90, "慢": 70, "闷": 30}[own.system],
                "worst": "散会。",
            } | over
        forms.append(form)
    return forms


def save(path: Path, forms: object) -> Path:
    path.write_text(json.dumps(forms, ensure_ascii=False), "utf-8")
    return path


def test_a_sheet_has_all_that_a_reader_needs_and_no_name(tmp_path: Path) -> None:
    out = tmp_path / "sheets"
    key = write_sheets(out, DRAFTED, CASES, seed=3)
    assert sorted(p.name for p in out.iterdir()) == ["one.json", "one.md", "two.json", "two.md"]
    page = (out / "one.md").read_text("utf-8")
    for words in ("讲五分钟", "水库52座", "抽水机3台", "去年转移213人", "1. 讲到水库52座", "213人", "点县名"):
        assert words in page
    assert "去年的数" not in page, "the trap is the judge's, not the readers'"
    assert [page.count(f"## {letter}稿") for letter in "ABCD"] == [1, 1, 1, 0]
    assert "abc" not in page and "急的脾气" in page
    assert key_path(out).is_file() and not list(out.glob("*key*"))
    orders = {tuple(d.system for d in s.drafts.values()) for s in key.sheets}
    assert len(orders) == 2, "each brief has an order of its own"
    assert load(Key, key_path(out)) == key
    assert write_sheets(tmp_path / "again", DRAFTED, CASES, seed=3) == key
    with pytest.raises(InputError, match="not empty"):
        write_sheets(out, DRAFTED, CASES)


def test_answers_become_readings(tmp_path: Path) -> None:
    out = tmp_path / "sheets"
    key = write_sheets(out, DRAFTED, CASES)
    assert read_fails(key, [out]).endswith("is filled in"), "empty forms are no answers"
    readings, _, drafts = read_answers(key, [save(tmp_path / "a.json", filled(out, key))])
    assert len(readings) == 6 and {d.id for d in drafts} == {d.id for d in DRAFTED}
    best = next(r for r in readings if r.system == "急" and r.brief == "one")
    assert best == Reading(
        draft=draft("急", "one").id, system="急", brief="one", reader="r1", kind="model", rubric=best.rubric,
        violations=(), hand_in=True, score=90, worst="散会。", date="2026-12-01", commit="abc",
    )  # fmt: skip
    assert [i.met for i in best.rubric] == [True, False]


def read_fails(key: Key, paths: list[Path]) -> str:
    with pytest.raises(InputError) as caught:
        read_answers(key, paths)
    return str(caught.value)


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({"score": 101}, "less than or equal to 100"),
        ({"score": None}, "score"),
        ({"hand_in": "maybe"}, "hand_in"),
        ({"rubric": [{"met": True, "quote": "全县"}]}, "the rubric has 2 items, 1 are answered"),
        ({"rubric": [{"met": True}, {"met": False}]}, "no sentence is quoted"),
        ({"rubric": [{"met": True, "quote": "水库53座"}, {"met": False}]}, "does not stand in the draft"),
        ({"violations": [{"rule": "点县名", "quote": ""}]}, "violations.0.quote"),
        ({"violations": [{"rule": "点县名", "quote": "渡云县"}]}, "'渡云县' does not stand in the draft"),
        ({"worst": "没有的话"}, "worst sentence"),
        ({"mark": 3}, "mark"),
    ],
)
def test_what_is_no_answer_is_named(tmp_path: Path, over: dict[str, Any], message: str) -> None:
    out = tmp_path / "sheets"
    key = write_sheets(out, DRAFTED, CASES)
    said = read_fails(key, [save(tmp_path / "a.json", filled(out, key, **over))])
    assert message in said and "sheet one" in said


def test_an_answer_must_be_on_the_drafts_of_its_sheet(tmp_path: Path) -> None:
    out = tmp_path / "sheets"
    key = write_sheets(out, DRAFTED, CASES)
    form = filled(out, key)[0]
    assert "are on B, C" in read_fails(
        key, [save(tmp_path / "a.json", {**form, "drafts": {k: form["drafts"][k] for k in "BC"}})]
    )
    assert "names none of the sheets" in read_fails(key, [save(tmp_path / "a.json", {**form, "sheet": "x"})])
    assert "reader" in read_fails(key, [save(tmp_path / "a.json", {**form, "reader": ""})])
    assert "date" in read_fails(key, [save(tmp_path / "a.json", {**form, "date": "gestern"})])
    (tmp_path / "a.json").write_text("{", "utf-8")
    assert "is not JSON" in read_fails(key, [tmp_path / "a.json"])


def test_pairs_are_preferences(tmp_path: Path) -> None:
    out = tmp_path / "pairs"
    key = write_sheets(out, DRAFTED, CASES, mode="pairs")
    assert len(key.sheets) == 6
    page = (out / "one-1.md").read_text("utf-8")
    assert "## 甲稿" in page and "## 乙稿" in page and "rubric：" not in page
    forms = []
    for sheet in key.sheets:
        form = json.loads((out / f"{sheet.name}.json").read_text("utf-8"))
        systems = {d.system: letter for letter, d in sheet.drafts.items()}
        better = systems.get("急", "平")
        forms.append({**form, "reader": "r1", "kind": "person", "date": "2026-12-01", "better": better})
    _, preferred, _ = read_answers(key, [save(tmp_path / "a.json", forms)])
    found = {(t.a, t.b): (t.wins_a, t.wins_b, t.ties) for t in tallies(preferred)}
    assert found == {("急", "慢"): (2, 0, 0), ("急", "闷"): (2, 0, 0), ("慢", "闷"): (0, 0, 2)}
    forms[0]["better"] = "左"
    assert "better" in read_fails(key, [save(tmp_path / "a.json", forms)])
    with pytest.raises(InputError, match="no pairs"):
        write_sheets(tmp_path / "none", [draft("急", "one")], CASES, mode="pairs")


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("全县水库52座", True),
        ("全县水库52座。", True),
        ("这一篇……散会", True),
        ("“全县”“水库52座”", True),
        ("全县水库53座", False),
        ("……", False),
        ("", False),
    ],
)
def test_a_quote_must_stand_in_the_draft(quote: str, found: bool) -> None:
    assert stands(quote, "这一篇是给one的。全县水库52座，急的脾气。\n散会。") == found


def test_a_second_reading_takes_the_place_of_the_first(tmp_path: Path) -> None:
    r = Reading("d", "s", "one", "r1", "model", (), (), True, 80, "", "2026-12-01")
    file_readings(tmp_path, [r, replace(r, reader="r2")])
    file_readings(tmp_path, [replace(r, score=60)])
    assert [(x.reader, x.score) for x in load_readings(tmp_path)] == [("r1", 60), ("r2", 80)]
    (tmp_path / READINGS).write_text("{}\n", "utf-8")
    with pytest.raises(InputError, match="line 1, is no Reading"):
        load_readings(tmp_path)
    with pytest.raises(InputError, match="unblind"):
        load_readings(tmp_path / "none")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    rows = [Row("k", d.case, d.system, 1, 1, text=d.text) for d in DRAFTED]
    save_rows(folder, [*rows, Row("k", "one", "急", 2, 1, error="ModelError: x")])
    manifest = Manifest("s", "", "abc", False, "", "", "", {}, "", "CNY", (), (1,), tuple(CASES))
    (folder / "run.json").write_text(dump(Manifest, manifest), "utf-8")
    (folder / "cases.json").write_text(dump(tuple[Case, ...], tuple(CASES.values())), "utf-8")
    return folder


def test_drafts_come_from_runs_and_folders(run: Path, tmp_path: Path) -> None:
    (tmp_path / "hand" / "two").mkdir(parents=True)
    (tmp_path / "hand" / "one.md").write_text("手写的一篇", "utf-8")
    (tmp_path / "hand" / "two" / "speech.txt").write_text("另一篇", "utf-8")
    found = gather([f"{run}:急", f"手={tmp_path / 'hand'}"], CASES)
    assert [(d.system, d.case, d.commit) for d in found] == [
        ("急", "one", "abc"), ("急", "two", "abc"), ("手", "one", ""), ("手", "two", ""),
    ]  # fmt: skip
    named = gather([f"大模型={run}:急", f"小模型={run}"], CASES)
    assert {d.system for d in named} == {"大模型", "小模型 慢", "小模型 闷"}, "a draft is gathered once"
    with pytest.raises(InputError, match="has no system 'x'"):
        gather([f"{run}:x"], CASES)
    with pytest.raises(InputError, match="has no draft to any of the cases"):
        gather([str(run)], ["three"])
    with pytest.raises(InputError, match="is no folder"):
        gather(["a=nowhere"], CASES)


def test_the_commands_go_from_run_to_readings(run: Path, tmp_path: Path) -> None:
    def invoke(*arguments: object) -> str:
        done = CliRunner().invoke(app, ["eval", *map(str, arguments)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    out, kept = tmp_path / "sheets", tmp_path / "readings"
    assert "2 sheets, 6 drafts" in invoke("blind", run, "-o", out)
    key = load(Key, key_path(out))
    answers = save(tmp_path / "a.json", filled(out, key))
    shown = invoke("unblind", out, answers, "-o", kept)
    assert "| 急 | 2 | 100% | 90.0 | 50% | 0.00 |" in shown
    assert "a large language model in the role of a demanding head of office" in shown
    assert len(load_readings(kept)) == 6 and len(load_lines(DraftText, kept / DRAFTS)) == 6
    assert "6 sheets" in invoke("blind", run, "-o", tmp_path / "pairs", "--pairs")
    assert not (kept / PREFERENCES).exists()

    def one(pick: Callable[[Any], bool]) -> int:
        return sum(pick(r) for r in load_readings(kept))

    invoke("unblind", out, answers, "-o", kept)
    assert one(lambda r: r.reader == "r1") == 6, "filing twice changes nothing"
