from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import occasions
from rag_speech.embed.hashing import HashEmbedder
from rag_speech.headings import can_head, fallback_headings, heading_score, merge_points, short_names
from rag_speech.llm.scripted import Rule, ScriptedLLM
from rag_speech.plan import Planner
from rag_speech.prompts import Prompts
from rag_speech.types import Plan
from rag_speech.voice import name_of

EMBEDDER = HashEmbedder()


def _similarity(texts: Sequence[str]) -> np.ndarray:
    return EMBEDDER.embed(texts, "query")


async def _plan(brief: Brief, llm: ScriptedLLM | None = None) -> Plan:
    occasion = brief.resolved_occasion
    assert occasion is not None
    planner = Planner(llm or ScriptedLLM(), Prompts.bundled(), lambda *_: (), _similarity)
    return (await planner.plan(brief, occasion))[0]


def _cards(plan: Plan) -> list[str]:
    return [i for c in (*plan.opening, *(c for s in plan.sections for c in s.cards)) for i in c.facts]


@pytest.mark.parametrize("occasion", sorted(occasions()))
async def test_every_occasion_plans_to_its_frame(occasion: str) -> None:
    kind = occasions()[occasion]
    brief = Brief(
        event=f"全县{kind.name}", occasion=occasion, level="县", on_behalf="县委", facts=("今年完成项目12个",)
    )
    plan = await _plan(brief)
    assert plan.title and plan.salutation.endswith("：") and plan.opening_line
    assert _cards(plan) == ["b1"]
    budget = sum(
        c.chars for c in (*plan.opening, *plan.closing, *(c for s in plan.sections for c in s.cards))
    )
    assert 0.75 * plan.target_chars <= budget <= 1.02 * plan.target_chars
    assert (kind.transition == "-") == (plan.transition == "")
    assert all(bool(s.heading) == (kind.transition != "-") for s in plan.sections)


async def test_every_fact_is_given_to_one_paragraph() -> None:
    facts = tuple(f"今年完成第{n}批项目{n * 7}个" for n in range(1, 10))
    brief = Brief(event="全县项目建设推进会", minutes=10, points=("抓进度", "抓质量"), facts=facts)
    plan = await _plan(brief)
    assert sorted(_cards(plan)) == sorted(f"b{n}" for n in range(1, 10))


async def test_nobody_is_quoted_in_the_opening() -> None:
    facts = ("为什么要开这个会，覃望生说：“河脏了，是我们欠的。”", "护河员覃望生守河22年")
    plan = await _plan(Brief(event="全县河长制工作会议", minutes=8, points=("抓进度", "抓质量"), facts=facts))
    assert "b1" not in [i for c in plan.opening for i in c.facts]


async def test_what_the_brief_says_of_the_occasion_itself_stands_in_the_opening() -> None:
    facts = (
        "值班电话有6个单位没有人接",
        "43件公文因格式问题被退回",
        "培训期间实行签到管理，请假须报县委办公室备案",
        "驻村期间，学员代办事项416件",
        "这期培训班为期3天，共有126名干部参加",
    )
    points = ("提高公文质量", "严守值班纪律")
    plan = await _plan(Brief(event="全县办公室业务培训班开班式", minutes=8, points=points, facts=facts))
    assert {i for c in plan.opening for i in c.facts} == {"b3", "b5"}


async def test_a_fact_goes_to_the_part_whose_words_it_has_and_never_to_the_opening() -> None:
    facts = (
        "水毁修复的设计已经完成198处",
        "4处距离不够的零售点已经停止营业",
        "抢险物资抽查发现的12处缺口已经补齐",
    )
    points = ("水毁工程赶在汛前修好", "管好零售点", "备足抢险物资")
    plan = await _plan(Brief(event="全县防汛工作会议", minutes=8, points=points, facts=facts))
    held = [{i for c in s.cards for i in c.facts} for s in plan.sections]
    assert held == [{"b1"}, {"b2"}, {"b3"}]
    assert not [i for c in plan.opening for i in c.facts]


async def test_a_part_of_a_figure_stands_behind_the_whole() -> None:
    facts = ("我局承担重点工程13项，年度投资8.6亿元", "其中6项3月底前开工")
    points = ("认领任务", "倒排工期", "保证质量")
    plan = await _plan(Brief(event="全市重点工程建设动员会", minutes=8, points=points, facts=facts))
    assert ("b1", "b2") in [c.facts for s in plan.sections for c in s.cards]


