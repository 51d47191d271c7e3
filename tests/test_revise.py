"""Revision: what is taken out, added and trimmed, and that nothing of the brief is lost by it."""

from __future__ import annotations

from rag_speech.compose import cards_of
from rag_speech.revise import Rank, extra_cards, faulty_cards, trimmed, without_faults
from rag_speech.types import Card, Fact, Finding, Plan, Role, SectionPlan, Severity
from rag_speech.zh.text import count_zi

FACT = Fact("b1", "全县有小型水库52座")


def _card(id_: str, chars: int = 150, **fields: object) -> Card:
    return Card(id_, Role.POINT, "加强巡查", "巡查的做法", chars, **fields)  # type: ignore[arg-type]


def _plan(*sections: SectionPlan, target: int = 1000) -> Plan:
    return Plan("讲话", (), "同志们：", "", (), "", sections, (), "", "", target, (FACT,))


def _finding(fragment: str, severity: Severity = Severity.P1) -> Finding:
    return Finding("G-FIGURE", severity, None, fragment, "数字没有依据")


def test_further_paragraphs_have_ids_of_their_own_behind_a_hosts_script() -> None:
    script = SectionPlan("", (_card("agenda.1", 0, fixed=True),))
    plan = _plan(script, SectionPlan("", (_card("1.1"),)), SectionPlan("", (_card("2.1"), _card("2.2"))))
    longer = extra_cards(plan, {}, 100, lambda section, number: f"第{number}段")
    ids = [c.id for c in cards_of(longer)]
    assert len(ids) == len(set(ids)) > 4
    assert longer.sections[0] == script


def test_a_draft_that_is_long_enough_gets_no_further_paragraph() -> None:
    plan = _plan(SectionPlan("", (_card("1.1"),)))
    assert extra_cards(plan, {}, 980, lambda section, number: "") is plan


def test_a_sentence_with_a_finding_goes_with_what_leans_on_it() -> None:
    text = "各村要逐座查看水库。去年查出隐患71处。这些隐患都要改正。夜里也要有人。"
    assert without_faults(text, [_finding("71处")], ()) == "各村要逐座查看水库。夜里也要有人。"


def test_a_fact_of_the_brief_stays_though_a_finding_touches_it() -> None:
    text = "全县有小型水库52座。夜里也要有人。"
    assert without_faults(text, [_finding("52座")], [FACT]) == text


def test_findings_of_style_alone_change_nothing() -> None:
    assert faulty_cards({"1.1": "夜里也要有人。"}, [_finding("夜里", Severity.P3)]) == {}
    assert list(faulty_cards({"1.1": "夜里也要有人。"}, [_finding("夜里")])) == ["1.1"]


def test_trimming_takes_last_sentences_and_no_fact() -> None:
    more = "巡查的人要走到坝头，看清楚了再往回走。夜里要有人听雨，听见雨大了就打电话。"
    texts = {"1.1": more + "全县有小型水库52座。", "1.2": more * 3}
    plan = _plan(SectionPlan("", (_card("1.1", 20, facts=("b1",)), _card("1.2", 40))), target=80)
    out = trimmed(plan, texts, sum(map(count_zi, texts.values())), {"b1": FACT})
    assert out["1.1"] == texts["1.1"]
    assert texts["1.2"].startswith(out["1.2"]) and len(out["1.2"]) < len(texts["1.2"])


def test_a_whole_row_goes_before_the_end_of_one() -> None:
    row = "值班看着平常，难在长久。人容易觉得少守一会儿也没关系。真出了事，差的就是这一会儿。"
    texts = {"1.1": row * 3, "1.2": row, "1.3": row.replace("值班", "巡查")}
    led = [_card(i, 40, lead=t) for i, t in texts.items()]
    plan = _plan(SectionPlan("", tuple(led)), target=160)
    out = trimmed(plan, texts, sum(map(count_zi, texts.values())), {})
    assert out == {k: t for k, t in texts.items() if k != "1.2"}


def test_what_is_left_ends_as_a_sentence_ends() -> None:
    text = "安排生产先问安全。这句话问在前面，安排就会不一样；问在后面，就只剩下补救。大家都要记住。"
    plan = _plan(SectionPlan("", (_card("1.1", 20),)), target=15)
    assert trimmed(plan, {"1.1": text}, count_zi(text), {})["1.1"].endswith("。")
    left = without_faults(text, [_finding("就只剩下补救"), _finding("大家都要记住")], [])
    assert left.endswith("。") and "补救" not in left


def test_a_draft_ranks_by_its_worst_findings_first() -> None:
    short = Rank.of([_finding("夜里", Severity.P2)], 700, 1000)
    wrong = Rank.of([_finding("71处", Severity.P0)], 1000, 1000)
    assert short < wrong
    assert Rank.of([], 1000, 1000) < short
