from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rag_speech.cli import app

SPEECH = """\
在云岭县防汛工作会议上的讲话

同志们：

今天，我们召开全县防汛工作会议，主要任务是分析形势、部署工作。刚才，水利局通报了前一阶段准备情况。下面，我讲两点意见。

一、看清形势，把准备做在雨前

今年入汛比往年早，上游水库的底水偏高，沿河的老堤还有几段没有修完。各乡镇要在本周之内把险工险段走一遍。

二、压实责任，把人守在岗上

值班的同志要做到电话有人接、险情有人报、群众有人管。县里会随时抽查，查到无人值守的，当场通报。

同志们，雨不等人，让我们早一天准备，为全县群众的平安作出应有的贡献。
"""


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one speech; the library lies beside it and embeds without a model."""
    monkeypatch.setenv("RAG_SPEECH_EMBEDDER", "hash")
    monkeypatch.setenv("RAG_SPEECH_LIBRARY", str(tmp_path / "library"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "防汛.txt").write_text("来源：某某文秘网\n" + SPEECH, "utf-8")
    return folder


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(w) for w in words])


def add(*words: object) -> Result:
    return run("corpus", "add", "--no-bundled", *words)


def test_add_list_show_stats_search_export_remove(corpus: Path, tmp_path: Path) -> None:
    done = add(corpus)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("1 documents in ")
    assert "1 added" in done.stdout

    listed = run("corpus", "list").stdout
    assert "防汛" in listed
    assert "flood_control" in listed

    shown = run("corpus", "show", "防").stdout
    assert "一、看清形势，把准备做在雨前" in shown
    assert "下面，我讲两点意见。" in shown
    assert "文秘网" not in run("corpus", "show", "防汛", "--text").stdout
    assert "文秘网" in run("corpus", "show", "防汛", "--original").stdout

    counted = json.loads(run("corpus", "stats", "--json").stdout)
    assert counted["speeches"] == 1
    assert counted["by_occasion"] == {"flood_control": 1}
    told = run("corpus", "stats").stdout
    assert "occasion (1 of 33)" in told
    assert "flood_control 防汛抗旱部署会" in told

    found = json.loads(run("search", "值班有人接电话", "--role", "point", "-k", "1", "--json").stdout)
    assert found["hits"][0]["chunk"]["speech_id"] == "防汛"
    assert "防汛 › " in run("search", "值班有人接电话", "--masked").stdout

    assert run("corpus", "export", tmp_path / "out").exit_code == 0
    (again,) = (tmp_path / "out").glob("*.md")
    back = run("corpus", "add", "--dry-run", "--json", again, "--library", tmp_path / "other")
    (item,) = json.loads(back.stdout)["items"]
    assert (item["occasion"], item["level"], item["cuts"]) == ("flood_control", "县", [])
    assert [h["text"] for h in item["outline"]] == ["看清形势，把准备做在雨前", "压实责任，把人守在岗上"]

    assert run("corpus", "remove", "防汛").stdout == "removed 防汛\n"
    assert run("corpus", "show", "防汛").exit_code != 0


def test_a_second_add_changes_nothing_and_says_so(corpus: Path) -> None:
    add(corpus)
    assert "1 unchanged" in add(corpus).stdout


def test_refused_files_get_a_line_each_and_exit_code_1(corpus: Path) -> None:
    (corpus / "空.txt").write_bytes(b"")
    (corpus / "坏.docx").write_bytes(b"PK nothing")
    done = add(corpus)
    assert done.exit_code == 1
    assert "1 added, 2 refused" in done.stdout
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["refused", "refused"]
    assert "the file is empty" in done.stderr


def test_a_missing_path_is_refused(corpus: Path) -> None:
    done = add(corpus / "没有.txt")
    assert done.exit_code == 1
    assert "does not exist" in done.stderr


def test_json_is_one_object_and_nothing_else(corpus: Path) -> None:
    report = json.loads(add(corpus, "--json", "--dry-run").stdout)
    assert report["dry_run"] is True
    assert report["counts"]["added"] == 1
    assert report["items"][0]["cuts"][0]["code"] == "E-META"


def test_the_report_shows_what_was_removed(corpus: Path, tmp_path: Path) -> None:
    done = add(corpus, "--report", tmp_path / "r.html")
    assert f"report: {tmp_path / 'r.html'}" in done.stdout
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "<del>来源：某某文秘网</del>" in page
    assert "防汛抗旱部署会" in page


def test_options_override_what_is_inferred(corpus: Path) -> None:
    add(corpus, "--occasion", "安全生产部署会", "--level", "市", "--year", "2025")
    (row,) = json.loads(run("corpus", "list", "--json").stdout)["speeches"]
    assert (row["occasion"], row["level"], row["year"]) == ("work_safety", "市", 2025)
    assert json.loads(run("corpus", "list", "--level", "县", "--json").stdout)["speeches"] == []


def test_near_duplicates_are_shown_as_a_family(corpus: Path) -> None:
    (corpus / "另一稿.txt").write_text(SPEECH.replace("云岭县", "栖岭县"), "utf-8")
    add(corpus)
    found = json.loads(run("corpus", "duplicates", "--json").stdout)
    (family,) = found["families"]
    assert {row["id"] for row in family} == {"防汛", "另一稿"}
    assert all({c["speech_id"] for c in same} == {"防汛", "另一稿"} for same in found["paragraphs"])
    shown = run("corpus", "duplicates").stdout
    assert "speeches, family 1" in shown
    assert "paragraphs, family 2" in shown


def test_nothing_similar_is_no_family(corpus: Path) -> None:
    add(corpus)
    assert run("corpus", "duplicates").stdout == "no near-duplicates\n"
