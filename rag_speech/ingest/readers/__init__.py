"""Readers: one file a format, one row a suffix (see :mod:`rag_speech.ingest.readers.table`)."""

from __future__ import annotations

from rag_speech.ingest.readers.base import MAX_BYTES, Document, Dropped, Known, Refusal, UnreadableError
from rag_speech.ingest.readers.table import SUFFIXES, read_bytes, read_document
from rag_speech.ingest.readers.walk import read_many

__all__ = [
    "MAX_BYTES",
    "SUFFIXES",
    "Document",
    "Dropped",
    "Known",
    "Refusal",
    "UnreadableError",
    "read_bytes",
    "read_document",
    "read_many",
]
