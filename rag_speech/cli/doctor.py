"""``rag-speech doctor``: what is configured, what is missing, and how to get it."""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import json
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from rag_speech.errors import RagSpeechError

if TYPE_CHECKING:
    from pathlib import Path

    from rag_speech.config import Settings
    from rag_speech.llm.endpoint import EndpointLLM
    from rag_speech.llm.findings import Findings

_PACKAGES = ("openai", "chromadb", "sentence-transformers", "onnxruntime", "xllamacpp", "python-docx")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the diagnosis; ``needed`` says whether drafting fails without it."""

    what: str
    ok: bool
    detail: str
    needed: bool = True


def doctor_command(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
    probe: Annotated[
        bool, typer.Option("--probe", help="Call the endpoint once; keep what it shows for later runs.")
    ] = False,
) -> None:
    """Say what is configured, what is missing and how to get it. Exit 3 when drafting cannot work.

    Examples:

      rag-speech doctor

      rag-speech doctor --probe
    """
    from rag_speech.config import describe, load_with_sources

    loaded = load_with_sources()
    rows = list(_examine(loaded.settings))
    if probe:
        rows += _probe(loaded.settings)
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


def _probe(settings: Settings) -> list[Row]:
    from rag_speech.llm import get_llm
    from rag_speech.llm.endpoint import EndpointLLM
    from rag_speech.llm.findings import probe, save_findings

    try:
        llm = get_llm(settings)
        if not isinstance(llm, EndpointLLM):
            return [
                Row("probe", False, f"nothing to probe: the {llm.name} model is no endpoint", needed=False)
            ]
        found = asyncio.run(_closing(llm, probe))
        path = save_findings(settings.cache_dir, settings.endpoint_url, llm.name, found, llm.learned)
    except RagSpeechError as error:
        return [Row("endpoint answers", False, str(error))]
    return _found(found, llm, path)


def _found(found: Findings, llm: EndpointLLM, path: Path) -> list[Row]:
    from rag_speech.llm.usage import usage_line

    thinking = "no thoughts seen"
    if found.thinking_tokens:
        thinking = (
            f"{found.thinking_tokens} tokens of thought before one sentence; answers get {llm.learned.room} tokens "
            'more (thinking = "off" saves them)'
        )
    in_one = "the answer comes in one piece; no progress shows while it is written"
    context = f"{found.context_tokens} tokens" if found.context_tokens else "not told; set context_tokens"
    refused = ", ".join(sorted(llm.learned.dropped)) or "none of the parameters"
    return [
        Row(
            "endpoint answers",
            True,
            f"first text after {found.first_text:.1f} s, all after {found.whole:.1f} s",
        ),
        Row("streaming", found.streams, "yes" if found.streams else in_one, needed=False),
        Row("JSON", found.json == "json_schema", f"asked for by {found.json}", needed=False),
        Row("thinking", True, thinking),
        Row("context", found.context_tokens is not None, context, needed=False),
        Row("refused", True, refused),
        Row("cost of the probe", True, usage_line(llm.usage)),
        Row("findings", True, f"kept in {path}"),
    ]


async def _closing(llm: EndpointLLM, look: Callable[[EndpointLLM], Awaitable[Findings]]) -> Findings:
    try:
        return await look(llm)
    finally:
        await llm.aclose()


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
