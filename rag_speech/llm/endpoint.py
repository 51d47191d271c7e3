"""A language model behind an OpenAI-compatible endpoint: retries, JSON answers, what an endpoint refuses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from rag_speech.errors import BadReplyError, ModelError
from rag_speech.llm import failures, json_reply
from rag_speech.llm.base import Message, Reply
from rag_speech.llm.failures import Failure
from rag_speech.llm.openai_client import Attempt, Connection, Limits, Listener
from rag_speech.llm.profile import HOSTED, Profile
from rag_speech.types import Usage

log = logging.getLogger(__name__)

_OPTIONAL_PARAMETERS = ("stream_options", "seed", "frequency_penalty", "top_p", "temperature", "stop")
_NO_KEY = "none"
"""What servers without keys are sent: the SDK insists on one."""


@dataclass(frozen=True, slots=True)
class _Request:
    """One call of :meth:`EndpointLLM.complete`, ready to be sent as often as needed."""

    messages: tuple[Message, ...]
    max_tokens: int
    parameters: Mapping[str, Any]
    schema: Mapping[str, Any] | None
    listener: Listener


@dataclass(slots=True)
class _Learned:
    """What this endpoint turned out to refuse, so that it is asked once only."""

    dropped: set[str] = field(default_factory=set)
    json_mode: int = 0
    tokens_name: str = "max_tokens"


@dataclass(frozen=True, slots=True)
class _LoopState:
    """What belongs to one event loop: connections and the queue of waiting calls."""

    loop: asyncio.AbstractEventLoop
    connection: Connection
    gate: asyncio.Semaphore


class EndpointLLM:
    """An :class:`rag_speech.llm.base.LLM` on an OpenAI-compatible endpoint.

    ``api_key`` is kept out of every error, log record and ``repr``. ``direct`` ignores the environment's
    proxy settings (for servers on this machine). ``extra_body`` is sent along as it is.
    """

    def __init__(
        self,
        *,
        base_url: str,
        model: str,
        api_key: str | None = None,
        name: str | None = None,
        context_tokens: int | None = None,
        concurrency: int = 4,
        limits: Limits | None = None,
        direct: bool = False,
        extra_body: Mapping[str, Any] | None = None,
        profile: Profile = HOSTED,
    ) -> None:
        self._base_url = base_url
        self._model = model
        self._key = api_key or _NO_KEY
        self._name = name or model
        self._context_tokens = context_tokens
        self._concurrency = concurrency
        self._limits = limits or Limits()
        self._direct = direct
        self._extra_body = dict(extra_body or {})
        self._profile = profile
        self._where = urlsplit(base_url).netloc
        self._state: _LoopState | None = None
        self._learned = _Learned()

    def __repr__(self) -> str:
        return f"EndpointLLM(model={self._model!r}, base_url={self._base_url!r})"

    @property
    def name(self) -> str:
        """Name of the model as reports show it."""
        return self._name

    @property
    def context_tokens(self) -> int | None:
        """Tokens that prompt and answer share; None when not configured."""
        return self._context_tokens

    @property
    def max_parallel(self) -> int:
        """Calls that run side by side."""
        return self._concurrency

    @property
    def profile(self) -> Profile:
        """What the model can take and give in one call."""
        return self._profile

    async def aclose(self) -> None:
        """Close the connections of the running loop."""
        state, self._state = self._state, None
        if state is not None and state.loop is asyncio.get_running_loop():
            await state.connection.aclose()

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
        """Answer ``messages``; contract and errors as in :meth:`rag_speech.llm.base.LLM.complete`."""
        parameters: dict[str, Any] = {"temperature": temperature, "top_p": top_p}
        if seed is not None:
            parameters["seed"] = seed
        if stop:
            parameters["stop"] = list(stop)
        if frequency_penalty:
            parameters["frequency_penalty"] = frequency_penalty
        request = _Request(tuple(messages), max_tokens, parameters, schema, Listener(on_token, on_restart))
        state = self._loop_state()
        async with state.gate:
            if schema is not None:
                return await self._ask_json(state.connection, request, schema)
            return self._reply(await self._ask(state.connection, request))

    async def _ask_json(self, connection: Connection, request: _Request, schema: Mapping[str, Any]) -> Reply:
        first = await self._ask(connection, request)
        try:
            return self._reply(first, json_reply.parse(first.text, schema))
        except ValueError as error:
            problem = str(error)
        log.warning("%s: not the JSON asked for (%s); asking once more", self._name, problem)
        request.listener.restart()
        if first.finish == "length":
            again = replace(request, max_tokens=request.max_tokens * 2)
        else:
            complaint = json_reply.with_complaint(request.messages, first.text, problem)
            again = replace(request, messages=complaint)
        second = await self._ask(connection, again)
        second.usage = first.usage + second.usage
        try:
            return self._reply(second, json_reply.parse(second.text, schema))
        except ValueError as error:
            problem = str(error)
        raise BadReplyError(
            f"{self._name} did not answer with the JSON that was asked for ({problem}). Try again or choose "
            "a stronger model.",
            last_attempt=second.text,
        )

    def _reply(self, attempt: Attempt, data: Any = None) -> Reply:
        degraded = sorted(f"without {name}" for name in self._learned.dropped - {"stream_options"})
        if data is not None and self._learned.json_mode:
            degraded.append(json_reply.MODES[self._learned.json_mode])
        return Reply(
            text=attempt.text,
            usage=attempt.usage,
            finish_reason=attempt.finish,
            model=attempt.model or self._model,
            data=data,
            degraded=", ".join(degraded),
        )

    async def _ask(self, connection: Connection, request: _Request) -> Attempt:
        """Ask until there is text, the endpoint cannot help, or the retries are used up."""
        spent = Usage()
        tries = 0
        while True:
            parameters, messages = self._body(request)
            attempt = await connection.attempt(parameters, messages, request.listener)
            attempt.usage = spent = spent + attempt.usage
            failure = attempt.failure
            if failure is None and (attempt.text or _goes_on(messages, attempt)):
                return attempt
            if failure is not None and self._adapt(failure, parameters):
                continue
            tries += 1
            delay = self._delay(attempt, tries)
            if delay is None:
                raise self._error(attempt, tries)
            why = failure.shown if failure else "empty answer"
            # A server of our own drops an idle connection now and then; that the next one serves is no news.
            level = logging.INFO if self._direct and tries == 1 else logging.WARNING
            log.log(
                level,
                "%s: %s; try %d of %d in %.1f s",
                self._name,
                why,
                tries + 1,
                self._limits.retries + 1,
                delay,
            )
            request.listener.restart()
            await asyncio.sleep(delay)

    def _delay(self, attempt: Attempt, tries: int) -> float | None:
        """Seconds until the next try; None when there is none."""
        failure = attempt.failure
        # An empty answer that stopped by itself may be bad luck; a filter or used-up tokens would come again.
        worth_it = attempt.finish == "stop" if failure is None else failure.retryable
        if not worth_it or tries > self._limits.retries:
            return None
        return failures.retry_delay(
            failure or Failure("cut"),
            tries - 1,
            base=self._limits.backoff,
            cap=self._limits.backoff_cap,
            retry_after_cap=self._limits.retry_after_cap,
        )

    def _error(self, attempt: Attempt, tries: int) -> ModelError:
        if attempt.failure is not None:
            return failures.to_error(attempt.failure, where=self._where, model=self._model, tries=tries)
        why = {
            "length": "used up its tokens before it wrote a word; allow more or switch its thinking off",
            "content_filter": "withheld its answer (content filter); change the wording of the brief",
        }.get(attempt.finish, f"answered with nothing {tries} times; try again or choose another model")
        return BadReplyError(f"{self._name} {why}.", last_attempt=attempt.text)

    def _body(self, request: _Request) -> tuple[dict[str, Any], tuple[Message, ...]]:
        parameters: dict[str, Any] = {
            "model": self._model,
            "stream_options": {"include_usage": True},
            self._learned.tokens_name: request.max_tokens,
            **request.parameters,
        }
        messages = request.messages
        if request.schema is not None:
            mode = json_reply.MODES[self._learned.json_mode]
            if mode != "json_schema":
                messages = json_reply.with_schema_in_prompt(messages, request.schema)
            if (wanted := json_reply.response_format(mode, request.schema)) is not None:
                parameters["response_format"] = wanted
        parameters = {key: value for key, value in parameters.items() if key not in self._learned.dropped}
        if self._extra_body:
            parameters["extra_body"] = self._extra_body
        return parameters, messages

    def _adapt(self, failure: Failure, parameters: Mapping[str, Any]) -> bool:
        """Give up what the endpoint refuses; True when there is something else to try."""
        if not failure.refused_request:
            return False
        detail = failure.detail.lower()
        if "max_completion_tokens" in detail and "max_tokens" in parameters:
            self._learned.tokens_name = "max_completion_tokens"
            log.warning("%s: wants max_completion_tokens instead of max_tokens", self._name)
            return True
        refused = next((key for key in _OPTIONAL_PARAMETERS if key in parameters and key in detail), None)
        if refused is not None:
            self._learned.dropped.add(refused)
            log.warning("%s: refuses %s; going on without it", self._name, refused)
            return True
        if "response_format" in parameters and not failure.unknown_model:
            sent = json_reply.MODES.index(parameters["response_format"]["type"])
            self._learned.json_mode = max(self._learned.json_mode, sent + 1)
            mode = json_reply.MODES[self._learned.json_mode]
            log.warning("%s: refuses JSON as asked (%s); asking by %s", self._name, failure.detail, mode)
            return True
        return False

    def _loop_state(self) -> _LoopState:
        loop = asyncio.get_running_loop()
        if self._state is None or self._state.loop is not loop:
            connection = Connection(
                self._base_url,
                self._key,
                self._limits,
                connections=self._concurrency,
                direct=self._direct,
            )
            self._state = _LoopState(loop, connection, asyncio.Semaphore(self._concurrency))
        return self._state


def _goes_on(messages: Sequence[Message], attempt: Attempt) -> bool:
    """Tell whether nothing is a fair answer: the text that the answer began with was already whole."""
    return messages[-1].role == "assistant" and attempt.finish == "stop"
