"""Ends a draft: every check once more, what people still have to settle, the artefacts."""

from __future__ import annotations

from collections.abc import Iterator

from rag_speech.checks.grounding import ledger
from rag_speech.checks.run import run_checks
from rag_speech.desk import Desk
from rag_speech.draft.conversation import Conversation
from rag_speech.plan.planner import constraints_for, usable_statements
from rag_speech.review.versions import Version, open_questions
from rag_speech.trace import Trace
from rag_speech.types import Draft, FactUse, Use
from rag_speech.zh.text import minutes_of


def finish(desk: Desk, talk: Conversation, first: Version, best: Version) -> Draft:
    """Return the draft and save it: speech, draft, trace. Raises StorageError."""
    shown = tuple({e.chunk_id: e for found in talk.exemplars.values() for e in found}.values())
    context = desk.context(best.text, talk.assignment, talk.evidence, shown)
    uses = tuple(
        FactUse(row.sentence.of(best.text), row.claim.text, row.claim.kind, row.source, row.span)
        for row in ledger(context)
    )
    plan = best.fitted.plan
    draft = Draft(
        title=plan.title,
        text=best.text,
        chars=best.fitted.chars,
        minutes=minutes_of(best.fitted.chars),
        findings=run_checks(context).findings,
        facts=uses,
        exemplars=shown,
        pending=tuple(dict.fromkeys(_pending(desk, talk, best))),
        conflicts=talk.evidence.pending,
        withheld=tuple(
            f"{c.what}（{c.why}）" if c.why else c.what
            for c in constraints_for(talk.assignment, talk.evidence)
        ),
        set_aside=tuple(s for s in talk.evidence.statements if s.use is not Use.SAY),
        usage=desk.calls.usage,
        model=desk.calls.llm.name,
        occasion=desk.occasion.id,
        first_text=first.text,
        folder=str(desk.folder.path or ""),
    )
    trace = Trace(
        plan=plan,
        texts=dict(best.fitted.texts),
        statements=tuple(usable_statements(talk.assignment, talk.evidence).values()),
        exemplars={i: tuple(found) for i, found in talk.exemplars.items()},
        edits=best.edits,
        refused=best.refused,
        settings={
            "temperature": f"{desk.calls.llm.profile.writing_temperature:g}",
            "embedder": desk.settings.embedder,
            "prompts": desk.prompts.digest[:12],
        },
    )
    desk.folder.save("speech.txt", best.text + "\n")
    desk.folder.save("speech.md", best.text.replace("\n", "\n\n") + "\n")
    desk.folder.save_record("trace", Trace, trace)
    desk.folder.save_record("draft", Draft, draft)
    return draft


def _pending(desk: Desk, talk: Conversation, best: Version) -> Iterator[str]:
    """Yield what people have to settle: gaps of the brief, contradictions, what was left undone."""
    brief = desk.brief
    for there, what in (
        (brief.speaker, "讲话人的职务没有写明，署名处空缺"),
        (brief.date, "日期没有写明，“今年”“去年”一类说法请核对"),
        (brief.audience, "听众没有写明，称呼请核对"),
    ):
        if not there:
            yield what
    yield from best.left or open_questions(talk, best)
    yield from talk.evidence.unread
    yield from talk.degraded
    for note in sorted(desk.calls.degraded):
        yield f"模型服务没有完全照要求作答（{note}），读任务书和材料的结果请多看一眼"
    if abs(best.fitted.off) > _LENGTH_PROMISED:
        yield f"篇幅{best.fitted.chars}字，要求{best.fitted.plan.target_zi}字，请增删"


_LENGTH_PROMISED = 0.05
"""Share of the target within which a draft's length is as asked for."""
