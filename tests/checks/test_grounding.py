"""Every figure, name and quotation has a source; the normal forms agree."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.brief import Brief, make_brief
from rag_speech.checks.facts import chinese_number, claims
from rag_speech.checks.grounding import arithmetic, check_facts, ledger, unsupported
from rag_speech.checks.names import organisations, persons, places
from rag_speech.checks.run import make_context
from rag_speech.types import Severity

ALLOWED = """2026年11月20日，全县防汛工作会议。县委书记陈立群出席。去年完成投资1.2亿元，同比增长8.5%。
8个乡镇、32000名群众受益。拟新建泵站3座。县政发〔2026〕12号印发《栖岭县防汛预案》。国轩集团参与建设。"""


def codes(text: str, allowed: str = ALLOWED) -> set[str]:
    return {f.code for f in unsupported(text, allowed)}


@pytest.mark.parametrize(
    "said",
    [
        "完成投资12000万元",
        "完成投资1.2亿元",
        "完成投资１．２亿元",
        "增长百分之八点五",
        "8个乡镇",
        "八个乡镇都要行动",
        "3.2万名群众受益",
        "三万二千人受益",
        "近1.2亿元的投资",
        "超过1.1亿元的投资",
        "11月20日的会议",
        "二〇二六年的汛期",
        "陈立群同志提出要求",
        "按县政发〔2026〕12号的要求办",
        "认真执行《栖岭县防汛预案》",
        "国轩集团参与建设",
        "24小时值班不断档",
        "到2035年基本实现社会主义现代化",
        "讲三点意见，分两个方面，坚持一个标准",
        "一、提高认识\n（一）压实责任\n1.排查隐患",
        "千家万户的平安，成千上万的群众",
    ],
)
def test_what_the_brief_says_is_supported(said: str) -> None:
    assert unsupported(said, ALLOWED) == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("完成投资1.3亿元", "G-FIGURE"),
        ("同比增长8.5个百分点", "G-FIGURE"),
        ("惠及四万群众、四万人", "G-FIGURE"),
        ("十个乡镇都要行动", "G-FIGURE"),
        ("近1.5亿元的投资", "G-FIGURE"),
        ("12月20日以前完成", "G-DATE"),
        ("县长王建国同志", "G-NAME"),
        ("请王书记讲话", "G-NAME"),
        ("合肥市的做法值得学", "G-NAME"),
        ("远大集团的做法值得学", "G-NAME"),
        ("县政发〔2026〕13号", "G-DOC"),
        ("《栖岭县抗旱预案》", "G-DOC"),
        ("防汛工作在全市排名第一", "G-RANK"),
        ("县长强调：“隐患排查要到户到人到每一寸堤防”", "G-QUOTE"),
        ("打造“三办三服务”品牌", "G-LOCAL"),
        ("判处有期徒刑十三年", "G-FIGURE"),
    ],
)
def test_what_the_brief_does_not_say_is_found(said: str, code: str) -> None:
    assert code in codes(said)


def test_an_invented_figure_is_p0_in_a_draft_and_p1_elsewhere() -> None:
    assert unsupported("投资9亿元", ALLOWED)[0].severity is Severity.P0
    assert unsupported("投资9亿元", ALLOWED, generated=False)[0].severity is Severity.P1


def test_spans_lie_in_the_text() -> None:
    text = "同志们，去年投资9亿元，增长20%。"
    for found in unsupported(text, ALLOWED):
        assert found.span is not None
        assert found.span.of(text) == found.fragment


@given(st.integers(min_value=2, max_value=9_999_999))
def test_ten_thousand_and_plain_writing_agree(number: int) -> None:
    plain = next(c for c in claims(f"{number}元"))
    in_wan = next(c for c in claims(f"{number / 10000:.4f}万元"))
    assert plain.value == in_wan.value


@given(st.text(alphabet="一二三四五六七八九十百千万亿点零", min_size=1, max_size=9))
def test_chinese_numerals_never_crash(numeral: str) -> None:
    value = chinese_number(numeral)
    assert value is None or value >= 0


@given(st.text(alphabet="同志们今年完成投资增长0123456789.%万亿元年月日，。“”《》（）第一二三", max_size=80))
def test_a_text_supports_itself(text: str) -> None:
    own = [f for f in unsupported(text, text) if f.code in {"G-FIGURE", "G-DATE", "G-DOC"}]
    assert own == []


def test_names_are_names() -> None:
    assert [c.text for c in persons("县委副书记、县长李建国同志主持会议，请局长陈明作说明")] == [
        "李建国",
        "陈明",
    ]
    assert persons("各位老领导、各位老同志，主任高度重视，书记要带头，任何同志都不例外，某镇刘某") == []
    assert [c.text for c in places("感谢合肥市和淮北的同志")] == ["合肥市", "淮北"]
    assert places("各位来宾阖家安康，我县平安县建设要长治久安，延安精神永放光芒") == []
    assert organisations("相关企业、龙头企业和县人民医院、中心小学都要参加") == []


def _brief(**more: object) -> Brief:
    return make_brief({"event": "全县防汛工作会议", "level": "县", "facts": ALLOWED.splitlines(), **more})


def test_the_ledger_names_the_source_of_every_claim() -> None:
    brief = _brief(materials=[{"name": "汇报材料", "text": "全县有水库47座。"}])
    context = make_context(
        "在全县防汛工作会议上的讲话\n\n同志们：\n\n全县有水库47座。投资9亿元。", brief=brief
    )
    rows = {r.claim.text: r for r in ledger(context)}
    row = rows["47座"]
    assert row.source == "汇报材料"
    assert row.span is not None
    assert row.span.of("全县有水库47座。") == "47座"
    assert row.sentence.of(context.text).strip() == "全县有水库47座。"
    assert rows["9亿元"].source == ""


def test_a_plan_must_not_become_a_result() -> None:
    brief = _brief()
    done = make_context("同志们：\n\n去年已建成泵站3座。", brief=brief, as_of=date(2026, 11, 20))
    planned = make_context("同志们：\n\n拟新建泵站3座。", brief=brief, as_of=date(2026, 11, 20))
    assert "G-STATE" in {f.code for f in check_facts(done)}
    assert "G-STATE" not in {f.code for f in check_facts(planned)}


def test_growth_must_fit_its_figures() -> None:
    assert arithmetic("产值从10亿元增加到12亿元，增长30%")
    assert not arithmetic("产值从10亿元增加到12亿元，增长20%")
    assert arithmetic("覆盖率从60%提高到75%，提高10个百分点")
