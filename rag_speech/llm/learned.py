"""What an endpoint turned out to want, so that it is asked once only: for the process, and saved by the probe."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any

FIRST_ROOM = 2_048
MOST_ROOM = 65_536
ROOM_STEP = 4


@dataclass(slots=True)
class Learned:
    """``dropped``: parameters that are refused. ``json_mode``: index into ``json_reply.MODES``.

    ``tokens_name``: what the answer's limit is called. ``room``: tokens that thinking needs besides the answer's.
    ``token_limit``: the most that may be asked for in one answer. ``thinks``: whether thoughts were ever seen.
    ``served_room``: the room with which text last came, so that one long thought is no reason for more.
    """

    dropped: set[str] = field(default_factory=set)
    json_mode: int = 0
    tokens_name: str = "max_tokens"
    room: int = 0
    token_limit: int | None = None
    context_tokens: int | None = None
    thinks: bool = False
    served_room: int = 0

    def more_room(self, max_tokens: int) -> int | None:
        """Return how much room to try next for a model that used up what it had; None when that was plenty."""
        wanted = max(3 * max_tokens, FIRST_ROOM) if not self.room else self.room * ROOM_STEP
        return wanted if wanted <= MOST_ROOM else None

    def as_json(self) -> dict[str, Any]:
        """Return what was learned as plain values; nothing secret is in it."""
        return {**asdict(self), "dropped": sorted(self.dropped)}

    @classmethod
    def from_json(cls, saved: object) -> Learned:
        """Return what :meth:`as_json` gave. Raises ValueError when ``saved`` is something else."""
        if not isinstance(saved, dict) or saved.keys() - {item.name for item in fields(cls)}:
            raise ValueError("not what was learned of an endpoint")
        whole = {"json_mode", "room", "served_room"}
        maybe = {"token_limit", "context_tokens"}
        for key, value in saved.items():
            number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
            fits = (
                (key in whole and number)
                or (key in maybe and (value is None or number))
                or (key == "thinks" and isinstance(value, bool))
                or (key == "tokens_name" and value in {"max_tokens", "max_completion_tokens"})
                or (key == "dropped" and isinstance(value, list) and all(isinstance(v, str) for v in value))
            )
            if not fits:
                raise ValueError(f"{key} is {value!r}")
        return cls(**{**saved, "dropped": set(saved.get("dropped", ()))})


_known: dict[tuple[str, str], Learned] = {}
_lock = threading.Lock()


def of_this_process(base_url: str, model: str, saved: Callable[[str], Learned | None]) -> Learned:
    """Return what this process has learned of ``model`` at ``base_url``; at first, what was ``saved``."""
    with _lock:
        if (base_url, model) not in _known:
            _known[base_url, model] = saved(model) or Learned()
        return _known[base_url, model]


def forget() -> None:
    """Forget everything (for tests)."""
    with _lock:
        _known.clear()
