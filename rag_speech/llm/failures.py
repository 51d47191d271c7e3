"""What can go wrong at an endpoint, and which of our errors it becomes. Knows no SDK."""

from __future__ import annotations

import email.utils
import math
import random
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rag_speech.errors import (
    AuthenticationError,
    ContextTooLongError,
    EndpointError,
    EndpointUnreachableError,
    ModelError,
    RateLimitError,
    UnknownModelError,
)

Kind = Literal["status", "connection", "timeout", "cut", "garbled", "sdk"]
RETRYABLE_STATUS = frozenset({408, 409, 429, *range(500, 600)})

_CONTEXT_TOO_LONG = re.compile(
    r"context[_ ]length|context[_ ]size|context window|maximum context|max[_ ]model[_ ]len|model length"
    r"|range of input length|input length exceeds|prompt is too long|token limit|too many tokens"
    r"|prompt exceeds max|max_total_tokens|exceeds? max(imum)? (message )?tokens|reduce the length",
    re.I,
)
_UNKNOWN_MODEL = re.compile(
    r"model.{0,80}(not[_ ]exist|not[_ ]found|does not exist|unknown)|(unknown|invalid|no such) model",
    re.I | re.S,
)
_OUT_OF_CREDIT = re.compile(
    r"insufficient[_ ](quota|balance)|exceeded your current quota|arrears|欠费|余额不足", re.I
)
_KEY_LIKE = re.compile(r"\b(?:sk|ak)-[\w*.\-]{6,}|\bbearer\s+\S{6,}", re.I)
_MAX_DETAIL = 300
_UNREACHABLE: dict[str, tuple[type[EndpointError], str]] = {
    "connection": (EndpointUnreachableError, "cannot be reached"),
    "timeout": (EndpointUnreachableError, "did not answer in time"),
    "cut": (EndpointUnreachableError, "broke off its answer"),
    "garbled": (EndpointError, "sent something that is not an OpenAI-compatible answer"),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt. ``retry_after`` is what the server asked for, in seconds."""

    kind: Kind
    detail: str = ""
    status: int | None = None
    request_id: str | None = None
    retry_after: float | None = None

    @property
    def context_too_long(self) -> bool:
        """The prompt does not fit: no retry and no degraded request can help."""
        return self.status == 413 or (
            self.status in {400, 422, 500} and bool(_CONTEXT_TOO_LONG.search(self.detail))
        )

    @property
    def refused_request(self) -> bool:
        """The endpoint understood the request and does not support something in it."""
        return self.status in {400, 422, 501} and not self.context_too_long

    @property
    def unknown_model(self) -> bool:
        """The endpoint does not serve the model, or there is no such address."""
        return self.status == 404 or (self.status == 400 and bool(_UNKNOWN_MODEL.search(self.detail)))

    @property
    def shown(self) -> str:
        """One line for the log."""
        status = f"HTTP {self.status} " if self.status else ""
        return f"{status}{self.kind}: {self.detail}"

    @property
    def retryable(self) -> bool:
        """The same request may succeed later."""
        if self.kind == "status":
            passing = self.status in RETRYABLE_STATUS and not self.context_too_long
            return passing and not _OUT_OF_CREDIT.search(self.detail)
        return self.kind in {"connection", "timeout", "cut"}


def to_error(failure: Failure, *, where: str, model: str, tries: int = 1) -> ModelError:
    """Return our error for ``failure``; its text says what to do."""
    kind, text = _explain(failure, where, model, f" after {tries} tries" if tries > 1 else "")
    return kind(text, status=failure.status, request_id=failure.request_id)


def _explain(failure: Failure, where: str, model: str, after: str) -> tuple[type[EndpointError], str]:
    said = f": {failure.detail}" if failure.detail else ""
    status = failure.status
    if failure.kind != "status" or status is None:
        kind, what = _UNREACHABLE.get(failure.kind, (EndpointError, "could not be used"))
        return kind, (
            f"{where} {what}{after}{said}. Check base_url, the network and that the server runs, then start "
            "the same command again."
        )
    http = f"HTTP {status}{said}"
    if failure.context_too_long:
        return ContextTooLongError, (
            f"The prompt does not fit the context of {model} ({http}). Shorten the materials or choose "
            "a model with a larger context."
        )
    if status in {401, 403}:
        return (
            AuthenticationError,
            f"{where} refused the key ({http}). Set RAG_SPEECH_API_KEY to a valid key.",
        )
    if failure.unknown_model:
        return UnknownModelError, (
            f"{where} does not serve the model {model!r} ({http}). Check the setting model, and that "
            "base_url ends as the provider documents it (often in /v1)."
        )
    if status == 402 or _OUT_OF_CREDIT.search(failure.detail):
        kind = RateLimitError if status == 429 else EndpointError
        return kind, f"The account at {where} has no credit left ({http})."
    if status == 429:
        wait = f" It asks to wait {failure.retry_after:.0f} s." if failure.retry_after else ""
        return RateLimitError, (
            f"{where} limits the rate of requests{after} ({http}).{wait} Try again later or lower concurrency."
        )
    return EndpointError, f"{where} failed{after} ({http})."


def retry_delay(
    failure: Failure, attempt: int, *, base: float, cap: float, retry_after_cap: float
) -> float | None:
    """Return the seconds to wait before retry ``attempt`` (0-based); None when it is not worth waiting.

    The server's Retry-After rules; when it asks for more than ``retry_after_cap`` there is no retry.
    Otherwise exponential backoff from ``base`` to ``cap`` with jitter.
    """
    if failure.retry_after is not None:
        return failure.retry_after if failure.retry_after <= retry_after_cap else None
    ceiling = min(cap, base * 2.0 ** min(attempt, 30))
    return ceiling * random.uniform(0.5, 1.0)


def parse_retry_after(value: str | None, *, now: float | None = None) -> float | None:
    """Return the seconds that a Retry-After header (seconds or an HTTP date) asks for; None when unusable."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        date = email.utils.parsedate_tz(value)
        if date is None:
            return None
        seconds = email.utils.mktime_tz(date) - (time.time() if now is None else now)
    if not math.isfinite(seconds):
        return None
    return max(0.0, seconds)


def clean_detail(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a server's message as one short line without keys."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    text = " ".join(_KEY_LIKE.sub("***", text).split()).rstrip(".。")
    return text if len(text) <= _MAX_DETAIL else text[: _MAX_DETAIL - 1] + "…"
