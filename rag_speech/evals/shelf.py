"""Where finished drafts are kept, so that none is written twice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag_speech.errors import InputError
from rag_speech.evals.records import Written, dump, load
from rag_speech.files import write_atomic


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where drafts are kept: the run's own folder first, then the cache of all runs."""

    own: Path
    cache: Path | None

    def get(self, key: str) -> Written | None:
        """Return the draft of this key; None when there is none. A damaged file is removed."""
        for folder in (self.own, self.cache):
            path = folder / f"{key}.json" if folder else None
            if path and path.is_file():
                try:
                    return load(Written, path)
                except InputError:
                    path.unlink()
        return None

    def put(self, key: str, written: Written) -> None:
        """Save the draft, whole or not at all. Raises StorageError."""
        for folder in filter(None, (self.own, self.cache)):
            write_atomic(folder / f"{key}.json", dump(Written, written))
