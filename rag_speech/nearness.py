"""How near a sentence is to what its paragraph is about, and to another one, by the embedding model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]


class Nearness:
    """Measures a sentence against sentences that could stand in any speech.

    Bare cosines of one embedding model lie close together and differ from topic to topic; the distance from
    sentences that say nothing in particular is comparable. Vectors are kept for the life of the object; those of
    ``general`` and of what it is to :meth:`learn` come from ``embed_bundled``, which may keep them longer.
    """

    def __init__(self, embed: Embed, general: Sequence[str], embed_bundled: Embed | None = None) -> None:
        self._embed, self._texts = embed, list(general)
        self._embed_bundled = embed_bundled or embed
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
        if text not in self._vectors:
            self._vectors[text] = self._embed([text])[0]
        return self._vectors[text]

    def learn(self, texts: Iterable[str]) -> None:
        """Embed sentences that come with the prompts, the new ones in one go: half the time of one by one."""
        if new := [t for t in dict.fromkeys(texts) if t not in self._vectors]:
            self._vectors.update(zip(new, self._embed_bundled(new), strict=True))

    @cached_property
    def _general(self) -> NDArray[np.float32]:
        return self._embed_bundled(self._texts)
