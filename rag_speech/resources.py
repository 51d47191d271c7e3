"""Finds the project's data (prompts, corpus, examples) in a source checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

from rag_speech.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parent


def data_dir(name: str) -> Path:
    """Return the folder ``name`` (``prompts``, ``corpus``, ``examples``).

    A wheel carries it under ``rag_speech/_data``; a checkout has it beside the package.
    Raises ConfigError when neither is there.
    """
    for base in (_PACKAGE / "_data", _PACKAGE.parent):
        folder = base / name
        if folder.is_dir():
            return folder
    raise ConfigError(
        f"The installation is incomplete: the data folder {name!r} is missing; reinstall rag-speech."
    )
