"""Keeps a reasoning model's thoughts out of the answer while it streams."""

from __future__ import annotations

from dataclasses import dataclass, field

_OPEN = "<think>"
_CLOSE = "</think>"


@dataclass(slots=True)
class ThinkFilter:
    """Feed pieces as they arrive; what comes back is answer text, and ``thoughts`` is the rest.

    ``restarted`` turns true when a ``</think>`` without its opening tag showed that everything so far was
    thought: what was handed out before is void.
    """

    restarted: bool = False
    text: str = ""
    thoughts: str = ""
    _held: str = field(default="", repr=False)
    _thinking: bool = field(default=False, repr=False)

    def feed(self, piece: str) -> str:
        """Return the part of the answer that is now certain."""
        self._held += piece
        out = ""
        while True:
            tag = _CLOSE if self._thinking else _OPEN
            at = self._held.find(tag)
            stray = -1 if self._thinking else self._held.find(_CLOSE)
            if stray >= 0 and (at < 0 or stray < at):
                self.thoughts += self.text + out + self._held[:stray]
                self._held = self._held[stray + len(_CLOSE) :]
                self.restarted, self.text, out = True, "", ""
            elif at >= 0:
                if self._thinking:
                    self.thoughts += self._held[:at]
                else:
                    out += self._held[:at]
                self._held = self._held[at + len(tag) :]
                self._thinking = not self._thinking
            else:
                break
        keep = _overlap(self._held, (_CLOSE,) if self._thinking else (_OPEN, _CLOSE))
        ready = self._held[: len(self._held) - keep]
        self._held = self._held[len(self._held) - keep :]
        if self._thinking:
            self.thoughts += ready
            return self._hand_out(out)
        return self._hand_out(out + ready)

    def finish(self) -> str:
        """Return what was held back in case it became a tag."""
        rest, self._held = self._held, ""
        if self._thinking:
            self.thoughts += rest
            return ""
        return self._hand_out(rest)

    def _hand_out(self, piece: str) -> str:
        if not self.text:
            piece = piece.lstrip()
        self.text += piece
        return piece


def _overlap(text: str, tags: tuple[str, ...]) -> int:
    """Length of the longest end of ``text`` that begins one of ``tags``."""
    return max(
        (n for tag in tags for n in range(1, len(tag)) if text.endswith(tag[:n])),
        default=0,
    )
