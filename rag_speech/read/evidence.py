"""READ, second half: the materials, window by window, as statements with their source, status and use.

Code numbers the sentences; the model answers with numbers, and quotes only where a part of a sentence is meant, so that every
statement stands in its source by construction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag_speech.brief.brief import Brief
from rag_speech.calls import Calls, Unfit
from rag_speech.errors import BadReplyError, ContextTooLongError, RefusedContentError
from rag_speech.llm.base import Message
from rag_speech.llm.schema import NUMBER, TEXT, choice, many, record, texts
from rag_speech.prompts import Prompts
from rag_speech.read.assignment import NEVER_SCHEMA, STATUSES, constraints_of, spoken_text
from rag_speech.read.guards import Guard
from rag_speech.read.windows import Line, cut_windows, number_lines
from rag_speech.types import Assignment, Constraint, Evidence, Point, Span, Statement, Status, Use
from rag_speech.zh.claims import claims, covers

_SHORTEST_WINDOW = 3
"""Lines; a window that does not fit the model and has no more than this is left unread, and said so."""


_SCHEMA = record(
    statements=many(
        record(
            n=many(NUMBER, 30),
            part=TEXT,
            said=TEXT,
            whose=TEXT,
            when=TEXT,
            status=choice(STATUSES),
            use=choice(u.value for u in Use),
            why=TEXT,
            points=texts(8),
        ),
        80,
    ),
    members=many(record(point=TEXT, items=texts(12)), 12),
    settled=many(record(point=TEXT, say=TEXT), 12),
    never=NEVER_SCHEMA,
    conflicts=many(record(note=TEXT, drop=many(NUMBER, 30)), 16),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What one window gave."""

    statements: tuple[Statement, ...] = ()
    members: tuple[tuple[str, tuple[str, ...]], ...] = ()
    settled: tuple[tuple[str, str], ...] = ()
    constraints: tuple[Constraint, ...] = ()
    pending: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


async def read_materials(
    brief: Brief,
    assignment: Assignment,
    calls: Calls,
    prompts: Prompts,
    *,
    on_window: Callable[[int, int], None],
) -> Evidence:
    """Return what the materials say, read window by window. Raises ModelError."""
    lines = number_lines(brief.materials)
    windows = list(cut_windows(lines, calls.llm.profile.window_zi))
    guard = Guard.of(brief, assignment)
    evidence = Evidence()
    for n, window in enumerate(windows, 1):
        on_window(n - 1, len(windows))
        for reading in [r async for r in _read(window, brief, assignment, evidence, calls, prompts)]:
            evidence = _joined(evidence, reading, guard)
    if windows:
        on_window(len(windows), len(windows))
    return evidence


def informed(assignment: Assignment, evidence: Evidence) -> Assignment:
    """Return the assignment with what the materials settle: members of promised counts, wordings agreed on."""

    def point(p: Point) -> Point:
        p = replace(p, say=evidence.settled.get(p.id, p.say))
        members = evidence.members.get(p.id, ())
        return replace(p, members=members, count=p.count or len(members)) if members and not p.members else p

    return replace(assignment, points=tuple(map(point, assignment.points)))


def take_all(brief: Brief) -> Evidence:
    """Return every sentence of the materials as something that may be said. What the stage READ is measured against."""
    return Evidence(
        statements=tuple(
            Statement(id=f"S{line.number}", text=line.text, source=line.source, span=line.span)
            for line in number_lines(brief.materials)
        )
    )


async def _read(
    window: Sequence[Line],
    brief: Brief,
    assignment: Assignment,
    before: Evidence,
    calls: Calls,
    prompts: Prompts,
) -> Any:
    """Yield the reading of a window, or of its halves when it does not fit the model."""
    profile = calls.llm.profile
    messages = [
        Message("system", prompts.render("read/system")),
        Message(
            "user",
            prompts.render(
                "read/materials",
                brief=brief,
                assignment=assignment,
                before=[s for s in before.statements if s.use is Use.SAY][-30:],
                groups=list(_by_source(window)),
            ),
        ),
    ]
    texts = {line.number: line for line in window}

    def accept(data: Mapping[str, Any]) -> _Reading:
        return _reading(data, texts, brief, assignment)

    try:
        yield await calls.ask_for(
            "read-materials",
            messages,
            accept,
            schema=_SCHEMA,
            max_tokens=profile.answer_tokens,
            temperature=profile.reading_temperature,
        )
    except (ContextTooLongError, BadReplyError, RefusedContentError) as error:
        if len(window) <= _SHORTEST_WINDOW:
            where = f"材料“{window[0].source}”第{window[0].number}至{window[-1].number}句"
            yield _Reading(unread=(f"{where}模型没有读成（{type(error).__name__}），里面的内容没有采用",))
            return
        half = len(window) // 2
        for part in (window[:half], window[half:]):
            async for reading in _read(part, brief, assignment, before, calls, prompts):
                yield reading


