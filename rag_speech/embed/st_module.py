"""The bundled model as a sentence-transformers module, named by ``model/modules.json``.

Only sentence-transformers imports this file: ``SentenceTransformer(MODEL_DIR, trust_remote_code=True)``
(it asks for that flag before it loads a class from any package but its own).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from sentence_transformers.base.modules import InputModule

from rag_speech.embed.onnx import MODEL_DIR, OnnxModel


class OnnxSentenceModule(InputModule):
    """Tokenizes, runs the int8 graph text by text, and returns pooled unit vectors."""

    def __init__(self, folder: str | Path = MODEL_DIR) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._folder = Path(folder)
        self._model = OnnxModel(self._folder)
        self.tokenizer = self._model.tokenizer

    @classmethod
    def load(cls, model_name_or_path: str, *_: Any, **__: Any) -> OnnxSentenceModule:
        return cls(model_name_or_path)

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> dict[str, Any]:
        rows = [e.ids for e in self.tokenizer.encode_batch([(prompt or "") + str(text) for text in inputs])]
        width = max(map(len, rows), default=0)
        return {
            "input_ids": torch.tensor([r + [1] * (width - len(r)) for r in rows]),
            "attention_mask": torch.tensor([[1] * len(r) + [0] * (width - len(r)) for r in rows]),
        }

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        rows = zip(features["input_ids"].tolist(), features["attention_mask"].sum(1).tolist(), strict=True)
        features["sentence_embedding"] = torch.stack(
            [torch.from_numpy(self._model.run(i[:n])) for i, n in rows]
        )
        return features

    def get_embedding_dimension(self) -> int:
        return self._model.dimensions

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Copy the model's files to ``output_path``."""
        import shutil

        shutil.copytree(self._folder, output_path, dirs_exist_ok=True)
