"""Whether a measure says what readers say: rank correlation, hand-in, and how far readers agree among themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag_speech.checks.run import CheckReport, make_context, run_checks
from rag_speech.errors import InputError
from rag_speech.evals.cases import Case
from rag_speech.evals.drafts import DraftText
from rag_speech.evals.readings import DRAFTS, KINDS, Reading, load_lines, load_readings
from rag_speech.evals.stats import rank_correlation
from rag_speech.evals.tally import mean

CODE = "code"
"""The name of the checks' score beside the reading models'."""
HAND_IN = 0.5
"""Share of a draft's readers who must say so for it to count as fit to hand in."""
APART = 5
"""Points between two drafts from which readers count as having an order for them."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What readers say of a draft together: mean score, and the share of them who would hand it in."""

    draft: str
    brief: str
    system: str
    score: float
    hand_in: float
    readers: int

    @property
    def fit(self) -> bool:
        """Whether at least half of its readers would hand it in."""
        return self.hand_in >= HAND_IN


@dataclass(frozen=True, slots=True)
class Guess:
    """What a measure says of a draft; the score runs from 0 to 100."""

    score: float
    hand_in: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """A measure against the readers' means. ``rho`` is Spearman's, with the 95% interval over briefs; None when undefined.

    ``hand_in`` is the share of drafts whose fitness to hand in is told right, ``usual`` what one would get by
    always saying what is more frequent.
    """

    measure: str
    drafts: int
    rho: float | None
    low: float | None
    high: float | None
    hand_in: float
    usual: float
    pairs: int
    ordered: float | None
    """Share of the ``pairs`` of drafts to one brief, clearly apart to readers, that the measure puts in their order."""


@dataclass(frozen=True, slots=True)
class Between:
    """Two readers on the drafts that both read: correlation, mean absolute difference, same word on handing in."""

    first: str
    second: str
    drafts: int
    rho: float | None
    apart: float
    hand_in: float


@dataclass(frozen=True, slots=True)
class Study:
    """All that a folder of readings tells of measures and readers. ``readers`` are people's and models' readings."""

    readers: tuple[Reading, ...]
    truths: Mapping[str, Truth]
    guesses: Mapping[str, Mapping[str, Guess]]
    """By measure and draft."""
    measures: tuple[Agreement, ...]
    between: tuple[Between, ...]


def study(folder: Path, cases: Mapping[str, Case]) -> Study:
    """Compare every measure with the readers: the checks' score, scored anew, and each reading model.

    Raises InputError when the folder holds no readings by readers.
    """
    readings = load_readings(folder)
    by_readers = truths(readings)
    if not by_readers:
        raise InputError(f"{folder} holds readings of the reading model only, none by a reader")
    drafts = [d for d in load_lines(DraftText, folder / DRAFTS) if d.id in by_readers]
    guesses = {CODE: checked(drafts, cases), **judged(readings)}
    measures = [agree(name, own, by_readers) for name, own in guesses.items()]
    return Study(
        tuple(r for r in readings if r.kind != "judge"),
        by_readers,
        guesses,
        tuple(m for m in measures if m),
        tuple(between(readings)),
    )


def truths(readings: Iterable[Reading]) -> dict[str, Truth]:
    """Return what readers say of each draft; the reading model is no reader."""
    found: dict[str, list[Reading]] = defaultdict(list)
    for r in readings:
        if r.kind != "judge":
            found[r.draft].append(r)
    return {
        draft: Truth(
            draft,
            own[0].brief,
            own[0].system,
            sum(r.score for r in own) / len(own),
            sum(r.hand_in for r in own) / len(own),
            len(own),
        )
        for draft, own in found.items()
    }


def judged(readings: Iterable[Reading]) -> dict[str, dict[str, Guess]]:
    """Return what each reading model says of each draft, by the model's name."""
    found: dict[str, dict[str, Guess]] = defaultdict(dict)
    for r in readings:
        if r.kind == "judge":
            found[r.reader][r.draft] = Guess(r.score, r.hand_in)
    return dict(found)


def checked(drafts: Iterable[DraftText], cases: Mapping[str, Case]) -> dict[str, Guess]:
    """Return what the checks say of each draft whose case is known, with its brief: score, and PASS as hand-in."""
    return {
        d.id: Guess(report.score.total, report.verdict == "PASS")
        for d in drafts
        if d.case in cases
        for report in [_check(d.text, cases[d.case])]
    }


def _check(text: str, case: Case) -> CheckReport:
    return run_checks(make_context(text, brief=case.brief, generated=True))


