"""The bundled cases cover what they must, and say nothing that their briefs cannot support."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from rag_speech.brief.occasions import occasions
from rag_speech.errors import InputError
from rag_speech.evals.cases import Case, choose, load_cases
from rag_speech.evals.suite import cases_of, load_suite
from rag_speech.types import Stages
from rag_speech.zh.text import count_zi

EVAL = Path(__file__).parents[2] / "eval"
CASES = load_cases([EVAL / "cases"])


def test_there_are_forty_cases_over_all_occasions() -> None:
    assert len(CASES) >= 40
    assert {c.occasion for c in CASES} == {o.id for o in occasions().values() if not o.stands_in}


@pytest.mark.parametrize(
    "tag",
    ["facts", "contradiction", "no_facts", "long_material", "free_text", "short", "long", "other_place",
     "old_slogans", "hostile", "quote"],
)  # fmt: skip
def test_every_difficulty_is_there(tag: str) -> None:
    assert [c for c in CASES if tag in c.tags]


def test_a_long_material_has_ten_thousand_zi() -> None:
    assert max(count_zi(m.text) for c in CASES for m in c.brief.materials) >= 10_000


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.id)
def test_expectations_can_be_met_from_the_brief(case: Case) -> None:
    own = case.brief.own_text
    for entry in case.expect.must_include:
        assert any(one in own for one in entry.split("|")), entry
    for quote in case.expect.quotes:
        assert quote in own
    for entry in case.expect.must_not_include:
        assert not any(one in own for one in entry.split("|")), entry
    if "no_facts" in case.tags:
        assert not case.brief.facts and not case.brief.materials


def test_the_unseen_briefs_are_on_subjects_of_their_own() -> None:
    unseen = cases_of(load_suite(EVAL / "suites" / "unseen.yaml"))
    assert len(unseen) >= 14 and not {c.id for c in unseen} & {c.id for c in CASES}
    assert all(c.brief.facts and c.brief.points and c.occasion for c in unseen)


def test_the_noisy_briefs_come_with_what_readers_need() -> None:
    noisy = cases_of(load_suite(EVAL / "suites" / "noisy.yaml"))
    assert [c.id for c in noisy] == [f"D{n:02}" for n in range(1, 29)]
    for case in noisy:
        brief = case.brief
        assert len(case.rubric) == 5 and case.forbidden and case.forbidden_sense and case.trap
        assert brief.points and brief.facts and brief.words and brief.minutes and brief.speaker
        assert not {m.name for m in brief.materials} & {"", "材料"} and all(m.text for m in brief.materials)
        assert len({m.name for m in brief.materials}) == len(brief.materials)
    assert sum(bool(c.brief.materials) for c in noisy) == 26
    assert any(c.brief.may_use for c in noisy)


def test_ablations_follow_the_stages_of_the_pipeline() -> None:
    suite = load_suite(EVAL / "suites" / "ablations.yaml")
    assert [s.without for s in suite.systems] == [(), *((f.name,) for f in fields(Stages))]
    assert len(cases_of(suite)) == 8


@pytest.mark.parametrize("name", ["smoke", "core"])
def test_the_suites_load(name: str) -> None:
    suite = load_suite(EVAL / "suites" / f"{name}.yaml")
    assert len(cases_of(suite)) == (6 if name == "smoke" else len(CASES))
    first = cases_of(suite, limit=4)
    assert len(first) == 4
    if suite.select.first:
        assert [c.id for c in first] == list(suite.select.first[:4])


def test_a_bare_brief_is_a_case(tmp_path: Path) -> None:
    brief = {"event": "全县防汛工作会议", "minutes": 5}
    (tmp_path / "flood.json").write_text(json.dumps(brief), "utf-8")
    (tmp_path / "two.yaml").write_text("- event: 开班式\n- {id: x, brief: {event: 结业式}}\n", "utf-8")
    assert [c.id for c in load_cases([tmp_path])] == ["flood", "two-1", "x"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1", "must be a mapping"),
        ("event: 会\nminuts: 3", "did you mean 'minutes'"),
        ("{id: a, brief: {event: 会}, expects: {}}", "expects"),
        ("[{id: a, brief: {event: 会}}, {id: a, brief: {event: 会}}]", "an id of its own"),
        ("a: [", "not valid"),
        ("{id: a/b, brief: {event: 会}}", "id"),
    ],
)
def test_what_is_no_case_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=message):
        load_cases([path])


def test_choosing_an_unknown_case_names_the_known_ones() -> None:
    with pytest.raises(InputError, match="flood-facts"):
        choose(CASES, ids=["floods"])
    with pytest.raises(InputError, match="does not exist"):
        load_cases([Path("nowhere")])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("systems: [{name: a}, {name: a}]", "same name"),
        ("systems: [{name: a, kind: plain_rag, without: [retrieval]}]", "belongs to the pipeline"),
        ("systems: [{name: a}]\nthresholds: [{metric: scores, min: 1}]", "Unknown metric"),
        ("systems: [{name: a}]\nthresholds: [{metric: score}]", "needs min or max"),
        ("systems: [{name: a}]\nthresholds: [{metric: score, system: b, min: 1}]", "names no system"),
        ("systems: [{name: a}]\nthresholds: [{metric: retrieval.mrr, min: 1}]", "labelled queries"),
        ("systems: [{name: a}]\nsystem: 1", "system"),
        ("systems: [{name: a, without: [luck]}]", "no stage 'luck'; it has: "),
    ],
)
def test_a_bad_suite_is_refused(tmp_path: Path, change: str, message: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(f"name: s\ncases: [c]\n{change}\n", "utf-8")
    with pytest.raises(InputError, match=message):
        load_suite(path)
