"""Compares two runs, or two systems of one: paired differences and the cases that changed most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag_speech.errors import InputError
from rag_speech.evals.catalogue import HEADLINE, metric_of
from rag_speech.evals.drafts import split_run
from rag_speech.evals.records import Row, load_rows
from rag_speech.evals.stats import Difference, paired
from rag_speech.evals.tally import by_case, by_system

MOST_CHANGED = 5


@dataclass(frozen=True, slots=True)
class Change:
    """How the score of one case changed from A to B."""

    case: str
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """System ``b`` against system ``a``: a difference for each metric that both have, and the largest changes."""

    a: str
    b: str
    differences: dict[str, Difference]
    changes: tuple[Change, ...]


def compare(a: str, b: str, *, metrics: Sequence[str] = HEADLINE, sort_by: str = "score") -> list[Comparison]:
    """Compare what ``a`` and ``b`` name: ``DIR`` (all its systems) or ``DIR:SYSTEM``.

    Two folders are compared system by system by name; one system against a folder is compared with each of the
    folder's. Raises InputError for an unknown system or when nothing can be paired.
    """
    (folder_a, system_a), (folder_b, system_b) = split_run(a), split_run(b)
    left, right = _systems(folder_a, system_a), _systems(folder_b, system_b)
    if system_a or system_b:
        same_run = folder_a == folder_b
        pairs = [(x, y) for x in left for y in right if not (same_run and x == y)]
    else:
        pairs = [(name, name) for name in left if name in right]
    found = [_pair(x, left[x], y, right[y], metrics, sort_by) for x, y in pairs]
    found = [c for c in found if c.differences]
    if not found:
        raise InputError(
            f"Nothing to compare: {a} and {b} share no case of a common system; name systems as DIR:SYSTEM"
        )
    return found


def _systems(folder: Path, system: str) -> dict[str, list[Row]]:
    groups = by_system(load_rows(folder))
    if not system:
        return groups
    if system not in groups:
        raise InputError(f"{folder} has no system {system!r}; it has: {', '.join(groups)}")
    return {system: groups[system]}


def _pair(
    a: str, rows_a: Sequence[Row], b: str, rows_b: Sequence[Row], metrics: Sequence[str], sort_by: str
) -> Comparison:
    differences = {}
    for name in metrics:
        found = paired(by_case(rows_a, name), by_case(rows_b, name))
        if found is not None:
            differences[name] = found
    before, after = by_case(rows_a, sort_by), by_case(rows_b, sort_by)
    changes = [Change(case, before[case], after[case]) for case in before.keys() & after.keys()]
    changes.sort(key=lambda c: (-abs(c.b - c.a), c.case))
    return Comparison(a, b, differences, tuple(c for c in changes[:MOST_CHANGED] if c.a != c.b))


def as_text(comparison: Comparison) -> str:
    """Return the comparison as a table for a terminal or a README (Markdown)."""
    lines = [
        f"### {comparison.b} against {comparison.a}",
        "",
        f"| metric | {comparison.a} | {comparison.b} | difference (95% interval) | p | better/same/worse cases | |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for name, d in comparison.differences.items():
        metric = metric_of(name)
        n = max(2, metric.digits)
        lower = metric.better == "lower"
        better, worse = (d.losses, d.wins) if lower else (d.wins, d.losses)
        lines.append(
            f"| {name} | {d.mean_a:.{n}f} | {d.mean_b:.{n}f} | {d.mean:+.{n}f} ({d.low:+.{n}f} to {d.high:+.{n}f}) | "
            f"{d.p:.3f} | {better}/{d.ties}/{worse} | {verdict(name, d)} |"
        )
    if comparison.changes:
        lines += ["", "Cases that changed most (score):", ""]
        lines += [f"- {c.case}: {c.a:.1f} -> {c.b:.1f} ({c.b - c.a:+.1f})" for c in comparison.changes]
    return "\n".join(lines)


def verdict(name: str, difference: Difference) -> str:
    """Return ``better``, ``worse`` or ``changed`` for a significant difference, else ``not significant``."""
    better = metric_of(name).better
    if not difference.significant:
        return "not significant"
    if better == "neither":
        return "changed"
    return "better" if (difference.mean > 0) == (better == "higher") else "worse"
