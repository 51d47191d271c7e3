"""The draft's folder: every stage's result saved as it is made, so that a killed run goes on where it stopped."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from rag_speech import forms
from rag_speech.brief.brief import Brief, dump_brief
from rag_speech.errors import InputError
from rag_speech.files import write_atomic

T = TypeVar("T")
_ARTEFACTS = (
    "state.json", "stages.json", "brief.yaml", "assignment.yaml", "evidence.yaml", "plan.yaml",
    "draft.json", "trace.json", "speech.md", "speech.txt",
)  # fmt: skip


@dataclass(frozen=True)
class DraftFolder:
    """Artefacts of one draft. ``path`` None keeps nothing (a library call that asks for no folder)."""

    path: Path | None

    def open(self, brief: Brief, key: str) -> None:
        """Take the folder for this brief and ``key`` (model, prompts, settings), or go on in it.

        Raises InputError when the folder holds a draft of something else, StorageError when it is not writable.
        """
        if self.path is None:
            return
        state = self.path / "state.json"
        now = {"brief": digest(dump_brief(brief)), "key": key}
        if state.exists():
            try:
                before = dict(json.loads(state.read_text("utf-8")))
            except (ValueError, TypeError):
                raise InputError(
                    f"{state} is damaged; give --fresh to start over there, or another --folder"
                ) from None
            if before != now:
                what = "brief" if before.get("brief") != now["brief"] else "model, prompts or settings"
                raise InputError(
                    f"{self.path} holds a draft made with another {what}; give --fresh to start over there, "
                    "or another --folder"
                )
            return
        write_atomic(self.path / "brief.yaml", dump_brief(brief))
        write_atomic(state, json.dumps(now, indent=1))

    async def once(self, name: str, kind: type[T], make: Callable[[], Awaitable[T]]) -> T:
        """Return the saved artefact ``name``, or make and save it. A damaged file is made again."""
        adapter: TypeAdapter[T] = TypeAdapter(kind)
        if self.path is None:
            return await make()
        path = self.path / f"{name}.json"
        if path.exists():
            try:
                return adapter.validate_json(path.read_bytes())
            except ValidationError:
                path.unlink()
        value = await make()
        write_atomic(path, adapter.dump_json(value, indent=1))
        return value

    def every(self, pattern: str, kind: type[T]) -> Iterator[T]:
        """Yield the saved artefacts of this pattern, damaged ones left out."""
        adapter: TypeAdapter[T] = TypeAdapter(kind)
        for path in sorted(self.path.glob(pattern)) if self.path else ():
            with contextlib.suppress(ValidationError):
                yield adapter.validate_json(path.read_bytes())

    async def stage(self, name: str, kind: type[T], made_of: str, make: Callable[[], Awaitable[T]]) -> T:
        """Return the stage's record from its file ``name.yaml``, or make it and write the file for people to read.

        The file holds as long as what it was made of (a digest) is the same. One that a person has changed is honoured
        whatever it was made of. Raises InputError, in one sentence, for a file that cannot be read.
        """
        if self.path is None:
            return await make()
        path = self.path / f"{name}.yaml"
        notes = self._notes()
        if path.exists():
            try:
                text = path.read_text("utf-8")
            except UnicodeDecodeError as error:
                raise InputError(f"{path} is not UTF-8 text; save it as UTF-8") from error
            note = notes.get(name, {})
            if note.get("made_of") == made_of or note.get("wrote") != digest(text):
                return forms.read(kind, text, path)
        value = await make()
        text = forms.write(kind, value)
        write_atomic(path, text)
        notes = self._notes() | {name: {"made_of": made_of, "wrote": digest(text)}}
        write_atomic(self.path / "stages.json", json.dumps(notes, indent=1))
        return value

    def edited(self, name: str) -> bool:
        """Tell whether a person has changed the stage's file since it was written."""
        if self.path is None or not (path := self.path / f"{name}.yaml").exists():
            return False
        return self._notes().get(name, {}).get("wrote") != digest(path.read_text("utf-8"))

    def _notes(self) -> dict[str, dict[str, str]]:
        assert self.path is not None
        try:
            notes: dict[str, dict[str, str]] = json.loads((self.path / "stages.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return notes

    def save(self, name: str, content: str) -> None:
        """Save a text artefact; nothing happens without a folder."""
        if self.path is not None:
            write_atomic(self.path / name, content)

    def save_record(self, name: str, kind: type[T], value: T) -> None:
        """Save a typed artefact; nothing happens without a folder."""
        if self.path is not None:
            write_atomic(self.path / f"{name}.json", TypeAdapter(kind).dump_json(value, indent=1))

    def remove(self, name: str) -> None:
        """Remove an artefact that is there."""
        if self.path is not None:
            (self.path / name).unlink(missing_ok=True)

    def load(self, name: str) -> str:
        """Return a text artefact, empty when it is not there."""
        return (self.path / name).read_text("utf-8") if self.has(name) and self.path else ""

    def count(self, pattern: str) -> int:
        """Return how many artefacts there are of this pattern."""
        return len(list(self.path.glob(pattern))) if self.path else 0

    def has(self, name: str) -> bool:
        """Tell whether artefact ``name`` is there."""
        return self.path is not None and (self.path / name).exists()


def clear(path: Path) -> None:
    """Remove the artefacts of a draft folder (and nothing else in it), for a fresh start."""
    if not (path / "state.json").exists():
        return
    for name in _ARTEFACTS:
        (path / name).unlink(missing_ok=True)
    for file in [*path.glob("calls/*.json"), *path.glob("parts/*.json")]:
        file.unlink()


def folder_name(brief: Brief) -> str:
    """Return the default folder name: date, event and the brief's own digest."""
    words = re.sub(r"[^\w一-鿿]+", "", brief.event)[:24]
    day = f"{brief.date:%Y%m%d}-" if brief.date else ""
    return f"{day}{words}-{digest(dump_brief(brief))[:8]}"


def digest(*parts: Any) -> str:
    """Return the SHA-256 of the parts' text."""
    total = hashlib.sha256()
    for part in parts:
        total.update(str(part).encode())
        total.update(b"\0")
    return total.hexdigest()
