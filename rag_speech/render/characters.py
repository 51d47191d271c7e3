"""Which characters a Word file can hold, and which a person would misread."""

from __future__ import annotations

import re
from functools import cache

from rag_speech.errors import InputError

_REFUSED = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_DIRECTION = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def refuse_unprintable(text: str) -> None:
    """Raise InputError for control characters and for marks that turn the direction of writing around."""
    found = _REFUSED.search(text)
    if found is None:
        return
    line = text.count("\n", 0, found.start()) + 1
    what = (
        "a mark that turns the direction of writing"
        if _DIRECTION.match(found.group())
        else "a control character"
    )
    raise InputError(
        f"Line {line} holds {what} (U+{ord(found.group()):04X}), which no document may carry; remove it and render again"
    )


@cache
def common_characters() -> frozenset[str]:
    """Return the 3,755 characters of GB 2312 level 1, the ones that everyone reads."""
    every = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return frozenset("".join(code.decode("gb2312", "ignore") for code in every))


def is_rare(character: str) -> bool:
    """Whether a Chinese character lies outside GB 2312 level 1."""
    return ("㐀" <= character <= "鿿" or character >= "\U00020000") and character not in common_characters()
