"""Length: parts are shortened by the model with nothing lost, a short speech grows from the reserve alone."""

from __future__ import annotations

from typing import Any

from rag_speech.draft.length import TOLERANCE, Fitted, fit
from rag_speech.llm.scripted import Call
from rag_speech.types import Reserve
from tests.stages import conversation, make_plan, model, paragraph

SENTENCE = "各单位要把这件事放在心上，一项一项办实。"
RESERVE = tuple(Reserve(section=s, paragraph=paragraph(f"再讲{s}", zi=60)) for s in ("1", "2"))


def _texts(first: int, second: int = 7) -> dict[str, str]:
    return {
        "opening": SENTENCE * 4,
        "1": "全县有险工险段17处。" + SENTENCE * first,
        "2": SENTENCE * second,
        "closing": SENTENCE * 4,
    }


async def _fit(texts: dict[str, str], clerk: Any, **plan: Any) -> tuple[Fitted, list[Call]]:
    llm = model(length=clerk)
    talk = conversation(llm, plan=make_plan(**plan))
    return await fit(talk, Fitted(talk.plan, texts)), llm.calls


async def test_a_speech_of_the_right_length_is_left_alone() -> None:
    texts = _texts(7)
    now = Fitted(make_plan(), texts)
    fitted, calls = await _fit(texts, "改了。", target_zi=now.chars)
    assert (fitted.texts, calls) == (texts, [])


async def test_the_longest_part_is_shortened_with_the_number_named() -> None:
    texts = _texts(12)
    fitted, calls = await _fit(texts, "全县有险工险段17处。" + SENTENCE * 8)
    assert abs(fitted.off) <= TOLERANCE
    assert "请把第一部分从" in calls[0].messages[-1].content
    assert {k: v for k, v in fitted.texts.items() if k != "1"} == {k: v for k, v in texts.items() if k != "1"}


async def test_a_shortening_that_loses_a_figure_is_not_taken() -> None:
    texts = _texts(12)
    fitted, calls = await _fit(texts, SENTENCE * 8)
    assert fitted.texts["1"] == texts["1"]
    assert len({c.messages[-1].content for c in calls}) == len(calls), "no part is asked for twice"


async def test_a_shortening_that_is_longer_or_guts_the_part_is_not_taken() -> None:
    for answer in ("全县有险工险段17处。" + SENTENCE * 20, "全县有险工险段17处。", ""):
        texts = _texts(12)
        fitted, _ = await _fit(texts, answer or " ")
        assert fitted.texts["1"] == texts["1"]


async def test_a_shortening_that_ran_out_of_room_is_not_taken() -> None:
    texts = _texts(12)
    fitted, _ = await _fit(texts, "全县有险工险段17处。" + SENTENCE * 60)
    assert fitted.texts["1"] == texts["1"]


async def test_a_short_speech_grows_from_the_reserve_and_each_is_used_once() -> None:
    texts = _texts(4, 3)
    fitted, calls = await _fit(
        texts, lambda call: f"再添一句，第{call.index}回。" + SENTENCE * 3, reserve=RESERVE
    )
    assert len(calls) == 2
    assert fitted.plan.reserve == ()
    assert fitted.texts["1"].splitlines()[-1].startswith("再添一句") or fitted.texts["2"].splitlines()[
        -1
    ].startswith("再添一句")
    assert fitted.texts["opening"] == texts["opening"]


async def test_without_a_reserve_a_short_speech_stays_short() -> None:
    texts = _texts(3, 3)
    fitted, calls = await _fit(texts, SENTENCE)
    assert (fitted.texts, calls) == (texts, [])


async def test_a_reserve_that_makes_it_worse_is_used_up_and_not_asked_for_again() -> None:
    texts = _texts(7, 5)
    fitted, calls = await _fit(texts, SENTENCE * 12, reserve=RESERVE)
    assert fitted.texts == texts
    assert len(calls) == len({c.messages[-1].content for c in calls}) == 2
