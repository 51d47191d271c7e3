"""Listens to one answer: puts the text together, keeps thoughts out of it, counts both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rag_speech.llm.base import Message
from rag_speech.llm.failures import BROKEN_FINISH, Failure
from rag_speech.llm.shapes import Piece
from rag_speech.llm.thinking import ThinkFilter
from rag_speech.llm.tokens import estimate_tokens
from rag_speech.llm.usage import UsageCounter
from rag_speech.types import Usage

ThoughtCallback = Callable[[int], None]
"""Hears how many tokens a call has thought so far (about); 0 when its answer begins."""


_OF_THE_CONNECTION = frozenset({"cut", "timeout", "connection"})


@dataclass(slots=True)
class Attempt:
    """One request's outcome; ``failure`` is set when it did not end properly.

    ``refusal`` is what a model said in place of an answer. ``usage.thinking_tokens`` counts its thoughts.
    """

    text: str = ""
    finish: str = ""
    model: str = ""
    refusal: str = ""
    usage: Usage = field(default_factory=Usage)
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """The caller's callbacks; what they raise is theirs and ends the call."""

    on_token: Callable[[str], None] | None = None
    on_restart: Callable[[], None] | None = None
    on_thought: ThoughtCallback | None = None

    def token(self, piece: str) -> None:
        """Pass on a piece of the answer."""
        if piece and self.on_token:
            self.on_token(piece)

    def restart(self) -> None:
        """Say that the answer begins anew."""
        if self.on_restart:
            self.on_restart()

    def thought(self, tokens: int) -> None:
        """Say that the model thinks."""
        if self.on_thought:
            self.on_thought(tokens)


class Hearing:
    """Takes the pieces of one answer as they arrive; :meth:`attempt` is what they come to."""

    def __init__(self, messages: Sequence[Message], listener: Listener) -> None:
        self._listener = listener
        self._counter = UsageCounter(messages)
        self._filter = ThinkFilter()
        self._apart: list[str] = []
        self._thought = 0
        self._said_thinking = False
        self._attempt = Attempt()

    @property
    def begun(self) -> bool:
        """Whether anything was said or thought yet."""
        return self._counter.pieces > 0

    @property
    def failure(self) -> Failure | None:
        """What went wrong so far."""
        return self._attempt.failure

    def fail(self, failure: Failure | None) -> None:
        """Note that the answer came to a bad end; what happens to the connection after its end is no matter."""
        if failure is not None and self._attempt.finish and failure.kind in _OF_THE_CONNECTION:
            return
        self._attempt.failure = self._attempt.failure or failure

    def take(self, piece: Piece) -> None:
        """Take one piece."""
        attempt, listener = self._attempt, self._listener
        self._counter.heard(piece)
        attempt.model = attempt.model or piece.model
        attempt.finish = piece.finish or attempt.finish
        attempt.refusal += piece.refusal
        self.fail(piece.failure)
        inside = len(self._filter.thoughts)
        shown = self._filter.feed(piece.text)
        if piece.thought:
            self._apart.append(piece.thought)
        self._think(piece.thought + self._filter.thoughts[inside:])
        if self._filter.restarted:
            self._filter.restarted = False
            listener.restart()
        if shown and self._said_thinking:
            self._said_thinking = False
            listener.thought(0)
        listener.token(shown)

    def attempt(self, seconds: float) -> Attempt:
        """Return the outcome; called once, at the end."""
        attempt = self._attempt
        if attempt.finish.lower() in BROKEN_FINISH:
            attempt.failure = attempt.failure or Failure("cut", f"finish_reason {attempt.finish}")
        if not attempt.finish:
            self.fail(Failure("cut", "the stream ended without a finish_reason"))
        rest = self._filter.finish()
        if attempt.failure is None:
            self._listener.token(rest)
        if self._said_thinking:
            self._listener.thought(0)
        attempt.text = self._filter.text.strip()
        attempt.usage = self._counter.usage(seconds, "".join(self._apart) + self._filter.thoughts)
        return attempt

    def _think(self, thought: str) -> None:
        if thought:
            self._thought += max(1, estimate_tokens(thought))
            self._said_thinking = True
            self._listener.thought(self._thought)
