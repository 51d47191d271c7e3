"""``rag-speech doctor``: what is configured, what is missing, and how to get it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from rag_speech.errors import RagSpeechError

if TYPE_CHECKING:
    from rag_speech.config import Settings

_PACKAGES = ("openai", "chromadb", "sentence-transformers", "onnxruntime", "xllamacpp", "python-docx")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the diagnosis; ``needed`` says whether drafting fails without it."""

    what: str
    ok: bool
    detail: str
    needed: bool = True


def doctor_command(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False
) -> None:
    """Say what is configured, what is missing and how to get it. Exit 3 when drafting cannot work.

    Example: rag-speech doctor
    """
    from rag_speech.config import describe, load_with_sources

    loaded = load_with_sources()
    rows = list(_examine(loaded.settings))
    if as_json:
        body = {"settings": [asdict(s) for s in describe(loaded)], "checks": [asdict(r) for r in rows]}
        typer.echo(json.dumps(body, ensure_ascii=False, indent=2))
    else:
        for setting in describe(loaded):
            typer.echo(f"  {setting.name:<20}{setting.value}  [{setting.source}]")
        typer.echo()
        for row in rows:
            mark = "ok     " if row.ok else "MISSING" if row.needed else "absent "
            typer.echo(f"{mark} {row.what}: {row.detail}")
    if any(r.needed and not r.ok for r in rows):
        raise typer.Exit(3)


def _examine(settings: Settings) -> Iterator[Row]:
    versions = ", ".join(f"{name} {_version(name)}" for name in _PACKAGES)
    yield Row("packages", True, versions)
    if settings.resolved_provider == "embedded":
        yield _try("embedded model", lambda: _model(settings))
        runtime = importlib.util.find_spec("xllamacpp") is not None
        yield Row("model runtime", runtime, "xllamacpp" if runtime else "pip install 'rag-speech[local]'")
    elif settings.resolved_provider == "endpoint":
        yield Row(
            "endpoint",
            settings.model is not None,
            f"{settings.endpoint_url}, model {settings.model}" if settings.model else "set RAG_SPEECH_MODEL",
        )
    yield _try("embedding model", lambda: _embedder(settings))
    yield _try("library", lambda: _library(settings))
    office = shutil.which("soffice") or shutil.which("libreoffice")
    yield Row(
        "LibreOffice", office is not None, office or "only for .doc/.wps input and PDF output", needed=False
    )


def _try(what: str, look: Callable[[], str]) -> Row:
    try:
        return Row(what, True, look())
    except RagSpeechError as error:
        return Row(what, False, str(error))


def _model(settings: Settings) -> str:
    from rag_speech.llm.model_files import locate_model

    return str(locate_model(settings.cache_dir, path=settings.model_path))


def _embedder(settings: Settings) -> str:
    from rag_speech.embed import get_embedder

    embedder = get_embedder(settings.embedder)
    return f"{embedder.name}, {embedder.dimensions} dimensions"


def _library(settings: Settings) -> str:
    from rag_speech.retrieve.library import open_library

    if not (settings.library / "library.sqlite").exists():
        return f"{settings.library} (made with the bundled speeches at the first draft)"
    with open_library(settings) as library:
        stats = library.stats()
    return f"{settings.library}: {stats.speeches} speeches, {stats.chunks} chunks"


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"
