"""From a brief to a speech: brief -> plan -> retrieve -> draft -> check -> revise -> render.

READ FIRST. :meth:`SpeechWriter.adraft` is the whole job in one screen; each stage lives in the module it names.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from rag_speech.brief.brief import Brief
from rag_speech.config import Settings, load_settings
from rag_speech.folder import DraftFolder
from rag_speech.job import Job, OnEvent
from rag_speech.prompts import Prompts
from rag_speech.types import Draft, Event, Stages

if TYPE_CHECKING:
    from rag_speech.llm.base import LLM
    from rag_speech.retrieve.library import Library


class SpeechWriter:
    """Writes speeches. Holds no state between drafts; one writer serves many, one after the other or side by side.

    ``llm``, ``library`` and ``prompts`` default to what ``settings`` name: the configured endpoint or the embedded
    model, the user's library (the bundled corpus is put in when it is empty), the bundled prompts. ``stages`` leaves
    stages out, for evaluation.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        llm: LLM | None = None,
        library: Library | None = None,
        prompts: Prompts | None = None,
        stages: Stages | None = None,
    ) -> None:
        self.settings = settings or load_settings()
        self.stages = stages or Stages()
        self.prompts = prompts or Prompts.bundled()
        self._llm = llm
        self._library = library

    async def adraft(
        self, brief: Brief, *, folder: Path | None = None, on_event: OnEvent | None = None
    ) -> Draft:
        """Write the speech that ``brief`` asks for.

        ``folder`` keeps every stage's result and lets a killed run go on. Raises BriefError when no occasion can
        be made out, ModelError when the model fails for good, StorageError when the folder cannot be written.
        """
        job = Job(self, brief, DraftFolder(folder), on_event or _ignore)
        job.open()
        plan = await job.plan()
        candidates = await job.draft(plan)
        first = job.check(plan, job.settle(plan, candidates))
        best = await job.revise(first, candidates) if self.stages.revision else first
        return job.finish(first, best)

    def draft(self, brief: Brief, *, folder: Path | None = None, on_event: OnEvent | None = None) -> Draft:
        """Do :meth:`adraft` and wait. Inside a running event loop, await :meth:`adraft` instead."""

        async def work() -> Draft:
            try:
                return await self.adraft(brief, folder=folder, on_event=on_event)
            finally:
                await self.aclose()

        return asyncio.run(work())

    async def events(self, brief: Brief, *, folder: Path | None = None) -> AsyncIterator[Event | Draft]:
        """Yield progress events while drafting, and the draft as the last item."""
        queue: asyncio.Queue[Event | Draft | BaseException] = asyncio.Queue()

        async def work() -> None:
            try:
                queue.put_nowait(await self.adraft(brief, folder=folder, on_event=queue.put_nowait))
            except BaseException as error:
                queue.put_nowait(error)

        task = asyncio.create_task(work())
        try:
            while True:
                item = await queue.get()
                if isinstance(item, BaseException):
                    raise item
                yield item
                if isinstance(item, Draft):
                    return
        finally:
            task.cancel()

    async def aclose(self) -> None:
        """End the embedded model or the endpoint's connections; the next draft opens them again."""
        if self._llm is not None:
            await self._llm.aclose()

    @property
    def llm(self) -> LLM:
        """The model, made on first use."""
        if self._llm is None:
            from rag_speech.llm import get_llm

            self._llm = get_llm(self.settings)
        return self._llm

    @property
    def library(self) -> Library:
        """The library, opened on first use."""
        if self._library is None:
            from rag_speech.retrieve.library import open_default_library

            self._library = open_default_library(self.settings)
        return self._library


def _ignore(event: Event) -> None:
    pass
