"""READ, first half: the brief sorted into what is said, how, and what never is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import Occasion
from rag_speech.calls import Calls, Unfit
from rag_speech.llm.base import Message
from rag_speech.llm.schema import NUMBER, TEXT, Schema, choice, many, record, texts
from rag_speech.prompts import Prompts
from rag_speech.read.outline import read_outline
from rag_speech.types import Assignment, Constraint, Point, Statement, Status

STATUSES = [s.value for s in Status]
_MOST_MEMBERS, _MOST_NOTES, _MOST_STRINGS, _MOST_BANS = 12, 12, 16, 24

NEVER_SCHEMA = many(record(what=TEXT, strings=texts(_MOST_STRINGS), why=TEXT), _MOST_BANS)


def _schema(points: int, facts: int) -> Schema:
    point = record(id=TEXT, say=TEXT, manner=TEXT, count=NUMBER, members=texts(_MOST_MEMBERS))
    return record(
        speaker=TEXT,
        points=many(point, points, points),
        facts=many(record(id=TEXT, status=choice(STATUSES)), facts, facts),
        manner=texts(_MOST_NOTES),
        never=NEVER_SCHEMA,
        pending=texts(_MOST_NOTES),
    )


_BRACKETED = re.compile(r"[（(][^）)]*[）)]")
_NOTE = re.compile(r"[（(][^）)]*[）)]|[，,；;].*$")


async def read_brief(brief: Brief, occasion: Occasion, calls: Calls, prompts: Prompts) -> Assignment:
    """Return the brief as the model understood it and code let it stand. Raises ModelError."""
    profile = calls.llm.profile
    points, facts = numbered_points(brief), brief_statements(brief)
    messages = [
        Message("system", prompts.render("read/system")),
        Message(
            "user", prompts.render("read/brief", brief=brief, occasion=occasion, points=points, facts=facts)
        ),
    ]

    def accept(data: Mapping[str, Any]) -> Assignment:
        read = _assignment(brief, points, facts, data)
        return read if profile.corrects else _as_far_as_trusted(brief, read)

    return await calls.ask_for(
        "read-brief",
        messages,
        accept,
        schema=_schema(len(points), len(facts)),
        max_tokens=profile.answer_tokens,
        temperature=profile.reading_temperature,
    )


def _as_far_as_trusted(brief: Brief, read: Assignment) -> Assignment:
    """Return the brief as it stands, with what a weak reader found that can be checked: words that must not be said."""
    given = take_as_given(brief)
    own = "\n".join((*brief.points, brief.words, brief.tone))
    found = (replace(c, strings=tuple(s for s in c.strings if s in own)) for c in read.constraints)
    points = tuple(replace(p, say=_BRACKETED.sub("", p.say).strip() or p.say) for p in given.points)
    return replace(
        given, speaker=read.speaker, points=points, constraints=tuple(c for c in found if c.strings)
    )


def take_as_given(brief: Brief) -> Assignment:
    """Return the brief unsorted: every point is said as it stands. What the stage READ is measured against."""
    points = tuple(Point(id=i, text=t, say=t) for i, t in numbered_points(brief).items())
    return _with_brief(
        brief, Assignment(speaker=brief.speaker, points=points, statements=brief_statements(brief))
    )


def numbered_points(brief: Brief) -> dict[str, str]:
    """Return the brief's points by id: P1, P2 ..."""
    return {f"P{n}": text for n, text in enumerate(brief.points, 1)}


def brief_statements(brief: Brief) -> tuple[Statement, ...]:
    """Return the brief's own facts: F1 ... have to be used, M1 ... may be."""
    must = [Statement(id=f"F{n}", text=t) for n, t in enumerate(brief.facts, 1)]
    may = [Statement(id=f"M{n}", text=t) for n, t in enumerate(brief.may_use, 1)]
    return (*must, *may)


def constraints_of(rows: Sequence[Mapping[str, Any]], allowed: str, source: str) -> tuple[Constraint, ...]:
    """Return the constraints of an answer; a string that the brief itself gives to be said forbids nothing."""
    found = []
    for row in rows:
        strings = tuple(
            dict.fromkeys(
                s.strip() for s in row["strings"] if len(s.strip()) > 1 and s.strip() not in allowed
            )
        )
        if row["what"].strip() or strings:
            what = row["what"].strip() or f"不得出现“{'”“'.join(strings)}”"
            found.append(Constraint(what=what, strings=strings, why=row["why"].strip(), source=source))
    return tuple(found)


def spoken_text(brief: Brief) -> str:
    """Return what the brief gives to be said whatever else stands in it: frame and facts."""
    own = (brief.event, brief.place, brief.speaker, brief.speaker_name, brief.audience, *brief.guests)
    return "\n".join((*own, *brief.facts, *brief.may_use))


def _assignment(
    brief: Brief, points: Mapping[str, str], facts: Sequence[Statement], data: Mapping[str, Any]
) -> Assignment:
    given = {row["id"]: row for row in data["points"]}
    if missing := [i for i in points if i not in given]:
        raise Unfit(f"要点{'、'.join(missing)}没有归类，每个要点都要有一条")
    status = {row["id"]: Status(row["status"]) for row in data["facts"]}
    sorted_points = []
    for id_, text in points.items():
        row = given[id_]
        members = tuple(m.strip() for m in row["members"] if m.strip())
        count = int(row["count"])
        sorted_points.append(
            Point(
                id=id_,
                text=text,
                say=row["say"].strip(),
                manner=row["manner"].strip(),
                count=count,
                members=members,
            )
        )
    statements = tuple(Statement(id=s.id, text=s.text, status=status.get(s.id, Status.STATE)) for s in facts)
    read = Assignment(
        speaker=_speaker(brief, data["speaker"]),
        points=tuple(sorted_points),
        manner=tuple(m.strip() for m in data["manner"] if m.strip()),
        constraints=constraints_of(data["never"], spoken_text(brief), "brief"),
        statements=statements,
        pending=tuple(p.strip() for p in data["pending"] if p.strip()),
    )
    return _with_brief(brief, read)


def _with_brief(brief: Brief, read: Assignment) -> Assignment:
    """Return the reading with what code takes from the brief: outline, words to avoid, tone."""
    avoid = tuple(Constraint(what=f"不得出现“{w}”", strings=(w,), why="任务书列明") for w in brief.avoid)
    tone = (brief.tone,) if brief.tone and brief.tone not in read.manner else ()
    return replace(
        read,
        outline=read_outline(brief.outline),
        constraints=(*avoid, *read.constraints),
        manner=(*tone, *read.manner),
    )


def _speaker(brief: Brief, answer: str) -> str:
    """Return the speaker's office for the caption: the answer where it stands in the brief, else without notes."""
    answer = answer.strip()
    return answer if answer and answer in brief.speaker else _NOTE.sub("", brief.speaker).strip()
