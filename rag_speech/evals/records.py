"""What an evaluation keeps on disk: drafts as written, scored rows, and what the run was made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from rag_speech.checks.score import Block
from rag_speech.errors import InputError
from rag_speech.files import write_atomic
from rag_speech.types import Exemplar, Finding, Usage

T = TypeVar("T")
RESULTS, MANIFEST, CASES, SUMMARY, WORK = "results.jsonl", "run.json", "cases.json", "summary.json", "work"


@dataclass(frozen=True, slots=True)
class Written:
    """A draft as a system gave it, before anything is measured. ``seconds`` is wall time.

    ``names`` are the persons, places and organisations of the exemplars' speeches; ``cut`` counts the 字 of
    materials that did not fit a baseline's prompt.
    """

    text: str
    first_text: str
    usage: Usage
    seconds: float
    model: str
    exemplars: tuple[Exemplar, ...] = ()
    names: tuple[str, ...] = ()
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one text. ``checks`` gives each check's outcome; a metric is None when it does not apply."""

    metrics: Mapping[str, float | None]
    findings: tuple[Finding, ...]
    checks: Mapping[str, str]
    missed: tuple[str, ...] = ()
    """What of the case's expectations the text does not meet, in Chinese."""
    blocks: tuple[Block, ...] = ()
    """The score's blocks."""


@dataclass(frozen=True, slots=True)
class Item:
    """Whether a draft meets an item of the rubric, and the sentence that meets it, quoted."""

    met: bool
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """What a draft must not say and says: the rule, and the words quoted."""

    rule: str
    quote: str


@dataclass(frozen=True, slots=True)
class Vote:
    """One reading by the reading model; ``score`` is 0 to 100 (higher is better)."""

    rubric: tuple[Item, ...]
    violations: tuple[Violation, ...]
    hand_in: bool
    score: float
    worst: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One draft, scored. ``key`` names everything that it depends on; ``error`` is set when there is no draft.

    ``first`` and ``first_text`` are empty when the first draft was the final one.
    """

    key: str
    case: str
    system: str
    seed: int
    run: int
    occasion: str = ""
    tags: tuple[str, ...] = ()
    target: int = 0
    text: str = ""
    first_text: str = ""
    final: Measured | None = None
    first: Measured | None = None
    resources: Mapping[str, float | None] = field(default_factory=dict)
    votes: tuple[Vote | None, ...] = ()
    """The reading model's; None for an answer that could not be read."""
    error: str = ""

    @property
    def place(self) -> tuple[str, str, int, int]:
        """System, case, seed and run: what pairs this row with another system's or another run's."""
        return self.system, self.case, self.seed, self.run

    def metric(self, name: str) -> float | None:
        """Return a metric by its name in the catalogue; None when it does not apply."""
        if name == "errors":
            return float(bool(self.error))
        if name in self.resources:
            return self.resources[name]
        measured = (self.first or self.final) if name.startswith("first.") else self.final
        return measured.metrics.get(name.removeprefix("first.")) if measured else None


@dataclass(frozen=True, slots=True)
class SystemInfo:
    """A system as it ran. Digests are SHA-256, shortened to 16 digits."""

    name: str
    label: str
    kind: str
    without: tuple[str, ...]
    model: str
    prompts: str
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run was made of. ``code``, ``rules`` and ``corpus`` are digests."""

    suite: str
    started: str
    commit: str
    dirty: bool
    code: str
    rules: str
    corpus: str
    versions: Mapping[str, str]
    machine: str
    currency: str
    systems: tuple[SystemInfo, ...]
    seeds: tuple[int, ...]
    cases: tuple[str, ...]
    judge: str = ""
    """The reading model's name among readers; empty when none read."""
    finished: str = ""
    retrieval: Mapping[str, float] = field(default_factory=dict)


def dump(kind: type[T], value: T, *, indent: int | None = None) -> str:
    """Return ``value`` as JSON."""
    return TypeAdapter(kind).dump_json(value, indent=indent).decode()


def load(kind: type[T], path: Path) -> T:
    """Read a record. Raises InputError when the file is missing or is something else."""
    try:
        return TypeAdapter(kind).validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist; give the folder of an evaluation run") from error
    except (OSError, ValidationError) as error:
        raise InputError(f"{path} is damaged or of another version: {str(error).splitlines()[0]}") from error


def load_rows(folder: Path) -> list[Row]:
    """Return the rows of a run, the last one for each place. A last line cut short by a kill is left out.

    Raises InputError when the folder holds no run or another line is damaged.
    """
    path = folder / RESULTS
    if not path.is_file():
        raise InputError(f"{folder} holds no {RESULTS}; give the folder of an evaluation run")
    adapter = TypeAdapter(Row)
    lines = path.read_bytes().split(b"\n")
    rows: dict[tuple[str, str, int, int], Row] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = adapter.validate_json(line)
        except ValidationError as error:
            if number == len(lines):
                break
            raise InputError(f"{path}, line {number}, is damaged: {str(error).splitlines()[0]}") from error
        rows[row.place] = row
    return list(rows.values())


def save_rows(folder: Path, rows: Iterable[Row]) -> None:
    """Write all rows anew."""
    adapter = TypeAdapter(Row)
    write_atomic(folder / RESULTS, b"".join(adapter.dump_json(row) + b"\n" for row in rows))
