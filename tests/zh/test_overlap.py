"""Wording that two texts share."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.zh.overlap import covered, letters, pairs, shared_runs

TEXT = st.text("堤水人雨37，。 \n", max_size=60)


def test_letters_know_where_they_stand() -> None:
    bare, places = letters("堤，要 天。\n天a巡3次")
    assert bare == "堤要天天a巡3次"
    assert "".join("堤，要 天。\n天a巡3次"[at] for at in places) == bare


@pytest.mark.parametrize(
    ("words", "text", "share"),
    [
        ("巡堤查险", "要巡堤，查险。", 1.0),
        ("巡堤查险", "巡堤", 1 / 3),
        ("巡堤", "转移", 0.0),
        ("", "转移", 1.0),
        ("巡", "", 1.0),
    ],
)
def test_covered(words: str, text: str, share: float) -> None:
    assert covered(words, text) == pytest.approx(share)


@given(TEXT, TEXT)
def test_a_text_covers_all_its_own_words_and_more_text_covers_no_less(one: str, other: str) -> None:
    assert covered(one, one) == 1.0
    assert 0 <= covered(one, other) <= covered(one, other + one) == 1.0
    assert pairs(one) <= pairs(one + other) | pairs(one)


@given(TEXT, TEXT, st.integers(2, 8))
def test_shared_runs_are_shared_long_enough_apart_and_none_is_missed(
    one: str, other: str, least: int
) -> None:
    runs = list(shared_runs(one, other, least))
    theirs, _ = letters(other)
    for run in runs:
        words, _ = letters(run.of(one))
        assert len(words) >= least
        assert words in theirs
    assert all(a.end <= b.start for a, b in pairwise(runs))
    bare, _ = letters(one)
    missed = any(bare[i : i + least] in theirs for i in range(len(bare) - least + 1))
    assert bool(runs) == (missed and len(theirs) >= least)


def test_a_run_goes_over_punctuation() -> None:
    text = "会上说，各乡镇要把堤巡到位；人要转移好。"
    (run,) = shared_runs(text, "各乡镇要把堤巡到位。人要转移好", 8)
    assert run.of(text) == "各乡镇要把堤巡到位；人要转移好"
