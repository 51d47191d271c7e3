"""What a run may spend, and how fast it may ask."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rag_speech.errors import BudgetError
from rag_speech.types import Usage

_MINUTE = 60.0


@dataclass(slots=True)
class Call:
    """One call under way; ``usage`` is what it came to (set by whoever makes it)."""

    tokens: int
    usage: Usage = field(default_factory=lambda: Usage(calls=1))


@dataclass(slots=True)
class Budget:
    """Bounds on the calls and tokens of one run; None leaves one open.

    A call is refused before it is made when, with those under way, it would pass the bound. What thinking costs
    beyond the room of an answer is known only afterwards and may pass it by one call's thoughts.
    """

    max_calls: int | None = None
    max_tokens_total: int | None = None
    spent: Usage = field(default_factory=Usage)
    _calls: int = 0
    _promised: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def call(self, tokens: int) -> Iterator[Call]:
        """Make one call that takes about ``tokens``. Raises BudgetError when there is not enough left."""
        with self._lock:
            self._check(tokens)
            self._calls += 1
            self._promised += tokens
        call = Call(tokens)
        try:
            yield call
        finally:
            with self._lock:
                self._promised -= tokens
                self.spent += call.usage

    def _check(self, tokens: int) -> None:
        if self.max_calls is not None and self._calls >= self.max_calls:
            raise BudgetError(
                f"The budget is used up: max_calls = {self.max_calls} calls were made. What is written is kept; "
                "start the same command again to go on, if need be with a higher max_calls."
            )
        used = self.spent.prompt_tokens + self.spent.completion_tokens
        if self.max_tokens_total is not None and used + self._promised + tokens > self.max_tokens_total:
            raise BudgetError(
                f"The budget does not allow another call: {used} of max_tokens_total = {self.max_tokens_total} "
                f"tokens are used and the next call may take {tokens}. What is written is kept; start the same "
                "command again to go on, if need be with a higher max_tokens_total."
            )


class Pace:
    """Spreads the calls of all who share it: so many a minute, and none while the endpoint asks to wait."""

    def __init__(self, per_minute: int | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._starts: deque[float] = deque(maxlen=per_minute or 1)
        self._not_before = 0.0
        self._lock = threading.Lock()

    def reserve(self) -> float:
        """Take the next place; return the seconds to wait until it comes."""
        with self._lock:
            now = self._clock()
            start = max(now, self._not_before)
            if self._per_minute is not None:
                if len(self._starts) == self._per_minute:
                    start = max(start, self._starts[0] + _MINUTE)
                self._starts.append(start)
            return start - now

    def hold(self, seconds: float) -> None:
        """Let nobody start within the next ``seconds``: the endpoint said that it has too much to do."""
        with self._lock:
            self._not_before = max(self._not_before, self._clock() + seconds)

    async def turn(self) -> None:
        """Wait for the next place."""
        if (delay := self.reserve()) > 0:
            await asyncio.sleep(delay)


_paces: dict[tuple[str, int | None], Pace] = {}
_lock = threading.Lock()


def pace_of_this_process(base_url: str, per_minute: int | None) -> Pace:
    """Return the pace that all calls of this process to ``base_url`` share."""
    with _lock:
        return _paces.setdefault((base_url, per_minute), Pace(per_minute))


def forget() -> None:
    """Forget all paces (for tests)."""
    with _lock:
        _paces.clear()
