"""One streamed request to an OpenAI-compatible endpoint. The only file that imports the openai SDK.

Nothing is retried here (the SDK's own retries are off) and nothing is raised for what the endpoint does:
an :class:`Attempt` says how it went. :mod:`rag_speech.llm.endpoint` decides what is tried again.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rag_speech.llm import failures
from rag_speech.llm.base import Message
from rag_speech.llm.failures import Failure
from rag_speech.llm.thinking import ThinkFilter
from rag_speech.llm.usage import UsageCounter
from rag_speech.types import Usage

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream
    from openai.types.chat import ChatCompletionChunk


@dataclass(frozen=True, slots=True)
class Limits:
    """Time-outs and retry policy; all times in seconds.

    ``idle`` is the longest silence between two pieces of an answer, ``first_token`` the longest wait for
    the first. A server that asks by Retry-After for more than ``retry_after_cap`` is not asked again.
    """

    connect: float = 10.0
    first_token: float = 180.0
    idle: float = 60.0
    retries: int = 4
    backoff: float = 0.5
    backoff_cap: float = 20.0
    retry_after_cap: float = 120.0


@dataclass(slots=True)
class Attempt:
    """One request's outcome; ``failure`` is set when it did not end properly."""

    text: str = ""
    finish: str = ""
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """The caller's callbacks; what they raise is theirs and ends the call."""

    on_token: Callable[[str], None] | None = None
    on_restart: Callable[[], None] | None = None

    def token(self, piece: str) -> None:
        """Pass on a piece of the answer."""
        if piece and self.on_token:
            self.on_token(piece)

    def restart(self) -> None:
        """Say that the answer begins anew."""
        if self.on_restart:
            self.on_restart()


KEEP_ALIVE_SECONDS = 3.0
"""Shorter than llama.cpp's own 5 seconds: a connection that the server has closed must not be used again."""