def _by_source(window: Sequence[Line]) -> Iterator[tuple[str, list[Line]]]:
    group: list[Line] = []
    for line in window:
        if group and group[-1].source != line.source:
            yield group[0].source, group
            group = []
        group.append(line)
    if group:
        yield group[0].source, group


def _reading(
    data: Mapping[str, Any], lines: Mapping[int, Line], brief: Brief, assignment: Assignment
) -> _Reading:
    points = {p.id for p in assignment.points}
    named = [n for row in data["statements"] for n in row["n"]]
    if wrong := sorted({n for n in named if n not in lines}):
        raise Unfit(f"没有编号为{'、'.join(map(str, wrong[:8]))}的句子，只能用这次给出的编号")
    statements = tuple(s for row in data["statements"] if (s := _statement(row, lines, brief, points)))
    dropped = {n for row in data["conflicts"] for n in row["drop"]}
    statements = tuple(
        replace(s, use=Use.BACKGROUND, why=s.why or "与别处说法不一致，待核实")
        if s.use is Use.SAY and int(s.id.lstrip("S").rstrip("abcdefgh")) in dropped
        else s
        for s in statements
    )
    return _Reading(
        statements=statements,
        members=tuple(
            (row["point"], tuple(i.strip() for i in row["items"] if i.strip()))
            for row in data["members"]
            if row["point"] in points
        ),
        settled=tuple(
            (row["point"], row["say"].strip()) for row in data["settled"] if row["point"] in points
        ),
        constraints=constraints_of(data["never"], spoken_text(brief), "materials"),
        pending=tuple(row["note"].strip() for row in data["conflicts"] if row["note"].strip()),
    )


def _statement(
    row: Mapping[str, Any], lines: Mapping[int, Line], brief: Brief, points: set[str]
) -> Statement | None:
    numbers = sorted(set(row["n"]))
    if not numbers or len({lines[n].source for n in numbers}) > 1:
        numbers = numbers[:1]
    if not numbers:
        return None
    first, last = lines[numbers[0]], lines[numbers[-1]]
    text = "".join(lines[n].text for n in numbers)
    span = (
        Span(first.span.start, last.span.end)
        if numbers == list(range(numbers[0], numbers[-1] + 1))
        else first.span
    )
    part = row["part"].strip()
    if part and part in text:
        if part in first.text:
            at = first.span.start + first.text.index(part)
            span = Span(at, at + len(part))
        text = part
    said = row["said"].strip()
    use, why = Use(row["use"]), row["why"].strip()
    status = Status(row["status"])
    if said and not _supported(said, text, brief):
        said, use, why = "", Use.BACKGROUND, why or "识别有误，改正后的数没有旁证，待核实"
    if use is Use.SAY and status is Status.UNVERIFIED:
        use, why = Use.BACKGROUND, why or "未经核实"
    return Statement(
        id=f"S{numbers[0]}",
        text=text,
        source=first.source,
        span=span,
        said="" if said == text else said,
        whose=row["whose"].strip(),
        when=row["when"].strip(),
        status=status,
        use=use,
        why=why,
        answers=tuple(p for p in row["points"] if p in points),
    )


def _supported(said: str, text: str, brief: Brief) -> bool:
    """Tell whether every figure of the mended wording stands in the source or in the brief."""
    known = [c for c in claims(f"{text}\n{brief.own_text}") if c.kind == "figure"]
    digits = set(re.findall(r"\d+(?:\.\d+)?", f"{text}\n{brief.own_text}"))
    return all(
        any(covers(k, c) for k in known) or set(re.findall(r"\d+(?:\.\d+)?", c.text)) <= digits
        for c in claims(said)
        if c.kind == "figure"
    )


def _joined(evidence: Evidence, reading: _Reading, guard: Guard) -> Evidence:
    seen = {s.id for s in evidence.statements}
    fresh: list[Statement] = []
    for statement in reading.statements:
        id_, n = statement.id, 0
        while id_ in seen:
            n += 1
            id_ = f"{statement.id}{chr(96 + n)}"
        seen.add(id_)
        fresh.append(guard.watch(replace(statement, id=id_)))
    return Evidence(
        statements=(*evidence.statements, *fresh),
        constraints=(*evidence.constraints, *reading.constraints),
        members={**dict(reading.members), **evidence.members},
        settled={**evidence.settled, **dict(reading.settled)},
        pending=(*evidence.pending, *reading.pending),
        unread=(*evidence.unread, *reading.unread),
    )
