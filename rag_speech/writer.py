"""From a brief to a speech: the model reads, plans, writes and reviews; code holds it to the brief.

READ FIRST. :meth:`SpeechWriter.adraft` is the whole job, a line a stage; each stage lives in the room it names.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import Occasion, occasions
from rag_speech.calls import Calls
from rag_speech.config import Settings, load_settings
from rag_speech.desk import Desk
from rag_speech.draft.conversation import Conversation
from rag_speech.draft.length import Fitted, fit
from rag_speech.errors import BriefError, InputError
from rag_speech.finish import finish
from rag_speech.folder import DraftFolder, digest
from rag_speech.plan.bare import plan_as_given
from rag_speech.plan.outlines import outlines_for
from rag_speech.plan.planner import constraints_for, make_plan, require_whole, usable_statements
from rag_speech.prompts import Prompts
from rag_speech.read.assignment import read_brief, take_as_given
from rag_speech.read.evidence import informed, read_materials, take_all
from rag_speech.retrieve.exemplars import Speaker, choose_exemplars, manner_of, speeches_of
from rag_speech.review.versions import checked, polish
from rag_speech.types import Assignment, Draft, Event, Evidence, Exemplar, Plan, Role, Stages

if TYPE_CHECKING:
    from rag_speech.llm.base import LLM
    from rag_speech.retrieve.library import Library

OnEvent = Callable[[Event], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What READ made of the brief and its materials."""

    assignment: Assignment
    evidence: Evidence


