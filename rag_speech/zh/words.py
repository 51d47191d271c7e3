"""Where the words of a Chinese text begin and end, by the segmenter jieba (in Rust; dictionary in the package)."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import rjieba


@cache
def _segmenter() -> rjieba.Jieba:
    import rjieba

    return rjieba.Jieba()


@lru_cache(maxsize=64)
def words(text: str) -> tuple[str, ...]:
    """Return the words of ``text`` in order, joined they give it back; unknown characters stand alone."""
    return tuple(_segmenter().cut(text, False))


@lru_cache(maxsize=16)
def boundaries(text: str) -> frozenset[int]:
    """Return the offsets at which a word begins or ends."""
    out, at = {0}, 0
    for word in words(text):
        at += len(word)
        out.add(at)
    return frozenset(out)


def is_word(text: str) -> bool:
    """Tell whether the dictionary has ``text`` as one word."""
    return bool(_segmenter().has_word(text))
