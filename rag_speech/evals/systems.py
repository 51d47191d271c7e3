"""Has a system write one case: the pipeline, whole or with stages left out, or a baseline."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag_speech.brief.brief import dump_brief
from rag_speech.brief.request import understand_request
from rag_speech.config import Settings
from rag_speech.evals.baselines import Baselines, as_exemplars
from rag_speech.evals.cases import Case
from rag_speech.evals.metered import MeteredLLM
from rag_speech.evals.records import Written
from rag_speech.evals.suite import System
from rag_speech.folder import digest
from rag_speech.llm.base import LLM
from rag_speech.prompts import Prompts
from rag_speech.types import Exemplar
from rag_speech.writer import SpeechWriter

if TYPE_CHECKING:
    from rag_speech.retrieve.library import Library

EVAL_PROMPTS = "eval"
"""Folder of the baselines' and the judge's prompts in a prompt set."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A system with all that it runs on."""

    system: System
    settings: Settings
    llm: LLM
    library: Library
    prompts: Prompts
    corpus: str
    """Digest of the library's speeches."""
    code: str
    """Digest of the package's sources."""

    @property
    def model(self) -> str:
        """The model as results name it, with the endpoint's address."""
        provider = self.settings.resolved_provider
        return f"{self.llm.name} @ {self.settings.endpoint_url}" if provider == "endpoint" else self.llm.name

    def key(self, case: Case, seed: int, run: int) -> str:
        """Return the digest of everything that the draft of ``case`` depends on."""
        s, settings = self.system, self.settings
        return digest(
            dump_brief(case.brief), case.request, s.kind, s.stages, prompts_digest(self.prompts, s.kind), self.model,
            settings.review_rounds, settings.temperature, settings.context_tokens,
            settings.embedder, settings.rules, self.corpus, self.code, seed, run,
        )  # fmt: skip


async def write(bench: Bench, case: Case, seed: int, folder: Path | None = None) -> Written:
    """Have the system write ``case``; the pipeline keeps its stages in ``folder`` and goes on from there.

    Raises ModelError, BriefError and whatever else goes wrong in a system.
    """
    llm = MeteredLLM(bench.llm, seed)
    began = time.perf_counter()
    if bench.system.kind == "pipeline":
        writer = SpeechWriter(
            bench.settings, llm=llm, library=bench.library, prompts=bench.prompts, stages=bench.system.stages
        )
        brief = case.brief
        if case.request:
            brief = (await understand_request(case.request, llm, bench.prompts)).brief
        draft = await writer.adraft(brief, folder=folder)
        usage = max(
            llm.usage, draft.usage, key=lambda u: u.calls
        )  # a draft that went on knows its earlier calls
        text, first, exemplars, cut = draft.text, draft.first_text, draft.exemplars, 0
    else:
        baselines = Baselines(llm, bench.prompts, bench.library, llm.profile.writing_temperature)
        answer = await getattr(baselines, bench.system.kind)(case)
        text = first = answer.text
        exemplars, cut, usage = as_exemplars(answer.hits), answer.cut, llm.usage
    seconds = time.perf_counter() - began
    names = _names(bench.library, exemplars)
    return Written(text, first, usage, seconds, bench.llm.name, exemplars, names, cut)


def prompts_digest(prompts: Prompts, kind: str) -> str:
    """Return the digest of the prompt files that a system of this kind reads."""
    own = prompts.folder / EVAL_PROMPTS
    files = sorted(p for p in prompts.folder.rglob("*") if p.suffix in {".md", ".toml"})
    used = [p for p in files if p.is_relative_to(own) != (kind == "pipeline")]
    return digest(
        *(part for p in used for part in (p.relative_to(prompts.folder).as_posix(), p.read_text("utf-8")))
    )


def _names(library: Library, exemplars: Sequence[Exemplar]) -> tuple[str, ...]:
    speeches = dict.fromkeys(e.speech_id for e in exemplars)
    return tuple(dict.fromkeys(name for s in speeches for name in library.names_of(s)))
