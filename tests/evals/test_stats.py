"""Paired differences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag_speech.evals.stats import mean_interval, paired, sign_test

VALUES = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3), st.floats(-100, 100), min_size=1, max_size=12
)


@settings(max_examples=25, deadline=None)
@given(VALUES)
def test_a_run_against_itself_differs_in_nothing(values: dict[str, float]) -> None:
    found = paired(values, values)
    assert found is not None
    assert (found.mean, found.low, found.high, found.ties) == (0, 0, 0, len(values))
    assert found.p == pytest.approx(1.0) and not found.significant


@settings(max_examples=25, deadline=None)
@given(VALUES, VALUES)
def test_swapping_the_sides_turns_the_sign(a: dict[str, float], b: dict[str, float]) -> None:
    one, other = paired(a, b), paired(b, a)
    if one is None or other is None:
        assert not a.keys() & b.keys()
        return
    assert one.mean == pytest.approx(-other.mean)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))
    assert (one.wins, one.losses) == (other.losses, other.wins)
    assert one.low - 1e-9 <= one.mean <= one.high + 1e-9


def test_a_steady_gain_is_significant_and_noise_is_not() -> None:
    a = {str(i): 70.0 + i for i in range(10)}
    gain = paired(a, {k: v + 5 + (int(k) % 3) for k, v in a.items()})
    noise = paired(a, {k: v + (4 if int(k) % 2 else -4) for k, v in a.items()})
    assert gain is not None and gain.significant and gain.wins == 10
    assert noise is not None and not noise.significant


def test_only_shared_cases_count() -> None:
    assert paired({"a": 1.0}, {"b": 1.0}) is None
    found = paired({"a": 1.0, "b": 2.0}, {"b": 5.0, "c": 9.0})
    assert found is not None and (found.cases, found.mean) == (1, 3.0)
    assert not found.significant, "one case shows nothing"


def test_the_interval_of_a_mean_holds_it() -> None:
    middle, low, high = mean_interval([1.0, 2.0, 3.0, 4.0])
    assert low <= middle == 2.5 <= high


@pytest.mark.parametrize(("wins", "losses", "p"), [(0, 0, 1.0), (5, 0, 0.0625), (9, 1, 0.0215), (3, 3, 1.0)])
def test_sign_test(wins: int, losses: int, p: float) -> None:
    assert sign_test(wins, losses) == pytest.approx(p, abs=1e-4)
