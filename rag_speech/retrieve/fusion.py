"""Joins rankings."""

from __future__ import annotations

import math
from collections.abc import Sequence

RRF_K = 60
"""Cormack, Clarke, Büttcher 2009; not tuned."""


def reciprocal_rank_fusion(rankings: Sequence[Sequence[int]], k: int = RRF_K) -> list[tuple[int, float]]:
    """Return all ranked keys with the sum of ``1 / (k + rank)`` over ``rankings``, best first.

    Neither the order of the rankings nor that of equals in the input matters: equal scores stand by key.
    """
    shares: dict[int, list[float]] = {}
    for ranking in rankings:
        for rank, key in enumerate(ranking, start=1):
            shares.setdefault(key, []).append(1.0 / (k + rank))
    fused = [(key, math.fsum(parts)) for key, parts in shares.items()]
    return sorted(fused, key=lambda item: (-item[1], item[0]))
