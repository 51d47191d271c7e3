"""What a run was made of: commit, versions and digests, so that two runs can be told apart."""

from __future__ import annotations

import platform
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from rag_speech.folder import digest

if TYPE_CHECKING:
    from rag_speech.retrieve.library import Library

_PACKAGE = Path(__file__).resolve().parent.parent
_NOT_DRAFTING = {"cli", "evals", "render", "ingest"}
"""Parts of the package that no draft depends on (what ingestion made of the corpus is in the corpus digest)."""
_PACKAGES = (
    "rag-speech",
    "openai",
    "chromadb",
    "onnxruntime",
    "tokenizers",
    "numpy",
    "jinja2",
    "pydantic",
    "xllamacpp",
)


@cache
def code_digest() -> str:
    """Return the digest of the sources and rules that a draft depends on."""
    files = [
        p
        for p in _PACKAGE.rglob("*")
        if p.suffix in {".py", ".toml", ".txt"}
        and p.relative_to(_PACKAGE).parts[0] not in _NOT_DRAFTING
        and "_data" not in p.relative_to(_PACKAGE).parts
    ]
    return _of_files(files)


@cache
def rules_digest() -> str:
    """Return the digest of the checks and their rules: two runs with the same one were scored alike."""
    return _of_files([p for p in (_PACKAGE / "checks").rglob("*") if p.suffix in {".py", ".toml", ".txt"}])


def corpus_digest(library: Library) -> str:
    """Return the digest of the library's speeches and chunks."""
    rows = sorted(f"{s.id} {s.digest}" for s in library.speeches())
    return digest(*rows, *(f"{c.id} {len(c.text)}" for c in library.chunks()))


def commit() -> tuple[str, bool]:
    """Return the checkout's commit and whether files differ from it; empty for an installed package."""
    head = _git("rev-parse", "HEAD")
    return (head, bool(_git("status", "--porcelain", "--untracked-files=no"))) if head else ("", False)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that results depend on."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def machine() -> str:
    """Return what timings depend on: system, processor and the number of its cores."""
    import os

    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(_PACKAGE), *arguments], capture_output=True, text=True, check=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _of_files(files: list[Path]) -> str:
    return digest(
        *(part for p in sorted(files) for part in (p.relative_to(_PACKAGE).as_posix(), p.read_bytes()))
    )