def agree(measure: str, guesses: Mapping[str, Guess], by_readers: Mapping[str, Truth]) -> Agreement | None:
    """Compare a measure with the readers on the drafts that both know; None when there are none."""
    shared = [(guesses[d], by_readers[d]) for d in by_readers if d in guesses]
    if not shared:
        return None
    found = rank_correlation(
        [g.score for g, _ in shared], [t.score for _, t in shared], [t.brief for _, t in shared]
    )
    fit = sum(t.fit for _, t in shared) / len(shared)
    right = sum(g.hand_in == t.fit for g, t in shared) / len(shared)
    pairs = [
        (g.score - h.score) * (t.score - u.score)
        for i, (g, t) in enumerate(shared)
        for h, u in shared[i + 1 :]
        if t.brief == u.brief and abs(t.score - u.score) >= APART
    ]
    ordered = sum(1.0 if p > 0 else 0.5 if p == 0 else 0.0 for p in pairs) / len(pairs) if pairs else None
    return Agreement(measure, len(shared), *found, right, max(fit, 1 - fit), len(pairs), ordered)


def between(readings: Iterable[Reading]) -> list[Between]:
    """Compare each two readers that read the same drafts, those with most drafts in common first."""
    by_reader: dict[str, dict[str, Reading]] = defaultdict(dict)
    for r in readings:
        if r.kind != "judge":
            by_reader[r.reader][r.draft] = r
    names = sorted(by_reader)
    out = []
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            shared = sorted(by_reader[first].keys() & by_reader[second].keys())
            pairs = [(by_reader[first][d], by_reader[second][d]) for d in shared]
            if not pairs:
                continue
            rho, _, _ = rank_correlation(
                [a.score for a, _ in pairs], [b.score for _, b in pairs], [a.brief for a, _ in pairs]
            )
            apart = sum(abs(a.score - b.score) for a, b in pairs) / len(pairs)
            same = sum(a.hand_in == b.hand_in for a, b in pairs) / len(pairs)
            out.append(Between(first, second, len(pairs), rho, apart, same))
    return sorted(out, key=lambda b: -b.drafts)


@dataclass(frozen=True, slots=True)
class Summary:
    """What readers say of a system. ``rubric`` is the share of items met, ``violations`` their number a reading."""

    system: str
    drafts: int
    readings: int
    hand_in: float
    score: float
    rubric: float | None
    violations: float


def summarise(readings: Iterable[Reading]) -> list[Summary]:
    """Return a summary a system, the best first."""
    groups: dict[str, list[Reading]] = defaultdict(list)
    for r in readings:
        groups[r.system].append(r)
    out = [
        Summary(
            system,
            len({r.draft for r in own}),
            len(own),
            sum(r.hand_in for r in own) / len(own),
            sum(r.score for r in own) / len(own),
            mean([float(i.met) for r in own for i in r.rubric]),
            sum(len(r.violations) for r in own) / len(own),
        )
        for system, own in groups.items()
    ]
    return sorted(out, key=lambda s: -s.score)


def readers_table(readings: Sequence[Reading]) -> str:
    """Return a line a system as a Markdown table, best first, and what the readers were."""
    lines = [
        "| system | drafts | hand in | mean score | rubric met | violations a draft |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for s in summarise(readings):
        met = "–" if s.rubric is None else f"{s.rubric:.0%}"
        lines.append(
            f"| {s.system} | {s.drafts} | {s.hand_in:.0%} | {s.score:.1f} | {met} | {s.violations:.2f} |"
        )
    return "\n".join([*lines, "", who_read(readings)])


def who_read(readings: Sequence[Reading]) -> str:
    """Return in a sentence what the readers were, and when they read."""
    names: dict[str, set[str]] = defaultdict(set)
    for r in readings:
        names[KINDS[r.kind]].add(r.reader)
    days = sorted({r.date for r in readings})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    kinds = "; ".join(f"{', '.join(sorted(who))}: {what}" for what, who in names.items())
    return f"{len(readings)} readings, {when}. Readers: {kinds}."


def as_text(found: Sequence[Agreement], readers: Sequence[Between]) -> str:
    """Return the agreement as Markdown tables for a terminal or a document."""
    lines = [
        "| measure | drafts | rank correlation with readers (95%) | hand-in told right | by always guessing the usual | pairs of a brief in readers' order |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for a in found:
        lines.append(
            f"| {a.measure} | {a.drafts} | {_rho(a.rho)}{_interval(a)} | {a.hand_in:.0%} | {a.usual:.0%} "
            f"| {'–' if a.ordered is None else f'{a.ordered:.0%} of {a.pairs}'} |"
        )
    if readers:
        lines += [
            "",
            "| two readers | drafts | rank correlation | points apart | same on handing in |",
            "| --- | ---: | ---: | ---: | ---: |",
        ]
        lines += [
            f"| {b.first}, {b.second} | {b.drafts} | {_rho(b.rho)} | {b.apart:.1f} | {b.hand_in:.0%} |"
            for b in readers
        ]
    return "\n".join(lines)


def _rho(value: float | None) -> str:
    return "–" if value is None else f"{value:+.2f}"


def _interval(a: Agreement) -> str:
    return "" if a.low is None or a.high is None else f" ({a.low:+.2f} to {a.high:+.2f})"
