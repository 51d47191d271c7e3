from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from rag_speech.checks.originality import SharedIndex
from rag_speech.draft import Drafter
from rag_speech.embed.hashing import HashEmbedder
from rag_speech.leads import with_leads
from rag_speech.llm.scripted import ScriptedLLM
from rag_speech.nearness import Nearness
from rag_speech.prompts import Prompts
from rag_speech.themes import Theme, load_themes
from rag_speech.types import Card, Exemplar, Fact, Plan, Role, SectionPlan
from rag_speech.voice import voice_of
from rag_speech.zh.text import count_zi

PROMPTS = Prompts.bundled()
EVENT = "全县业务培训班"
FACTS = {"b1": Fact("b1", "今年有43件公文被退回")}


def _plan(*cards: Card, topic: str = "提高公文质量") -> Plan:
    section = SectionPlan("提高公文质量", cards, topic)
    return Plan(
        "在培训班上的讲话", (), "同志们：", "", (), "", (section,), (), "", "", 500, tuple(FACTS.values())
    )


def _card(number: int, **fields: object) -> Card:
    return Card(f"1.{number}", Role.POINT, "提高公文质量", "公文质量的差距", 150, **fields)  # type: ignore[arg-type]


def test_a_fact_of_the_brief_comes_first_and_no_sentence_of_the_bank_twice() -> None:
    voice = voice_of("training_opening", PROMPTS)
    plan = with_leads(_plan(_card(1, facts=("b1",)), *(_card(n) for n in range(2, 8))), voice, EVENT)
    leads = [c.lead for c in plan.sections[0].cards]
    assert leads[0] == "今年有43件公文被退回。"
    assert len(set(leads)) == len(leads) and all(leads)
    assert with_leads(plan, voice, EVENT) == plan


def test_a_first_sentence_that_is_written_stays() -> None:
    plan = with_leads(
        _plan(_card(1, lead="一是抓好传达。", facts=("b1",))), voice_of("hosting", PROMPTS), EVENT
    )
    assert plan.sections[0].cards[0].lead == "一是抓好传达。"


