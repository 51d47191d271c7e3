"""The program's records as a client sees them. Words to a model and private data are named, never repeated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote

from rag_speech.brief.brief import Brief
from rag_speech.checks.privacy import private_data
from rag_speech.checks.run import CheckReport
from rag_speech.mcp_server.inputs import BriefFields
from rag_speech.mcp_server.outputs import (
    Checked,
    Cost,
    Drafted,
    FactShown,
    FindingShown,
    Forbidden,
    ParagraphShown,
    PartShown,
    Planned,
    PlanShown,
    PointShown,
    StatementShown,
)
from rag_speech.mcp_server.places import RENDERED
from rag_speech.read.guards import orders_a_model
from rag_speech.types import Assignment, Draft, Evidence, Finding, Outcome, Plan, Severity, Statement, Use

ROOT = "rag-speech://drafts"
BRIEF = "brief"
"""The source of what the brief itself states."""
_UNSAID = "（原文{why}，不在这里转述；见 evidence.yaml）"


def uri(draft: str, *path: str) -> str:
    """Return the address of a draft's file."""
    return "/".join([ROOT, *(quote(step, safe="") for step in (draft, *path))])


def rendered_uri(draft: str, file: str) -> str:
    """Return the address of a laid-out file."""
    return uri(draft, RENDERED, file)


def brief_fields(brief: Brief) -> BriefFields:
    """Return the brief without its materials and the request's own words."""
    data = brief.model_dump(mode="json", exclude={"materials", "words"}, exclude_defaults=True)
    return BriefFields(**data)


def statement(given: Statement) -> StatementShown:
    """Return a statement; what a client's own model could obey, and what is private, is left out.

    Facts of the brief come from the client itself.
    """
    text, whole = given.wording, f"{given.text}{given.said}"
    if given.source != BRIEF and orders_a_model(whole):
        text = _UNSAID.format(why="是写给程序看的话")
    elif given.source != BRIEF and given.use is Use.NEVER and private_data(whole):
        text = _UNSAID.format(why="含个人信息或者密级标志")
    return StatementShown(
        id=given.id,
        text=text,
        source=given.source,
        status=given.status.value,
        use=given.use.value,
        why=given.why,
    )


def planned(
    draft: str, assignment: Assignment, evidence: Evidence, plan: Plan | None, files: Iterable[str]
) -> Planned:
    """Return what was read and planned."""
    forbidden = (*assignment.constraints, *evidence.constraints)
    pending = (*assignment.pending, *evidence.pending, *(plan.pending if plan else ()))
    return Planned(
        draft=draft,
        speaker=assignment.speaker,
        points=[
            PointShown(id=p.id, text=p.text, say=p.say, manner=p.manner, count=p.count)
            for p in assignment.points
        ],
        forbidden=[Forbidden(what=c.what, strings=list(c.strings), why=c.why) for c in forbidden],
        statements=[statement(s) for s in (*assignment.statements, *evidence.statements)],
        pending=list(dict.fromkeys(pending)),
        unread=list(evidence.unread),
        plan=_plan(plan) if plan else None,
        files=list(files),
    )


def drafted(name: str, draft: Draft, files: Iterable[str]) -> Drafted:
    """Return a finished draft."""
    usage = draft.usage
    return Drafted(
        draft=name,
        title=draft.title,
        text=draft.text,
        chars=draft.chars,
        minutes=draft.minutes,
        pending=list(draft.pending),
        conflicts=list(draft.conflicts),
        withheld=list(draft.withheld),
        findings=findings(sorted(draft.findings, key=lambda f: f.severity)),
        facts=[FactShown(claim=f.claim, sentence=f.sentence.strip(), source=f.source) for f in draft.facts],
        set_aside=[statement(s) for s in draft.set_aside],
        model=draft.model,
        occasion=draft.occasion,
        cost=Cost(
            calls=usage.calls,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            seconds=round(usage.seconds, 1),
        ),
        files=list(files),
    )


def checked(report: CheckReport, least: Severity) -> Checked:
    """Return a check's report with the findings of ``least`` or graver."""
    return Checked(
        verdict=report.verdict,
        score=report.score.total,
        chars=report.chars,
        occasion=report.occasion,
        with_brief=not report.form_only,
        findings=findings(report.at_least(least)),
        crashed=[f"{r.check}: {r.reason}" for r in report.results if r.outcome is Outcome.CRASHED],
    )


def findings(found: Iterable[Finding]) -> list[FindingShown]:
    """Return findings."""
    return [
        FindingShown(
            code=f.code,
            severity=f.severity.value,
            start=f.span.start if f.span else None,
            end=f.span.end if f.span else None,
            fragment=f.fragment,
            message=f.message,
            suggestion=f.suggestion,
        )
        for f in found
    ]


def used_otherwise(evidence: Evidence, changes: dict[str, Use]) -> Evidence:
    """Return the evidence with the uses that the clerk wants."""
    rows = tuple(
        replace(s, use=changes[s.id], why="" if changes[s.id] is Use.SAY else s.why or "经办人定")
        if s.id in changes
        else s
        for s in evidence.statements
    )
    return replace(evidence, statements=rows)


def _plan(plan: Plan) -> PlanShown:
    return PlanShown(
        title=plan.title,
        caption=list(plan.caption),
        salutation=plan.salutation,
        thesis=plan.thesis,
        transition=plan.transition,
        target_chars=plan.target_zi,
        parts=[
            PartShown(
                id=part.id,
                heading=part.heading,
                zi=part.zi,
                paragraphs=[
                    ParagraphShown(say=p.say, heading=p.heading, uses=list(p.uses), zi=p.zi)
                    for p in part.paragraphs
                ],
            )
            for part in plan.parts
        ],
        left_out=list(plan.left_out),
    )
