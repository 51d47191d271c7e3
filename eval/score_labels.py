"""Measure the checks against labels of real speeches: recall and precision, per code.

    python eval/score_labels.py LABELS_DIR SEEDS_DIR

A label is found when a finding of its code overlaps one of its places (for an absent thing: when the code was
raised at all). A finding is right when it overlaps a label of its code, or a place listed in
``eval/labels/adjudicated.toml``, where a second reading says why the label sheet lacks it. Codes that no label
sheet uses are printed apart: nothing is known about their precision. Exit 0 when the gates hold, 1 when not,
2 when the folders are missing.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from rag_speech.checks import check
from rag_speech.types import Finding

FAMILIES = frozenset("SABCDEFHNP")
AS_OF = date(2026, 11, 20)
GATE = 0.90


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled defect; ``places`` are half-open ranges, empty when something is absent."""

    seed: str
    code: str
    severity: str
    fragment: str
    places: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class Tally:
    """Counts of one code."""

    labels: int = 0
    found: int = 0
    raised: int = 0
    right: int = 0
    adjudicated: int = 0
    missed: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Recall and precision over the families, and what each code did."""

    recall: float
    precision: float
    strict_precision: float
    hand_recall: float
    hand_precision: float
    """The same without P-HALF, whose many labels a rule counted."""
    p0_recall: float
    codes: dict[str, Tally]

    @property
    def holds(self) -> bool:
        """Whether the gates hold."""
        rates = (self.recall, self.precision, self.hand_recall, self.hand_precision)
        return min(rates) >= GATE and self.p0_recall == 1.0


def read_labels(folder: Path) -> list[Label]:
    """Read every label sheet of a folder."""
    labels = []
    for path in sorted(folder.glob("*.json")):
        for row in json.loads(path.read_text("utf-8")):
            shown = row["fragment"] or ""
            places = tuple((at, at + len(shown)) for at in row.get("offsets", ())) if shown else ()
            labels.append(Label(row["seed"], row["code"], row["sev"], shown, places))
    return labels


def read_adjudicated(path: Path) -> list[tuple[str, str, str]]:
    """Read (seed, code, fragment) of findings that a second reading found right though no label has them."""
    rows = tomllib.loads(path.read_text("utf-8"))["finding"]
    return [(row["seed"], row["code"], text) for row in rows for text in row["fragments"]]


def measure(labels: list[Label], seeds: Path, adjudicated: list[tuple[str, str, str]]) -> Verdict:
    """Check every labelled seed and compare."""
    codes: dict[str, Tally] = defaultdict(Tally)
    p0 = p0_found = 0
    for seed in sorted({label.seed for label in labels}):
        text = (seeds / f"{seed}.txt").read_text("utf-8")
        findings = [f for f in check(text, as_of=AS_OF).findings if f.code[0] in FAMILIES]
        own = [x for x in labels if x.seed == seed and x.code[0] in FAMILIES]
        for label in own:
            found = any(_meets(label, f) for f in findings)
            tally = codes[label.code]
            tally.labels += 1
            tally.found += found
            if not found:
                tally.missed.append(f"{seed} {label.severity} {label.fragment or '(absent)'}")
            p0 += label.severity == "P0"
            p0_found += found and label.severity == "P0"
        allowed = [(code, text_) for s, code, text_ in adjudicated if s == seed]
        for finding in findings:
            _count(codes[finding.code], finding, own, allowed, seed, text)
    known = {label.code for label in labels}
    return _verdict(dict(codes), known, p0_found / p0 if p0 else 1.0)


def _meets(label: Label, finding: Finding) -> bool:
    if label.code != finding.code:
        return False
    if not label.places or finding.span is None:
        return not label.places and finding.span is None
    return any(finding.span.start < end and start < finding.span.end for start, end in label.places)


def _count(
    tally: Tally,
    finding: Finding,
    labels: list[Label],
    allowed: list[tuple[str, str]],
    seed: str,
    text: str,
) -> None:
    tally.raised += 1
    if any(_meets(label, finding) for label in labels):
        tally.right += 1
        return
    span = finding.span
    around = text[max(0, span.start - 6) : span.end + 6] if span else ""
    if any(code == finding.code and shown in around for code, shown in allowed):
        tally.adjudicated += 1
    else:
        tally.extra.append(
            f"{seed} {finding.severity} {around.replace(chr(10), '⏎')[:40] or finding.message}"
        )


def _verdict(codes: dict[str, Tally], known: set[str], p0_recall: float) -> Verdict:
    judged = [t for code, t in codes.items() if code in known]
    labels, found = sum(t.labels for t in judged), sum(t.found for t in judged)
    raised = sum(t.raised for t in codes.values())
    right = sum(t.right for t in codes.values())
    agreed = right + sum(t.adjudicated for t in codes.values())
    half = codes.get("P-HALF", Tally())
    return Verdict(
        recall=found / labels,
        precision=agreed / raised,
        strict_precision=right / raised,
        hand_recall=(found - half.found) / (labels - half.labels),
        hand_precision=(agreed - half.right - half.adjudicated) / (raised - half.raised),
        p0_recall=p0_recall,
        codes=codes,
    )


def main() -> int:
    """Print the table and tell whether the gates hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labels", type=Path)
    parser.add_argument("seeds", type=Path)
    parser.add_argument("--missed", action="store_true", help="list every miss and every extra finding")
    options = parser.parse_args()
    labels = read_labels(options.labels) if options.labels.is_dir() else []
    if not labels or not options.seeds.is_dir():
        print(f"No label sheets in {options.labels} or no speeches in {options.seeds}.", file=sys.stderr)
        return 2
    verdict = measure(
        labels, options.seeds, read_adjudicated(Path(__file__).parent / "labels/adjudicated.toml")
    )
    print(f"{'code':<12}{'labels':>7}{'recall':>8}{'raised':>8}{'right':>7}{'adjud.':>8}{'precision':>11}")
    for code, t in sorted(verdict.codes.items()):
        recall = f"{t.found / t.labels:.2f}" if t.labels else "-"
        precision = f"{(t.right + t.adjudicated) / t.raised:.2f}" if t.raised else "-"
        print(f"{code:<12}{t.labels:>7}{recall:>8}{t.raised:>8}{t.right:>7}{t.adjudicated:>8}{precision:>11}")
        for line in (
            [*(f"  missed {m}" for m in t.missed), *(f"  extra  {e}" for e in t.extra)]
            if options.missed
            else ()
        ):
            print(line)
    print(f"recall {verdict.recall:.3f}  P0 recall {verdict.p0_recall:.3f}")
    print(f"precision {verdict.precision:.3f}  without adjudication {verdict.strict_precision:.3f}")
    print(f"without P-HALF: recall {verdict.hand_recall:.3f}  precision {verdict.hand_precision:.3f}")
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    raise SystemExit(main())
