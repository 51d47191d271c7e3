"""JSON schemas of answers, in the subset that every endpoint and grammar takes: records, lists with bounds, words to choose."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer", "minimum": 0}


def record(**properties: Schema) -> Schema:
    """Return an object with exactly these properties, all required."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def many(items: Schema, most: int, least: int = 0) -> Schema:
    """Return a list of ``least`` to ``most`` items: a bound keeps a small model from going on for ever."""
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def texts(most: int) -> Schema:
    """Return a list of at most so many strings."""
    return many(TEXT, most)


def choice(words: Iterable[str]) -> Schema:
    """Return one of these words."""
    return {"type": "string", "enum": list(words)}
