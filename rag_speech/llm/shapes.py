"""What endpoints send in place of OpenAI's own shapes, read into one record. Pure; knows no SDK.

A stream's event and a whole JSON body have the same parts: ``choices`` with ``delta`` or ``message``, ``usage``,
or an error, which gateways also send with HTTP 200. Sources of the shapes: docs/ENDPOINTS.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag_speech.llm.failures import Failure, clean_detail

_THOUGHT_KEYS = ("reasoning_content", "reasoning", "thinking")
_THOUGHT_PARTS = frozenset({"thinking", "reasoning", "thought", "reasoning_text"})
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.I | re.S)
_HTML = re.compile(r"\s*(?:<!doctype\s+html|<html|<head|<body|<\?xml)", re.I)
_BASE_RESP_STATUS = {1002: 429, 1004: 401, 1008: 402, 1039: 413, 2013: 400, 2049: 401}
"""MiniMax's own codes as the HTTP status that others use; 1026 and 1027 (refused content) have none."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens as reported; ``thinking`` is part of ``completion``, ``cached`` part of ``prompt``; None: not said."""

    prompt: int
    cached: int
    completion: int
    thinking: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """One event of a stream, or a whole answer. ``refusal`` is what a model says in place of an answer."""

    text: str = ""
    thought: str = ""
    finish: str = ""
    model: str = ""
    refusal: str = ""
    counts: Counts | None = None
    failure: Failure | None = None


def read_event(value: object, secrets: Sequence[str] = ()) -> Piece:
    """Read one decoded event or body; whatever it is, the answer is a :class:`Piece`."""
    if not isinstance(value, Mapping):
        return Piece(failure=Failure("garbled", clean_detail(f"not an object: {str(value)[:80]}", secrets)))
    choices = value.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    says_error = value.get("error") or value.get("base_resp")
    if says_error or not isinstance(choice, Mapping):
        failure = reported(value, secrets)
        if failure is not None:
            return Piece(failure=failure)
    counts = _counts(value)
    model = _string(value.get("model"))
    if not isinstance(choice, Mapping):
        return Piece(model=model, counts=counts)
    said = next((part for key in ("delta", "message") if isinstance(part := choice.get(key), Mapping)), {})
    text, thought = _split(said.get("content") if said else choice.get("text"))
    thought += next((found for key in _THOUGHT_KEYS if (found := _joined(said.get(key)))), "")
    return Piece(
        text, thought, _string(choice.get("finish_reason")), model, _string(said.get("refusal")), counts
    )


def read_body(text: str, content_type: str, secrets: Sequence[str] = ()) -> tuple[Piece, ...]:
    """Read an answer that came in one piece though a stream was asked for: JSON, mislabelled events, a page."""
    if _HTML.match(text) or ("html" in content_type and not text.lstrip().startswith(("{", "data:"))):
        return (Piece(failure=Failure("html", clean_detail(page_title(text) or "", secrets))),)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and lines[0].startswith(("data:", "event:", ":")):
        events = [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]
        return tuple(_decoded(event, secrets) for event in events if event != "[DONE]")
    whole = _decoded(text, secrets)
    return (replace(whole, finish=whole.finish or "stop") if whole.text else whole,)


def page_title(text: str) -> str | None:
    """Return the title of a web page, empty when it has none; None when ``text`` is no web page."""
    found = _TITLE.search(text)
    if found is None and not _HTML.match(text):
        return None
    return " ".join(found.group(1).split()) if found else ""


def reported(body: Mapping[str, Any], secrets: Sequence[str] = ()) -> Failure | None:
    """Return the error that ``body`` reports (OpenAI's, one-api's, Ollama's, MiniMax's, FastAPI's); else None."""
    base = body.get("base_resp")
    if isinstance(base, Mapping) and base.get("status_code") not in (None, 0):
        code = base["status_code"]
        detail = clean_detail(f"{base.get('status_msg') or 'no reason given'} [base_resp {code}]", secrets)
        status = _BASE_RESP_STATUS.get(code) if isinstance(code, int) else None
        return Failure("status", detail, status) if status else Failure("reported", detail)
    said, code = message_and_code(body) if body.get("error") or not body.get("choices") else ("", "")
    if not said:
        return None
    detail = clean_detail(f"{said} [{code}]" if code else said, secrets)
    if code.isdigit() and 400 <= int(code) < 600:
        return Failure("status", clean_detail(said, secrets), int(code))
    return Failure("reported", detail)


def message_and_code(body: Mapping[str, Any]) -> tuple[str, str]:
    """Return an error body's message and code, each empty when there is none."""
    error = body.get("error")
    if isinstance(error, str) and error:
        return error, _string(body.get("code"))
    inner: Mapping[str, Any] = error if isinstance(error, Mapping) else body
    said = next(
        (_string(inner[key]) for key in ("message", "msg", "detail", "error_msg") if inner.get(key)), ""
    )
    if not said and isinstance(error, Mapping) and error:
        said = json.dumps(error, ensure_ascii=False)
    code = next((_string(inner[key]) for key in ("code", "type", "error_code") if inner.get(key)), "")
    return said, code


def _decoded(text: str, secrets: Sequence[str]) -> Piece:
    try:
        return read_event(json.loads(text), secrets)
    except (ValueError, RecursionError):
        shown = clean_detail(text[:120], secrets) or "an empty body"
        return Piece(failure=Failure("garbled", shown))


def _split(content: object) -> tuple[str, str]:
    """Return the text and the thought in ``content``: a string, a list of parts, one part, or nothing."""
    if isinstance(content, str):
        return content, ""
    if isinstance(content, Mapping):
        content = [content]
    if not isinstance(content, list):
        return "", ""
    texts: list[str] = []
    thoughts: list[str] = []
    for part in content:
        kind = part.get("type") if isinstance(part, Mapping) else None
        (thoughts if kind in _THOUGHT_PARTS else texts).append(_joined(part))
    return "".join(texts), "".join(thoughts)


def _joined(value: object) -> str:
    """Return all text in a part, however deeply it lies."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_joined(item) for item in value)
    if isinstance(value, Mapping):
        keys = ("text", "content", "thinking", "reasoning", "summary")
        return next((found for key in keys if (found := _joined(value.get(key)))), "")
    return ""


def _counts(value: Mapping[str, Any]) -> Counts | None:
    usage, timings = value.get("usage"), value.get("timings")
    timings = timings if isinstance(timings, Mapping) else {}
    cached = _count(timings, "cache_n")
    if isinstance(usage, Mapping) and ("prompt_tokens" in usage or "completion_tokens" in usage):
        details = _mapping(usage, "prompt_tokens_details")
        cached = max(cached, _count(details, "cached_tokens"), _count(usage, "prompt_cache_hit_tokens"))
        spent = _mapping(usage, "completion_tokens_details")
        thinking = _count(spent, "reasoning_tokens") if "reasoning_tokens" in spent else None
        return Counts(_count(usage, "prompt_tokens"), cached, _count(usage, "completion_tokens"), thinking)
    if timings:
        return Counts(_count(timings, "prompt_n") + cached, cached, _count(timings, "predicted_n"))
    return None


def _mapping(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = value.get(key)
    return inner if isinstance(inner, Mapping) else {}


def _count(value: Mapping[str, Any], key: str) -> int:
    number = value.get(key)
    return int(number) if isinstance(number, int | float) else 0


def _string(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
