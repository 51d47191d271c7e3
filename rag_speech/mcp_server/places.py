"""Which files a client may have read and written: drafts in one folder, documents in another, nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rag_speech.errors import InputError, NotFoundError, StorageError
from rag_speech.files import storage_errors

BRIEF = "brief.yaml"
READABLE = (BRIEF, "assignment.yaml", "evidence.yaml", "plan.yaml", "speech.txt", "speech.md")
"""Files of a draft that a client may read; the model's kept answers and the state are none of its business."""
RENDERED = "rendered"
"""The folder in a draft's folder for what is laid out."""
LOOSE = "rendered-texts"
"""The draft folder's neighbour for texts that belong to no draft."""
MAX_READ_BYTES = 20 * 1024 * 1024
_NAME = re.compile(r"[^\W_][\w.\-（）()]{0,119}")


@dataclass(frozen=True, slots=True)
class Places:
    """``drafts`` holds a folder a draft; ``files`` documents that may be read as materials or checked, if any."""

    drafts: Path
    files: Path | None = None

    def draft(self, name: str) -> Path:
        """Return the folder of the draft ``name``. Raises NotFoundError when there is none, InputError for no name."""
        folder = self.new_draft(name)
        if not (folder / BRIEF).is_file():
            raise NotFoundError(
                f"There is no draft {name!r}; call understand first, it returns the draft's name"
            )
        return folder

    def new_draft(self, name: str) -> Path:
        """Return where the draft ``name`` lies or would lie. Raises InputError for what is no plain name."""
        require_name(name, "draft")
        if name == LOOSE:
            raise InputError(
                f"{LOOSE!r} is no name for a draft: texts that belong to no draft are laid out there"
            )
        return _inside(self.drafts, self.drafts / name)

    def document(self, name: str) -> Path:
        """Return a document that the client may have read. Raises InputError for any other place."""
        if self.files is None:
            raise InputError(
                "This server reads no files; start it with --files FOLDER, or give the text itself in materials"
            )
        path = _inside(self.files, self.files / name)
        if not path.is_file():
            raise NotFoundError(f"There is no file {name!r} in the folder of documents")
        return path

    def rendered(self, draft: str, file: str) -> Path:
        """Return where the laid-out ``file`` of ``draft`` lies or would lie; of no draft, when that is empty."""
        require_name(file, "file")
        home = self.drafts / LOOSE if draft in ("", LOOSE) else self.draft(draft) / RENDERED
        return _inside(self.drafts, home / file)

    def readable(self, draft: str, file: str) -> Path:
        """Return one of the files of a draft that a client may read. Raises NotFoundError for any other."""
        if file not in READABLE:
            raise NotFoundError(f"A draft has no file {file!r} to read; there are {', '.join(READABLE)}")
        path = _inside(self.drafts, self.draft(draft) / file)
        if not path.is_file():
            raise NotFoundError(f"The draft {draft!r} has no {file} yet")
        return path

    def names(self) -> list[str]:
        """Return the names of all drafts, newest first."""
        if not self.drafts.is_dir():
            return []
        found = [p.parent for p in self.drafts.glob(f"*/{BRIEF}") if _NAME.fullmatch(p.parent.name)]
        found = [p for p in found if p.resolve().is_relative_to(self.drafts.resolve())]
        return [p.name for p in sorted(found, key=lambda p: (p / BRIEF).stat().st_mtime, reverse=True)]


def require_name(name: str, what: str) -> None:
    """Raise InputError unless ``name`` is the plain name of one file or folder."""
    if not _NAME.fullmatch(name) or ".." in name or name.endswith("."):
        raise InputError(
            f"{name[:60]!r} is no name for a {what}: use letters, digits, Chinese characters, - and . only"
        )


def read_bounded(path: Path) -> bytes:
    """Return the file's bytes. Raises StorageError when it cannot be read or is beyond all bounds."""
    with storage_errors(path):
        if path.stat().st_size > MAX_READ_BYTES:
            raise StorageError(f"{path.name} is over {MAX_READ_BYTES // 1024 // 1024} MB and is not sent")
        return path.read_bytes()


@contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Hold the draft for one writer; the system lets go of it when the process ends, however that ended.

    Raises InputError when another call or another server is writing it.
    """
    from filelock import FileLock, Timeout

    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise InputError(
                f"The draft {folder.name!r} is being worked on by another call; wait for it to end, or cancel it"
            ) from None
    try:
        yield
    finally:
        lock.release()


def _inside(root: Path, path: Path) -> Path:
    """Return ``path`` with every link followed. Raises InputError when that leads out of ``root``."""
    try:
        real, home = path.resolve(), root.resolve()
    except (OSError, ValueError, RuntimeError):  # a NUL, a circle of links
        real, home = Path("/"), root
    if not real.is_relative_to(home) or real == home:
        raise InputError("That place is outside the folders that this server may use")
    return real
