"""Persons, places and organisations of a text: what LAC tags, put right by jieba's dictionary and a few rules of form.

LAC reads only sentences in which a name may stand. Its kinds are Baidu's: offices stuck to a name (江主席), names run
together and 中美 are taken apart here, an organisation is joined with the place or the ordinal before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rag_speech.types import Span
from rag_speech.zh.candidates import may_name
from rag_speech.zh.gazetteer import gazetteer, surnames, well_known, well_known_names
from rag_speech.zh.name_forms import (
    ABROAD,
    BODY_OF_A_PLACE,
    BOTH,
    COMMON_PLACE_END,
    CONGRESS,
    DOTTED,
    GENERIC_ORG,
    GENERIC_PLACE,
    HEADS,
    KIND_OF_BODY,
    LEAST_DOTTED,
    LEAST_FOR_SHORT,
    LEAST_NAMED,
    LEAST_OF_THREE,
    LEAST_SURE,
    LEVEL_LEAD,
    LIST_OF_NAMES,
    LOCAL_BODY,
    LONGEST_DOTTED,
    LONGEST_NAME,
    LONGEST_RUN,
    NO_NAME_END,
    NOT_A_PLACE_AFTER,
    NOT_IN_NAME,
    OFFICE_BEFORE,
    OFFICE_KIND,
    OFFICE_RIGHT_BEFORE,
    ORG_END,
    ORGANISATION,
    PAIR,
    PARTY_END,
    PERSON,
    PLACE,
    PLACE_END,
    PLACE_SUFFIX,
    REGION_END,
    STATE_END,
    SURE_OF_CUT,
    TAIL,
    TITLE_AFTER,
    TITLE_END,
    UNSURE_PLACES,
    VERB_END,
    VERY_SURE,
    WHOLE,
)
from rag_speech.zh.tagger import Tagged, tagged
from rag_speech.zh.text import sentence_spans
from rag_speech.zh.words import Word, is_word, kind_of, kinds

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Entity:
    """A name: ``kind`` is PER, LOC or ORG; ``sure`` the tagger's margin (nats), 9 where the dictionary has it."""

    span: Span
    text: str
    kind: str
    sure: float


@lru_cache(maxsize=32)
def entities(text: str) -> tuple[Entity, ...]:
    """Return the names of ``text`` in order, none inside another."""
    dictionary = kinds(text)
    parts = tuple(s for s in sentence_spans(text) if may_name(dictionary, s))
    tags = tagged(text, parts) if parts else ()
    inside = frozenset(
        at for w in dictionary if w.kind[:1] in "vdtfrp" for at in range(w.span.start + 1, w.span.end)
    )
    found = [*_persons(text, tags), *_places(text, tags), *_organisations(text, tags)]
    found = [_as_place(e, found) for e in found if not _cuts_a_word(e, inside)]
    found = [e for e in found if well_known().get(e.text, (e.text, e.kind))[1] == e.kind]
    found += _listed(text, dictionary, found)
    found += _again(text, found)
    return tuple(_joined(text, sorted(_longest(found), key=lambda e: e.span)))


def _cuts_a_word(entity: Entity, inside: frozenset[int]) -> bool:
    """Tell a name that begins or ends within a verb, an adverb or a word of time (前|天市防汛指挥部)."""
    return (
        len(entity.text) > 1
        and (entity.span.start in inside or entity.span.end in inside)
        and entity.sure < SURE_OF_CUT
    )


def _as_place(entity: Entity, found: Iterable[Entity]) -> Entity:
    """Return a person that is a place elsewhere in the text (枫渚 beside 枫渚市) as that place."""
    if entity.kind == PERSON and any(
        e.kind != PERSON and e.text[: len(entity.text)] == entity.text and len(e.text) > len(entity.text)
        for e in found
    ):
        return replace(entity, kind=PLACE)
    return entity


