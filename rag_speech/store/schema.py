"""The library file's tables."""

from __future__ import annotations

SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE speeches (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, occasion TEXT NOT NULL, level TEXT NOT NULL, place TEXT NOT NULL,
    speaker TEXT NOT NULL, audience TEXT NOT NULL, event TEXT NOT NULL, year INTEGER, chars INTEGER NOT NULL,
    origin TEXT NOT NULL, digest TEXT NOT NULL, structure_only INTEGER NOT NULL, names TEXT NOT NULL,
    family TEXT NOT NULL, meta TEXT NOT NULL, added TEXT NOT NULL, text TEXT NOT NULL, original TEXT NOT NULL
);
CREATE INDEX speeches_digest ON speeches (digest);

-- Numbers are never used twice, so that an index entry of a removed chunk can never pass for another chunk's.
CREATE TABLE chunks (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    speech_id TEXT NOT NULL REFERENCES speeches (id) ON DELETE CASCADE,
    role TEXT NOT NULL, occasion TEXT NOT NULL, level TEXT NOT NULL, family TEXT NOT NULL, headings TEXT NOT NULL,
    start INTEGER NOT NULL, stop INTEGER NOT NULL, searchable INTEGER NOT NULL, text TEXT NOT NULL
);
CREATE INDEX chunks_speech ON chunks (speech_id);
CREATE INDEX chunks_kind ON chunks (searchable, role, occasion, level);

CREATE TABLE windows (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    chunk INTEGER NOT NULL REFERENCES chunks (number) ON DELETE CASCADE,
    start INTEGER NOT NULL, stop INTEGER NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX windows_chunk ON windows (chunk);
"""
