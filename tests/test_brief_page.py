"""The files that docs/BRIEF.md shows can be read, and would be drafted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from rag_speech import forms
from rag_speech.plan.planner import constraints_for, require_whole, usable_statements
from rag_speech.types import Assignment, Evidence, Plan

PAGE = Path(__file__).resolve().parent.parent / "docs" / "BRIEF.md"


def test_the_files_that_are_shown_are_those_that_the_stages_write() -> None:
    shown = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    kinds: tuple[type[Any], ...] = (Assignment, Evidence, Plan)
    for kind, block in zip(kinds, shown, strict=True):
        value = forms.read(kind, block, Path("shown.yaml"))
        assert forms.write(kind, value).partition("\n")[2] == block


def test_the_plan_that_is_shown_fits_the_other_two() -> None:
    shown = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    assignment = forms.read(Assignment, shown[0], Path("assignment.yaml"))
    evidence = forms.read(Evidence, shown[1], Path("evidence.yaml"))
    plan = forms.read(Plan, shown[2], Path("plan.yaml"))
    require_whole(plan, usable_statements(assignment, evidence), constraints_for(assignment, evidence))
    assert abs(sum(part.zi for part in plan.parts) / plan.target_zi - 1) < 0.05
