"""Counting and cutting Chinese text."""

import pytest

from rag_speech.zh.text import as_sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("今年办了6期班", "今年办了6期班。"),
        ("今年办了6期班；", "今年办了6期班。"),
        ("老人说：“欠的总要还。”", "老人说：“欠的总要还。”"),
        ("老人说“欠的总要还”", "老人说“欠的总要还”。"),
        ("这笔账一定要算清！", "这笔账一定要算清！"),
    ],
)
def test_a_sentence_ends_on_one_stop(text: str, sentence: str) -> None:
    assert as_sentence(text) == sentence
