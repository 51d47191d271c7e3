"""What every test can use: a small real library, and no settings of the person who runs the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from rag_speech.retrieve.library import Library

# A busy machine is no fault of the code.
settings.register_profile("rag_speech", deadline=None)
settings.load_profile("rag_speech")

REPO = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _own_settings_only(monkeypatch: pytest.MonkeyPatch) -> None:
    keep = {"RAG_SPEECH_CACHE"}
    for name in list(os.environ):
        if name.startswith(("RAG_SPEECH_", "OPENAI_")) and name not in keep:
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_endpoint_known() -> None:
    """What one test's endpoint taught is nothing to another's on the same port."""
    from rag_speech.llm import budget, learned

    learned.forget()
    budget.forget()


@pytest.fixture(scope="session")
def corpus_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The bundled corpus in a library with the hashing embedder: real store, real Chroma, no model."""
    from rag_speech.ingest.run import ingest

    with Library(tmp_path_factory.mktemp("library"), "hash") as library:
        ingest([REPO / "corpus"], library)
        yield library
