from __future__ import annotations

from pathlib import Path

import pytest

from rag_speech.evals.metered import MeteredLLM
from rag_speech.llm import Message
from rag_speech.llm.base import ReadsAhead
from rag_speech.llm.embedded import EmbeddedLLM
from rag_speech.llm.scripted import ScriptedLLM

BEGINNING = [Message("system", "你替机关领导写讲话稿。")]


def test_a_model_that_reads_ahead_hears_what_is_coming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag_speech.llm.embedded.locate_model", lambda *_, **__: tmp_path / "model.gguf")
    inner = EmbeddedLLM(tmp_path)
    metered = MeteredLLM(inner, 2)
    assert isinstance(metered, ReadsAhead)
    metered.expect(BEGINNING)
    assert inner._expected == tuple(BEGINNING)
    MeteredLLM(ScriptedLLM(), 1).expect(BEGINNING)
