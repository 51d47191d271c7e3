"""Any sentence-transformers model, by hub id or folder (``st:BAAI/bge-small-zh-v1.5``)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag_speech.embed.base import Kind
from rag_speech.errors import ModelNotReadyError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH = 32


class SentenceTransformersEmbedder:
    """Embeds with a model's own query and document prompts. Importing the library takes several seconds."""

    def __init__(self, model: str) -> None:
        """Load ``model``. Raises ModelNotReadyError for neither a model folder nor a hub id."""
        from sentence_transformers import SentenceTransformer

        try:
            self._model: Any = SentenceTransformer(model, trust_remote_code=_is_ours(Path(model)))
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise ModelNotReadyError(
                f"The sentence-transformers model {model!r} cannot be loaded ({reason}); "
                "give a hub id or the folder of a saved model."
            ) from error
        self._name = f"st:{model}{_folder_mark(Path(model))}"

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimensions(self) -> int:
        return int(self._model.get_embedding_dimension())

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Return float32 ``(len(texts), dimensions)``."""
        import numpy as np

        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        encode = self._model.encode_query if kind == "query" else self._model.encode_document
        vectors = encode(list(texts), batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def _is_ours(folder: Path) -> bool:
    """Only our own module class is imported on a folder's word."""
    try:
        modules = json.loads((folder / "modules.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return all(str(m["type"]).startswith("rag_speech.embed.") for m in modules)


def _folder_mark(folder: Path) -> str:
    """Tell apart two models saved in one folder one after the other, by their files' names and sizes."""
    if not folder.is_dir():
        return ""
    files = sorted(
        (p.relative_to(folder).as_posix(), p.stat().st_size) for p in folder.rglob("*") if p.is_file()
    )
    return "@" + hashlib.sha256(repr(files).encode()).hexdigest()[:12]
