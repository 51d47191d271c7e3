"""What the READMEs tell a reader to type works: commands, settings, briefs and Python."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from rag_speech.brief.brief import Brief, load_brief
from rag_speech.cli import app
from rag_speech.config import Settings, load_settings
from rag_speech.errors import RagSpeechError
from rag_speech.retrieve.library import Library

REPO = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
PAGES = (
    *READMES,
    "docs/BRIEF.md",
    "docs/ARCHITECTURE.md",
    "docs/MCP.md",
    "CHANGELOG.md",
    "examples/README.md",
)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)


def _blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return [body for kind, body in _FENCE.findall(_text(page)) if kind == language]


def _text(page: str) -> str:
    return (REPO / page).read_text("utf-8")


def _commands(page: str) -> list[str]:
    """Every rag-speech command in a page: in fenced blocks and as inline code, comments and redirections cut off."""
    lines = [line for block in _blocks(page, "bash") for line in block.replace("\\\n", " ").splitlines()]
    lines += re.findall(r"`((?:RAG_SPEECH_\w+=\S+ )?rag-speech [^`\n]+)`", _text(page))
    found = (re.search(r"(?:^|[ |/])rag-speech (?P<words>.*)", line) for line in lines)
    return [re.split(r"  #| [>|] ", m["words"])[0].strip() for m in found if m]


def _parse(words: list[str]) -> str:
    """Parse a command as the program would, without running it; return the command's path."""
    command: Any = typer.main.get_command(app)
    path: list[str] = []
    while hasattr(command, "commands") and words:
        name, *words = words
        if name.startswith("-"):
            known = {"-h", "--help", *(o for option in command.params for o in option.opts)}
            assert name in known, f"no such option {name}"
            continue
        assert name in command.commands, f"no such command {name}"
        command = command.commands[name]
        path.append(name)
    if not hasattr(command, "commands"):
        command.make_context(path[-1], words)
    return " ".join(path)


def _paths(command: Any, prefix: str = "") -> Iterator[str]:
    for name, inner in command.commands.items():
        if hasattr(inner, "commands"):
            yield from _paths(inner, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}"


ALL_COMMANDS = sorted({(page, words) for page in PAGES for words in _commands(page)})


def test_there_are_commands_to_check() -> None:
    assert len([1 for page, _ in ALL_COMMANDS if page == "README.md"]) > 25


@pytest.mark.parametrize(("page", "words"), ALL_COMMANDS)
def test_every_command_parses(page: str, words: str) -> None:
    assert _parse(shlex.split(words)) or words.startswith("--")


@pytest.mark.parametrize(
    "wrong",
    [
        "draft x --lenght 3",
        "corpus adopt x",
        "check",
        "search x --role middle",
        "draft x --minutes",
        "--colour",
    ],
)
def test_a_wrong_command_would_be_found(wrong: str) -> None:
    with pytest.raises(Exception, match=r"(?i)no such|missing|is not one of|requires an argument"):
        _parse(shlex.split(wrong))


@pytest.mark.parametrize("page", READMES)
def test_every_command_of_the_program_is_mentioned(page: str) -> None:
    told = {_parse(shlex.split(words)) for words in _commands(page)}
    rare = {
        "eval blind",
        "eval unblind",
        "eval judge",
        "eval read",
        "eval agreement",
        "eval retrieval",
    }  # told of in the evaluation's own page
    assert set(_paths(typer.main.get_command(app))) - rare <= told


def test_both_readmes_have_the_same_commands_and_settings() -> None:
    assert sorted(_commands(READMES[0])) == sorted(_commands(READMES[1]))
    for language in ("python", "yaml"):
        assert _blocks(READMES[0], language) == _blocks(READMES[1], language)
    bare = [[re.sub(r"#.*", "", b) for b in _blocks(page, "toml")] for page in READMES]
    assert bare[0] == bare[1]
    assert len(re.findall(r"^## ", _text(READMES[0]), re.M)) == len(
        re.findall(r"^## ", _text(READMES[1]), re.M)
    )


@pytest.mark.parametrize("page", READMES)
def test_every_setting_is_told_and_real(page: str) -> None:
    text = _text(page)
    assert [name for name in Settings.model_fields if f"`{name}`" not in text] == []
    others = {"CACHE", "DEBUG"}
    named = set(re.findall(r"RAG_SPEECH_([A-Z_]+)", text)) - others
    assert {n.lower() for n in named if n} <= set(Settings.model_fields)


@pytest.mark.parametrize("page", READMES)
def test_settings_files_load(page: str, tmp_path: Path) -> None:
    for block in _blocks(page, "toml"):
        path = tmp_path / "rag_speech.toml"
        path.write_text(block, "utf-8")
        settings = load_settings(config=path, environ={})
        assert settings.resolved_provider == "endpoint"
        assert settings.model


@pytest.mark.parametrize("page", READMES)
def test_briefs_load(page: str, tmp_path: Path) -> None:
    for block in _blocks(page, "yaml"):
        path = tmp_path / "brief.yaml"
        path.write_text(block, "utf-8")
        assert load_brief(path).resolved_occasion is not None


def test_python_runs(
    corpus_library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RAG_SPEECH_PROVIDER", "scripted")
    monkeypatch.setenv("RAG_SPEECH_EMBEDDER", "hash")
    monkeypatch.setenv("RAG_SPEECH_LIBRARY", str(corpus_library.path))
    monkeypatch.chdir(tmp_path)
    blocks = _blocks(READMES[0], "python")
    assert len(blocks) == 2
    for block in blocks:
        exec(compile(ast.parse(block), "README.md", "exec"), {"__name__": "__main__"})
    printed = capsys.readouterr().out
    assert "同志们：" in printed
    assert "17处" in printed
    assert re.search(r"\d/\d+ ", printed)


def test_exit_codes_are_those_of_the_errors() -> None:
    codes = {int(c) for c in re.findall(r"^\| (\d) \|", _text("README.md"), re.M)}
    kinds = [RagSpeechError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert codes == {0, 1} | {kind.exit_code for kind in kinds}


@pytest.mark.parametrize("page", READMES)
def test_make_targets_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", _text("Makefile"), re.M))
    told = set(re.findall(r"^make ([a-z]+)", "\n".join(_blocks(page, "bash")), re.M))
    assert {"demo", "test"} <= told <= targets


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", _text(page)):
        if not target.startswith("http"):
            assert ((REPO / page).parent / target).exists(), target


def test_every_field_of_the_brief_is_told() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", _text("docs/BRIEF.md"), re.M))
    assert rows == set(Brief.model_fields)
