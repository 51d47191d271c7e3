"""One writer at a time, between threads and between processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag_speech.errors import LibraryBusyError
from rag_speech.store.guard import storage_errors


class WriteLock:
    """A lock file that its holder may take again. The system releases it when the process dies, however it dies."""

    def __init__(self, path: Path, seconds: float) -> None:
        from filelock import FileLock

        self._path = path
        self._seconds = seconds
        self._threads = threading.RLock()
        self._file = FileLock(path, thread_local=False)

    @contextmanager
    def held(self, seconds: float | None = None) -> Iterator[bool]:
        """Hold the lock; yields True for the outermost holder.

        Waits at most ``seconds`` (default: the lock's own), then raises LibraryBusyError.
        """
        from filelock import Timeout

        wait = self._seconds if seconds is None else seconds
        if not self._threads.acquire(timeout=wait):
            raise self._busy(wait)
        try:
            outermost = not self._file.is_locked
            with storage_errors(self._path.parent):
                try:
                    self._file.acquire(timeout=wait)
                except Timeout as error:
                    raise self._busy(wait) from error
            try:
                yield outermost
            finally:
                self._file.release()
        finally:
            self._threads.release()

    def _busy(self, wait: float) -> LibraryBusyError:
        return LibraryBusyError(
            f"Another process has been writing to the library {self._path.parent} for over {wait:.0f} s; "
            "try again when it is done."
        )
