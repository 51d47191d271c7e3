"""Embedders: texts in, unit vectors out. Model libraries are imported when an embedder is made, not here."""

from __future__ import annotations

from rag_speech.embed.base import Embedder, Kind
from rag_speech.embed.registry import EMBEDDERS, get_embedder

__all__ = ["EMBEDDERS", "Embedder", "Kind", "get_embedder"]
