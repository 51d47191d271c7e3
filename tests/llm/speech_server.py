"""A loopback endpoint that can write a speech: the scripted model behind HTTP."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from rag_speech.llm.base import Message
from rag_speech.llm.scripted import ScriptedLLM
from tests.llm.misbehaving import whole
from tests.llm.server import Behaviour, FakeEndpoint, Handler


def writes(delay: float = 0.0, shape: str = "stream") -> Behaviour:
    """Answer as :class:`ScriptedLLM` does, ``delay`` seconds late.

    ``shape`` is ``stream``, ``parts`` (content as a list), ``whole`` (JSON in one piece) or ``thinks`` (thoughts
    first, and nothing else where there is no room for 1,500 tokens of them).
    """

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        messages = [Message(turn["role"], turn["content"]) for turn in body["messages"]]
        wanted = body.get("response_format", {}).get("json_schema", {}).get("schema")
        reply = asyncio.run(
            ScriptedLLM().complete(
                messages, max_tokens=body["max_tokens"], seed=body.get("seed"), schema=wanted
            )
        )
        time.sleep(delay)
        if shape == "whole":
            handler.whole(200, json.dumps(whole(reply.text), ensure_ascii=False), "application/json")
            return
        handler.begin()
        if shape == "thinks":
            handler.delta({"content": None, "reasoning_content": "想一想，" * 40})
            if body["max_tokens"] < 1500:
                handler.piece(finish="length")
                return
        handler.delta({"content": [{"type": "text", "text": reply.text}] if shape == "parts" else reply.text})
        handler.piece(finish=reply.finish_reason)
        handler.event("[DONE]")

    return behave


def environment(server: FakeEndpoint, **more: str) -> dict[str, str]:
    """Return the variables that point the program at ``server``; no waiting, no second try."""
    return {
        "RAG_SPEECH_BASE_URL": server.url,
        "RAG_SPEECH_MODEL": "fake-1",
        "RAG_SPEECH_API_KEY": "sk-secret-of-the-office",
        "RAG_SPEECH_CONCURRENCY": "1",
        "RAG_SPEECH_MAX_RETRIES": "0",
        **more,
    }
