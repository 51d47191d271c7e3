"""Gives every speech and every chunk its family: what says nearly the same as something stored before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rag_speech.ingest.duplicates import (
    PARAGRAPH_THRESHOLD,
    SPEECH_THRESHOLD,
    NearIndex,
    joined,
    signature,
)
from rag_speech.ingest.prepare import Prepared

if TYPE_CHECKING:
    from rag_speech.ingest.duplicates import Signature
    from rag_speech.retrieve.library import Library
    from rag_speech.types import Chunk


class Families:
    """The families of a library, kept up with while an ingestion adds to it.

    What the library holds is looked at when the first new speech comes: about 3 ms a stored speech, 2 KB a chunk.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._speeches = NearIndex(SPEECH_THRESHOLD)
        self._chunks = NearIndex(PARAGRAPH_THRESHOLD)
        self._family_of: dict[str, str] = {}
        self._loaded = False

    def join(self, prepared: Prepared) -> Prepared:
        """Return ``prepared`` with the family of the speech and of each chunk, and the ids of near speeches."""
        self._load()
        speech_id = prepared.speech.id
        signatures = [signature(chunk.text) for chunk in prepared.chunks]
        whole = joined(signatures)
        near = [key for key, _ in self._speeches.near(whole) if key in self._family_of and key != speech_id]
        family = self._family_of[near[0]] if near else speech_id
        chunks = tuple(
            self._settle(chunk, values) for chunk, values in zip(prepared.chunks, signatures, strict=True)
        )
        self._remember(speech_id, family, whole)
        return replace(
            prepared,
            speech=replace(prepared.speech, family=family),
            chunks=chunks,
            item=replace(prepared.item, near=tuple(near)),
        )

    def forget(self, speech_id: str) -> None:
        """Name a speech that was removed no longer as a near one."""
        self._family_of.pop(speech_id, None)

    def _settle(self, chunk: Chunk, values: Signature | None) -> Chunk:
        near = self._chunks.near(values)
        family = near[0][0] if near else chunk.id
        self._chunks.add(family, values)
        return replace(chunk, family=family)

    def _remember(self, speech_id: str, family: str, whole: Signature | None) -> None:
        self._family_of[speech_id] = family
        self._speeches.add(speech_id, whole)

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        for speech in self._library.speeches():
            signatures = []
            for chunk in self._library.chunks(speech.id):
                signatures.append(signature(chunk.text))
                self._chunks.add(chunk.family or chunk.id, signatures[-1])
            self._remember(speech.id, speech.family or speech.id, joined(signatures))
