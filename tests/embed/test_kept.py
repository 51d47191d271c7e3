"""Vectors that are kept: the same as embedded ones, embedded once, and never worth an error."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag_speech.embed.hashing import HashEmbedder
from rag_speech.embed.kept import KeptVectors


class Counting:
    """An embedding function that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return HashEmbedder().embed(texts, "query")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(max_size=6), min_size=1, max_size=5), min_size=1, max_size=4))
def test_kept_vectors_are_the_embedder_s(tmp_path: Path, asked: list[list[str]]) -> None:
    embed = Counting()
    for texts in asked:
        kept = KeptVectors(tmp_path / "vectors.sqlite", embed, "hash")
        np.testing.assert_array_equal(kept(texts), HashEmbedder().embed(texts, "query"))
    assert len(embed.asked) == len(set(embed.asked))


def test_each_text_is_embedded_once_for_a_machine(tmp_path: Path) -> None:
    embed, file = Counting(), tmp_path / "cache" / "vectors.sqlite"
    many = [f"第{i}句。" for i in range(1200)]
    KeptVectors(file, embed, "hash")(many)
    KeptVectors(file, embed, "hash")([*many, "新的一句。"])
    assert embed.asked == [*many, "新的一句。"]


def test_another_model_s_vectors_are_never_taken(tmp_path: Path) -> None:
    embed, file = Counting(), tmp_path / "vectors.sqlite"
    for model in ("one", "other", "one"):
        KeptVectors(file, embed, model)(["一句话。"])
    assert embed.asked == ["一句话。"] * 3


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    embed, file = Counting(), tmp_path / "vectors.sqlite"
    KeptVectors(file, embed, "hash")(["一句话。"])
    file.write_bytes(b"no database at all" * 100)
    for _ in range(2):
        vectors = KeptVectors(file, embed, "hash")(["一句话。"])
    np.testing.assert_array_equal(vectors, HashEmbedder().embed(["一句话。"], "query"))
    assert embed.asked == ["一句话。"] * 2


def test_without_a_place_to_keep_them_they_are_embedded(tmp_path: Path) -> None:
    embed, blocked = Counting(), tmp_path / "cache"
    blocked.write_text("a file where the folder should be")
    for _ in range(2):
        KeptVectors(blocked / "vectors.sqlite", embed, "hash")(["一句话。"])
    assert embed.asked == ["一句话。"] * 2


def test_what_the_embedder_raises_is_raised(tmp_path: Path) -> None:
    def broken(_: Sequence[str]) -> NDArray[np.float32]:
        raise RuntimeError("no model")

    with pytest.raises(RuntimeError, match="no model"):
        KeptVectors(tmp_path / "vectors.sqlite", broken, "hash")(["一句话。"])
