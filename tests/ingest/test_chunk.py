"""Chunks: every spoken word once, in order, with its role and headings."""

from __future__ import annotations

from hypothesis import given, settings

from rag_speech.ingest.chunk import MAX_ZI, chunk
from rag_speech.speech.parse import parse
from rag_speech.speech.render import render
from rag_speech.speech.walk import all_parts
from rag_speech.types import Role, Speech
from tests.strategies import speeches


def _unspoken(speech: Speech) -> str:
    """Title block, salutation, thanks and the headings that stand on lines of their own."""
    alone = [p.marker + p.heading + p.stop for p in all_parts(speech) if p.level and p.placement == "line"]
    frame = [speech.title, speech.subtitle, *speech.caption, speech.salutation, speech.thanks]
    return "".join([*frame, *alone])


@given(speeches())
@settings(max_examples=50)
def test_chunks_hold_every_spoken_word_once(speech: Speech) -> None:
    text = render(speech)
    chunks = chunk(parse(text), text)
    end = 0
    for piece in chunks:
        assert piece.span.start >= end
        assert piece.span.of(text) == piece.text
        end = piece.span.end
    spoken = sum(len(piece.text) for piece in chunks)
    assert spoken + len(_unspoken(speech)) == len(text.replace("\n", ""))


@given(speeches())
@settings(max_examples=50)
def test_roles_follow_the_tree(speech: Speech) -> None:
    text = render(speech)
    roles = [piece.role for piece in chunk(parse(text), text)]
    order = [Role.OPENING, Role.TRANSITION, Role.POINT, Role.CLOSING]
    assert roles == sorted(roles, key=order.index)
    assert (Role.TRANSITION in roles) == bool(speech.transition)
    assert (Role.CLOSING in roles) == bool(speech.closing.body)


def test_headings_lead_to_the_paragraph() -> None:
    text = "同志们：\n今天开会。下面，我讲两点意见。\n一、抓学习\n学习很重要。\n（一）学什么。学业务。\n二、抓落实\n落实是关键。"
    chunks = chunk(parse(text), text, speech_id="s1", occasion="training_opening", level="县")
    assert [(c.role, c.headings) for c in chunks] == [
        (Role.OPENING, ()),
        (Role.TRANSITION, ()),
        (Role.POINT, ("抓学习",)),
        (Role.POINT, ("抓学习", "学什么")),
        (Role.POINT, ("抓落实",)),
    ]
    assert {c.speech_id for c in chunks} == {"s1"}
    assert len({c.id for c in chunks}) == len(chunks)


def test_long_paragraphs_are_cut_at_sentences() -> None:
    paragraph = "办公室工作要把准确放在第一位，每一个数字都要核对清楚。" * 40
    text = f"同志们：\n{paragraph}\n一、抓学习\n{paragraph}"
    chunks = chunk(parse(text), text)
    assert 8 <= len(chunks) <= 10
    assert all(c.text.endswith("。") and len(c.text) <= MAX_ZI * 1.5 for c in chunks)


def test_speech_without_numbers_has_points_in_the_middle() -> None:
    text = "同志们：\n今天很高兴。\n过去一年不容易。\n新的一年要更好。\n最后，祝大家新春愉快！"
    roles = [c.role for c in chunk(parse(text), text)]
    assert roles == [Role.OPENING, Role.POINT, Role.POINT, Role.CLOSING]
