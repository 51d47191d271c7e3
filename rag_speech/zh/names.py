"""Persons, places, organisations, titles of documents, quotations and slogans in a text, as claims.

Names come from :mod:`rag_speech.zh.entities` (LAC and jieba), what stands between marks from :mod:`rag_speech.zh.quoted`.
"""

from __future__ import annotations

import re

from rag_speech.zh.claims import Claim
from rag_speech.zh.entities import entities
from rag_speech.zh.name_forms import ORGANISATION, PERSON, PLACE
from rag_speech.zh.places import local_names
from rag_speech.zh.quoted import bare, documents, quotations, slogans
from rag_speech.zh.words import boundaries, is_word

__all__ = [
    "bare",
    "documents",
    "local_places",
    "organisations",
    "persons",
    "places",
    "quotations",
    "slogans",
]

_SURE = 1.5
"""Margin of the tagger (nats) from which a place or an organisation is beyond doubt."""
_LEVEL = re.compile(r"(?<=..)(?:省|市|县|区|州|盟|旗|镇|乡|村)$")


def persons(text: str) -> list[Claim]:
    """Return named persons; a bare surname counts before a title (王书记)."""
    return [Claim("person", e.span, e.text, e.text) for e in entities(text) if e.kind == PERSON]


def places(text: str) -> list[Claim]:
    """Return places; ``key`` is the name without 省, 市, 县 ..., ``rough`` is ``weak`` where it may be a word."""
    return [
        Claim("place", e.span, e.text, stem, rough="" if e.sure >= _SURE and not is_word(stem) else "weak")
        for e in entities(text)
        if e.kind == PLACE
        for stem in [_LEVEL.sub("", e.text)]
    ]


def local_places(text: str) -> list[Claim]:
    """Return counties, towns and villages that :func:`places` overlooked: 浦坪镇, whose ``key`` is 浦坪.

    Their stem is no word of everyday Chinese and they begin and end where words do; ``rough`` is ``weak``.
    """
    found = local_names(text)
    if not found:
        return []
    taken = {at for e in entities(text) for at in range(e.span.start, e.span.end)}
    edges = boundaries(text)
    return [
        Claim("place", n.span, n.name, n.stem, rough="weak")
        for n in found
        if n.sure
        and n.span.start in edges
        and n.span.end in edges
        and not any(at in taken for at in range(n.span.start, n.span.end))
    ]


def organisations(text: str) -> list[Claim]:
    """Return organisations with a name of their own: 某某集团, 某某大学 (not 龙头企业, 县人民医院).

    ``rough`` is ``weak`` where the tagger is not sure.
    """
    return [
        Claim("org", e.span, e.text, e.text, rough="" if e.sure >= _SURE else "weak")
        for e in entities(text)
        if e.kind == ORGANISATION
    ]
