"""Headings, promises and length of a speech."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from rag_speech.speech.outline import outline, promises, speech_chars
from rag_speech.speech.parse import parse
from rag_speech.speech.render import render
from rag_speech.types import Speech
from rag_speech.zh.text import count_zi
from tests.strategies import speeches

_TEXT = (
    "在全县大会上的讲话\n同志们：\n今天有两个考虑：一是抓学习。二是抓落实。下面，我讲三点意见。\n"
    "一、抓学习\n（一）学业务。天天学。\n（二）学政策。时时学。\n"
    "二、抓落实\n做到三个结合。一是学用结合。学了就用。二是上下结合。大家一起干。\n最后，谢谢大家的支持。"
)


def test_outline_nests_headings() -> None:
    first, second = outline(parse(_TEXT))
    assert (first.marker, first.text, [c.text for c in first.children]) == (
        "一、",
        "抓学习",
        ["学业务", "学政策"],
    )
    assert second.children == ()
    assert [c.text for c in outline(parse(_TEXT), inline=True)[1].children] == ["学用结合", "上下结合"]


def test_promises_count_what_follows() -> None:
    found = [(p.span.of(_TEXT), p.count, p.noun, len(p.parts), p.kept) for p in promises(parse(_TEXT))]
    assert found == [
        ("两个考虑", 2, "考虑", 2, True),
        ("三点意见", 3, "意见", 2, False),
        ("三个结合", 3, "结合", 2, False),
    ]


@pytest.mark.parametrize(
    ("sentence", "count", "noun"),
    [
        ("下面，我讲几点意见。", 0, "意见"),
        ("借此机会，我提两点希望和要求。", 2, "希望"),
        ("下面，我讲两个方面。", 2, "个方面"),
        ("下面，我把它概括为“两要、两不要”，同大家共勉。", 2, "要"),
    ],
)
def test_transitions_promise(sentence: str, count: int, noun: str) -> None:
    speech = parse(f"同志们：\n今天开会。{sentence}\n一、抓学习\n学习很重要。\n二、抓落实\n落实是关键。")
    assert speech.transition == sentence
    (promise,) = promises(speech)
    assert (promise.count, promise.noun, len(promise.parts), promise.kept) == (count, noun, 2, True)


@pytest.mark.parametrize("words", ["这三点要求", "前两个问题", "第三个方面", "十二个项目"])
def test_words_that_promise_nothing(words: str) -> None:
    speech = parse(f"同志们：\n今天说说{words}。\n一、抓学习\n学习很重要。\n二、抓落实\n落实是关键。")
    assert not any(p.parts for p in promises(speech))


def test_length_is_what_is_spoken() -> None:
    assert speech_chars(_TEXT) == count_zi(_TEXT) - count_zi("在全县大会上的讲话")


@given(speeches())
@settings(max_examples=50)
def test_length_does_not_depend_on_the_layout(speech: Speech) -> None:
    text = render(speech)
    assert speech_chars(speech) == speech_chars(parse(text)) == speech_chars(text.replace("\n", "\n\n"))


@pytest.mark.parametrize(
    "heading",
    [
        "认清形势，把全县上下的思想统一到市委的判断上来，进一步增强抓项目、抓产业、抓民生的紧迫感和责任感",
        "突出重点，在招商引资、项目建设、营商环境、要素保障四个方面持续用力，推动县域经济实现质的有效提升和量的合理增长",
        "压紧压实县乡村三级责任，形成书记带头抓、分管领导具体抓、一级抓一级、层层抓落实的工作格局",
    ],
)
@pytest.mark.parametrize("marker", ["一、", "（一）", "1."])
def test_a_heading_on_its_own_line_is_whole_however_long(marker: str, heading: str) -> None:
    text = f"在全县大会上的讲话\n同志们：\n今天开会。\n{marker}{heading}\n从去年的情况看，大家都很努力。\n谢谢大家！"
    part = parse(text).parts[0]
    assert (part.marker, part.heading, part.placement) == (marker, heading, "line")


def test_a_long_heading_without_a_number_is_a_heading() -> None:
    heading = "坚持以人民为中心的发展思想，把群众满意不满意作为检验办公室一切工作的根本标准和最终尺度"
    body = "办公室的工作，说到底是为群众服务的工作，" * 5
    text = f"在全县大会上的讲话\n同志们：\n今天开会。\n{heading}\n{body}大家要记住。\n谢谢大家！"
    assert [h.text for h in outline(parse(text))] == [heading]
