"""``rag-speech check``: formats, gate, standard input, repairs, front matter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from rag_speech.checks.base import Check
from rag_speech.cli.check import check_command
from rag_speech.errors import ConfigError, InputError, ReadError
from rag_speech.types import Finding
from tests.checks.sample import CLEAN

app = Typer()
app.command()(check_command)
BAD = CLEAN.replace("入春以来", "到20xx年,入春以来")


@pytest.fixture(autouse=True)
def _own_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_SPEECH_LIBRARY", str(tmp_path / "library"))


def run(*arguments: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    path = tmp_path / "speech.txt"
    path.write_text(BAD, "utf-8")
    return path


def test_the_text_report_underlines_the_fragment(speech: Path) -> None:
    result = run(speech, "--as-of", "2026-05-20")
    assert result.exit_code == 1
    assert "不能用（REJECT）" in result.stdout
    shown = result.stdout[result.stdout.index("P0 D-PLACE") :].splitlines()
    assert shown[0].startswith("P0 D-PLACE 13:2")
    assert shown[1] == "    到20xx年,入春以来雨水偏"
    assert shown[2] == "      ^^^^^^"


def test_the_gate_is_the_least_severity(tmp_path: Path) -> None:
    path = tmp_path / "clean.txt"
    path.write_text(CLEAN, "utf-8")
    assert run(path, "--as-of", "2026-05-20", "--min-severity", "P2").exit_code == 0
    assert run(path, "--as-of", "2026-05-20").exit_code == 1  # it is short for the occasion


def test_json_is_one_object_a_file_with_offsets_into_the_text(speech: Path) -> None:
    result = run(speech, speech, "--format", "json", "--as-of", "2026-05-20")
    objects = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(objects) == 2
    assert list(objects[0]) == ["file", "verdict", "form_only", "score", "blocks", "findings"]
    keys = {"code", "severity", "start", "end", "fragment", "message", "suggestion", "rule"}
    for finding in objects[0]["findings"]:
        assert set(finding) == keys
        if finding["start"] is not None:
            assert BAD[finding["start"] : finding["end"]] == finding["fragment"]


def test_standard_input_and_occasion_by_name() -> None:
    result = run("-", "--format", "json", "--occasion", "防汛抗旱部署会", stdin=BAD.encode())
    assert json.loads(result.stdout)["file"] == "stdin"
    assert result.exit_code == 1


def test_repairs_go_into_the_file_and_only_once(speech: Path) -> None:
    first = run(speech, "--fix", "--as-of", "2026-05-20")
    assert "+ " in first.output
    fixed = speech.read_text("utf-8")
    assert fixed == BAD.replace("20xx年,", "20xx年，")
    assert "repairs made" not in run(speech, "--fix", "--as-of", "2026-05-20").output
    assert speech.read_text("utf-8") == fixed


def test_repaired_standard_input_goes_to_standard_output() -> None:
    result = CliRunner().invoke(app, ["-", "--fix"], input=BAD.encode())
    assert "20xx年，入春" in result.stdout
    assert "REJECT" not in result.stdout
    assert "REJECT" in result.stderr


def test_front_matter_gives_occasion_and_date_and_survives_repairs(tmp_path: Path) -> None:
    head = "---\ntitle: 讲话\noccasion: flood_control\ndate: 2012-05-20\n---\n"
    text = CLEAN.replace("入春以来", "各单位要迎接党的十八大胜利召开,把防汛抓好。入春以来")
    path = tmp_path / "old.md"
    path.write_text(head + text, "utf-8")
    result = run(path, "--format", "json", "--fix")
    assert "B-EXPIRED" not in result.stdout
    assert path.read_text("utf-8") == head + text.replace("召开,", "召开，")
    assert "B-EXPIRED" in run(path, "--format", "json", "--as-of", "2026-05-20").stdout


def test_the_brief_is_the_closed_world(tmp_path: Path, speech: Path) -> None:
    brief = tmp_path / "brief.yaml"
    brief.write_text("event: 栖岭县防汛工作会议\nlevel: 县\ndate: 2026-05-20\n", "utf-8")
    speech.write_text(CLEAN.replace("山塘多数蓄满", "98座山塘蓄满"), "utf-8")
    assert "G-FIGURE" in run(speech, "--brief", brief).stdout


def test_sarif_and_html_go_into_a_file(tmp_path: Path, speech: Path) -> None:
    out = tmp_path / "report.sarif"
    result = run(speech, "--format", "sarif", "-o", out)
    assert result.exit_code == 1
    log = json.loads(out.read_text("utf-8"))
    assert log["version"] == "2.1.0"
    regions = [r["locations"][0]["physicalLocation"].get("region") for r in log["runs"][0]["results"]]
    place = next(
        r for r in regions if r and BAD[r["charOffset"] : r["charOffset"] + r["charLength"]] == "20xx年"
    )
    assert BAD.splitlines()[place["startLine"] - 1][place["startColumn"] - 1 :].startswith("20xx年")
    page = tmp_path / "report.html"
    run(speech, "--format", "html", "-o", page)
    assert "http" not in page.read_text("utf-8")


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    assert isinstance(run(tmp_path / "none.txt").exception, ReadError)
    empty = tmp_path / "blank.txt"
    empty.write_text(" \n", "utf-8")
    assert isinstance(run(empty).exception, InputError)


RULE = """[[rule]]
id = "unit-shizhengting"
code = "B-ORG"
severity = "P2"
pattern = "市政厅"
replacement = "市政府"
message = "本单位统一称“{fix}”，不称“{hit}”"
source = "临江县委办公室用语规范"
fires = ["请到市政厅开会。"]
quiet = ["请到市政府开会。"]
"""


def test_an_own_rules_file_is_used(tmp_path: Path, speech: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = tmp_path / "own.toml"
    rules.write_text(RULE, "utf-8")
    monkeypatch.setenv("RAG_SPEECH_RULES", str(rules))
    speech.write_text(CLEAN.replace("入春以来", "请到市政厅开会。入春以来"), "utf-8")
    result = run(speech, "--format", "json", "--as-of", "2026-05-20")
    found = [f for f in json.loads(result.stdout)["findings"] if f["code"] == "B-ORG"]
    assert [(f["fragment"], f["rule"]) for f in found] == [("市政厅", "unit-shizhengting")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (('severity = "P2"', 'severity = "high"'), "line 1, row 'unit-shizhengting': severity"),
        (("source", "sorce"), "unknown key 'sorce'"),
        (("请到市政厅开会", "请到市府开会"), "line 1: row 'unit-shizhengting' must fire on"),
        (("[[rule]]", "[[rule"), "not valid TOML"),
    ],
)
def test_a_bad_rules_file_is_refused_with_line_and_reason(
    tmp_path: Path, speech: Path, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], reason: str
) -> None:
    rules = tmp_path / "own.toml"
    rules.write_text(RULE.replace(*change), "utf-8")
    monkeypatch.setenv("RAG_SPEECH_RULES", str(rules))
    error = run(speech).exception
    assert isinstance(error, ConfigError)
    assert reason in str(error)


def test_a_broken_check_is_no_clean_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_context: object) -> list[Finding]:
        raise RuntimeError("boom")

    monkeypatch.setattr("rag_speech.checks.run.CHECKS", (Check("broken", "S", (), broken),))
    path = tmp_path / "clean.txt"
    path.write_text(CLEAN, "utf-8")
    result = run(path)
    assert result.exit_code == 1
    assert "the check 'broken' could not be completed: RuntimeError: boom" in result.stderr


def test_of_several_files_one_unreadable_does_not_hide_the_others(tmp_path: Path, speech: Path) -> None:
    result = run(tmp_path / "none.txt", speech, "--format", "json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["file"] == str(speech)
    assert "none.txt: the file does not exist" in result.stderr