class Connection:
    """An endpoint's address, key and time-outs, with connections for one event loop.

    ``direct`` ignores the environment's proxy settings (for servers on this machine).
    """

    def __init__(
        self, base_url: str, api_key: str, limits: Limits, *, connections: int, direct: bool = False
    ) -> None:
        self._base_url = base_url
        self._key = api_key
        self._limits = limits
        self._connections = connections
        self._direct = direct
        self._client: AsyncOpenAI | None = None

    def __repr__(self) -> str:
        return f"Connection({self._base_url!r})"

    async def aclose(self) -> None:
        """Close all connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def attempt(
        self, parameters: Mapping[str, Any], messages: Sequence[Message], listener: Listener
    ) -> Attempt:
        """Make one request and read its stream."""
        attempt = Attempt()
        counter = UsageCounter(messages)
        started = time.perf_counter()
        answer = ThinkFilter()
        stream, attempt.failure = await self._open(parameters, messages)
        try:
            while stream is not None and attempt.failure is None:
                limit = self._limits.idle if counter.pieces else self._limits.first_token
                chunk, attempt.failure = await self._next(stream, limit)
                if chunk is None:
                    break
                counter.read(chunk)
                attempt.model = attempt.model or chunk.model or ""
                for choice in chunk.choices[:1]:
                    attempt.finish = choice.finish_reason or attempt.finish
                    piece = (choice.delta.content if choice.delta else None) or ""
                    counter.heard(piece, choice.delta)
                    shown = answer.feed(piece)
                    if answer.restarted:
                        answer.restarted = False
                        listener.restart()
                    listener.token(shown)
        finally:
            if stream is not None:
                await stream.close()
        if attempt.failure is None and not attempt.finish:
            attempt.failure = Failure("cut", "the stream ended without a finish_reason")
        if attempt.failure is None:
            listener.token(answer.finish())
        attempt.text = answer.text.strip()
        attempt.usage = counter.usage(time.perf_counter() - started)
        return attempt

    async def _open(
        self, parameters: Mapping[str, Any], messages: Sequence[Message]
    ) -> tuple[AsyncStream[ChatCompletionChunk] | None, Failure | None]:
        if self._client is None:
            self._client = self._new_client()
        turns: Any = [{"role": message.role, "content": message.content} for message in messages]
        create: Any = self._client.chat.completions.create  # its overloads cannot take a mapping
        try:
            async with asyncio.timeout(self._limits.first_token):
                return await create(messages=turns, stream=True, **parameters), None
        except TimeoutError:
            return None, Failure("timeout", f"no answer within {self._limits.first_token:g} s")
        except _network_errors() as error:
            return None, describe_failure(error, (self._key,))

    async def _next(
        self, stream: AsyncStream[ChatCompletionChunk], limit: float
    ) -> tuple[ChatCompletionChunk | None, Failure | None]:
        try:
            async with asyncio.timeout(limit):
                return await anext(stream), None
        except StopAsyncIteration:
            return None, None
        except TimeoutError:
            return None, Failure("timeout", f"silent for {limit:g} s")
        except json.JSONDecodeError:
            return None, Failure("cut", "a broken piece of JSON in the stream")
        except _network_errors() as error:
            return None, describe_failure(error, (self._key,), streaming=True)

    def _new_client(self) -> AsyncOpenAI:
        import httpx2
        from openai import AsyncOpenAI

        longest = max(self._limits.first_token, self._limits.idle)
        timeout = httpx2.Timeout(longest + 5.0, connect=self._limits.connect)
        return AsyncOpenAI(
            base_url=self._base_url,
            api_key=self._key,
            max_retries=0,
            timeout=timeout,
            http_client=httpx2.AsyncClient(
                timeout=timeout,
                trust_env=not self._direct,
                follow_redirects=True,
                limits=httpx2.Limits(
                    max_connections=self._connections + 2, keepalive_expiry=KEEP_ALIVE_SECONDS
                ),
            ),
        )


def _network_errors() -> tuple[type[Exception], ...]:
    import httpx2
    from openai import OpenAIError

    return (OpenAIError, httpx2.HTTPError, httpx2.StreamError, OSError)


def describe_failure(error: Exception, secrets: Sequence[str] = (), *, streaming: bool = False) -> Failure:
    """Return what ``error`` of the SDK or its HTTP library means; no key survives in ``detail``.

    ``streaming`` says that an answer had begun, so that a lost connection is a cut answer.
    """
    import httpx2
    import openai

    detail = failures.clean_detail(_message(error), secrets)
    if isinstance(error, openai.APIStatusError):
        return Failure(
            "status",
            detail,
            error.status_code,
            failures.clean_detail(error.request_id or "", secrets) or None,
            failures.parse_retry_after(error.response.headers.get("retry-after")),
        )
    if isinstance(error, openai.APIResponseValidationError | httpx2.DecodingError):
        return Failure("garbled", detail)
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException | TimeoutError):
        return Failure("timeout", detail)
    if isinstance(error, openai.APIConnectionError | httpx2.HTTPError | httpx2.StreamError | OSError):
        return Failure("cut" if streaming else "connection", detail)
    if isinstance(error, openai.APIError):
        # An error event inside the stream: llama.cpp and vLLM put the HTTP status into "code".
        code = error.code or ""
        return Failure("status", detail, int(code)) if code.isdigit() else Failure("cut", detail)
    return Failure("sdk", detail)


def _message(error: Exception) -> str:
    body = getattr(error, "body", None)
    if isinstance(body, Mapping):
        inner = body.get("error", body)
        said = inner.get("message") if isinstance(inner, Mapping) else inner
        kind = (inner.get("code") or inner.get("type")) if isinstance(inner, Mapping) else None
        if said:
            return f"{said} [{kind}]" if isinstance(kind, str) else str(said)
    cause = error.__cause__
    return str(cause) if cause is not None and str(cause) else str(error)
