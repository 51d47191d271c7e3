"""Chooses exemplars of manner: the same speaker's first, near in role, occasion and topic, from different families, masked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag_speech.retrieve.mask import mask
from rag_speech.types import Chunk, Exemplar, Role, StoredSpeech

if TYPE_CHECKING:
    from rag_speech.retrieve.library import Library

SHORTEST_ZI = 40
"""A shorter chunk shows no manner."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who will speak: an office alone is many people's, so it counts only in its own place."""

    name: str = ""
    office: str = ""
    place: str = ""

    def gave(self, speech: StoredSpeech) -> bool:
        """Tell whether a speech of the library is this speaker's."""
        known = "".join(speech.speaker.split())
        if self.name and len(self.name) > 1 and self.name in known:
            return True
        return bool(self.office and self.place) and known.endswith(self.office) and speech.place == self.place


def speeches_of(library: Library, speaker: Speaker) -> tuple[StoredSpeech, ...]:
    """Return the library's speeches by this speaker, the newest first."""
    own = [s for s in library.speeches() if speaker.gave(s)]
    return tuple(sorted(own, key=lambda s: (s.year or 0, s.id), reverse=True))


def manner_of(
    library: Library,
    speeches: Sequence[StoredSpeech],
    *,
    role: Role,
    occasion: str,
    count: int,
    used: Collection[str] = (),
    masked: bool = True,
) -> tuple[Exemplar, ...]:
    """Return up to ``count`` passages of one speaker's own speeches in a role, whatever their topic: manner is a person's.

    Speeches of the occasion come first, one passage a speech before a second; chunks in ``used`` are left out.
    """
    ordered = sorted(speeches, key=lambda s: s.occasion != occasion)
    rows = []
    for rank, speech in enumerate(ordered):
        fit = (c for c in library.chunks(speech.id) if c.role is role and len(c.text) >= SHORTEST_ZI)
        rows += [(turn, rank, chunk) for turn, chunk in enumerate(c for c in fit if c.id not in used)]
    rows.sort(key=lambda row: row[:2])
    return tuple(_exemplar(library, chunk, 1.0, masked) for _, _, chunk in rows[:count])


def choose_exemplars(
    library: Library, query: str, *, role: Role, occasion: str, count: int, masked: bool = True
) -> tuple[Exemplar, ...]:
    """Return up to ``count`` exemplars near to ``query``, no two of one family.

    They come from speeches of the same occasion alone: how one speaks belongs to the occasion, and a passage of another
    teaches the wrong manner.
    """
    if not count:
        return ()
    hits = library.search(query, k=3 * count, role=role, occasion=occasion)
    chosen: list[Exemplar] = []
    families: set[str] = set()
    for hit in hits:
        family = hit.chunk.family or hit.chunk.id
        if family in families or len(hit.chunk.text) < SHORTEST_ZI:
            continue
        families.add(family)
        chosen.append(_exemplar(library, hit.chunk, hit.score, masked))
        if len(chosen) == count:
            break
    return tuple(chosen)


def _exemplar(library: Library, chunk: Chunk, score: float, masked: bool) -> Exemplar:
    shown = mask(chunk.text, library.get(chunk.speech_id).names).text if masked else chunk.text
    return Exemplar(chunk.id, chunk.speech_id, chunk.role, shown, chunk.text, score, chunk.family or chunk.id)
