"""Makes a plan whole by code where the model's last answer was not: facts placed, points answered, budgets scaled.

Nothing of it is spoken: what code adds are the brief's own points as tasks for paragraphs, and ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag_speech.brief.occasions import Occasion
from rag_speech.llm.profile import HOSTED, Profile
from rag_speech.plan.frame import plain_transition, transition_of
from rag_speech.plan.validate import MIN_ZI, bare_heading
from rag_speech.types import (
    Assignment,
    Constraint,
    Plan,
    PlannedParagraph,
    Point,
    Reserve,
    Section,
    Statement,
    Use,
)
from rag_speech.zh.overlap import covered, pairs
from rag_speech.zh.text import count_zi

_HEADING_ZI = 18
_EDGE_ZI = 120
_EDGE_SHARE = 0.14
"""Most that opening and closing may each take of the speech."""
ANGLES = (
    "讲明这件事为什么要紧",
    "讲怎样一步一步去做",
    "讲谁来做、做到什么程度",
    "讲最容易出的毛病和怎样防住",
)
"""What further paragraphs on one matter are to be about."""
_RESERVES = 3
_SAME = 0.5
"""Share of a point's pairs of characters from which a part is about it."""
_CLAUSE = re.compile(r"[，。；：、（(]")


def mended(
    plan: Plan,
    occasion: Occasion,
    assignment: Assignment,
    statements: Mapping[str, Statement],
    constraints: Sequence[Constraint],
    profile: Profile = HOSTED,
) -> Plan:
    """Return the plan with every fact used once, every point answered, no forbidden heading, and its length.

    A plan by a model that is asked in few words (``profile.plain``) has one part a point, whatever parts it named.
    """
    sections = [_with_paragraphs(s, assignment) for s in plan.sections]
    if profile.plain:
        sections = _by_points(sections, assignment)
        plan = replace(
            plan, transition=plain_transition(len(sections), occasion), numbering="标题", thanks=""
        )
    opening, closing = (_with_paragraphs(s, assignment) for s in (plan.opening, plan.closing))
    if profile.plain:
        opening, closing = (_one_paragraph(s) for s in (opening, closing))
    parts = _once([opening, *sections, closing], statements)
    parts = _answering(parts, assignment)
    parts = _using(parts, [s for s in statements.values() if s.required and s.use is Use.SAY])
    parts = [_headed(s, assignment, constraints) for s in parts]
    middle = [replace(s, id=str(n)) for n, s in enumerate(parts[1:-1], 1)]
    numbering = plan.numbering if len(middle) > 1 else "不编号"
    whole = replace(
        plan, opening=parts[0], sections=tuple(middle), closing=parts[-1], numbering=numbering,
        transition=transition_of(plan.transition, len(middle), occasion) if numbering == "标题" else "",
    )  # fmt: skip
    return _with_reserve(_at_length(whole, profile.paragraph_zi))


def _by_points(sections: Sequence[Section], assignment: Assignment) -> list[Section]:
    """Return one part a point, with what the model planned for it; the parts as they are when there are no two points."""
    points = [p for p in assignment.points if p.say]
    if len(points) < 2 or assignment.outline:
        return list(sections)
    out = []
    for n, point in enumerate(points, 1):
        own = [s for s in sections if point.id in s.answers or _said_by(point, s) >= _SAME]
        paragraphs = own[0].paragraphs if own else (PlannedParagraph(say=point.say),)
        paragraphs = tuple(replace(p, heading="") for p in paragraphs)
        out.append(Section(id=str(n), heading=_short(point.say), answers=(point.id,), paragraphs=paragraphs))
    return out


def _one_paragraph(section: Section) -> Section:
    first = section.paragraphs[0]
    return replace(section, paragraphs=(PlannedParagraph(say=first.say, uses=first.uses, zi=_EDGE_ZI),))


def _with_paragraphs(section: Section, assignment: Assignment) -> Section:
    if section.paragraphs:
        return section
    says = [p.say for p in assignment.points if p.id in section.answers] or [section.heading or "承上启下"]
    return replace(section, paragraphs=tuple(PlannedParagraph(say=s) for s in says))


def _once(parts: Sequence[Section], statements: Mapping[str, Statement]) -> list[Section]:
    """Return the parts without unknown or unusable statements, and none used twice."""
    seen: set[str] = set()
    out = []
    for part in parts:
        paragraphs = []
        for p in part.paragraphs:
            uses = [i for i in p.uses if i in statements and statements[i].use is Use.SAY and i not in seen]
            seen.update(uses)
            paragraphs.append(replace(p, uses=tuple(uses)))
        out.append(replace(part, paragraphs=tuple(paragraphs)))
    return out


