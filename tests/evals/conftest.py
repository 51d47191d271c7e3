"""A small library on the hash embedder, and a suite on the scripted model, for all tests of the harness."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from rag_speech.embed.hashing import HashEmbedder
from rag_speech.ingest.run import ingest
from rag_speech.resources import data_dir
from rag_speech.retrieve.library import Library

REPO = Path(__file__).parents[2]
SPEECHES = ("flood_control-01", "investment_fair-01", "training_opening-01", "commendation-01")


@pytest.fixture(scope="session")
def library_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four bundled speeches."""
    folder = tmp_path_factory.mktemp("library")
    with Library(folder, HashEmbedder()) as library:
        ingest([data_dir("corpus") / "speeches" / f"{name}.md" for name in SPEECHES], library)
    return folder


@pytest.fixture
def make_suite(tmp_path: Path, library_folder: Path) -> Callable[..., Path]:
    """Write a suite file; keyword values go over the defaults."""

    def make(**values: Any) -> Path:
        data = {
            "name": "try",
            "cases": [str(REPO / "eval" / "cases")],
            "select": {"ids": ["training-opening-short", "safety-hostile"]},
            "settings": {"provider": "scripted", "embedder": "hash", "library": str(library_folder)},
            "systems": [{"name": "full"}, {"name": "single", "kind": "single_prompt"}],
            "thresholds": [{"metric": "score", "min": 80}, {"metric": "first.length_score", "min": 80}],
        }
        path = tmp_path / "suite.yaml"
        path.write_text(yaml.safe_dump({**data, **values}, allow_unicode=True), "utf-8")
        return path

    return make
