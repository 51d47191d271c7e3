"""Turns exemplars into angles: short hints at what a paragraph can talk about, too short to be copied.

A weak model that sees a whole exemplar lifts its sentences; one that sees three or four clauses of at most
``MAX_ZI`` 字 writes its own sentences around them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from rag_speech.types import Exemplar

MIN_ZI, MAX_ZI = 5, 11
_CLAUSE = re.compile(r"[^，。；：！？、\n“”《》（）——…]+")
_UNFIT = re.compile(
    r"[〔〕0-9A-Za-z]|^(同志们|这|那|有的|因此|所以|但|而|如果|只要|虽然|同时|下面|最后|首先|其次|大家|我|第.|[一二三四五六七八九]是)"
    r"|(的时候|来说|而言|之一)$|祝|谢谢|今天|刚才"
)
_DOING = re.compile(
    r"[要把先到查问看管守办报记写改抓盯学练帮送建修订签核对补清退讲听走验交接跑落实排摸压]|不得|不许|不能|及时|逐|每"
)


def angles(exemplars: Iterable[Exemplar], *, count: int, used: Collection[str] = ()) -> tuple[str, ...]:
    """Return up to ``count`` clauses of the exemplars, never two neighbours, none of ``used``.

    Clauses with something to do in them come first; exemplars take turns so that no single one dominates.
    """
    pools = [_clauses(e.masked) for e in exemplars]
    chosen: list[str] = []
    while pools and len(chosen) < count:
        for pool in list(pools):
            clause = next((c for c in pool if c not in used and c not in chosen), None)
            if clause is None:
                pools.remove(pool)
                continue
            pool.remove(clause)
            chosen.append(clause)
            if len(chosen) == count:
                break
    return tuple(chosen)


def _clauses(text: str) -> list[str]:
    found = [m.group().strip() for m in _CLAUSE.finditer(text)]
    apart = found[::2]
    fit = [c for c in apart if MIN_ZI <= len(c) <= MAX_ZI and not _UNFIT.search(c)]
    return sorted(fit, key=lambda c: -len(_DOING.findall(c)))
