"""Looks into zip archives without trusting them."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath

from rag_speech.ingest.readers.base import MAX_BYTES, UnreadableError

MAX_ARCHIVE = 500 * 1024 * 1024
"""Largest archive, and the largest sum of its members unpacked, in bytes."""
MAX_MEMBERS = 20_000
MAX_RATIO = 200
"""Largest ratio of unpacked to packed size of a member over 1 MB; text packs about 3 to 10 times."""

_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1


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
        path = member_name(info).replace("\\", "/")
        if path.startswith("/") or ".." in path.split("/") or path[1:2] == ":":
            raise UnreadableError(name, "hostile", "the archive has a member whose path leads out of it")
        if info.file_size > 1 << 20 and info.file_size > MAX_RATIO * max(1, info.compress_size):
            raise UnreadableError(
                name, "bomb", "the archive is a zip bomb: it would unpack to over 200 times its size"
            )
    if sum(info.file_size for info in members) > MAX_ARCHIVE:
        raise UnreadableError(name, "bomb", f"the archive would unpack to over {MAX_ARCHIVE >> 20} MB")
    return members


def member_bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    """Return a member of an archive that check_archive has passed. Raises UnreadableError."""
    if PurePosixPath(name).suffix.lower() == ".zip":
        raise UnreadableError(
            name, "unsupported", "an archive inside an archive is not opened; unpack it first"
        )
    if info.file_size > MAX_BYTES:
        raise UnreadableError(name, "too_large", "the file is over 20 MB; a speech is never that long")
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise UnreadableError(name, "encrypted", "the archive's member is locked with a password")
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, struct.error) as error:
        raise UnreadableError(name, "damaged", "the archive's member is damaged") from error


def member_name(info: zipfile.ZipInfo) -> str:
    """Chinese Windows writes member names in GBK without saying so."""
    if info.flag_bits & _UTF8_FLAG:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename
