"""Turns a free-text request into a brief: rules first, then a schema-constrained model call that may correct them.

Whatever the model answers is kept only when its words stand in the request; what cannot be found stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag_speech.brief.amounts import LENGTH, chars_in, date_in, minutes_in
from rag_speech.brief.asking import BREAK, LONG, TIME, UNKNOWN, labelled, tidy
from rag_speech.brief.brief import Brief, make_brief
from rag_speech.brief.occasions import resolve_occasion
from rag_speech.brief.parts import clean_event, find_event, find_speaker
from rag_speech.brief.points import facts_in, is_fact, split_points, take_agenda, take_manner, take_points
from rag_speech.errors import BadReplyError, BriefError
from rag_speech.llm.base import LLM, Message
from rag_speech.prompts import Prompts
from rag_speech.types import Usage
from rag_speech.zh.names import places
from rag_speech.zh.places import COMMON_PLACE, PLACE
from rag_speech.zh.text import count_zi

_WHOLE = re.compile(r"(?<![安健齐完])全(市|县|区|镇|乡)(?![场域])")
_INSIDE = re.compile(
    r"(?:^|(?<=[，。；｜咱们俺]))(市|县|区|镇|乡)(?:里面?|上)(?=要|将|准备|开|召|举|搞|办|的|有|今|明|后)"
)
_NO_NAME = re.compile(r"(?:城[市区镇乡]|[园景山灾校辖牧库郊老林矿]区)$")
"""推进城市更新 and 旅游景区 name no place unless the gazetteer has them."""
_LEVELS = {"县": "县", "市": "市", "区": "区", "镇": "乡镇", "乡": "乡镇"}
_PLACEHOLDER = re.compile(
    r"【[^】]*】|\[[^\]]*\]|[XxＸ×✕*＊○◯]{2,}|某某?(?=[县市区镇乡村局长书主单])|_{2,}|＿{2,}|…{2,}(?=会)|（[^（）]*(?:填|待定)[^（）]*）"
)
MAX_REQUEST_ZI = 2000


@dataclass(frozen=True, slots=True)
class Understood:
    """The brief that was understood, which fields rules found, which the model, and what it cost."""

    brief: Brief
    by_rule: tuple[str, ...]
    by_model: tuple[str, ...]
    usage: Usage = Usage()  # noqa: RUF009 - frozen


async def understand_request(
    request: str, llm: LLM | None, prompts: Prompts, given: Mapping[str, Any] | None = None
) -> Understood:
    """Return the brief that ``request`` asks for. ``given`` fields (from options) win and are never changed.

    Without a model only the rules speak. Raises BriefError when no event can be made out or a value is impossible.
    """
    text = request.strip()
    if not text:
        raise BriefError(
            "The request is empty; say for which event the speech is, who speaks and for how long"
        )
    if count_zi(text) > MAX_REQUEST_ZI:
        raise BriefError(
            f"The request has {count_zi(text)} 字, at most {MAX_REQUEST_ZI} are read; give long documents with --material"
        )
    found = read_request(text)
    asked: dict[str, Any] = {}
    usage = Usage()
    lacking = [k for k in ("event", "speaker", "audience", "points", "facts") if k not in found]
    if llm is not None and lacking:
        asked, usage = await _ask(text, llm, prompts)
    by_model = {k: v for k, v in asked.items() if k in lacking and v}
    fields = {**by_model, **found, **(given or {})}
    if not fields.get("event"):
        raise BriefError(
            "Which event is the speech for? Name it in the request, for example 为全县防汛工作会议起草讲话"
        )
    if not fields.get("occasion") and (occasion := resolve_occasion(f"{fields['event']} {text}")):
        fields["occasion"] = occasion.id
    return Understood(make_brief(fields), tuple(found), tuple(by_model), usage)


def read_request(text: str) -> dict[str, Any]:
    """Return the fields that the request states in a form that rules can read; pure.

    Each thing that is read is taken out, so that what tells the length or the points cannot pass for the event.
    """
    found: dict[str, Any] = {}
    told = tidy(text)
    if day := date_in(told):
        found["date"] = day
    found, rest = _take_form(told, found)
    rest = _PLACEHOLDER.sub(UNKNOWN, rest)
    facts = facts_in(rest)
    for key, read in (("minutes", minutes_in), ("chars", chars_in)):
        if key not in found and (value := read(rest)) is not None:
            found[key] = value
    rest = LENGTH.sub(LONG, rest)
    hosts = "主持词" in told or "主持稿" in told
    takers = (take_agenda, take_manner, take_points) if hosts else (take_manner, take_points)
    for take in takers:
        values, rest = take(rest)
        found = {**values, **found}
    rest = re.sub(r"20\d\d[年\-/.]\d{1,2}[月\-/.]\d{1,2}[日号]?", BREAK, rest)
    rest = TIME.sub("", rest)
    if "speaker" not in found and (speaker := find_speaker(rest, hosts=hosts)):
        found["speaker"] = speaker.office
        if speaker.name:
            found["speaker_name"] = speaker.name
        rest = rest[: speaker.start] + BREAK + rest[speaker.end :]
    if "event" not in found and (event := find_event(rest)):
        found["event"] = event
    found |= _where(found.get("event", ""), TIME.sub("", told))
    if facts and "facts" not in found:
        found["facts"] = facts
    return {k: v for k, v in ((k, _known(v)) for k, v in found.items()) if v not in ("", [])}


def _take_form(text: str, found: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Read the pairs of a filled form; the text that is left has a break in their place."""
    found = dict(found)
    for pair in reversed(list(labelled(text))):
        text = text[: pair.start] + BREAK + text[pair.end :]
        if pair.field == "length":
            value = re.sub(r"^(\d{3,5})$", r"\1字", re.sub(r"^(\d{1,2})$", r"\1分钟", pair.value))
            for key, read in (("minutes", minutes_in), ("chars", chars_in)):
                if (said := read(value)) is not None:
                    found[key] = said
        elif pair.field in ("points", "outline"):
            found[pair.field] = split_points(pair.value)
        elif pair.field == "facts":
            found["facts"] = [pair.value]
        elif pair.field == "avoid":
            found["avoid"] = [pair.value]
        elif pair.field == "event":
            found["event"] = clean_event(pair.value) or pair.value
        elif pair.field:
            found[pair.field] = pair.value
    return found, text


