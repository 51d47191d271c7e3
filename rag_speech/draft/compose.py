"""Puts a plan and the texts of its parts together into one speech."""

from __future__ import annotations

from collections.abc import Mapping

from rag_speech.speech.numerals import make_marker, to_han
from rag_speech.types import Paragraph, Part, Plan, Section, Speech
from rag_speech.zh.text import as_sentence


def compose(plan: Plan, texts: Mapping[str, str]) -> Speech:
    """Return the speech whose part ``id`` reads ``texts[id]``, a paragraph a line; a part without text is left out."""
    opening = paragraphs_of(texts.get("opening", ""))
    parts: list[Part] = []
    for section in plan.sections:
        body = paragraphs_of(texts.get(section.id, ""))
        if not body:
            continue
        if plan.numbering == "不编号":
            opening = (*opening, *body)
        elif plan.numbering == "标题":
            marker = make_marker(1, len(parts) + 1)
            parts.append(Part(1, marker, section.heading, body=tuple(map(Paragraph, body))))
        else:
            first, *rest = body
            lead = lead_of(plan, section)
            opening = (*opening, lead + first.removeprefix(lead), *rest)
    return Speech(
        title=plan.title,
        caption=plan.caption,
        salutation=plan.salutation,
        opening=Part(0, body=tuple(map(Paragraph, opening))),
        transition=plan.transition if parts else "",
        parts=tuple(parts),
        closing=Part(0, body=tuple(map(Paragraph, paragraphs_of(texts.get("closing", ""))))),
        thanks=plan.thanks,
    )


def lead_of(plan: Plan, section: Section) -> str:
    """Return how code begins the first paragraph of a part: 第一，把底数摸清。 or nothing."""
    if plan.numbering != "段首" or not section.heading:
        return ""
    place = plan.sections.index(section) + 1
    return f"第{to_han(place)}，{as_sentence(section.heading)}"


def paragraphs_of(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a part's text."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def subheadings(plan: Plan, section: Section) -> tuple[str, ...]:
    """Return how each paragraph of a part begins: （一）把底数摸清。 where a heading of the second level stands, else empty.

    There is a second level only under headings of the first.
    """
    if plan.numbering != "标题" or section not in plan.sections:
        return ("",) * len(section.paragraphs)
    out, number = [], 0
    for paragraph in section.paragraphs:
        number += bool(paragraph.heading)
        out.append(f"{make_marker(2, number)}{as_sentence(paragraph.heading)}" if paragraph.heading else "")
    return tuple(out)
