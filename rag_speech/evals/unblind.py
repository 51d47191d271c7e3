"""Reads what readers filled in, refuses what is no answer, and says who wrote what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag_speech.errors import InputError
from rag_speech.evals.blind import FIRST, SECOND, TIE, Key, Sheet
from rag_speech.evals.cases import sentence
from rag_speech.evals.drafts import DraftText
from rag_speech.evals.readings import Preference, Reading, stands
from rag_speech.evals.records import Item, Violation

_BETTER: dict[str, Literal["first", "second", "tie"]] = {FIRST: "first", SECOND: "second", TIE: "tie"}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Item(_Strict):
    met: bool
    quote: str = ""


class _Violation(_Strict):
    rule: Annotated[str, Field(min_length=1)]
    quote: Annotated[str, Field(min_length=1)]


class _Draft(_Strict):
    rubric: tuple[_Item, ...]
    violations: tuple[_Violation, ...]
    hand_in: bool
    score: Annotated[float, Field(ge=0, le=100)]
    worst: str


class _Form(_Strict):
    sheet: str
    reader: Annotated[str, Field(min_length=1)]
    kind: Literal["person", "model"]
    date: date


class _Scores(_Form):
    drafts: dict[str, _Draft]


class _Pair(_Form):
    better: Literal["甲", "乙", "平"]
    reason: str = ""


def read_answers(key: Key, paths: Sequence[Path]) -> tuple[list[Reading], list[Preference], list[DraftText]]:
    """Return what the forms in ``paths`` (files, or folders of them) say, and the drafts that were read.

    Forms that nobody filled in are left out. Raises InputError: a sentence for each thing that is wrong.
    """
    sheets = {s.name: s for s in key.sheets}
    readings: list[Reading] = []
    preferences: list[Preference] = []
    drafts: dict[str, DraftText] = {}
    wrong: list[str] = []
    for path, data in _forms(paths):
        if not isinstance(data, dict) or data.get("sheet") not in sheets:
            wrong.append(f"{path}: 'sheet' names none of the sheets of this key")
            continue
        if _empty(data):
            continue
        sheet = sheets[data["sheet"]]
        try:
            if key.mode == "pairs":
                preferences.append(_preference(sheet, _Pair.model_validate(data)))
            else:
                readings += _readings(sheet, _Scores.model_validate(data))
        except ValidationError as error:
            wrong.append(f"{path}, sheet {sheet.name}: {sentence(error)}")
        except InputError as error:
            wrong.append(f"{path}, sheet {sheet.name}: {error}")
        drafts |= {d.id: d for d in sheet.drafts.values()}
    if wrong:
        raise InputError("\n".join(wrong))
    if not readings and not preferences:
        raise InputError(f"No form in {', '.join(map(str, paths))} is filled in")
    return readings, preferences, list(drafts.values())


def _forms(paths: Sequence[Path]) -> list[tuple[Path, Any]]:
    out: list[tuple[Path, Any]] = []
    for path in paths:
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
        for file in files:
            try:
                data = json.loads(file.read_text("utf-8-sig"))
            except OSError as error:
                raise InputError(f"{file} cannot be read: {error.strerror}") from error
            except ValueError as error:
                raise InputError(f"{file} is not JSON: {error}") from error
            out += [(file, one) for one in (data if isinstance(data, list) else [data])]
    return out


def _empty(data: dict[str, Any]) -> bool:
    drafts = data.get("drafts")
    if not isinstance(drafts, dict):
        return not data.get("better") and not data.get("reader")
    return all(
        isinstance(d, dict) and d.get("score") is None and d.get("hand_in") is None for d in drafts.values()
    )


def _readings(sheet: Sheet, form: _Scores) -> list[Reading]:
    if form.drafts.keys() != sheet.drafts.keys():
        raise InputError(
            f"it has drafts {', '.join(sheet.drafts)}, the answers are on {', '.join(form.drafts)}"
        )
    wrong = [w for letter, said in form.drafts.items() for w in _wrong(letter, said, sheet)]
    if wrong:
        raise InputError("; ".join(wrong))
    out = []
    for letter, said in form.drafts.items():
        draft = sheet.drafts[letter]
        out.append(
            Reading(
                draft=draft.id,
                system=draft.system,
                brief=sheet.case,
                reader=form.reader,
                kind=form.kind,
                rubric=tuple(Item(i.met, i.quote) for i in said.rubric),
                violations=tuple(Violation(v.rule, v.quote) for v in said.violations),
                hand_in=said.hand_in,
                score=said.score,
                worst=said.worst,
                date=form.date.isoformat(),
                commit=draft.commit,
            )
        )
    return out


def _wrong(letter: str, said: _Draft, sheet: Sheet) -> list[str]:
    text = sheet.drafts[letter].text
    if len(said.rubric) != len(sheet.rubric):
        return [f"draft {letter}: the rubric has {len(sheet.rubric)} items, {len(said.rubric)} are answered"]
    out = []
    for number, item in enumerate(said.rubric, 1):
        if item.met and not item.quote:
            out.append(f"draft {letter}, item {number}: is met, but no sentence is quoted")
        elif item.quote and not stands(item.quote, text):
            out.append(f"draft {letter}, item {number}: {item.quote[:40]!r} does not stand in the draft")
    for violation in said.violations:
        if not stands(violation.quote, text):
            out.append(f"draft {letter}, violation: {violation.quote[:40]!r} does not stand in the draft")
    if said.worst and not stands(said.worst, text):
        out.append(f"draft {letter}, worst sentence: {said.worst[:40]!r} does not stand in the draft")
    return out


def _preference(sheet: Sheet, form: _Pair) -> Preference:
    first, second = sheet.drafts[FIRST], sheet.drafts[SECOND]
    return Preference(
        brief=sheet.case,
        first=first.id,
        first_system=first.system,
        second=second.id,
        second_system=second.system,
        better=_BETTER[form.better],
        reason=form.reason,
        reader=form.reader,
        kind=form.kind,
        date=form.date.isoformat(),
    )