def _persons(text: str, tags: Iterable[Tagged]) -> Iterator[Entity]:
    for run, sure in _runs(tags):
        start = run.start
        named = TAIL.sub("", run.of(text))
        if len(named) > 2 and VERB_END.match(text, start + len(named) - 1):
            named = named[:-1]  # 陈明|作了发言
        stripped = TITLE_END.sub("", named)
        titled = stripped != named or bool(TITLE_AFTER.match(text, start + len(named)))
        named = stripped
        if _longer_name(text, start, len(named)):
            named = text[start : start + len(named) + 1]
        pieces = _apart(named)
        for at, name in pieces:
            believed = 9.0 if len(pieces) > 1 else sure
            if _is_person(text, start + at, name, believed, titled=titled or len(pieces) > 1):
                span = Span(start + at, start + at + len(name))
                yield Entity(span, name, PERSON, sure)


def _runs(tags: Iterable[Tagged]) -> Iterator[tuple[Span, float]]:
    """Yield the stretches that are persons; neighbours are one, also over a single character between them."""
    run: Tagged | None = None
    bridge: Span | None = None
    for tag in tags:
        if tag.kind == PERSON:
            if run and tag.span.start in {run.span.end, bridge.end if bridge else run.span.end}:
                run = Tagged(Span(run.span.start, tag.span.end), PERSON, min(run.sure, tag.sure))
            else:
                if run:
                    yield run.span, run.sure
                run = tag
            bridge = None
        elif run and tag.span.start == (bridge or run.span).end and tag.kind != "w":
            listing = run.span.end - run.span.start >= LIST_OF_NAMES
            bridge = Span(run.span.end, tag.span.end)
            if bridge.end - bridge.start > (3 if listing else 1) or (not listing and tag.kind[:1] in "pcud"):
                bridge = None
        else:
            bridge = None
    if run:
        yield run.span, run.sure


def _longer_name(text: str, start: int, size: int) -> bool:
    """Tell whether the dictionary has the name with one character more (傅全 + 有)."""
    return size == 2 and kind_of(text[start : start + 3])[:2] == "nr"


def _apart(named: str) -> list[tuple[int, str]]:
    """Take names apart that stand without a mark between them; of a long run what fits no name is left out."""
    alone = named[:1] not in surnames() and len(named) <= LONGEST_RUN
    if len(named) < 4 or alone or ("·" in named and len(named) <= LONGEST_DOTTED):
        return [(0, named)] if named else []
    best: dict[int, tuple[float, list[tuple[int, str]]]] = {len(named): (0, [])}
    for at in range(len(named) - 1, -1, -1):
        skipped = best[at + 1]
        best[at] = (skipped[0] - 1, skipped[1])
        dotted = DOTTED.match(named, at)
        if dotted and best[dotted.end()][0] - 1 > best[at][0]:
            best[at] = (best[dotted.end()][0] + 2, [(at, dotted.group()), *best[dotted.end()][1]])
        if named[at] not in surnames():
            continue
        for size in (2, 3):
            piece = named[at : at + size]
            if len(piece) < size or "·" in piece:
                continue
            score = best[at + size][0] + (3 if kind_of(piece)[:2] == "nr" else 0) + (1 if size == 3 else 0)
            if score > best[at][0]:
                best[at] = (score, [(at, piece), *best[at + size][1]])
    pieces = best[0][1]
    covered = sum(len(piece) for _, piece in pieces)
    return pieces if covered == len(named) or len(named) > LONGEST_NAME else [(0, named)]