def _known(value: Any) -> Any:
    """Cut placeholders off a value: what is not known stays out."""
    if isinstance(value, str):
        value = _PLACEHOLDER.sub(UNKNOWN, value)
        cut = re.sub(rf"{UNKNOWN}+(?:[县市区镇乡](?=[一-鿿]{{3}}))?", "", value).strip()
        return "" if cut in ("会议", "会", "活动", "大会") else cut
    if isinstance(value, list):
        return [v for v in map(_known, value) if v]
    return value


def _where(event: str, text: str) -> dict[str, str]:
    """Return place and level; 全县 says the level and no place of another level is taken."""
    named = _named_places(event)
    whole = _WHOLE.search(event) or (None if named else _WHOLE.search(text) or _INSIDE.search(text))
    level = _LEVELS[whole.group(1)] if whole else ""
    for place in (*named, *_named_places(text)):
        if level in ("", _LEVELS[place[-1]]):
            return {"place": place, "level": _LEVELS[place[-1]]}
    return {"level": level} if level else {}


def _named_places(text: str) -> list[str]:
    """Return the names of the gazetteer and those that look like one, in the order of the text."""
    known = {p.span.start: p.span.of(text) for p in places(text)}
    guessed = {m.start(): m.group() for m in PLACE.finditer(text)}
    guessed = {at: n for at, n in guessed.items() if not COMMON_PLACE.search(n) and not _NO_NAME.search(n)}
    names = [name for _, name in sorted((guessed | known).items())]
    return [n for n in names if n[-1] in _LEVELS and not n.endswith("自治区")]


async def _ask(text: str, llm: LLM, prompts: Prompts) -> tuple[dict[str, Any], Usage]:
    strings = {"type": "array", "items": {"type": "string"}, "maxItems": 12}
    one = {"type": "string"}
    fields = {
        "event": one,
        "place": one,
        "speaker": one,
        "audience": one,
        "points": strings,
        "facts": strings,
    }
    schema = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    prompt = prompts.render("intake/brief", request=text)
    try:
        reply = await llm.complete(
            [Message("user", prompt)], max_tokens=500, temperature=0.0, seed=1, schema=schema
        )
    except BadReplyError:
        return {}, Usage()
    return _grounded(reply.data, text), reply.usage


def _grounded(data: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Keep only values that stand in the request word for word; a fact must carry a figure to be one."""
    bare = re.sub(r"\s", "", text)

    def stands(value: str) -> bool:
        return len(value.strip()) > 1 and re.sub(r"\s", "", value) in bare

    kept: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, str) and stands(value):
            kept[key] = value.strip()
        elif isinstance(value, Sequence) and not isinstance(value, str):
            items = [str(v).strip() for v in value if stands(str(v))]
            if key == "facts":
                items = [i for i in items if is_fact(i)]
            if items:
                kept[key] = items
    return kept
