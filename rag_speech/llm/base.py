"""What the stages ask of a language model: one call, one reply.

The stages see this file only. Endpoints, the embedded model and the scripted model implement
:class:`LLM`; retries, time-outs and error mapping happen there, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from rag_speech.llm.profile import Profile
from rag_speech.types import Usage

ChatRole = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: ChatRole
    content: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model answered.

    ``finish_reason`` is ``stop`` (done), ``length`` (``max_tokens`` reached: the text is cut off, the caller
    decides) or the endpoint's own word. ``data`` is the parsed JSON when a schema was asked for.
    ``degraded`` names what the endpoint could not do as asked (``json_object`` or ``prompt`` instead of a
    schema); empty when all was done as asked. ``usage`` includes every attempt that this reply cost.
    """

    text: str
    usage: Usage
    finish_reason: str
    model: str
    data: Any = None
    degraded: str = ""


class LLM(Protocol):
    """A chat model. One instance serves many calls at once, from one event loop at a time."""

    @property
    def name(self) -> str:
        """Name of the model as reports show it."""

    @property
    def context_tokens(self) -> int | None:
        """Tokens that prompt and answer of one call share; None when the endpoint does not say."""

    @property
    def max_parallel(self) -> int:
        """Calls that run side by side; further ones wait inside :meth:`complete`."""

    @property
    def profile(self) -> Profile:
        """What it can take and give in one call."""

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
        """Answer ``messages`` with at most ``max_tokens`` tokens (besides what a thinking model thinks).

        ``schema`` is a JSON schema (an object at the top); the reply's ``data`` is then parsed JSON that
        satisfies it. ``on_token`` gets each piece of text as it arrives; when an attempt fails half-way and
        is made again, ``on_restart`` is called and the pieces start over: ``Reply.text`` is authoritative.

        Raises ModelNotReadyError, AuthenticationError, UnknownModelError, RateLimitError,
        ContextTooLongError, EndpointUnreachableError, EndpointError, RefusedContentError for wording that the
        endpoint will not answer (never asked again as it stands), BudgetError before a call that the settings do
        not allow, and BadReplyError for an empty answer or invalid JSON after the retries.
        """

    async def aclose(self) -> None:
        """Release connections and processes; a later call may open them again."""
