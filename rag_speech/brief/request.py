"""Turns a free-text request into a brief: rules first, then a schema-constrained model call that may correct them.

Whatever the model answers is kept only when its words stand in the request; what cannot be found stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rag_speech.brief.amounts import LENGTH, chars_in, date_in, minutes_in
from rag_speech.brief.asking import BREAK, LONG, TIME, UNKNOWN, labelled, tidy
from rag_speech.brief.brief import MAX_WORDS, Brief, make_brief
from rag_speech.brief.model_reading import ask_model, merge
from rag_speech.brief.occasions import occasion_told, resolve_occasion
from rag_speech.brief.parts import clean_event, find_event, find_speaker, left_over
from rag_speech.brief.points import facts_in, split_points, take_agenda, take_manner, take_points
from rag_speech.brief.questions import PLACEHOLDER, questions
from rag_speech.errors import BriefError
from rag_speech.llm.base import LLM
from rag_speech.prompts import Prompts
from rag_speech.types import Usage
from rag_speech.zh.names import places
from rag_speech.zh.places import COMMON_PLACE, PLACE
from rag_speech.zh.text import count_zi

_WHOLE = re.compile(r"(?<![安健齐完])全(市|县|区|镇|乡)(?![场域])")
_INSIDE = re.compile(
    r"(?:^|(?<=[，。；｜咱们俺]))(市|县|区|镇|乡)(?:里面?|上)(?=要|将|准备|开|召|举|搞|办|的|有|今|明|后)"
)
_NO_NAME = re.compile(r"(?:城[市区镇乡]|[园景山灾校辖牧库郊老林矿]区|[超上菜夜门街股都集]市)$")
"""推进城市更新 and 旅游景区 name no place unless the gazetteer has them."""
_LEVELS = {"县": "县", "市": "市", "区": "区", "镇": "乡镇", "乡": "乡镇"}
_DAY = re.compile(r"20\d\d[年\-/.]\d{1,2}[月\-/.]\d{1,2}[日号]?")
MAX_REQUEST_ZI = 2000
_MAX_UNREAD = 3
"""Characters that nobody read and that are not worth a call."""


@dataclass(frozen=True, slots=True)
class Understood:
    """The brief that was understood, which fields rules found, which the model, what it cost.

    ``questions`` are what only the clerk can say: placeholders, the kind of occasion, who speaks. In Chinese.
    """

    brief: Brief
    by_rule: tuple[str, ...]
    by_model: tuple[str, ...]
    usage: Usage = Usage()  # noqa: RUF009 - frozen
    questions: tuple[str, ...] = ()


async def understand_request(
    request: str, llm: LLM | None, prompts: Prompts, given: Mapping[str, Any] | None = None
) -> Understood:
    """Return the brief that ``request`` asks for. ``given`` fields (from options) win and are never changed.

    The model is asked once, when the rules left words unread, and may correct them. Without a model only the rules
    speak. Raises BriefError when no event can be made out or a value is impossible.
    """
    text = _checked(request)
    found, unread = _read(text)
    asked: dict[str, Any] = {}
    usage = Usage()
    if llm is not None and (unread > _MAX_UNREAD or not found.keys() >= {"event", "speaker"}):
        answered, usage = await ask_model(text, llm, prompts)
        asked = merge(found, answered, corrects=llm.profile.corrects)
    read = {**found, **asked}
    if asked.get("event"):
        read |= _where(asked["event"], TIME.sub("", tidy(text)))
    fields = {"words": text, **read, **(given or {})}
    if not fields.get("event"):
        raise BriefError(_no_event(text))
    if not fields.get("occasion") and (occasion := occasion_told(text) or resolve_occasion(fields["event"])):
        fields["occasion"] = occasion if isinstance(occasion, str) else occasion.id
    by_rule = tuple(k for k in found if k not in asked)
    brief = make_brief(fields)
    return Understood(
        brief,
        by_rule,
        tuple(asked),
        usage,
        questions(brief, given_occasion=bool((given or {}).get("occasion"))),
    )


def read_request(text: str) -> dict[str, Any]:
    """Return the brief's fields that a request in words states, as far as rules can read them; pure.

    What is not said is not there; placeholders stay out. Raises BriefError for no text, too long a text, or a length
    or a day that is impossible.
    """
    return _read(_checked(text))[0]


def _checked(request: object) -> str:
    if not isinstance(request, str):
        raise BriefError(f"A request is a text in words, not {type(request).__name__}")
    text = request.strip()
    if not text:
        raise BriefError(
            "The request is empty; say for which event the speech is, who speaks and for how long"
        )
    if count_zi(text) > MAX_REQUEST_ZI or len(text) > MAX_WORDS:
        raise BriefError(
            f"The request has {count_zi(text)} 字, at most {MAX_REQUEST_ZI} are read; give long documents with --material"
        )
    return text


def _no_event(text: str) -> str:
    if m := PLACEHOLDER.search(text):
        return (
            f"Which event is the speech for? The request has a placeholder in its place: {m.group()[:20]!r}"
        )
    return "Which event is the speech for? Name it in the request, for example 为全县防汛工作会议起草讲话"


def _read(text: str) -> tuple[dict[str, Any], int]:
    """Return the fields, and how many characters tell something that no rule read.

    Each thing that is read is taken out, so that what tells the length or the points cannot pass for the event.
    """
    found: dict[str, Any] = {}
    told = tidy(text)
    if day := date_in(told):
        found["date"] = day
    found, rest = _take_form(told, found)
    rest = PLACEHOLDER.sub(UNKNOWN, rest)
    facts = facts_in(rest)
    for key, read in (("minutes", minutes_in), ("chars", chars_in)):
        if key not in found and (value := read(rest)) is not None:
            found[key] = value
    rest = LENGTH.sub(LONG, rest)
    hosts = occasion_told(told) == "hosting"
    for take in (take_agenda, take_manner, take_points) if hosts else (take_manner, take_points):
        values, rest = take(rest)
        found = {**values, **found}
    rest = TIME.sub("", _DAY.sub(BREAK, rest))
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
        for fact in facts:
            rest = rest.replace(fact, BREAK)
    known = {k: v for k, v in ((k, _known(v)) for k, v in found.items()) if v not in ("", [])}
    return known, left_over(rest, found.get("event", ""))


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
        value = PLACEHOLDER.sub(UNKNOWN, value)
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
