"""docs/PYTHON.md runs as it stands, block after block, and names every call that there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import rag_speech
from rag_speech.retrieve.library import Library

REPO = Path(__file__).resolve().parent.parent
PAGE = (REPO / "docs" / "PYTHON.md").read_text("utf-8")


def test_the_page_runs(
    corpus_library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RAG_SPEECH_PROVIDER", "scripted")
    monkeypatch.setenv("RAG_SPEECH_EMBEDDER", "hash")
    monkeypatch.setenv("RAG_SPEECH_LIBRARY", str(corpus_library.path))
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S):
        exec(compile(ast.parse(block), "PYTHON.md", "exec"), names)
    printed = capsys.readouterr().out
    for told in (
        "青山县防汛工作会议 县长 5.0 ['加强巡堤查险', '组织转移避险']",
        "flood_control",
        "E-META 打印本页 关闭窗口",
        "REJECT",
        "P0 D-PLACE",
        "S1 可讲 情况.txt 堤上有值守点36处",
        "opening",
        "起草",
        "speech.docx",
        "minutes: Input should be less than or equal to 60",
    ):
        assert told in printed, told
    assert (tmp_path / "speech.docx").is_file()


def test_every_public_call_is_told() -> None:
    calls = {n for n in rag_speech.__all__ if n[0].islower()} | {"Brief", "Library", "SpeechWriter"}
    assert {n for n in calls if f"`{n}" not in PAGE and f" {n}" not in PAGE} <= {"load_settings"}