def _answering(parts: Sequence[Section], assignment: Assignment) -> list[Section]:
    known = {p.id for p in assignment.points}
    parts = [replace(s, answers=tuple(a for a in s.answers if a in known)) for s in parts]
    for point in assignment.points:
        if point.say and not any(point.id in s.answers for s in parts):
            likest = max(parts, key=lambda s: _said_by(point, s))
            if _said_by(point, likest) >= _SAME:
                parts = [replace(s, answers=(*s.answers, point.id)) if s is likest else s for s in parts]
    answered = {a for s in parts for a in s.answers}
    fresh = [
        Section(
            id="0",
            heading=_short(point.say),
            answers=(point.id,),
            paragraphs=(PlannedParagraph(say=point.say),),
        )
        for point in assignment.points
        if point.say and point.id not in answered
    ]
    return [*parts[:-1], *fresh, parts[-1]]


def _said_by(point: Point, section: Section) -> float:
    said = section.heading + "".join(p.say for p in section.paragraphs)
    return max(covered(point.text, said), covered(point.say, said))


def _using(parts: Sequence[Section], required: Sequence[Statement]) -> list[Section]:
    """Return the parts with every required statement in the paragraph whose words it shares most."""
    parts = list(parts)
    used = {i for s in parts for i in s.uses}
    for statement in required:
        if statement.id in used:
            continue
        words = pairs(statement.wording)
        places = [
            (len(words & pairs(f"{s.heading}{p.say}")) - 2 * len(p.uses), -a, -b)
            for a, s in enumerate(parts[:-1])
            for b, p in enumerate(s.paragraphs)
        ]
        _, a, b = max(places)
        section = parts[-a]
        paragraphs = list(section.paragraphs)
        paragraphs[-b] = replace(paragraphs[-b], uses=(*paragraphs[-b].uses, statement.id))
        parts[-a] = replace(section, paragraphs=tuple(paragraphs))
    return parts


def _headed(section: Section, assignment: Assignment, constraints: Sequence[Constraint]) -> Section:
    if section.id in {"opening", "closing"}:
        return section
    banned = [w for c in constraints for w in c.strings]
    heading = bare_heading(section.heading)
    if not heading or any(w in heading for w in banned):
        said = next((p.say for p in assignment.points if p.id in section.answers), section.paragraphs[0].say)
        heading = _short(said)
    return replace(section, heading=_short(heading))


def _short(text: str) -> str:
    """Return the first clause of a text, of a heading's length."""
    clause = _CLAUSE.split(text.strip(), maxsplit=1)[0] or text.strip()
    return clause[:_HEADING_ZI]


def _at_length(plan: Plan, most: int) -> Plan:
    """Return the plan with its budgets scaled to the target, long paragraphs in two."""
    frame = sum(map(count_zi, (plan.salutation, plan.transition, plan.thanks)))
    frame += sum(count_zi(s.heading) for s in plan.sections)
    edge = round(_EDGE_SHARE * plan.target_zi)
    opening, closing = (min(1.0, edge / max(1, s.zi)) for s in (plan.opening, plan.closing))
    room = plan.target_zi - frame - opening * plan.opening.zi - closing * plan.closing.zi
    middle = max(0.1, room / max(1, sum(s.zi for s in plan.sections)))

    def scaled(section: Section, scale: float) -> Section:
        paragraphs = []
        for p in section.paragraphs:
            zi = max(MIN_ZI, round(p.zi * scale))
            pieces = -(-zi // most)
            for k in range(pieces):
                uses = p.uses[k * len(p.uses) // pieces : (k + 1) * len(p.uses) // pieces]
                heading = "" if k else p.heading
                say = f"{ANGLES[(k - 1) % len(ANGLES)]}：{section.heading or p.say}" if k else p.say
                paragraphs.append(PlannedParagraph(say=say, heading=heading, uses=uses, zi=zi // pieces))
        return replace(section, paragraphs=tuple(paragraphs))

    return replace(
        plan,
        opening=scaled(plan.opening, opening),
        sections=tuple(scaled(s, middle) for s in plan.sections),
        closing=scaled(plan.closing, closing),
    )


def _with_reserve(plan: Plan) -> Plan:
    ids = [s.id for s in plan.sections]
    kept = tuple(r for r in plan.reserve if r.section in ids)
    more = tuple(
        Reserve(
            section=s.id,
            paragraph=PlannedParagraph(
                say=f"接着上文，把“{s.heading}”怎样落到实处再讲细一层", zi=plan.target_zi // 12
            ),
        )
        for s in plan.sections[: max(0, _RESERVES - len(kept))]
    )
    return replace(plan, reserve=(*kept, *more))
