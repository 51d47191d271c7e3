"""Lengths and days as people say them: 十来分钟, 一刻钟, 两千五字, 不超过10分钟, 2027年3月5日."""

from __future__ import annotations

import datetime
import re
from typing import Any

from rag_speech.brief.brief import MAX_CHARS, MAX_MINUTES
from rag_speech.errors import BriefError
from rag_speech.zh.han_figures import chinese_number

_HAN_NUMBER = r"[一二两三四五六七八九十][零一二两三四五六七八九十百千万]*"
NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+(?:\.\d+)?[百千万]?|{_HAN_NUMBER})"
_UNREAD = r"(?<![几数零一二两三四五六七八九十百千万\d.])"
"""几十分钟 and 数十分钟 say no number."""


def _amount_of(unit: str) -> str:
    return rf"{_UNREAD}(?:(?P<low>{NUMBER})(?:{unit})?[-—–~～至到])?(?P<high>{NUMBER})"


HOURS_END = (
    r"(?=左右|以内|之内|就|即可|吧|长|的?(?:讲|发言|致辞|报告|主持|稿)|[\s，。；,;、）)！｜‖]|你|帮|$)"
)
_HOURS = re.compile(
    rf"(?<!会期)(?<!会议)(?:{_amount_of('个?小时')}|{_UNREAD})个?(?P<half>半)?[个多来]*(?:小时|钟头)(?P<after>半)?{HOURS_END}"
)
_MINUTES = re.compile(
    rf"(?:(?<![\d.])(?P<hours>\d|[一二两三])个?小时零?)?{_amount_of('分钟?')}\s*[来多]?(?:分(?P<half>半)?钟|分(?=[，。；！\n]|$)|min(?:ute)?s?)(?!.{{0,6}}圈)"
)
_QUARTERS = re.compile("(?P<high>[一两三123])刻钟")
_CHARS = re.compile(rf"{_amount_of('字')}\s*[来多]?个?字")
MIN_CHARS_READ = 100
"""Fewer 字 are those of a title, not of the speech."""
_DATE = re.compile(r"(20\d\d)\s*[年\-/.]\s*(\d{1,2})\s*[月\-/.]\s*(\d{1,2})\s*[日号]?")
_HEDGE = (
    "讲话|讲|说|念|唠|时间|时长|字数|篇幅|长度|全文|大概其?|大约|大致|差不多|约|控制在|掌握在|限制在|不要?超过|不能超过|别超过|不得超过|不多于|"
    "最多|最长|限时|限|要求|讲个|讲上|要讲|得讲|个|用|有|写|：|的"
)
_AFTER = "左右|上下|光景|以内|之内|内|以下|就行了?|就够了?|就好|即可|够了|吧|钟|的(?:稿子|时间)"
LENGTH = re.compile(
    rf"(?:{_HEDGE})*[\d零一二两三四五六七八九十半][\d.,零一二两三四五六七八九十百千万几数半来多个至到—–~～-]*"
    rf"(?:(?:个?字|分半?钟?)[-—–~～至到][\d.,零一二两三四五六七八九十百千万]+)?"
    rf"(?:分半?钟|分(?=[，。；！\n]|$)|刻钟|min(?:ute)?s?|个?半?(?:小时|钟头){HOURS_END}半?|字(?!文|号|形|头))(?!.{{0,6}}圈)(?:{_AFTER})*"
)
"""A length with the words around it; what it says is read by :func:`minutes_in` and :func:`chars_in`."""


def minutes_in(text: str) -> float | None:
    """Return the minutes that ``text`` says, the middle of a range. Raises BriefError for what no speech lasts."""
    if (m := _MINUTES.search(text)) and (value := _amount(m)) is not None:
        value += 60 * (_number(m["hours"] or "") or 0) + (0.5 if m["half"] else 0)
        return float(_in_range(value, 0.5, MAX_MINUTES, "minutes"))
    if m := _QUARTERS.search(text):
        return 15 * (_number(m["high"]) or 1)
    for m in _HOURS.finditer(text):
        value = _amount(m) or 0
        value += 0.5 if m["half"] or m["after"] else 0
        if value:
            return float(_in_range(value * 60, 0.5, MAX_MINUTES, "minutes"))
    return None


def chars_in(text: str) -> int | None:
    """Return the 字 that ``text`` asks for, the middle of a range. Raises BriefError for what no speech has."""
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


def date_in(text: str) -> datetime.date | None:
    """Return the first full date. Raises BriefError for a day that the calendar does not have."""
    if not (m := _DATE.search(text)):
        return None
    year, month, day = map(int, m.groups())
    try:
        return datetime.date(year, month, day)
    except ValueError as error:
        raise BriefError(f"{year}-{month}-{day} is not a day of the calendar") from error
