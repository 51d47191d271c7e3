"""How much of the labelled website residue and placeholders cleaning removes or flags.

Usage: python eval/score_cleaning.py LABELS_DIR SEEDS_DIR

LABELS_DIR holds NNN.json (records with code, fragment, offsets, line), SEEDS_DIR the texts NNN.txt. Recall is the
share of labels of the classes E-* and D-* whose fragment was touched by a change or flag of class E-* or D-*;
precision is the share of those changes and flags that touch a label (a repeated title may be labelled S-TITLE).
Ends with exit code 1 when either is under 0.95.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from rag_speech.ingest.clean import clean
from rag_speech.types import Span

WANTED = 0.95
_CLASSES = ("E-", "D-")


@dataclass(frozen=True)
class Scored:
    """Counts for one text, and what was missed or wrong."""

    labels: int
    found: int
    changes: int
    right: int
    missed: tuple[str, ...]
    wrong: tuple[str, ...]


def score_text(text: str, labels: list[dict[str, object]]) -> Scored:
    """Compare the changes that cleaning makes in ``text`` with its labels."""
    wanted = [(str(r["code"]), s) for r in labels for s in _spans(r) if str(r["code"]).startswith(_CLASSES)]
    repeats = [s for r in labels if r["code"] == "S-TITLE" for s in _spans(r) if s.start > 0]
    changes = [r for r in clean(text).removals if r.code.startswith(_CLASSES)]
    missed = [
        f"{code} {span.of(text)!r}" for code, span in wanted if not any(_meet(span, r.span) for r in changes)
    ]
    known = [span for _, span in wanted] + repeats
    wrong = [f"{r.code} {r.fragment[:40]!r}" for r in changes if not any(_meet(r.span, s) for s in known)]
    return Scored(
        len(wanted),
        len(wanted) - len(missed),
        len(changes),
        len(changes) - len(wrong),
        tuple(missed),
        tuple(wrong),
    )


def _spans(label: dict[str, object]) -> list[Span]:
    fragment, offsets = label.get("fragment"), label.get("offsets")
    if not isinstance(fragment, str) or not isinstance(offsets, list):
        return []
    return [Span(at, at + len(fragment)) for at in offsets]


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def main(labels_dir: Path, seeds_dir: Path) -> int:
    """Score every labelled text and print the result."""
    total = [0, 0, 0, 0]
    for path in sorted(labels_dir.glob("*.json")):
        text = (seeds_dir / f"{path.stem}.txt").read_text("utf-8")
        scored = score_text(text, json.loads(path.read_text("utf-8")))
        total = [
            a + b
            for a, b in zip(total, (scored.labels, scored.found, scored.changes, scored.right), strict=True)
        ]
        print(
            f"{path.stem}: {scored.found}/{scored.labels} labels found, {scored.right}/{scored.changes} changes right"
        )
        for line in (*(f"missed {m}" for m in scored.missed), *(f"wrong {w}" for w in scored.wrong)):
            print(f"  {line}")
    if not total[0] or not total[2]:
        print("Nothing to score: no labels, or no changes.", file=sys.stderr)
        return 2
    recall, precision = total[1] / total[0], total[3] / total[2]
    print(f"recall {recall:.3f} ({total[1]}/{total[0]}), precision {precision:.3f} ({total[3]}/{total[2]})")
    return 0 if min(recall, precision) >= WANTED else 1


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