def _drafter(*, small: bool, **fields: object) -> Drafter:
    return Drafter(ScriptedLLM(small=small), PROMPTS, "培训班开班式", "青禾县", FACTS, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("small", [True, False])
def test_all_calls_begin_alike_whatever_the_brief(small: bool) -> None:
    llm = ScriptedLLM(small=small)
    one = Drafter(llm, PROMPTS, "培训班开班式", "青禾县", FACTS, "严肃", ["提高公文质量"])
    other = Drafter(llm, PROMPTS, "防汛工作会议", "临川市", {}, "亲切")
    assert one.beginning() == other.beginning()
    for drafter in (one, other):
        *beginning, card = drafter.messages(_card(1))
        assert beginning == one.beginning()
        assert drafter.place in card.content and drafter.tone in card.content


def test_a_small_model_goes_on_from_the_first_sentence_and_gets_no_advice() -> None:
    exemplar = Exemplar("c", "s", Role.POINT, "〔单位〕要把好关。", "县委办要把好关。", 1.0)
    card = _card(1, lead="先说差距。", guide="举事不点名", exemplars=(exemplar,))
    small = _drafter(small=True, outline=["提高公文质量"]).messages(card)
    assert small[-1].role == "assistant" and small[-1].content == "先说差距。"
    assert "举事不点名" not in small[-2].content and "〔单位〕" not in small[-2].content
    large = _drafter(small=False, outline=["提高公文质量"]).messages(card)
    assert large[-1].role == "user"
    for shown in ("举事不点名", "〔单位〕要把好关。", "全文提纲：提高公文质量"):
        assert shown in large[-1].content
    assert "县委办要把好关" not in large[-1].content


def test_all_calls_share_their_beginning() -> None:
    drafter = _drafter(small=True)
    first, second = drafter.messages(_card(1)), drafter.messages(_card(2, lead="再说做法。"))
    shared = 1 + 2 * len(PROMPTS.data("draft/demos")["small"])
    assert first[:shared] == second[:shared]


async def test_sampling_stops_when_it_is_enough() -> None:
    llm = ScriptedLLM()
    drafter = Drafter(llm, PROMPTS, "培训班", "青禾县", FACTS, samples=5)
    found = await drafter.paragraph(_card(1), enough=lambda texts: len(texts) == 2)
    assert len(found.texts) == len(llm.calls) == 2


async def test_a_small_model_is_asked_only_where_there_is_room() -> None:
    llm = ScriptedLLM(small=True)
    drafter = Drafter(llm, PROMPTS, "大会", "青禾县", FACTS)
    full = "值班要有人在岗，" * 20 + "交接要签字。"
    assert (await drafter.paragraph(_card(1, lead=full))).texts == () and llm.calls == []
    assert (await drafter.paragraph(_card(1, lead=full, facts=("b1",)), enough=lambda texts: True)).texts
    half = "值班要有人在岗，" * 8 + "交接要签字。"
    assert (await drafter.paragraph(_card(1, lead=half))).texts == ()
    assert (await drafter.paragraph(_card(1, lead=half[:24]), enough=lambda texts: True)).texts
    opening = replace(
        _card(1, lead="开这个会，是要把底数摸清、把责任说清、把办法定细，早一点动手。" * 2), role=Role.OPENING
    )
    assert (await drafter.paragraph(opening)).texts == ()


def test_on_a_small_model_facts_stand_by_themselves_and_rows_on_the_theme_follow() -> None:
    voice, themes = voice_of("work_conference", PROMPTS), load_themes(PROMPTS)
    cards = (_card(1, facts=("b1",)), *(_card(n) for n in range(2, 30)))
    plan = with_leads(_plan(*cards), voice, EVENT, themes=themes, at_length=True)
    leads = [c.lead for c in plan.sections[0].cards]
    assert leads[0] == "今年有43件公文被退回。" and plan.sections[0].cards[0].chars == count_zi(leads[0])
    documents = next(t for t in themes if t.id == "documents")
    rows = {row.format(core="公文质量") for rows in documents.leads.values() for row in rows}
    assert set(leads[1:5]) <= rows
    assert len(set(leads)) == len(leads) and all(leads)
    assert with_leads(plan, voice, EVENT, themes=themes, at_length=True) == plan


def test_a_part_without_a_theme_takes_the_events() -> None:
    voice, themes = voice_of("work_conference", PROMPTS), load_themes(PROMPTS)
    cards = tuple(_card(n) for n in range(1, 5))
    plan = with_leads(
        _plan(*cards, topic="一件一件往前赶"), voice, "全县森林防火工作会议", themes=themes, at_length=True
    )
    wildfire = next(t for t in themes if t.id == "wildfire")
    rows = {r.replace("{core}", wildfire.noun) for many in wildfire.leads.values() for r in many}
    assert {c.lead for c in plan.sections[0].cards} <= rows


def test_what_stands_in_the_offices_own_speeches_is_not_said_again() -> None:
    voice, themes = voice_of("work_conference", PROMPTS), load_themes(PROMPTS)
    cards = tuple(_card(n) for n in range(1, 5))

    def leads(known: SharedIndex | None = None) -> list[str]:
        def is_known(wording: str) -> bool:
            return known is not None and any(found.runs for found in known.shared(wording))

        plan = with_leads(_plan(*cards), voice, EVENT, themes=themes, at_length=True, known=is_known)
        return [c.lead for c in plan.sections[0].cards]

    last_year = leads()
    now = leads(SharedIndex.build([("last-year", "\n".join(last_year))]))
    assert all(now) and not set(now) & set(last_year)


def test_without_a_theme_one_of_the_nearest_rows_begins() -> None:
    voice = voice_of("commendation", PROMPTS)
    facet = voice.facet(0, "")
    full = [r for r in voice.leads[facet] if r in voice.own and "{core}" not in r and count_zi(r) >= 75]
    near = full[-1]

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array(
            [[1.0, 0.0] if t in {near, "好人要有好报"} else [0.0, 1.0] for t in texts], np.float32
        )

    plan = _plan(_card(1), topic="好人要有好报")
    for event in ("大会", "表彰会", "总结表彰大会"):
        plan_ = with_leads(plan, voice, event, at_length=True, nearness=Nearness(embed, ["今天"]))
        nearest = sorted(full, key=lambda r: r == near, reverse=True)[:3]
        assert plan_.sections[0].cards[0].lead in nearest


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("当好带头人", "带头人"),
        ("学好业务", "学好业务"),
        ("野外用火管到人", "管到人"),
        ("剖析根源", "根源"),
        ("自己和身边人", "自己和"),
    ],
)
def test_people_and_actions_are_not_a_thing_to_do_well(topic: str, name: str) -> None:
    cards = [_card(n) for n in range(1, 8)]
    for said, named in ((topic, False), ("公文质量", True)):
        plan = with_leads(
            _plan(*cards, topic=said),
            voice_of("work_conference", PROMPTS),
            EVENT,
            themes=load_themes(PROMPTS),
            at_length=True,
        )
        leads = "".join(c.lead for c in plan.sections[0].cards)
        assert (said in leads) == named and (named or name not in leads)


