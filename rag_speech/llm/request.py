"""One call as it goes out: the answer's limit, JSON, how thinking is switched, what is left out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from rag_speech.llm import json_reply
from rag_speech.llm.base import Message
from rag_speech.llm.hearing import Listener
from rag_speech.llm.learned import Learned

Thinking = Literal["auto", "on", "off"]

_SWITCHES: tuple[tuple[tuple[str, ...], Mapping[str, Any], Mapping[str, Any]], ...] = (
    (
        ("aliyuncs.com", "siliconflow.cn", "modelscope.cn"),
        {"enable_thinking": True},
        {"enable_thinking": False},
    ),
    (
        ("deepseek.com", "bigmodel.cn", "z.ai", "volces.com", "moonshot.cn", "moonshot.ai"),
        {"thinking": {"type": "enabled"}},
        {"thinking": {"type": "disabled"}},
    ),
    (("openai.com", "azure.com"), {}, {"reasoning_effort": "low"}),
    ((":11434",), {"reasoning_effort": "high"}, {"reasoning_effort": "none"}),
)
_TEMPLATE_SWITCH = "chat_template_kwargs"
"""vLLM, SGLang and llama.cpp hand it to the model's chat template."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call of ``complete``, ready to be sent as often as needed."""

    messages: tuple[Message, ...]
    max_tokens: int
    parameters: Mapping[str, Any]
    schema: Mapping[str, Any] | None
    listener: Listener


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes over the wire."""

    messages: tuple[Message, ...]
    max_tokens: int
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Manner:
    """How an endpoint is spoken to: by settings, the same for every call.

    ``extra_body`` is sent as it is and wins over everything; ``switch`` turns thinking on or off.
    """

    model: str
    max_tokens_factor: float = 1.0
    thinking: Thinking = "auto"
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    switch: Mapping[str, Any] = field(default_factory=dict)


def thinking_switch(thinking: Thinking, base_url: str) -> Mapping[str, Any]:
    """Return what switches thinking at ``base_url``; local servers get the chat template's own switch."""
    if thinking == "auto":
        return {}
    place = urlsplit(base_url).netloc.lower()
    for places, on, off in _SWITCHES:
        if any(place == name or place.endswith((name, f".{name}")) for name in places):
            return on if thinking == "on" else off
    return {_TEMPLATE_SWITCH: {"enable_thinking": thinking == "on"}}


def tokens_to_ask(request: Request, manner: Manner, learned: Learned, cap: int | None = None) -> int:
    """Return the limit to send: the caller's, several times it by setting, and room to think."""
    wanted = math.ceil(request.max_tokens * manner.max_tokens_factor) + learned.room
    return min(limit for limit in (wanted, learned.token_limit, cap) if limit is not None)


def build(request: Request, manner: Manner, learned: Learned, cap: int | None = None) -> Sent:
    """Return what to send; ``cap`` bounds the answer of this call alone."""
    limit = tokens_to_ask(request, manner, learned, cap)
    parameters: dict[str, Any] = {
        "model": manner.model,
        "stream_options": {"include_usage": True},
        learned.tokens_name: limit,
        **request.parameters,
        **manner.switch,
    }
    messages = request.messages
    if request.schema is not None:
        mode = json_reply.MODES[learned.json_mode]
        if mode != "json_schema":
            messages = json_reply.with_schema_in_prompt(messages, request.schema)
        if (wanted := json_reply.response_format(mode, request.schema)) is not None:
            parameters["response_format"] = wanted
    kept = {key: value for key, value in parameters.items() if key not in learned.dropped}
    return Sent(messages, limit, {**kept, **manner.extra_body})
