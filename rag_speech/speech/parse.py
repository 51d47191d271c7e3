"""From text to the tree of a speech, whatever its numbering style and its defects."""

from __future__ import annotations

from dataclasses import replace

from rag_speech.speech.building import MAX_DEPTH, Builder, Node, settle
from rag_speech.speech.closing import closing_start
from rag_speech.speech.frame import Line, cut_lines, is_thanks, read_head
from rag_speech.speech.numerals import Family, Marker, from_han, read_marker
from rag_speech.speech.promise import COUNTED, transition_start
from rag_speech.speech.unnumbered import Unnumbered, find_unnumbered
from rag_speech.types import Paragraph, Part, Span, Speech

__all__ = ["MAX_DEPTH", "parse"]


def parse(text: str) -> Speech:
    """Return the tree of a speech; every span lies in ``text``.

    Takes any numbering style, lost or doubled numerals, half-width punctuation, a missing title or salutation
    (DOMAIN section 2). Linear in the length of the text; text without any structure is one opening.
    """
    head = read_head(cut_lines(text))
    lines, thanks = head.rest, None
    if lines and is_thanks(lines[-1].text):
        lines, thanks = lines[:-1], lines[-1]
    marks = [read_marker(line.text) for line in lines]
    unnumbered = find_unnumbered(lines, marks)
    cut = closing_start(lines, marks, unnumbered)
    main = _build(lines[:cut], marks[:cut], unnumbered, 0)
    closing = _build(lines[cut:], marks[cut:], unnumbered, cut)
    opening, parts = _split_root(main)
    opening, transition, run_in = _take_transition(opening) if parts else (opening, None, False)
    spans = [("title", head.title), ("subtitle", head.subtitle), *(("caption", c) for c in head.caption)]
    spans += [("salutation", head.salutation), ("transition", transition), ("thanks", thanks)]
    return Speech(
        title=head.title.text if head.title else "",
        subtitle=head.subtitle.text if head.subtitle else "",
        caption=tuple(c.text for c in head.caption),
        salutation=head.salutation.text if head.salutation else "",
        opening=opening,
        transition=transition.text if transition else "",
        transition_run_in=run_in,
        parts=parts,
        closing=closing.part(),
        thanks=thanks.text if thanks else "",
        spans=tuple((name, line.span) for name, line in spans if line),
    )


def _build(lines: tuple[Line, ...], marks: list[Marker | None], unnumbered: Unnumbered, first: int) -> Node:
    builder = Builder(unnumbered)
    for at, line in enumerate(lines):
        if not builder.root.children:
            counts = [from_han(m.group("n")) or 0 for m in COUNTED.finditer(line.text)]
            builder.promised = counts[-1] if counts else builder.promised
        builder.line(first + at, line, marks[at], marks[at + 1] if at + 1 < len(lines) else None)
    if lines:
        builder.root.start, builder.root.end = lines[0].start, lines[-1].span.end
    return builder.root


def _split_root(root: Node) -> tuple[Part, tuple[Part, ...]]:
    """Divide what was read into the opening and the numbered parts."""
    children = root.children
    outside = [i for i, c in enumerate(children) if c.placement != "inline"]
    numbered = [i for i in outside if children[i].family is Family.HAN]
    at = (numbered or outside or [len(children)])[0]
    if at < len(children):
        series = children[at].series
        while at and children[at - 1].series == series and children[at].ordinal > 1:
            at -= 1
            children[at].after = None
    parts = tuple(c.part() for c in children[at:])
    root.children = children[:at]
    start = parts[0].span.start if parts and parts[0].span else root.end
    root.end = min(root.end, start)
    for child in root.children:
        child.end = min(child.end, start)
    return root.part(), parts


def _take_transition(opening: Part) -> tuple[Part, Line | None, bool]:
    """Cut the sentence that leads to the points off the opening's end."""
    last = opening.children[-1] if opening.children and opening.children[-1].after is None else None
    holder = last or opening
    if (last and last.children) or not holder.body:
        return opening, None, False
    paragraph = holder.body[-1]
    at = transition_start(paragraph.text)
    if at is None or paragraph.span is None:
        return opening, None, False
    line = Line(paragraph.text[at:], paragraph.span.start + at)
    kept = paragraph.text[:at]
    body = holder.body[:-1]
    if kept:
        span = Span(paragraph.span.start, line.start)
        body = (*body, Paragraph(kept, span))
    holder = replace(holder, body=body, span=holder.span and Span(holder.span.start, line.start))
    if last:
        joins = bool(kept) or not body
        return replace(opening, children=(*opening.children[:-1], holder)), line, joins
    return settle(holder), line, bool(kept)
