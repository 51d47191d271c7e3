"""A loopback endpoint that can write a speech: the scripted model behind HTTP."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from rag_speech.llm.base import Message
from rag_speech.llm.scripted import ScriptedLLM
from tests.llm.server import Behaviour, FakeEndpoint, Handler


def writes(delay: float = 0.0) -> Behaviour:
    """Answer as :class:`ScriptedLLM` does, ``delay`` seconds late."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        messages = [Message(turn["role"], turn["content"]) for turn in body["messages"]]
        wanted = body.get("response_format", {}).get("json_schema", {}).get("schema")
        reply = asyncio.run(
            ScriptedLLM().complete(
                messages, max_tokens=body["max_tokens"], seed=body.get("seed"), schema=wanted
            )
        )
        time.sleep(delay)
        handler.begin()
        handler.piece(reply.text)
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
