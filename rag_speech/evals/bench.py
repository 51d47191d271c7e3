"""Opens what the systems of a suite run on: one model for equal settings, one library for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag_speech.config import Settings, load_settings
from rag_speech.errors import InputError
from rag_speech.evals import provenance
from rag_speech.evals.records import SystemInfo
from rag_speech.evals.suite import Suite, System
from rag_speech.evals.systems import Bench, prompts_digest
from rag_speech.llm import get_llm
from rag_speech.llm.base import LLM
from rag_speech.prompts import Prompts

if TYPE_CHECKING:
    from rag_speech.retrieve.library import Library


@dataclass(frozen=True, slots=True)
class Reader:
    """The judging model with its prompts and how often it reads a draft."""

    llm: LLM
    prompts: Prompts
    votes: int


@contextmanager
def open_benches(
    suite: Suite, systems: Sequence[System], prompts: Path | None
) -> Iterator[tuple[list[Bench], Reader | None]]:
    """Yield a bench for each system, and the judge; the library is closed afterwards, models are the caller's to close.

    ``prompts`` replaces every system's prompt set. Raises ConfigError, InputError, StorageError, LibraryError.
    """
    models: dict[str, LLM] = {}

    def model(settings: Settings) -> LLM:
        key = settings.model_dump_json()
        if key not in models:
            models[key] = get_llm(settings)
        return models[key]

    base = load_settings(**suite.settings)
    with open_eval_library(base, str(suite.settings.get("library", ""))) as library:
        corpus = provenance.corpus_digest(library)
        benches = []
        for system in systems:
            settings = load_settings(**{**suite.settings, **system.settings})
            if settings.embedder != base.embedder:
                raise InputError(
                    f"System {system.name}: 'embedder' belongs to the suite's settings, not to one system"
                )
            folder = prompts or system.prompts
            benches.append(
                Bench(
                    system,
                    settings,
                    model(settings),
                    library,
                    Prompts(folder) if folder else Prompts.bundled(),
                    corpus,
                    provenance.code_digest(),
                )
            )
        judge = None
        if suite.judge:
            settings = load_settings(**{**suite.settings, **suite.judge.settings})
            judge = Reader(model(settings), Prompts.bundled(), suite.judge.votes)
        yield benches, judge


@contextmanager
def open_eval_library(settings: Settings, named: str) -> Iterator[Library]:
    """Open the library named in the suite, or one with the bundled corpus alone, kept in the cache folder."""
    from rag_speech.retrieve.library import open_default_library, open_library

    if named:
        library = open_library(settings.model_copy(update={"library": Path(named)}))
    else:
        safe = "".join(c if c.isalnum() else "-" for c in settings.embedder)
        path = settings.cache_dir / "evals" / f"library-{safe}"
        library = open_default_library(settings.model_copy(update={"library": path}))
    try:
        yield library
    finally:
        library.close()


def info_of(bench: Bench, suite: Suite) -> SystemInfo:
    """Return what the manifest says of a system."""
    system, settings = bench.system, bench.settings
    shown = {
        "temperature": "" if settings.temperature is None else f"{settings.temperature:g}",
        "review_rounds": "" if settings.review_rounds is None else str(settings.review_rounds),
        "embedder": settings.embedder,
        "library": str(suite.settings.get("library", "")),
        "prices": suite.prices.model_dump_json(),
    }
    prompts = prompts_digest(bench.prompts, system.kind)[:16]
    return SystemInfo(system.name, system.title, system.kind, system.without, bench.model, prompts, shown)
