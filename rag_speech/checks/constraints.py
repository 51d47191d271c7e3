"""What this brief demands and forbids (family T, 忠于任务): the same for a draft and for ``check --brief``.

With a reading of brief and materials (assignment, evidence) all rows are looked at; with the brief alone those that need
no reading. Source of the rules: the brief itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from rag_speech.checks.base import CheckContext, NotApplicable
from rag_speech.checks.grounding import said
from rag_speech.checks.scan import absent, finding, quoted
from rag_speech.speech.numerals import from_han
from rag_speech.types import Constraint, Finding, Point, Severity, Statement, Status, Use
from rag_speech.zh.claims import Claim, claims, covers
from rag_speech.zh.overlap import covered, letters, shared_runs
from rag_speech.zh.text import sentence_spans

LEAK_RUN = 13
"""Characters in a row that a speech may not share with what must not be said."""
NOTE_RUN = 8
"""Characters in a row that a speech may not share with a note to the writer."""
_SHORT_NOTE = 6
_ANSWERED = 0.34
"""Share of a point's pairs of characters that a speech which answers it has; drafts that do lie above .5 (median .7)."""
_TOUCHED = 0.15
"""The same for a point as the clerk wrote it, unread: of 200 points answered by good drafts 4% lie below, of other briefs' 55%."""
_MEMBER = 0.4
_SAME_QUOTE = 0.82
"""Likeness from which a quotation of the speech is one of the brief's, changed."""
_FACT = 0.4
_BRACKETED = re.compile(r"[（(【〔][^）)】〕]{2,60}[）)】〕]")
_TO_WRITER = re.compile(
    r"口语|语气|别写|不要写|不写|写进|点到|一句带过|带一句|放在最后|开头|结尾|收尾|详略|别念|不念|注意|待核|核实|请示|稿|篇幅|分钟|字数|数字要"
)
_MANNER = re.compile(r"\s*(?:不|别|勿|少|像|就?按|照|用.{0,8}(?:原话|原文|口气)|句子|姿态|语言|口气|全篇)")
_POINT = 9
"""Characters from which what is left of a point besides words to the writer asks for something by itself."""
_LISTED = re.compile(
    "([二两三四五六七八九十])(?:个|条|道|件|项|点|句|类|种|方面|步|本|笔)[^：，。；]{0,8}：([^。]+)"
)
_BETWEEN = re.compile("[、；，]|以及|和(?=[^、；，]+$)")
_LABEL = re.compile(r"(?:^|[。；\n])\s*(?![两二三四五六七八九十])([^，。；：\n“”]{2,10})：([^\n。；]{4,})")
_QUOTE = re.compile(r"“([^“”]{8,120})”")
_DONE = re.compile(r"已经?|完成了|建成了|实现了|取得了|达到了|落成|投产了|竣工了")
_AHEAD = re.compile(
    r"拟|计划|将(?!士|军|领)|力争|预计|目标|确保|争取|底前|日前|要(?!求)|规划|打算|有望|抓紧|尽快|还|未|没"
)
_SOURCE = "任务书"


def check_constraints(context: CheckContext) -> list[Finding]:
    """Return what is said against the brief, and what the brief demands and the text lacks."""
    if context.brief is None:
        raise NotApplicable("没有任务书，看不出该讲的有没有讲、不该讲的有没有讲")
    text = context.text
    statements = _statements(context)
    return [
        *_banned(text, _constraints(context)),
        *_leaks(context, statements),
        *_notes(context),
        *_missing(text, statements),
        *_twice(text, statements),
        *_points(context),
        *_counts(context),
        *_labels(text, statements),
        *_states(text, statements),
        *_quotations(context, statements),
    ]


def _statements(context: CheckContext) -> tuple[Statement, ...]:
    if context.assignment is not None:
        read = context.evidence.statements if context.evidence else ()
        return (*context.assignment.statements, *read)
    assert context.brief is not None
    return tuple(Statement(id=f"F{n}", text=t) for n, t in enumerate(context.brief.facts, 1))


def _constraints(context: CheckContext) -> tuple[Constraint, ...]:
    assert context.brief is not None
    if context.assignment is None:
        return tuple(Constraint(what=f"不得出现“{w}”", strings=(w,)) for w in context.brief.avoid)
    read = context.evidence.constraints if context.evidence else ()
    return (*context.assignment.constraints, *read)


def _banned(text: str, constraints: Sequence[Constraint]) -> Iterator[Finding]:
    for constraint in constraints:
        for string in constraint.strings:
            for m in re.finditer(_whole(string), text):
                yield finding(
                    text,
                    "T-BANNED",
                    Severity.P0,
                    m.span(),
                    message=f"任务要求不能讲的{quoted(string)}讲了出来：{constraint.what}",
                    suggestion="删去，或者换成不涉及它的说法。",
                    source=_SOURCE,
                    evidence=constraint.why,
                )


