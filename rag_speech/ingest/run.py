"""Files in, speeches in the library: read -> clean -> parse -> understand -> chunk -> families -> embed -> store."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag_speech.errors import InputError
from rag_speech.ingest.families import Families
from rag_speech.ingest.identity import Register, origin_of
from rag_speech.ingest.prepare import PROPERTIES, Prepared, checked_properties, prepare, recipe_of
from rag_speech.ingest.readers import Document, Known, Refusal, UnreadableError, read_many
from rag_speech.ingest.records import Action, IngestItem, IngestReport
from rag_speech.ingest.several import speeches_of

if TYPE_CHECKING:
    from rag_speech.retrieve.library import Library
    from rag_speech.types import StoredSpeech

Progress = Callable[[IngestItem], None]


def ingest(
    paths: Iterable[Path | str],
    library: Library,
    *,
    overrides: Mapping[str, object] | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Put documents, folders and zips into ``library`` and report on each.

    ``overrides`` win over front matter, front matter over what is inferred. A document is stored in one
    transaction: a killed run, started again, loses and doubles nothing. Bytes that are stored already are not read
    again. Raises InputError for an unknown override, LibraryError or StorageError when the library fails;
    a bad document is an item of the report.
    """
    for key in overrides or {}:
        if key not in PROPERTIES:
            raise InputError(f"Unknown property {key!r}; known: {', '.join(PROPERTIES)}")
    given = checked_properties(overrides or {})
    started = time.perf_counter()
    run = _Run(library, given, dry_run)
    items = []
    with nullcontext() if dry_run else library.writing():
        for path in paths:
            for found in read_many(path, known=run.register.is_known):
                for item in run.take_all(found):
                    items.append(item)
                    if progress is not None:
                        progress(item)
    return IngestReport(tuple(items), time.perf_counter() - started, dry_run)


class _Run:
    """One ingestion: what the library holds already, and what is done with each document."""

    def __init__(self, library: Library, given: Mapping[str, object], dry_run: bool) -> None:
        self.library = library
        self.given = given
        self.dry_run = dry_run
        self.register = Register(library.speeches(), recipe_of(given))
        self.families = Families(library)

    def take_all(self, found: Document | Known | Refusal) -> Iterator[IngestItem]:
        """Store a document, each of the speeches on its page, or say why not."""
        if not isinstance(found, Document):
            yield self.take(found)
            return
        pieces = speeches_of(found)
        for piece in pieces:
            known = len(pieces) > 1 and self.register.is_known(piece.name, piece.digest)
            yield self.take(Known(piece.name, piece.digest) if known else piece)
        self._forget_others(found.name, {origin_of(piece.name) for piece in pieces})

    def _forget_others(self, name: str, now: set[str]) -> None:
        """Remove speeches that the page held when it was read before and holds no more."""
        for speech in self.register.on_page(name):
            if speech.origin not in now:
                if not self.dry_run:
                    self.library.remove(speech.id)
                self.register.forget(speech.id)
                self.families.forget(speech.id)

    def take(self, found: Document | Known | Refusal) -> IngestItem:
        """Store a document, or say why not."""
        if isinstance(found, Refusal):
            return IngestItem(found.name, Action.REFUSED, found.reason, found.kind)
        if isinstance(found, Known):
            return self._known(found)
        before = self.register.of_origin(found.name)
        try:
            prepared = prepare(found, self.register.id_for(found.name), self.given, self.register.recipe)
        except UnreadableError as error:
            return IngestItem(found.name, Action.REFUSED, str(error), error.kind)
        except Exception as error:
            # Whatever a strange text does to the parser must not stop the other documents.
            reason = f"{found.name}: the text cannot be understood ({type(error).__name__}: {error})"
            return IngestItem(found.name, Action.REFUSED, reason, "crashed")
        twin = self.register.of_words(prepared.words)
        if twin is not None and twin.id != prepared.speech.id:
            return self._twin(prepared, twin, before)
        return self._store(self.families.join(prepared), before)

    def _known(self, found: Known) -> IngestItem:
        speech = self.register.of_digest(found.digest)
        about = IngestItem(found.name, Action.UNCHANGED, speech_id=speech.id, title=speech.title)
        about = replace(about, occasion=speech.occasion, level=speech.level, chars=speech.chars)
        if speech.origin == origin_of(found.name):
            return about
        reason = f"{found.name}: the same file is stored as {speech.id}"
        return replace(about, action=Action.DUPLICATE, reason=reason, kind="same_file")

    def _twin(self, prepared: Prepared, twin: StoredSpeech, before: StoredSpeech | None) -> IngestItem:
        if before is not None:
            if not self.dry_run:
                self.library.remove(before.id)
            self.register.forget(before.id)
            self.families.forget(before.id)
        reason = f"{prepared.item.name}: the same words are stored as {twin.id}"
        return replace(
            prepared.item, action=Action.DUPLICATE, reason=reason, kind="same_words", speech_id=twin.id
        )

    def _store(self, prepared: Prepared, before: StoredSpeech | None) -> IngestItem:
        if not self.dry_run:
            self.library.add(prepared.speech, prepared.chunks)
        self.register.record(replace(prepared.speech, text="", original=""))
        if before is not None and prepared.item.action is Action.ADDED:
            return replace(prepared.item, action=Action.UPDATED)
        return prepared.item
