"""Sheets for readers who must not know who wrote what: a brief, its rubric, and drafts under letters."""

from __future__ import annotations

import itertools
import json
import random
import string
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rag_speech.errors import InputError
from rag_speech.evals.baselines import whole_task
from rag_speech.evals.cases import Case
from rag_speech.evals.drafts import DraftText
from rag_speech.evals.records import dump
from rag_speech.files import write_atomic
from rag_speech.prompts import Prompts

Mode = Literal["score", "pairs"]
FIRST, SECOND, TIE = "甲", "乙", "平"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: the case, and which draft stands under which letter (甲 and 乙 in pairs)."""

    name: str
    case: str
    drafts: Mapping[str, DraftText]
    rubric: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """What the readers must not see."""

    mode: Mode
    sheets: tuple[Sheet, ...]


def write_sheets(
    out: Path, drafts: Sequence[DraftText], cases: Mapping[str, Case], *, mode: Mode = "score", seed: int = 1
) -> Key:
    """Write a sheet and an empty answer form for each brief, or in mode ``pairs`` for each two systems of a brief.

    The key goes beside the folder, not into it: ``OUT.key.json``. Raises InputError when ``out`` is not empty, a
    draft is to no known case, or there is nothing to compare in pairs.
    """
    if out.exists() and any(out.iterdir()):
        raise InputError(f"{out} is not empty; give another folder, so that no answer is lost")
    by_case: dict[str, list[DraftText]] = defaultdict(list)
    for draft in drafts:
        if draft.case not in cases:
            raise InputError(f"There is a draft to {draft.case}, which is none of the cases")
        by_case[draft.case].append(draft)
    rng = random.Random(seed)
    sheets = []
    for case_id in sorted(by_case):
        for name, own in _sets(case_id, by_case[case_id], mode):
            rng.shuffle(own)
            letters = (FIRST, SECOND) if mode == "pairs" else string.ascii_uppercase
            if len(own) > len(letters):
                raise InputError(f"{case_id} has {len(own)} drafts; a sheet holds {len(letters)} at most")
            rubric = cases[case_id].rubric
            sheets.append(Sheet(name, case_id, dict(zip(letters, own, strict=False)), rubric))
    if not sheets:
        raise InputError("No brief has drafts of two systems: there are no pairs")
    key = Key(mode, tuple(sheets))
    prompts = Prompts.bundled()
    for sheet in sheets:
        write_atomic(out / f"{sheet.name}.md", _page(prompts, cases[sheet.case], sheet, mode))
        form = json.dumps(_form(sheet, mode), ensure_ascii=False, indent=1)
        write_atomic(out / f"{sheet.name}.json", form + "\n")
    write_atomic(key_path(out), dump(Key, key, indent=1))
    return key


def key_path(out: Path) -> Path:
    """Return where the key of the sheets in ``out`` lies."""
    return out.with_name(f"{out.name}.key.json")


def _sets(case: str, drafts: Sequence[DraftText], mode: Mode) -> list[tuple[str, list[DraftText]]]:
    if mode == "score":
        return [(case, list(drafts))]
    pairs = [p for p in itertools.combinations(drafts, 2) if p[0].system != p[1].system]
    return [(f"{case}-{n}", list(pair)) for n, pair in enumerate(pairs, 1)]


def _page(prompts: Prompts, case: Case, sheet: Sheet, mode: Mode) -> str:
    texts = {
        letter: "\n\n".join(line for line in draft.text.splitlines() if line.strip())
        for letter, draft in sheet.drafts.items()
    }
    return (
        prompts.render(
            "eval/sheet",
            pairs=mode == "pairs",
            heading=sheet.name,
            task=whole_task(prompts, case.brief),
            rubric=case.rubric,
            forbidden=case.forbidden,
            sense=case.forbidden_sense,
            drafts=texts,
        )
        + "\n"
    )


def _form(sheet: Sheet, mode: Mode) -> dict[str, Any]:
    head = {"sheet": sheet.name, "reader": "", "kind": "", "date": ""}
    if mode == "pairs":
        return {**head, "better": "", "reason": ""}
    empty = {
        "rubric": [{"met": None, "quote": ""} for _ in sheet.rubric],
        "violations": [],
        "hand_in": None,
        "score": None,
        "worst": "",
    }
    return {**head, "drafts": dict.fromkeys(sheet.drafts, empty)}
