"""From a setting's words to an embedder."""

from __future__ import annotations

from collections.abc import Callable

from rag_speech.embed.base import Embedder
from rag_speech.errors import ConfigError


def _default(_: str) -> Embedder:
    from rag_speech.embed.onnx import OnnxEmbedder

    return OnnxEmbedder()


def _hash(_: str) -> Embedder:
    from rag_speech.embed.hashing import HashEmbedder

    return HashEmbedder()


def _sentence_transformers(model: str) -> Embedder:
    from rag_speech.embed.sentence_transformers import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder(model)


def _endpoint(model: str) -> Embedder:
    from rag_speech.embed.endpoint import EndpointEmbedder

    return EndpointEmbedder(model)


EMBEDDERS: dict[str, tuple[Callable[[str], Embedder], str]] = {
    "default": (_default, ""),
    "hash": (_hash, ""),
    "st": (_sentence_transformers, "<id or folder>"),
    "openai": (_endpoint, "<model>"),
}
"""Scheme: the function that makes the embedder, and what stands after the scheme's colon."""


def get_embedder(spec: str = "default") -> Embedder:
    """Return the embedder for ``spec``: ``default``, ``hash``, ``st:<id or folder>`` or ``openai:<model>``.

    Raises ConfigError for an unknown or incomplete spec, ModelNotReadyError when the model cannot be loaded.
    """
    scheme, _, argument = spec.partition(":")
    row = EMBEDDERS.get(scheme)
    if row is None or bool(argument) != bool(row[1]):
        known = ", ".join(f"{s}:{a}" if a else s for s, (_, a) in EMBEDDERS.items())
        raise ConfigError(f"Unknown embedder {spec!r}; use one of: {known}.")
    return row[0](argument)
