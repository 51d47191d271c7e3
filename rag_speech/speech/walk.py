"""Ways through a speech's tree."""

from __future__ import annotations

from collections.abc import Iterator

from rag_speech.types import Paragraph, Part, Speech


def blocks(part: Part) -> Iterator[Paragraph | Part]:
    """Yield a part's paragraphs and children in the order of the page."""
    count = len(part.body)
    early = [c for c in part.children if _stands_before(c, count)]
    taken = 0
    for index, paragraph in enumerate(part.body):
        while taken < len(early) and (early[taken].after or 0) <= index:
            yield early[taken]
            taken += 1
        yield paragraph
    yield from (c for c in part.children if not _stands_before(c, count))


def _stands_before(child: Part, count: int) -> bool:
    return child.placement == "inline" and child.after is not None and child.after < count


def walk(part: Part) -> Iterator[Part]:
    """Yield ``part`` and every part below it, in page order."""
    yield part
    for block in blocks(part):
        if isinstance(block, Part):
            yield from walk(block)


def all_parts(speech: Speech) -> Iterator[Part]:
    """Yield every part of a speech in page order: the opening (level 0), the parts, the closing (level 0)."""
    for part in (speech.opening, *speech.parts, speech.closing):
        yield from walk(part)


def part_text(part: Part) -> str:
    """Return a part's own words and those of its children, one paragraph a line."""
    return "\n".join(part_lines(part))


def part_lines(part: Part) -> list[str]:
    """Return a part as the paragraphs of a page, children included."""
    lines: list[str] = []
    _write(part, lines)
    return lines


def _write(part: Part, lines: list[str]) -> None:
    head = part.marker + part.heading + part.stop
    joins = False
    """Whether the next paragraph goes on in the heading's line."""
    if part.placement == "inline" and lines:
        lines[-1] += head
        joins = True
    elif head:
        lines.append(head)
        joins = part.placement != "line"
    for block in blocks(part):
        if isinstance(block, Part):
            _write(block, lines)
        elif joins:
            lines[-1] += block.text
        else:
            lines.append(block.text)
        joins = False
