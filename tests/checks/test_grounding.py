"""Every figure, name and quotation has a source; the normal forms agree."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.brief.brief import Brief, make_brief
from rag_speech.checks.consistency import arithmetic, check_consistency
from rag_speech.checks.grounding import check_facts, check_quotes, ledger, unsupported
from rag_speech.checks.run import make_context
from rag_speech.types import Severity
from rag_speech.zh.claims import claims
from rag_speech.zh.han_figures import chinese_number
from rag_speech.zh.names import organisations, persons, places

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
    assert "G-STATE" in {f.code for f in check_consistency(done)}
    assert "G-STATE" not in {f.code for f in check_consistency(planned)}


def test_growth_must_fit_its_figures() -> None:
    assert arithmetic("产值从10亿元增加到12亿元，增长30%")
    assert not arithmetic("产值从10亿元增加到12亿元，增长20%")
    assert arithmetic("覆盖率从60%提高到75%，提高10个百分点")


@pytest.mark.parametrize(
    ("said", "value", "unit"),
    [
        ("征集诉求四十三件", "43", "个"),
        ("前后十三年", "13", "年"),
        ("投入三百二十万元", "3200000", "元"),
        ("完成了百分之三十", "30", "%"),
        ("松林占六成。", "60", "%"),
        ("开了三十六门课", "36", "个"),
        ("雨量超过两百毫米", "200", "毫米"),
        ("督察交办十六个问题", "16", "个"),
        ("过了一百零六亿元", "10600000000", "元"),
        ("二百一十五公里农村公路", "215", "公里"),
    ],
)
def test_a_figure_in_chinese_numerals_is_a_fact(said: str, value: str, unit: str) -> None:
    assert [(c.value, c.unit) for c in claims(said)] == [(Decimal(value), unit)]
    assert codes(said, "没有数字的任务书") == {"G-FIGURE"}


@pytest.mark.parametrize(
    "said",
    [
        "讲三点意见，做好三件事，坚持两个结合，分十个方面",
        "一件件落实，一户一户走，三天两头往上跑，一个一个过",
        "办了三四年，走访两三家企业，二三十个人，十七八个村",
        "百年大计，千年古城，一百个放心，一万年太久，十年磨一剑",
        "改革开放四十多年来，中华民族五千年文明",
        "第四十二个教师节，第十五个五年规划，二十届四中全会，八十年代",
        "十六字方针，十四个坚持，十个明确，百分之百满意，十分重视",
        "十几个村，几十个项目，数十年如一日，上百家单位，成百上千件",
        "五十六个民族一家亲，二十四小时值班",
    ],
)
def test_rhetorical_numbers_are_no_facts(said: str) -> None:
    assert codes(said, "没有数字的任务书") == set()


@pytest.mark.parametrize(
    ("said", "brief"),
    [
        ("已销号9个", "已销号九个"),
        ("建成七处", "建成7处"),
        ("6月20日前转移", "20日18时前完成转移"),
        ("产值过了一百亿元", "去年产值106亿元"),
        ("松林占60%", "松林占六成"),
        ("2026年11月底前完成", "11月底前完成"),
    ],
)
def test_the_brief_may_write_the_same_figure_differently(said: str, brief: str) -> None:
    day = date(2026, 6, 18) if "20日" in brief else date(2026, 11, 20)
    assert unsupported(said, brief, as_of=day) == []


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("云岭乡和鹿坪乡是重点防区。", "鹿坪乡"),
        ("要学习椿澜市的做法。", "椿澜市"),
        ("鹭东镇的教训就在眼前。", "鹭东镇"),
        ("河西县的经验值得学。", "河西县"),
    ],
)
def test_another_place_that_no_gazetteer_has_is_found(said: str, name: str) -> None:
    found = [f for f in unsupported(said, "栖岭县防汛工作会议，云岭乡是重点防区") if f.code == "G-NAME"]
    assert [f.fragment for f in found] == [name]
    weak = name == "河西县"
    assert found[0].severity is (Severity.P1 if weak else Severity.P0)


@pytest.mark.parametrize(
    "said",
    [
        "云岭乡、横溪镇的同志辛苦了。",
        "各县区、各乡镇、全县各村都要行动，县委、县政府已有部署。",
        "隆重举行澜江市办公室培训班。",
        "我代表县委、县政府，向贫困县、农业县、兄弟县的同志问好。",
        "老年大学借县职教中心的教室上课，不准私分村级资产，边翻县志边看。",
        "沿河村庄、受益村民、自然村、行政村、中心镇、重点镇、水乡、家乡。",
    ],
)
def test_own_places_and_kinds_of_places_are_no_other_place(said: str) -> None:
    brief = "澜江市，栖岭县，云岭乡，横溪、大坳两个镇"
    assert [f.fragment for f in unsupported(said, brief) if f.code == "G-NAME"] == []


def test_the_rest_of_two_briefed_counts_is_supported() -> None:
    brief = "征集诉求四十三件，已办结三十一件"
    assert unsupported("征集四十三件，办结三十一件，没办结的十二件。", brief) == []
    assert codes("征集四十三件，办结三十一件，没办结的十四件。", brief) == {"G-FIGURE"}


def test_a_planned_year_is_not_done() -> None:
    brief = make_brief(
        {"event": "电站开工仪式", "date": date(2026, 3, 28), "facts": ["首台机组计划2030年投产"]}
    )
    done = make_context("要抓好质量，首台机组2030年已经顺利投产。", brief=brief)
    assert "G-STATE" in {f.code for f in check_consistency(done)}
    planned = make_context("要抓好质量，力争2030年首台机组投产。", brief=brief)
    assert [*check_facts(planned), *check_consistency(planned)] == []


def test_quotations_from_an_own_paper_or_of_a_few_words() -> None:
    own = "班子对照检查材料里写道：“有的同志坐机关多、下基层少，听汇报多。”这句话要记住。"
    assert [f.severity for f in check_quotes(make_context(own))] == [Severity.P3]
    assert check_quotes(make_context("毛泽东同志说过：“为人民服务。”")) == []
    assert check_quotes(make_context("毛泽东同志讲：“我们共产党人好比种子，人民好比土地。”")) == []
