"""Chooses exemplars of manner: the same speaker's first, near in role, occasion and topic, from different families, masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag_speech.retrieve.mask import mask
from rag_speech.types import Exemplar, Hit, Role, StoredSpeech

if TYPE_CHECKING:
    from rag_speech.retrieve.library import Library

SHORTEST_ZI = 40
"""A shorter chunk shows no manner."""
_DEEPER = 20
"""Hits looked at, for each exemplar wanted, to find the same speaker's."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Exemplars for one part; ``own`` says that all are the speaker's."""

    exemplars: tuple[Exemplar, ...]
    own: bool


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


def choose_exemplars(
    library: Library,
    query: str,
    *,
    role: Role,
    occasion: str,
    count: int,
    speaker: Speaker | None = None,
    masked: bool = True,
) -> Chosen:
    """Return up to ``count`` exemplars for ``query``, no two of one family.

    Those of ``speaker`` come first whatever their topic: manner is a person's. Openings and
    closings come from speeches of the same occasion where the library has any: their form belongs to the occasion.
    """
    if not count:
        return Chosen((), own=False)
    mine = _of_speaker(library, query, role, speaker, count)
    if mine:
        return Chosen(_exemplars(library, mine, role, count, masked), own=True)
    same = occasion if role in {Role.OPENING, Role.CLOSING} else None
    hits = library.search(query, k=3 * count, role=role, occasion=same)
    if not hits and same:
        hits = library.search(query, k=3 * count, role=role)
    return Chosen(_exemplars(library, hits, role, count, masked), own=False)


def _of_speaker(library: Library, query: str, role: Role, speaker: Speaker | None, count: int) -> list[Hit]:
    ids = {s.id for s in library.speeches() if speaker and speaker.gave(s)}
    if not ids:
        return []
    return [h for h in library.search(query, k=_DEEPER * count, role=role) if h.chunk.speech_id in ids]


def _exemplars(
    library: Library, hits: list[Hit], role: Role, count: int, masked: bool
) -> tuple[Exemplar, ...]:
    chosen: list[Exemplar] = []
    families: set[str] = set()
    for hit in hits:
        chunk = hit.chunk
        family = chunk.family or chunk.id
        if family in families or len(chunk.text) < SHORTEST_ZI:
            continue
        families.add(family)
        shown = mask(chunk.text, library.get(chunk.speech_id).names).text if masked else chunk.text
        chosen.append(Exemplar(chunk.id, chunk.speech_id, role, shown, chunk.text, hit.score, family))
        if len(chosen) == count:
            break
    return tuple(chosen)
