"""PLAN: one call that sees all that READ kept; what code finds wrong goes back named, at most twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import Occasion
from rag_speech.calls import Calls, Unfit
from rag_speech.errors import BadReplyError, InputError
from rag_speech.llm.base import Message
from rag_speech.llm.schema import NUMBER, TEXT, choice, many, record, texts
from rag_speech.plan.bare import plan_as_given
from rag_speech.plan.frame import caption_of, salutation_of, title_of
from rag_speech.plan.mend import mended
from rag_speech.plan.validate import MAX_ZI, MIN_ZI, bare_heading, problems_of
from rag_speech.prompts import Prompts
from rag_speech.types import (
    Assignment,
    Constraint,
    Evidence,
    Numbering,
    Plan,
    PlannedParagraph,
    Reserve,
    Section,
    Statement,
    Use,
)
from rag_speech.zh.text import count_zi, minutes_of

_SPARE = 0.15
"""Length of the reserve, as a share of the speech's."""
_SHOWN_STATEMENTS = 120
"""Statements of materials that a plan is made from; those that answer a point come first."""


_PARAGRAPH = {"heading": TEXT, "say": TEXT, "uses": texts(12), "zi": NUMBER}
_PARAGRAPHS = many(record(**_PARAGRAPH), 12, 1)
_SCHEMA = record(
    thesis=TEXT,
    title=TEXT,
    salutation=TEXT,
    numbering=choice(["标题", "段首", "不编号"]),
    opening=record(points=texts(12), paragraphs=_PARAGRAPHS),
    transition=TEXT,
    sections=many(record(heading=TEXT, points=texts(12), paragraphs=_PARAGRAPHS), 9, 1),
    closing=record(points=texts(12), paragraphs=_PARAGRAPHS),
    thanks={"type": "boolean"},
    reserve=many(record(section=NUMBER, after=NUMBER, **_PARAGRAPH), 6),
    left_out=many(record(id=TEXT, why=TEXT), 30),
    pending=texts(12),
)


def constraints_for(assignment: Assignment, evidence: Evidence) -> tuple[Constraint, ...]:
    """Return all that this speech must not say, the brief's and the materials', each once."""
    return tuple(dict.fromkeys([*assignment.constraints, *evidence.constraints]))


def usable_statements(assignment: Assignment, evidence: Evidence) -> dict[str, Statement]:
    """Return all statements by id: the brief's facts, then what the materials offer."""
    return {s.id: s for s in (*assignment.statements, *evidence.statements)}


async def make_plan(
    brief: Brief,
    occasion: Occasion,
    assignment: Assignment,
    evidence: Evidence,
    outlines: Sequence[str],
    calls: Calls,
    prompts: Prompts,
) -> Plan:
    """Return a plan that passes validation.

    What is wrong goes back to the model, named; what is still wrong then is mended by code, and said so in the plan's
    ``pending``. Raises ModelError when the model fails.
    """
    profile = calls.llm.profile
    statements = usable_statements(assignment, evidence)
    constraints = constraints_for(assignment, evidence)
    target = brief.target_chars
    shown = {"brief": brief, "assignment": assignment, "statements": _shown(statements), "target": target}
    if profile.plain:
        request = prompts.render("plan/plan-plain", **shown)
    else:
        request = prompts.render(
            "plan/plan",
            **shown,
            occasion=occasion,
            constraints=constraints,
            outlines=outlines,
            minutes=f"{minutes_of(target):g}",
            low=round(0.94 * target),
            high=round(1.02 * target),
            spare=max(80, round(_SPARE * target)),
        )
    messages = [Message("system", prompts.render("plan/system")), Message("user", request)]
    last: list[Plan] = []

    def accept(data: Mapping[str, Any]) -> Plan:
        if profile.plain:
            data = {**data, "title": "", "salutation": "", "transition": "", "numbering": "标题"}
        plan = plan_of(data, brief, occasion, assignment, constraints)
        last.append(plan)
        if profile.plain:
            raise Unfit("程序补齐")  # it is asked for less than a plan needs
        if problems := problems_of(plan, assignment, statements, constraints):
            raise Unfit(*problems)
        return plan

    try:
        return await calls.ask_for(
            "plan",
            messages,
            accept,
            schema=_SCHEMA,
            max_tokens=profile.answer_tokens,
            temperature=profile.reading_temperature,
            tries=1 + profile.plan_repairs,
        )
    except BadReplyError:
        plan = last[-1] if last else plan_as_given(brief, occasion, assignment, evidence)
        note = "提纲有几处是程序补齐的，请看一看各部分的标题和事实放得对不对"
        if not last:
            note = "模型没有拟成提纲，各部分是按要点的次序排的，请看一看分得对不对"
        plan = replace(plan, pending=(*plan.pending, note))
        return mended(plan, occasion, assignment, statements, constraints, profile)


