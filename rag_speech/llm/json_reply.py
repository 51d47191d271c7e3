"""JSON answers: how they are asked for, read and asked for again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rag_speech.llm.base import Message

MODES = ("json_schema", "json_object", "prompt")
"""From the strictest to the loosest way to ask for JSON; an endpoint that refuses one gets the next."""

_FENCE = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.S)
_SHOWN_ATTEMPT = 2000


def response_format(mode: str, schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the request's ``response_format`` for ``mode``; None when the prompt alone must do."""
    if mode == "json_schema":
        return {"type": mode, "json_schema": {"name": "reply", "schema": dict(schema), "strict": True}}
    return {"type": mode} if mode == "json_object" else None


def with_schema_in_prompt(messages: Sequence[Message], schema: Mapping[str, Any]) -> tuple[Message, ...]:
    """Return ``messages`` with the schema at the end of the last one."""
    *rest, last = messages
    text = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    ask = f"{last.content}\n\n只输出一个符合下面 JSON Schema 的 JSON 对象，不要解释，不要代码块：\n{text}"
    return (*rest, Message(last.role, ask))


def with_complaint(messages: Sequence[Message], attempt: str, problem: str) -> tuple[Message, ...]:
    """Return ``messages`` with the failed attempt and a request to correct it."""
    ask = f"上面的输出不符合要求（{problem}）。只输出改正后的 JSON 对象，不要解释。"
    return (*messages, Message("assistant", attempt[:_SHOWN_ATTEMPT]), Message("user", ask))


def parse(text: str, schema: Mapping[str, Any]) -> Any:
    """Return the JSON value in ``text``, which may stand in a code fence or between sentences.

    Raises ValueError, whose text says what is wrong, when there is none or it does not satisfy ``schema``.
    """
    value = _decode(text)
    from jsonschema import Draft202012Validator

    error = next(iter(Draft202012Validator(dict(schema)).iter_errors(value)), None)
    if error is not None:
        where = "/".join(str(step) for step in error.absolute_path) or "top level"
        raise ValueError(f"{where}: {error.message[:200]}")
    return value


def _decode(text: str) -> Any:
    fenced = _FENCE.search(text)
    candidates = [text.strip(), *([fenced.group(1)] if fenced else [])]
    start, end = text.find("{"), text.rfind("}")
    if 0 <= start < end:
        candidates.append(text[start : end + 1])
    problem = "no JSON object"
    for candidate in candidates:
        try:
            value = json.loads(candidate)
        except (ValueError, RecursionError) as error:
            problem = f"invalid JSON: {error}"
        else:
            return value
    raise ValueError(problem)
