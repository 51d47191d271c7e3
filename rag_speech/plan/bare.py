"""A plan without a planner: a part a point, statements dealt out in order. What the stage PLAN is measured against."""

from __future__ import annotations

from collections.abc import Sequence

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import Occasion
from rag_speech.plan.frame import caption_of, salutation_of, title_of, transition_of
from rag_speech.types import Assignment, Evidence, Plan, PlannedParagraph, Section, Use
from rag_speech.zh.text import count_zi

_HEADING_ZI = 20
_FRAME_SHARE = 0.12


def plan_as_given(brief: Brief, occasion: Occasion, assignment: Assignment, evidence: Evidence) -> Plan:
    """Return one part for each point of the brief, or for each move of the occasion when it gives none."""
    points = [p for p in assignment.points if p.say]
    says = [p.say for p in points] or [m.say for m in occasion.moves if m.role == "point"] or [brief.event]
    statements = [s.id for s in (*assignment.statements, *evidence.statements) if s.use is Use.SAY]
    target = brief.target_chars
    edge = max(80, round(_FRAME_SHARE * target))
    room = max(100, (target - 2 * edge) // len(says))
    sections = []
    for n, say in enumerate(says):
        mine = tuple(statements[n * len(statements) // len(says) : (n + 1) * len(statements) // len(says)])
        answers = (points[n].id,) if points else ()
        paragraph = PlannedParagraph(say=say, uses=mine, zi=room)
        sections.append(
            Section(id=str(n + 1), heading=say[:_HEADING_ZI], answers=answers, paragraphs=(paragraph,))
        )
    return Plan(
        title=brief.title or title_of(brief.event, occasion),
        caption=caption_of(brief, assignment.speaker),
        salutation=salutation_of(brief, occasion),
        thesis=brief.event,
        numbering="标题" if occasion.transition != "-" and len(sections) > 1 else "不编号",
        opening=_edge("opening", "说明会议的来由", edge),
        transition=transition_of("", len(sections), occasion) if occasion.transition != "-" else "",
        sections=tuple(sections),
        closing=_edge("closing", "收束全篇", edge),
        thanks="谢谢大家！" if "Z3" in occasion.closing else "",
        target_zi=target,
    )


def _edge(id_: str, say: str, zi: int) -> Section:
    paragraphs: Sequence[PlannedParagraph] = (PlannedParagraph(say=say, zi=max(count_zi(say), zi)),)
    return Section(id=id_, paragraphs=tuple(paragraphs))
