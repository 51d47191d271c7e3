"""States of a speech between rounds: each checked and ranked, the best one kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import total_ordering

from rag_speech.checks.grounding import Source, judge, sources_of
from rag_speech.checks.registry import HELD_OUT
from rag_speech.checks.run import run_checks
from rag_speech.desk import Desk
from rag_speech.draft.compose import compose
from rag_speech.draft.conversation import Conversation
from rag_speech.draft.length import TOLERANCE, Fitted, fit
from rag_speech.errors import BadReplyError, ContextTooLongError, RefusedContentError
from rag_speech.plan.planner import constraints_for, usable_statements
from rag_speech.review.editor import review
from rag_speech.speech.render import render
from rag_speech.types import Edit, Finding, Severity
from rag_speech.zh.claims import claims


@total_ordering
@dataclass(frozen=True, slots=True)
class Rank:
    """How good a version is; the lower the better: what a leader rejects, what must be mended, length, the rest."""

    rejected: int
    must: int
    off: float
    should: int

    def __lt__(self, other: Rank) -> bool:
        mine, theirs = ((r.rejected, r.must, r.off, r.should) for r in (self, other))
        return mine < theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A speech with its findings; ``edits`` stand in it, ``refused`` do not, ``left`` is for people to settle."""

    fitted: Fitted
    text: str
    findings: tuple[Finding, ...]
    rank: Rank
    edits: tuple[Edit, ...] = ()
    refused: tuple[tuple[Edit, str], ...] = ()
    left: tuple[str, ...] = field(default=())


def checked(desk: Desk, talk: Conversation, fitted: Fitted) -> Version:
    """Return the version with the findings that steer its review: those of held-out checks are not among them."""
    text = render(compose(fitted.plan, fitted.texts))
    shown = [e for found in talk.exemplars.values() for e in found]
    report = run_checks(desk.context(text, talk.assignment, talk.evidence, shown), exclude=HELD_OUT)
    count = {s: sum(f.severity is s for f in report.findings) for s in Severity}
    off = max(0.0, abs(fitted.off) - TOLERANCE)
    rank = Rank(count[Severity.P0], count[Severity.P1], round(off, 3), count[Severity.P2])
    return Version(fitted=fitted, text=text, findings=report.findings, rank=rank)


async def polish(desk: Desk, talk: Conversation, first: Version) -> Version:
    """Return the best version after the review's rounds. Raises ModelError."""
    best = now = first
    rounds = talk.calls.llm.profile.review_rounds
    for n in range(1, rounds + 1):
        if n > 1 and not _needs_another(now):
            break
        desk.tell("stage", f"通读修改（第{n}遍）", n - 1, rounds)
        try:
            result = await review(
                talk,
                now.fitted,
                now.findings,
                _objection(desk, talk, now),
                edits=now.edits,
                pending=now.left or open_questions(talk, now),
            )
        except (BadReplyError, ContextTooLongError, RefusedContentError) as error:
            note = f"通读修改没有做成（{type(error).__name__}），稿子是修改以前的样子"
            return replace(best, left=(*(best.left or open_questions(talk, best)), note))
        mended = await fit(talk, result.fitted)
        version = replace(
            checked(desk, talk, mended),
            edits=(*now.edits, *result.outcome.done),
            refused=result.outcome.refused,
            left=result.left,
        )
        now = version
        # A review's edits are kept unless they break something that was whole: code cannot see what they mend.
        if (now.rank.rejected, now.rank.must) <= (best.rank.rejected, best.rank.must) or now.rank < best.rank:
            best = now
    return best


def open_questions(talk: Conversation, version: Version) -> tuple[str, ...]:
    """Return what READ and PLAN left for people to settle, before a review has gone over it."""
    return tuple(dict.fromkeys((*talk.assignment.pending, *version.fitted.plan.pending)))


def _needs_another(version: Version) -> bool:
    """Tell whether a further round may pay: something grave is left, or the last one changed a good deal."""
    return bool(
        version.rank.rejected or version.rank.must or len(version.refused) > 2 or len(version.edits) > 6
    )


def _objection(desk: Desk, talk: Conversation, now: Version) -> Callable[[str, str], str]:
    shown: Sequence[Source] = sources_of(desk.context(now.text, talk.assignment, talk.evidence))
    banned = [s for c in constraints_for(talk.assignment, talk.evidence) for s in c.strings]
    must = [s for s in usable_statements(talk.assignment, talk.evidence).values() if s.required]
    required = {c.text for s in must for c in claims(s.wording) if c.kind == "figure"}

    def objection(before: str, after: str) -> str:
        if word := next((w for w in banned if w in after and w not in before), ""):
            return f"改后出现了不能讲的“{word}”"
        for found in judge(after, shown, generated=True, as_of=desk.brief.wording_date):
            if found.severity <= Severity.P1 and found.fragment not in before:
                return f"改后出现了没有依据的“{found.fragment}”"
        if lost := next(
            (f for f in required if f in before and f not in after and f not in now.text.replace(before, "")),
            "",
        ):
            return f"改后丢了必须讲的“{lost}”"
        return ""

    return objection
