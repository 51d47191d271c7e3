"""Chooses style exemplars: near in meaning and in role, from different families, masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag_speech.retrieve.mask import mask
from rag_speech.types import Exemplar, Role

if TYPE_CHECKING:
    from rag_speech.retrieve.library import Library

SHORTEST_ZI = 40
"""A shorter chunk shows no style."""


def choose_exemplars(
    library: Library, query: str, *, role: Role, occasion: str, count: int
) -> tuple[Exemplar, ...]:
    """Return up to ``count`` masked exemplars for ``query``, no two of one family.

    Openings and closings come from speeches of the same occasion where the library has any: their form belongs to
    the occasion. Points come from wherever the topic is treated.
    """
    same = occasion if role in {Role.OPENING, Role.CLOSING} else None
    hits = library.search(query, k=3 * count, role=role, occasion=same)
    if not hits and same:
        hits = library.search(query, k=3 * count, role=role)
    chosen: list[Exemplar] = []
    families: set[str] = set()
    for hit in hits:
        chunk = hit.chunk
        family = chunk.family or chunk.id
        if family in families or len(chunk.text) < SHORTEST_ZI:
            continue
        families.add(family)
        masked = mask(chunk.text, library.get(chunk.speech_id).names).text
        chosen.append(Exemplar(chunk.id, chunk.speech_id, role, masked, chunk.text, hit.score, family))
        if len(chosen) == count:
            break
    return tuple(chosen)
