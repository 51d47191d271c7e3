"""A deterministic embedder without a model, for tests and for trying the pipeline out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zlib import crc32

from rag_speech.embed.base import Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class HashEmbedder:
    """Hashes characters and bigrams into signed buckets: texts that share words are near, nothing more."""

    def __init__(self, dimensions: int = 256) -> None:
        self._dimensions = dimensions

    @property
    def name(self) -> str:
        return f"hash:{self._dimensions}"

    @property
    def dimensions(self) -> int:
        return self._dimensions

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:  # noqa: ARG002 - one space for both
        """Return float32 ``(len(texts), dimensions)``; a text without characters gets the first axis."""
        import numpy as np

        out = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for i, text in enumerate(texts):
            row = out[i]
            for gram in (*text, *(text[i : i + 2] for i in range(len(text) - 1))):
                code = crc32(gram.encode())
                row[code % self._dimensions] += 1.0 if code & 0x8000_0000 else -1.0
            length = float(np.linalg.norm(row))
            if length:
                out[i] = row / length
            else:
                out[i] = np.eye(1, self._dimensions)
        return out
