"""Which documents the library has already: by where they came from, by their bytes, by their words."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from rag_speech.types import StoredSpeech

_NOT_WORD = re.compile(r"[^\w-]+")
_SPACE = re.compile(r"\s+")
_MAX_ID = 40


def origin_of(name: str) -> str:
    """Return the absolute path of a document; for a member of an archive, the archive's with the member's."""
    return os.path.abspath(name)  # noqa: PTH100 - the path of an archive's member does not exist


def text_digest(text: str) -> str:
    """Return the SHA-256 of ``text`` without white space, in hex: the same speech in another format has it too."""
    return hashlib.sha256(_SPACE.sub("", text).encode()).hexdigest()


class Register:
    """The speeches of a library, kept up with while an ingestion adds to it.

    ``recipe`` names how documents are made into speeches; one that was stored by another recipe is done again.
    """

    def __init__(self, speeches: Iterable[StoredSpeech], recipe: str) -> None:
        self.recipe = recipe
        self._by_origin: dict[str, StoredSpeech] = {}
        self._by_digest: dict[str, StoredSpeech] = {}
        self._by_words: dict[str, StoredSpeech] = {}
        self._ids: set[str] = set()
        for speech in speeches:
            self.record(speech)

    def record(self, speech: StoredSpeech) -> None:
        """Remember a speech that was stored; in place of the one with its id."""
        known = json.loads(speech.meta)
        self.forget(speech.id)
        self._ids.add(speech.id)
        self._by_origin[speech.origin] = speech
        if known.get("recipe") == self.recipe:
            self._by_digest[speech.digest] = speech
        if words := known.get("words"):
            self._by_words[words] = speech

    def forget(self, speech_id: str) -> None:
        """Forget a speech that was removed or is about to be replaced."""
        if speech_id in self._ids:
            self._ids.discard(speech_id)
            for table in (self._by_origin, self._by_digest, self._by_words):
                for key in [k for k, s in table.items() if s.id == speech_id]:
                    del table[key]

    def is_known(self, _name: str, digest: str) -> bool:
        """Return whether these bytes are stored, made by the same recipe."""
        return digest in self._by_digest

    def of_digest(self, digest: str) -> StoredSpeech:
        """Return the speech made of these bytes. Raises KeyError."""
        return self._by_digest[digest]

    def of_origin(self, name: str) -> StoredSpeech | None:
        """Return the speech that came from there, if any."""
        return self._by_origin.get(origin_of(name))

    def on_page(self, name: str) -> list[StoredSpeech]:
        """Return the speeches that came from there, as the whole document or as pieces of it (``name#1``)."""
        origin = origin_of(name)
        piece = re.compile(re.escape(origin) + r"#\d+\Z")
        return [s for at, s in self._by_origin.items() if at == origin or piece.match(at)]

    def of_words(self, words: str) -> StoredSpeech | None:
        """Return the speech whose text has this digest, if any."""
        return self._by_words.get(words)

    def id_for(self, name: str) -> str:
        """Return the id of the speech that came from there before, or a new one made of the file's name."""
        before = self.of_origin(name)
        if before is not None:
            return before.id
        stem = (
            _NOT_WORD.sub("-", PurePosixPath(name.replace("\\", "/")).stem).strip("-_")[:_MAX_ID] or "speech"
        )
        wanted, number = stem, 1
        while wanted in self._ids:
            number += 1
            wanted = f"{stem}-{number}"
        return wanted
