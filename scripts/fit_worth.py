"""Fit the weights by which a small model's filler is told from what a leader would leave in.

Reads ``eval/labels/sentences.jsonl`` (sentences that the embedded model wrote, labelled by readers: 0 strike, 1 plain but
passable, 2 good), embeds them with the bundled embedder, fits a ridge regression, prints how well it ranks sentences of
cases that it was not fitted to, and writes ``prompts/draft/worth.toml``.

    python scripts/fit_worth.py
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag_speech.config import Settings
from rag_speech.embed import get_embedder
from rag_speech.files import write_atomic

ROOT = Path(__file__).parents[1]
LABELS = ROOT / "eval" / "labels" / "sentences.jsonl"
OUT = ROOT / "prompts" / "draft" / "worth.toml"
RIDGE = 300.0
DROPPED = 0.85
"""Share of the labelled sentences that lies below the limit; about three of four were struck by their readers."""
FOLDS = 5


def fit(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights (dimensions + 1, the last for a constant) that predict ``y`` (n) from ``x`` (n, dimensions)."""
    ones = np.hstack([x, np.ones((len(x), 1))])
    penalty = RIDGE * len(x) / 1000 * np.eye(ones.shape[1]) / x.shape[1]
    penalty[-1, -1] = 0.0
    weights: NDArray[np.float64] = np.linalg.solve(ones.T @ ones + penalty, ones.T @ y)
    return weights


def scores(x: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the score of every row of ``x``."""
    found: NDArray[np.float64] = x @ weights[:-1] + weights[-1]
    return found


def auc(score: NDArray[np.float64], good: NDArray[np.bool_]) -> float:
    """Return the probability that a good sentence scores above a struck one."""
    above = score[good][:, None] > score[~good][None, :]
    return float(above.mean())


def main() -> None:
    """Fit, report and write."""
    rows = [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()]
    embedder = get_embedder(Settings().embedder)
    x = embedder.embed([r["sentence"] for r in rows], "query").astype(np.float64)
    good = np.array([r["label"] > 0 for r in rows])
    cases = sorted({r["case"] for r in rows})
    fold = np.array([cases.index(r["case"]) % FOLDS for r in rows])
    held_out = np.empty(len(rows))
    for k in range(FOLDS):
        held_out[fold == k] = scores(x[fold == k], fit(x[fold != k], good[fold != k].astype(float)))
    weights = fit(x, good.astype(float))
    limit = float(np.quantile(held_out, DROPPED))
    kept = held_out >= limit
    ranked = auc(held_out, good)
    print(
        f"{len(rows)} sentences, {good.mean():.0%} left in by readers; AUC {ranked:.3f} on cases not fitted to"
    )
    print(f"above the limit {good[kept].mean():.0%} are good, below it {good[~kept].mean():.0%}")
    lines = ",\n  ".join(
        ", ".join(f"{w:.3f}" for w in weights[i : i + 12]) for i in range(0, len(weights), 12)
    )
    write_atomic(
        OUT,
        "# Written by scripts/fit_worth.py from eval/labels/sentences.jsonl: weights over the embedder's dimensions, the\n"
        "# last one constant. A sentence of a small model that scores below the limit is filler.\n"
        f'embedder = "{embedder.name}"\nauc = {ranked:.3f}\nlimit = {limit:.3f}\nweights = [\n  {lines},\n]\n',
    )


if __name__ == "__main__":
    main()
