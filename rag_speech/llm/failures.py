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
    RefusedContentError,
    UnknownModelError,
)

Kind = Literal["status", "reported", "connection", "timeout", "cut", "garbled", "html", "sdk"]
"""``reported`` is an error in an answer with HTTP 200, ``html`` a web page in place of an answer."""

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
_REFUSED_CONTENT = re.compile(
    r"data_?inspection|content[_ ]?(filter|policy|safety|security|exists risk)|inappropriate content"
    r"|(?<!case[- ])sensitive|high risk|risky content|prohibited[_ ]content|responsible ?ai|unsafe (content|input)|moderation"
    r"|敏感|违规|不安全|不合规|内容安全|内容审核|base_resp 102[67]|\[1301\]",
    re.I,
)
_REFUSING_STATUS = frozenset({400, 403, 422, 451, 500})
REFUSED_FINISH = frozenset(
    {"content_filter", "sensitive", "safety", "prohibited_content", "blocklist", "refusal", "content-filter"}
)
"""What ``finish_reason`` says when the answer was withheld."""

BROKEN_FINISH = frozenset({"network_error", "insufficient_system_resource", "error", "abort"})
"""What ``finish_reason`` says when the server gave up half-way; the same request may succeed."""

_REPORTED_TRIES = 2
_KEY_LIKE = re.compile(r"\b(?:sk|ak)-[\w*.\-]{6,}|\bbearer\s+\S{6,}", re.I)
_MAX_DETAIL = 300
_LONG_SECRET = 8
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
        said = self.status in {400, 422, 500} or self.kind == "reported"
        return self.status == 413 or (said and bool(_CONTEXT_TOO_LONG.search(self.detail)))

    @property
    def refused_content(self) -> bool:
        """The endpoint will not answer these words; asking again as they stand is refused again."""
        said = self.status in _REFUSING_STATUS or self.kind == "reported"
        return said and bool(_REFUSED_CONTENT.search(self.detail))

    @property
    def refused_request(self) -> bool:
        """The endpoint understood the request and does not support something in it."""
        refused = self.status in {400, 422, 501}
        return refused and not self.context_too_long and not self.refused_content

    @property
    def unknown_model(self) -> bool:
        """The endpoint does not serve the model, or there is no such address."""
        said = self.status == 400 or self.kind == "reported"
        return self.status == 404 or (said and bool(_UNKNOWN_MODEL.search(self.detail)))

    @property
    def shown(self) -> str:
        """One line for the log."""
        status = f"HTTP {self.status} " if self.status else ""
        return f"{status}{self.kind}: {self.detail}"

    @property
    def retryable(self) -> bool:
        """The same request may succeed later."""
        if self.kind in {"status", "reported"}:
            passing = self.status in RETRYABLE_STATUS or (self.kind == "reported" and not self.unknown_model)
            final = self.context_too_long or self.refused_content or _OUT_OF_CREDIT.search(self.detail)
            return passing and not final
        return self.kind in {"connection", "timeout", "cut"}

    @property
    def most_retries(self) -> int | None:
        """A bound below the settings' own: an error with HTTP 200 does not say whether it passes."""
        return _REPORTED_TRIES if self.kind == "reported" else None


def refusal(said: str, *, where: str, failure: Failure | None = None) -> RefusedContentError:
    """Return the error for content that the endpoint refuses, with what it ``said``."""
    return RefusedContentError(
        f"{where} refuses what is said here ({said}). Word the delicate part more neutrally, or use another "
        "model; the same wording will be refused again.",
        said=said,
        status=failure.status if failure else None,
        request_id=failure.request_id if failure else None,
    )


def to_error(failure: Failure, *, where: str, model: str, tries: int = 1, base_url: str = "") -> ModelError:
    """Return our error for ``failure``; its text says what to do."""
    if failure.refused_content:
        return refusal(failure.detail, where=where, failure=failure)
    after = f" after {tries} tries" if tries > 1 else ""
    kind, text = _explain(failure, where, model, after, base_url or where)
    return kind(text, status=failure.status, request_id=failure.request_id)


def _explain(
    failure: Failure, where: str, model: str, after: str, base_url: str
) -> tuple[type[EndpointError], str]:
    said = f": {failure.detail}" if failure.detail else ""
    status = failure.status
    if failure.kind == "html":
        page = f" ({failure.detail})" if failure.detail else ""
        return EndpointError, (
            f"{where} answers with a web page{page} where a model's answer should be. Check that base_url = "
            f"{base_url} is the address of its API (often ending in /v1), and that no login page stands before it."
        )
    if failure.kind == "reported":
        return _explain_reported(failure, where, model, after)
    if failure.kind != "status" or status is None:
        kind, what = _UNREACHABLE.get(failure.kind, (EndpointError, "could not be used"))
        return kind, (
            f"{where} {what}{after}{said}. Check base_url, the network and that the server runs, then start "
            "the same command again."
        )
    http = f"HTTP {status}{said}"
    if failure.context_too_long:
        return ContextTooLongError, _too_long(model, http)
    if status in {401, 403}:
        return (
            AuthenticationError,
            f"{where} refused the key ({http}). Set RAG_SPEECH_API_KEY to a valid key.",
        )
    if status == 404 and "model" not in failure.detail.lower():
        return UnknownModelError, (
            f"{where} has nothing at base_url = {base_url} ({http}). Check that base_url ends as the provider "
            "documents it (often in /v1)."
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


def _explain_reported(
    failure: Failure, where: str, model: str, after: str
) -> tuple[type[EndpointError], str]:
    if failure.context_too_long:
        return ContextTooLongError, _too_long(model, failure.detail)
    if failure.unknown_model:
        return (
            UnknownModelError,
            f"{where} does not serve the model {model!r} ({failure.detail}). Check the setting model.",
        )
    if _OUT_OF_CREDIT.search(failure.detail):
        return EndpointError, f"The account at {where} has no credit left ({failure.detail})."
    return EndpointError, (
        f"{where} answered with an error in place of text{after} ({failure.detail}). Start the same command "
        "again later, or choose another endpoint."
    )


def _too_long(model: str, said: str) -> str:
    return (
        f"The prompt does not fit the context of {model} ({said}). Shorten the materials or choose "
        "a model with a larger context."
    )


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
        if len(secret) >= _LONG_SECRET:
            text = text.replace(secret, "***")
        elif secret:
            # Local servers take any key: "k" or "ollama" must not blot out letters of what was said.
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "***", text)
    text = " ".join(_KEY_LIKE.sub("***", text).split()).rstrip(".。")
    return text if len(text) <= _MAX_DETAIL else text[: _MAX_DETAIL - 1] + "…"
