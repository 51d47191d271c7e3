"""How far a draft has come, as a client's progress bar wants it: of 100, and always going up."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from rag_speech.types import Event

T = TypeVar("T")
Report = Callable[[float, float, str], Awaitable[None]]
"""Sends progress, total and a message to the client."""
TOTAL = 100.0
_HEARTBEAT_SECONDS = 2.0
"""So often a client hears that the model is still writing, lest it take the call for dead."""
_CREEP = 0.02
"""How much of what is left of a stage a heartbeat goes on."""
_STAGES = (
    (re.compile("读任务书"), 0, 10),
    (re.compile("读材料"), 10, 25),
    (re.compile("拟定提纲"), 25, 35),
    (re.compile("起草"), 35, 85),
    (re.compile("调整篇幅"), 85, 90),
    (re.compile("通读修改"), 90, 98),
)
"""What an event's text begins with, where the stage begins and ends. By the calls each takes on a usual speech."""


@dataclass(slots=True)
class Steps:
    """Turns a draft's events into progress. ``clock`` is the time in seconds."""

    clock: Callable[[], float] = time.monotonic
    _at: float = 0.0
    _end: float = 10.0
    _stage: str = "准备"
    _written: int = 0
    _told: float = field(default=-_HEARTBEAT_SECONDS)

    def take(self, event: Event) -> tuple[float, str] | None:
        """Return the progress and the message that the event is worth; None for one that is not told."""
        if event.kind == "token":
            self._written += len(event.text)
            if self.clock() - self._told < _HEARTBEAT_SECONDS:
                return None
            return self._to(
                self._at + (self._end - self._at) * _CREEP, f"{self._stage}，模型已写{self._written}字"
            )
        if event.kind == "note":
            return self._to(self._at + (self._end - self._at) * _CREEP, event.text)
        share = event.done / event.total if event.total else 0.0
        if event.kind == "stage":
            self._stage, self._written = event.text, 0
            known = next(((a, b) for words, a, b in _STAGES if words.match(event.text)), None)
            start, self._end = known or (self._at, self._end)
        else:
            start = next((a for words, a, _ in _STAGES if words.match(self._stage)), self._at)
        count = f"（{event.done}/{event.total}）" if event.total else ""
        return self._to(start + (self._end - start) * share, f"{event.text}{count}")

    def _to(self, value: float, message: str) -> tuple[float, str]:
        """Go to ``value``, or a hair beyond where it stands: the protocol wants every step to be greater."""
        self._told = self.clock()
        self._at = max(value, self._at + 0.01)
        return round(min(self._at, TOTAL - 1), 2), message


async def reported(report: Report, job: Callable[[Callable[[Event], None]], Awaitable[T]]) -> T:
    """Do the job, whose events are reported as they come. Cancelled, it cancels the job and reports nothing more."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[tuple[float, str] | None] = asyncio.Queue()
    steps = Steps()

    def on_event(event: Event) -> None:
        if step := steps.take(event):
            loop.call_soon_threadsafe(queue.put_nowait, step)

    async def send() -> None:
        last = -1.0
        while (step := await queue.get()) is not None:
            if step[0] > last:
                last = step[0]
                await report(step[0], TOTAL, step[1])

    sender = asyncio.create_task(send())
    try:
        result = await job(on_event)
        loop.call_soon(queue.put_nowait, None)
        await sender
        await report(TOTAL, TOTAL, "完成")
        return result
    finally:
        sender.cancel()
        with suppress(asyncio.CancelledError):
            await sender
