"""Outlines of the library's speeches, to show a planner how such speeches are built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag_speech.retrieve.mask import mask
from rag_speech.speech.outline import outline
from rag_speech.speech.parse import parse

if TYPE_CHECKING:
    from rag_speech.retrieve.library import Library


def outlines_for(library: Library, query: str, *, occasion: str, count: int) -> tuple[str, ...]:
    """Return up to ``count`` outlines, headings masked, of speeches near to ``query``, the occasion's own first."""
    if not count:
        return ()
    hits = [
        *library.search(query, k=4 * count, occasion=occasion),
        *library.search(query, k=4 * count),
    ]
    found: list[str] = []
    for speech_id in dict.fromkeys(h.chunk.speech_id for h in hits):
        speech = library.get(speech_id)
        headings = [h.text for h in outline(parse(speech.text)) if h.text]
        if len(headings) > 1:
            found.append(mask("；".join(headings), speech.names).text)
        if len(found) == count:
            break
    return tuple(found)
