"""Runs the real command line in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag_speech.cli import main
from rag_speech.retrieve.library import Library


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Done]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """``cli("draft", "brief.yaml")``: exit code, stdout and stderr, errors turned into sentences as for a user."""

    def run(*words: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["rag-speech", *map(str, words)])
        capsys.readouterr()
        code: object = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        captured = capsys.readouterr()
        return Done(code if isinstance(code, int) else int(code is not None), captured.out, captured.err)

    return run


@pytest.fixture
def office(corpus_library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder with a filled library and the scripted model configured."""
    monkeypatch.setenv("RAG_SPEECH_PROVIDER", "scripted")
    monkeypatch.setenv("RAG_SPEECH_EMBEDDER", "hash")
    monkeypatch.setenv("RAG_SPEECH_LIBRARY", str(corpus_library.path))
    monkeypatch.chdir(tmp_path)
    return tmp_path
