"""One streamed request to an OpenAI-compatible endpoint. The only file that imports the openai SDK.

Nothing is retried here (the SDK's own retries are off) and nothing is raised for what the endpoint does:
an :class:`Attempt` says how it went. :mod:`rag_speech.llm.endpoint` decides what is tried again.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag_speech.llm import failures
from rag_speech.llm.base import Message
from rag_speech.llm.failures import Failure
from rag_speech.llm.hearing import Attempt, Hearing, Listener
from rag_speech.llm.shapes import Piece, message_and_code, page_title, read_body, read_event, reported

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream


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
        """Make one request and read its answer, whether it comes as a stream or in one piece."""
        started = time.perf_counter()
        hearing = Hearing(messages, listener)
        stream, failure = await self._open(parameters, messages)
        hearing.fail(failure)
        try:
            if stream is not None and _is_stream(stream):
                while hearing.failure is None:
                    limit = self._limits.idle if hearing.begun else self._limits.first_token
                    event, failure = await self._next(stream, limit)
                    hearing.fail(failure)
                    if event is None:  # the end, or a failure that may not matter any more
                        break
                    hearing.take(read_event(event, (self._key,)))
            elif stream is not None:
                for piece in await self._whole(stream):
                    hearing.take(piece)
        finally:
            if stream is not None:
                await stream.close()
        return hearing.attempt(time.perf_counter() - started)

    async def models(self) -> tuple[Mapping[str, Any], ...]:
        """Return the endpoint's list of models as it tells it; empty when it has none to tell."""
        if self._client is None:
            self._client = self._new_client()
        try:
            async with asyncio.timeout(self._limits.first_token):
                body = await self._client.get("/models", cast_to=object)
        except (TimeoutError, json.JSONDecodeError):
            return ()
        except _network_errors():
            return ()
        listed = body.get("data") if isinstance(body, Mapping) else None
        return tuple(row for row in listed if isinstance(row, Mapping)) if isinstance(listed, list) else ()

    async def _open(
        self, parameters: Mapping[str, Any], messages: Sequence[Message]
    ) -> tuple[AsyncStream[object] | None, Failure | None]:
        from openai import AsyncStream

        if self._client is None:
            self._client = self._new_client()
        turns = [{"role": message.role, "content": message.content} for message in messages]
        body = {"messages": turns, "stream": True, **parameters}
        try:
            async with asyncio.timeout(self._limits.first_token):
                # Not chat.completions.create: its records hide what other servers send instead.
                stream = await self._client.post(
                    "/chat/completions",
                    cast_to=object,
                    body=body,
                    stream=True,
                    stream_cls=AsyncStream[object],
                )
                return stream, None
        except TimeoutError:
            return None, Failure("timeout", f"no answer within {self._limits.first_token:g} s")
        except _network_errors() as error:
            return None, describe_failure(error, (self._key,))

    async def _next(self, stream: AsyncStream[object], limit: float) -> tuple[object | None, Failure | None]:
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

    async def _whole(self, stream: AsyncStream[object]) -> tuple[Piece, ...]:
        response = stream.response
        limit = self._limits.first_token
        try:
            async with asyncio.timeout(limit):
                await response.aread()
        except TimeoutError:
            return (Piece(failure=Failure("timeout", f"no answer within {limit:g} s")),)
        except _network_errors() as error:
            return (Piece(failure=describe_failure(error, (self._key,), streaming=True)),)
        return read_body(response.text, response.headers.get("content-type", "").lower(), (self._key,))

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


def _is_stream(stream: AsyncStream[object]) -> bool:
    kind = stream.response.headers.get("content-type", "").lower()
    return not any(word in kind for word in ("json", "html", "text/plain", "xml"))


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
        body = error.body if isinstance(error.body, Mapping) else {}
        return reported(body, secrets) or Failure("cut", detail)
    return Failure("sdk", detail)


def _message(error: Exception) -> str:
    body = getattr(error, "body", None)
    if isinstance(body, Mapping):
        said, code = message_and_code(body)
        if said:
            status = code.isdigit() and 400 <= int(code) < 600
            return f"{said} [{code}]" if code and not status else said
    if isinstance(body, str) and (title := page_title(body)) is not None:
        return f"a web page, {title}" if title else "a web page"
    cause = error.__cause__
    return str(cause) if cause is not None and str(cause) else str(error)
