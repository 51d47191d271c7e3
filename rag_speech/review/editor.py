"""REVIEW: the model reads the whole speech as the leader who must give it, and returns edits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag_speech.draft.compose import compose
from rag_speech.draft.conversation import Conversation
from rag_speech.draft.length import Fitted
from rag_speech.llm.base import Message
from rag_speech.llm.schema import TEXT, many, record, texts
from rag_speech.plan.frame import LONGEST_SALUTATION, promised_of
from rag_speech.plan.planner import constraints_for, usable_statements
from rag_speech.plan.validate import LONGEST_HEADING, bare_heading
from rag_speech.review.edits import Outcome, apply_edits
from rag_speech.speech.render import render
from rag_speech.types import Edit, Finding, Plan, Severity, Use

_SALUTATION, _TRANSITION = "@salutation", "@transition"
_SHOWN_BACKGROUND = 20
_LEAST, _MOST = 0.96, 1.04
"""Bounds of the length after the edits that the model is asked to keep, as shares of the target."""


_SCHEMA = record(edits=many(record(quote=TEXT, why=TEXT, replacement=TEXT), 40), left=texts(12))


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a review made of the speech; ``left`` is what only people can settle."""

    fitted: Fitted
    outcome: Outcome
    left: tuple[str, ...]


async def review(
    talk: Conversation,
    now: Fitted,
    findings: Sequence[Finding],
    objection: Callable[[str, str], str],
    *,
    edits: Sequence[Edit] = (),
    pending: Sequence[str] = (),
) -> Reviewed:
    """Return the speech after one round of edits; ``edits`` are those of the round before. Raises ModelError."""
    profile = talk.calls.llm.profile
    statements = usable_statements(talk.assignment, talk.evidence)
    target = now.plan.target_zi
    messages = [
        Message("system", talk.prompts.render("review/system")),
        Message(
            "user",
            talk.prompts.render(
                "review/review",
                brief=talk.brief,
                assignment=talk.assignment,
                constraints=constraints_for(talk.assignment, talk.evidence),
                statements=[s for s in statements.values() if s.use is Use.SAY],
                known=[s for s in statements.values() if s.use is Use.BACKGROUND][:_SHOWN_BACKGROUND],
                edits=edits,
                pending=pending,
                findings=[_shown(f) for f in findings if f.severity < Severity.P3],
                speech=render(compose(now.plan, now.texts)),
                target=target,
                total=now.chars,
                low=round(_LEAST * target),
                high=round(_MOST * target),
            ),
        ),
    ]

    def accept(data: Mapping[str, Any]) -> Reviewed:
        asked = [
            Edit(quote=row["quote"].strip(), why=row["why"].strip(), replacement=row["replacement"].strip())
            for row in data["edits"]
            if row["quote"].strip() != row["replacement"].strip()
        ]
        outcome = apply_edits({**now.texts, **_frame(now.plan)}, asked, objection)
        return Reviewed(
            _with_frame(now.plan, outcome), outcome, tuple(x.strip() for x in data["left"] if x.strip())
        )

    return await talk.calls.ask_for(
        "review",
        messages,
        accept,
        schema=_SCHEMA,
        max_tokens=profile.answer_tokens,
        temperature=profile.reading_temperature,
    )


def _frame(plan: Plan) -> dict[str, str]:
    """Return what of the frame may be edited, by a key that no part has."""
    headings = {f"@{s.id}": s.heading for s in plan.sections if plan.numbering != "不编号"}
    return {_SALUTATION: plan.salutation, _TRANSITION: plan.transition, **headings}


def _with_frame(plan: Plan, outcome: Outcome) -> Fitted:
    """Return the texts and the plan after the edits; what of the frame has lost its form stays as it was."""
    edited = {i: t.strip() for i, t in outcome.texts.items() if i.startswith("@")}
    salutation = edited[_SALUTATION].rstrip("：:。") + "："
    sections = tuple(
        replace(s, heading=heading)
        if 2 < len(heading := bare_heading(edited.get(f"@{s.id}", ""))) <= LONGEST_HEADING
        else s
        for s in plan.sections
    )
    fits = 2 < len(salutation) <= LONGEST_SALUTATION and "\n" not in salutation
    transition = edited[_TRANSITION]
    if promised_of(transition) not in (None, len(sections)):
        transition = plan.transition
    plan = replace(
        plan, sections=sections, transition=transition, salutation=salutation if fits else plan.salutation
    )
    return Fitted(plan, {i: t for i, t in outcome.texts.items() if not i.startswith("@")})


def _shown(finding: Finding) -> str:
    fragment = f"“{finding.fragment[:40]}”：" if finding.fragment else ""
    return f"{fragment}{finding.message}"
