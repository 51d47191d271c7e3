"""Token counts of one request: what the endpoint reports, or an estimate; what they cost; how they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag_speech.llm.base import Message
from rag_speech.llm.shapes import Counts, Piece
from rag_speech.llm.tokens import estimate_tokens
from rag_speech.types import Usage


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in ``currency``; thoughts are billed as completion."""

    prompt: float
    completion: float
    cached: float
    currency: str = "CNY"

    def of(self, usage: Usage) -> float:
        """Return what ``usage`` costs."""
        fresh = max(0, usage.prompt_tokens - usage.cached_tokens)
        total = fresh * self.prompt + usage.cached_tokens * self.cached
        return (total + usage.completion_tokens * self.completion) / 1_000_000


def priced(usage: Usage, price: Price | None) -> Usage:
    """Return ``usage`` with its cost; without a price the cost stays unknown."""
    return usage if price is None else replace(usage, cost=price.of(usage))


def usage_line(usage: Usage, currency: str = "CNY") -> str:
    """Return ``usage`` as one line for the person at the keyboard; what is not known is left out."""
    cached = f"（缓存{usage.cached_tokens}）" if usage.cached_tokens else ""
    thought = f"（其中思考{usage.thinking_tokens}）" if usage.thinking_tokens else ""
    line = f"调用模型{usage.calls}次，读入{usage.prompt_tokens}{cached}、写出{usage.completion_tokens}{thought}词元"
    if usage.cost is None:
        return f"{line}。"
    unit = "元" if currency == "CNY" else f" {currency}"
    return f"{line}，约{usage.cost:.4f}{unit}。"


def thought_line(tokens: int) -> str:
    """Return what a progress display shows while a model thinks; empty once its text begins."""
    return f"正在思考（约{tokens}词元）" if tokens else ""


class UsageCounter:
    """Adds up what the endpoint reports; estimates what it does not."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.pieces = 0
        self._messages = messages
        self._written: list[str] = []
        self._reported: Counts | None = None

    def heard(self, piece: Piece) -> None:
        """Note one piece of answer or of thought, and the counts that came with it."""
        if piece.text or piece.thought:
            self.pieces += 1
            self._written += [piece.text, piece.thought]
        if piece.counts is not None:
            before = self._reported.cached if self._reported else 0
            self._reported = replace(piece.counts, cached=max(before, piece.counts.cached))

    def usage(self, seconds: float, thoughts: str = "") -> Usage:
        """Return this request's usage; an answer that was cut short still cost its tokens.

        ``thoughts`` is all that was thought, also inside the text between tags.
        """
        thinking = estimate_tokens(thoughts)
        if (found := self._reported) is not None:
            thinking = min(found.thinking if found.thinking is not None else thinking, found.completion)
            return Usage(1, found.prompt, found.cached, found.completion, seconds, thinking)
        if not self.pieces:
            return Usage(calls=1, seconds=seconds)
        prompt = sum(estimate_tokens(message.content) for message in self._messages)
        return Usage(1, prompt, 0, estimate_tokens("".join(self._written)), seconds, thinking)
