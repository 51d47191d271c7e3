"""Endpoints as public reports describe them: one behaviour a kind, for :mod:`tests.llm.server`."""

from __future__ import annotations

import json
from typing import Any

from tests.llm.server import Behaviour, Handler, says

TEXT = "值班值守要严，电话要有人接，情况要随时报。"


def _json(handler: Handler, status: int, body: object, kind: str = "application/json") -> None:
    handler.whole(status, body if isinstance(body, str) else json.dumps(body, ensure_ascii=False), kind)


def body(value: object, *, status: int = 200, kind: str = "application/json") -> Behaviour:
    """Answer with one body, whatever was asked for."""
    return lambda handler, request: _json(handler, status, value, kind)


def whole(text: str = TEXT, **message: object) -> dict[str, Any]:
    """Return a complete answer as it comes without streaming."""
    return {
        "id": "x",
        "object": "chat.completion",
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, **message},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
    }


def deltas(*parts: dict[str, Any], finish: str = "stop") -> Behaviour:
    """Stream deltas as they are given."""

    def behave(handler: Handler, request: dict[str, Any]) -> None:
        handler.begin()
        for part in parts:
            handler.delta(part)
        handler.delta({}, finish)
        handler.event("[DONE]")

    return behave


def thinks(tokens: int, key: str = "reasoning_content", text: str = TEXT) -> Behaviour:
    """Write only when there is room for ``tokens`` of thought before; else end with ``length``."""

    def behave(handler: Handler, request: dict[str, Any]) -> None:
        enough = request["max_tokens"] >= tokens
        thought = {"content": None, key: "想一想，" * (20 if enough else 60)}
        (deltas(thought, {"content": text}) if enough else deltas(thought, {"content": ""}, finish="length"))(
            handler, request
        )

    return behave


def inspects(word: str, then: Behaviour | None = None) -> Behaviour:
    """Refuse every prompt with ``word`` in it, as DashScope does."""
    error = {
        "code": "data_inspection_failed",
        "message": "<400> InternalError.Algo.DataInspectionFailed: Input text data may contain inappropriate content.",
        "type": "data_inspection_failed",
    }

    def behave(handler: Handler, request: dict[str, Any]) -> None:
        if word in request["messages"][-1]["content"]:
            _json(handler, 400, {"error": error, "request_id": "r-1"})
        else:
            (then or says(TEXT))(handler, request)

    return behave


def limited(most: int, said: str) -> Behaviour:
    """Refuse to write more than ``most`` tokens; ``said`` may hold ``{most}`` and ``{asked}``."""

    def behave(handler: Handler, request: dict[str, Any]) -> None:
        asked = request["max_tokens"]
        if asked > most:
            handler.error(400, said.format(most=most, asked=asked))
        else:
            says(TEXT)(handler, request)

    return behave


def json_as_deepseek(text: str) -> Behaviour:
    """No schemas; JSON only when the prompt says so."""

    def behave(handler: Handler, request: dict[str, Any]) -> None:
        wanted = (request.get("response_format") or {}).get("type")
        if wanted == "json_schema":
            handler.error(400, "This response_format type is unavailable now", code="invalid_request_error")
        elif wanted == "json_object" and "json" not in str(request["messages"]).lower():
            handler.error(400, "Prompt must contain the word 'json' in some form to use 'response_format'.")
        else:
            handler.begin(": keep-alive\n\n: keep-alive\n\n")
            handler.delta({"content": text})
            handler.delta({}, "stop")
            handler.event("[DONE]")

    return behave


def no_place(handler: Handler, request: dict[str, Any]) -> None:
    """Answer at ``/v1/chat/completions`` and nowhere else."""
    if handler.path == "/v1/chat/completions":
        says(TEXT)(handler, request)
    else:
        _json(handler, 404, {"detail": "Not Found"})


HTML = "<html><head><title>统一认证</title></head><body>请先登录</body></html>"
BUSY = {
    "error": {
        "message": "当前分组上游负载已饱和，请稍后再试",
        "type": "new_api_error",
        "code": "upstream_error",
    }
}
REFUSED_BY_MINIMAX = {
    "id": "x",
    "choices": None,
    "usage": {"total_tokens": 0},
    "base_resp": {"status_code": 1027, "status_msg": "output new_sensitive"},
}
