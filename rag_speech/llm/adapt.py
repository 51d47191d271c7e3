"""What to change after a refused request. Bounded, so that what cannot succeed costs three calls at most."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag_speech.llm import json_reply
from rag_speech.llm.failures import Failure
from rag_speech.llm.learned import Learned
from rag_speech.llm.request import Manner, Request, Sent

_OPTIONAL = ("stream_options", "seed", "frequency_penalty", "top_p", "temperature", "stop")
_LEAST_MISSED = frozenset({"stream_options", "seed", "frequency_penalty", "top_p"})
_MOST_CHANGES = 2
_LEAST_TOKENS = 64
_MARGIN = 16
_LIMIT_NAMED = re.compile(
    r"max_?(?:completion_|output_|new_)?tokens|max_length|(?:completion|output) tokens", re.I
)
_RANGE = re.compile(r"[\[(（]\s*\d+\s*[,，~-]\s*(\d+)\s*[\])）]")
_AT_MOST = re.compile(
    r"(?:at most|up to|less than or equal to|no (?:more|greater) than|(?:can|may|must) ?not exceed|<=|≤|"
    r"maximum(?: value| allowed)?(?: is| of|:)?|不(?:能|得|可)?(?:超过|大于)|小于等于|最大(?:值)?[为是:：]?)\D{0,16}?(\d+)",
    re.I,
)
_OFFENDS = re.compile(
    r"too (?:large|big|high|long)|range|invalid|exceed|limit|must be|超|范围|过大|不合法", re.I
)
_CONTEXT = re.compile(
    r"(?:context (?:length|window|size)|max_model_len|model length|n_ctx)\D{0,30}?(\d{3,})", re.I
)
_PROMPT = re.compile(r"(\d+)(?: tokens)?(?: input tokens| in the (?:messages|prompt)| from the input)", re.I)
_SPEAKS_OF_THINKING = re.compile(r"\bthink|\breason(?:ing)?[_ ]", re.I)
_SPEAKS_OF_JSON = re.compile(r"json|schema|response[_ ]format|grammar|structured|guided", re.I)


@dataclass(slots=True)
class Tried:
    """What was changed already within one call. ``cap`` bounds this call's answer alone."""

    limits: int = 0
    drops: int = 0
    rooms: int = 0
    cap: int | None = None
    json_before: int | None = None
    dropped_before: frozenset[str] | None = None


def adapt(
    failure: Failure, sent: Sent, request: Request, learned: Learned, tried: Tried, manner: Manner
) -> str:
    """Change ``learned`` (or ``tried``) so that the next try may pass; return what was changed, or nothing."""
    if failure.refused_content or failure.status not in {400, 413, 422, 500, 501}:
        return ""
    if changed := _shorter(failure, sent, request, learned, tried):
        return changed
    if not failure.refused_request:
        return ""
    if "max_completion_tokens" in failure.detail.lower() and "max_tokens" in sent.parameters:
        learned.tokens_name = "max_completion_tokens"
        return "wants max_completion_tokens instead of max_tokens"
    return _without(failure, sent, learned, tried, manner) or _other_json(failure, sent, learned, tried)


def give_up(learned: Learned, tried: Tried) -> None:
    """Take back changes that did not help: the endpoint refuses the request for another reason."""
    if tried.json_before is not None:
        learned.json_mode = tried.json_before
    if tried.dropped_before is not None:
        learned.dropped = set(tried.dropped_before)


def _shorter(failure: Failure, sent: Sent, request: Request, learned: Learned, tried: Tried) -> str:
    detail = failure.detail
    if tried.limits >= _MOST_CHANGES:
        return ""
    if failure.context_too_long and (context := _CONTEXT.search(detail)):
        learned.context_tokens = int(context.group(1))
        prompt = _PROMPT.search(detail)
        fits = learned.context_tokens - int(prompt.group(1)) - _MARGIN if prompt else request.max_tokens
        if request.max_tokens // 2 <= fits < sent.max_tokens:
            tried.limits += 1
            tried.cap = fits
            return f"has a context of {learned.context_tokens} tokens; asking for {fits}"
        return ""
    if not _LIMIT_NAMED.search(detail):
        return ""
    found = _RANGE.search(detail) or _AT_MOST.search(detail)
    limit = int(found.group(1)) if found else None
    if limit is None or not 1 <= limit < sent.max_tokens:
        unclear = failure.refused_request and "instead" not in detail and _OFFENDS.search(detail)
        if not unclear or sent.max_tokens // 2 < _LEAST_TOKENS:
            return ""
        limit = sent.max_tokens // 2
    tried.limits += 1
    learned.token_limit = limit
    return f"gives at most {limit} tokens an answer"


def _without(failure: Failure, sent: Sent, learned: Learned, tried: Tried, manner: Manner) -> str:
    detail = failure.detail.lower()
    droppable = [key for key in (*_OPTIONAL, *manner.switch) if key in sent.parameters]
    refused = {key for key in droppable if key in detail and key not in manner.extra_body}
    if not refused and _SPEAKS_OF_THINKING.search(detail):
        refused = {key for key in manner.switch if key in droppable}  # "model does not support thinking"
    if not refused or tried.drops > _MOST_CHANGES:
        return ""
    if tried.drops:
        # It refuses one after the other: leave out at once what is missed least.
        refused |= _LEAST_MISSED & set(droppable)
    tried.drops += 1
    tried.dropped_before = (
        frozenset(learned.dropped) if tried.dropped_before is None else tried.dropped_before
    )
    learned.dropped |= refused
    return f"refuses {', '.join(sorted(refused))}; going on without"


def _other_json(failure: Failure, sent: Sent, learned: Learned, tried: Tried) -> str:
    if "response_format" not in sent.parameters or failure.unknown_model:
        return ""
    sent_mode = json_reply.MODES.index(sent.parameters["response_format"]["type"])
    if _SPEAKS_OF_JSON.search(failure.detail):
        learned.json_mode = max(learned.json_mode, sent_mode + 1)
    else:
        # It does not say that JSON is the reason: see whether it passes without, and believe it only then.
        tried.json_before = learned.json_mode
        learned.json_mode = len(json_reply.MODES) - 1
    return f"refuses JSON as asked ({failure.detail}); asking by {json_reply.MODES[learned.json_mode]}"
