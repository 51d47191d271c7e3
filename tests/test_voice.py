from __future__ import annotations

import string

import pytest

from rag_speech.checks.cliche import worn_phrases
from rag_speech.occasions import Occasion, occasions
from rag_speech.prompts import Prompts
from rag_speech.voice import Voice, is_phrase, name_of, voice_of

PROMPTS = Prompts.bundled()
VOICES = {v.name: v for o in occasions() if (v := voice_of(o, PROMPTS))}


def test_every_occasion_has_one_voice() -> None:
    tables = PROMPTS.data("leads")
    named = [o for table in tables.values() for o in table["occasions"]]
    assert len(named) == len(set(named))
    assert set(named) <= set(occasions())
    assert set(VOICES) == set(tables)


@pytest.mark.parametrize("voice", VOICES.values(), ids=lambda v: v.name)
def test_a_voice_is_complete(voice: Voice) -> None:
    assert list(voice.facets) == list(voice.phrase_facets)
    assert set(voice.facets) | {"opening", "closing"} == set(voice.leads) - {"topic"}
    for row in (row for rows in voice.leads.values() for row in rows):
        _is_well_formed(row)


def _is_well_formed(row: str) -> None:
    assert {name for _, name, _, _ in string.Formatter().parse(row) if name} <= {"core", "topic", "hold"}
    assert row.endswith(("。", "！", "？")) and len(row) <= 80
    assert not worn_phrases(row)


@pytest.mark.parametrize("occasion", occasions().values(), ids=lambda o: o.id)
def test_an_occasions_own_beginnings_fit_its_voice(occasion: Occasion) -> None:
    voice = voice_of(occasion.id, PROMPTS)
    assert set(occasion.leads) <= set(voice.leads) - {"topic"}
    shared = {
        row for table in PROMPTS.data("leads").values() for rows in table["leads"].values() for row in rows
    }
    rows = [row for rows in occasion.leads.values() for row in rows]
    assert len(rows) == len(set(rows)) and not shared & set(rows)
    assert voice.own == set(rows)
    for row in rows:
        _is_well_formed(row)


def test_a_named_topic_and_a_phrase_are_asked_differently() -> None:
    voice = voice_of("work_conference", PROMPTS)
    assert voice.say("提高公文质量", 0) == "公文质量的差距"
    assert voice.say("把学到的本领带回岗位", 1) == "怎样把学到的本领带回岗位"
    assert voice.say("认清形势，增强自觉", 0) == "认清形势，增强自觉；为什么要增强自觉"
    assert voice.say("提高公文质量", len(voice.facets)) == voice.say("提高公文质量", 0)


@pytest.mark.parametrize(
    ("point", "name", "phrase"),
    [
        ("提高公文质量", "公文质量", True),
        ("公文质量", "公文质量", False),
        ("汇报县里的工作", "", False),
        ("把学到的本领带回岗位", "", True),
        ("守规矩，办事按程序来", "", False),
        ("预案要改到管用", "", False),
    ],
)
def test_names_of_topics(point: str, name: str, phrase: bool) -> None:
    assert (name_of(point), is_phrase(point)) == (name, phrase)
