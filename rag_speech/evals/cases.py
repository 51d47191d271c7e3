"""Evaluation cases: a brief, what is expected of the draft, and tags."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
)

from rag_speech.brief.brief import Brief, make_brief
from rag_speech.errors import BriefError, InputError
from rag_speech.evals.records import CASES

SUFFIXES = {".yaml", ".yml", ".json"}
MEANT = "语义："
"""Begins a must-not that a reader judges; the others are strings."""
Entry = Annotated[str, Field(min_length=1), AfterValidator(str.strip)]


class Expect(BaseModel):
    """What a draft must and must not say. ``a|b`` in an entry means that either will do.

    ``quotes`` must stand word for word. ``points`` are the words by which a point counts as made. The pipeline
    never sees any of this.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    must_include: tuple[str, ...] = ()
    must_not_include: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


class Case(BaseModel):
    """One evaluation case. ``brief`` is what the draft is scored against.

    With ``request`` the systems get these free words instead of the brief. For readers, people and models, there
    are ``rubric`` (what the draft must bring), ``must_not`` (strings that it must not hold, and, after ``语义：``,
    what it must not say in any words) and ``trap`` (what the brief tempts to). No system sees these.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[\w.-]{1,60}$")]
    brief: Brief
    request: str = ""
    tags: tuple[str, ...] = ()
    expect: Expect = Expect()
    rubric: tuple[Entry, ...] = ()
    must_not: tuple[Entry, ...] = ()
    trap: str = ""

    @field_validator("tags", mode="before")
    @classmethod
    def _one_string_is_a_list_of_one(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @property
    def forbidden(self) -> tuple[str, ...]:
        """The strings that a draft must not hold."""
        return tuple(e for e in self.must_not if not e.startswith(MEANT))

    @property
    def forbidden_sense(self) -> tuple[str, ...]:
        """What a draft must not say in any words: for readers."""
        return tuple(e.removeprefix(MEANT) for e in self.must_not if e.startswith(MEANT))

    @property
    def occasion(self) -> str:
        """The occasion's id."""
        return self.brief.resolved_occasion.id

    @property
    def allowed(self) -> str:
        """All text whose figures and names the draft may use."""
        return "\n".join([self.brief.own_text, *(m.text for m in self.brief.materials)])


def load_cases(paths: Iterable[Path]) -> tuple[Case, ...]:
    """Read cases from YAML or JSON files, or from all such files of a folder, by name.

    A file holds one case or brief, a list of them, or a mapping with ``cases``. A bare brief becomes a case
    without expectations, named after its file. Raises InputError naming the file for anything else.
    """
    cases = [case for path in paths for file in _files(path) for case in _cases_of(file)]
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise InputError(f"Two cases are named {case.id!r}; every case needs an id of its own")
        seen.add(case.id)
    if not cases:
        raise InputError(f"No cases in {', '.join(map(str, paths)) or 'an empty list of paths'}")
    return tuple(cases)


def cases_of_run(folder: Path, given: Iterable[Case] = ()) -> dict[str, Case]:
    """Return a run's cases by id: those that it left in its folder, with the ``given`` ones of the same id over them.

    A run that was kept has its rows only; then all are taken from ``given``. Raises InputError when there are none.
    """
    path, over = folder / CASES, {c.id: c for c in given}
    if not path.is_file():
        if not over:
            raise InputError(f"{folder} holds no {CASES}; name the run's cases with --cases")
        return over
    try:
        own = TypeAdapter(tuple[Case, ...]).validate_json(path.read_bytes())
    except ValidationError as error:
        raise InputError(f"{path} is damaged or of another version: {sentence(error)[:200]}") from error
    return {c.id: over.get(c.id, c) for c in own}


def choose(
    cases: Sequence[Case],
    *,
    ids: Sequence[str] = (),
    tags: Sequence[str] = (),
    first: Sequence[str] = (),
    limit: int | None = None,
) -> tuple[Case, ...]:
    """Return the cases with one of ``ids`` (in that order) and of ``tags``, those of ``first`` in front.

    With ``limit`` only so many are left. Raises InputError for an id that no case has, or when nothing is left.
    """
    by_id = {c.id: c for c in cases}
    if missing := [i for i in (*ids, *first) if i not in by_id]:
        raise InputError(f"No case is named {', '.join(missing)}; there are: {', '.join(by_id)}")
    kept = [by_id[i] for i in ids] if ids else list(cases)
    if tags:
        kept = [c for c in kept if set(tags) & set(c.tags)]
    if not kept:
        raise InputError(f"No case has the tag {' or '.join(tags)}")
    front = [by_id[i] for i in first if by_id[i] in kept]
    return tuple([*front, *(c for c in kept if c.id not in first)][:limit])


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
    if not path.exists():
        raise InputError(f"{path} does not exist; give a file or folder of cases (.yaml, .json)")
    return [path]


def _cases_of(path: Path) -> list[Case]:
    data = read_mapping(path)
    entries = data["cases"] if isinstance(data, Mapping) and "cases" in data else data
    many = isinstance(entries, list)
    entries = entries if isinstance(entries, list) else [entries]
    return [
        _case(entry, path, f"{path.stem}-{n}" if many and len(entries) > 1 else path.stem)
        for n, entry in enumerate(entries, 1)
    ]


def read_mapping(path: Path) -> Any:
    """Return what a YAML or JSON file holds. Raises InputError."""
    try:
        text = path.read_text("utf-8-sig")
        return json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path} is not valid: {' '.join(str(error).split())}") from error


def _case(entry: Any, path: Path, name: str) -> Case:
    if not isinstance(entry, Mapping):
        raise InputError(f"{path}: a case must be a mapping with a brief, not {str(entry)[:40]!r}")
    data = dict(entry) if "brief" in entry else {"brief": entry}
    data.setdefault("id", name)
    where = f"{path}, case {data['id']}"
    try:
        brief = dict(data["brief"])
        brief["materials"] = [_material(m, path.parent) for m in brief.get("materials", ())]
        data["brief"] = make_brief(brief)
        return Case.model_validate(data)
    except BriefError as error:
        raise InputError(f"{where}: {error}") from error
    except (ValidationError, TypeError, ValueError) as error:
        raise InputError(f"{where}: {sentence(error)}") from error


def _material(item: Any, folder: Path) -> Any:
    if not isinstance(item, str):
        return item
    from rag_speech.ingest.readers import read_document

    return {"name": Path(item).stem, "text": read_document(folder / item).text}


def sentence(error: Exception) -> str:
    """Return what is wrong in one line, with the key it concerns."""
    if isinstance(error, ValidationError):
        return "; ".join(
            f"{'.'.join(map(str, e['loc'])) or 'value'}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors(include_url=False)
        )
    return str(error)