async def test_nothing_is_asked_for_a_paragraph_that_code_wrote() -> None:
    llm = ScriptedLLM([])
    drafter = Drafter(llm, PROMPTS, "大会", "青禾县", FACTS)
    assert (await drafter.paragraph(_card(1, lead="下面，进行第一项议程。", fixed=True))).texts == ()
    assert llm.calls == []


def test_a_part_without_heading_names_its_topic_first() -> None:
    voice = voice_of("investment_fair", PROMPTS)
    cards = tuple(Card(f"1.{n}", Role.POINT, "", "", 150, facts=("b1",) if n == 1 else ()) for n in (1, 2))
    for topic in ("区位优势", "把服务做到企业心坎上"):
        plan = with_leads(replace(_plan(), sections=(SectionPlan("", cards, topic),)), voice, EVENT)
        first = plan.sections[0].cards[0].lead
        assert topic in first and first.endswith("今年有43件公文被退回。")
        assert with_leads(plan, voice, EVENT) == plan


def test_a_whole_sentence_comes_before_one_that_a_name_is_put_into() -> None:
    voice = voice_of("work_conference", PROMPTS)
    facet = next(iter(voice.facets))
    rows = ("抓{core}，先把底数摸清，再把任务分到人头。", "先看清难在哪里，再商量怎么动手，话要说在前头。")
    voice = replace(voice, leads={**voice.leads, facet: rows}, own=frozenset())
    plan = with_leads(_plan(_card(1)), voice, EVENT, at_length=True)
    assert plan.sections[0].cards[0].lead == rows[1]


def test_a_row_stands_in_the_part_whose_words_it_has() -> None:
    theme = Theme("t", "信访", re.compile("包案|初访"), {"how": ["包案要见面，" * 12, "初访要接住，" * 12]})
    sections = tuple(SectionPlan(t, (_card(n),), t) for n, t in ((1, "初访办到位"), (2, "包案见实效")))
    plan = replace(_plan(_card(9)), sections=sections)
    voice = voice_of("work_conference", PROMPTS)
    facet = replace(voice, facets={"how": "{core}的做法"}, theme_facets={"how": "how"})
    nearness = Nearness(lambda texts: HashEmbedder().embed(texts, "query"), ["要把工作做好。"])
    led = with_leads(plan, facet, EVENT, themes=[theme], at_length=True, nearness=nearness)
    assert [c.lead[:2] for s in led.sections for c in s.cards] == ["初访", "包案"]


def test_the_clerk_is_told_of_a_part_that_any_meeting_could_hear() -> None:
    voice, themes = voice_of("work_conference", PROMPTS), load_themes(PROMPTS)
    plan = _plan(*(_card(n) for n in range(1, 5)), topic="一件一件往前赶")
    for event, notes in (("全县调度会", 1), ("全县森林防火工作会议", 0)):
        led = with_leads(plan, voice, event, themes=themes, at_length=True)
        assert len(led.pending) == notes and all("通用的话" in p for p in led.pending)
        assert with_leads(led, voice, event, themes=themes, at_length=True).pending == led.pending
