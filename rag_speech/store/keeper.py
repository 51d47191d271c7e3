"""Opens the vector index of a library file and keeps it in step: probes, catches up, rebuilds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from rag_speech.errors import LibraryBusyError, LibraryError, StorageError
from rag_speech.store.folders import IndexFolders
from rag_speech.store.guard import storage_errors
from rag_speech.store.index import ChromaIndex, IndexFailure
from rag_speech.store.lock import WriteLock
from rag_speech.store.speeches import SpeechStore, WindowRow
from rag_speech.store.sync import State, catch_up, examine

Notice = Callable[[str], None]
_WAIT_TO_CATCH_UP: Final = 0.3
"""Seconds to wait for another writer when the index is sound but behind; it can be searched as it is."""
_DISK_WORDS: Final = ("full", "no space", "readonly", "read-only", "permission", "os error 28", "os error 30")


class IndexKeeper:
    """Hands out the index, ready to use.

    On disk, changes go to a copy of the current folder until :meth:`publish` (see :mod:`rag_speech.store.folders`);
    the library file names the current one under ``index``. A server's collections are changed in place.
    """

    def __init__(
        self, store: SpeechStore, folder: Path, server: str, lock: WriteLock, notice: Notice
    ) -> None:
        self._store = store
        self._base = folder
        self._folders = IndexFolders(folder)
        self._server = server
        self._lock = lock
        self._notice = notice
        self._index: ChromaIndex | None = None
        self._model = ""
        self._number = ""
        """The open folder: the current one, or our working copy."""
        self._working = False
        self._seen: tuple[int, int] | None = None
        self._added: list[int] = []
        self._removed: list[WindowRow] = []

    # ------------------------------------------------------------------ for searching

    def ready(self, model: str) -> ChromaIndex:
        """Return the index for vectors of the embedder named ``model``: opened, probed and in step.

        Raises LibraryError when the server does not answer or the index cannot be rebuilt, LibraryBusyError when
        it is damaged and another process is writing, StorageError when its folder cannot be written.
        """
        if self.pending:
            with self._lock.held():
                self.flush(model)
        return self._current(model) or self._open(model)

    def after_failure(self, model: str, reason: str) -> ChromaIndex:
        """Return an index to try again with after a search failed: another process's newer one, or one rebuilt."""
        with self._lock.held():
            stale = self._number != self._store.meta("index") and not self._working
            return self._open(model) if stale else self.rebuild(model, reason)

    def close(self) -> None:
        """Release the index; a working copy is given up."""
        index, self._index = self._index, None
        if index is not None:
            try:
                index.close()
            except IndexFailure as error:
                self._notice(f"The vector index did not close cleanly ({error}).")
        if self._working:
            self._working = False
            self._folders.remove(self._number)

    # ------------------------------------------------------------------ for writing, with the lock held

    @property
    def pending(self) -> int:
        """How many windows wait for :meth:`flush`."""
        return len(self._added) + len(self._removed)

    def changed(self, added: Iterable[int] = (), removed: Iterable[WindowRow] = ()) -> None:
        """Remember windows that the library file gained and lost, for :meth:`flush`."""
        self._added += added
        self._removed += removed

    def flush(self, model: str) -> None:
        """Write what changed to the working copy. Raises as :meth:`ready`."""
        added, removed = self._added, self._removed
        self._added, self._removed = [], []
        try:
            none_yet = not self._server and not self._store.meta("index")
            if self._current(model) is None and not none_yet:
                self._connect(model)
            index = self._begin(model)
            index.upsert(self._store.windows(added))
            index.delete(removed)
        except IndexFailure as error:
            self.rebuild(model, str(error))

    def publish(self, model: str) -> None:
        """Write what is left and let everyone see it."""
        if self.pending:
            self.flush(model)
        if self._working and self._index is not None:
            self._publish()

    def discard(self) -> None:
        """Forget what is not published; the index is then behind, and the next :meth:`ready` sees to that."""
        self._added, self._removed = [], []
        self.close()

    def rebuild(self, model: str, reason: str) -> ChromaIndex:
        """Make the index anew from the library file; ``reason`` goes into the notice. Raises as :meth:`ready`."""
        self._notice(f"Rebuilding the vector index from the library file ({reason}).")
        self.close()
        self._added, self._removed = [], []
        try:
            index = self._begin(model, fresh=True)
            index.drop()
            catch_up(index, self._store)
            state = examine(index, self._store)
        except IndexFailure as error:
            state = State(damage=str(error))
        if state.trouble:
            self.close()
            raise self.hopeless(state.trouble)
        self._publish()
        return self._connect(model)

    def hopeless(self, reason: str) -> LibraryError | StorageError:
        """Return the error for an index that fails even when it is new."""
        where = self._server or self._base
        if any(word in reason.lower() for word in _DISK_WORDS):
            return StorageError(
                f"The vector index in {where} cannot be written ({reason}); check space and permission."
            )
        return LibraryError(
            f"The vector index at {where} cannot be rebuilt ({reason}); see: rag-speech doctor"
        )

    # ------------------------------------------------------------------

    def _current(self, model: str) -> ChromaIndex | None:
        """Return the open index while it is of this model and the one that the library file names."""
        now = self._store.change_count()
        if now != self._seen:
            self._seen = now
            if not self._working and self._number != self._store.meta("index"):
                self.close()
        return self._index if self._model == model else None

    def _open(self, model: str) -> ChromaIndex:
        index, state = self._examined(model)
        if index is not None and not state.trouble:
            return index
        try:
            with self._lock.held(None if state.damage else _WAIT_TO_CATCH_UP):
                return self._repair(model)
        except LibraryBusyError:
            if index is None or state.damage:
                raise
            self._notice(
                f"The vector index is behind ({state.lag}) while another process writes; used as it is."
            )
            return index

    def _examined(self, model: str) -> tuple[ChromaIndex | None, State]:
        """Connect anew; return the index, None when it cannot even be opened, and its state."""
        try:
            index = self._connect(model)
            return index, examine(index, self._store)
        except IndexFailure as error:
            return None, State(damage=str(error))

    def _repair(self, model: str) -> ChromaIndex:
        """Catch up, or rebuild. Looks again first: whoever held the lock before may have done it."""
        index, state = self._examined(model)
        if index is not None and state.lag and not state.damage:
            self._notice(f"The vector index is behind ({state.lag}); catching up.")
            try:
                index = self._begin(model)
                catch_up(index, self._store)
                state = examine(index, self._store)
            except IndexFailure as error:
                state = State(damage=str(error))
            if not state.trouble:
                self._publish()
                return self._connect(model)
        if index is None or state.trouble:
            return self.rebuild(model, state.trouble)
        return index

    def _connect(self, model: str) -> ChromaIndex:
        """Open the current folder, or the server. Raises IndexFailure when the folder is not as it was sealed."""
        self.close()
        self._model, self._number = model, self._store.meta("index")
        self._seen = self._store.change_count()
        if not self._server:
            fault = self._folders.fault(self._number) if self._number else "there is none yet"
            if fault:
                raise IndexFailure(fault)
        self._index = self._chroma(model)
        return self._index

    def _begin(self, model: str, *, fresh: bool = False) -> ChromaIndex:
        """Return an index that may be written: a working copy of the current folder, or an empty one."""
        if self._working and self._index is not None:
            return self._index
        if self._server:
            self._index = self._index or self._chroma(model)
        else:
            self.close()
            with storage_errors(self._base):
                self._number = self._folders.copy("" if fresh else self._store.meta("index"))
            self._working = True
            self._index = self._chroma(model)
        self._model = model
        return self._index

    def _chroma(self, model: str) -> ChromaIndex:
        place = self._server or self._folders.path(self._number)
        return ChromaIndex(place, self._store.meta("library"), model)

    def _publish(self) -> None:
        if not self._working:
            return
        self._working = False
        number = self._number
        self.close()
        with storage_errors(self._base):
            self._folders.seal(number)
        before = self._store.meta("index")
        self._store.set_meta("index", number)
        # Another process may still be reading the one before.
        self._folders.keep(number, before)
