from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.retrieve.bm25 import Segment, build_segment, scores
from rag_speech.retrieve.tokens import terms

words = st.text(alphabet="请假制度值班公文办会，。12aB ", max_size=25)


def test_terms_are_characters_pairs_and_whole_words() -> None:
    assert len(terms("请假")) == 3
    assert len(terms("请，假")) == 2
    assert len(terms("2026年")) == 2
    assert len(terms("12.5%")) == 1
    assert set(terms("ＧＤＰ１２")) == set(terms("gdp12"))
    assert not len(terms("，。 "))
    assert not len(terms(""))


def test_the_chunk_that_says_it_comes_first() -> None:
    texts = [
        "要严格执行请假制度，外出必须报告。",
        "公文质量是办公室的脸面。",
        "值班值守要到岗到位，请勿擅离。",
    ]
    numbers, values = scores("请假制度", [build_segment([4, 7, 9], texts)])
    assert numbers.tolist() == [4, 7, 9]
    assert values.argmax() == 0
    assert values[1] == 0


def test_scores_follow_the_formula() -> None:
    texts = ["公公办", "办"]
    _, values = scores("公", [build_segment([1, 2], texts)])
    average = (len(terms(texts[0])) + len(terms(texts[1]))) / 2
    idf = np.log1p((2 - 1 + 0.5) / (1 + 0.5))
    tf, norm = 2, 1.5 * (1 - 0.75 + 0.75 * len(terms(texts[0])) / average)
    assert values[0] == pytest.approx(idf * tf * 2.5 / (tf + norm), rel=1e-5)


@given(st.lists(words, max_size=8), words, st.integers(0, 8))
def test_cutting_into_segments_changes_no_score(texts: list[str], query: str, cut: int) -> None:
    whole = [build_segment(range(len(texts)), texts)]
    parts = [
        build_segment(range(cut)[: len(texts)], texts[:cut]),
        build_segment(range(cut, len(texts)), texts[cut:]),
    ]
    one, two = scores(query, whole), scores(query, parts)
    assert one[0].tolist() == two[0].tolist()
    np.testing.assert_allclose(one[1], two[1], rtol=1e-5)


def test_segments_survive_the_disk_and_damage_is_seen(tmp_path: Path) -> None:
    segment = build_segment([1, 2], ["请假要报告。", "值班要在岗。"])
    path = tmp_path / "000000-2-3-v1.npz"
    segment.save(path)
    loaded = Segment.load(path)
    assert loaded is not None
    assert scores("值班", [loaded])[1].tolist() == scores("值班", [segment])[1].tolist()
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 3] ^= 0xFF
    path.write_bytes(raw)
    assert Segment.load(path) is None
    path.write_bytes(raw[:50])
    assert Segment.load(path) is None
    assert Segment.load(tmp_path / "absent.npz") is None
