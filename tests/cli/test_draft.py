"""``rag-speech draft`` as a person uses it: the scripted model, the real store, the real checks."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from pathlib import Path

import pytest
import yaml

from rag_speech.zh.text import count_zi
from tests.cli.conftest import Cli

REPO = Path(__file__).resolve().parents[2]
EXAMPLE = REPO / "examples" / "01-county-office-training.yaml"
WORDS = "为青山县防汛工作会议起草讲话，县长讲，3分钟，强调巡堤查险和转移避险"


@pytest.fixture
def brief(office: Path) -> Path:
    """A short brief in the working folder."""
    path = office / "brief.yaml"
    path.write_text(
        "event: 青山县防汛工作会议\nspeaker: 县长\nplace: 青山县\nlevel: 县\ndate: 2026-06-02\nminutes: 3\n"
        "points: [加强巡堤查险, 组织转移避险]\nfacts: [全县有险工险段17处]\n",
        "utf-8",
    )
    return path


def test_words_become_a_speech_in_a_file(cli: Cli, office: Path) -> None:
    done = cli("draft", WORDS, "-o", "out.md")
    assert (done.code, done.out) == (0, "")
    text = (office / "out.md").read_text("utf-8")
    assert text.startswith("在青山县防汛工作会议上的讲话\n\n县长\n\n同志们：\n\n")
    assert "讲话稿：out.md" in done.err
    (folder,) = (office / "drafts").iterdir()
    understood = yaml.safe_load((folder / "brief.yaml").read_text("utf-8"))
    assert understood["minutes"] == 3
    assert understood["points"] == ["巡堤查险", "转移避险"]


def test_a_text_file_has_one_line_a_paragraph(cli: Cli, office: Path, brief: Path) -> None:
    assert cli("draft", brief, "-o", "out.txt").code == 0
    lines = (office / "out.txt").read_text("utf-8").splitlines()
    assert lines[:3] == ["在青山县防汛工作会议上的讲话", "县长", "（2026年6月2日）"]
    assert all(lines)


def test_a_suffix_that_cannot_be_written_is_refused_before_anything_is_done(
    cli: Cli, office: Path, brief: Path
) -> None:
    done = cli("draft", brief, "-o", "out.rtf")
    assert done.code == 2
    assert ".rtf" in done.err
    assert ".md" in done.err
    assert not (office / "drafts").exists()


def test_piped_it_prints_the_speech_and_nothing_else(cli: Cli, office: Path, brief: Path) -> None:
    done = cli("draft", brief)
    (folder,) = (office / "drafts").iterdir()
    assert done.out == (folder / "speech.txt").read_text("utf-8")
    assert done.err.startswith("共")
    assert "段" not in done.err.splitlines()[0]


def test_json_is_one_object_and_nothing_else(cli: Cli, brief: Path) -> None:
    done = cli("draft", brief, "--json")
    assert done.err == ""
    data = json.loads(done.out)
    wanted = [
        "title",
        "text",
        "chars",
        "minutes",
        "findings",
        "facts",
        "exemplars",
        "pending",
        "usage",
        "folder",
    ]
    assert set(wanted) <= data.keys()
    assert data["title"] == "在青山县防汛工作会议上的讲话"
    assert data["chars"] == count_zi(data["text"]) - count_zi(
        "在青山县防汛工作会议上的讲话县长（2026年6月2日）"
    )
    assert data["minutes"] == pytest.approx(data["chars"] / 180, abs=0.1)
    assert "17处" in data["text"]
    assert any(use["source"] == "brief" and "17" in use["claim"] for use in data["facts"])
    assert data["exemplars"]
    assert all(e["masked"] for e in data["exemplars"])
    assert data["usage"]["calls"] > 0
    assert Path(data["folder"]).is_dir()
    assert "api_key" not in done.out


def test_json_beside_a_file(cli: Cli, office: Path, brief: Path) -> None:
    data = json.loads(cli("draft", brief, "--json", "-o", "out.txt").out)
    assert (office / "out.txt").read_text("utf-8") == data["text"] + "\n"


def test_dry_run_shows_the_brief_and_drafts_nothing(cli: Cli, office: Path) -> None:
    done = cli("draft", WORDS, "--dry-run", "--place", "临水县", "--fact", "全县有险工险段17处")
    assert done.code == 0
    shown = yaml.safe_load(done.out)
    assert shown["event"] == "青山县防汛工作会议"
    assert shown["occasion"] == "flood_control"
    assert shown["place"] == "临水县"
    assert shown["facts"] == ["全县有险工险段17处"]
    assert not (office / "drafts").exists()


def test_a_dry_run_says_what_draft_would_refuse(cli: Cli, office: Path, brief: Path) -> None:
    assert cli("draft", brief, "--folder", "f").code == 0
    done = cli("draft", brief, "--chars", "900", "--folder", "f", "--dry-run")
    assert done.code == 2
    assert "another brief" in done.err
    assert yaml.safe_load(done.out)["chars"] == 900
    assert cli("draft", brief, "--chars", "900", "--folder", "f", "--dry-run", "--fresh").code == 0
    (office / "file").write_text("x", "utf-8")
    for words in (("--folder", "file/f"), ("-o", "file/out.txt"), ("-o", "out.rtf")):
        refused = cli("draft", brief, *words, "--dry-run")
        assert refused.code == 2, words
        assert _one_sentence(refused.err)


def test_a_dry_run_asks_what_only_the_clerk_can_say(cli: Cli, office: Path) -> None:
    done = cli("draft", "XX县某个座谈会吧，县长讲", "--dry-run")
    assert done.code == 0, done.err
    assert "# 请确认：“XX县" in done.out
    assert "没有说讲多久" in done.out
    assert yaml.safe_load(done.out)["speaker"] == "县长"
    as_json = cli("draft", "XX县某个座谈会吧，县长讲", "--dry-run", "--json")
    assert json.loads(as_json.out)["speaker"] == "县长"
    assert "占位符" in as_json.err


def test_an_event_of_no_kind_is_asked_about_and_drafted(cli: Cli, office: Path) -> None:
    done = cli("draft", "学校家长会，校长讲3分钟，主要讲手机管理、作业负担", "-o", "out.txt")
    assert done.code == 0, done.err
    assert "看不出是哪一类" in done.err
    assert "家长会" in (office / "out.txt").read_text("utf-8")


def test_the_request_comes_from_standard_input(
    cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{WORDS}\n".encode()), encoding="utf-8"))
    done = cli("draft", "-", "--dry-run")
    assert yaml.safe_load(done.out)["event"] == "青山县防汛工作会议"


def test_a_request_in_gbk_comes_from_standard_input(
    cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO(WORDS.encode("gbk"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw, encoding="utf-8", errors="surrogateescape"))
    done = cli("draft", "-", "--dry-run")
    assert done.code == 0, done.err
    assert yaml.safe_load(done.out)["event"] == "青山县防汛工作会议"


def test_a_dry_run_in_json_is_json(cli: Cli, office: Path) -> None:
    assert json.loads(cli("draft", WORDS, "--dry-run", "--json").out)["event"] == "青山县防汛工作会议"


def test_options_win_over_the_brief_file(cli: Cli, brief: Path) -> None:
    shown = yaml.safe_load(cli("draft", brief, "--chars", "600", "--speaker", "副县长", "--dry-run").out)
    assert (shown["chars"], shown["speaker"], shown["place"]) == (600, "副县长", "青山县")


def test_a_material_is_read_and_used(cli: Cli, office: Path, brief: Path) -> None:
    (office / "情况.txt").write_text("今年汛期全县共储备编织袋28万条。邻近的白石县去年溃堤5处。", "utf-8")
    data = json.loads(cli("draft", brief, "--material", "情况.txt", "--json").out)
    assert "28万条" in data["text"]
    assert "白石县" not in data["text"]
    assert [(f["text"], f["source"], f["use"]) for f in data["set_aside"]] == [
        ("邻近的白石县去年溃堤5处。", "情况.txt", "背景")
    ]


def test_a_terminal_sees_what_was_understood(cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda self: True, raising=False)
    done = cli("draft", WORDS, "-o", "out.md")
    assert "# 按规则读出：" in done.err
    assert "event: 青山县防汛工作会议" in done.err


# ------------------------------------------------------------------ the draft folder


def _kept(folder: Path) -> dict[Path, int]:
    """When each kept answer and stage was written."""
    files = [*folder.glob("calls/*.json"), *folder.glob("parts/*.json"), *folder.glob("*.yaml")]
    return {p: p.stat().st_mtime_ns for p in files}


def test_the_same_command_again_changes_nothing(cli: Cli, office: Path, brief: Path) -> None:
    first = cli("draft", brief, "--folder", "f").out
    kept = _kept(office / "f")
    assert len(kept) > 8
    assert cli("draft", brief, "--folder", "f").out == first
    assert _kept(office / "f") == kept


def test_a_folder_of_another_brief_is_refused_and_fresh_starts_over(
    cli: Cli, office: Path, brief: Path
) -> None:
    assert cli("draft", brief, "--folder", "f").code == 0
    (office / "f" / "备注.txt").write_text("办公室自己的文件", "utf-8")
    done = cli("draft", EXAMPLE, "--folder", "f")
    assert done.code == 2
    assert "another brief" in done.err
    assert "--fresh" in done.err
    again = cli("draft", EXAMPLE, "--folder", "f", "--fresh")
    assert again.code == 0
    assert again.out.startswith("在青禾县办公室系统业务培训班开班式上的讲话")
    assert (office / "f" / "备注.txt").exists()


@pytest.mark.parametrize(
    "pattern", ["calls/read-brief-*.json", "calls/plan-*.json", "calls/draft-*.json", "parts/1.json"]
)
def test_a_damaged_file_is_made_again(cli: Cli, office: Path, brief: Path, pattern: str) -> None:
    first = cli("draft", brief, "--folder", "f").out
    (damaged,) = list((office / "f").glob(pattern))[:1]
    if "draft-" in pattern:  # answers are looked at when the part that was made of them is missing
        for part in (office / "f" / "parts").iterdir():
            part.unlink()
    damaged.write_bytes(damaged.read_bytes()[:40])
    for made_of_it in ("assignment.yaml", "evidence.yaml", "plan.yaml"):
        (office / "f" / made_of_it).unlink()
    done = cli("draft", brief, "--folder", "f")
    assert (done.code, done.out) == (0, first), done.err
    assert json.loads(damaged.read_bytes())


def test_a_folder_that_cannot_be_written_is_one_sentence(cli: Cli, office: Path, brief: Path) -> None:
    (office / "file").write_text("x", "utf-8")
    done = cli("draft", brief, "--folder", office / "file" / "f")
    assert done.code == 2
    assert _one_sentence(done.err)


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_written(
    cli: Cli, office: Path, brief: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = os.fsync, 5

    def fsync(handle: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", fsync)
        done = cli("draft", brief, "--folder", "f", "-o", "out.txt")
    assert done.code == 2
    assert _one_sentence(done.err), done.err
    assert "No space left" in done.err
    assert not list(office.rglob("*.part"))
    assert not (office / "out.txt").exists()
    for kept in (office / "f").rglob("*.json"):
        json.loads(kept.read_text("utf-8"))
    assert cli("draft", brief, "--folder", "f").code == 0


def test_a_library_that_cannot_be_made_is_one_sentence(
    cli: Cli, office: Path, brief: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (office / "file").write_text("x", "utf-8")
    done = cli("draft", brief, "--library", office / "file" / "library")
    assert done.code == 2
    assert _one_sentence(done.err), done.err


# ------------------------------------------------------------------ what a person gets wrong


def _one_sentence(err: str) -> bool:
    return err.startswith("rag-speech: ") and err.count("\n") == 1 and "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nowhere.yaml"], 2, "does not exist"),
        (["empty.yaml"], 2, "is empty"),
        (["binary.yaml"], 2, "is not text"),
        (["list.yaml"], 2, "must be a mapping"),
        (["broken.yaml"], 2, "not valid YAML"),
        (["broken.json"], 2, "not valid JSON"),
        (["folder.yaml"], 2, "is a folder"),
        (["typo.yaml"], 2, "did you mean 'speaker'?"),
        (["brief.yaml", "--minutes", "100"], 2, "minutes"),
        (["brief.yaml", "--chars", "200000"], 2, "chars"),
        (["brief.yaml", "--occasion", "floodcontrol"], 2, "flood_control"),
        (["brief.yaml", "--date", "2026-13-01"], 2, "date"),
        (["brief.yaml", "--material", "nowhere.docx"], 2, "nowhere.docx"),
        (["brief.yaml", "--config", "nowhere.toml"], 2, "nowhere.toml"),
        (["请写一篇讲话"], 2, "Which event"),
        ([""], 2, "empty"),
    ],
    ids=lambda v: "_".join(v) if isinstance(v, list) else "",
)
def test_a_mistake_is_one_sentence_that_says_what_to_do(
    cli: Cli, office: Path, brief: Path, words: list[str], code: int, said: str
) -> None:
    (office / "empty.yaml").write_bytes(b" \n")
    (office / "binary.yaml").write_bytes(bytes(range(256)) * 8)
    (office / "list.yaml").write_text("- 全县防汛工作会议\n", "utf-8")
    (office / "broken.yaml").write_text("event: [全县", "utf-8")
    (office / "broken.json").write_text('{"event": ', "utf-8")
    (office / "typo.yaml").write_text("event: 全县防汛工作会议\nspeeker: 县长\n", "utf-8")
    (office / "folder.yaml").mkdir()
    done = cli("draft", *words)
    assert (done.code, done.out) == (code, "")
    assert _one_sentence(done.err), done.err
    assert said in done.err
    assert not (office / "drafts").exists()


def test_a_brief_in_gbk_is_read(cli: Cli, office: Path, brief: Path) -> None:
    brief.write_bytes(brief.read_bytes().decode("utf-8").encode("gbk"))
    assert yaml.safe_load(cli("draft", brief, "--dry-run").out)["event"] == "青山县防汛工作会议"


@pytest.mark.parametrize("words", [["--minutes", "0"], ["--chars", "0"]])
def test_a_length_of_nothing_is_refused(cli: Cli, brief: Path, words: list[str]) -> None:
    done = cli("draft", brief, *words, "--dry-run")
    assert done.code == 2
    assert _one_sentence(done.err), done.err


def test_an_unknown_option_names_itself(cli: Cli, office: Path) -> None:
    done = cli("draft", WORDS, "--lenght", "3")
    assert done.code == 2
    assert "--lenght" in done.err


# ------------------------------------------------------------------ the model


def test_an_endpoint_that_is_not_there_is_exit_3(
    cli: Cli, brief: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_SPEECH_PROVIDER", "endpoint")
    monkeypatch.setenv("RAG_SPEECH_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("RAG_SPEECH_MODEL", "qwen-plus")
    monkeypatch.setenv("RAG_SPEECH_MAX_RETRIES", "0")
    done = cli("draft", brief)
    assert done.code == 3
    assert _one_sentence(done.err), done.err
    assert "127.0.0.1:9 cannot be reached" in done.err
    assert "same command again" in done.err


def test_an_endpoint_without_a_model_name_is_one_sentence(
    cli: Cli, brief: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_SPEECH_PROVIDER", "endpoint")
    done = cli("draft", brief)
    assert done.code == 2
    assert _one_sentence(done.err), done.err
    assert "RAG_SPEECH_MODEL" in done.err


def test_a_missing_embedded_model_names_the_command_that_fetches_it(
    cli: Cli, office: Path, brief: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag_speech.llm import model_files

    monkeypatch.setattr(model_files, "installed_parts", lambda spec: ())
    monkeypatch.setenv("RAG_SPEECH_PROVIDER", "embedded")
    monkeypatch.setenv("RAG_SPEECH_CACHE", str(office / "cache"))
    done = cli("draft", brief)
    assert done.code == 3
    assert _one_sentence(done.err), done.err
    assert "rag-speech model fetch" in done.err


# ------------------------------------------------------------------ doctor and occasions


def test_doctor_says_what_is_configured(cli: Cli, office: Path) -> None:
    done = cli("doctor")
    assert done.code == 0
    assert "provider            scripted  [RAG_SPEECH_PROVIDER]" in done.out
    assert "api_key             (not set)" in done.out
    assert "ok      library:" in done.out


def test_doctor_never_shows_the_key(cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_SPEECH_API_KEY", "sk-secret-of-the-office")
    for words in (["doctor"], ["doctor", "--json"]):
        done = cli(*words)
        assert "secret" not in done.out + done.err
        assert "(set)" in done.out


def test_doctor_says_what_is_missing_and_how_to_get_it(
    cli: Cli, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag_speech.llm import model_files

    monkeypatch.setattr(model_files, "installed_parts", lambda spec: ())
    monkeypatch.setenv("RAG_SPEECH_PROVIDER", "embedded")
    monkeypatch.setenv("RAG_SPEECH_CACHE", str(office / "cache"))
    done = cli("doctor", "--json")
    assert done.code == 3
    (model,) = [row for row in json.loads(done.out)["checks"] if row["what"] == "embedded model"]
    assert model["ok"] is False
    assert "rag-speech model fetch" in model["detail"]


def test_occasions_are_thirty_and_three_that_stand_in(cli: Cli) -> None:
    listed = cli("occasions").out.splitlines()
    assert len(listed) == 33
    assert listed[0].split()[:3] == ["1", "training_opening", "开班式"]
    assert len(json.loads(cli("occasions", "--json").out)) == 33


def test_one_occasion_in_full(cli: Cli) -> None:
    by_id = cli("occasions", "flood_control").out
    name = by_id.split(" (")[0]
    assert cli("occasions", name).out == by_id
    assert "讲话人：" in by_id
    assert json.loads(cli("occasions", "flood_control", "--json").out)["id"] == "flood_control"


def test_an_unknown_occasion_names_the_nearest(cli: Cli) -> None:
    done = cli("occasions", "flod_control")
    assert done.code == 2
    assert "flood_control" in done.err


def test_the_version_is_printed(cli: Cli) -> None:
    assert cli("--version").out.startswith("rag-speech 0.")


def test_without_words_the_help_is_shown(cli: Cli) -> None:
    done = cli()
    assert "draft" in done.out + done.err


def test_shell_completion_is_offered(cli: Cli) -> None:
    assert "--install-completion" in cli("--help").out
