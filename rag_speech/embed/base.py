"""What an embedder is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["query", "document"]


class Embedder(Protocol):
    """Turns texts into unit vectors.

    ``name`` identifies the model and its weights: vectors of two different names must never be compared.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Return float32 ``(len(texts), dimensions)``, each row of length 1. Raises ModelError."""
        ...
