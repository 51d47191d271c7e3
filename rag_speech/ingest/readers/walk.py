"""Reads folders and zip archives, one document at a time."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath

from rag_speech.ingest.readers.archive import MAX_ARCHIVE, check_archive, member_bytes, member_name
from rag_speech.ingest.readers.base import MAX_BYTES, Document, Known, Refusal, UnreadableError
from rag_speech.ingest.readers.table import ARCHIVES, digest_of, read_bytes, read_file

_JUNK = frozenset({"Thumbs.db", "desktop.ini", "__MACOSX"})
Found = Document | Known | Refusal
IsKnown = Callable[[str, str], bool]
"""Takes a document's name and the SHA-256 of its bytes."""


def read_many(path: Path | str, *, known: IsKnown | None = None) -> Iterator[Found]:
    """Read a document, a folder with its folders, or a zip of those, lazily and in the order of names.

    What cannot be read comes as a Refusal and never stops the rest; what ``known`` says yes to comes as Known,
    unread. Hidden files and Office lock files are passed over. A link back to a folder above it is refused.
    """
    path = Path(path)
    known = known or _nothing_known
    if path.is_dir():
        yield from _read_folder(path, set(), known)
    else:
        yield from _read_one(path, known)


def _read_folder(folder: Path, above: set[tuple[int, int]], known: IsKnown) -> Iterator[Found]:
    try:
        state = folder.stat()
        entries = sorted(folder.iterdir(), key=lambda p: p.name)
    except OSError as error:
        yield Refusal(
            str(folder), "unreadable", f"{folder}: the folder cannot be read: {error.strerror or error}"
        )
        return
    here = (state.st_dev, state.st_ino)
    if here in above:
        yield Refusal(str(folder), "loop", f"{folder}: the link leads back to a folder above it")
        return
    for entry in entries:
        if _is_junk(entry.name):
            continue
        if entry.is_dir():
            yield from _read_folder(entry, above | {here}, known)
        else:
            yield from _read_one(entry, known)


def _read_one(path: Path, known: IsKnown) -> Iterator[Found]:
    name = str(path)
    try:
        if path.suffix.lower() in ARCHIVES:
            yield from _read_archive(read_file(path, name, MAX_ARCHIVE), name, known)
        else:
            yield _read_data(read_file(path, name, MAX_BYTES), name, known)
    except UnreadableError as error:
        yield error.refusal


def _read_data(data: bytes, name: str, known: IsKnown) -> Document | Known:
    digest = digest_of(data)
    return Known(name, digest) if known(name, digest) else read_bytes(data, name)


def _read_archive(data: bytes, name: str, known: IsKnown) -> Iterator[Found]:
    if not data:
        raise UnreadableError(name, "empty", "the file is empty")
    seen = 0
    members = check_archive(data, name)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for info in members:
            member = member_name(info)
            if info.is_dir() or any(_is_junk(part) for part in PurePosixPath(member).parts):
                continue
            seen += 1
            inside = f"{name}/{member}"
            try:
                yield _read_data(member_bytes(archive, info, inside), inside, known)
            except UnreadableError as error:
                yield error.refusal
    if not seen:
        yield Refusal(name, "empty", f"{name}: the archive holds no document")


def _nothing_known(_name: str, _digest: str) -> bool:
    return False


def _is_junk(name: str) -> bool:
    return name.startswith((".", "~$")) or name in _JUNK
