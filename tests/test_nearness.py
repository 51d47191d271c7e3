"""Nearness on the bundled embedder: what is beside the point lies below what is not."""

from __future__ import annotations

import pytest

from rag_speech.config import Settings
from rag_speech.embed import get_embedder
from rag_speech.judge import FAR, SAME
from rag_speech.nearness import Nearness
from rag_speech.prompts import Prompts
from rag_speech.voice import general_sentences


@pytest.fixture(scope="module")
def nearness() -> Nearness:
    embedder = get_embedder(Settings().embedder)
    return Nearness(lambda texts: embedder.embed(texts, "query"), general_sentences(Prompts.bundled()))


@pytest.mark.parametrize(
    ("topic", "near", "far"),
    [
        (
            "县防汛工作会议 加强巡堤查险",
            "巡堤要分段到人，夜里也不能断档。",
            "把手机放在桌上，开会的时候不要看。",
        ),
        ("道德模范表彰大会 人人都能做一点", "道德是从一件件小事里养成的。", "买票要排队，上车要让座位。"),
        ("信访工作会议 领导包案", "包案的领导要同来信来访的群众见面。", "种子和化肥要早一点备下。"),
    ],
)
def test_a_sentence_on_its_topic_is_nearer(nearness: Nearness, topic: str, near: str, far: str) -> None:
    assert nearness(near, topic) > FAR > nearness(far, topic)


def test_the_same_in_other_words_is_likelier_than_another_matter(nearness: Nearness) -> None:
    said = "对于非法储存和销售的烟花爆竹，一定要严查到底。"
    again = "烟花爆竹必须依法储存和销售，不能有非法储存、非法销售的现象发生。"
    assert nearness.likeness(said, again) > SAME
    assert nearness.likeness(said, "巡堤要分段到人，夜里也不能断档。") < SAME


def test_general_sentences_lie_around_zero(nearness: Nearness) -> None:
    rows = general_sentences(Prompts.bundled())
    assert not any("{" in row for row in rows)
    values = [nearness(row, "县防汛工作会议 加强巡堤查险") for row in rows]
    assert abs(sum(values)) / len(values) < 1e-5
