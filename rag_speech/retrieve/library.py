"""The library: speeches in, searched chunks out.

The SQLite file holds everything; the Chroma index and the word index are made from it, and made again when they
are damaged, behind, or of another embedding model. Many processes may read at once; one writes.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from rag_speech.embed import Embedder, get_embedder
from rag_speech.errors import InputError
from rag_speech.retrieve.lexical import LexicalIndex
from rag_speech.retrieve.search import Kind, Searcher
from rag_speech.retrieve.windows import cut_windows
from rag_speech.store.guard import storage_errors
from rag_speech.store.index import MOST_PER_CALL, IndexFailure
from rag_speech.store.keeper import IndexKeeper, Notice
from rag_speech.store.lock import WriteLock
from rag_speech.store.speeches import SpeechStore, Windows
from rag_speech.types import Chunk, Hit, Role, StoredSpeech

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag_speech.config import Settings

LOCK_SECONDS: Final = 10.0
_FIRST_USE_SECONDS: Final = 300.0
"""Another process may be putting the bundled speeches in."""
_REEMBED_BATCH: Final = 512
Fill = Callable[["Library", Path], None]
"""Puts the speeches of a folder into a library."""
_LOG = logging.getLogger("rag_speech.retrieve.library")


@dataclass(frozen=True, slots=True)
class LibraryStats:
    """What a library holds. ``chars`` is in 字; occasions and levels count speeches, roles count chunks."""

    speeches: int
    structure_only: int
    chunks: int
    windows: int
    chars: int
    by_occasion: dict[str, int]
    by_level: dict[str, int]
    by_role: dict[str, int]


class Library:
    """A folder with ``library.sqlite``, the indexes made from it, and a lock.

    ``embedder`` is an embedder, or what :func:`rag_speech.embed.get_embedder` understands, loaded when first
    needed. Threads may search one library together. ``chroma`` is the address of a Chroma server; empty keeps the index in the folder. ``notice`` is told
    in a sentence whatever is done to the indexes unasked (default: logged as a warning).

    Every method raises StorageError (disk, permission) or LibraryError (damaged file, server down). What writes
    raises LibraryBusyError when another process writes for longer than ``lock_seconds``.
    """

    def __init__(
        self,
        path: Path,
        embedder: Embedder | str = "default",
        chroma: str = "",
        *,
        notice: Notice | None = None,
        lock_seconds: float = LOCK_SECONDS,
    ) -> None:
        self.path = path
        self._embedder = embedder
        self._notice = notice or _LOG.warning
        self._store = SpeechStore(path / "library.sqlite")
        self._lock = WriteLock(path / "library.lock", lock_seconds)
        self._keeper = IndexKeeper(self._store, path / "index", chroma, self._lock, self._notice)
        self._lexical = LexicalIndex(self._store, path / "words", self._notice)
        self._numbers: dict[Kind, NDArray[np.int64]] = {}
        self._seen: tuple[int, int] | None = None
        self._searching = threading.RLock()

    def close(self) -> None:
        """Release the files. A closed library cannot be used again."""
        self._keeper.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def embedder(self) -> Embedder:
        """The embedder, loaded on first use. Raises ConfigError or ModelNotReadyError."""
        if isinstance(self._embedder, str):
            self._embedder = get_embedder(self._embedder)
        return self._embedder

    # ------------------------------------------------------------------ writing

    @contextmanager
    def writing(self, seconds: float | None = None) -> Iterator[None]:
        """Hold the write lock over many changes; searches elsewhere see the vector index change at the end.

        Every speech is safe in the library file as soon as :meth:`add` returns, whatever happens later.
        Waits for another writer for at most ``seconds`` (default: ``lock_seconds``).
        """
        with self._lock.held(seconds) as outermost:
            try:
                yield
            except BaseException:
                if outermost:
                    self._keeper.discard()
                raise
            if outermost:
                self._keeper.publish(self.embedder.name)

    def add(self, speech: StoredSpeech, chunks: Sequence[Chunk]) -> None:
        """Store a speech with its chunks, in place of one with the same id: all or nothing.

        The chunks of a ``structure_only`` speech are kept and never found. Raises ModelError when embedding
        fails, ValueError when a chunk belongs to another speech.
        """
        if any(chunk.speech_id != speech.id for chunk in chunks):
            raise ValueError(f"a chunk of another speech was given with {speech.id!r}")
        windows = self._embedded(chunks, searchable=not speech.structure_only)
        with self.writing():
            self._use_own_vectors()
            removed = self._store.windows_of_speech(speech.id)
            added = self._store.put(speech, windows)
            self._keeper.changed(added, removed)
            if self._keeper.pending >= MOST_PER_CALL:
                self._keeper.flush(self.embedder.name)

    def remove(self, speech_id: str) -> None:
        """Remove a speech with its chunks. Raises NotFoundError."""
        with self.writing():
            self._use_own_vectors()
            removed = self._store.windows_of_speech(speech_id)
            self._store.delete(speech_id)
            self._keeper.changed(removed=removed)

    def fill_once(self, folder: Path, fill: Fill) -> None:
        """Call ``fill(self, folder)`` when the library is empty, or was filled from other files in ``folder``."""
        mark = _digest_of(folder)
        if not self._needs(mark):
            return
        with self.writing(_FIRST_USE_SECONDS):
            # Another process may have done it while this one waited.
            if self._needs(mark):
                self._notice("Putting the bundled speeches into the library; this is done once.")
                self._store.set_meta("corpus", "unfinished")  # a killed filling is done again
                fill(self, folder)
                self._store.set_meta("corpus", mark)

    def _needs(self, mark: str) -> bool:
        filled = self._store.meta("corpus")
        return filled != mark if filled else not self._store.chunk_counts()

    # ------------------------------------------------------------------ reading

    def speeches(self) -> list[StoredSpeech]:
        """Return all speeches by id, without ``text`` and ``original`` (see :meth:`get`)."""
        return self._store.speeches()

    def get(self, speech_id: str) -> StoredSpeech:
        """Return one speech in full. Raises NotFoundError."""
        return self._store.speech(speech_id)

    def names_of(self, speech_id: str) -> tuple[str, ...]:
        """Return the names to mask in a speech's text. Raises NotFoundError."""
        return self._store.names_of(speech_id)

    def chunks(self, speech_id: str | None = None) -> list[Chunk]:
        """Return the chunks of a speech in order, or all."""
        return self._store.chunks_of(speech_id)

    def stats(self) -> LibraryStats:
        """Count what the library holds."""
        speeches, roles = self._store.speeches(), self._store.chunk_counts()
        return LibraryStats(
            speeches=len(speeches),
            structure_only=sum(s.structure_only for s in speeches),
            chunks=sum(roles.values()),
            windows=sum(self._store.window_counts().values()),
            chars=sum(s.chars for s in speeches),
            by_occasion=dict(Counter(s.occasion for s in speeches).most_common()),
            by_level=dict(Counter(s.level for s in speeches).most_common()),
            by_role={role.value: count for role, count in roles.items()},
        )

    def search(
        self,
        query: str,
        *,
        k: int = 5,
        role: Role | None = None,
        occasion: str | None = None,
        level: str | None = None,
    ) -> list[Hit]:
        """Return at most ``k`` chunks for ``query`` by meaning and words, best first.

        None allows any role, occasion or level. No two hits are of one family or nearly one text. Raises
        InputError for an empty query or ``k`` below 1, ModelError when embedding fails.
        """
        if not query.strip():
            raise InputError("The query is empty; give a few words to search for.")
        if k < 1:
            raise InputError(f"The number of hits must be at least 1, not {k}.")
        if not len(self._numbers_of(Kind())):
            return []
        vector = self.embedder.embed([query], "query")[0]
        with self._searching:
            return self._search(query, vector, k, Kind(role, occasion, level))

    # ------------------------------------------------------------------

    def _search(self, query: str, vector: NDArray[np.float32], k: int, kind: Kind) -> list[Hit]:
        self._use_own_vectors()
        self._lexical.refresh()
        model = self.embedder.name
        index = self._keeper.ready(model)
        try:
            return Searcher(self._store, index, self._lexical, self._numbers_of).search(
                query, vector, k, kind
            )
        except IndexFailure as error:
            index = self._keeper.after_failure(model, str(error))
        try:
            return Searcher(self._store, index, self._lexical, self._numbers_of).search(
                query, vector, k, kind
            )
        except IndexFailure as error:
            raise self._keeper.hopeless(str(error)) from error

    def _embedded(self, chunks: Sequence[Chunk], *, searchable: bool) -> dict[Chunk, Windows]:
        """Cut and embed the chunks' windows; none for those that cannot be searched."""
        import numpy as np

        spans = {c: tuple(cut_windows(c.text)) if searchable and c.text.strip() else () for c in chunks}
        texts = [span.of(chunk.text) for chunk, own in spans.items() for span in own]
        if not texts:
            return {chunk: Windows((), np.empty((0, 0), np.float32)) for chunk in chunks}
        vectors = self.embedder.embed(texts, "document")
        starts = list(accumulate((len(own) for own in spans.values()), initial=0))
        return {
            chunk: Windows(own, vectors[at : at + len(own)])
            for (chunk, own), at in zip(spans.items(), starts, strict=False)
        }

    def _use_own_vectors(self) -> None:
        """Embed everything anew when the stored vectors are of another model, or a change of model was cut short."""
        name, stored = self.embedder.name, self._store.meta("embedder")
        if stored == name:
            return
        with self._lock.held():
            if self._store.meta("embedder") == name:
                return
            total = sum(self._store.window_counts().values())
            if total:
                was = stored or "an unfinished change"
                self._notice(
                    f"The embedding model is now {name} (was {was}); embedding {total} windows anew."
                )
                self._store.set_meta("embedder", "")
            last = 0
            while rows := self._store.window_texts(last, _REEMBED_BATCH):
                vectors = self.embedder.embed([text for _, text in rows], "document")
                self._store.set_vectors([number for number, _ in rows], vectors)
                last = rows[-1][0]
            self._store.set_meta("embedder", name)
            if total:
                self._keeper.rebuild(name, "the embedding model changed")

    def _numbers_of(self, kind: Kind) -> NDArray[np.int64]:
        now = self._store.change_count()
        if now != self._seen:
            self._numbers, self._seen = {}, now
        if kind not in self._numbers:
            self._numbers[kind] = self._store.chunk_numbers(kind.role, kind.occasion, kind.level)
        return self._numbers[kind]


def _digest_of(folder: Path) -> str:
    with storage_errors(folder):
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        parts = [f"{p.relative_to(folder).as_posix()}\0".encode() + p.read_bytes() for p in files]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def open_library(settings: Settings, *, notice: Notice | None = None) -> Library:
    """Open the library that ``settings`` name, as it is. Raises what :class:`Library` raises."""
    return Library(settings.library, settings.embedder, settings.chroma_url or "", notice=notice)


def open_default_library(
    settings: Settings, *, notice: Notice | None = None, fill: Fill | None = None
) -> Library:
    """Open the library that ``settings`` name, with the bundled speeches in it.

    They are put in when the library is empty, and again (what changed) when an upgrade brings others; a library
    of the office's own speeches alone is left as it is. ``fill`` replaces the usual ingestion.
    """
    from rag_speech.resources import data_dir

    library = open_library(settings, notice=notice)
    try:
        library.fill_once(data_dir("corpus"), fill or _ingest)
    except BaseException:
        library.close()
        raise
    return library


def _ingest(library: Library, folder: Path) -> None:
    from rag_speech.ingest.run import ingest

    ingest([folder / "speeches"], library)
