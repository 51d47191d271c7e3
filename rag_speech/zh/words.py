"""Where the words of a Chinese text begin and end, by the segmenter jieba (in Rust; dictionary in the package)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from rag_speech.types import Span

if TYPE_CHECKING:
    import rjieba


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the dictionary with its part of speech (``nr`` person, ``ns`` place, ``nt`` organisation ...)."""

    span: Span
    text: str
    kind: str


@cache
def _segmenter() -> rjieba.Jieba:
    import rjieba

    return rjieba.Jieba()


@lru_cache(maxsize=64)
def words(text: str) -> tuple[str, ...]:
    """Return the words of ``text`` in order, joined they give it back; unknown characters stand alone."""
    return tuple(_segmenter().cut(text, False))


@lru_cache(maxsize=64)
def kinds(text: str) -> tuple[Word, ...]:
    """Return the words of ``text`` with their parts of speech, in order; unknown characters stand alone."""
    out, at = [], 0
    for word, kind in _segmenter().tag(text, False):
        out.append(Word(Span(at, at + len(word)), word, kind))
        at += len(word)
    return tuple(out)


@cache
def kind_of(word: str) -> str:
    """Return the part of speech of a word of the dictionary, or nothing for other characters."""
    return str(_segmenter().tag(word, False)[0][1]) if is_word(word) else ""


def is_word(text: str) -> bool:
    """Tell whether the dictionary has ``text`` as one word."""
    return bool(_segmenter().has_word(text))


@lru_cache(maxsize=16)
def boundaries(text: str) -> frozenset[int]:
    """Return the offsets at which a word begins or ends."""
    return frozenset(at for word in kinds(text) for at in (word.span.start, word.span.end))
