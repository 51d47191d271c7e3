"""How near a sentence is to what its paragraph is about, and to another one, by the embedding model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Nearness:
    """Measures a sentence against sentences that could stand in any speech.

    Bare cosines of one embedding model lie close together and differ from topic to topic; the distance from
    sentences that say nothing in particular is comparable. Vectors are kept for the life of the object.
    """

    def __init__(self, embed: Callable[[Sequence[str]], NDArray[np.float32]], general: Sequence[str]) -> None:
        self._embed, self._texts = embed, list(general)
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._zero: dict[str, float] = {}

    def __call__(self, sentence: str, topic: str) -> float:
        """Return by how much ``sentence`` is nearer to ``topic`` than general sentences are on average (cosine)."""
        about = self.vector(topic)
        if topic not in self._zero:
            self._zero[topic] = float((self._general @ about).mean())
        return float(self.vector(sentence) @ about) - self._zero[topic]

    def likeness(self, one: str, other: str) -> float:
        """Return the cosine of two sentences; above .95 one says the other in other words."""
        return float(self.vector(one) @ self.vector(other))

    def vector(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of ``text``."""
        self.learn([text])
        return self._vectors[text]

    def learn(self, texts: Iterable[str]) -> None:
        """Embed those of ``texts`` that are new in one go: half the time of one by one, and the same vectors."""
        if new := [t for t in dict.fromkeys(texts) if t not in self._vectors]:
            self._vectors.update(zip(new, self._embed(new), strict=True))

    @cached_property
    def _general(self) -> NDArray[np.float32]:
        return self._embed(self._texts)
