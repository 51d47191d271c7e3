"""A model as one case of a run sees it: seeds shifted by the case's own, tokens and calls added up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rag_speech.llm.base import LLM, Message, Reply
from rag_speech.llm.profile import Profile
from rag_speech.types import Usage

SEED_STEP = 1000
"""The stages count seeds from 1 for each paragraph; runs lie this far apart."""


class MeteredLLM:
    """Passes every call on to ``llm``; ``usage`` is what the calls so far have cost."""

    def __init__(self, llm: LLM, seed: int) -> None:
        self._llm = llm
        self._shift = SEED_STEP * (seed - 1)
        self.usage = Usage()

    @property
    def name(self) -> str:
        """The model's own name."""
        return self._llm.name

    @property
    def context_tokens(self) -> int | None:
        """The model's own context."""
        return self._llm.context_tokens

    @property
    def max_parallel(self) -> int:
        """The model's own."""
        return self._llm.max_parallel

    @property
    def profile(self) -> Profile:
        """The model's own."""
        return self._llm.profile

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.7,
        top_p: float = 0.9,
        seed: int | None = None,
        stop: Sequence[str] = (),
        schema: Mapping[str, Any] | None = None,
        frequency_penalty: float = 0.0,
        on_token: Callable[[str], None] | None = None,
        on_restart: Callable[[], None] | None = None,
    ) -> Reply:
        """Call the model and add up what it cost. Raises what the model raises."""
        reply = await self._llm.complete(
            messages,
            max_tokens=max_tokens,
            temperature=temperature,
            top_p=top_p,
            seed=None if seed is None else seed + self._shift,
            stop=stop,
            schema=schema,
            frequency_penalty=frequency_penalty,
            on_token=on_token,
            on_restart=on_restart,
        )
        self.usage += reply.usage
        return reply

    async def aclose(self) -> None:
        """The model belongs to the run, which closes it."""
