"""From a document that was read to a speech that can be stored. Pure: nothing is embedded or written here."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from rag_speech.brief.occasions import get_occasion
from rag_speech.errors import InputError, NotFoundError
from rag_speech.ingest.chunk import chunk
from rag_speech.ingest.clean import Cleaned, Removal, clean
from rag_speech.ingest.identity import origin_of, text_digest
from rag_speech.ingest.readers import Document, UnreadableError
from rag_speech.ingest.records import Action, Cut, Guess, IngestItem
from rag_speech.ingest.understand import Understanding, understand
from rag_speech.speech.outline import outline
from rag_speech.speech.parse import parse
from rag_speech.types import Chunk, Span, StoredSpeech
from rag_speech.zh.text import count_zi

PIPELINE = 2
"""Raised when cleaning, parsing or understanding changes so much that stored documents should be done again."""
PROPERTIES = (
    "title",
    "occasion",
    "level",
    "place",
    "speaker",
    "audience",
    "event",
    "date",
    "year",
    "minutes",
)
"""What front matter and options may say about a speech; other keys of front matter are ignored."""
LEVELS = ("市", "县", "区", "乡镇")
MIN_ZI = 60
"""A text shorter than this is no speech."""
_AROUND = 22
_LONGEST = 240
_LINE_END = re.compile(r"[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A speech with its chunks, ready to be stored; ``words`` is the digest of its cleaned text."""

    speech: StoredSpeech
    chunks: tuple[Chunk, ...]
    item: IngestItem
    words: str


def recipe_of(given: Mapping[str, object]) -> str:
    """Name how documents are made into speeches: a document stored by another recipe is done again."""
    return json.dumps([PIPELINE, sorted((k, str(v)) for k, v in given.items())], ensure_ascii=False)


def checked_properties(given: Mapping[str, object]) -> dict[str, object]:
    """Return the properties that are known, with the occasion as an id.

    Raises InputError (NotFoundError for the occasion) for an impossible value.
    """
    known = {k: v for k, v in given.items() if k in PROPERTIES and v not in (None, "")}
    if "occasion" in known:
        known["occasion"] = get_occasion(str(known["occasion"])).id
    if "level" in known and known["level"] not in LEVELS:
        raise InputError(f"The level {known['level']!r} is none of {' '.join(LEVELS)}")
    if "year" in known and not str(known["year"]).isdecimal():
        raise InputError(f"The year {known['year']!r} is not a number")
    if "date" in known and not isinstance(known["date"], date):
        try:
            known["date"] = date.fromisoformat(str(known["date"]))
        except ValueError as error:
            raise InputError(f"The date {known['date']!r} is not of the form 2026-05-08") from error
    return known


def prepare(document: Document, speech_id: str, given: Mapping[str, object], recipe: str) -> Prepared:
    """Clean, parse, understand and cut a document. ``given`` wins over front matter, that over what is inferred.

    Raises UnreadableError for front matter with an impossible value and for a text that is no speech.
    """
    name = document.name
    try:
        properties = {**checked_properties(document.meta), **given}
    except (InputError, NotFoundError) as error:
        raise UnreadableError(name, "front_matter", f"its front matter is wrong: {error}") from error
    cleaned = clean(document.text)
    if count_zi(cleaned.text) < MIN_ZI:
        raise UnreadableError(
            name, "not_speech", f"it has under {MIN_ZI} characters of text and is no speech"
        )
    tree = parse(cleaned.text)
    about = understand(tree, cleaned.text, properties)
    if about.fiction:
        raise UnreadableError(name, "fiction", "it is a story, not a speech")
    occasion, level = about.value("occasion"), about.value("level")
    chunks = tuple(chunk(tree, cleaned.text, speech_id=speech_id, occasion=occasion, level=level))
    words = text_digest(cleaned.text)
    speech = _stored(document, cleaned, about, speech_id, {"recipe": recipe, "words": words})
    item = IngestItem(
        name=name,
        action=Action.STRUCTURE_ONLY if about.structure_only else Action.ADDED,
        reason=f"{name}: stored for its structure only: {about.reasons[0]}" if about.structure_only else "",
        kind="defects" if about.structure_only else "",
        speech_id=speech_id,
        title=speech.title,
        occasion=occasion,
        level=level,
        chars=about.chars,
        original_chars=count_zi(document.text),
        chunks=dict(Counter(c.role.value for c in chunks)),
        guesses=tuple(g for g in about.guesses.values() if g.value),
        outline=outline(tree),
        cuts=(*_page_cuts(document), *_cuts(document.text, cleaned, flagged=False)),
        flags=_cuts(document.text, cleaned, flagged=True),
        notes=about.reasons,
    )
    return Prepared(speech, chunks, item, words)


def _stored(
    document: Document, cleaned: Cleaned, about: Understanding, speech_id: str, made: Mapping[str, str]
) -> StoredSpeech:
    guesses = about.guesses
    extra = {n: guesses[n].value for n in ("date", "minutes") if guesses[n].value}
    sure = {name: [g.confidence, g.source] for name, g in guesses.items() if g.value}
    meta = {**made, **extra, "format": document.format, "encoding": document.encoding, "guesses": sure}
    return StoredSpeech(
        id=speech_id,
        title=about.title,
        text=cleaned.text,
        original=document.text,
        occasion=guesses["occasion"].value,
        level=guesses["level"].value,
        place=guesses["place"].value,
        speaker=guesses["speaker"].value,
        audience=guesses["audience"].value,
        event=guesses["event"].value,
        year=_year(guesses["year"]),
        chars=about.chars,
        origin=origin_of(document.name),
        digest=document.digest,
        structure_only=about.structure_only,
        names=about.names,
        meta=json.dumps(meta, ensure_ascii=False),
    )


def _year(guess: Guess) -> int | None:
    return int(guess.value) if guess.value.isdecimal() else None


def _page_cuts(document: Document) -> tuple[Cut, ...]:
    return tuple(Cut(f"PAGE:{d.reason}", _short(d.text)) for d in document.dropped)


def _cuts(original: str, cleaned: Cleaned, *, flagged: bool) -> tuple[Cut, ...]:
    chosen = [r for r in cleaned.removals if (r.action == "flagged") == flagged]
    return tuple(_cut(original, removal) for removal in _runs(original, chosen))


def _runs(original: str, removals: list[Removal]) -> list[Removal]:
    """Join removals of one class that follow one another, such as the lines of a list of links."""
    joined: list[Removal] = []
    for removal in removals:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.code == removal.code
            and last.action == removal.action == "removed"
            and not original[last.span.end : removal.span.start].strip()
        ):
            span = Span(last.span.start, max(last.span.end, removal.span.end))
            joined[-1] = replace(last, span=span, fragment=span.of(original))
        else:
            joined.append(removal)
    return joined


def _cut(original: str, removal: Removal) -> Cut:
    start, end = removal.span.start, removal.span.end
    before, after = original[max(0, start - _AROUND) : start], original[end : end + _AROUND]
    return Cut(removal.code, _short(removal.fragment), _shown(before), _shown(after), removal.replacement)


def _short(text: str) -> str:
    text = _shown(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}……{text[-_LONGEST // 2 :]}"


def _shown(text: str) -> str:
    """Line ends as a sign: a report has them where they were lost or too many."""
    return _LINE_END.sub("⏎", text)