async def test_no_figures_are_given_while_greeting() -> None:
    points = ("拜年", "回顾2026年", "展望2027年")
    facts = ("改造老旧小区37个", "新增义务教育学位2400个")
    plan = await _plan(Brief(event="全区新春团拜会", minutes=8, points=points, facts=facts))
    assert not [i for c in plan.sections[0].cards for i in c.facts]


async def test_the_promise_is_the_number_of_parts() -> None:
    brief = Brief(
        event="全县安全生产工作会议", points=("压实企业责任", "排查重大隐患", "严格执法检查", "强化应急值守")
    )
    plan = await _plan(brief)
    assert plan.transition == "下面，我讲四点要求。"
    assert [s.heading for s in plan.sections] == list(brief.points)


async def test_short_points_become_parallel_headings_even_when_the_model_fails() -> None:
    brief = Brief(event="全县办公室业务培训班开班式", points=("公文质量", "值班纪律", "学以致用"))
    bad = {"headings": ["公文质量", "公文质量", "公文质量"]}
    plan = await _plan(brief, ScriptedLLM([Rule("小标题", bad)]))
    headings = [s.heading for s in plan.sections]
    assert heading_score(headings, brief.points) > 0.8


async def test_good_headings_of_the_model_are_taken() -> None:
    brief = Brief(event="全县办公室业务培训班开班式", points=("公文质量", "值班纪律", "学以致用"))
    good = {"headings": ["严把公文质量关口", "严守值班纪律底线", "坚持学以致用导向"]}
    plan = await _plan(brief, ScriptedLLM([Rule("小标题", good)]))
    assert [s.heading for s in plan.sections] == good["headings"]


async def test_the_outline_of_the_brief_is_kept_word_for_word() -> None:
    outline = ("统一思想", "抓住重点", "加强领导")
    plan = await _plan(Brief(event="全市经济工作会议", outline=outline))
    assert tuple(s.heading for s in plan.sections) == outline


async def test_what_the_brief_lacks_is_pending() -> None:
    plan = await _plan(Brief(event="全县防汛工作会议"))
    assert len(plan.pending) == 5
    assert any("日期" in p for p in plan.pending)


def test_more_points_than_parts_are_joined_in_order() -> None:
    points = [f"要点{n}内容" for n in "一二三四五六七八"]
    merged = merge_points(points)
    assert len(merged) == 6
    assert "；".join(merged) == "；".join(points)


@pytest.mark.parametrize(
    ("headings", "points"),
    [
        (["抓进度", "抓进度"], ["进度", "质量"]),
        (["抓好12项进度", "抓好质量"], ["进度", "质量"]),
        (["风马牛不相及", "抓好工程质量"], ["进度", "质量"]),
    ],
)
def test_unusable_headings_score_nothing(headings: list[str], points: list[str]) -> None:
    assert heading_score(headings, points) == 0


def test_names_of_topics() -> None:
    assert name_of("提高公文质量") == "公文质量"
    assert name_of("认清形势，增强自觉") == ""
    assert can_head(["提高公文质量", "讲清为什么办这个班"])
    assert not can_head(["公文质量", "值班纪律"]) and not can_head(["完成12个项目", "提高公文质量"])
    assert fallback_headings(["公文质量"]) == ["在公文质量上从严把关"]


AGENDA = (
    "会议有三项议程",
    "一是县发展和改革局通报情况",
    "二是两家企业代表发言",
    "三是县委书记讲话",
    "会议以视频形式开到乡镇",
)


async def test_a_bare_word_becomes_a_heading_with_a_verb() -> None:
    brief = Brief(event="全县水利现场会", chars=900, points=("质量", "安全", "不能拖欠农民工工资"))
    plan = await _plan(brief)
    assert [s.heading for s in plan.sections] == ["抓好质量", "抓好安全", "不能拖欠农民工工资"]
    assert [s.topic for s in plan.sections] == ["质量", "安全", "不能拖欠农民工工资"]


