"""Turns a free-text request into a brief: rules first, then a schema-constrained model call for the rest.

Whatever the model answers is kept only when its words stand in the request; what cannot be found stays empty.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag_speech.brief import MAX_CHARS, MAX_MINUTES, Brief, make_brief
from rag_speech.checks.names import persons
from rag_speech.errors import BadReplyError, BriefError
from rag_speech.llm.base import LLM, Message
from rag_speech.occasions import resolve_occasion
from rag_speech.prompts import Prompts
from rag_speech.text import count_zi
from rag_speech.types import Usage

_OFFICE = r"(?:书记|县长|市长|区长|镇长|乡长|主任|部长|主席|局长|秘书长|常委|董事长|院长|校长|会长|组长|总指挥|指挥长|调研员|代表|同志)"
_EVENT = re.compile(
    r"在(?P<at>[^，。；,;\n]{2,60}?)(?:上|时)的?(?:讲话|致辞|发言|主持)"
    r"|(?:为|给|替)(?P<event>[^，。；,;\n]{2,60}?(?:会议|会|班|式|仪式|活动|论坛|培训|典礼|推介|党课|节))(?:上|时)?(?:起草|撰写|写|拟|准备|作|做|的?讲话稿?|的?致辞|，)"
)
_EVENT_TAIL = re.compile(
    r"([^，。；,;\n为给替在]{2,50}?(?:会议|大会|会|班|式|仪式|活动|论坛|培训|典礼|座谈|推介|党课|主持词))(?=[，。；,;\n]|$)"
)
_SPEAKER = re.compile(
    rf"(?:^|[，。；,;\n])(?:由)?(?P<who>[^，。；,;\n]{{0,20}}{_OFFICE}(?:、[^，。；,;\n]{{0,16}}{_OFFICE})*(?:[一-鿿]{{2,3}})??)(?:来)?(?:讲话?|作讲话|做讲话|致辞|发言|主持|作报告)(?=[，。；,;\n]|$)"
)
_HOLDING = re.compile(
    r"^(?:我们|咱们)(?=[^，]{3})|(?:要|将|准备|打算|计划|拟)(?:召开|举行|举办|开)(?:一[个次场])?|(?:召开|举行|举办)(?:一[个次场])?"
)
"""How people tell of an event (我们县要开…会) and what its name does not have."""
_MINUTES = re.compile(r"(\d{1,3}(?:\.\d)?|[一二两三四五六七八九十]{1,3}(?:个)?半?)\s*(?:来|多)?分钟")
_HALF_HOUR = re.compile(r"半(?:个)?小时")
_CHARS = re.compile(r"(\d{3,6})\s*(?:来|多)?字")
_DATE = re.compile(r"(20\d\d)\s*[年\-/.]\s*(\d{1,2})\s*[月\-/.]\s*(\d{1,2})\s*[日号]?")
_PLACE = re.compile(
    r"(?:为|给|替|在)?(?P<place>[^\W\da-zA-Z在为给替全各我本该写个是的]{2,4}(?:县|市|区|镇|乡))(?![长委政镇])"
)
_BEHALF = re.compile(r"代表([^，。；,;\n]{2,30}?)(?=讲|致辞|发言|[，。；,;\n]|$)")
_AUDIENCE = re.compile(r"(?:听众|参会人员|参加人员|台下|对象)(?:是|为|有|：|:)([^。；;\n]{2,80})")
_POINTS = re.compile(
    r"(?:强调|突出|重点讲|重点是|讲清|围绕|要点(?:是|：|:)|主要讲|内容包括)([^。；;\n]{2,200})"
)
_FIGURE = re.compile(
    r"\d|[一二两三四五六七八九十百千万亿]+(?:个|项|家|人|名|户|公里|万|亿|件|次|处|座|条|天)"
)
_HAPPENED = re.compile(r"[看听办走问查][了过]|已经")
_HOW_TO = re.compile(
    r"起草|撰写|写(?:一|个|篇|份)|讲话|致辞|发言稿|分钟|小时|\d字|左右|强调|重点|突出|围绕|语气|要求"
)
MAX_REQUEST_ZI = 2000
_HAN = {c: i for i, c in enumerate("零一二三四五六七八九十")} | {"两": 2}


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
    found = read_by_rules(text)
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


def read_by_rules(text: str) -> dict[str, Any]:
    """Return the fields that the request states in a form that rules can read; pure."""
    found: dict[str, Any] = {}
    if m := _EVENT.search(text) or _EVENT_TAIL.search(text):
        found["event"] = _HOLDING.sub("", next(g for g in m.groups() if g).strip())
    if m := _SPEAKER.search(text):
        found |= _speaker(re.sub(r"^(由|请|让)", "", m.group("who").strip()))
    if (minutes := _minutes(text)) is not None:
        found["minutes"] = minutes
    if m := _CHARS.search(text):
        found["chars"] = _in_range(int(m.group(1)), 200, MAX_CHARS, "字")
    if m := _DATE.search(text):
        found["date"] = _date(*map(int, m.groups()))
    if m := _PLACE.search(found.get("event", "")) or _PLACE.search(text):
        found["place"] = m.group("place")
        found["level"] = {"县": "县", "市": "市", "区": "区"}.get(found["place"][-1], "乡镇")
    if "level" not in found and (m := re.search(r"全(市|县|区|镇|乡)", text)):
        found["level"] = {"镇": "乡镇", "乡": "乡镇"}.get(m.group(1), m.group(1))
    if m := _BEHALF.search(text):
        found["on_behalf"] = m.group(1)
    if m := _AUDIENCE.search(text):
        found["audience"] = m.group(1)
    if m := _POINTS.search(text):
        points = [
            p
            for part in re.split(r"[、，,]|以及|和(?=[一-鿿]{2,})", m.group(1))
            if len(p := re.sub(r"^(?:还有|另外|以及|再讲讲?)", "", part.strip())) > 1
        ]
        if points:
            found["points"] = points
    facts = [s for s in map(str.strip, re.split(r"[。；;\n]", text)) if _is_fact(s)]
    if facts:
        found["facts"] = facts
    return found


def _speaker(who: str) -> dict[str, str]:
    """Return the office, and the name where one stands behind it: 副县长邵明远."""
    named = [p.key for p in persons(f"{who}同志") if len(p.key) > 1 and who.endswith(p.key)]
    if not named:
        return {"speaker": who}
    return {"speaker": who.removesuffix(named[0]), "speaker_name": named[0]}


def _is_fact(sentence: str) -> bool:
    """Tell whether a sentence of the request states a figure or what was done instead of saying how to write."""
    return bool(_FIGURE.search(sentence) or _HAPPENED.search(sentence)) and not _HOW_TO.search(sentence)


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
                items = [i for i in items if _is_fact(i)]
            if items:
                kept[key] = items
    return kept


def _minutes(text: str) -> float | None:
    if _HALF_HOUR.search(text):
        return 30.0
    m = _MINUTES.search(text)
    if not m:
        return None
    words = m.group(1)
    value = float(words) if words[0].isdigit() else float(_han(words))
    return float(_in_range(value, 0.5, MAX_MINUTES, "minutes"))


def _han(words: str) -> int:
    tens, ten, ones = words.partition("十")
    if not ten:
        return _HAN.get(words, 0)
    return (_HAN[tens] if tens else 1) * 10 + (_HAN[ones] if ones else 0)


def _in_range(value: float, low: float, high: float, unit: str) -> Any:
    if not low <= value <= high:
        raise BriefError(f"{value:g} {unit} is not possible: a speech has {low:g} to {high:g} {unit}")
    return value


def _date(year: int, month: int, day: int) -> datetime.date:
    try:
        return datetime.date(year, month, day)
    except ValueError as error:
        raise BriefError(f"{year}-{month}-{day} is not a day of the calendar") from error
