"""What a reader takes and gives, and how it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rag_speech.errors import ReadError

MAX_BYTES = 20 * 1024 * 1024
"""Largest document that is read, in bytes."""

RefusalKind = Literal[
    "missing",
    "empty",
    "no_text",
    "too_large",
    "unsupported",
    "binary",
    "encoding",
    "encrypted",
    "damaged",
    "bomb",
    "hostile",
    "loop",
    "tool_missing",
    "front_matter",
    "unreadable",
    "not_speech",
    "fiction",
    "classified",
]


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something on the page that is not the document's own text (a menu, a page number), and why it goes."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read: one paragraph a line, line ends ``\\n``, nothing cleaned yet.

    ``meta`` is the front matter; ``format`` the reader's name; ``encoding`` how the bytes were decoded (empty
    for formats that carry their own).
    """

    text: str
    meta: Mapping[str, object] = field(default_factory=dict)
    format: str = "txt"
    encoding: str = ""
    name: str = ""
    digest: str = ""
    """SHA-256 of the bytes read, in hex."""
    dropped: tuple[Dropped, ...] = ()
    margins: tuple[str, ...] = ()
    """What the pages show around the text: headers, footers, notes, watermarks; not part of it."""


@dataclass(frozen=True, slots=True)
class Known:
    """A document that was not read again because its bytes are known."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document that was not read: ``reason`` is one English sentence, ``kind`` its class."""

    name: str
    kind: RefusalKind
    reason: str


class UnreadableError(ReadError):
    """A ReadError that knows its class; ``str(error)`` names the document."""

    def __init__(self, name: str, kind: RefusalKind, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name
        self.kind: RefusalKind = kind

    @property
    def refusal(self) -> Refusal:
        """The same as a record."""
        return Refusal(self.name, self.kind, str(self))
