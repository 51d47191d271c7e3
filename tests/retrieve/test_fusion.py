from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag_speech.retrieve.diversity import diverse, overlap
from rag_speech.retrieve.fusion import reciprocal_rank_fusion
from rag_speech.types import Chunk, Hit, Role, Span

ranking = st.lists(st.integers(0, 30), unique=True, max_size=20)


@given(st.lists(ranking, max_size=4), st.randoms())
def test_the_order_of_rankings_does_not_matter(rankings: list[list[int]], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = rankings[:]
    random.shuffle(shuffled)
    assert reciprocal_rank_fusion(rankings) == reciprocal_rank_fusion(shuffled)


@given(st.lists(ranking, max_size=4))
def test_every_key_comes_once_best_first(rankings: list[list[int]]) -> None:
    fused = reciprocal_rank_fusion(rankings)
    assert {key for key, _ in fused} == {key for one in rankings for key in one}
    assert len({key for key, _ in fused}) == len(fused)
    assert [score for _, score in fused] == sorted((score for _, score in fused), reverse=True)


@given(ranking)
def test_one_ranking_stays_as_it_is(one: list[int]) -> None:
    assert [key for key, _ in reciprocal_rank_fusion([one, []])] == one


def test_agreement_beats_a_single_first_place() -> None:
    assert reciprocal_rank_fusion([[1, 2], [3, 2]])[0][0] == 2


def _hit(name: str, text: str, family: str = "") -> Hit:
    return Hit(Chunk(name, "s", Role.POINT, text, Span(0, len(text)), family=family), 1.0)


def test_families_and_near_identical_texts_come_once() -> None:
    a = _hit("a", "要严格执行请假制度，外出必须事先报告，返回及时销假。", "f1")
    b = _hit("b", "完全不同的一句话，讲公文质量和办会水平。", "f1")
    c = _hit("c", "严格执行请假制度，外出必须事先报告，返回要及时销假！")
    d = _hit("d", "值班人员要在岗在位，重要情况第一时间上报。")
    assert [h.chunk.id for h in diverse([a, b, c, d])] == ["a", "d"]
    assert [h.chunk.id for h in diverse([c, a, d])] == ["c", "d"]


def test_overlap_of_empty_texts() -> None:
    assert overlap(frozenset(), frozenset()) == 1.0
    assert overlap(frozenset("a"), frozenset()) == 0.0
