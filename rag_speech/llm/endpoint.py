"""A language model behind an OpenAI-compatible endpoint: retries, JSON answers, what an endpoint refuses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from rag_speech.errors import BadReplyError, ModelError
from rag_speech.llm import failures, json_reply
from rag_speech.llm.adapt import Tried, adapt, give_up
from rag_speech.llm.base import Message, Reply
from rag_speech.llm.budget import Budget, Pace
from rag_speech.llm.failures import Failure
from rag_speech.llm.hearing import Attempt, Listener, ThoughtCallback
from rag_speech.llm.learned import FIRST_ROOM, Learned
from rag_speech.llm.openai_client import Connection, Limits
from rag_speech.llm.profile import HOSTED, Profile
from rag_speech.llm.request import Manner, Request, Sent, Thinking, build, thinking_switch, tokens_to_ask
from rag_speech.llm.tokens import estimate_tokens
from rag_speech.llm.usage import Price, priced
from rag_speech.types import Usage

log = logging.getLogger(__name__)

_NO_KEY = "no-key"
"""What servers without keys are sent: the SDK insists on one."""

_EMPTY_TRIES = 2
"""Further tries after an empty answer that stopped by itself."""

_GROWTHS = 2
"""How often one call may ask for more room to think."""

_TEXT_HAD_ITS_ROOM = 0.8
"""From this share of the caller's tokens on, an answer was cut by its own length and not by thoughts."""


@dataclass(frozen=True, slots=True)
class _LoopState:
    """What belongs to one event loop: connections and the queue of waiting calls."""

    loop: asyncio.AbstractEventLoop
    connection: Connection
    gate: asyncio.Semaphore