async def test_a_hosts_agenda_is_called_item_by_item() -> None:
    brief = Brief(
        event="全县营商环境大会主持词",
        occasion="hosting",
        chars=900,
        facts=AGENDA,
        points=("抓好传达", "抓紧落实"),
    )
    plan = await _plan(brief)
    assert plan.transition == "今天的会议共有三项议程，下面逐项进行。"
    script = [c.lead for c in plan.sections[0].cards]
    assert script[:3] == [
        "下面，进行第一项议程：县发展和改革局通报情况。",
        "下面，进行第二项议程：两家企业代表发言。",
        "下面，进行第三项议程：县委书记讲话。",
    ]
    assert "两点要求" in script[3]
    assert all(c.fixed for c in plan.sections[0].cards)
    assert [s.cards[0].lead for s in plan.sections[1:]] == ["一是抓好传达。", "二是抓紧落实。"]
    assert sorted(_cards(plan)) == ["b1", "b2", "b3", "b4", "b5"]


async def test_an_agenda_in_one_sentence_is_taken_apart() -> None:
    fact = "会议有三项议程，县委组织部部长宣布决定，县纪委书记作部署，县委书记讲话"
    plan = await _plan(Brief(event="全县巡察动员会", occasion="hosting", chars=800, facts=(fact,)))
    assert [c.lead[-8:] for c in plan.sections[0].cards[:3]] == [
        "部部长宣布决定。",
        "纪委书记作部署。",
        "：县委书记讲话。",
    ]


async def test_the_opening_names_points_by_their_first_words() -> None:
    points = ("守规矩，办事按程序来", "求严谨，经手的事不出差错")
    plan = await _plan(Brief(event="全县办公室业务培训会", points=points))
    assert "守规矩、求严谨" in plan.opening_line


def test_a_long_heading_ends_where_a_clause_ends() -> None:
    long = "猎捕只能由专业队来干，群众不准私拉电网、私下铁夹"
    assert fallback_headings([long, "保险理赔"])[0] == "猎捕只能由专业队来干，群众不准私拉电网"
    assert len(fallback_headings(["把受害地块和野猪活动路线和时间统统都摸清楚摸准确", "保险理赔"])[0]) == 22
    assert short_names(["关掉的那些，孩子到哪里吃饭要有说法", "底数再核一遍"], ["", ""]) == []


def test_a_demand_among_the_points_is_made_in_the_opening() -> None:
    names = short_names(["宣布市委决定", "对县委班子的要求"], ["", ""])
    assert names == ["宣布市委决定", "对县委班子提出要求"]


@pytest.mark.parametrize("point", ["学校教到位", "群众要什么就改什么", "改后物业要跟上", "建好更要管好用好"])
def test_an_opening_names_no_task_that_is_a_sentence(point: str) -> None:
    assert short_names(["压实责任", point], ["", ""]) == []
    assert short_names(["压实责任", "指出网格员不在网格的问题"], ["", ""]) != []


async def test_facts_of_a_part_stand_together_at_its_start_for_a_small_model() -> None:
    facts = ("今年退回公文43件", "退回的公文里格式问题占31件", "公文平均办理时间4天")
    points = ("提高公文质量", "严守值班纪律")
    brief = Brief(event="全县办公室业务培训班开班式", points=points, facts=facts, chars=2400)
    plan = await _plan(brief, ScriptedLLM(small=True))
    rows = [[bool(c.facts) for c in s.cards] for s in plan.sections]
    assert any(map(any, rows)) and all(row == sorted(row, reverse=True) for row in rows)


async def test_what_was_done_and_what_was_not_stand_apart() -> None:
    done, weak = "发展农村青年党员13名", "还有5个村没有35岁以下的后备干部"
    points = ("做了哪些事", "存在的问题和原因", "下一步打算")
    brief = Brief(event="党建述职", occasion="duty_report", points=points, facts=(weak, done), chars=2000)
    plan = await _plan(brief, ScriptedLLM(small=True))
    said = {f.id: f.text for f in plan.facts}
    assert [[said[i] for c in s.cards for i in c.facts] for s in plan.sections] == [[done], [weak], []]


async def test_what_the_clerk_says_was_just_heard_is_not_said_twice() -> None:
    brief = Brief(event="全县民营企业家座谈会", occasion="symposium", facts=("刚才8位企业家发了言",))
    plan = await _plan(brief)
    assert plan.opening_line == "" and plan.salutation == "各位企业家，同志们："
