"""Running, scoring and repairing: crashes are data, the score is stable, repairs touch no fact."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag_speech.brief.brief import make_brief
from rag_speech.checks import check, registry, run
from rag_speech.checks.base import Check
from rag_speech.checks.fix import apply_fixes, fix_all, show_diff
from rag_speech.checks.registry import CHECKS
from rag_speech.errors import InputError, NotFoundError
from rag_speech.types import Finding, Outcome, Severity, Span
from tests.checks.sample import CLEAN

AS_OF = date(2026, 5, 20)


def test_an_empty_text_and_an_unknown_occasion_are_refused() -> None:
    with pytest.raises(InputError):
        check("  \n")
    with pytest.raises(NotFoundError):
        check(CLEAN, occasion="月球登陆")


def test_a_crashing_check_is_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_context: object) -> list[Finding]:
        raise RuntimeError("boom")

    monkeypatch.setattr(run, "CHECKS", (Check("broken", "S", (), broken), *CHECKS))
    report = check(CLEAN, as_of=AS_OF)
    assert report.results[0].outcome is Outcome.CRASHED
    assert report.results[0].reason == "RuntimeError: boom"
    assert len(report.results) == len(CHECKS) + 1


def test_only_and_exclude_take_names_and_families() -> None:
    assert {r.check for r in check(CLEAN, only=["D", "title"]).results} == {"placeholders", "title"}
    assert "title" not in {r.check for r in check(CLEAN, exclude=["S"]).results}


def test_names_are_unique_and_every_family_is_there() -> None:
    names = [c.name for c in CHECKS]
    assert len(names) == len(set(names))
    families = {c.family for c in registry.CHECKS}
    assert families >= set("SADEFGHIJKPNL")


def test_held_out_checks_are_of_style_and_cover_what_evaluation_reports_apart() -> None:
    assert set(registry.HELD_OUT) == {"series", "parallel", "cliche", "concrete", "numbers", "wording"}
    worst = "要毫不动摇的推进工作工作，一是抓学习。第二，抓1-7月份的投资。孟子讲天降大任于斯人也。\n"
    found = check(CLEAN.replace("入春以来", worst + "入春以来"), as_of=AS_OF, only=registry.HELD_OUT).findings
    assert found
    assert all(f.severity >= Severity.P2 for f in found)


def test_the_same_text_has_the_same_score_and_it_adds_up() -> None:
    first, second = (check(CLEAN, as_of=AS_OF) for _ in range(2))
    assert first.score == second.score
    assert [b.full for b in first.score.blocks] == [40, 25, 20, 10, 5]
    assert first.score.total == pytest.approx(sum(b.points for b in first.score.blocks))
    assert (first.verdict, first.form_only) == ("FORM", True)


def test_a_p0_closes_the_gate() -> None:
    report = check(CLEAN + "以下是讲话稿：\n", as_of=AS_OF)
    assert report.verdict == "REJECT"
    assert report.score.total <= 40


def test_a_p1_in_politics_is_no_pass() -> None:
    report = check(
        CLEAN.replace("汛期实行", "与县委、县政府保持高度一致，党中央有要求。汛期实行"), as_of=AS_OF
    )
    assert report.verdict != "PASS"


def test_used_facts_count() -> None:
    def points(fact: str) -> float:
        brief = make_brief({"event": "栖岭县防汛工作会议", "facts": [fact], "date": AS_OF})
        blocks = check(CLEAN, brief=brief).score.blocks
        return next(b.points for b in blocks if b.name == "事实依据")

    assert points("汛期实行领导带班，值班人员不得离岗") == 20
    assert points("新建泵站47座") == 12


def _digits(text: str) -> str:
    """Return the digits, with the 0 that a decimal may lack (.5% and 0.5% are one figure)."""
    return re.sub(r"[^0-9]", "", re.sub(r"(?<!\d)\.(?=\d)", "0.", text))


WORDS = st.text(alphabet="同志们要抓落实,;:!()、“”。\n 一二三1234.年月%-～的地在一是二是（）", max_size=90)


@settings(max_examples=60)
@given(WORDS.filter(lambda t: t.strip()))
def test_repairs_are_idempotent_keep_figures_and_never_crash(text: str) -> None:
    def find(current: str) -> tuple[Finding, ...]:
        return check(current, as_of=AS_OF).findings if current.strip() else ()

    report = check(text, as_of=AS_OF)
    assert all(r.outcome is not Outcome.CRASHED for r in report.results)
    assert all(f.span is None or f.span.of(text) == f.fragment for f in report.findings)
    fixed = fix_all(text, find)
    assert fix_all(fixed.text, find).text == fixed.text
    assert _digits(fixed.text) == _digits(text)


def test_repairs_are_shown_by_clause() -> None:
    text = "任务重,时间紧。\n1、抓落实。"
    at = text.index(",")
    comma = Finding("P-HALF", Severity.P3, Span(at, at + 1), ",", "半角", fix="，")
    figure = Finding("X-BAD", Severity.P0, Span(9, 10), "1", "改数", fix="2")
    done = apply_fixes(text, [comma, figure, replace(comma, severity=Severity.P2, fix="、")])
    assert done.text == "任务重、时间紧。\n1、抓落实。"
    assert show_diff("任务重,时间紧。", "任务重，时间紧。") == "- 任务重,\n+ 任务重，"


@pytest.mark.parametrize(
    "piece",
    ["一", "，", "“", "《", "1", "X", "a.", "一是", "二、", "（一）", "1.", "同志", "与高度一致", "指出：“", "进京赴省",
     "全国", "有限公司", "- a", "下面讲", "从1增加到", "一、要抓落实\n", " ", "为期", "- ", "……",
     "十", "一二", "十三年", "百分之", "今年1至", "日前，", "县", "云岭乡", "同志说过：", "说：“要高度重视。”", "六成"],
)  # fmt: skip
def test_hostile_repeats_stay_linear(piece: str) -> None:
    # The processor's time, not the clock's: other programs on the machine are no fault of the checks.
    size = 60_000
    start = time.process_time()
    brief = make_brief({"event": "栖岭县防汛工作会议", "date": AS_OF, "facts": ["立案五十七件"]})
    check(piece * (size // len(piece)) + "字", as_of=AS_OF, brief=brief if len(piece) > 1 else None)
    assert time.process_time() - start < 3.0