def _whole(string: str) -> str:
    """Return the pattern of a string; a figure is not part of a longer one."""
    pattern = re.escape(string)
    before = r"(?<![\d.])" if string[0].isdigit() else ""
    after = r"(?![\d.])" if string[-1].isdigit() else ""
    return before + pattern + after


def _leaks(context: CheckContext, statements: Sequence[Statement]) -> Iterator[Finding]:
    assert context.brief is not None
    may = "\n".join([context.brief.own_text, *(s.wording for s in statements if s.use is Use.SAY)])
    bare_may, _ = letters(may)
    for statement in statements:
        if statement.use is not Use.NEVER:
            continue
        for span in shared_runs(context.text, statement.text, LEAK_RUN):
            words, _ = letters(span.of(context.text))
            if words in bare_may:
                continue
            yield finding(
                context.text,
                "T-LEAK",
                Severity.P1,
                (span.start, span.end),
                message=f"材料里不能讲的内容讲了出来：{quoted(span.of(context.text))}",
                suggestion="删去。",
                source=statement.source,
                evidence=statement.why,
            )


def _notes(context: CheckContext) -> Iterator[Finding]:
    assert context.brief is not None
    brief = context.brief
    notes = [m.group()[1:-1] for t in (*brief.points, *brief.outline) for m in _BRACKETED.finditer(t)]
    notes = [n for n in notes if _TO_WRITER.search(n)]
    if context.assignment is not None:
        notes += [*context.assignment.manner, *(p.manner for p in context.assignment.points if p.manner)]
    elif brief.tone:
        notes.append(brief.tone)
    notes += [p for p in brief.points if _TO_WRITER.search(p)]
    spoken = "\n".join([brief.event, *brief.facts, *brief.may_use])
    if context.assignment is not None:
        spoken += "\n".join(p.say for p in context.assignment.points)
    bare_spoken, _ = letters(spoken)
    seen: set[int] = set()
    for note in notes:
        for span in shared_runs(context.text, note, _run(note)):
            words, _ = letters(span.of(context.text))
            if words in bare_spoken or span.start in seen:
                continue
            # A note may name what is to be said; only its words to the writer are never spoken.
            if not _TO_WRITER.search(words):
                continue
            seen.add(span.start)
            yield finding(
                context.text,
                "T-NOTE",
                Severity.P1,
                (span.start, span.end),
                message=f"{quoted(span.of(context.text))}是写给撰稿人的交代，不是讲给大家听的。",
                suggestion="删去，按它的要求去写。",
                source=_SOURCE,
            )


def _run(note: str) -> int:
    """Return how many characters of a note in a row are too many: of a short one, nearly the whole."""
    bare, _ = letters(note)
    return max(_SHORT_NOTE, min(NOTE_RUN, len(bare)))


def uses(statement: Statement, text: str, claimed: Sequence[Claim]) -> bool:
    """Tell whether the text says the statement: most of its figures, or most of its words when it has none."""
    figures = [c for c in claims(statement.wording) if c.kind in {"figure", "date"}]
    if figures:
        told = sum(any(covers(f, c) or covers(c, f) for c in claimed if c.kind == f.kind) for f in figures)
        return told >= len(figures) / 2
    return covered(statement.wording, text) >= _FACT


def _missing(text: str, statements: Sequence[Statement]) -> Iterator[Finding]:
    claimed = said(text)
    for statement in statements:
        if statement.required and statement.use is Use.SAY and not uses(statement, text, claimed):
            yield absent(
                "T-MISSING",
                Severity.P1,
                f"必须讲的事实没有讲：{quoted(statement.wording, 40)}",
                "补进相应的段落。",
                source=_SOURCE,
            )


