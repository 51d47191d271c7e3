"""DRAFT: one conversation a speech. A stable beginning, then part after part, all that is written so far above it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import Occasion
from rag_speech.calls import TRIES, Calls
from rag_speech.draft.answer import read_parts, whole_sentences
from rag_speech.draft.compose import lead_of, subheadings
from rag_speech.draft.paragraphs import Scribe
from rag_speech.errors import BadReplyError, ContextTooLongError, RefusedContentError
from rag_speech.folder import digest
from rag_speech.llm.base import Message
from rag_speech.plan.mend import ANGLES
from rag_speech.plan.planner import constraints_for, usable_statements
from rag_speech.prompts import Prompts
from rag_speech.speech.numerals import to_han
from rag_speech.types import (
    Assignment,
    Event,
    Evidence,
    Exemplar,
    Plan,
    PlannedParagraph,
    Section,
    Statement,
    Use,
)
from rag_speech.zh.text import count_zi

TOKENS_PER_ZI = 2.0
"""Room for an answer: Chinese takes under one token a 字 with current vocabularies, and drafts may run over."""
MOST_EXEMPLARS, FEWEST_EXEMPLARS = 4, 2
"""Shown in one request: of the speaker's own speeches, of others'."""
_ENOUGH_SHORT = 0.04
"""Share of the speech that may lack before a model that writes by paragraphs is asked for more."""
_LEAST, _MOST = 0.8, 1.25
"""How far a part's budget may be moved to make up for what was written long or short before it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A part's text as kept in the draft folder; ``key`` is the digest of all that it was asked by."""

    key: str
    text: str


@dataclass(slots=True)
class Conversation:
    """The writing of one speech. ``exemplars`` are by part id; ``own`` says that they are this speaker's."""

    brief: Brief
    occasion: Occasion
    assignment: Assignment
    evidence: Evidence
    plan: Plan
    exemplars: Mapping[str, Sequence[Exemplar]]
    own: bool
    calls: Calls
    prompts: Prompts
    degraded: list[str] = field(default_factory=list)

    @property
    def names(self) -> dict[str, str]:
        """How prompts call the parts."""
        return part_names(self.plan)

    @property
    def leads(self) -> dict[str, str]:
        """How code begins the parts that it begins."""
        return {s.id: lead for s in self.plan.sections if (lead := lead_of(self.plan, s))}

    async def write(self, again: frozenset[str] = frozenset()) -> dict[str, str]:
        """Return the text of every part; those in ``again`` are asked for anew. Raises ModelError."""
        texts: dict[str, str] = {}
        said = self.beginning()
        parts = self.plan.parts
        kept = {p.id: t for p in parts if p.id not in again and (t := self._kept(p))}
        first_seed = 1 + (self.calls.folder.count("calls/*.json") if again else 0)
        for group in self._groups(kept):
            if group[0].id in kept:
                texts |= {p.id: kept[p.id] for p in group}
                request = self._request(group, texts, before=True)
                said = [*asked(said, request), Message("assistant", self._shown(group, kept))]
                continue
            self.calls.tell(
                Event("stage", f"起草{'、'.join(self.names[p.id] for p in group)}", len(texts), len(parts))
            )
            if self.calls.llm.profile.by_paragraph:
                texts |= {p.id: await self._by_paragraphs(p, texts, first_seed) for p in group}
                for part in group:
                    self._keep(part.id, texts[part.id])
                continue
            request = self._request(group, texts)
            answer = await self._answered(said, request, group, first_seed)
            texts |= answer
            for part_id, text in answer.items():
                self._keep(part_id, text)
            if not answer:
                continue
            said = [*asked(said, request), Message("assistant", self._shown(group, answer))]
            self.calls.tell(
                Event("paragraph", group[-1].heading or self.names[group[-1].id], len(texts), len(parts))
            )
        if self.calls.llm.profile.by_paragraph:
            texts = await self._filled(texts, first_seed)
        return texts

    async def _by_paragraphs(self, part: Section, texts: Mapping[str, str], first_seed: int) -> str:
        factor = self._factor(texts)
        budgets = [round(p.zi * factor) for p in part.paragraphs]
        return await self._scribe().part(part, budgets, "\n".join(texts.values()), first_seed=first_seed)

    async def _filled(self, texts: dict[str, str], first_seed: int) -> dict[str, str]:
        """Return the texts with further paragraphs where the speech came out short, part after part."""
        planned = sum(p.zi for p in self.plan.parts)
        scribe = self._scribe()
        for n, angle in enumerate(ANGLES):
            for section in self.plan.sections:
                short = planned - sum(map(count_zi, texts.values()))
                if short < _ENOUGH_SHORT * planned:
                    return texts
                extra = replace(section, paragraphs=(PlannedParagraph(say=f"{angle}：{section.heading}"),))
                zi = min(short, self.calls.llm.profile.paragraph_zi)
                before = "\n".join(texts.values())
                text = await scribe.part(extra, [zi], before, first_seed=first_seed + 10 * (n + 1))
                texts[section.id] = f"{texts[section.id]}\n{text}".strip()
        return texts

    def _scribe(self) -> Scribe:
        statements = usable_statements(self.assignment, self.evidence)
        constraints = constraints_for(self.assignment, self.evidence)
        may = (s.wording for s in statements.values() if s.use is Use.SAY)
        return Scribe(
            brief=self.brief,
            assignment=self.assignment,
            statements=statements,
            banned=[s for c in constraints for s in c.strings],
            allowed="\n".join([self.brief.own_text, *may]),
            calls=self.calls,
            prompts=self.prompts,
        )

    def beginning(self) -> list[Message]:
        """Return how every request of this speech begins."""
        statements = usable_statements(self.assignment, self.evidence).values()
        begin = self.prompts.render(
            "draft/begin",
            brief=self.brief,
            occasion=self.occasion,
            assignment=self.assignment,
            constraints=constraints_for(self.assignment, self.evidence),
            known=[s for s in statements if s.use is Use.BACKGROUND][:20],
            plan=self.plan,
            names=self.names,
        )
        return [Message("system", self.prompts.render("draft/system")), Message("user", begin)]

    async def _answered(
        self, said: Sequence[Message], request: str, group: Sequence[Section], first_seed: int
    ) -> dict[str, str]:
        """Return the texts of the group; a part whose wording the endpoint refuses is a gap, and said to be one.

        What is refused together is asked for part by part; a single part once more, its facts named neutrally. Raises
        RefusedContentError when nothing at all is answered.
        """
        try:
            return await self._ask(said, request, group, first_seed)
        except RefusedContentError as error:
            refused = error
        found: dict[str, str] = {}
        for part in group:
            for blurred in (False, True) if len(group) > 1 else (True,):
                try:
                    found |= await self._ask(
                        said, self._request([part], {}, blurred=blurred), [part], first_seed
                    )
                    break
                except RefusedContentError as error:
                    refused = error
            else:
                self._note(
                    f"{self.names[part.id]}的内容模型服务拒绝处理（{refused.said or refused}），稿中空缺，请补写；再运行同一条命令会重试"
                )
        if not found and len(group) == len(self.plan.parts):
            raise refused
        return found

    def _note(self, note: str) -> None:
        if note not in self.degraded:
            self.degraded.append(note)
            self.calls.tell(Event("note", note))

    async def _ask(
        self, said: Sequence[Message], request: str, group: Sequence[Section], first_seed: int
    ) -> dict[str, str]:
        profile = self.calls.llm.profile
        room = round(TOKENS_PER_ZI * sum(p.zi for p in group)) + 200
        ask = request
        for n in range(TRIES):
            try:
                answer = await self.calls.ask(
                    "draft",
                    asked(said, ask),
                    max_tokens=room,
                    temperature=profile.writing_temperature,
                    seed=first_seed + n,
                )
            except ContextTooLongError:
                if len(said) <= 2:  # nothing but the beginning is left
                    raise
                said = self._forgotten(said)
                continue
            texts = read_parts(answer.text, group, self.names, self.leads, thanks=bool(self.plan.thanks))
            if answer.cut:
                texts = {i: whole_sentences(t) for i, t in texts.items()}
            missing = [self.names[p.id] for p in group if not texts.get(p.id)]
            if not missing:
                return texts
            ask = f"{request}\n\n注意：{'、'.join(missing)}没有写，或者没有按要求标出名字。每一部分都要写。"
        raise BadReplyError(
            f"{self.calls.llm.name} did not write {'、'.join(self.names[p.id] for p in group)} in {TRIES} tries. Run the "
            "same command again, or choose a stronger model."
        )

    def _forgotten(self, said: Sequence[Message]) -> list[Message]:
        """Return the conversation without its oldest turn: what was written first no longer fits."""
        self._note("模型一次能看的字数有限，写后面部分时看不到最前面的部分")
        begin, rest = self.beginning(), said[3:]
        return [*asked(begin, rest[0].content), *rest[1:]] if rest else begin

    def _groups(self, kept: Mapping[str, str]) -> Iterator[list[Section]]:
        """Yield the parts in order, as many at once as the model writes well; kept and missing ones apart."""
        group: list[Section] = []
        for part in self.plan.parts:
            full = group and sum(p.zi for p in group) + part.zi > self.calls.llm.profile.write_zi
            if group and (full or (part.id in kept) != (group[0].id in kept)):
                yield group
                group = []
            group.append(part)
        if group:
            yield group

    def _request(
        self,
        group: Sequence[Section],
        texts: Mapping[str, str],
        *,
        before: bool = False,
        blurred: bool = False,
    ) -> str:
        ids = {p.id for p in group}
        earlier = {i: t for i, t in texts.items() if not (before and i in ids)}
        factor = self._factor(earlier)
        surplus = self.calls.llm.profile.surplus
        paragraphs = {p.id: [round(q.zi * factor * surplus) for q in p.paragraphs] for p in group}
        shown = list(dict.fromkeys(e for p in group for e in self.exemplars.get(p.id, ())))
        shown = shown[: MOST_EXEMPLARS if self.own else FEWEST_EXEMPLARS]
        return self.prompts.render(
            "draft/part",
            parts=group,
            names=self.names,
            budgets={p.id: sum(paragraphs[p.id]) for p in group},
            paragraph_zi=paragraphs,
            leads=self.leads,
            subs={p.id: subheadings(self.plan, p) for p in group},
            transition=self.plan.transition,
            thanks=bool(self.plan.thanks),
            statements=self._blurred() if blurred else usable_statements(self.assignment, self.evidence),
            exemplars=[e.masked[: self.calls.llm.profile.exemplar_zi] for e in shown],
            own=self.own,
            left=0,
        )

    def _factor(self, texts: Mapping[str, str]) -> float:
        """Return by how much the budgets of what is still to be written are moved."""
        planned = sum(p.zi for p in self.plan.parts)
        due = sum(p.zi for p in self.plan.parts if p.id in texts)
        left = planned - due
        written = sum(count_zi(t) for t in texts.values())
        return min(_MOST, max(_LEAST, (planned - written) / left)) if left and texts else 1.0

    def _shown(self, group: Sequence[Section], texts: Mapping[str, str]) -> str:
        group = [p for p in group if p.id in texts]
        if len(group) == 1:
            return texts[group[0].id]
        return "\n".join(f"【{self.names[p.id]}】\n{texts[p.id]}" for p in group)

    def key_of(self, part: Section) -> str:
        """Return the digest of all that the part's text depends on of its own."""
        statements = usable_statements(self.assignment, self.evidence)
        used = [statements[i].wording for i in part.uses]
        constraints = constraints_for(self.assignment, self.evidence)
        return digest(
            part, used, constraints, self.assignment.manner, self.calls.llm.name, self.prompts.digest
        )

    def _blurred(self) -> dict[str, Statement]:
        """Return the statements with their wording withheld: the part is written around them."""
        usable = usable_statements(self.assignment, self.evidence)
        return {
            i: replace(s, text=f"（{i}：具体措辞从略，请用一句话概括地带过）", said="")
            for i, s in usable.items()
        }

    def _kept(self, part: Section) -> str:
        try:
            data: dict[str, Any] = json.loads(self.calls.folder.load(f"parts/{part.id}.json") or "{}")
        except ValueError:  # damaged: written again
            return ""
        return str(data.get("text", "")) if data.get("key") == self.key_of(part) else ""

    def _keep(self, part_id: str, text: str) -> None:
        part = next(p for p in self.plan.parts if p.id == part_id)
        record = {"key": self.key_of(part), "text": text}
        self.calls.folder.save(f"parts/{part.id}.json", json.dumps(record, ensure_ascii=False, indent=1))


def asked(said: Sequence[Message], request: str) -> list[Message]:
    """Return the conversation with one more request: the first one goes on from the beginning."""
    *before, last = said
    if last.role == "user":
        return [*before, Message("user", f"{last.content}\n\n{request}")]
    return [*said, Message("user", request)]


def part_names(plan: Plan) -> dict[str, str]:
    """Return how prompts and messages call the parts of a plan: 开头, 第一部分, 结尾."""
    middle = {s.id: f"第{to_han(n)}部分" for n, s in enumerate(plan.sections, 1)}
    return {"opening": "开头", **middle, "closing": "结尾"}
