"""Drafts the paragraphs of a plan: one call a paragraph and candidate, all on the same cached prefix."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rag_speech.errors import BadReplyError
from rag_speech.llm.base import LLM, Message
from rag_speech.prompts import Prompts
from rag_speech.text import as_sentence
from rag_speech.types import Card, Fact, Plan, Role, SectionPlan, Usage
from rag_speech.voice import Voice, hold_of, name_of

SMALL_TEMPERATURE = 0.5
"""A small model rambles when it is warmer."""
TOKENS_PER_ZI = 1.0
"""Generous: Chinese models spend 0.6 to 0.8 tokens on a 字."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the model wrote for one card, in the order of asking."""

    card_id: str
    texts: tuple[str, ...]
    usage: Usage = Usage()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class Drafter:
    """Asks the model for paragraphs. Stateless: the same card, seed and model give the same call."""

    llm: LLM
    prompts: Prompts
    event: str
    place: str
    facts: Mapping[str, Fact]
    tone: str = ""
    outline: Sequence[str] = ()
    samples: int = 3
    temperature: float = 0.7

    def messages(self, card: Card, faults: Sequence[str] = ()) -> list[Message]:
        """Return the call for a card: a stable prefix (instructions and worked examples), then the card."""
        system = self.prompts.render("draft/system", place=self.place, tone=self.tone)
        turns = [Message("system", system)]
        for demo in self.prompts.data("draft/demos")["demo"]:
            shown = {k: v for k, v in demo.items() if k not in {"own", "text"}}
            shown = {**shown, "facts": (), "guide": "", "faults": (), "outline": (), "exemplars": ()}
            turns.append(Message("user", self.prompts.render("draft/card", **shown)))
            turns.append(Message("assistant", demo["text"]))
        small = self.llm.small
        lead_fact = card.lead.rstrip("。")
        facts = [self.facts[i].text for i in card.facts if self.facts[i].text.rstrip("。") != lead_fact]
        turns.append(
            Message(
                "user",
                self.prompts.render(
                    "draft/card",
                    event=self.event,
                    heading=card.heading,
                    chars=card.chars,
                    say=card.say,
                    guide="" if small else card.guide,
                    facts=facts,
                    angles=card.angles,
                    lead=card.lead,
                    faults=faults,
                    outline=() if small else self.outline,
                    exemplars=() if small else [e.masked for e in card.exemplars],
                ),
            )
        )
        if card.lead and small:
            turns.append(Message("assistant", card.lead))
        return turns

    async def paragraph(
        self,
        card: Card,
        *,
        enough: Callable[[Sequence[str]], bool] | None = None,
        faults: Sequence[str] = (),
        first_seed: int = 1,
        on_token: Callable[[str], None] | None = None,
    ) -> Candidates:
        """Return candidates for the card: one after the other until ``enough`` says so, at most ``samples``.

        Raises ModelError when the endpoint fails for good, BadReplyError when the model has nothing to say and
        the card no first sentence.
        """
        if card.fixed:
            return Candidates(card.id, ())
        messages = self.messages(card, faults)
        limit = round(card.chars * TOKENS_PER_ZI) + 40
        warmth = min(SMALL_TEMPERATURE, self.temperature) if self.llm.small else self.temperature
        texts: list[str] = []
        usage = Usage()
        for n in range(self.samples):
            try:
                reply = await self.llm.complete(
                    messages,
                    max_tokens=limit,
                    temperature=min(1.0, warmth + 0.1 * n),
                    top_p=0.8,
                    seed=first_seed + n,
                    on_token=on_token,
                )
            except BadReplyError:
                # A small model may have nothing to add to a first sentence; a silent endpoint is a fault.
                if n + 1 == self.samples and not texts and not (card.lead and self.llm.small):
                    raise
                continue
            texts.append(reply.text)
            usage += reply.usage
            if enough is not None and enough(texts):
                break
        return Candidates(card.id, tuple(texts), usage)


def with_leads(plan: Plan, voice: Voice, event: str) -> Plan:
    """Give every paragraph its beginning: a fact where there is one, else a row of the bank, the occasion's own first.

    No row of the bank is used twice in a speech; which ones a speech takes depends on its event.
    """
    facts = {f.id: f for f in plan.facts}
    bank = voice.leads
    start = sum(map(ord, event))
    written = "".join(c.lead for s in plan.sections for c in s.cards)
    used = {row for rows in bank.values() for row in rows if row.split("{")[-1].split("}")[-1] in written}
    hold = hold_of(event)

    def topic_row(section: SectionPlan) -> str:
        rows = bank.get("topic") or [""]
        at = [s.topic for s in plan.sections].index(section.topic)
        return rows[-1] if at + 1 == len(plan.sections) else rows[min(at, len(rows) - 1)]

    def led(card: Card, k: int, section: SectionPlan) -> Card:
        lead = card.lead or _fact_lead(card, facts)
        kind = voice.facet(k) if card.role is Role.POINT else card.role.value
        name = name_of(section.topic)
        free = [r for r in bank.get(kind, ()) if (name or "{core}" not in r) and r not in used]
        # Without a heading, the first paragraph has to name what this part is about.
        unnamed = k == 0 and card.role is Role.POINT and not section.heading and not card.lead
        if unnamed and not (section.topic and section.topic in lead):
            row = next((r for r in free if "{core}" in r), topic_row(section))
            lead = row.format(core=name, topic=section.topic, hold=hold) + lead
            used.add(row)
        elif not lead and free:
            rows = [r for r in free if r in voice.own] or free
            row = rows[(start + len(used)) % len(rows)]
            used.add(row)
            lead = row.format(core=name, topic=section.topic, hold=hold)
        return replace(card, lead=lead)

    def all_led(section: SectionPlan) -> SectionPlan:
        return replace(section, cards=tuple(led(c, k, section) for k, c in enumerate(section.cards)))

    opening = all_led(SectionPlan("", plan.opening)).cards
    closing = all_led(SectionPlan("", plan.closing)).cards
    return replace(plan, opening=opening, sections=tuple(map(all_led, plan.sections)), closing=closing)


def _fact_lead(card: Card, facts: Mapping[str, Fact]) -> str:
    given = sorted((facts[i] for i in card.facts), key=lambda f: f.source != "brief")
    if not given:
        return ""
    text = given[0].text.strip()
    return as_sentence(text) if 8 <= len(text) <= 90 and "\n" not in text else ""
