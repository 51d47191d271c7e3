"""What readers said of drafts, as data: one line a reading, and the drafts that were read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from rag_speech.errors import InputError
from rag_speech.evals.drafts import DraftText
from rag_speech.evals.records import Item, Violation
from rag_speech.files import write_atomic

READINGS, PREFERENCES, DRAFTS = "readings.jsonl", "pairs.jsonl", "drafts.jsonl"
ReaderKind = Literal["person", "model", "judge"]
KINDS: dict[ReaderKind, str] = {
    "person": "a person",
    "model": "a large language model in the role of a demanding head of office, that saw brief, rubric and anonymous drafts only",
    "judge": "the reading model of this program (prompts/eval/read.md)",
}
"""What a reader was; every table of readings says it."""
T = TypeVar("T")
_BARE = re.compile(r"[\W_]+")
_GAP = re.compile(r"…+|\.{3,}|⋯+")


@dataclass(frozen=True, slots=True)
class Reading:
    """One reader on one draft. ``score`` is 0 to 100 (higher is better); ``hand_in``: after half an hour of light editing.

    ``draft`` is the draft's id, ``commit`` the program that wrote it, ``date`` the day of the reading.
    """

    draft: str
    system: str
    brief: str
    reader: str
    kind: ReaderKind
    rubric: tuple[Item, ...]
    violations: tuple[Violation, ...]
    hand_in: bool
    score: float
    worst: str
    date: str
    commit: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """Draft and reader: a second reading by the same reader takes the first one's place."""
        return self.draft, self.reader


@dataclass(frozen=True, slots=True)
class Preference:
    """One reader on two drafts of a brief, in the order in which they were shown."""

    brief: str
    first: str
    first_system: str
    second: str
    second_system: str
    better: Literal["first", "second", "tie"]
    reason: str
    reader: str
    kind: ReaderKind
    date: str

    @property
    def place(self) -> tuple[str, str, str]:
        """Both drafts, whichever stood first, and the reader."""
        return (*sorted((self.first, self.second)), self.reader)  # type: ignore[return-value]


def stands(quote: str, text: str) -> bool:
    """Tell whether ``quote`` stands in ``text``: punctuation and blanks do not count, ``……`` leaves words out."""
    parts = [part for piece in _GAP.split(quote) if (part := _BARE.sub("", piece))]
    bare = _BARE.sub("", text)
    return bool(parts) and all(part in bare for part in parts)


def load_lines(kind: type[T], path: Path) -> list[T]:
    """Read a file of JSON lines; an absent file has none. Raises InputError naming a line that is something else."""
    if not path.is_file():
        return []
    adapter, out = TypeAdapter(kind), []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if line.strip():
            try:
                out.append(adapter.validate_json(line))
            except ValidationError as error:
                raise InputError(
                    f"{path}, line {number}, is no {kind.__name__}: {error.errors()[0]['msg']}"
                ) from error
    return out


def load_readings(folder: Path) -> list[Reading]:
    """Return all readings in the folder, those of the reading model too. Raises InputError when there are none."""
    found = load_lines(Reading, folder / READINGS)
    if not found:
        raise InputError(f"{folder} holds no {READINGS}; file readers' answers with: rag-speech eval unblind")
    return found


def file_readings(folder: Path, readings: Iterable[Reading]) -> None:
    """Add readings to the folder's; the same reader's earlier one of a draft is replaced. Raises StorageError."""
    kept = {r.place: r for r in load_lines(Reading, folder / READINGS)}
    kept |= {r.place: r for r in readings}
    _save(Reading, folder / READINGS, list(kept.values()))


def file_preferences(folder: Path, preferences: Iterable[Preference]) -> None:
    """Add preferences to the folder's, likewise."""
    kept = {p.place: p for p in load_lines(Preference, folder / PREFERENCES)}
    kept |= {p.place: p for p in preferences}
    _save(Preference, folder / PREFERENCES, list(kept.values()))


def file_drafts(folder: Path, drafts: Iterable[DraftText]) -> None:
    """Add the drafts that were read to the folder's: a reading is worth nothing without its draft."""
    kept = {d.id: d for d in load_lines(DraftText, folder / DRAFTS)}
    kept |= {d.id: d for d in drafts}
    _save(DraftText, folder / DRAFTS, list(kept.values()))


def _save(kind: type[T], path: Path, values: Sequence[T]) -> None:
    adapter = TypeAdapter(kind)
    write_atomic(path, b"".join(adapter.dump_json(v) + b"\n" for v in values))
