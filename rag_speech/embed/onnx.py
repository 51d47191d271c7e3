"""The default embedder: the bundled multilingual-e5-small on onnxruntime, without importing torch.

Each text goes through the model by itself. The int8 graph scales its activations by the largest value in
the batch, so a text's vector would otherwise depend on its neighbours (cosine .996 between batches of 1 and
32); one text a call is as fast on a CPU, needs no padding, and makes a vector a pure function of its text.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rag_speech.embed.base import Kind
from rag_speech.errors import ModelNotReadyError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL_DIR: Final = Path(__file__).resolve().parent / "model"
PREFIXES: Final[dict[Kind, str]] = {"query": "query: ", "document": "passage: "}
_PARALLEL_FROM = 8
"""Fewer texts than this are not worth waking threads for."""


class OnnxModel:
    """Tokenizer and graph of a model folder; :meth:`encode` maps one prefixed text to its unit vector."""

    def __init__(self, folder: Path) -> None:
        """Load and verify the folder. Raises ModelNotReadyError for a missing file or a wrong digest."""
        import onnxruntime
        from tokenizers import Tokenizer

        card = read_card(folder)
        graph = _verified(folder, "model_int8.onnx", card)
        vocabulary = _verified(folder, "tokenizer.json", card)
        options = onnxruntime.SessionOptions()
        # Several texts run side by side on one session; threads inside one text would only fight over cores.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.name: str = f"{card['name']}@{card['files']['model_int8.onnx'][:12]}"
        self.dimensions: int = card["dimensions"]
        self._session: Any = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self.tokenizer: Any = Tokenizer.from_buffer(vocabulary)
        self.tokenizer.enable_truncation(card["max_tokens"])

    def encode(self, text: str) -> NDArray[np.float32]:
        """Return float32 ``(dimensions,)`` of length 1 for a text that carries its prefix."""
        return self.run(self.tokenizer.encode(text).ids)

    def run(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Return the unit vector of one sequence of token ids."""
        import numpy as np

        row = np.array([ids], dtype=np.int64)
        feed = {"input_ids": row, "attention_mask": np.ones_like(row)}
        vector: NDArray[np.float32] = self._session.run(None, feed)[0][0]
        return vector


class OnnxEmbedder:
    """Embeds with the bundled model, or another folder of the same layout."""

    def __init__(self, folder: Path = MODEL_DIR) -> None:
        self._model = OnnxModel(folder)
        self._workers = usable_cores()

    @property
    def name(self) -> str:
        return f"onnx:{self._model.name}"

    @property
    def dimensions(self) -> int:
        return self._model.dimensions

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Return float32 ``(len(texts), dimensions)``; long texts are cut at 512 tokens."""
        import numpy as np

        prefixed = [PREFIXES[kind] + text for text in texts]
        out = np.empty((len(prefixed), self.dimensions), dtype=np.float32)
        if len(prefixed) < _PARALLEL_FROM or self._workers == 1:
            for i, text in enumerate(prefixed):
                out[i] = self._model.encode(text)
            return out
        # Longest first, so that no thread is left with a long text at the end.
        order = sorted(range(len(prefixed)), key=lambda i: -len(prefixed[i]))
        with ThreadPoolExecutor(self._workers) as pool:
            vectors = pool.map(self._model.encode, [prefixed[i] for i in order])
            for i, vector in zip(order, vectors, strict=True):
                out[i] = vector
        return out


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_card(folder: Path) -> dict[str, Any]:
    """Return the folder's ``model.json``: name, dimensions, max_tokens and the SHA-256 of each file."""
    try:
        card: dict[str, Any] = json.loads((folder / "model.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelNotReadyError(
            f"The embedding model in {folder} has no readable model.json; reinstall rag-speech."
        ) from error
    return card


def _verified(folder: Path, file: str, card: dict[str, Any]) -> bytes:
    try:
        data = (folder / file).read_bytes()
    except OSError as error:
        raise ModelNotReadyError(
            f"The embedding model's file {folder / file} cannot be read ({error.strerror}); "
            "reinstall rag-speech."
        ) from error
    expected, found = card["files"][file], hashlib.sha256(data).hexdigest()
    if found != expected:
        raise ModelNotReadyError(
            f"The embedding model's file {folder / file} is damaged: expected SHA-256 {expected}, "
            f"found {found}; reinstall rag-speech."
        )
    return data
