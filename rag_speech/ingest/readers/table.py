"""Which reader reads which suffix, and the checks that come before any reader."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path, PurePosixPath

from rag_speech.ingest.readers.base import MAX_BYTES, Document, UnreadableError
from rag_speech.zh.classified import classified_marks

Reader = Callable[[bytes, str], Document]

_PACKAGE = "rag_speech.ingest.readers"
SUFFIXES: dict[str, str] = {
    ".txt": f"{_PACKAGE}.text:read_text",
    ".text": f"{_PACKAGE}.text:read_text",
    ".md": f"{_PACKAGE}.text:read_markdown",
    ".markdown": f"{_PACKAGE}.text:read_markdown",
    ".html": f"{_PACKAGE}.html:read_html",
    ".htm": f"{_PACKAGE}.html:read_html",
    ".docx": f"{_PACKAGE}.docx:read_docx",
    ".pdf": f"{_PACKAGE}.pdf:read_pdf",
    ".doc": f"{_PACKAGE}.office:read_office",
    ".wps": f"{_PACKAGE}.office:read_office",
    ".rtf": f"{_PACKAGE}.office:read_office",
}
"""Suffix to reader; a new format is one file and one row."""

ARCHIVES = frozenset({".zip"})

_TEXT = frozenset({".txt", ".text", ".md", ".markdown", ".html", ".htm"})
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip or Office file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b\x08", "gzip data"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
    (b"SQLite format 3\x00", "a database"),
)


def read_document(path: Path | str, *, name: str | None = None, classified: bool = False) -> Document:
    """Read one document. ``name`` is what errors and the report call it (default: the path).

    Raises ReadError with one sentence: missing, a folder, empty, over 20 MB, unsupported, binary, damaged,
    encrypted or hostile; and one that bears a mark of secrecy, unless ``classified`` lets it pass to be reported.
    """
    path = Path(path)
    name = name or str(path)
    return read_bytes(read_file(path, name, MAX_BYTES), name, suffix=path.suffix, classified=classified)


def read_bytes(data: bytes, name: str, *, suffix: str | None = None, classified: bool = False) -> Document:
    """Read a document from memory; the suffix of ``name`` chooses the reader.

    Raises ReadError as read_document does.
    """
    suffix = (PurePosixPath(name).suffix if suffix is None else suffix).lower()
    if suffix in ARCHIVES:
        raise UnreadableError(
            name, "unsupported", "an archive is not one document; add it with: rag-speech corpus add"
        )
    if suffix not in SUFFIXES:
        known = " ".join(SUFFIXES)
        raise UnreadableError(
            name,
            "unsupported",
            f"the format {suffix or 'without a suffix'} is not supported; known: {known} .zip",
        )
    if len(data) > MAX_BYTES:
        raise UnreadableError(name, "too_large", _TOO_LARGE)
    if not data:
        raise UnreadableError(name, "empty", "the file is empty")
    if suffix in _TEXT:
        for magic, what in _MAGIC:
            if data.startswith(magic):
                raise UnreadableError(
                    name, "binary", f"the file is {what}, not {suffix} text; give it its right suffix"
                )
    document = replace(_reader(suffix)(data, name), digest=digest_of(data))
    if not classified:
        _refuse_classified(document)
    return document


def _refuse_classified(document: Document) -> None:
    """What bears a mark of secrecy goes no further, wherever on its pages the mark stands. Raises UnreadableError."""
    around = [*document.margins, *(d.text for d in document.dropped)]
    marks = [span.of(document.text) for span in classified_marks(document.text)]
    marks += [span.of(text) for text in around for span in classified_marks(text, margin=True)]
    if marks:
        why = f"it bears the mark of secrecy {' '.join(marks[0].split())!r} and must not be processed here"
        raise UnreadableError(document.name, "classified", why)


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of ``data`` in hex."""
    return hashlib.sha256(data).hexdigest()


def read_file(path: Path, name: str, limit: int) -> bytes:
    """Return the bytes of a plain file of at most ``limit`` bytes. Raises UnreadableError."""
    try:
        if path.is_dir():
            raise UnreadableError(name, "unsupported", "this is a folder, not a document")
        if path.exists() and not path.is_file():
            raise UnreadableError(name, "unsupported", "this is not a plain file")
        size = path.stat().st_size
        if size > limit:
            raise UnreadableError(
                name, "too_large", _TOO_LARGE if limit == MAX_BYTES else f"the file is over {limit >> 20} MB"
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        why = "the link points nowhere" if path.is_symlink() else "the file does not exist"
        raise UnreadableError(name, "missing", why) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise UnreadableError(name, "loop", "the link points to itself") from error
        raise UnreadableError(
            name, "unreadable", f"the file cannot be read: {error.strerror or error}"
        ) from error


_TOO_LARGE = "the file is over 20 MB; a speech is never that long"


def _reader(suffix: str) -> Reader:
    module, function = SUFFIXES[suffix].split(":")
    found: Reader = getattr(import_module(module), function)
    return found
