"""Planted defects: every sheet can be applied, and the checks find the defects and leave the near misses alone."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from rag_speech.checks import check
from rag_speech.checks.registry import CHECKS

EVAL = Path(__file__).parents[2] / "eval"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_planted", EVAL / "score_planted.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["score_planted"] = module
    spec.loader.exec_module(module)
    return module


planted = _load()
SHEETS = planted.load_sheets(EVAL / "planted")
FAMILIES = set("SABCDEFGHIJKLPN")
"""Family T is planted in test_constraints.py: most of it needs a reading of the brief."""


def test_there_are_150_cases_over_all_families() -> None:
    codes = Counter(case.code for sheet in SHEETS for case in sheet.cases)
    assert sum(codes.values()) >= 150
    assert {code[0] for code in codes} >= FAMILIES
    assert max(codes.values()) <= sum(codes.values()) / 5


def test_every_finding_is_announced_in_the_registry() -> None:
    announced = {c.name: set(c.codes) for c in CHECKS}
    for sheet in SHEETS:
        for case in sheet.cases:
            report = check(
                planted.apply(sheet.base, case.defect),
                brief=sheet.brief,
                occasion=sheet.occasion,
                as_of=sheet.as_of,
                generated=case.generated,
            )
            for result in report.results:
                assert {f.code for f in result.findings} <= announced[result.check], case.name


def test_an_edit_must_apply_exactly_once() -> None:
    with pytest.raises(ValueError, match="stands 0 times"):
        planted.apply("甲", (planted.Edit("乙", "丙"),))
    with pytest.raises(ValueError, match="stands 2 times"):
        planted.apply("甲甲", (planted.Edit("甲", "丙"),))


def test_every_edit_changes_the_speech() -> None:
    for sheet in SHEETS:
        for case in sheet.cases:
            versions = {
                sheet.base,
                planted.apply(sheet.base, case.defect),
                planted.apply(sheet.base, case.near),
            }
            assert len(versions) == 3, case.name


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda s: s.name)
def test_clean_speeches_are_clean(sheet: object) -> None:
    assert planted.unclean(sheet) == []


def test_detection_and_false_alarms_reach_the_targets() -> None:
    verdicts = [v for sheet in SHEETS for v in planted.judge(sheet)]
    missed = [f"{v.case.code} {v.case.name}" for v in verdicts if not v.detected]
    alarms = [f"{v.case.code} {v.case.name}" for v in verdicts if v.false_alarm]
    assert 1 - len(missed) / len(verdicts) >= planted.DETECTION, missed
    assert len(alarms) / len(verdicts) <= planted.FALSE_ALARMS, alarms
