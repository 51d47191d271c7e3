"""How far measures agree with readers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.brief.brief import make_brief
from rag_speech.errors import InputError
from rag_speech.evals.agreement import CODE, Guess, agree, as_text, between, readers_table, study, truths
from rag_speech.evals.cases import Case
from rag_speech.evals.drafts import DraftText
from rag_speech.evals.readings import ReaderKind, Reading, file_drafts, file_readings
from rag_speech.evals.stats import rank_correlation


def reading(
    draft: str, score: float, *, reader: str = "r1", kind: ReaderKind = "model", system: str = "s"
) -> Reading:
    brief = f"b{int(draft[1:]) % 4}"
    return Reading(draft, system, brief, reader, kind, (), (), score >= 70, score, "", "2026-12-01")


READINGS = [reading(f"d{n}", 10.0 * n) for n in range(10)]


def test_readers_of_a_draft_are_averaged() -> None:
    found = truths(
        [reading("d1", 90), reading("d1", 60, reader="r2"), reading("d1", 0, reader="m", kind="judge")]
    )
    assert (found["d1"].score, found["d1"].hand_in, found["d1"].fit, found["d1"].readers) == (
        75,
        0.5,
        True,
        2,
    )


def test_a_measure_that_ranks_as_readers_do_has_rho_one() -> None:
    by_readers = truths(READINGS)
    same = {f"d{n}": Guess(n**2, n >= 6) for n in range(10)}
    found = agree("m", same, by_readers)
    assert found is not None and found.rho == pytest.approx(1) and found.drafts == 10
    assert found.hand_in == 0.9 and found.usual == 0.7
    assert (found.pairs, found.ordered) == (8, 1), "d0 d4 d8, d1 d5 d9, d2 d6, d3 d7"
    assert found.low is not None and found.low > 0.9
    opposite = agree("m", {d: Guess(-g.score, g.hand_in) for d, g in same.items()}, by_readers)
    assert opposite is not None and opposite.rho == pytest.approx(-1)
    flat = agree("m", {d: Guess(50, True) for d in same}, by_readers)
    assert flat is not None and flat.rho is None, (
        "a measure that says the same of all has no rank correlation"
    )
    assert agree("m", {"elsewhere": Guess(1, True)}, by_readers) is None
    assert "| m | 10 | –" in as_text([flat], [])


def test_readers_are_compared_with_one_another() -> None:
    second = [reading(f"d{n}", 10.0 * n + (15 if n == 6 else 5), reader="r2") for n in range(3, 9)]
    (found,) = between([*READINGS, *second, reading("d1", 5, reader="m", kind="judge")])
    assert (found.first, found.second, found.drafts) == ("r1", "r2", 6)
    assert found.rho == pytest.approx(1, abs=0.05) and found.apart == pytest.approx(40 / 6)
    assert found.hand_in == pytest.approx(5 / 6)
    assert "| r1, r2 | 6 |" in as_text([], [found])


def test_the_readers_table_puts_the_best_first_and_says_what_readers_were() -> None:
    table = readers_table([reading("d1", 20, system="old"), reading("d2", 90, system="new"), reading("d3", 50, reader="王", kind="person")])  # fmt: skip
    lines = table.splitlines()
    assert lines[2].startswith("| new | 1 | 100% | 90.0 | – | 0.00 |") and lines[-3].startswith("| old")
    assert "r1: a large language model in the role" in lines[-1] and "王: a person" in lines[-1]


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=3, max_size=20))
def test_rank_correlation_is_symmetric_and_bounded(pairs: list[tuple[float, float]]) -> None:
    a, b = [p[0] for p in pairs], [p[1] for p in pairs]
    one, _, _ = rank_correlation(a, b, ["g"] * len(a))
    two, _, _ = rank_correlation(b, a, ["g"] * len(a))
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        assert one == pytest.approx(two) and -1.0001 <= one <= 1.0001


def test_a_folder_of_readings_is_studied(tmp_path: Path) -> None:
    case = Case(id="b1", brief=make_brief({"event": "全县防汛工作会议", "facts": ["水库52座"]}))
    texts = ["同志们：\n水库52座，一座一座看住。", "收到，请把文件发我。", "同志们：\n水库53座，值班要到人。"]
    drafts = [DraftText(f"d{4 * n + 1}", "s", "b1", text) for n, text in enumerate(texts)]
    file_drafts(tmp_path, drafts)
    own = [reading(d.id, score) for d, score in zip(drafts, (80, 10, 30), strict=True)]
    file_readings(
        tmp_path,
        [*own, *(reading(d.id, 50 + n, reader="judge-7b", kind="judge") for n, d in enumerate(drafts))],
    )
    found = study(tmp_path, {"b1": case})
    assert [m.measure for m in found.measures] == [CODE, "judge-7b"]
    assert [m.drafts for m in found.measures] == [3, 3] and len(found.readers) == 3
    (tmp_path / "other").mkdir()
    file_readings(tmp_path / "other", [reading("d1", 50, kind="judge")])
    with pytest.raises(InputError, match="none by a reader"):
        study(tmp_path / "other", {"b1": case})