def plan_of(
    data: Mapping[str, Any],
    brief: Brief,
    occasion: Occasion,
    assignment: Assignment,
    constraints: Sequence[Constraint],
) -> Plan:
    """Return the answer as a plan, its frame by code and its budgets scaled to the length asked for."""
    target = brief.target_chars
    numbering: Numbering = data["numbering"]
    sections = tuple(_section(str(n), row) for n, row in enumerate(data["sections"], 1))
    banned = [s for c in constraints for s in c.strings]
    salutation = salutation_of(brief, occasion, data["salutation"], banned)
    transition = data["transition"].strip() if numbering == "标题" else ""
    transition = transition if not transition or transition[-1] in "。：！" else f"{transition}。"
    thanks = "谢谢大家！" if data["thanks"] else ""
    frame = sum(map(count_zi, (salutation, transition, thanks))) + sum(count_zi(s.heading) for s in sections)
    parts = [_section("opening", data["opening"]), *sections, _section("closing", data["closing"])]
    budget = sum(s.zi for s in parts)
    scale = (target - frame) / budget if budget else 1.0
    if 0.75 <= scale <= 1.33:
        parts = [_scaled(s, scale) for s in parts]
    return Plan(
        title=brief.title or title_of(brief.event, occasion, data["title"], banned),
        caption=caption_of(brief, assignment.speaker),
        salutation=salutation,
        thesis=data["thesis"].strip(),
        numbering=numbering,
        opening=parts[0],
        transition=transition,
        sections=tuple(parts[1:-1]),
        closing=parts[-1],
        thanks=thanks,
        target_zi=target,
        reserve=tuple(
            Reserve(
                section=str(min(max(1, row["section"]), len(sections))),
                after=row["after"],
                paragraph=_paragraph(row),
            )
            for row in data["reserve"]
        ),
        left_out=tuple(f"{row['id']}：{row['why']}" for row in data["left_out"]),
        pending=tuple(p.strip() for p in data["pending"] if p.strip()),
    )


def _shown(statements: Mapping[str, Statement]) -> list[Statement]:
    own = [s for s in statements.values() if s.source == "brief"]
    read = [s for s in statements.values() if s.source != "brief" and s.use is not Use.NEVER]
    ranked = sorted(read, key=lambda s: (s.use is not Use.SAY, not s.answers))[:_SHOWN_STATEMENTS]
    kept = {s.id for s in ranked}
    return [*own, *(s for s in read if s.id in kept)]


def _section(id_: str, row: Mapping[str, Any]) -> Section:
    return Section(
        id=id_,
        heading=bare_heading(row.get("heading", "")),
        answers=tuple(dict.fromkeys(p.strip() for p in row["points"] if p.strip())),
        paragraphs=tuple(_paragraph(p) for p in row["paragraphs"]),
    )


def _paragraph(row: Mapping[str, Any]) -> PlannedParagraph:
    uses = tuple(dict.fromkeys(u.strip() for u in row["uses"] if u.strip()))
    heading = bare_heading(row["heading"])
    return PlannedParagraph(say=row["say"].strip(), heading=heading, uses=uses, zi=int(row["zi"]))


def _scaled(section: Section, scale: float) -> Section:
    return replace(
        section,
        paragraphs=tuple(
            replace(p, zi=min(MAX_ZI, max(MIN_ZI, round(p.zi * scale)))) for p in section.paragraphs
        ),
    )


def require_whole(plan: Plan, statements: Mapping[str, Statement], constraints: Sequence[Constraint]) -> None:
    """Raise InputError, in one sentence, when a plan that a person changed cannot be drafted."""
    ids = [s.id for s in plan.sections]
    if twice := next((i for i in ids if ids.count(i) > 1), ""):
        raise InputError(f"plan.yaml：有两个部分的编号都是{twice}，改成各不相同的编号再运行")
    if plan.opening.id != "opening" or plan.closing.id != "closing":
        raise InputError("plan.yaml：开头的编号应为opening，结尾的编号应为closing")
    if wrong := next((i for i in ids if not i.isdigit()), ""):
        raise InputError(f"plan.yaml：部分的编号应为数字，{wrong!r}不是")
    used = [(s, i) for s in plan.parts for i in s.uses]
    for section, id_ in used:
        where = {"opening": "开头", "closing": "结尾"}.get(section.id, f"第{section.id}部分")
        if id_ not in statements:
            raise InputError(
                f"plan.yaml：{where}用了没有的事实编号{id_}，编号见assignment.yaml和evidence.yaml"
            )
        if statements[id_].use is not Use.SAY:
            raise InputError(
                f"plan.yaml：{where}用了{id_}，它在evidence.yaml里的用法是“{statements[id_].use.value}”"
            )
    said = "\n".join([plan.title, *(s.heading for s in plan.parts)])
    if banned := next((w for c in constraints for w in c.strings if w in said), ""):
        raise InputError(f"plan.yaml：标题里有不能讲的“{banned}”")
