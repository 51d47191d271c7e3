"""Writes a stored speech as a Markdown file that an ingestion reads back."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from rag_speech.files import write_atomic
from rag_speech.ingest.readers.text import text_to_markdown
from rag_speech.types import StoredSpeech

_FIELDS = ("title", "occasion", "level", "place", "speaker", "audience", "event", "year")


def speech_to_markdown(speech: StoredSpeech) -> str:
    """Return front matter with what is known of the speech, then its cleaned text."""
    front: dict[str, object] = {name: getattr(speech, name) for name in _FIELDS if getattr(speech, name)}
    front |= {k: v for k, v in json.loads(speech.meta).items() if k in ("date", "minutes") and v}
    head = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=1000)
    body = text_to_markdown(speech.text).replace("\n", "\n\n")
    return f"---\n{head}---\n{body}\n"


def export_speech(speech: StoredSpeech, folder: Path) -> Path:
    """Write ``<id>.md`` into ``folder`` and return its path. Raises StorageError."""
    path = folder / f"{speech.id}.md"
    write_atomic(path, speech_to_markdown(speech))
    return path