def _is_person(text: str, start: int, name: str, sure: float, *, titled: bool) -> bool:
    if not name or NOT_IN_NAME.search(name) or not ("㐀" <= name[0] <= "鿿"):
        return False
    before = text[max(0, start - 6) : start]
    named = titled or bool(OFFICE_BEFORE.search(before)) or before[-1:] in {"老", "小"}
    if len(name) == 1:
        return name in surnames() and titled and before[-1:] not in {"副", "正", "各"}
    kind = kind_of(name)
    if kind and kind[:2] not in {"nr", "nz"}:
        return titled and name[0] in surnames() and sure > LEAST_FOR_SHORT
    if name[1:2] == "一" and len(name) == 3 and not titled:
        return False  # 鞠一躬
    if NO_NAME_END.search(name) and not titled and sure < VERY_SURE:
        return False
    if len(name) == 2 and kind and not named and sure < VERY_SURE and name not in well_known_names():
        return False
    if name[0] in surnames() and OFFICE_RIGHT_BEFORE.search(before):
        return True
    if "·" in name or "•" in name:
        return len(name) >= LEAST_DOTTED
    if named or (kind[:2] == "nr" and len(name) > 2):
        return sure > LEAST_NAMED or kind[:2] == "nr" or len(name) > 2
    own = name[0] in surnames() and len(name) in {2, 3}
    if len(name) > 2:
        return sure > (LEAST_OF_THREE if own else LEAST_SURE)
    return sure > LEAST_FOR_SHORT


def _places(text: str, tags: Iterable[Tagged]) -> Iterator[Entity]:
    for tag in tags:
        start = tag.span.start
        name = tag.span.of(text)
        if tag.kind == ORGANISATION and (state := STATE_END.sub("", name)) != name:
            if len(state) > 1 and (kind_of(state) == "ns" or state.endswith(("国", "省", "市"))):
                yield Entity(Span(start, start + len(state)), state, PLACE, tag.sure)
            continue
        pair = PAIR.match(name)
        own = BODY_OF_A_PLACE.match(name) if tag.kind == ORGANISATION else None
        if own:
            yield Entity(
                Span(start + own.start("place"), start + own.end("place")),
                own["place"],
                PLACE,
                max(tag.sure, LEAST_SURE),
            )
            continue
        if tag.kind != PLACE and not (tag.kind == ORGANISATION and (pair or PLACE_END.search(name))):
            continue
        if PAIR.match(name) and name not in well_known_names():
            for at, char in enumerate(name):
                yield Entity(Span(start + at, start + at + 1), char, PLACE, 9.0)
            continue
        name = REGION_END.sub("", name)
        if _is_place(name, tag.sure) and not NOT_A_PLACE_AFTER.match(text, start + len(name)):
            yield Entity(Span(start, start + len(name)), name, PLACE, tag.sure)
    for m in ABROAD.finditer(text):
        if not is_word(text[m.start() : m.end() + 1]):
            yield Entity(Span(*m.span()), m.group(), PLACE, 9.0)
    for m in BOTH.finditer(text):
        for at, char in enumerate(m.group(), m.start()):
            yield Entity(Span(at, at + 1), char, PLACE, 9.0)


def _is_place(name: str, sure: float) -> bool:
    if len(name) == 1 or GENERIC_PLACE.match(name) or LOCAL_BODY.match(name) or COMMON_PLACE_END.search(name):
        return False
    kind = kind_of(name)
    if name in UNSURE_PLACES:
        return sure > 2 * VERY_SURE
    if kind == "ns":
        return sure > LEAST_NAMED
    if kind and kind[:2] not in {"nz", "nr"}:
        return False
    stem = PLACE_SUFFIX.sub("", name)
    stem_kind = kind_of(stem) if len(stem) > 1 else ""
    if stem != name and stem_kind and stem_kind[:2] not in {"ns", "nr", "nz", "nt"}:
        return sure > VERY_SURE
    return sure > (LEAST_FOR_SHORT if len(name) == 2 else LEAST_SURE)


def _organisations(text: str, tags: Iterable[Tagged]) -> Iterator[Entity]:
    for tag in tags:
        name = tag.span.of(text)
        if tag.kind != ORGANISATION or PAIR.match(name) or PLACE_END.search(name):
            continue
        if BODY_OF_A_PLACE.match(name):
            continue
        if STATE_END.sub("", name) != name and not name.endswith("人民政府"):
            continue
        if _is_organisation(name, tag.sure):
            yield Entity(tag.span, name, ORGANISATION, tag.sure)
    for m in CONGRESS.finditer(text):
        yield Entity(Span(*m.span()), m.group(), ORGANISATION, 9.0)


