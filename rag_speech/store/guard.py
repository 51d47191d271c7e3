"""Turns the errors of SQLite and the file system into ours."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag_speech.errors import LibraryBusyError, LibraryError, StorageError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_STORAGE_WORDS = ("readonly", "full", "unable to open", "disk i/o")


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Raise StorageError, LibraryBusyError or LibraryError about the library at ``path`` for what fails inside."""
    try:
        yield
    except sqlite3.Error as error:
        said = str(error)
        if "locked" in said:
            raise LibraryBusyError(f"The library {path} is busy; try again in a moment.") from error
        if any(word in said.lower() for word in _STORAGE_WORDS):
            raise StorageError(
                f"The library {path} cannot be used ({said}); check free space and write permission, "
                "or choose another folder."
            ) from error
        raise LibraryError(
            f"The library {path} is damaged ({said}); move it away and add the speeches again."
        ) from error
    except OSError as error:
        what = "the disk is full" if error.errno in _FULL else error.strerror or str(error)
        raise StorageError(
            f"The library {path} cannot be used ({what}); check free space and write permission, "
            "or choose another folder."
        ) from error
