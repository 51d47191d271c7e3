from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag_speech.cli import app
from rag_speech.ingest.readers import Document, Refusal, read_many


def test_twenty_broken_files_give_one_sentence_each_and_the_good_one_is_read(
    hostile_folder: tuple[Path, dict[str, str]],
) -> None:
    folder, kinds = hostile_folder
    found = list(read_many(folder))
    refusals = {Path(f.name).name: f for f in found if isinstance(f, Refusal)}
    assert len(kinds) == 20
    assert {name: r.kind for name, r in refusals.items()} == kinds
    assert all("\n" not in r.reason and str(folder) in r.reason for r in refusals.values())
    assert [Path(f.name).name for f in found if isinstance(f, Document)] == ["好文件.txt"]


def test_the_command_says_a_line_for_each_ends_with_1_and_finds_the_good_one(
    hostile_folder: tuple[Path, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, kinds = hostile_folder
    monkeypatch.setenv("RAG_SPEECH_EMBEDDER", "hash")
    monkeypatch.setenv("RAG_SPEECH_LIBRARY", str(tmp_path / "library"))
    done = CliRunner().invoke(app, ["corpus", "add", "--no-bundled", str(folder)])
    assert done.exit_code == 1
    lines = done.stderr.splitlines()
    assert len(lines) == len(kinds) == 20
    assert {line.removeprefix(f"refused: {folder}/").split(":")[0] for line in lines} == set(kinds)
    assert "1 added, 20 refused" in done.stdout
    found = CliRunner().invoke(app, ["search", "值班的同志要做到什么", "-k", "1"])
    assert found.exit_code == 0
    assert "好文件 › 压实责任，把人守在岗上" in found.stdout
