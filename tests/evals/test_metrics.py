"""Metrics of one draft."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag_speech.embed.hashing import HashEmbedder
from rag_speech.evals.cases import Case, Expect
from rag_speech.evals.metrics import (
    cost,
    drift,
    forbidden,
    leaked,
    length_score,
    makes_point,
    measure,
    repetition,
    sameness,
    unmet,
    uses_fact,
)
from rag_speech.evals.suite import Prices
from rag_speech.types import Exemplar, Role, Usage

CASE = Case(
    id="c",
    brief={
        "event": "榆泉县防汛工作会议",
        "place": "榆泉县",
        "facts": ["全县有小型水库52座"],
        "points": ["值班值守"],
    },  # type: ignore[arg-type]
)
TEXT = "在榆泉县防汛工作会议上的讲话\n同志们：\n今天开会。全县有小型水库52座，一座一座都要看住。\n一、值班值守要到人\n夜里有人接电话。"


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    return HashEmbedder().embed(texts, "query")


@pytest.mark.parametrize(
    ("target", "chars", "score"),
    [(1000, 1000, 100), (1000, 2500, 50), (1000, 4000, 0), (1000, 500, 50), (900, 300, 0), (1000, 0, 0)],
)
def test_length_score_is_the_published_formula(target: int, chars: int, score: float) -> None:
    assert length_score(target, chars) == pytest.approx(score)


@given(st.integers(200, 9000), st.integers(0, 40_000), st.integers(1, 500))
def test_length_score_falls_with_the_distance(target: int, chars: int, step: int) -> None:
    further = chars + step if chars >= target else max(0, chars - step)
    assert 0 <= length_score(target, further) <= length_score(target, chars) <= 100


def test_a_fact_is_used_when_its_figures_stand_near_its_words() -> None:
    fact = "转移群众213人，用了近3个小时"
    assert uses_fact("去年石澜乡转移群众213人。前后用了近3个小时，太慢。", fact)
    assert not uses_fact("去年石澜乡转移群众231人，用了近3个小时。", fact)
    assert not uses_fact("全县有213人参加培训，课程安排3个小时。", fact)
    far = "转移群众213人。" + "天黑路滑。" * 4 + "用了近3个小时。"
    assert not uses_fact(far, fact)


def test_a_fact_without_figures_needs_its_words() -> None:
    fact = "请假由县委组织部批准"
    assert uses_fact("学习期间请假，一律由县委组织部批准。", fact)
    assert not uses_fact("学习期间要遵守纪律。", fact)


def test_a_point_is_made_by_a_paragraph_or_its_heading() -> None:
    assert makes_point("一、严守值班纪律\n夜里电话要有人接。", "严守值班纪律")
    assert not makes_point("一、压实责任\n各单位要抓好落实。", "严守值班纪律")
    assert makes_point("栗坪的区位不差，产业也有底子，竹、油、茶样样都有基础。", "区位和产业基础")
    assert not makes_point("欢迎各位来看一看，走一走。", "区位和产业基础")


def test_unmet_expectations_are_named() -> None:
    expect = Expect(
        must_include=("126名|126人", "43件"),
        must_not_include=("亲爱的",),
        quotes=("欠的总要还。",),
        points=("值班", "公文"),
    )
    missed = unmet("亲爱的同志们，126人参加，值班要紧。欠的总是要还。", expect)
    assert missed == ["缺少“43件”", "引语不是原话：“欠的总要还。”", "要点没有讲到：公文", "出现了“亲爱的”"]


def test_leaks_are_what_only_the_exemplar_can_have_lent() -> None:
    exemplar = Exemplar("x", "s", Role.POINT, "", "葭渚县有116处隐患点，742户人家。", 1.0)
    text = "全县有小型水库52座，742户人家住在沟口，另有88处险段。葭渚县也一样。"
    assert leaked(text, CASE, [exemplar], ["葭渚县"]) == ["742户", "葭渚县"]
    assert leaked("全县有小型水库52座。", CASE, [exemplar], ["葭渚县"]) == []


def test_repetition_counts_runs_that_stood_before() -> None:
    once = "各乡镇要把责任压实到具体岗位。"
    assert repetition(once) == 0
    assert repetition(f"{once}\n{once}") == pytest.approx(0.5)
    assert repetition(f"{once}\n{once}", allowed=once) == 0
    assert repetition("") == 0


def test_drift_is_smaller_on_the_topic() -> None:
    near = "防汛工作会议强调，全县小型水库52座都要有人值班值守，水库责任人要上坝巡查，不能走过场。"
    far = "文化节的舞台上灯光璀璨，歌声飞扬，来自各地的艺术家为观众献上了精彩的演出，掌声经久不息。"
    on, off = drift(near, CASE, embed), drift(far, CASE, embed)
    assert on is not None and off is not None and on < off
    assert drift("短。", CASE, embed) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("错了97件", True),
        ("错了197件", False),
        ("错了9.97件", False),
        ("错了 97 件", True),
        ("水位40.96米", False),
        ("共1204.35毫米", False),
        ("共1204.3毫米", True),
    ],
)
def test_a_forbidden_figure_is_not_a_part_of_another(text: str, found: bool) -> None:
    assert bool(forbidden(text, ["97件", "1204.3"])) == found


def test_what_must_not_be_said_is_measured_and_named() -> None:
    case = Case(id="c", brief=CASE.brief, must_not=("52座", "烈士", "语义：许诺"))
    assert (case.forbidden, case.forbidden_sense) == (("52座", "烈士"), ("许诺",))
    measured = measure(TEXT, case, embed=embed)
    assert measured.metrics["must_not"] == 1 and "出现了“52座”" in measured.missed
    assert measure(TEXT, CASE, embed=embed).metrics["must_not"] is None
    assert sum(b.full for b in measured.blocks) >= 100


def test_sameness_is_what_other_cases_have_too() -> None:
    stock = "把责任压实到每一个具体岗位和人头上"
    texts = {
        "a": f"{stock}。水库要有人看守到天亮为止。",
        "b": f"{stock}。",
        "c": "全新的一句话，谁也没有说过，只在这里出现。",
    }
    found = sameness(texts, dict.fromkeys(texts, ""))
    assert found["b"] == 1 and found["c"] == 0 and 0 < (found["a"] or 0) < 1
    assert sameness(texts, {**dict.fromkeys(texts, ""), "a": stock})["a"] == 0, "the brief's own words"
    assert sameness({"a": stock}, {"a": ""}) == {"a": None}


def test_cost_counts_cached_tokens_at_their_own_price() -> None:
    usage = Usage(1, prompt_tokens=1_000_000, cached_tokens=400_000, completion_tokens=500_000)
    assert cost(usage, Prices(prompt=2, cached=0.5, completion=8)) == pytest.approx(1.2 + 0.2 + 4)


def test_measure_gives_every_metric_of_a_draft() -> None:
    from rag_speech.evals.catalogue import METRICS

    measured = measure(TEXT, CASE, embed=embed)
    assert set(measured.metrics) == {m.name for m in METRICS.values() if m.draft}
    assert measured.metrics["facts"] == 1 and measured.metrics["points"] == 1
    assert measured.metrics["expected"] is None, "a case without expectations has none to meet"
    assert 0 <= (measured.metrics["held_out"] or 0) <= 1
    assert set(measured.checks.values()) <= {"pass", "fail", "not_applicable"}
