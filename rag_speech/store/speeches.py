"""The library file: speeches, chunks, windows and vectors in one SQLite database, the source of truth."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag_speech.errors import LibraryError, NotFoundError
from rag_speech.store.guard import storage_errors
from rag_speech.store.schema import SCHEMA, SCHEMA_VERSION
from rag_speech.types import Chunk, Role, Span, StoredSpeech

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_COLUMNS = tuple(f.name for f in fields(StoredSpeech))
_CHUNK = "number, id, speech_id, role, occasion, level, family, headings, start, stop, text"
_BUSY_SECONDS = 10.0
_MANY = 500
"""Rows asked for by number in one statement."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Embedded windows of a chunk: ``spans`` tile its text, ``vectors`` float32 ``(len(spans), dimensions)``."""

    spans: tuple[Span, ...]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class WindowRow:
    """One stored window: its own number, its chunk's number and role, and its vector."""

    number: int
    chunk: int
    role: Role
    vector: NDArray[np.float32]


class SpeechStore:
    """One connection to the library file. Reading is safe at any time; the caller holds the write lock to write.

    Every method raises StorageError (disk, permission) or LibraryError (damaged file).
    """

    def __init__(self, path: Path) -> None:
        """Open or create ``path``. Raises LibraryError when a newer version of rag-speech made it."""
        self.path = path
        self._lock = threading.RLock()
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute("PRAGMA synchronous = NORMAL")
        if self._version() == 0:
            self._db.execute("PRAGMA journal_mode = WAL")
            with self._transaction():
                if self._version() == 0:
                    for statement in SCHEMA.split(";\n"):
                        self._db.execute(statement)
                    self._db.execute("INSERT INTO meta VALUES ('library', ?)", (uuid.uuid4().hex,))
                    self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        if self._version() > SCHEMA_VERSION:
            raise LibraryError(f"The library {self.path} was made by a newer rag-speech; upgrade rag-speech.")

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._db.close()

    # ------------------------------------------------------------------ writing

    def put(self, speech: StoredSpeech, chunks: Mapping[Chunk, Windows]) -> list[int]:
        """Store a speech with its chunks in one transaction, in place of one with the same id.

        Returns the new windows' numbers. Chunks without windows (``spans`` empty) are kept and never searched.
        Raises LibraryError when a chunk's id belongs to another speech.
        """
        values = _row_of(speech, added=speech.added or datetime.now(UTC).isoformat(timespec="seconds"))
        with self._transaction():
            self._db.execute("DELETE FROM speeches WHERE id = ?", (speech.id,))
            marks = ", ".join("?" * len(_COLUMNS))
            self._db.execute(f"INSERT INTO speeches ({', '.join(_COLUMNS)}) VALUES ({marks})", values)
            return [number for item in chunks.items() for number in self._put_chunk(*item)]

    def _put_chunk(self, chunk: Chunk, windows: Windows) -> list[int]:
        headings = json.dumps(chunk.headings, ensure_ascii=False)
        kind = (chunk.role.value, chunk.occasion, chunk.level, chunk.family)
        place = (headings, chunk.span.start, chunk.span.end)
        values = (chunk.id, chunk.speech_id, *kind, *place, chunk.text, bool(windows.spans))
        try:
            number = self._db.execute(
                f"INSERT INTO chunks ({_CHUNK}, searchable) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            ).lastrowid
        except sqlite3.IntegrityError as error:
            raise LibraryError(
                f"The chunk id {chunk.id!r} is used twice; chunk ids must be unique."
            ) from error
        insert = "INSERT INTO windows (chunk, start, stop, vector) VALUES (?, ?, ?, ?)"
        rows = zip(windows.spans, windows.vectors, strict=True)
        cursors = [
            self._db.execute(insert, (number, s.start, s.end, v.astype("<f4").tobytes())) for s, v in rows
        ]
        return [int(cursor.lastrowid or 0) for cursor in cursors]

    def delete(self, speech_id: str) -> None:
        """Remove a speech with its chunks. Raises NotFoundError when there is none with this id."""
        with self._transaction():
            if not self._db.execute("DELETE FROM speeches WHERE id = ?", (speech_id,)).rowcount:
                raise _not_found(speech_id)

    def set_vectors(self, numbers: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Replace the vectors of these windows in one transaction."""
        rows = [(v.astype("<f4").tobytes(), n) for n, v in zip(numbers, vectors, strict=True)]
        with self._transaction():
            self._db.executemany("UPDATE windows SET vector = ? WHERE number = ?", rows)

    def set_meta(self, key: str, value: str) -> None:
        """Set a value of the library itself."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, storage_errors(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    # ------------------------------------------------------------------ reading

    def meta(self, key: str) -> str:
        """Return a value of the library itself, empty when not set."""
        rows = self._read("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else ""

    def change_count(self) -> tuple[int, int]:
        """Return a mark that differs after every change of speeches, by whatever process."""
        own, others = self._db.total_changes, self._read("PRAGMA data_version")[0][0]
        return own, int(others)

    def speeches(self) -> list[StoredSpeech]:
        """Return all speeches by id, with empty ``text`` and ``original``: those are long, see :meth:`speech`."""
        light = ", ".join("''" if c in {"text", "original"} else c for c in _COLUMNS)
        return [_speech(row) for row in self._read(f"SELECT {light} FROM speeches ORDER BY id")]

    def speech(self, speech_id: str) -> StoredSpeech:
        """Return one speech in full. Raises NotFoundError."""
        rows = self._read(f"SELECT {', '.join(_COLUMNS)} FROM speeches WHERE id = ?", (speech_id,))
        if not rows:
            raise _not_found(speech_id)
        return _speech(rows[0])

    def names_of(self, speech_id: str) -> tuple[str, ...]:
        """Return the names to mask in a speech. Raises NotFoundError."""
        rows = self._read("SELECT names FROM speeches WHERE id = ?", (speech_id,))
        if not rows:
            raise _not_found(speech_id)
        return tuple(json.loads(rows[0][0]))

    def chunks_of(self, speech_id: str | None = None) -> list[Chunk]:
        """Return the chunks of a speech in order, or all."""
        where = "" if speech_id is None else " WHERE speech_id = ?"
        rows = self._read(
            f"SELECT {_CHUNK} FROM chunks{where} ORDER BY number", (speech_id,) if where else ()
        )
        return [_chunk(row) for row in rows]

    def chunks(self, numbers: Iterable[int]) -> dict[int, Chunk]:
        """Return the chunks with these numbers; those since removed are absent."""
        return {
            row[0]: _chunk(row)
            for row in self._by_number(f"SELECT {_CHUNK} FROM chunks WHERE number", numbers)
        }

    def chunk_texts(self, low: int, high: int) -> list[tuple[int, str]]:
        """Return number and text of the searchable chunks with ``low <= number < high``, ascending."""
        return self._read(
            "SELECT number, text FROM chunks WHERE searchable AND number >= ? AND number < ? ORDER BY number",
            (low, high),
        )

    def chunk_numbers(self, role: Role | None, occasion: str | None, level: str | None) -> NDArray[np.int64]:
        """Return the numbers of the searchable chunks of this kind (None: any), ascending."""
        import numpy as np

        wanted = {"role": role.value if role else None, "occasion": occasion, "level": level}
        given = {column: value for column, value in wanted.items() if value is not None}
        where = "".join(f" AND {column} = ?" for column in given)
        rows = self._read(f"SELECT number FROM chunks WHERE searchable{where}", tuple(given.values()))
        return np.sort(np.array([row[0] for row in rows], dtype=np.int64))

    def segment_marks(self, size: int) -> dict[int, tuple[int, int]]:
        """Return for each block of ``size`` numbers the count and the sum of its searchable chunks' numbers.

        Numbers are never used twice and a chunk never changes, so that equal marks mean equal content.
        """
        rows = self._read(
            "SELECT number / ?, count(*), sum(number) FROM chunks WHERE searchable GROUP BY 1 ORDER BY 1",
            (size,),
        )
        return {block: (count, total) for block, count, total in rows}

    def chunk_counts(self) -> dict[Role, int]:
        """Return how many chunks each role has, searchable or not."""
        return {
            Role(role): count for role, count in self._read("SELECT role, count(*) FROM chunks GROUP BY role")
        }

    def window_counts(self) -> dict[Role, int]:
        """Return how many windows each role has."""
        rows = self._read(
            "SELECT c.role, count(*) FROM windows w JOIN chunks c ON c.number = w.chunk GROUP BY 1"
        )
        return {Role(role): count for role, count in rows}

    def window_ids(self, role: Role) -> list[tuple[int, int]]:
        """Return number and chunk number of the role's windows, ascending."""
        sql = "SELECT w.number, w.chunk FROM windows w JOIN chunks c ON c.number = w.chunk WHERE c.role = ? ORDER BY 1"
        return self._read(sql, (role.value,))

    def windows(self, numbers: Iterable[int]) -> list[WindowRow]:
        """Return the windows with these numbers; those since removed are absent."""
        sql = "SELECT w.number, w.chunk, c.role, w.vector FROM windows w JOIN chunks c ON c.number = w.chunk"
        return [_window(row) for row in self._by_number(f"{sql} WHERE w.number", numbers)]

    def windows_of_speech(self, speech_id: str) -> list[WindowRow]:
        """Return the windows of a speech; none when there is no such speech."""
        rows = self._read("SELECT number FROM chunks WHERE speech_id = ?", (speech_id,))
        return self.windows_of([row[0] for row in rows])

    def windows_of(self, chunks: Iterable[int]) -> list[WindowRow]:
        """Return the windows of these chunks."""
        sql = "SELECT w.number, w.chunk, c.role, w.vector FROM windows w JOIN chunks c ON c.number = w.chunk"
        return [_window(row) for row in self._by_number(f"{sql} WHERE w.chunk", chunks)]

    def newest_window(self, role: Role) -> WindowRow | None:
        """Return the window of ``role`` with the highest number."""
        rows = self._read("SELECT max(number) FROM chunks WHERE searchable AND role = ?", (role.value,))
        found = self.windows_of([rows[0][0]]) if rows[0][0] is not None else []
        return max(found, key=lambda row: row.number, default=None)

    def sample_windows(self, n: int, rng: random.Random) -> list[WindowRow]:
        """Return at most ``n`` windows spread at random over the library."""
        low, high = self._read("SELECT min(number), max(number) FROM windows")[0]
        if low is None:
            return []
        sql = "SELECT number FROM windows WHERE number >= ? ORDER BY number LIMIT 1"
        return self.windows({self._read(sql, (rng.randint(low, high),))[0][0] for _ in range(n)})

    def window_spans(self, numbers: Iterable[int]) -> dict[int, Span]:
        """Return where these windows lie in their chunks' texts."""
        rows = self._by_number("SELECT number, start, stop FROM windows WHERE number", numbers)
        return {number: Span(start, stop) for number, start, stop in rows}

    def window_texts(self, after: int, limit: int) -> list[tuple[int, str]]:
        """Return number and text of at most ``limit`` windows with numbers above ``after``, ascending."""
        return self._read(
            "SELECT w.number, substr(c.text, w.start + 1, w.stop - w.start) FROM windows w "
            "JOIN chunks c ON c.number = w.chunk WHERE w.number > ? ORDER BY w.number LIMIT ?",
            (after, limit),
        )

    def _read(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with self._lock, storage_errors(self.path):
            return self._db.execute(sql, values).fetchall()

    def _by_number(self, sql: str, numbers: Iterable[int]) -> list[Any]:
        wanted, out = [int(n) for n in numbers], []
        for i in range(0, len(wanted), _MANY):
            some = wanted[i : i + _MANY]
            out += self._read(f"{sql} IN ({', '.join('?' * len(some))})", tuple(some))
        return out


def _row_of(speech: StoredSpeech, added: str) -> list[Any]:
    values = {name: getattr(speech, name) for name in _COLUMNS}
    values |= {"names": json.dumps(speech.names, ensure_ascii=False), "added": added}
    return [values[name] for name in _COLUMNS]


def _speech(row: Sequence[Any]) -> StoredSpeech:
    values = dict(zip(_COLUMNS, row, strict=True))
    values |= {"names": tuple(json.loads(values["names"])), "structure_only": bool(values["structure_only"])}
    return StoredSpeech(**values)


def _chunk(row: Sequence[Any]) -> Chunk:
    _, chunk_id, speech_id, role, occasion, level, family, headings, start, stop, text = row
    return Chunk(
        id=chunk_id,
        speech_id=speech_id,
        role=Role(role),
        text=text,
        span=Span(start, stop),
        headings=tuple(json.loads(headings)),
        occasion=occasion,
        level=level,
        family=family,
    )


def _window(row: Sequence[Any]) -> WindowRow:
    import numpy as np

    number, chunk, role, vector = row
    return WindowRow(number, chunk, Role(role), np.frombuffer(vector, dtype="<f4"))


def _not_found(speech_id: str) -> NotFoundError:
    return NotFoundError(f"The library has no speech {speech_id!r}; see: rag-speech corpus list")
