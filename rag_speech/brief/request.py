"""Turns a free-text request into a brief: rules first, then a schema-constrained model call for the rest.

Whatever the model answers is kept only when its words stand in the request; what cannot be found stays empty.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from rag_speech.brief.brief import MAX_CHARS, MAX_MINUTES, Brief, make_brief
from rag_speech.brief.occasions import resolve_occasion
from rag_speech.errors import BadReplyError, BriefError
from rag_speech.llm.base import LLM, Message
from rag_speech.prompts import Prompts
from rag_speech.types import Usage
from rag_speech.zh.han_figures import chinese_number
from rag_speech.zh.names import persons, places
from rag_speech.zh.places import COMMON_PLACE, PLACE
from rag_speech.zh.text import count_zi

_OFFICE = r"(?:书记|县长|市长|区长|镇长|乡长|主任|部长|主席|局长|秘书长|常委|董事长|院长|校长|会长|组长|总指挥|指挥长|调研员|(?<=[一-鿿])代表(?=来?[讲作做致发主])|同志)"
_FOR = r"(?:(?:^|(?<=[^一-鿿])|(?<=[请我们要想需来帮长记任]))(?:为(?!群众办)|给|替))"
"""为 as a preposition: not in 以案为鉴, 作为, 我为群众办实事."""
_AT = r"(?:(?<![存现正实潜内所])在(?![职建线岗编校册位]))"
_EVENT = re.compile(
    rf"{_AT}(?!(?:这次|本次)?(?:大会|会议)上)(?P<at>[^，。；,;\n]{{2,60}}?)(?:上|时)的?(?:讲话|致辞|发言|主持)"
    rf"|{_FOR}(?P<event>[^，。；,;\n]{{2,60}}?(?:会议|会|班|式|仪式|活动|论坛|培训|典礼|推介|党课|节))(?:上|时)?(?:起草|撰写|写|拟|准备|作|做|的?讲话稿?|的?致辞|，)"
)
_EVENT_TAIL = re.compile(
    r"([^，。；,;\n]{2,50}?(?:会议|大会|会|班|式|仪式|活动|论坛|培训|典礼|座谈|推介|党课|主持词))(?=[，。；,;\n由请]|$)"
)
_BEFORE_EVENT = re.compile(rf"^.*(?:{_FOR}|{_AT})")
_SPEAKER = re.compile(
    rf"(?:^|[，。；,;\n由请])(?![为给替在])(?P<who>[^，。；,;\n]{{0,20}}{_OFFICE}(?:、[^，。；,;、\n]{{0,16}}{_OFFICE})*)"
    r"(?P<name>[一-鿿]{2,3}?)??(?:同志)?(?:最后|首先|明天|今天|到会|亲自|要|将)*"
    r"(?:(?:在|代表)[^，。；,;\n]{1,20}?|[作做][一-鿿]{0,4}?)?"
    r"(?:来)?(?:讲话?|作讲话|做讲话|致辞|发言|主持|作报告)(?=[，。；,;\n]|$)"
)
_HOLDING = re.compile(
    r"^.*(?:召开|举行|举办)(?:一?[个次场])?(?=全[市县区镇乡])"
    r"|^(?:我们|咱们)(?=[^，]{3})"
    r"|(?:即?将|(?<![重主摘纪])要|准备|打算|计划|拟|正在)*(?:召开|举行|举办(?![单方地者权]))(?:一?[个次场])?的?"
    r"|(?:即?将|(?<![重主摘纪])要|准备|打算|计划|拟)(?:开展|开(?:一?[个次场])|开(?![展工发放创业学局幕班题]|通(?![车报])))"
)
"""How people tell of an event (我们县要开…会) and what its name does not have; 重要开工项目 stays."""
_HAN_NUMBER = r"[一二两三四五六七八九十][零一二两三四五六七八九十百千万]*"
_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+(?:\.\d+)?[百千万]?|{_HAN_NUMBER})"
_UNREAD = r"(?<![几数零一二两三四五六七八九十百千万\d.])"
"""几十分钟 and 数十分钟 say no number."""


def _amount_of(unit: str) -> str:
    return rf"{_UNREAD}(?:(?P<low>{_NUMBER})(?:{unit})?[-—–~～至到])?(?P<high>{_NUMBER})"


_HOURS_END = r"(?=左右|以内|就|即可|吧|长|的?(?:讲|发言|致辞|报告|主持)|[\s，。；,;、）)]|$)"
_HOURS = re.compile(
    rf"(?<!会期)(?<!会议)(?:{_amount_of('个?小时')}|{_UNREAD})个?(?P<half>半)?[个多来]*(?:小时|钟头)(?P<after>半)?{_HOURS_END}"
)
_MINUTES = re.compile(
    rf"(?:(?<![\d.])(?P<hours>\d|[一二两三])个?小时零?)?{_amount_of('分钟?')}\s*[来多]?分(?P<half>半)?钟(?!.{{0,6}}圈)"
)
_CHARS = re.compile(rf"{_amount_of('字')}\s*[来多]?个?字")
MIN_CHARS_READ = 100
"""Fewer 字 are those of a title, not of the speech."""
_DATE = re.compile(r"(20\d\d)\s*[年\-/.]\s*(\d{1,2})\s*[月\-/.]\s*(\d{1,2})\s*[日号]?")
_WHOLE = re.compile(r"(?<![安健齐完])全(市|县|区|镇|乡)(?![场域])")
_NO_NAME = re.compile(r"(?:城[市区镇乡]|[园景山灾校辖牧库郊老林矿]区)$")
"""推进城市更新 and 旅游景区 name no place unless the gazetteer has them."""
_LEVELS = {"县": "县", "市": "市", "区": "区", "镇": "乡镇", "乡": "乡镇"}
_BODY = r"[^，。；,;、\n]{0,12}?(?:委|政府|人大|政协|班子|单位|公司)"
_BEHALF = re.compile(
    rf"(?:^|(?<=[，。；,;、\s我]))代表(?P<body>{_BODY}(?:[、和]{_BODY})*)(?=[讲作做向，。；,;\n]|致辞|发言|$)"
)
_AUDIENCE = re.compile(r"(?:听众|参会人员|参加人员|台下|对象)(?:是|为|有|：|:)([^。；;\n]{2,80})")
_POINTS = re.compile(
    r"(?:强调|(?:^|(?<=[，。；,;、\n要请并]))(?:突出(?!问题(?!导向))|围绕)|重点讲|重点是|讲清|要点(?:是|：|:)|主要讲|内容包括)([^。；;\n]{2,200})"
)
_POINT_BREAK = re.compile(r"、|以及|(?<![共饱温缓调总亲])和(?!谐|平|睦|解|美)(?=[一-鿿]{2,})")
_POINT_START = re.compile(r"^(?:还有|另外|以及|再讲讲?|强调|突出|围绕|重点讲)")
_FIGURE = re.compile(
    r"\d|(?<![第一二三四五六七八九十])[一二两三四五六七八九十百千万亿]+(?:个|项|家|人|名|户|公里|万|亿|件|次|处|座|条|天)"
)
_HAPPENED = re.compile(r"[看听办走问查][了过]|已经")
_FORM = rf"起草|撰写|写(?:一|个|篇|份)|讲话(?!精神)|致辞|发言稿|{_NUMBER}[来多]?分钟(?!.{{0,6}}圈)|(?:{_NUMBER}个?)?半?个?(?:小时|钟头){_HOURS_END}|{_NUMBER}[来多]?个?字|语气"
_HOW_TO = re.compile(
    rf"{_FORM}|重点[讲是说谈写]|^(?:强调|突出(?!问题(?!导向)))|^围绕.*(?:讲|谈|方面)|要求(?:是|：|:|[讲写])|[点条个]要求"
    r"|^(?:会议|活动|培训|讲话)?(?:时间|日期|地点|时长)(?:[是为在：:]|定在)"
)
_NO_POINT = re.compile(
    rf"{_FORM}|风格|文风|口语|篇幅|字数|听众|参会|参加人员|代表.{{2,12}}讲|^20\d\d[年\-/.]"
)
"""What follows the points of a request and says how long, for whom and in which tone to write."""
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
    if event := _event(text):
        found["event"] = event
    if m := _SPEAKER.search(text):
        found |= _speaker(m["who"].strip(), m["name"] or "")
    if (minutes := _minutes(text)) is not None:
        found["minutes"] = minutes
    if (chars := _chars(text)) is not None:
        found["chars"] = chars
    if m := _DATE.search(text):
        found["date"] = _date(*map(int, m.groups()))
    found |= _where(event, text)
    if m := _BEHALF.search(text):
        found["on_behalf"] = m["body"]
    if m := _AUDIENCE.search(text):
        found["audience"] = m.group(1)
    if points := _points(text):
        found["points"] = points
    facts = [s for s in map(str.strip, re.split(r"[。；;\n]", text)) if _is_fact(s)]
    if facts:
        found["facts"] = facts
    return found


def _event(text: str) -> str:
    if m := _EVENT.search(text):
        name = m["at"] or m["event"]
    elif m := _EVENT_TAIL.search(text):
        name = _BEFORE_EVENT.sub("", m.group(1))
    else:
        return ""
    return _HOLDING.sub("", name.strip())


def _speaker(who: str, tail: str) -> dict[str, str]:
    """Return the office, and the name where one stands behind it: 副县长邵明远. Other words behind it go."""
    office = re.sub(r"^.*[由请]|^让", "", who)
    full = (office + tail).removesuffix("同志")
    for person in persons(f"{full}同志"):
        if len(person.key) > 1 and full.endswith(person.key) and full != person.key:
            return {"speaker": full.removesuffix(person.key), "speaker_name": person.key}
    return {"speaker": office}


def _where(event: str, text: str) -> dict[str, str]:
    """Return place and level; 全县 says the level and no place of another level is taken."""
    named = _named_places(event)
    whole = _WHOLE.search(event) or (None if named else _WHOLE.search(text))
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


def _points(text: str) -> list[str]:
    """Return what the request wants said, up to the clause that says how to write it."""
    m = _POINTS.search(text)
    clauses = re.split("[，,]", m.group(1)) if m else []
    wanted = takewhile(lambda c: not _NO_POINT.search(c) and not _SPEAKER.search(c), clauses)
    parts = (_POINT_START.sub("", part.strip()) for c in wanted for part in _POINT_BREAK.split(c))
    return [p for p in parts if len(p) > 1]


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
    if (m := _MINUTES.search(text)) and (value := _amount(m)) is not None:
        value += 60 * (_number(m["hours"] or "") or 0) + (0.5 if m["half"] else 0)
        return float(_in_range(value, 0.5, MAX_MINUTES, "minutes"))
    for m in _HOURS.finditer(text):
        value = _amount(m) or 0
        value += 0.5 if m["half"] or m["after"] else 0
        if value:
            return float(_in_range(value * 60, 0.5, MAX_MINUTES, "minutes"))
    return None


def _chars(text: str) -> int | None:
    for m in _CHARS.finditer(text):
        if (value := _amount(m)) is not None and value >= MIN_CHARS_READ:
            return round(float(_in_range(value, 200, MAX_CHARS, "字")))
    return None


def _amount(m: re.Match[str]) -> float | None:
    """Return the number, the middle where a range is given (2000-2500, 三到五千), or None."""
    low, high = m["low"] or "", m["high"] or ""
    if high[-1:] in ("百", "千", "万") and low[-1:].isnumeric() and len(low) == 1:
        low += high[-1]
    first, last = _number(low), _number(high)
    return (first + last) / 2 if first and last and first < last else last


def _number(words: str) -> float | None:
    """Return the value of 3,000, 3千, 三千, 七八 (7.5) or 二三十 (25), or None for what is no number."""
    if m := re.fullmatch(r"([\d,.]+)([百千万]?)", words):
        return float(m[1].replace(",", "")) * {"": 1, "百": 100, "千": 1000, "万": 10_000}[m[2]]
    if m := re.fullmatch(r"(.*?)([一二两三四五六七八九])([二三四五六七八九])([十百千万]*)", words):
        before, small, large, scale = m.groups()
        low, high = (chinese_number(before + digit + scale) for digit in (small, large))
        rising = not re.search("[一二两三四五六七八九]$", before)
        return float((low + high) / 2) if rising and low and high and low < high else None
    if m := re.fullmatch(r"(.*([百千万]))([一二三四五六七八九])", words):
        words += {"百": "十", "千": "百", "万": "千"}[m[2]]
    value = chinese_number(words)
    return None if value is None else float(value)


def _in_range(value: float, low: float, high: float, unit: str) -> Any:
    if not low <= value <= high:
        raise BriefError(f"{value:g} {unit} is not possible: a speech has {low:g} to {high:g} {unit}")
    return value


def _date(year: int, month: int, day: int) -> datetime.date:
    try:
        return datetime.date(year, month, day)
    except ValueError as error:
        raise BriefError(f"{year}-{month}-{day} is not a day of the calendar") from error
