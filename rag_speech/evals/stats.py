"""Paired differences with bootstrap confidence intervals. Cases are resampled, not drafts: seeds of a case go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESAMPLES = 10_000
RANK_RESAMPLES = 1_000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Difference:
    """B minus A over the cases that both have. ``low`` to ``high`` is the 95% interval of the mean difference.

    ``p`` is two-sided, from a sign-flip test; ``wins``, ``ties`` and ``losses`` count cases in which B is higher,
    equal, lower.
    """

    cases: int
    mean_a: float
    mean_b: float
    mean: float
    low: float
    high: float
    p: float
    wins: int
    ties: int
    losses: int

    @property
    def significant(self) -> bool:
        """Whether the interval leaves out zero and the test agrees at 5%."""
        return self.cases > 1 and (self.low > 0 or self.high < 0) and self.p < 1 - LEVEL


def paired(a: Mapping[str, float], b: Mapping[str, float], *, seed: int = 7) -> Difference | None:
    """Compare two values a case; None when they share no case. The same input always gives the same numbers."""
    import numpy as np

    shared = sorted(a.keys() & b.keys())
    if not shared:
        return None
    left, right = (np.array([side[case] for case in shared]) for side in (a, b))
    differences = right - left
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(shared), size=(RESAMPLES, len(shared)))
    means = differences[picks].mean(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    mean = float(differences.mean())
    flips = rng.choice([-1.0, 1.0], size=(RESAMPLES, len(shared)))
    as_extreme = np.abs((flips * differences).mean(axis=1)) >= abs(mean) - 1e-12
    return Difference(
        cases=len(shared),
        mean_a=float(left.mean()),
        mean_b=float(right.mean()),
        mean=mean,
        low=float(low),
        high=float(high),
        p=float((as_extreme.sum() + 1) / (RESAMPLES + 1)),
        wins=int((differences > 1e-9).sum()),
        ties=int((np.abs(differences) <= 1e-9).sum()),
        losses=int((differences < -1e-9).sum()),
    )


def mean_interval(values: Sequence[float], *, seed: int = 7) -> tuple[float, float, float]:
    """Return the mean of the values and the 95% interval of it."""
    import numpy as np

    data = np.array(values)
    rng = np.random.default_rng(seed)
    means = data[rng.integers(0, len(data), size=(2000, len(data)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(data.mean()), float(low), float(high)


def sign_test(wins: int, losses: int) -> float:
    """Return the two-sided p of ``wins`` against ``losses`` when both were as likely; ties are left out."""
    from math import comb

    n, k = wins + losses, min(wins, losses)
    return min(1.0, 2 * sum(comb(n, i) for i in range(k + 1)) / 2**n) if n else 1.0


def rank_correlation(
    a: Sequence[float], b: Sequence[float], groups: Sequence[str], *, seed: int = 7
) -> tuple[float | None, float | None, float | None]:
    """Return Spearman's rho of two values an item, with its 95% interval; None where it is undefined.

    Whole ``groups`` are resampled: drafts to one brief are not independent. Ties get their mean rank.
    """
    import numpy as np

    left, right, names = np.array(a, float), np.array(b, float), np.array(groups)
    rho = _spearman(left, right)
    members = [np.flatnonzero(names == name) for name in dict.fromkeys(groups)]
    if rho is None or len(members) < 3:
        return rho, None, None
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(RANK_RESAMPLES):
        picked = np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])
        again = _spearman(left[picked], right[picked])
        if again is not None:
            found.append(again)
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return rho, float(low), float(high)


def _spearman(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    import numpy as np
    from scipy.stats import rankdata

    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1])
