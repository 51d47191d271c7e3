"""Turns exemplars into angles: short hints at what a paragraph can talk about, too short to be copied.

A weak model that sees a whole exemplar lifts its sentences; one that sees three or four clauses of at most
``MAX_ZI`` 字 writes its own sentences around them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from rag_speech.types import Exemplar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MIN_ZI, MAX_ZI = 5, 11
LIKENESS = 0.92
"""Cosine below which a clause is about something else (measured with the bundled embedder)."""
_CLAUSE = re.compile(r"[^，。；：！？、\n“”《》（）——…]+")
_UNFIT = re.compile(
    r"[〔〕0-9A-Za-z]|^(同志们|这|那|有的|因此|所以|但|而|如果|只要|虽然|同时|下面|最后|首先|其次|大家|我|第.|[一二三四五六七八九]是)"
    r"|(的时候|来说|而言|之一)$|祝|谢谢|今天|刚才|[县市镇]|部门|单位|[室局委院股科]|编制|秘书|他们|你"
)
_DOING = re.compile(
    r"[要把先到查问看管守办报记写改抓盯学练帮送建修订签核对补清退讲听走验交接跑落实排摸压]|不得|不许|不能|及时|逐|每"
)


def angles(
    topic: str,
    exemplars: Iterable[Exemplar],
    similarity: Callable[[Sequence[str]], NDArray[np.float32]],
    *,
    count: int,
    used: Collection[str] = (),
) -> tuple[str, ...]:
    """Return up to ``count`` clauses of the exemplars, nearest to ``topic`` first, none of ``used``.

    Never two neighbours of one exemplar, so that no run longer than one clause can come across.
    """
    pool = list(dict.fromkeys(c for e in exemplars for c in _clauses(e.masked) if c not in used))
    if not pool:
        return ()
    vectors = similarity([topic, *pool])
    value = vectors[1:] @ vectors[0] + [0.02 if _DOING.search(c) else 0.0 for c in pool]
    order = sorted(range(len(pool)), key=lambda i: -float(value[i]))
    return tuple(pool[i] for i in order[:count] if float(value[i]) >= LIKENESS)


def _clauses(text: str) -> list[str]:
    apart = [m.group().strip() for m in _CLAUSE.finditer(text)][::2]
    return [c for c in apart if MIN_ZI <= len(c) <= MAX_ZI and not _UNFIT.search(c)]
