"""Token counts of one request: what the endpoint reports, or an estimate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag_speech.llm.base import Message
from rag_speech.llm.tokens import estimate_tokens
from rag_speech.types import Usage


class UsageCounter:
    """Adds up what the endpoint reports; estimates what it does not."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.pieces = 0
        self._messages = messages
        self._text = ""
        self._reported: tuple[int, int, int] | None = None

    def heard(self, piece: str, delta: Any) -> None:
        """Note one piece of answer or of thought."""
        thought = getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None) or ""
        if piece or thought:
            self.pieces += 1
            self._text += f"{piece}{thought}"

    def read(self, chunk: Any) -> None:
        """Take the counts of ``chunk``: OpenAI's usage, DeepSeek's cache hits, llama.cpp's timings."""
        timings = (chunk.model_extra or {}).get("timings") or {}
        usage = chunk.usage
        if usage is None and not timings:
            return
        cached = int(timings.get("cache_n") or 0)
        if usage is None:
            prompt = int(timings.get("prompt_n") or 0) + cached
            self._reported = (prompt, cached, int(timings.get("predicted_n") or 0))
            return
        details = usage.prompt_tokens_details
        cached = max(
            cached,
            (details.cached_tokens if details else None) or 0,
            int((usage.model_extra or {}).get("prompt_cache_hit_tokens") or 0),
            self._reported[1] if self._reported else 0,
        )
        self._reported = (usage.prompt_tokens, cached, usage.completion_tokens)

    def usage(self, seconds: float) -> Usage:
        """Return this request's usage; an answer that was cut short still cost its tokens."""
        if self._reported is not None:
            return Usage(1, *self._reported, seconds)
        if not self.pieces:
            return Usage(calls=1, seconds=seconds)
        prompt = sum(estimate_tokens(message.content) for message in self._messages)
        return Usage(1, prompt, 0, estimate_tokens(self._text), seconds)
