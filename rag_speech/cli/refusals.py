"""What ``draft`` would refuse to begin with, found without drafting: for ``--dry-run``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from rag_speech.errors import InputError, StorageError

if TYPE_CHECKING:
    from rag_speech.brief.brief import Brief
    from rag_speech.config import Settings


def refuse(brief: Brief, settings: Settings, *, folder: Path, output: Path | None, fresh: bool) -> None:
    """Raise what ``draft`` would raise before its first paragraph; nothing is written.

    InputError: the folder holds another draft. StorageError: folder or output cannot be written. ModelError: the
    embedded model is missing or damaged.
    """
    if not fresh:
        _another_draft(brief, folder)
    for path in (folder / "state.json", output):
        if path is not None:
            _writable(path)
    if settings.resolved_provider == "embedded":
        from rag_speech.llm.embedded import require_runtime
        from rag_speech.llm.model_files import locate_model

        require_runtime()
        locate_model(settings.cache_dir, path=settings.model_path)


def _another_draft(brief: Brief, folder: Path) -> None:
    from rag_speech.brief.brief import dump_brief
    from rag_speech.folder import digest

    try:
        state = json.loads((folder / "state.json").read_text("utf-8"))
    except (OSError, json.JSONDecodeError):
        return
    if isinstance(state, dict) and state.get("brief") not in (None, digest(dump_brief(brief))):
        raise InputError(
            f"{folder} holds a draft made with another brief; give --fresh to start over there, or another --folder"
        )


def _writable(path: Path) -> None:
    """Raise StorageError unless ``path`` can be made: its nearest folder that exists is one, and writable."""
    if path.is_dir():
        raise StorageError(f"Cannot write {path}: it is a folder; choose another name")
    near = next(p for p in (path.absolute().parent, *path.absolute().parent.parents) if p.exists())
    if not near.is_dir():
        raise StorageError(f"Cannot write {path}: {near} is not a folder; choose another place")
    if not os.access(near, os.W_OK | os.X_OK):
        raise StorageError(f"Cannot write {path}: {near} is read-only; choose another place")
