"""In which sentences a name may stand: only those are worth the tagger's time."""

from __future__ import annotations

from bisect import bisect_left

from rag_speech.types import Span
from rag_speech.zh.gazetteer import surnames, well_known_names
from rag_speech.zh.name_forms import (
    BODY_WORDS,
    COMMON,
    COMMON_PLACE_END,
    GENERIC_ORG,
    GENERIC_PLACE,
    KIND_OF_BODY,
    LOCAL_BODY,
    NO_PERSONS,
    NO_PLACES,
    OFFICE_KIND,
    PLACE_HEADS,
    PLACE_WORDS,
    TITLE_END,
)
from rag_speech.zh.places import common_characters
from rag_speech.zh.words import Word


def may_name(dictionary: tuple[Word, ...], sentence: Span) -> bool:
    """Tell whether a name may stand in a sentence: a word that names one, or characters that are no word and begin like one."""
    at = bisect_left(dictionary, sentence.start, key=lambda w: w.span.start)
    run = ""
    while at < len(dictionary) and dictionary[at].span.start < sentence.end:
        word = dictionary[at]
        at += 1
        if _names_something(word) or (
            word.text not in common_characters() and len(word.text) == 1 and "㐀" <= word.text <= "鿿"
        ):
            return True
        if (
            at < len(dictionary)
            and len(word.text) > 1
            and dictionary[at].text in PLACE_WORDS
            and word.kind[:1] in "nsa"
        ):
            return True
        if len(word.text) == 1 and "㐀" <= word.text <= "鿿" and word.text not in COMMON:
            run += word.text
            if len(run) > 1 and (run[-2] in surnames() or not surnames().isdisjoint(run[:-1])):
                return True
            continue
        if (len(run) > 1 and word.text[0] in PLACE_HEADS) or (
            run and run[-1] in surnames() and len(word.text) > 1
        ):
            return True
        run = ""
    return False


def _names_something(word: Word) -> bool:
    text, kind = word.text, word.kind[:2]
    if text in BODY_WORDS or (text[0] in surnames() and TITLE_END.fullmatch(text, 1)):
        return True
    if len(text) < 2 or kind not in {"nr", "ns", "nt", "nz"} or text in well_known_names():
        return False
    if kind == "nt":
        return not any(p.match(text) for p in (GENERIC_ORG, LOCAL_BODY, KIND_OF_BODY, OFFICE_KIND))
    if GENERIC_PLACE.match(text) or COMMON_PLACE_END.search(text):
        return False
    if kind == "nr":
        return text[0] in surnames() and (len(text) > 2 or text not in NO_PERSONS)
    return text not in NO_PLACES
