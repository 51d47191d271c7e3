"""Near-duplicates: the same words with small changes are one family, other words are not."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from rag_speech.ingest.duplicates import NearIndex, families, joined, near_pairs, signature

_A = "办公室是承上启下的枢纽，要站在全局想问题，把县委的部署一件一件落到实处，不让一件事情在手里耽误。"
_A2 = _A.replace("一件一件落到实处", "逐项落到实处")
_B = "防汛值班要做到人员在岗、电话畅通，水库水位两小时一报，险情第一时间转移群众，宁可十防九空。"
_WORDS = "工作干部群众项目落实服务学习作风责任效能改革发展产业乡村环境质量安全队伍制度基层"


def _paragraph(seed: int, size: int = 200) -> str:
    rng = random.Random(seed)
    return "".join(rng.choice(_WORDS) for _ in range(size))


def test_near_paragraphs_are_one_family() -> None:
    assert families([("a", _A), ("b", _B), ("c", _A2)]) == {"a": "a", "b": "b", "c": "a"}


def test_set_phrases_have_no_family() -> None:
    assert families([("a", "谢谢大家！"), ("b", "谢谢大家！")]) == {"a": "a", "b": "b"}


def test_near_pairs_name_both_texts() -> None:
    (pair,) = near_pairs([("a", _A), ("b", _B), ("c", _A2)])
    assert (pair.first, pair.second) == ("a", "c")
    assert 0.5 < pair.similarity < 1


def test_same_words_are_near_whatever_the_punctuation() -> None:
    assert near_pairs([("a", _A), ("b", _A.replace("，", ", "))])[0].similarity == 1.0


@given(st.lists(st.integers(0, 4), min_size=2, max_size=12))
def test_families_do_not_depend_on_the_order(numbers: list[int]) -> None:
    texts = [(f"k{at}", _paragraph(number)) for at, number in enumerate(numbers)]
    forward = families(texts)
    backward = families(reversed(texts))
    for first, number in zip(forward, numbers, strict=True):
        for second, other in zip(forward, numbers, strict=True):
            assert (forward[first] == forward[second]) == (backward[first] == backward[second])
            assert (forward[first] == forward[second]) == (number == other)


def test_a_speech_is_near_when_its_paragraphs_are() -> None:
    ours = [_paragraph(n) for n in range(6)]
    theirs = [*ours[:4], _paragraph(90), _paragraph(91)]
    index = NearIndex(0.3)
    index.add("ours", joined(map(signature, ours)))
    assert [key for key, _ in index.near(joined(map(signature, theirs)))] == ["ours"]
    assert index.near(joined(signature(_paragraph(n)) for n in range(50, 56))) == []


def test_one_key_may_stand_for_many_texts() -> None:
    index = NearIndex()
    index.add("family", signature(_A))
    index.add("family", signature(_A2))
    index.add("other", signature("短"))
    assert [key for key, _ in index.near(signature(_A))] == ["family"]
    assert len(index) == 2
