"""Tells what a leader would leave in from a small model's filler: a linear measure on the embedding of a sentence.

Fitted by ``scripts/fit_worth.py`` to sentences that readers struck or left in (``eval/labels/sentences.jsonl``). It ranks
a good sentence above a struck one in two of three pairs; so it lowers the share of filler and ends no argument.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rag_speech.prompts import Prompts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Worth:
    """Scores sentences; ``vector`` embeds one with the embedder that the weights were fitted on."""

    def __init__(
        self, vector: Callable[[str], NDArray[np.float32]], weights: NDArray[np.float64], limit: float
    ) -> None:
        self._vector, self._weights, self._limit = vector, weights, limit

    def __call__(self, sentence: str) -> float:
        """Return how far ``sentence`` lies above the limit; below 0 it is filler."""
        return float(self._vector(sentence) @ self._weights[:-1] + self._weights[-1]) - self._limit


def load_worth(prompts: Prompts, embedder: str, vector: Callable[[str], NDArray[np.float32]]) -> Worth | None:
    """Return the measure of a prompt set, or None when its weights are for another embedder.

    Raises ConfigError when the file of weights is missing or malformed.
    """
    import numpy as np

    table = prompts.data("draft/worth")
    if table["embedder"] != embedder:
        return None
    return Worth(vector, np.array(table["weights"], dtype=np.float64), table["limit"])
