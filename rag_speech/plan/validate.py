"""Holds a plan to the assignment: what fails is named, in Chinese, for the model or the person to mend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rag_speech.plan.frame import promised_of
from rag_speech.types import Assignment, Constraint, Plan, Section, Statement, Use
from rag_speech.zh.text import count_zi

BUDGET_SLACK = 0.08
"""How far the budgets of all paragraphs may lie from the target, as its share."""
MIN_ZI, MAX_ZI = 40, 420
"""Of a paragraph, in 字: under it nothing is said, over it nobody can follow."""
MOST_USES = 3
"""Parts that may share one statement, each with its own piece of it (three units, three dates)."""
LONGEST_HEADING = 26
_NUMERAL = re.compile(
    r"^\s*(?:[一二三四五六七八九十]+[、.．]|（[一二三四五六七八九十]+）|\d+[.、．](?!\d)|第[一二三四五六七八九十]+[，、：:]|[一二三四五六七八九十]是)"
)


def bare_heading(heading: str) -> str:
    """Return a heading without numeral and closing punctuation."""
    return _NUMERAL.sub("", heading.strip()).strip().rstrip("。；：:，")


def problems_of(
    plan: Plan, assignment: Assignment, statements: Mapping[str, Statement], constraints: Sequence[Constraint]
) -> tuple[str, ...]:
    """Return what is wrong with the plan; empty when it may be drafted."""
    return (
        *_uses(plan, statements),
        *_points(plan, assignment),
        *_headings(plan),
        *_banned(plan, constraints),
        *_lengths(plan),
    )


def _place(section: Section) -> str:
    return {"opening": "开头", "closing": "结尾"}.get(section.id, f"第{section.id}部分")


def _uses(plan: Plan, statements: Mapping[str, Statement]) -> Iterator[str]:
    used: dict[str, list[str]] = {}
    for section in plan.parts:
        for paragraph in section.paragraphs:
            for id_ in paragraph.uses:
                used.setdefault(id_, []).append(_place(section))
    for id_, places in used.items():
        if id_ not in statements:
            yield f"{places[0]}用了没有的编号{id_}"
        elif statements[id_].use is not Use.SAY:
            yield f"{places[0]}用了{id_}，它是“{statements[id_].use.value}”，不能讲"
        elif len(set(places)) > MOST_USES:
            yield f"{id_}在{'、'.join(dict.fromkeys(places))}都用了，分几截讲的最多放在{MOST_USES}个部分"
    if missing := [s.id for s in statements.values() if s.required and s.use is Use.SAY and s.id not in used]:
        yield f"必用事实{'、'.join(missing)}没有用上"


def _points(plan: Plan, assignment: Assignment) -> Iterator[str]:
    answered = {p for s in plan.parts for p in s.answers}
    known = {p.id for p in assignment.points}
    if missing := [p.id for p in assignment.points if p.say and p.id not in answered]:
        yield f"要点{'、'.join(missing)}没有落到哪一部分（写进points）"
    if unknown := sorted(answered - known):
        yield f"没有编号为{'、'.join(unknown)}的要点"


def _headings(plan: Plan) -> Iterator[str]:
    if plan.numbering == "不编号":
        return
    if len(plan.sections) < 2:
        yield "只有一个部分不必编号，numbering改为“不编号”，或者分成几个部分"
    promised = promised_of(plan.transition)
    if promised not in (None, len(plan.sections)):
        yield f"过渡句许诺{promised}条，实有{len(plan.sections)}个部分；对不上就不要说数，或者调整部分"
    headings = [s.heading for s in plan.sections]
    for section in plan.sections:
        if not section.heading:
            yield f"{_place(section)}没有标题"
        elif len(section.heading) > LONGEST_HEADING:
            yield f"{_place(section)}的标题有{len(section.heading)}字，压到{LONGEST_HEADING - 6}字以内"
    if len(set(headings)) < len(headings):
        yield "有两个部分的标题一样"


def _banned(plan: Plan, constraints: Sequence[Constraint]) -> Iterator[str]:
    # What a paragraph is to say may name what it must not; only headings are spoken as they stand.
    for section in plan.sections if plan.numbering != "不编号" else ():
        for constraint in constraints:
            if found := next((s for s in constraint.strings if s in section.heading), ""):
                yield f"{_place(section)}的标题里有不能讲的“{found}”"


def _lengths(plan: Plan) -> Iterator[str]:
    frame = sum(map(count_zi, (plan.salutation, plan.transition, plan.thanks)))
    total = frame + sum(s.zi + count_zi(s.heading) for s in plan.parts)
    if abs(total - plan.target_zi) > BUDGET_SLACK * plan.target_zi:
        yield f"各段字数加起来约{total}字，应当是{plan.target_zi}字左右，请按轻重调整各段的zi"
    for section in plan.parts:
        if not section.paragraphs:
            yield f"{_place(section)}一段也没有"
        for n, paragraph in enumerate(section.paragraphs, 1):
            if not MIN_ZI <= paragraph.zi <= MAX_ZI:
                yield f"{_place(section)}第{n}段{paragraph.zi}字，每段应当在{MIN_ZI}到{MAX_ZI}字之间"
