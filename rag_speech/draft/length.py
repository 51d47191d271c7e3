"""Brings a written speech to its length: the model shortens with the number named, or writes from the plan's reserve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rag_speech.checks.constraints import uses
from rag_speech.draft.answer import read_parts, whole_sentences
from rag_speech.draft.compose import compose
from rag_speech.draft.conversation import TOKENS_PER_ZI, Conversation, asked
from rag_speech.errors import ContextTooLongError, RefusedContentError
from rag_speech.plan.planner import usable_statements
from rag_speech.speech.outline import speech_chars
from rag_speech.speech.render import render
from rag_speech.types import Event, Plan, Reserve, Section
from rag_speech.zh.claims import claims
from rag_speech.zh.text import count_zi

TOLERANCE = 0.04
"""Share of the target within which a speech is left alone; what is promised is 5%."""
_MOST_CUT = 0.35
"""Share of a part that one request may take off."""
_SHORTEST_ADDED = 40
"""字; a shorter paragraph says nothing."""
_SMALLEST_PART = 160
"""字; a shorter part is not shortened while another can be."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A plan with the texts of its parts; the plan's reserve holds what was not needed."""

    plan: Plan
    texts: Mapping[str, str]

    @property
    def chars(self) -> int:
        """字 from the salutation to the end."""
        return speech_chars(compose(self.plan, self.texts))

    @property
    def off(self) -> float:
        """How far the length lies from the target, as its share: 0.1 is a tenth too long."""
        return self.chars / self.plan.target_zi - 1


async def fit(talk: Conversation, now: Fitted) -> Fitted:
    """Return the speech nearer to its length. Raises ModelError."""
    tried: set[str] = set()
    for _ in range(talk.calls.llm.profile.length_rounds):
        if abs(now.off) <= TOLERANCE:
            break
        talk.calls.tell(Event("stage", f"调整篇幅（现有{now.chars}字，要求{now.plan.target_zi}字）"))
        try:
            better = await (_shorter(talk, now, tried) if now.off > 0 else _longer(talk, now))
        except (ContextTooLongError, RefusedContentError):
            break  # the length stays as it is, and the draft says so
        if better is None:
            break
        # A reserve that made it worse is used up all the same: asked again, the model would say the same.
        now = better if abs(better.off) < abs(now.off) else replace(now, plan=better.plan)
    return now


async def _shorter(talk: Conversation, now: Fitted, tried: set[str]) -> Fitted | None:
    over = now.chars - now.plan.target_zi
    sizes = {p.id: count_zi(now.texts.get(p.id, "")) for p in now.plan.parts}
    free = [p for p in now.plan.parts if p.id not in tried and sizes[p.id] > 0]
    large = [p for p in free if sizes[p.id] >= _SMALLEST_PART] or free
    if not large:
        return None
    part = max(large, key=lambda p: (sizes[p.id] - p.zi, sizes[p.id]))
    tried.add(part.id)
    want = round(sizes[part.id] - min(over, _MOST_CUT * sizes[part.id]))
    text = await _rewritten(talk, now, part, want, over)
    before, after = now.texts[part.id], text
    if not after or not 0.5 * len(before) < len(after) < len(before) or _figures(before) - _figures(after):
        return now
    if _told(talk, part, before) - _told(talk, part, after):
        return now
    return replace(now, texts={**now.texts, part.id: after})


async def _rewritten(talk: Conversation, now: Fitted, part: Section, want: int, over: int) -> str:
    names = talk.names
    request = talk.prompts.render(
        "draft/shorten",
        total=now.chars,
        target=now.plan.target_zi,
        over=over,
        speech=render(compose(now.plan, now.texts)),
        name=names[part.id],
        now=count_zi(now.texts[part.id]),
        want=want,
        lead=talk.leads.get(part.id, ""),
    )
    answer = await talk.calls.ask(
        "length",
        asked(talk.beginning(), request),
        max_tokens=round(TOKENS_PER_ZI * count_zi(now.texts[part.id])) + 200,
        temperature=talk.calls.llm.profile.writing_temperature,
    )
    if answer.cut:  # what it lost at its end, nobody knows
        return ""
    return read_parts(answer.text, [part], names, talk.leads, thanks=bool(now.plan.thanks)).get(part.id, "")


async def _longer(talk: Conversation, now: Fitted) -> Fitted | None:
    short = now.plan.target_zi - now.chars
    if not now.plan.reserve:
        return None
    chosen = min(now.plan.reserve, key=lambda r: abs(r.paragraph.zi - short))
    left = tuple(r for r in now.plan.reserve if r is not chosen)
    added = await _paragraph(talk, now, chosen, short)
    plan = replace(now.plan, reserve=left)
    if not added:
        return Fitted(plan, now.texts)
    lines = now.texts.get(chosen.section, "").splitlines()
    lines.insert(chosen.after if 0 < chosen.after <= len(lines) else len(lines), added)
    return Fitted(plan, {**now.texts, chosen.section: "\n".join(lines)})


async def _paragraph(talk: Conversation, now: Fitted, chosen: Reserve, short: int) -> str:
    names = talk.names
    statements = usable_statements(talk.assignment, talk.evidence)
    used = {i for p in now.plan.parts for i in p.uses}
    want = max(_SHORTEST_ADDED, min(round(1.3 * chosen.paragraph.zi), short))
    request = talk.prompts.render(
        "draft/lengthen",
        total=now.chars,
        target=now.plan.target_zi,
        short=short,
        speech=render(compose(now.plan, now.texts)),
        name=names.get(chosen.section, "正文"),
        want=want,
        place=f"接在第{chosen.after}段后面" if chosen.after else "放在这一部分的最后",
        paragraph=chosen.paragraph,
        statements=[statements[i] for i in chosen.paragraph.uses if i in statements and i not in used],
    )
    answer = await talk.calls.ask(
        "length",
        asked(talk.beginning(), request),
        max_tokens=round(TOKENS_PER_ZI * want) + 200,
        temperature=talk.calls.llm.profile.writing_temperature,
    )
    part = Section(id=chosen.section)
    added = read_parts(answer.text, [part], names, {}, thanks=False).get(part.id, "").replace("\n", "")
    return whole_sentences(added) if answer.cut else added


def _told(talk: Conversation, part: Section, text: str) -> set[str]:
    """Return the ids of the part's required statements that the text says."""
    statements = usable_statements(talk.assignment, talk.evidence)
    claimed = claims(text)
    used = (statements[i] for i in part.uses if i in statements)
    return {s.id for s in used if s.required and uses(s, text, claimed)}


def _figures(text: str) -> set[str]:
    return {c.key or c.text for c in claims(text) if c.kind in {"figure", "date"}}
