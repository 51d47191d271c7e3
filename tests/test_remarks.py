"""What is said to facts: to the right kind of fact, where it stands, and nothing to the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rag_speech.checks.cliche import worn_phrases
from rag_speech.checks.rules_engine import load_rules, rule_findings
from rag_speech.errors import ConfigError
from rag_speech.leads import with_leads
from rag_speech.prompts import Prompts
from rag_speech.remarks import Remarks, load_remarks
from rag_speech.types import Card, Fact, Plan, Role, SectionPlan, Severity
from rag_speech.voice import voice_of
from rag_speech.zh.text import count_zi

PROMPTS = Prompts.bundled()
REMARKS = load_remarks(PROMPTS)
MEETING = voice_of("work_conference", PROMPTS)


@pytest.mark.parametrize("kind", REMARKS, ids=lambda k: k.id)
def test_rows_are_spoken_sentences_that_add_no_figure(kind: Remarks) -> None:
    assert kind.voices <= set(PROMPTS.data("leads")) and len(set(kind.rows)) == len(kind.rows) >= 2
    for row in kind.rows:
        assert row.endswith("。") and 15 <= count_zi(row) <= 60
        assert "{" not in row and not any(c.isdigit() for c in row)
        assert not worn_phrases(row)


@pytest.mark.parametrize("kind", REMARKS, ids=lambda k: k.id)
def test_no_row_says_what_the_checks_would_reject(kind: Remarks) -> None:
    found = rule_findings(
        "\n".join(kind.rows),
        as_of=date(2027, 1, 15),
        occasion="work_conference",
        brief_text="",
        rules=load_rules(()),
    )
    assert [f.fragment for f in found if f.severity <= Severity.P2] == []


@pytest.mark.parametrize(
    ("fact", "voice", "kind"),
    [
        ("还有7个项目没有开工，其中3个卡在征地上", "meeting", "backlog"),
        ("按期办结率98.6%，群众满意率只有87.2%", "meeting", "weak"),
        ("抽查300户，有41户不能正常使用", "meeting", "sampled"),
        ("污水处理厂二期比计划晚了4个月", "meeting", "late"),
        ("还有260个没有查明产权", "meeting", "unclear"),
        ("集体经济年收入不到10万元的村还有137个", "meeting", "weak"),
        ("连续38天没有有效降雨", "meeting", "thirst"),
        ("热线受理投诉2.1万件，停车类占34%", "meeting", "complaint"),
        ("全年发生事故34起，同比下降10.5%", "meeting", "less_harm"),
        ("去年冬季发生火情7起", "meeting", "incident"),
        ("查出隐患418条，已整改335条", "meeting", "handled"),
        ("查出隐患418条，未整改67处", "meeting", "backlog"),
        ("12月15日前完成一轮排查", "meeting", "due"),
        ("县财政安排整治资金2180万元", "meeting", "money"),
        ("水费收缴率在98%以上", "meeting", None),
        ("警示教育片剖析了我县查处的5起案件", "meeting", None),
        ("全县有小学68所，教师3215人", "meeting", None),
        ("37件来文没有按规定程序报送", "study", "slips"),
        ("37件来文没有按规定程序报送", "guests", None),
        ("自己到村讲党课4次，比计划少2次", "own", "own_gap"),
    ],
)
def test_a_fact_has_its_kind(fact: str, voice: str, kind: str | None) -> None:
    assert next((k.id for k in REMARKS if k.suit(fact, voice)), None) == kind


def _plan(*facts: str, parts: int = 1) -> Plan:
    ids = [f"b{i}" for i in range(len(facts))]
    cards = [Card(f"{n}.1", Role.POINT, "压实责任", "", 200, facts=tuple(ids)) for n in range(1, parts + 1)]
    sections = tuple(SectionPlan("压实责任", (card,), f"压实责任{card.id}") for card in cards)
    known = tuple(Fact(i, text) for i, text in zip(ids, facts, strict=True))
    return Plan("在工作会议上的讲话", (), "同志们：", "", (), "", sections, (), "", "", 500, known)


def _leads(plan: Plan, *, at_length: bool = True) -> list[str]:
    led = with_leads(plan, MEETING, "工作会议", remarks=REMARKS, at_length=at_length)
    return [card.lead for section in led.sections for card in section.cards]


def test_something_is_said_to_the_most_telling_fact_where_it_stands() -> None:
    (lead,) = _leads(_plan("全县有小学68所", "还有7个项目没有开工", "县里有教师3215人"))
    before, found, after = lead.partition("还有7个项目没有开工。")
    assert before == "全县有小学68所。" and found and after.endswith("县里有教师3215人。")
    backlog = next(k for k in REMARKS if k.id == "backlog")
    assert after.removesuffix("县里有教师3215人。") in backlog.rows
    (lead,) = _leads(_plan("还有7个项目没有开工", "还有5个村没有路灯"))
    assert lead.removeprefix("还有7个项目没有开工。还有5个村没有路灯。") in backlog.rows
    several = ("还有7个项目没有开工", "污水处理厂比计划晚了4个月", "医院还差施工许可一道手续")
    (lead,) = _leads(_plan(*several))
    late = next(k for k in REMARKS if k.id == "late")
    assert lead.removeprefix("".join(f"{fact}。" for fact in several)) in late.rows


def test_what_a_material_says_is_left_alone() -> None:
    plan = _plan("还有7个项目没有开工")
    told = replace(plan, facts=(replace(plan.facts[0], source="总结.docx"),))
    assert _leads(told) == ["还有7个项目没有开工。"]


def test_nothing_is_said_twice_nor_to_a_fact_of_no_kind_nor_for_a_large_model() -> None:
    many = _leads(_plan("还有7个项目没有开工", parts=20))
    said = [lead.removeprefix("还有7个项目没有开工。") for lead in many]
    spoken = [s for s in said if s]
    assert len(spoken) == len(set(spoken)) > 3 and "" in said
    assert _leads(_plan("全县有小学68所")) == ["全县有小学68所。"]
    assert _leads(_plan("还有7个项目没有开工"), at_length=False) == ["还有7个项目没有开工。"]


def test_what_was_said_stays_when_beginnings_are_given_again() -> None:
    plan = with_leads(_plan("还有7个项目没有开工"), MEETING, "工作会议", remarks=REMARKS, at_length=True)
    again = with_leads(plan, MEETING, "工作会议", remarks=REMARKS, at_length=True)
    assert again == plan
    longer = replace(plan, sections=(*plan.sections, *_plan("还有7个项目没有开工").sections))
    leads = [
        c.lead
        for s in with_leads(longer, MEETING, "工作会议", remarks=REMARKS, at_length=True).sections
        for c in s.cards
    ]
    assert len(set(leads)) == len(leads)


def test_a_malformed_file_is_refused_and_none_is_none(tmp_path: Path) -> None:
    assert load_remarks(Prompts(tmp_path)) == ()
    (tmp_path / "remarks.toml").write_text('[bad]\nvoices = ["meeting"]\nmatch = "("\nrows = []\n', "utf-8")
    with pytest.raises(ConfigError, match=r"remarks\.toml"):
        load_remarks(Prompts(tmp_path))