class SpeechWriter:
    """Writes speeches. Holds no state between drafts; one writer serves many, one after the other or side by side.

    ``llm``, ``library`` and ``prompts`` default to what ``settings`` name: the configured endpoint or the embedded
    model, the user's library (the bundled corpus is put in when it is empty), the bundled prompts. ``stages`` leaves
    stages out, for evaluation. ``on_thought`` hears how many tokens a thinking model has thought so far.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        llm: LLM | None = None,
        library: Library | None = None,
        prompts: Prompts | None = None,
        stages: Stages | None = None,
        on_thought: Callable[[int], None] | None = None,
    ) -> None:
        self.settings = settings or load_settings()
        self.stages = stages or Stages()
        self.prompts = prompts or Prompts.bundled()
        self._llm = llm
        self._library = library
        self._on_thought = on_thought

    async def adraft(
        self,
        brief: Brief,
        *,
        folder: Path | None = None,
        redo: Iterable[str] = (),
        on_event: OnEvent | None = None,
    ) -> Draft:
        """Write the speech that ``brief`` asks for.

        ``folder`` keeps every stage's result as a file that a person may change, and lets a killed run go on. ``redo``
        names parts to write again (``opening``, ``1``, ``closing``). Raises BriefError when the brief cannot be drafted,
        InputError for a changed file that cannot be used, ModelError when the model fails for good, StorageError when the
        folder cannot be written.
        """
        desk = self._desk(brief, folder, on_event)
        assignment, evidence = await self._read(desk)
        plan = await self._plan(desk, assignment, evidence)
        again = frozenset(redo)
        if wrong := sorted(again - {p.id for p in plan.parts}):
            known = ", ".join(p.id for p in plan.parts)
            raise InputError(f"There is no part {wrong[0]!r} to write again; the parts are {known}")
        talk = await asyncio.to_thread(self._retrieve, desk, assignment, evidence, plan)
        texts = await talk.write(again)
        first = checked(desk, talk, await fit(talk, Fitted(plan, texts)))
        best = await polish(desk, talk, first) if self.stages.review else first
        return finish(desk, talk, first, best)

    async def aread(
        self, brief: Brief, *, folder: Path | None = None, on_event: OnEvent | None = None
    ) -> Reading:
        """Do READ alone: what the brief asks, forbids and promises, and what the materials offer. Errors as for a draft."""
        assignment, evidence = await self._read(self._desk(brief, folder, on_event))
        return Reading(assignment=assignment, evidence=evidence)

    async def aplan(
        self, brief: Brief, *, folder: Path | None = None, on_event: OnEvent | None = None
    ) -> Plan:
        """Do READ and PLAN: the speech's parts, paragraphs and what each says. Errors as for a draft."""
        desk = self._desk(brief, folder, on_event)
        assignment, evidence = await self._read(desk)
        return await self._plan(desk, assignment, evidence)

    def draft(
        self,
        brief: Brief,
        *,
        folder: Path | None = None,
        redo: Iterable[str] = (),
        on_event: OnEvent | None = None,
    ) -> Draft:
        """Do :meth:`adraft` and wait. Inside a running event loop, await :meth:`adraft` instead."""
        return self._wait(self.adraft(brief, folder=folder, redo=redo, on_event=on_event))

    def read(self, brief: Brief, *, folder: Path | None = None, on_event: OnEvent | None = None) -> Reading:
        """Do :meth:`aread` and wait."""
        return self._wait(self.aread(brief, folder=folder, on_event=on_event))

    def plan(self, brief: Brief, *, folder: Path | None = None, on_event: OnEvent | None = None) -> Plan:
        """Do :meth:`aplan` and wait."""
        return self._wait(self.aplan(brief, folder=folder, on_event=on_event))

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

            self._llm = get_llm(self.settings, on_thought=self._on_thought)
        return self._llm

    @property
    def library(self) -> Library:
        """The library, opened on first use."""
        if self._library is None:
            from rag_speech.retrieve.library import open_default_library

            self._library = open_default_library(self.settings)
        return self._library

    def _desk(self, brief: Brief, folder: Path | None, on_event: OnEvent | None) -> Desk:
        from rag_speech.checks.rules_engine import load_rules

        load_rules(self.settings.rules)  # a bad rules file is refused before anything is written
        kept = DraftFolder(folder)
        kept.open(brief, digest(self.llm.name, self.prompts.digest, self.settings.rules, self.stages))
        return Desk(
            brief=brief,
            occasion=_occasion(brief),
            settings=self.settings,
            prompts=self.prompts,
            calls=Calls(self.llm, kept, on_event or _ignore),
            folder=kept,
            stages=self.stages,
            library=lambda: self.library,
        )

    async def _read(self, desk: Desk) -> tuple[Assignment, Evidence]:
        assignment = await self._read_brief(desk)
        evidence = await self._read_materials(desk, assignment)
        return informed(assignment, evidence), evidence

    async def _read_brief(self, desk: Desk) -> Assignment:
        desk.tell("stage", "读任务书")

        async def make() -> Assignment:
            if not self.stages.read:
                return take_as_given(desk.brief)
            return await read_brief(desk.brief, desk.occasion, desk.calls, desk.prompts)

        return await desk.folder.stage("assignment", Assignment, digest(desk.brief), make)

    async def _read_materials(self, desk: Desk, assignment: Assignment) -> Evidence:
        def on_window(done: int, total: int) -> None:
            desk.tell("stage", "读材料", done, total)

        async def make() -> Evidence:
            if not self.stages.read:
                return take_all(desk.brief)
            return await read_materials(desk.brief, assignment, desk.calls, desk.prompts, on_window=on_window)

        return await desk.folder.stage("evidence", Evidence, digest(assignment), make)

    async def _plan(self, desk: Desk, assignment: Assignment, evidence: Evidence) -> Plan:
        desk.tell("stage", "拟定提纲")

        async def make() -> Plan:
            if not self.stages.plan:
                return plan_as_given(desk.brief, desk.occasion, assignment, evidence)
            outlines: tuple[str, ...] = ()
            if self.stages.retrieval and (count := self.llm.profile.outlines):
                outlines = await asyncio.to_thread(
                    outlines_for, self.library, desk.brief.event, occasion=desk.occasion.id, count=count
                )
            return await make_plan(
                desk.brief, desk.occasion, assignment, evidence, outlines, desk.calls, desk.prompts
            )

        plan = await desk.folder.stage("plan", Plan, digest(assignment, evidence), make)
        if desk.folder.edited("plan"):
            require_whole(
                plan, usable_statements(assignment, evidence), constraints_for(assignment, evidence)
            )
        return plan

    def _retrieve(self, desk: Desk, assignment: Assignment, evidence: Evidence, plan: Plan) -> Conversation:
        """Return the conversation in which the speech is written, with exemplars of manner for each part."""
        count = desk.calls.llm.profile.exemplars if self.stages.retrieval else 0
        speaker = Speaker(desk.brief.speaker_name, assignment.speaker, desk.brief.place)
        own = speeches_of(self.library, speaker) if count else ()
        found: dict[str, tuple[Exemplar, ...]] = {}
        seen: set[str] = set()
        for part in plan.parts if count else ():
            role = {"opening": Role.OPENING, "closing": Role.CLOSING}.get(part.id, Role.POINT)
            kind: dict[str, Any] = {
                "role": role,
                "occasion": desk.occasion.id,
                "count": count,
                "masked": self.stages.masking,
            }
            query = " ".join([part.heading, *(p.say for p in part.paragraphs)])[:300] or desk.brief.event
            chosen = (
                manner_of(self.library, own, used=seen, **kind)
                if own
                else choose_exemplars(self.library, query, **kind)
            )
            found[part.id] = tuple(e for e in chosen if e.chunk_id not in seen)
            seen |= {e.chunk_id for e in found[part.id]}
        return Conversation(
            brief=desk.brief,
            occasion=desk.occasion,
            assignment=assignment,
            evidence=evidence,
            plan=plan,
            exemplars=found,
            own=bool(own),
            calls=desk.calls,
            prompts=desk.prompts,
        )

    def _wait(self, job: Coroutine[Any, Any, T]) -> T:
        async def work() -> T:
            try:
                return await job
            finally:
                await self.aclose()

        return asyncio.run(work())


def _ignore(event: Event) -> None:
    pass


def _occasion(brief: Brief) -> Occasion:
    if found := brief.resolved_occasion:
        return found
    names = "、".join(o.name for o in list(occasions().values())[:6])
    raise BriefError(
        f"Which occasion is {brief.event!r}? Set 'occasion' in the brief ({names} ...); see: rag-speech occasions"
    )
