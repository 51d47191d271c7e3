"""Any OpenAI-compatible embeddings endpoint, through the ``openai`` client (``openai:<model>``)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rag_speech.embed.base import Kind
from rag_speech.errors import BadReplyError, ConfigError, ModelError
from rag_speech.llm.failures import Failure, clean_detail, to_error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BATCH = 10
"""Texts a request: the smallest limit among the common providers."""
_TIMEOUT_SECONDS = 60.0
_RETRIES = 4
"""The client's own retries, with backoff and Retry-After, on 408, 409, 429, 5xx and connection errors."""


class EndpointEmbedder:
    """Embeds over HTTP. ``query_prefix`` and ``document_prefix`` are for models that want them (e5, bge)."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        query_prefix: str = "",
        document_prefix: str = "",
    ) -> None:
        """``base_url`` and ``api_key`` default to OPENAI_BASE_URL and OPENAI_API_KEY.

        Raises ConfigError when there is neither a key nor a base URL (a local server may need no key).
        """
        from openai import OpenAI

        self._where = base_url or os.environ.get("OPENAI_BASE_URL") or ""
        key = api_key or os.environ.get("OPENAI_API_KEY") or ("unused" if self._where else "")
        if not key:
            raise ConfigError(
                f"The embedder 'openai:{model}' needs OPENAI_API_KEY, or OPENAI_BASE_URL of a local server."
            )
        self._secret = key
        self._model = model
        self._prefixes: dict[Kind, str] = {"query": query_prefix, "document": document_prefix}
        self._client: Any = OpenAI(
            base_url=self._where or None, api_key=key, timeout=_TIMEOUT_SECONDS, max_retries=_RETRIES
        )
        self._dimensions = 0

    @property
    def name(self) -> str:
        marks = [p for p in self._prefixes.values() if p]
        return f"openai:{self._model}" + (f"+{'|'.join(marks)}" if marks else "")

    @property
    def dimensions(self) -> int:
        """As the endpoint answers; the first use asks it to embed one character."""
        if not self._dimensions:
            self.embed(["文"], "document")
        return self._dimensions

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """Return float32 ``(len(texts), dimensions)``. Raises EndpointError and its kin, or BadReplyError."""
        import numpy as np

        prefix = self._prefixes[kind]
        batches = [
            self._ask([prefix + t for t in texts[i : i + _BATCH]]) for i in range(0, len(texts), _BATCH)
        ]
        return np.concatenate(batches) if batches else np.empty((0, self.dimensions), dtype=np.float32)

    def _ask(self, texts: list[str]) -> NDArray[np.float32]:
        import numpy as np
        import openai

        try:
            # Empty input is refused by most endpoints; a space has a vector.
            answer = self._client.embeddings.create(
                model=self._model, input=[t or " " for t in texts], encoding_format="float"
            )
        except openai.OpenAIError as error:
            raise self._failed(error) from error
        try:
            rows = {item.index: item.embedding for item in answer.data}
            vectors = np.array([rows[i] for i in range(len(texts))], dtype=np.float32)
            lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadReplyError(f"{self._server} did not answer with one embedding for each text.") from error
        if not np.isfinite(vectors).all() or not lengths.all():
            raise BadReplyError(f"{self._server} sent an embedding that is not a usable vector.")
        if self._dimensions and vectors.shape[1] != self._dimensions:
            raise BadReplyError(
                f"{self._server} changed its vectors' size from {self._dimensions} to {vectors.shape[1]}."
            )
        self._dimensions = int(vectors.shape[1])
        unit: NDArray[np.float32] = vectors / lengths
        return unit

    @property
    def _server(self) -> str:
        return f"The embeddings endpoint {self._where or 'of OpenAI'}"

    def _failed(self, error: Exception) -> ModelError:
        import openai

        detail = clean_detail(str(error), [self._secret])
        if isinstance(error, openai.APIStatusError):
            failure = Failure("status", detail, status=error.status_code, request_id=error.request_id)
        elif isinstance(error, openai.APITimeoutError):
            failure = Failure("timeout", detail)
        elif isinstance(error, openai.APIConnectionError):
            failure = Failure("connection", detail)
        else:
            failure = Failure("garbled", detail)
        return to_error(failure, where=self._server, model=self._model, tries=_RETRIES + 1)