def _twice(text: str, statements: Sequence[Statement]) -> Iterator[Finding]:
    sentences = [(s, claims(s.of(text))) for s in sentence_spans(text)]
    for statement in statements:
        figures = [
            c for c in claims(statement.wording) if c.kind == "figure" and len(re.sub(r"\D", "", c.text)) > 1
        ]
        if statement.use is not Use.SAY or not figures:
            continue
        told = [
            (span, n)
            for span, found in sentences
            if (
                n := sum(
                    any(c.kind == "figure" and c.value == f.value and c.unit == f.unit for c in found)
                    for f in figures
                )
            )
            >= max(1, (len(figures) + 1) // 2)
            and covered(statement.wording, span.of(text)) >= _FACT
        ]
        apart = [span for span, _ in told[1:] if "\n" in text[told[0][0].end : span.start]]
        if apart:
            again = apart[0]
            yield finding(
                text,
                "T-TWICE",
                Severity.P2,
                (again.start, again.end),
                message=f"同一件事讲了不止一遍：{quoted(statement.wording, 30)}",
                suggestion="只留最合适的一处。",
                source=_SOURCE,
            )


def _points(context: CheckContext) -> Iterator[Finding]:
    enough = _ANSWERED if context.assignment is not None else _TOUCHED
    for point in _asked(context):
        if covered(point.say, context.text) < enough:
            yield absent(
                "T-POINT",
                Severity.P1,
                f"要点没有答到：{quoted(point.say, 40)}",
                "补写这一点，或者说明为什么不讲。",
                source=_SOURCE,
            )


def _asked(context: CheckContext) -> list[Point]:
    if context.assignment is not None:
        return [p for p in context.assignment.points if p.say]
    assert context.brief is not None
    bare = [(t, _spoken(_BRACKETED.sub("", t))) for t in context.brief.points]
    return [Point(id="", text=t, say=b, members=_members(b)) for t, b in bare if b]


def _spoken(point: str) -> str:
    """Return the clauses of a point that are no word to the writer (不说“三把火”，像拉家常，句子短一点)."""
    clauses = re.findall("[^，；。]+[，；。]?", point)
    kept = [c for c in clauses if not (_TO_WRITER.search(c) or _MANNER.match(c))]
    rest = "".join(kept).strip("，；。 ")
    return rest if kept == clauses or len(rest) >= _POINT else ""


def _members(point: str) -> tuple[str, ...]:
    """Return what a point promises by number and then lists (三道关：消毒关、检测关、公示关); empty when the two disagree."""
    found = _LISTED.search(point)
    members = tuple(m for m in _BETWEEN.split(found[2].strip("。；")) if m) if found else ()
    return members if found and len(members) == from_han(found[1].replace("两", "二")) else ()


def _counts(context: CheckContext) -> Iterator[Finding]:
    for point in _asked(context):
        lost = [m for m in point.members if covered(m, context.text) < _MEMBER]
        if lost:
            yield absent(
                "T-COUNT",
                Severity.P1,
                f"说好讲{len(point.members)}条，少了{'、'.join(quoted(m, 16) for m in lost)}",
                "补上，一条都不能少。",
                source=_SOURCE,
            )


def _labels(text: str, statements: Sequence[Statement]) -> Iterator[Finding]:
    for statement in statements:
        for m in _LABEL.finditer(statement.text):
            label, start = m.group(1).strip(), m.group(2).strip()[:4]
            for broken in (label + start, f"{label}：{start}"):
                at = text.find(broken)
                if at < 0:
                    continue
                yield finding(
                    text,
                    "T-LABEL",
                    Severity.P2,
                    (at, at + len(broken)),
                    message=f"材料里的栏目名{quoted(label)}连着内容抄了进来，不是说出来的话。",
                    suggestion="改写成一句完整的话。",
                    source=statement.source,
                )


def _states(text: str, statements: Sequence[Statement]) -> Iterator[Finding]:
    sentences = [(s, s.of(text)) for s in sentence_spans(text)]
    for statement in statements:
        if statement.status is not Status.PLANNED or statement.use is not Use.SAY:
            continue
        thing = _AHEAD.sub("", statement.wording)  # who tells it as done leaves these words out
        for span, sentence in sentences:
            if covered(thing, sentence) < 0.5 or not _DONE.search(sentence):
                continue
            if _AHEAD.search(sentence) or _DONE.search(statement.wording):
                continue
            yield finding(
                text,
                "T-STATE",
                Severity.P1,
                (span.start, span.end),
                message=f"这件事还是计划，写成了已经办成：{quoted(statement.wording, 30)}",
                suggestion="改为“将、计划、力争”等说法。",
                source=statement.source,
            )


def _quotations(context: CheckContext, statements: Sequence[Statement]) -> Iterator[Finding]:
    assert context.brief is not None
    given = "\n".join([context.brief.own_text, *(s.wording for s in statements if s.use is Use.SAY)])
    originals = {m.group(1) for m in _QUOTE.finditer(given)}
    for m in _QUOTE.finditer(context.text):
        words = m.group(1)
        if words in originals or words in given:
            continue
        near = max(originals, key=lambda o: SequenceMatcher(None, o, words).ratio(), default="")
        if near and SequenceMatcher(None, near, words).ratio() >= _SAME_QUOTE:
            yield finding(
                context.text,
                "T-QUOTE",
                Severity.P1,
                m.span(1),
                message=f"引语同给出的原话不一致，原话是{quoted(near, 40)}",
                suggestion="照原话一字不差地引。",
                source=_SOURCE,
                fix=near,
            )
