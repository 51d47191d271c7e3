"""Names of towns, villages and reservoirs that no gazetteer has: two characters that are no word of everyday Chinese."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_NAMED = re.compile(
    r"(?P<stem>[一-鿿]{2})(?P<kind>县|市|区|镇|乡|村|街道|社区|水库|大桥|河|江)(?![业产长镇场民])"
)
_FUNCTION = frozenset(
    "要把的每不是使我你他它这那个一二三四五六七八九十百千万两几有在上下中为和与及又也都就才再还既等到从向对会能可多少大小"
    "新老第各该本某全进入来去出跨过沿临靠省市县区镇乡村街由着了被给让后前时所其送写看改设补带驻邻归往以便"
)

_GENERIC = frozenset({"病险", "封控", "旧厂"})
"""病险水库 is a kind of reservoir."""


@cache
def _everyday() -> tuple[frozenset[str], frozenset[str]]:
    """Return the pairs and the characters of everyday words."""
    data = resources.files("rag_speech.ingest") / "data"
    raw = memoryview((data / "common_pairs.bin").read_bytes())
    codes = (int.from_bytes(raw[at : at + 4], "little") for at in range(0, len(raw), 4))
    pairs = frozenset(chr(code >> 16) + chr(code & 0xFFFF) for code in codes)
    return pairs | _GENERIC, frozenset((data / "common_characters.txt").read_text("utf-8").strip())


def local_places(text: str) -> set[str]:
    """Return place names found in ``text``: 浦坪镇 and, because it stands alone too, 浦坪.

    A name of everyday words (石桥村) counts when the text has it twice or more.
    """
    pairs, characters = _everyday()
    found: set[str] = set()
    for match in _NAMED.finditer(text):
        stem, name = match["stem"], match.group()
        if _FUNCTION.intersection(stem) or stem[1] + match["kind"][0] in pairs:
            continue
        if stem not in pairs and not characters.issuperset(stem):
            found |= {stem, name}
        elif stem not in pairs and text.count(name) > 1:
            found.add(name)
    return found