def _joined(text: str, found: Iterable[Entity]) -> Iterator[Entity]:
    """Yield ``found``; an organisation takes in the places and organisations right before it."""
    row: list[Entity] = []
    for entity in found:
        last = row[-1] if row else None
        if entity.kind == ORGANISATION and entity.text not in WHOLE:
            while row and row[-1].span.end == entity.span.start and row[-1].kind != PERSON:
                if entity.text.startswith("第") and row[-1].kind == PLACE:
                    break
                last = row.pop()
                span = Span(last.span.start, entity.span.end)
                entity = Entity(span, span.of(text), ORGANISATION, min(last.sure, entity.sure))  # noqa: PLW2901
        if PARTY_END.search(entity.text) and text.startswith("中央", entity.span.end):
            span = Span(entity.span.start, entity.span.end + 2)
            entity = Entity(span, span.of(text), ORGANISATION, entity.sure)  # noqa: PLW2901
        row.append(entity)
    yield from row


def _is_organisation(name: str, sure: float) -> bool:
    lead = LEVEL_LEAD.match(name)
    if lead and is_word(lead["stem"]) and kind_of(lead["stem"])[:2] not in {"ns", "nr", "nz", "nt"}:
        return False
    generic = (GENERIC_ORG, LOCAL_BODY, KIND_OF_BODY, OFFICE_KIND)
    if len(name) < 2 or any(pattern.match(name) for pattern in generic):
        return False
    kind = kind_of(name)
    if kind == "nt":
        return True
    if (kind and (kind[:1] != "n" or len(name) < 3)) or not ORG_END.search(name):
        return False
    return sure > (LEAST_SURE if len(name) < 4 else 0.0)


def _again(text: str, found: Iterable[Entity]) -> Iterator[Entity]:
    """Yield further mentions of names found once: persons of three characters, and places without their 市 or 县."""
    known: dict[str, str] = {}
    for entity in found:
        if entity.kind == PERSON and len(entity.text) > 2:
            known[entity.text] = PERSON
        elif entity.kind == PLACE and entity.sure > LEAST_FOR_SHORT:
            stem = PLACE_SUFFIX.sub("", entity.text)
            if len(stem) > 1 and stem != entity.text and not is_word(stem):
                known[stem] = PLACE
    for name, kind in known.items():
        at = text.find(name)
        while at >= 0:
            yield Entity(Span(at, at + len(name)), name, kind, VERY_SURE)
            at = text.find(name, at + len(name))


def _listed(text: str, dictionary: Iterable[Word], found: list[Entity]) -> Iterator[Entity]:
    """Yield names that everybody knows and the tagger overlooked; they begin and end where words do."""
    taken = {at for e in found for at in range(e.span.start, e.span.end)}
    inside = {at for w in dictionary for at in range(w.span.start + 1, w.span.end)}
    for last, name in gazetteer().iter_long(text):
        span = Span(last + 1 - len(name), last + 1)
        if not any(at in taken for at in range(span.start, span.end)) and not (
            span.start in inside or span.end in inside
        ):
            taken.update(range(span.start, span.end))
            yield Entity(span, name, PLACE, 9.0)
    for last, (name, kind) in well_known().iter_long(text):
        span = Span(last + 1 - len(name), last + 1)
        whole = len(name) > 4 or not (span.start in inside or span.end in inside)
        headed = span.start not in inside and (
            kind == PERSON
            or name in HEADS
            or (kind == ORGANISATION and text[span.end : span.end + 1] in {"长", "副"})
        )
        if whole or headed:
            yield Entity(span, name, kind, 9.0)


def _longest(found: Iterable[Entity]) -> list[Entity]:
    """Keep the longest of names that overlap."""
    taken: set[int] = set()
    kept = []
    for entity in sorted(found, key=lambda e: (e.span.start - e.span.end, e.span.start)):
        places = range(entity.span.start, entity.span.end)
        if not taken.intersection(places):
            taken.update(places)
            kept.append(replace(entity))
    return kept
