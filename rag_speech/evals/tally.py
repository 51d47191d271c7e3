"""From rows to figures: means by system, values by case, and whether the suite's thresholds hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rag_speech.evals.catalogue import METRICS, metric_of
from rag_speech.evals.readings import Preference
from rag_speech.evals.records import Row
from rag_speech.evals.stats import sign_test
from rag_speech.evals.suite import Threshold


@dataclass(frozen=True, slots=True)
class Outcome:
    """A threshold and what became of it. ``value`` is None when nothing could be measured, which never passes."""

    threshold: Threshold
    system: str
    value: float | None
    passed: bool
    case: str = ""
    """With ``each``: the worst draft's case."""

    @property
    def sentence(self) -> str:
        """The outcome in words."""
        bound = self.threshold
        low = [] if bound.min is None else [f"at least {bound.min:g}"]
        high = [] if bound.max is None else [f"at most {bound.max:g}"]
        wanted = " and ".join([*low, *high])
        value = "not measured" if self.value is None else f"{self.value:.4g}"
        where = f" in {self.case}" if self.case else ""
        system = f"{self.system} " if self.system else ""
        return f"{system}{bound.metric} is {value}{where}, wanted {wanted}"


@dataclass(frozen=True, slots=True)
class Tally:
    """How often readers preferred each system. ``p`` is the sign test's, ties left out; ``open`` pairs have no answer."""

    a: str
    b: str
    wins_a: int
    wins_b: int
    ties: int
    open: int
    p: float

    @property
    def sentence(self) -> str:
        """The outcome in a line; ``share`` counts ties half."""
        n = self.wins_a + self.wins_b + self.ties
        share = (self.wins_a + self.ties / 2) / n if n else 0.0
        unread = f", {self.open} without an answer" if self.open else ""
        return (
            f"{self.a} {self.wins_a}, {self.b} {self.wins_b}, same {self.ties}{unread}; "
            f"{self.a} preferred in {share:.0%} of {n} (ties half), p = {self.p:.3f} (sign test)"
        )


def tallies(preferences: Iterable[Preference]) -> list[Tally]:
    """Count preferences for each two systems."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for p in preferences:
        a, b = sorted((p.first_system, p.second_system))
        winner = {"first": p.first_system, "second": p.second_system, "tie": ""}[p.better]
        found[a, b].append(winner)
    out = []
    for (a, b), winners in sorted(found.items()):
        wins = winners.count(a), winners.count(b)
        out.append(Tally(a, b, *wins, winners.count(""), 0, sign_test(*wins)))
    return out


def by_system(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Return the rows of each system, in order of first appearance."""
    out: dict[str, list[Row]] = {}
    for row in rows:
        out.setdefault(row.system, []).append(row)
    return out


def values_of(rows: Iterable[Row], metric: str) -> list[float]:
    """Return the metric over rows that have it."""
    return [v for row in rows if (v := row.metric(metric)) is not None]


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None of nothing."""
    return sum(values) / len(values) if values else None


def by_case(rows: Iterable[Row], metric: str) -> dict[str, float]:
    """Return the metric's mean over the seeds and repeats of each case."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if (value := row.metric(metric)) is not None:
            found[row.case].append(value)
    return {case: sum(values) / len(values) for case, values in found.items()}


def summary(rows: Iterable[Row]) -> dict[str, dict[str, float | None]]:
    """Return for each system its number of drafts and the mean of every metric, of the first draft too."""
    names = [*METRICS, *(f"first.{m.name}" for m in METRICS.values() if m.draft)]
    return {
        system: {"drafts": float(len(own)), **{n: mean(values_of(own, n)) for n in names}}
        for system, own in by_system(rows).items()
    }


def judge_thresholds(
    thresholds: Iterable[Threshold], rows: Sequence[Row], first: str, retrieval: Mapping[str, float]
) -> list[Outcome]:
    """Hold the results against the thresholds; those of systems that did not run are left out.

    ``first`` is the system that a threshold without one means. A case that failed fails every suite: an
    implied threshold of no errors is added for each system.
    """
    groups = by_system(rows)
    out = []
    for bound in thresholds:
        if bound.metric.startswith("retrieval."):
            value = retrieval.get(bound.metric.removeprefix("retrieval."))
            out.append(Outcome(bound, "", value, _holds(bound, value)))
            continue
        own = groups.get(bound.system or first)
        if own is None:
            continue
        name = bound.system or first
        if not bound.each:
            value = mean(values_of(own, bound.metric))
            out.append(Outcome(bound, name, value, _holds(bound, value)))
            continue
        bad = [r for r in own if not _holds(bound, r.metric(bound.metric))]
        shown = bad or own
        worst = (max if bound.max is not None else min)(shown, key=lambda r: r.metric(bound.metric) or 0.0)
        out.append(Outcome(bound, name, worst.metric(bound.metric), not bad, worst.case))
    for name, own in groups.items():
        errors = Threshold(metric="errors", system=name, max=0)
        out.append(Outcome(errors, name, mean(values_of(own, "errors")), not any(r.error for r in own)))
    return out


def _holds(bound: Threshold, value: float | None) -> bool:
    if value is None:
        return False
    return (bound.min is None or value >= bound.min) and (bound.max is None or value <= bound.max)


def shown(name: str, value: float | None) -> str:
    """Return a metric's value as tables show it."""
    return "–" if value is None else f"{value:.{metric_of(name).digits}f}"
