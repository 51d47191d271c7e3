"""Keeps vectors in the cache folder: a machine embeds the sentences that come with the prompts once, not once a draft.

For texts that anybody may read. What a brief or a draft says must not be given to it.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

_WAIT_SECONDS = 5.0
_AT_ONCE = 500
"""Texts asked for in one query; SQLite takes at most 999 parameters in its oldest builds."""


class KeptVectors:
    """An embedding function that remembers: ``embed`` is asked only for texts that the file at ``path`` does not hold.

    ``model`` names whatever the vectors depend on; those of another one are dropped. A file that cannot be read,
    written or trusted costs time and no result: it is made anew, or done without, and the log says so.
    """

    def __init__(self, path: Path, embed: Callable[[Sequence[str]], NDArray[np.float32]], model: str) -> None:
        self._path, self._embed, self._model = path, embed, model

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 ``(len(texts), dimensions)``, equal to what ``embed`` returns. Raises what ``embed`` raises."""
        import numpy as np

        keys = [hashlib.sha256(t.encode()).digest()[:16] for t in texts]
        found = self._load(keys)
        if missing := {k: t for k, t in zip(keys, texts, strict=True) if k not in found}:
            made = dict(zip(missing, self._embed(list(missing.values())), strict=True))
            found |= made
            self._save(made)
        return np.stack([found[k] for k in keys])

    def _load(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        import numpy as np

        rows: list[tuple[bytes, bytes]] = []
        try:
            with self._open() as file:
                for i in range(0, len(keys), _AT_ONCE):
                    some = keys[i : i + _AT_ONCE]
                    marks = ",".join("?" * len(some))
                    rows += file.execute(f"SELECT text, vector FROM vectors WHERE text IN ({marks})", some)
        except (sqlite3.Error, OSError) as error:
            self._distrust(error)
            return {}
        return {key: np.frombuffer(vector, dtype="<f4") for key, vector in rows}

    def _save(self, made: dict[bytes, NDArray[np.float32]]) -> None:
        rows = [(key, vector.astype("<f4").tobytes()) for key, vector in made.items()]
        try:
            with self._open() as file:
                file.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
        except (sqlite3.Error, OSError) as error:
            log.info("vectors are not kept: %s", error)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=_WAIT_SECONDS)) as file, file:
            file.execute("CREATE TABLE IF NOT EXISTS model (name TEXT PRIMARY KEY)")
            file.execute(
                "CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"
            )
            if file.execute("SELECT name FROM model").fetchall() != [(self._model,)]:
                file.execute("DELETE FROM model")
                file.execute("DELETE FROM vectors")
                file.execute("INSERT INTO model VALUES (?)", (self._model,))
            yield file

    def _distrust(self, error: Exception) -> None:
        log.info("kept vectors cannot be read and are made anew: %s", error)
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            with suppress(OSError):
                self._path.unlink()
