"""Puts a plan and its paragraphs together into one speech."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rag_speech.speech.numerals import make_marker
from rag_speech.types import Card, Paragraph, Part, Plan, Speech

_GUESTS = ("来宾", "嘉宾", "朋友")


def compose(plan: Plan, texts: Mapping[str, str]) -> Speech:
    """Return the speech whose card ``id`` reads ``texts[id]``; a card without text is left out."""
    opening = _paragraphs(plan.opening, texts)
    first = plan.opening_line + (opening.pop(0) if opening else "")
    body = [first, *opening] if first else opening
    parts: list[Part] = []
    for section in plan.sections:
        paragraphs = _paragraphs(section.cards, texts)
        if section.heading:
            marker = make_marker(1, len(parts) + 1)
            parts.append(Part(1, marker, section.heading, body=tuple(map(Paragraph, paragraphs))))
        else:
            body += paragraphs
    return Speech(
        title=plan.title,
        caption=plan.caption,
        salutation=plan.salutation,
        opening=Part(0, body=tuple(map(Paragraph, body))),
        transition=plan.transition if parts else "",
        parts=tuple(parts),
        closing=Part(0, body=tuple(map(Paragraph, _closing(plan, texts)))),
        thanks=plan.thanks,
    )


def cards_of(plan: Plan) -> list[Card]:
    """Return all cards of the plan in speaking order."""
    return [*plan.opening, *(c for s in plan.sections for c in s.cards), *plan.closing]


def vocative(salutation: str) -> str:
    """Return how the speaker turns to the audience again before the end: 同志们， or 各位来宾、各位朋友，."""
    if any(word in salutation for word in _GUESTS):
        return "各位来宾、各位朋友，"
    if salutation.startswith("各位老"):
        return salutation.rstrip("：:") + "，"
    return salutation.rstrip("：:").split("、")[-1].split("，")[-1] + "，"


def _paragraphs(cards: Iterable[Card], texts: Mapping[str, str]) -> list[str]:
    return [texts[c.id] for c in cards if texts.get(c.id)]


def _closing(plan: Plan, texts: Mapping[str, str]) -> list[str]:
    call = vocative(plan.salutation)
    written = _paragraphs(plan.closing, texts)
    if written and not written[0].startswith(call):
        written[0] = call + written[0]
    line = plan.closing_line
    if written and line.startswith("同志们，"):
        return [*written[:-1], written[-1] + line.removeprefix("同志们，")]
    return [*written, line] if line else written
