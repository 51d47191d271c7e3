"""The vector index in Chroma: one collection a role, our own vectors, cosine distance. Never the source of truth.

A collection a role, because a metadata filter costs Chroma far more than the search itself (128 ms against 5 over
100,000 rows). Entries are named ``chunk.window``, so that an answer needs no second look-up.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from rag_speech.errors import ConfigError, LibraryError
from rag_speech.store.speeches import WindowRow
from rag_speech.types import Role

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_PER_CALL: Final = 5461
"""Chroma's limit of rows in one write; a server may set a lower one."""
SAME_VECTOR: Final = 1e-3
"""A vector finds itself at a cosine distance below this (float32 leaves about 1e-7)."""
_SYNC_EVERY: Final = 100
"""Rows after which Chroma writes its graph to disk; what is younger it inserts again at every open."""


class IndexFailure(Exception):  # noqa: N818 - never leaves the library, which rebuilds the index
    """The index cannot be read or written. It holds nothing that the library file lacks."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A window near the query. ``distance`` is 1 - cosine: 0 same direction, 2 opposite."""

    chunk: int
    window: int
    distance: float


class ChromaIndex:
    """The collections of one library and one embedding model, in a folder or on a Chroma server."""

    def __init__(self, place: Path | str, library: str, embedder: str) -> None:
        """Connect. ``place`` is a folder or ``http://host:port``.

        Raises LibraryError when the server does not answer, ConfigError for an impossible address and
        IndexFailure when the folder's files are damaged.
        """
        self.place = place
        self._library = f"rag-speech-{library[:12]}"
        self._model = hashlib.sha256(embedder.encode()).hexdigest()[:12]
        self._client = _connect(place)
        self._collections: dict[Role, Any] = {}

    def close(self) -> None:
        """Release the client."""
        with self._failures():
            self._client.close()

    def count(self, role: Role) -> int:
        """Return how many windows the index holds for ``role``."""
        with self._failures():
            collection = self._collection(role)
            return int(collection.count()) if collection else 0

    def query(self, role: Role, vectors: NDArray[np.float32], n: int) -> list[list[Neighbour]]:
        """Return for each row of ``vectors`` the ``n`` nearest windows, nearest first."""
        with self._failures():
            collection = self._collection(role)
            if collection is None:
                return [[] for _ in vectors]
            found = collection.query(query_embeddings=list(vectors), n_results=n, include=["distances"])
            return [
                [_neighbour(name, distance) for name, distance in zip(names, distances, strict=True)]
                for names, distances in zip(found["ids"], found["distances"], strict=True)
            ]

    def upsert(self, rows: Sequence[WindowRow]) -> None:
        """Write the windows, each to its role's collection. The caller holds the library's write lock."""
        import numpy as np

        with self._failures():
            step = min(MOST_PER_CALL, self._client.get_max_batch_size())
            for role, some in _by_role(rows).items():
                collection = self._collection(role, create=True)
                for i in range(0, len(some), step):
                    batch = some[i : i + step]
                    vectors = np.stack([row.vector for row in batch])
                    collection.upsert(ids=[_name(row) for row in batch], embeddings=vectors)

    def delete(self, rows: Sequence[WindowRow]) -> None:
        """Remove the windows. The caller holds the library's write lock."""
        for role, some in _by_role(rows).items():
            self.delete_names(role, [_name(row) for row in some])

    def delete_names(self, role: Role, names: Sequence[str]) -> None:
        """Remove entries of ``role`` by name. The caller holds the library's write lock."""
        with self._failures():
            collection = self._collection(role)
            for i in range(0, len(names) if collection else 0, MOST_PER_CALL):
                collection.delete(ids=list(names[i : i + MOST_PER_CALL]))

    def names(self, role: Role) -> set[str]:
        """Return the names of all entries of ``role``."""
        with self._failures():
            collection = self._collection(role)
            return set(collection.get(include=[])["ids"]) if collection else set()

    def has(self, row: WindowRow) -> bool:
        """Say whether there is an entry for this window."""
        with self._failures():
            collection = self._collection(row.role)
            return bool(collection and collection.get(ids=[_name(row)], include=[])["ids"])

    def drop(self) -> None:
        """Remove every collection of this library, whatever model made it."""
        with self._failures():
            self._collections.clear()
            for collection in self._client.list_collections():
                if collection.name.startswith(self._library):
                    self._client.delete_collection(collection.name)

    def _collection(self, role: Role, *, create: bool = False) -> Any:
        """Return the role's collection, None when there is none yet and ``create`` is false."""
        from chromadb.errors import NotFoundError

        if role in self._collections:
            return self._collections[role]
        name = f"{self._library}-{self._model}-{role.value}"
        if create:
            space = {"hnsw": {"space": "cosine", "sync_threshold": _SYNC_EVERY, "batch_size": _SYNC_EVERY}}
            found = self._client.get_or_create_collection(name, configuration=space, embedding_function=None)
        else:
            try:
                found = self._client.get_collection(name, embedding_function=None)
            except NotFoundError:
                return None
        self._collections[role] = found
        return found

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
            raise
        # Chroma raises its own errors, those of SQLite and of HTTP, and, from its Rust core, panics that are
        # no Exception.
        except BaseException as error:
            if isinstance(self.place, str) and _is_unreachable(error):
                raise _unreachable(self.place) from error
            raise IndexFailure(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}") from error


def remove_folder(folder: Path) -> None:
    """Delete an index folder, as far as it can be deleted."""
    shutil.rmtree(folder, ignore_errors=True)


def _connect(place: Path | str) -> Any:
    import chromadb
    from chromadb.config import Settings

    # _env_file: Chroma would otherwise read the .env file of whatever folder the program was started in.
    options: dict[str, Any] = {"anonymized_telemetry": False, "_env_file": None}
    settings = Settings(**options)
    if isinstance(place, Path):
        try:
            return chromadb.PersistentClient(str(place), settings=settings)
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException as error:
            raise IndexFailure(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}") from error
    address = urlsplit(place)
    try:
        host, port = address.hostname, address.port
    except ValueError:
        host, port = None, None
    if address.scheme not in {"http", "https"} or not host:
        raise ConfigError(f"The Chroma address {place!r} is not of the form http://host:port.")
    secure = address.scheme == "https"
    try:
        client = chromadb.HttpClient(host, port or (443 if secure else 8000), ssl=secure, settings=settings)
        client.heartbeat()
    except Exception as error:
        raise _unreachable(place) from error
    return client


def _is_unreachable(error: BaseException) -> bool:
    import httpx

    return isinstance(error, (httpx.TransportError, ConnectionError))


def _unreachable(place: str) -> LibraryError:
    return LibraryError(
        f"The Chroma server {place} does not answer; start it (chroma run) or unset its address."
    )


def _name(row: WindowRow) -> str:
    return f"{row.chunk}.{row.number}"


def _by_role(rows: Sequence[WindowRow]) -> dict[Role, list[WindowRow]]:
    found: dict[Role, list[WindowRow]] = {}
    for row in rows:
        found.setdefault(row.role, []).append(row)
    return found


def _neighbour(name: str, distance: float) -> Neighbour:
    chunk, _, window = name.partition(".")
    return Neighbour(int(chunk), int(window), float(distance))
