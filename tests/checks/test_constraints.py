"""Family T: what this brief demands and forbids. For every code a planted case and a quiet one."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from rag_speech.brief.brief import Brief
from rag_speech.checks.base import NotApplicable
from rag_speech.checks.constraints import check_constraints
from rag_speech.checks.registry import CHECKS
from rag_speech.checks.run import make_context
from rag_speech.types import (
    Assignment,
    Constraint,
    Evidence,
    Finding,
    Point,
    Severity,
    Statement,
    Status,
    Use,
)

SPEECH = "在青山县防汛工作会议上的讲话\n同志们：\n{}\n请大家抓紧。"
QUOTE = "宁可十防九空，不可失防万一"


def _findings(
    said: str,
    *,
    read: Assignment | None = None,
    evidence: Evidence | None = None,
    **brief: Any,
) -> list[Finding]:
    given = Brief(event="青山县防汛工作会议", date=datetime.date(2026, 6, 2), **brief)
    context = make_context(SPEECH.format(said), brief=given, assignment=read, evidence=evidence)
    return check_constraints(context)


def _read(*statements: Statement, **values: Any) -> Assignment:
    return Assignment(speaker="县长", statements=statements, **values)


def _point(say: str, **values: Any) -> Assignment:
    return Assignment(speaker="县长", points=(Point(id="P1", text=say or "写法", say=say, **values),))


LEAK = Statement(
    id="S1", text="李家村三组王某私自拆除堤上的界桩后被行政拘留", use=Use.NEVER, source="简报", why="涉及个人"
)
PLANNED = Statement(id="S1", text="白石泵站计划在6月底前完成改造", status=Status.PLANNED, source="报告")
LABEL = Statement(id="S1", text="存在的困难：两处便道的协议没有签下来", source="报告")
COUNT = _point("落实三个盯住", count=3, members=("盯住水库大坝", "盯住山洪沟口", "盯住低洼院坝"))

CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "T-BANNED": ("这次点名批评宏达公司。", "这次点名批评一家公司。", {"avoid": ("宏达公司",)}),
    "T-BANNED, a figure": (
        "全县淹了35户。",
        "全县淹了1350户，安置135户。",
        {"read": _read(constraints=(Constraint(what="初报的数", strings=("35户",)),))},
    ),
    "T-LEAK": (
        "要讲清楚，李家村三组王某私自拆除堤上的界桩后被行政拘留。",
        "要讲清楚，私自拆除堤上的界桩要追究责任。",
        {"read": _read(), "evidence": Evidence(statements=(LEAK,))},
    ),
    "T-NOTE": (
        "巡堤的事口语一点别念文件。",
        "巡堤的事我说几句大白话。",
        {"points": ("加强巡堤查险（口语一点，别念文件）",)},
    ),
    "T-NOTE, as read": (
        "这一段语气要重但不要训人。",
        "有的单位动作慢了，要赶上来。",
        {"read": _point("加快进度", manner="语气要重，但不要训人")},
    ),
    "T-MISSING": ("堤要天天巡。", "全县有险工险段17处，处处要有人。", {"facts": ("全县有险工险段17处",)}),
    "T-MISSING, words": (
        "堤要天天巡。",
        "值班人员不得擅自离开岗位。",
        {"facts": ("汛期值班人员不得擅自离岗",)},
    ),
    "T-TWICE": (
        "全县有险工险段17处。\n堤要天天巡。再说一遍，全县有险工险段17处。",
        "全县有险工险段17处，17处都要有人。堤要天天巡，这些险工险段离不开人。",
        {"facts": ("全县有险工险段17处",)},
    ),
    "T-POINT": ("堤要天天巡。", "转移避险要早组织。", {"points": ("组织转移避险",)}),
    "T-COUNT": (
        "要落实三个盯住：盯住水库大坝，盯住山洪沟口。",
        "要落实三个盯住：盯住水库大坝，盯住山洪沟口，盯住低洼院坝。",
        {"read": COUNT},
    ),
    "T-LABEL": (
        "存在的困难两处便道的协议没有签下来。",
        "眼下两处便道的协议没有签下来。",
        {"read": _read(), "evidence": Evidence(statements=(LABEL,))},
    ),
    "T-STATE": (
        "白石泵站已经完成改造。",
        "白石泵站计划在6月底前完成改造。",
        {"read": _read(), "evidence": Evidence(statements=(PLANNED,))},
    ),
    "T-QUOTE": (
        f"要记住“{QUOTE.replace('失防', '失守')}”。",
        f"要记住“{QUOTE}”。",
        {"facts": (f"市长强调“{QUOTE}”",)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_planted_defect_is_found_and_its_near_miss_is_quiet(case: str) -> None:
    defect, near, given = CASES[case]
    code = case.split(",", maxsplit=1)[0]
    found = [f for f in _findings(defect, **given) if f.code == code]
    assert len(found) == 1
    assert found[0].message and found[0].suggestion and found[0].source
    assert not [f for f in _findings(near, **given) if f.code == code]
    if found[0].span is not None:
        assert found[0].span.of(SPEECH.format(defect)) == found[0].fragment


def test_every_code_of_the_family_is_planted() -> None:
    (check,) = [c for c in CHECKS if c.family == "T"]
    assert {case.split(",")[0] for case in CASES} == set(check.codes)


def test_what_is_forbidden_is_grave() -> None:
    (found,) = [f for f in _findings(*CASES["T-BANNED"][:1], **CASES["T-BANNED"][2]) if f.code == "T-BANNED"]
    assert (found.severity, found.fragment) == (Severity.P0, "宏达公司")


def test_a_changed_quotation_is_set_right_by_the_original() -> None:
    defect, _, given = CASES["T-QUOTE"]
    (found,) = [f for f in _findings(defect, **given) if f.code == "T-QUOTE"]
    assert found.fix == QUOTE


def test_what_the_brief_says_too_is_no_leak() -> None:
    given = {"read": _read(), "evidence": Evidence(statements=(LEAK,)), "facts": (LEAK.text,)}
    assert not [f for f in _findings(f"{LEAK.text}。", **given) if f.code == "T-LEAK"]


def test_a_fact_that_must_not_be_said_is_not_missed() -> None:
    read = _read(Statement(id="F1", text="全县有险工险段17处", use=Use.NEVER))
    assert not [f for f in _findings("堤要天天巡。", read=read) if f.code == "T-MISSING"]


@pytest.mark.parametrize("said", ["泵站月底前要完成改造", "白石泵站还没有完成改造，力争6月底前完成"])
def test_a_plan_told_as_a_plan_is_quiet(said: str) -> None:
    found = _findings(f"{said}。", read=_read(), evidence=Evidence(statements=(PLANNED,)))
    assert not [f for f in found if f.code == "T-STATE"]


def test_an_empty_point_asks_for_nothing() -> None:
    assert not [f for f in _findings("堤要天天巡。", read=_point("")) if f.code == "T-POINT"]


def test_without_a_brief_the_family_does_not_apply() -> None:
    with pytest.raises(NotApplicable):
        check_constraints(make_context(SPEECH.format("堤要天天巡。")))
