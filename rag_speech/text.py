"""Counting and cutting Chinese text."""

from __future__ import annotations

import re

SPEAKING_RATE = 180
"""字 a minute that a leader speaks; sources give 160-220."""

_SPACE = re.compile(r"\s+")
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+[”’」』）)》]*|[^。！？!?；;\n]+\Z")


def count_zi(text: str) -> int:
    """Return the length of ``text`` in 字: every character that is not white space, punctuation included."""
    return len(_SPACE.sub("", text))


def sentences(text: str) -> list[str]:
    """Cut ``text`` after 。！？； and line ends; the pieces joined give the text back."""
    return [m.group() for m in _SENTENCE.finditer(text) if m.group()]


def as_sentence(text: str) -> str:
    """Return ``text`` with one full stop at its end; a quotation that ends on a stop of its own stays as it is."""
    bare = text.strip().rstrip("。；;，, ")
    return bare if re.search(r"[。！？][”’」』]$|[！？]$", bare) else f"{bare}。"


def minutes_of(zi: int, rate: int = SPEAKING_RATE) -> float:
    """Return the minutes that ``zi`` 字 take to speak."""
    return round(zi / rate, 1)
