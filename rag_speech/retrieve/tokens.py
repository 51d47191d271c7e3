"""What BM25 counts: single characters and pairs of neighbours; numbers and Latin words whole.

Measured against words cut by a segmenter: hit@1 .755 against .566 (single characters alone or pairs alone lie
between). Terms are 64-bit codes, so that a text is turned into terms without a Python loop over its characters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = 1
"""Stored with what was indexed; another version means other terms."""

_WORD = re.compile(r"[0-9]+(?:[.,][0-9]+)*[%‰]?|[A-Za-z]+")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code - 0xFEE0).isalnum()}
_WORD_BIT = 1 << 62
_PAIR_SHIFT = 21
"""A code point fits in 21 bits."""


def terms(text: str) -> NDArray[np.int64]:
    """Return the terms of ``text`` with repetitions, in no promised order.

    Characters that are neither letters nor digits end a pair and count for nothing.
    """
    import numpy as np

    text = text.translate(_FULL_WIDTH).lower()
    words = [_WORD_BIT | crc32(word.encode()) for word in _WORD.findall(text)]
    rest = _WORD.sub(" ", text)
    codes = np.frombuffer(rest.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    kept = _is_letter(codes)
    pair = kept[:-1] & kept[1:]
    pairs = (codes[:-1][pair] << _PAIR_SHIFT) | codes[1:][pair]
    return np.concatenate([codes[kept], pairs, np.array(words, dtype=np.int64)])


def _is_letter(codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Ideographs (with extensions and 〇), kana and letters beyond ASCII; no punctuation, symbol or space."""
    kept: NDArray[np.bool_] = (
        ((codes >= 0x3400) & (codes <= 0x9FFF))
        | ((codes >= 0x20000) & (codes <= 0x3FFFF))
        | ((codes >= 0xF900) & (codes <= 0xFAFF))
        | ((codes >= 0x3041) & (codes <= 0x30FF))
        | ((codes >= 0xC0) & (codes <= 0x1FFF))
        | (codes == 0x3007)
    )
    return kept
