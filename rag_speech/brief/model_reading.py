"""What a model reads in a request, and how much of it may stand beside what the rules read.

The model quotes; code keeps a value only where its words stand in the request, and makes the number of a length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rag_speech.brief.amounts import chars_in, minutes_in
from rag_speech.brief.parts import clean_event, is_event, is_office
from rag_speech.brief.points import is_fact, is_point
from rag_speech.errors import BadReplyError, BriefError
from rag_speech.llm.base import LLM, Message
from rag_speech.prompts import Prompts
from rag_speech.types import Usage

_ONE = {"type": "string"}
_MANY = {"type": "array", "items": _ONE, "maxItems": 12}
_FIELDS = {
    "event": _ONE,
    "place": _ONE,
    "speaker": _ONE,
    "on_behalf": _ONE,
    "audience": _ONE,
    "length": _ONE,
    "tone": _ONE,
    "points": _MANY,
    "facts": _MANY,
}
_SCHEMA = {"type": "object", "properties": _FIELDS, "required": list(_FIELDS), "additionalProperties": False}
_CORRECTED = ("event", "speaker", "points")


async def ask_model(text: str, llm: LLM, prompts: Prompts) -> tuple[dict[str, Any], Usage]:
    """Return the fields that the model quotes from ``text``; none where it answers no JSON. One call."""
    prompt = prompts.render("intake/brief", request=text)
    try:
        reply = await llm.complete(
            [Message("user", prompt)], max_tokens=600, temperature=0.0, seed=1, schema=_SCHEMA
        )
    except BadReplyError:
        return {}, Usage()
    return grounded(reply.data, text), reply.usage


def grounded(data: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Keep only values that stand in ``text`` word for word; a fact must state one; a length becomes a number."""
    bare = re.sub(r"\s", "", text)

    def stands(value: str) -> bool:
        return len(value.strip()) > 1 and re.sub(r"\s", "", value) in bare

    kept: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, str) and stands(value):
            kept[key] = value.strip()
        elif isinstance(value, Sequence) and not isinstance(value, str):
            items = [str(v).strip() for v in value if stands(str(v))]
            items = [i for i in items if is_fact(i)] if key == "facts" else items
            if items:
                kept[key] = items
    if not re.search("(?:[县市区镇乡村州旗盟]|街道)$", kept.get("place", "")):
        kept.pop("place", None)
    points = [p for p in kept.get("points", ()) if p not in kept.get("event", "")]
    return kept | _length(kept.pop("length", "")) | ({"points": points} if "points" in kept else {})


def _length(said: str) -> dict[str, Any]:
    try:
        if (minutes := minutes_in(said)) is not None:
            return {"minutes": minutes}
        return {"chars": chars} if (chars := chars_in(said)) is not None else {}
    except (
        BriefError
    ):  # the rules refuse what the request itself asks for; this is the model's choice of words
        return {}


def merge(found: Mapping[str, Any], asked: Mapping[str, Any], *, corrects: bool) -> dict[str, Any]:
    """Return the fields that the model adds to what rules ``found``, or puts right.

    A model may put right the event, the speaker and the points with well-formed quotations; one that does not ``corrects`` only
    cuts words off an event or an office that the rules read too long.
    """
    length = {"minutes", "chars"}
    added = {
        key: value
        for key, value in asked.items()
        if key not in found and value and not (key in length and length & found.keys())
    }
    if added.get("event") and clean_event(added["event"]) != added["event"]:
        del added["event"]
    corrected = {
        key: asked[key]
        for key in _CORRECTED
        if found.get(key)
        and asked.get(key)
        and asked[key] != found[key]
        and _better(key, found, asked, corrects)
    }
    return {**added, **corrected}


def _better(key: str, found: Mapping[str, Any], asked: Mapping[str, Any], corrects: bool) -> bool:
    value = asked[key]
    if key == "points":
        return corrects and all(is_point(v) and v not in asked.get("facts", ()) for v in value)
    formed = is_event if key == "event" else is_office
    return formed(value) and (corrects or (value in found[key] and not formed(found[key])))
