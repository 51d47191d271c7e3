"""One draft on its way through the stages; :mod:`rag_speech.writer` shows their order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import Occasion
from rag_speech.compose import cards_of, compose
from rag_speech.draft import Candidates, Drafter, demos_for
from rag_speech.embed.kept import KeptVectors
from rag_speech.folder import DraftFolder, digest
from rag_speech.judge import Judge
from rag_speech.leads import with_leads
from rag_speech.llm.base import ReadsAhead
from rag_speech.nearness import Nearness
from rag_speech.plan import Planner
from rag_speech.remarks import load_remarks
from rag_speech.revise import (
    Rank,
    as_written,
    extra_cards,
    faulty_cards,
    settle,
    too_short,
    trimmed,
    without_faults,
)
from rag_speech.speech.render import render
from rag_speech.themes import load_themes
from rag_speech.trace import Trace
from rag_speech.types import Card, Draft, Event, Exemplar, FactUse, Finding, Plan, Role, SectionPlan, Usage
from rag_speech.voice import general_sentences, voice_of
from rag_speech.worth import Worth, load_worth
from rag_speech.zh.text import count_zi, minutes_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag_speech.checks.base import CheckContext
    from rag_speech.checks.originality import SharedIndex
    from rag_speech.writer import SpeechWriter

OnEvent = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class _Planned:
    plan: Plan
    usage: Usage


@dataclass(frozen=True, slots=True)
class Version:
    """One state of the draft between revisions."""

    plan: Plan
    texts: Mapping[str, str]
    text: str
    chars: int
    findings: tuple[Finding, ...]
    rank: Rank


class Job:
    """One draft on its way through the stages."""

    def __init__(self, writer: SpeechWriter, brief: Brief, folder: DraftFolder, on_event: OnEvent) -> None:
        self.writer, self.brief, self.folder, self.tell = writer, brief, folder, on_event
        self.settings, self.prompts = writer.settings, writer.prompts
        self.occasion = _occasion(brief)
        self.voice = voice_of(self.occasion.id, self.prompts)
        self.usage = Usage()

    def open(self) -> None:
        from rag_speech.checks.rules_engine import load_rules

        load_rules(self.settings.rules)  # a bad rules file is refused before anything is written
        key = digest(
            self.writer.llm.name,
            self.prompts.digest,
            self.settings.samples,
            self.settings.temperature,
            self.settings.repair_rounds,
            self.settings.embedder,
            self.settings.rules,
            self.writer.stages,
        )
        self.folder.open(self.brief, key)

    async def plan(self) -> Plan:
        self.tell(Event("stage", "规划提纲"))
        planning = self.writer.stages.planning
        planner = Planner(self.writer.llm, self.prompts, self._exemplars, self._similarity, planning)

        async def make() -> _Planned:
            plan, usage = await planner.plan(self.brief, self.occasion)
            return _Planned(self._with_leads(plan) if planning else plan, usage)

        planned = await self.folder.once("plan", _Planned, make)
        self.usage += planned.usage
        return planned.plan

    async def draft(
        self,
        plan: Plan,
        cards: Sequence[Card] | None = None,
        *,
        faults: Mapping[str, Sequence[str]] | None = None,
        round_: int = 0,
    ) -> dict[str, Candidates]:
        """Return candidates for the cards, asking the model only for those that the folder does not hold.

        ``faults`` tell the model what was wrong with a card's text in ``round_``.
        """
        cards = cards_of(plan) if cards is None else cards
        self.tell(Event("stage", "起草正文", 0, len(cards)))
        drafter = Drafter(
            self.writer.llm,
            self.prompts,
            self.brief.event,
            self.brief.place,
            {f.id: f for f in plan.facts},
            self.brief.tone,
            [s.heading for s in plan.sections if s.heading],
            self.settings.samples if self.writer.stages.selection else 1,
            self.settings.temperature,
        )
        if isinstance(self.writer.llm, ReadsAhead):
            # The first time it may have a gigabyte to verify, and others run on this loop too.
            await asyncio.to_thread(self.writer.llm.expect, drafter.beginning())
        judge = self.judge(plan)
        ready: dict[str, Candidates] = {}

        async def one(card: Card) -> None:
            def enough(texts: Sequence[str]) -> bool:
                return judge.is_enough(card, texts)

            def on_token(piece: str) -> None:
                self.tell(Event("token", piece))

            notes = (faults or {}).get(card.id, ())
            found = await self.folder.once(
                f"cards/{card.id}" + (f"-again-{round_}" if notes else ""),
                Candidates,
                lambda: drafter.paragraph(
                    card, enough=enough, faults=notes, first_seed=1 + 100 * round_, on_token=on_token
                ),
            )
            ready[card.id] = found
            self.usage += found.usage
            self.tell(Event("paragraph", card.heading or _role_name(card.role), len(ready), len(cards)))

        waiting = iter(cards)

        async def worker() -> None:
            for card in waiting:
                await one(card)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.writer.llm.max_parallel, len(cards))):
                group.create_task(worker())
        return ready

    def settle(self, plan: Plan, candidates: Mapping[str, Candidates]) -> dict[str, str]:
        """Return the text of every card, composed of its candidates' good sentences."""
        if not self.writer.stages.selection:
            return {c.id: as_written(c, candidates[c.id].texts) for c in cards_of(plan) if c.id in candidates}
        done = settle(plan, {i: c.texts for i, c in candidates.items()}, self.judge(plan))
        return {i: p.text for i, p in done.items()}

    def judge(self, plan: Plan) -> Judge:
        """Return the judge of this plan's sentences."""
        headings = [h for s in plan.sections if (h := s.heading)]
        demos = demos_for(self.prompts, small=self.writer.llm.small)
        return Judge(
            "\n".join([self.brief.own_text, *(f.text for f in plan.facts)]),
            self.brief.wording_date,
            self.occasion.id,
            "\n".join([self.brief.own_text, *headings]),
            {f.id: f for f in plan.facts},
            _exemplars_of(plan),
            tuple(headings),
            "\n".join(f"{d['say']}\n{d['text']}" for d in demos),
            tuple(w for d in demos for w in d["own"]),
            self.brief.level or "",
            small=self.writer.llm.small,
            first_person=self.voice.name == "own",
            unfit=self.voice.unfit,
            event=self.brief.event,
            nearness=self._nearness,
            worth=self._worth,
            avoid=self.brief.avoid,
            rules_files=self.settings.rules,
        )

    def check(self, plan: Plan, texts: Mapping[str, str]) -> Version:
        """Return this version with its findings and rank."""
        from rag_speech.checks.registry import HELD_OUT
        from rag_speech.checks.run import run_checks

        text = render(compose(plan, texts))
        report = run_checks(self._context(text, plan), exclude=HELD_OUT)
        chars = _spoken(text, plan)
        return Version(
            plan, texts, text, chars, report.findings, Rank.of(report.findings, chars, plan.target_chars)
        )

    async def revise(self, first: Version, candidates: dict[str, Candidates]) -> Version:
        """Mend faults, fill up and trim for at most ``repair_rounds`` rounds; return the best version seen."""
        best = now = first
        for round_ in range(self.settings.repair_rounds + 1):
            self.tell(Event("stage", f"检查修改（第{round_ + 1}轮）"))
            facts = {f.id: f for f in now.plan.facts}
            faulty = faulty_cards(now.texts, now.findings)
            texts = dict(now.texts)
            by_id = {c.id: c for c in cards_of(now.plan)}
            for card_id, found in faulty.items():
                texts[card_id] = without_faults(
                    texts[card_id], found, [facts[i] for i in by_id[card_id].facts]
                )
            if round_ < self.settings.repair_rounds:
                texts |= await self._again(now.plan, texts, faulty, candidates, round_ + 1)
            now = self.check(now.plan, texts)
            best = min(best, now, key=lambda v: v.rank)
            if round_ < self.settings.repair_rounds:
                longer = extra_cards(now.plan, now.texts, now.chars, self._next_topic)
                longer = self._with_leads(longer)
                new = [c for c in cards_of(longer) if c.id not in candidates]
                if new:
                    candidates |= await self.draft(longer, new)
                    settled = self.settle(longer, candidates)
                    fresh = {c.id: settled[c.id] for c in new}
                    now = self.check(longer, {**now.texts, **fresh})
            texts = trimmed(now.plan, now.texts, now.chars, facts)
            if texts != now.texts:
                now = self.check(now.plan, texts)
            best = min(best, now, key=lambda v: v.rank)
            if best.rank == Rank(0, 0, 0, 0.0):
                break
        return best

    async def _again(
        self,
        plan: Plan,
        texts: Mapping[str, str],
        faulty: Mapping[str, Sequence[Finding]],
        candidates: dict[str, Candidates],
        round_: int,
    ) -> dict[str, str]:
        """Return new texts of the faulty paragraphs of which too little is left, written with the faults named."""
        cards = [c for c in cards_of(plan) if c.id in faulty and too_short(c, texts[c.id])]
        if not cards:
            return {}
        notes = {c.id: [f.message for f in faulty[c.id]][:3] for c in cards}
        fresh = await self.draft(plan, cards, faults=notes, round_=round_)
        settled = self.settle(plan, {**candidates, **fresh})
        better = {i: settled[i] for i in fresh if len(settled[i]) > len(texts[i])}
        candidates |= {i: fresh[i] for i in better}
        return better

    def finish(self, first: Version, best: Version) -> Draft:
        """Return the draft, checked once more with every check, and save it."""
        from rag_speech.checks.grounding import ledger
        from rag_speech.checks.run import run_checks

        context = self._context(best.text, best.plan)
        findings = run_checks(context).findings
        uses = tuple(
            FactUse(row.sentence.of(best.text), row.claim.text, row.claim.kind, row.source, row.span)
            for row in ledger(context)
        )
        draft = Draft(
            title=best.plan.title,
            text=best.text,
            chars=best.chars,
            minutes=minutes_of(best.chars),
            findings=findings,
            facts=uses,
            exemplars=_exemplars_of(best.plan),
            pending=best.plan.pending,
            set_aside=best.plan.set_aside,
            usage=self.usage,
            model=self.writer.llm.name,
            occasion=self.occasion.id,
            first_text=first.text,
            folder=str(self.folder.path or ""),
        )
        self.folder.save("speech.txt", best.text + "\n")
        self.folder.save("speech.md", best.text.replace("\n", "\n\n") + "\n")
        self.folder.save_record("trace", Trace, Trace(best.plan, dict(best.texts), self._shaping()))
        self.folder.save_record("draft", Draft, draft)
        return draft

    def _shaping(self) -> dict[str, str]:
        """Return the settings that shaped the draft, for its provenance."""
        chosen = self.settings
        return {
            "samples": str(chosen.samples),
            "temperature": f"{chosen.temperature:g}",
            "repair_rounds": str(chosen.repair_rounds),
            "embedder": chosen.embedder,
            "prompts": self.prompts.digest[:12],
        }

    @cached_property
    def _known(self) -> SharedIndex | None:
        """The library's speeches to compare with, opened once a draft."""
        from rag_speech.checks.originality import known_speeches

        return known_speeches(self.writer.library.path)

    def _context(self, text: str, plan: Plan) -> CheckContext:
        from rag_speech.checks.run import make_context

        return make_context(
            text,
            brief=self.brief,
            occasion=self.occasion,
            generated=True,
            exemplars=_exemplars_of(plan),
            known=self._known,
            rules_files=self.settings.rules,
        )

    def _with_leads(self, plan: Plan) -> Plan:
        return with_leads(
            plan,
            self.voice,
            self.brief.event,
            themes=load_themes(self.prompts),
            remarks=load_remarks(self.prompts),
            at_length=self.writer.llm.small,
            known=self._is_known,
            nearness=self._nearness,
        )

    def _is_known(self, wording: str) -> bool:
        """Tell whether a speech of the library says this, in the sense of the originality checks."""
        return self._known is not None and any(found.runs for found in self._known.shared(wording))

    def _next_topic(self, section: SectionPlan, number: int) -> str:
        topic = section.topic or section.heading
        return self.voice.on(topic).say(topic, number)

    def _exemplars(self, query: str, role: Role, occasion: str, count: int) -> Sequence[Exemplar]:
        from rag_speech.retrieve.exemplars import choose_exemplars

        stages = self.writer.stages
        if not stages.retrieval:
            return ()
        found = choose_exemplars(self.writer.library, query, role=role, occasion=occasion, count=count)
        return found if stages.masking else [replace(e, masked=e.original) for e in found]

    @cached_property
    def _nearness(self) -> Nearness | None:
        # The limits are those of the bundled embedder; another one has another scale, or a network in between.
        embedder = self.writer.library.embedder.name
        if not (self.writer.llm.small and embedder.startswith("onnx:")):
            return None
        kept = self.settings.cache_dir / "vectors.sqlite"
        bundled = KeptVectors(kept, self._similarity, embedder)
        return Nearness(self._similarity, general_sentences(self.prompts), bundled)

    @cached_property
    def _worth(self) -> Worth | None:
        if self._nearness is None:
            return None
        return load_worth(self.prompts, self.writer.library.embedder.name, self._nearness.vector)

    def _similarity(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.writer.library.embedder.embed(texts, "query")


def _occasion(brief: Brief) -> Occasion:
    return brief.resolved_occasion


def _spoken(text: str, plan: Plan) -> int:
    head = [plan.title, *plan.caption]
    return count_zi(text) - sum(count_zi(h) for h in head)


def _exemplars_of(plan: Plan) -> tuple[Exemplar, ...]:
    found = {e.chunk_id: e for c in cards_of(plan) for e in c.exemplars}
    return tuple(found.values())


def _role_name(role: Role) -> str:
    return {Role.OPENING: "开头", Role.CLOSING: "结尾"}.get(role, "正文")
