"""Running suites: resume, cache, failures, rescoring, gate."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from rag_speech.brief.brief import make_brief
from rag_speech.cli import app
from rag_speech.errors import EndpointUnreachableError, InputError
from rag_speech.evals.cases import Case
from rag_speech.evals.records import RESULTS, Row, load_rows
from rag_speech.evals.run import Progress, run_suite
from rag_speech.evals.scoring import rescore
from rag_speech.evals.suite import cases_of, load_suite
from rag_speech.resources import data_dir
from rag_speech.types import Stages

Make = Callable[..., Path]
REPO = Path(__file__).parents[2]
RUNNER = CliRunner()


async def go(suite: Path, out: Path, **options: object) -> tuple[list[Row], list[str]]:
    spec = load_suite(suite)
    hows: list[str] = []

    def note(progress: Progress) -> None:
        hows.append(progress.how)

    cases = options.pop("cases", None) or cases_of(spec)
    rows = await run_suite(spec, cases, out, on_progress=note, **options)  # type: ignore[arg-type]
    return rows, hows


def figures(rows: list[Row]) -> dict[object, object]:
    """All that must not depend on when and how often a run was interrupted."""
    return {r.place: (r.key, r.text, r.final, r.first, r.metric("tokens"), r.metric("cost")) for r in rows}


async def test_a_second_run_writes_nothing_again(make_suite: Make, tmp_path: Path) -> None:
    first, hows = await go(make_suite(), tmp_path / "a")
    assert hows == ["written"] * 4 and not any(r.error for r in first)
    again, hows = await go(make_suite(), tmp_path / "a")
    assert hows == ["kept"] * 4
    assert figures(again) == figures(first)
    worked = {p.name for p in (tmp_path / "a" / "work").iterdir()}
    assert worked == {r.key for r in first if r.system == "full"}, (
        "the pipeline's stages are kept, to go on from"
    )


async def test_drafts_are_shared_through_the_cache(make_suite: Make, tmp_path: Path) -> None:
    first, _ = await go(make_suite(), tmp_path / "a", cache=tmp_path / "cache")
    other, hows = await go(make_suite(), tmp_path / "b", cache=tmp_path / "cache")
    assert hows == ["saved"] * 4
    assert figures(other) == figures(first)


async def test_another_prompt_is_another_draft(make_suite: Make, tmp_path: Path) -> None:
    await go(make_suite(), tmp_path / "a")
    prompts = tmp_path / "prompts"
    shutil.copytree(data_dir("prompts"), prompts)
    card = prompts / "draft" / "part.md"
    card.write_text(card.read_text("utf-8") + "\n", "utf-8")
    _, hows = await go(make_suite(), tmp_path / "a", prompts=prompts)
    assert Counter(hows) == {"written": 2, "kept": 2}, "baselines do not read the pipeline's prompts"


async def test_seeds_and_repeats_are_drafts_of_their_own(make_suite: Make, tmp_path: Path) -> None:
    suite = make_suite(seeds=[1, 2], repeats=2, systems=[{"name": "full"}], select={"ids": ["shortest"]})
    rows, _ = await go(suite, tmp_path / "a", jobs=2)
    assert [(r.seed, r.run) for r in rows] == [(1, 1), (2, 1), (1, 2), (2, 2)]
    assert len({r.key for r in rows}) == 4
    assert rows[0].text != rows[1].text, "another seed gives another draft"
    assert rows[0].text == rows[2].text, "the scripted model repeats itself"


async def test_one_failing_case_never_stops_the_run(make_suite: Make, tmp_path: Path) -> None:
    bad = Case(id="bad", brief=make_brief({"event": "聚会"}), request="写个讲话")
    good = cases_of(load_suite(make_suite()))
    rows, _ = await go(make_suite(systems=[{"name": "full"}]), tmp_path / "a", cases=[bad, *good])
    assert rows[0].error.startswith("BriefError") and not rows[0].text
    assert [r.error for r in rows[1:]] == ["", ""]
    again, hows = await go(make_suite(systems=[{"name": "full"}]), tmp_path / "a", cases=[bad, *good])
    assert hows == ["written", "kept", "kept"] or Counter(hows) == {"kept": 2, "written": 1}
    assert again[0].error, "a failed case is tried again"


async def test_a_line_cut_short_is_written_again(make_suite: Make, tmp_path: Path) -> None:
    whole, _ = await go(make_suite(), tmp_path / "a")
    results = tmp_path / "a" / RESULTS
    results.write_bytes(results.read_bytes()[:-200])
    again, hows = await go(make_suite(), tmp_path / "a")
    assert Counter(hows) == {"kept": 3, "saved": 1}
    assert figures(again) == figures(whole)


async def test_a_damaged_line_elsewhere_is_an_error(make_suite: Make, tmp_path: Path) -> None:
    await go(make_suite(), tmp_path / "a")
    results = tmp_path / "a" / RESULTS
    results.write_bytes(b"{}\n" + results.read_bytes())
    with pytest.raises(InputError, match="line 1, is damaged"):
        load_rows(tmp_path / "a")


async def test_a_system_can_be_added_to_a_run(make_suite: Make, tmp_path: Path) -> None:
    await go(make_suite(), tmp_path / "a", systems=["full"])
    rows, hows = await go(make_suite(), tmp_path / "a", systems=["single"])
    assert hows == ["written"] * 2
    assert {r.system for r in rows} == {"full", "single"}
    manifest = json.loads((tmp_path / "a" / "run.json").read_text("utf-8"))
    assert [s["name"] for s in manifest["systems"]] == ["full", "single"]
    assert len(manifest["corpus"]) == len(manifest["code"]) == len(manifest["rules"]) == 16
    assert manifest["versions"]["python"]


async def test_rescoring_needs_no_model_and_changes_nothing(
    make_suite: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, _ = await go(make_suite(), tmp_path / "a")

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a model was asked for")

    monkeypatch.setattr("rag_speech.evals.bench.get_llm", refuse)
    assert figures(rescore(tmp_path / "a")) == figures(rows)


async def test_rescoring_takes_new_expectations(make_suite: Make, tmp_path: Path) -> None:
    await go(make_suite(systems=[{"name": "full"}]), tmp_path / "a")
    case = cases_of(load_suite(make_suite()))[0]
    stricter = case.model_copy(
        update={"expect": case.expect.model_copy(update={"must_include": ("没有的话",)})}
    )
    row = rescore(tmp_path / "a", {case.id: stricter})[0]
    assert row.final is not None and row.final.missed == ("缺少“没有的话”",)


async def test_ablations_differ_as_they_should(make_suite: Make, tmp_path: Path) -> None:
    suite = make_suite(systems=[{"name": "full"}], ablations=True, select={"ids": ["flood-facts"]})
    rows, _ = await go(suite, tmp_path / "a")
    by_name = {r.system: r for r in rows}
    assert set(by_name) == {"full", *(f"no_{f.name}" for f in fields(Stages))}
    assert not any(r.error for r in rows)
    assert len({r.key for r in rows}) == len(rows)
    draft = json.loads((tmp_path / "a" / "drafts" / f"{by_name['no_retrieval'].key}.json").read_text("utf-8"))
    assert draft["exemplars"] == []
    bare = json.loads((tmp_path / "a" / "drafts" / f"{by_name['no_masking'].key}.json").read_text("utf-8"))
    assert bare["exemplars"] and all(e["masked"] == e["original"] for e in bare["exemplars"])


def invoke(*arguments: object) -> tuple[int, str]:
    done = RUNNER.invoke(app, ["eval", *map(str, arguments)], catch_exceptions=False)
    return done.exit_code, done.output


def test_the_gate_passes_and_leaves_its_files(make_suite: Make, tmp_path: Path) -> None:
    code, output = invoke("run", make_suite(), "-o", tmp_path / "a", "--no-cache", "--gate")
    assert code == 0, output
    assert "[4/4]" in output and "left" in output
    tree = ET.fromstring((tmp_path / "a" / "junit.xml").read_text("utf-8"))
    assert [s.get("name") for s in tree] == ["try.full", "try.single", "try.gate"]
    assert all(s.get("failures") == "0" and s.get("errors") == "0" for s in tree)
    summary = json.loads((tmp_path / "a" / "summary.json").read_text("utf-8"))
    assert summary["passed"] and summary["systems"]["full"]["drafts"] == 2
    assert (tmp_path / "a" / "report.html").is_file()


def test_seeds_given_take_the_place_of_the_suites(make_suite: Make, tmp_path: Path) -> None:
    options = ("-o", tmp_path / "a", "--no-cache", "--system", "full", "--limit", 1)
    code, output = invoke("run", make_suite(), *options, "--seeds", "2,3,3")
    assert code == 0 and "seed 2" in output and "[2/2]" in output and "seed 3" in output
    with pytest.raises(InputError, match="1,2,3"):
        invoke("run", make_suite(), *options, "--seeds", "2;3")


def test_without_its_length_instruction_a_prompt_fails_the_gate(make_suite: Make, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts"
    shutil.copytree(data_dir("prompts"), prompts)
    card = prompts / "draft" / "part.md"
    words = card.read_text("utf-8")
    asked = "约{{ paragraph_zi[part.id][loop.index0] }}字"
    assert asked in words
    card.write_text(words.replace(asked, "约20字{% set unused = paragraph_zi %}"), "utf-8")
    options = ("-o", tmp_path / "a", "--no-cache", "--gate", "--system", "full", "--prompts", prompts)
    code, output = invoke("run", make_suite(), *options)
    assert code == 1
    assert "FAILED full first.length_score" in output and "errors is 0" in output
    tree = ET.fromstring((tmp_path / "a" / "junit.xml").read_text("utf-8"))
    gate = next(s for s in tree if s.get("name") == "try.gate")
    assert gate.get("failures") == "1"


def test_a_prompt_without_its_slot_is_an_error_in_every_case(make_suite: Make, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts"
    shutil.copytree(data_dir("prompts"), prompts)
    card = prompts / "draft" / "part.md"
    card.write_text(card.read_text("utf-8").replace("{{ budgets[part.id] }}", ""), "utf-8")
    options = ("-o", tmp_path / "a", "--no-cache", "--gate", "--system", "full", "--prompts", prompts)
    code, output = invoke("run", make_suite(), *options)
    assert code == 1
    assert output.count("no slot for budgets") == 2


def test_without_the_gate_a_failed_threshold_is_told_and_passes(make_suite: Make, tmp_path: Path) -> None:
    suite = make_suite(thresholds=[{"metric": "score", "min": 100.5}])
    code, output = invoke("run", suite, "-o", tmp_path / "a", "--no-cache")
    assert code == 0 and "FAILED full score" in output
    code, _ = invoke("run", suite, "--rescore", tmp_path / "a", "--gate")
    assert code == 1


def test_briefs_from_anywhere(make_suite: Make, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "event: 全县烤烟生产工作会议\noccasion: progress_meeting\nchars: 600\n", "utf-8"
    )
    suite = make_suite(systems=[{"name": "full"}], thresholds=[])
    code, output = invoke(
        "run", suite, "--cases", tmp_path / "mine.yaml", "-o", tmp_path / "a", "--no-cache", "--json"
    )
    assert code == 0, output
    assert [r.case for r in load_rows(tmp_path / "a")] == ["mine"]


def _start(suite: Path, out: Path) -> subprocess.Popen[bytes]:
    code = "from rag_speech.cli import main; main()"
    command = [sys.executable, "-c", code, "eval", "run", str(suite), "-o", str(out), "--no-cache"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@pytest.mark.slow
def test_a_killed_run_goes_on_and_no_case_runs_twice(make_suite: Make, tmp_path: Path) -> None:
    suite = make_suite(
        select={"tags": ["conference"]}, seeds=[1, 2], systems=[{"name": "full"}], thresholds=[]
    )
    out, whole = tmp_path / "killed", tmp_path / "whole"
    kills = 0
    for wanted in (3, 8):
        process = _start(suite, out)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            results = out / RESULTS
            if results.is_file() and results.read_bytes().count(b"\n") >= wanted:
                os.kill(process.pid, signal.SIGKILL)
                kills += 1
                break
            time.sleep(0.02)
        process.communicate()
    assert kills == 2, "the run ended before it could be killed"
    before = {p.name: p.stat().st_mtime_ns for p in (out / "drafts").iterdir() if not p.name.startswith(".")}
    assert 8 <= len(before) < 16
    process = _start(suite, out)
    told = process.communicate()[1].decode()
    assert process.returncode == 0, told
    after = {p.name: p.stat().st_mtime_ns for p in (out / "drafts").iterdir() if not p.name.startswith(".")}
    assert {name: after[name] for name in before} == before, "a finished draft was written again"
    assert told.count("(kept)") + told.count("(saved)") == len(before)
    assert _start(suite, whole).wait() == 0
    assert figures(load_rows(out)) == figures(load_rows(whole))
    totals = [json.loads((d / "summary.json").read_text("utf-8"))["systems"]["full"] for d in (out, whole)]
    for timed in ("seconds",):
        for total in totals:
            total.pop(timed)
    assert totals[0] == totals[1]


@pytest.mark.slow
def test_the_smoke_suite_passes_its_gate_in_a_minute(tmp_path: Path) -> None:
    suite = Path(__file__).parents[2] / "eval" / "suites" / "smoke.yaml"
    code = "from rag_speech.cli import main; main()"
    command = [sys.executable, "-c", code, "eval", "run", str(suite), "-o", str(tmp_path / "run"), "--gate"]
    began = time.monotonic()
    environment = {**os.environ, "RAG_SPEECH_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began < 60
    for name in ("results.jsonl", "summary.json", "junit.xml", "report.html", "run.json"):
        assert (tmp_path / "run" / name).stat().st_size > 500


def test_every_command_works_on_a_run(make_suite: Make, tmp_path: Path, library_folder: Path) -> None:
    out = tmp_path / "a"
    assert invoke("run", make_suite(), "-o", out, "--no-cache")[0] == 0
    code, output = invoke("compare", f"{out}:single", f"{out}:full", "--metric", "score")
    assert code == 0 and "### full against single" in output and "| score |" in output
    code, output = invoke("compare", f"{out}:single", f"{out}:full", "--json")
    assert code == 0 and json.loads(output)[0]["differences"]["score"]["cases"] == 2
    assert invoke("report", out, "-o", tmp_path / "page.html")[0] == 0
    assert (tmp_path / "page.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert invoke("blind", out, "-o", tmp_path / "blind", "--pairs")[0] == 0
    queries = tmp_path / "q.yaml"
    queries.write_text("- q: 防汛值班\n  relevant: [{speech: flood_control-01, words: 从今天起}]\n", "utf-8")
    options = ("--library", library_folder, "--embedder", "hash")
    code, output = invoke("retrieval", queries, *options, "--json")
    assert code == 0 and json.loads(output[output.index("{") :])["queries"] == 1


async def test_a_judging_model_reads_every_draft_once(
    make_suite: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = make_suite(systems=[{"name": "full"}], judge={"votes": 2})
    rows, _ = await go(suite, tmp_path / "a")
    assert [len(r.votes) for r in rows] == [2, 2]
    assert [r.metric("judge") for r in rows] == [0, 0], "the scripted model gives the lowest mark"
    again, hows = await go(suite, tmp_path / "a")
    assert hows == ["kept", "kept"] and [r.votes for r in again] == [r.votes for r in rows]


async def test_a_judge_that_cannot_be_reached_stops_nothing(
    make_suite: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object, **__: object) -> None:
        raise EndpointUnreachableError("no answer")

    suite = make_suite(systems=[{"name": "full"}], judge={"votes": 2})
    with monkeypatch.context() as patch:
        patch.setattr("rag_speech.evals.run.read_draft", refuse)
        rows, hows = await go(suite, tmp_path / "a")
    assert hows == ["written; the judge failed: no answer"] * 2
    assert [(r.votes, r.error) for r in rows] == [((), "")] * 2
    rows, _ = await go(suite, tmp_path / "a")
    assert [len(r.votes) for r in rows] == [2, 2], "the next run asks again"


async def test_a_judge_without_a_voice_leaves_drafts_unscored(
    make_suite: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag_speech.evals import judge

    async def unreadable(*_: object, **__: object) -> None:
        return None

    monkeypatch.setattr(judge, "_ask", unreadable)
    rows, _ = await go(make_suite(systems=[{"name": "full"}], judge={"votes": 2}), tmp_path / "a")
    assert [r.metric("judge") for r in rows] == [None, None]
    assert not any(r.error for r in rows)


def test_a_kept_run_is_two_files_and_needs_the_cases_named(make_suite: Make, tmp_path: Path) -> None:
    invoke("run", make_suite(), "-o", tmp_path / "a", "--no-cache")
    kept = tmp_path / "kept"
    kept.mkdir()
    for name in ("run.json", RESULTS):
        shutil.copy(tmp_path / "a" / name, kept / name)
    with pytest.raises(InputError, match="--cases"):
        invoke("report", kept)
    code, _ = invoke("report", kept, "--cases", REPO / "eval" / "cases")
    assert code == 0 and "safety-hostile" in (kept / "report.html").read_text("utf-8")
    with pytest.raises(InputError, match="has not kept its draft"):
        rescore(kept, {c.id: c for c in cases_of(load_suite(make_suite()))})