class EndpointLLM:
    """An :class:`rag_speech.llm.base.LLM` on an OpenAI-compatible endpoint.

    ``api_key`` is kept out of every error, log record and ``repr``. ``direct`` ignores the environment's
    proxy settings (for servers on this machine). ``extra_body`` is sent along as it is. ``max_tokens_factor``
    multiplies every answer's limit; a thinking model gets the room it turns out to need besides, so that its
    text may be longer than ``max_tokens``. ``budget``, ``pace`` and ``learned`` may be shared with others.
    ``on_thought`` hears how much the running calls think; with several at once they take turns.
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
        thinking: Thinking = "auto",
        max_tokens_factor: float = 1.0,
        price: Price | None = None,
        budget: Budget | None = None,
        pace: Pace | None = None,
        learned: Learned | None = None,
        on_thought: ThoughtCallback | None = None,
    ) -> None:
        self._base_url = base_url
        self._model = model
        switch = thinking_switch(thinking, base_url)
        self._manner = Manner(model, max_tokens_factor, thinking, dict(extra_body or {}), switch)
        self._price = price
        self._budget = budget or Budget()
        self._pace = pace or Pace()
        self._on_thought = on_thought
        self._key = api_key or _NO_KEY
        self._name = name or model
        self._context_tokens = context_tokens
        self._concurrency = concurrency
        self._limits = limits or Limits()
        self._direct = direct
        self._profile = profile
        self._where = urlsplit(base_url).netloc
        self._state: _LoopState | None = None
        self.learned = learned or Learned()
        if thinking == "on":
            self.learned.room = max(self.learned.room, FIRST_ROOM)

    def __repr__(self) -> str:
        return f"EndpointLLM(model={self._model!r}, base_url={self._base_url!r})"

    @property
    def name(self) -> str:
        """Name of the model as reports show it."""
        return self._name

    @property
    def context_tokens(self) -> int | None:
        """Tokens that prompt and answer share; None when neither configured nor told by the endpoint."""
        return self._context_tokens or self.learned.context_tokens

    @property
    def usage(self) -> Usage:
        """What all calls under this one's budget have cost so far, failed ones included."""
        return self._budget.spent

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
        listener = Listener(on_token, on_restart, self._on_thought)
        request = Request(tuple(messages), max_tokens, parameters, schema, listener)
        state = self._loop_state()
        async with state.gate:
            if schema is not None:
                return await self._ask_json(state.connection, request, schema)
            return self._reply(await self._ask(state.connection, request))

    async def _ask_json(self, connection: Connection, request: Request, schema: Mapping[str, Any]) -> Reply:
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
            if self.learned.json_mode == 0:
                # Whoever heeds a schema cannot break it: this one takes no notice. Say it in the prompt from now on.
                self.learned.json_mode = 1
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
        degraded = sorted(f"without {name}" for name in self.learned.dropped - {"stream_options"})
        if data is not None and self.learned.json_mode:
            degraded.append(json_reply.MODES[self.learned.json_mode])
        return Reply(
            text=attempt.text,
            usage=attempt.usage,
            finish_reason=attempt.finish,
            model=attempt.model or self._model,
            data=data,
            degraded=", ".join(degraded),
        )

    async def models(self) -> tuple[Mapping[str, Any], ...]:
        """Return what the endpoint lists as its models; empty when it lists none."""
        return await self._loop_state().connection.models()

    async def _ask(self, connection: Connection, request: Request) -> Attempt:
        """Ask until there is text, the endpoint cannot help, or the retries are used up."""
        spent = Usage()
        tries = 0
        tried = Tried()
        while True:
            sent = build(request, self._manner, self.learned, tried.cap)
            attempt = await self._once(connection, request, sent)
            attempt.usage = spent = spent + attempt.usage
            failure = attempt.failure
            self._raise_refusal(attempt)
            if self._needs_room(attempt, request):
                if self._make_room(request, sent, tried):
                    request.listener.restart()
                    continue
            elif failure is None and (attempt.text or _goes_on(sent.messages, attempt)):
                self.learned.served_room = max(self.learned.served_room, self.learned.room)
                return attempt
            if failure is not None:
                changed = adapt(failure, sent, request, self.learned, tried, self._manner)
                if changed:
                    log.warning("%s: %s", self._name, changed)
                    continue
                if failure.refused_request:
                    give_up(self.learned, tried)
            if failure is None and attempt.text:
                # Cut off by its thoughts, and no more room to be had: the caller sees `length`.
                return attempt
            tries += 1
            delay = self._delay(attempt, tries)
            if delay is None:
                raise self._error(attempt, tries)
            self._say_again(attempt, tries, delay)
            request.listener.restart()
            await asyncio.sleep(delay)

    async def _once(self, connection: Connection, request: Request, sent: Sent) -> Attempt:
        """Make one request, within budget and pace."""
        asked = sum(estimate_tokens(message.content) for message in sent.messages)
        with self._budget.call(asked + min(request.max_tokens, sent.max_tokens)) as call:
            await self._pace.turn()
            attempt = await connection.attempt(sent.parameters, sent.messages, request.listener)
            attempt.usage = call.usage = priced(attempt.usage, self._price)
        if attempt.usage.thinking_tokens:
            self.learned.thinks = True
        return attempt

    def _needs_room(self, attempt: Attempt, request: Request) -> bool:
        """Tell whether thoughts took the tokens that the text should have had."""
        if attempt.failure is not None or attempt.finish != "length":
            return False
        if not attempt.text:
            return True
        thought = attempt.usage.thinking_tokens > 0
        return thought and estimate_tokens(attempt.text) < _TEXT_HAD_ITS_ROOM * request.max_tokens

    def _make_room(self, request: Request, sent: Sent, tried: Tried) -> bool:
        """Ask for several times the room from now on; False when there is no more to be had."""
        learned = self.learned
        if tried.rooms >= _GROWTHS:
            return False
        tried.rooms += 1
        if tokens_to_ask(request, self._manner, learned, tried.cap) > sent.max_tokens:
            return True  # another call has made room meanwhile
        if tried.rooms == 1 and 0 < learned.room <= learned.served_room:
            return True  # this room was enough before: one thought that went on and on
        room = learned.more_room(request.max_tokens)
        if room is None:
            return False
        before, learned.room = learned.room, room
        if tokens_to_ask(request, self._manner, learned, tried.cap) <= sent.max_tokens:
            learned.room = before
            return False
        log.warning("%s: thinks longer than it may; giving it %d tokens more an answer", self._name, room)
        return True

    def _say_again(self, attempt: Attempt, tries: int, delay: float) -> None:
        # A server of our own drops an idle connection now and then; that the next one serves is no news.
        level = logging.INFO if self._direct and tries == 1 else logging.WARNING
        why = attempt.failure.shown if attempt.failure else "empty answer"
        log.log(
            level,
            "%s: %s; try %d of %d in %.1f s",
            self._name,
            why,
            tries + 1,
            self._limits.retries + 1,
            delay,
        )

    def _delay(self, attempt: Attempt, tries: int) -> float | None:
        """Seconds until the next try; None when there is none."""
        failure = attempt.failure
        # An empty answer that stopped by itself may be bad luck; one that was all thought would come again.
        if failure is None:
            bound: int | None = _EMPTY_TRIES
            worth_it = attempt.finish == "stop" and not attempt.usage.thinking_tokens
        else:
            bound, worth_it = failure.most_retries, failure.retryable
        retries = self._limits.retries if bound is None else min(bound, self._limits.retries)
        if not worth_it or tries > retries:
            return None
        delay = failures.retry_delay(
            failure or Failure("cut"),
            tries - 1,
            base=self._limits.backoff,
            cap=self._limits.backoff_cap,
            retry_after_cap=self._limits.retry_after_cap,
        )
        if delay is not None and failure is not None and failure.status == 429:
            self._pace.hold(delay)
        return delay

    def _raise_refusal(self, attempt: Attempt) -> None:
        failure = attempt.failure
        if failure is not None:
            if failure.refused_content:
                raise failures.refusal(failure.detail, where=self._where, failure=failure)
        elif attempt.finish.lower() in failures.REFUSED_FINISH:
            raise failures.refusal(f"finish_reason {attempt.finish}", where=self._where)
        elif attempt.refusal and not attempt.text:
            raise failures.refusal(failures.clean_detail(attempt.refusal, (self._key,)), where=self._where)

    def _error(self, attempt: Attempt, tries: int) -> ModelError:
        if attempt.failure is not None:
            return failures.to_error(
                attempt.failure, where=self._where, model=self._model, tries=tries, base_url=self._base_url
            )
        if attempt.finish == "length":
            why = (
                "used up its tokens before it wrote a word, with several times the room as well: set thinking = "
                '"off" or a higher max_tokens_factor in rag_speech.toml (docs/ENDPOINTS.md)'
            )
        elif attempt.usage.thinking_tokens and self._manner.thinking == "off":
            why = (
                "puts its whole answer among its thoughts (reasoning) although thinking is off: switch the server's "
                "reasoning parser off, or its thinking by extra_body (docs/ENDPOINTS.md)"
            )
        elif attempt.usage.thinking_tokens:
            why = (
                "puts its whole answer among its thoughts (reasoning) and gives no text: switch its thinking off, by "
                'thinking = "off" in rag_speech.toml or by extra_body (docs/ENDPOINTS.md)'
            )
        else:
            why = f"answered with nothing {tries} times; try again or choose another model"
        return BadReplyError(f"{self._name} {why}.", last_attempt=attempt.text)

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
