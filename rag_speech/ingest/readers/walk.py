"""Reads folders and zip archives, one document at a time."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath

from rag_speech.ingest.readers.base import MAX_BYTES, Document, Refusal, UnreadableError
from rag_speech.ingest.readers.table import ARCHIVES, read_bytes, read_document, read_file

MAX_ARCHIVE = 500 * 1024 * 1024
"""Largest archive, and the largest sum of its members unpacked, in bytes."""
MAX_MEMBERS = 20_000
MAX_RATIO = 200
"""Largest ratio of unpacked to packed size of a member over 1 MB; text packs about 3 to 10 times."""

_JUNK = frozenset({"Thumbs.db", "desktop.ini", "__MACOSX"})
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1


def read_many(path: Path | str) -> Iterator[Document | Refusal]:
    """Read a document, a folder with its folders, or a zip of those, lazily and in the order of names.

    What cannot be read comes as a Refusal and never stops the rest. Hidden files and Office lock files are
    passed over. Links to folders are followed once.
    """
    path = Path(path)
    if path.is_dir():
        yield from _read_folder(path, path, set())
    else:
        yield from _read_one(path, str(path))


def _read_folder(folder: Path, root: Path, above: set[tuple[int, int]]) -> Iterator[Document | Refusal]:
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
        if entry.name.startswith((".", "~$")) or entry.name in _JUNK:
            continue
        if entry.is_dir():
            yield from _read_folder(entry, root, above | {here})
        else:
            yield from _read_one(entry, str(entry))


def _read_one(path: Path, name: str) -> Iterator[Document | Refusal]:
    if path.suffix.lower() in ARCHIVES:
        yield from _read_archive(path, name)
        return
    try:
        yield read_document(path, name=name)
    except UnreadableError as error:
        yield error.refusal


def _read_archive(path: Path, name: str) -> Iterator[Document | Refusal]:
    try:
        data = read_file(path, name, MAX_ARCHIVE)
        if not data:
            raise UnreadableError(name, "empty", "the file is empty")
        members = list(check_archive(data, name))
    except UnreadableError as error:
        yield error.refusal
        return
    seen = 0
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for info in members:
            member = _member_name(info)
            parts = PurePosixPath(member).parts
            if info.is_dir() or any(p.startswith((".", "~$")) or p in _JUNK for p in parts):
                continue
            seen += 1
            try:
                yield read_member(archive, info, f"{name}/{member}")
            except UnreadableError as error:
                yield error.refusal
    if not seen:
        yield Refusal(name, "empty", f"{name}: the archive holds no document")


def check_archive(data: bytes, name: str) -> list[zipfile.ZipInfo]:
    """Return the members of a zip. Raises UnreadableError: damaged, a bomb, paths that lead out."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, struct.error, OSError, NotImplementedError) as error:
        raise UnreadableError(name, "damaged", "the archive is damaged or cut off") from error
    if len(members) > MAX_MEMBERS:
        raise UnreadableError(name, "bomb", f"the archive has over {MAX_MEMBERS} members")
    for info in members:
        path = _member_name(info).replace("\\", "/")
        if path.startswith("/") or ".." in path.split("/") or path[1:2] == ":":
            raise UnreadableError(name, "hostile", "the archive has a member whose path leads out of it")
        if info.file_size > 1 << 20 and info.file_size > MAX_RATIO * max(1, info.compress_size):
            raise UnreadableError(
                name, "bomb", "the archive is a zip bomb: it would unpack to over 200 times its size"
            )
    if sum(info.file_size for info in members) > MAX_ARCHIVE:
        raise UnreadableError(name, "bomb", f"the archive would unpack to over {MAX_ARCHIVE >> 20} MB")
    return members


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Document:
    """Read one member of an archive that check_archive has passed. Raises UnreadableError."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in ARCHIVES:
        raise UnreadableError(
            name, "unsupported", "an archive inside an archive is not opened; unpack it first"
        )
    if info.file_size > MAX_BYTES:
        raise UnreadableError(name, "too_large", "the file is over 20 MB; a speech is never that long")
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise UnreadableError(name, "encrypted", "the archive's member is locked with a password")
    try:
        data = archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, struct.error) as error:
        raise UnreadableError(name, "damaged", "the archive's member is damaged") from error
    return read_bytes(data, name)


def _member_name(info: zipfile.ZipInfo) -> str:
    """Chinese Windows writes member names in GBK without saying so."""
    if info.flag_bits & _UTF8_FLAG:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename
