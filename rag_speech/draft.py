"""Drafts the paragraphs of a plan: one call a paragraph and candidate, all on the same cached prefix."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag_speech.errors import BadReplyError
from rag_speech.llm.base import LLM, Message
from rag_speech.prompts import Prompts
from rag_speech.types import Card, Fact, Role, Usage
from rag_speech.zh.text import count_zi

SMALL_TEMPERATURE = 0.5
"""A small model rambles when it is warmer."""
TOKENS_PER_ZI = 1.0
"""Generous: Chinese models spend 0.6 to 0.8 tokens on a 字."""
FULL_ZI = 30
"""A beginning this long is left as it is: in whole drafts, what a small model added was what readers struck out first."""
ROOM_ZI = 35
"""What a small model needs to say one sentence more; a beginning that leaves less is the paragraph."""
OPENING_ZI = 20
"""An opening this long is left as it is: what a small model adds is talk about the meeting."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the model wrote for one card, in the order of asking."""

    card_id: str
    texts: tuple[str, ...]
    usage: Usage = Usage()  # noqa: RUF009 - frozen


def demos_for(prompts: Prompts, *, small: bool) -> list[Mapping[str, Any]]:
    """Return the worked examples that a model is shown: cards filled in, their ``text``, their ``own`` words."""
    found: list[Mapping[str, Any]] = prompts.data("draft/demos")["small" if small else "demo"]
    return found


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

    def beginning(self) -> list[Message]:
        """Return what all calls begin with, whatever the brief: instructions and worked examples."""
        small = self.llm.small
        turns = [Message("system", self.prompts.render("draft/system", small=small))]
        for demo in demos_for(self.prompts, small=small):
            shown = {k: v for k, v in demo.items() if k not in {"own", "text"}}
            shown = {**shown, "facts": (), "faults": (), "outline": (), "exemplars": ()}
            shown |= {"place": "", "tone": "", "guide": ""}
            turns.append(Message("user", self.prompts.render("draft/card", **shown)))
            turns.append(Message("assistant", demo["text"]))
        return turns

    def messages(self, card: Card, faults: Sequence[str] = ()) -> list[Message]:
        """Return the call for a card: the beginning, then the card."""
        small = self.llm.small
        facts = self._unsaid(card)
        turns = self.beginning()
        turns.append(
            Message(
                "user",
                self.prompts.render(
                    "draft/card",
                    place=self.place,
                    tone=self.tone,
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

    def _unsaid(self, card: Card) -> list[str]:
        return [
            text for i in card.facts if (text := self.facts[i].text).strip().rstrip("。") not in card.lead
        ]

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
        begun = count_zi(card.lead) if self.llm.small else 0
        left = card.chars - begun
        opens = card.role is Role.OPENING
        full = left < ROOM_ZI or begun >= FULL_ZI or (opens and begun >= OPENING_ZI)
        if card.fixed or (begun and full and not self._unsaid(card)):
            return Candidates(card.id, ())
        messages = self.messages(card, faults)
        limit = round(max(left, ROOM_ZI) * TOKENS_PER_ZI) + 40
        warmth = min(SMALL_TEMPERATURE, self.temperature) if self.llm.small else self.temperature
        texts: list[str] = []
        usage = Usage()
        # What people wrote stands without the model: a sentence more is worth one try.
        tries = 1 if begun and not self._unsaid(card) else self.samples
        for n in range(tries):
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
                if n + 1 == tries and not texts and not begun:
                    raise
                continue
            texts.append(reply.text)
            usage += reply.usage
            if enough is not None and enough(texts):
                break
        return Candidates(card.id, tuple(texts), usage)
