"""Chinese numerals, and the markers that number the parts of a speech."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN = re.compile(
    r"(?:([一二两三四五六七八九])百零?)?(?:([一二三四五六七八九])?(十))?([一二两三四五六七八九])?"
)
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_FIRST = ("首先", "其次", "再次", "最后")


def from_han(numeral: str) -> int | None:
    """Return the number that a Chinese numeral from 一 to 九百九十九 writes, or None when it is none."""
    if numeral in _DIGITS:
        return _DIGITS[numeral]
    found = _HAN.fullmatch(numeral)
    if not numeral or not found:
        return None
    hundreds, tens, ten, ones = found.groups()
    value = 100 * _DIGITS[hundreds] if hundreds else 0
    if ten:
        value += 10 * (_DIGITS[tens] if tens else 1)
    return value + (_DIGITS[ones] if ones else 0)


def to_han(number: int) -> str:
    """Write 1 to 999 as a Chinese numeral. Raises ValueError outside that range."""
    if not 1 <= number <= 999:
        raise ValueError(f"No Chinese numeral for {number}: the range is 1 to 999.")
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{'零一二三四五六七八九'[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else "零一二三四五六七八九"[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + ("零一二三四五六七八九"[ones] if ones else "")


def to_count(number: int) -> str:
    """Write a number of things as it is spoken: 两点, but 三点."""
    return "两" if number == 2 else to_han(number)


class Family(StrEnum):
    """A style of numbering; its value shows the first marker."""

    HAN = "一、"
    HAN_PAREN = "（一）"
    ARABIC = "1."
    ARABIC_PAREN = "（1）"
    CIRCLED = "①"
    ORDINAL = "第一，"
    IS = "一是"
    NEED = "一要"
    FIRST = "首先，"
    SIDE = "一方面，"
    LOST = "、"

    @property
    def strong(self) -> bool:
        """Whether the marker alone makes a heading, without a first and a second beside it."""
        return self in _STRONG

    @property
    def series(self) -> str:
        """Families with one series name continue each other in real texts: 首先，其次，第三，."""
        return _SERIES.get(self, self.value)


_STRONG = (Family.HAN, Family.HAN_PAREN, Family.ARABIC, Family.ARABIC_PAREN, Family.CIRCLED)
_SERIES = {Family.FIRST: Family.ORDINAL.value, Family.NEED: Family.IS.value}
LEVEL_FAMILIES = _STRONG[:4]
"""The families of levels 1 to 4 (GB/T 9704-2012, 7.3.3)."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker found in a text: ``text`` as written at ``start``; ``ordinal`` is 0 when the numeral is lost."""

    family: Family
    ordinal: int
    text: str
    start: int = 0

    @property
    def end(self) -> int:
        """Offset after the marker."""
        return self.start + len(self.text)


_N = "[一二三四五六七八九十]{1,3}"
_UNIT = "(?:句话|个?方面|点|项|条|类)?"
_WEAK = (
    rf"(?P<ordinal>第(?P<ordinal_n>{_N}){_UNIT}(?:[，,、：: 　]|是[，,：:]?|(?=要|，)))"
    rf"|(?P<is>(?P<is_n>{_N})是)(?![一二三四五六七八九十]?[，,、。])"
    rf"|(?P<need>(?P<need_n>{_N})要)(?!求)"
    r"|(?P<first>(?P<first_n>首先|其次|再次|最后)(?:是?[，,：:]|是|(?=要|应|必须)))"
    r"|(?P<side>(?P<side_n>一方面|另一方面)(?:[，,]|是|(?=要|应)))"
)
_PAREN = (
    rf"(?P<han_paren>[（(](?P<han_paren_n>{_N})[）)]、?)"
    r"|(?P<arabic_paren>[（(](?P<arabic_paren_n>\d{1,2})[）)]|(?P<bare_n>\d{1,2})[）)])"
    rf"|(?P<circled>[{_CIRCLED}])"
)
_START = re.compile(
    rf"(?P<han>(?P<han_n>{_N})[、．.])(?![一二三四五六七八九十][、产])"
    rf"|(?P<arabic>(?P<arabic_n>\d{{1,2}})[.．、])(?!\d)|{_PAREN}|{_WEAK}|(?P<lost>、)"
)
_INLINE = re.compile(rf"[。！？；：，,;:!?”、）…][ 　]?(?:{_PAREN}|{_WEAK})")


def read_marker(text: str, start: int = 0) -> Marker | None:
    """Return the marker that ``text`` has at ``start``, the beginning of a paragraph; None when there is none."""
    found = _START.match(text, start)
    return _marker(found) if found else None


def inline_markers(text: str, start: int = 0) -> list[Marker]:
    """Return what could be markers inside a paragraph, in order; whether they form a series is for the parser."""
    return [_marker(found) for found in _INLINE.finditer(text, start)]


def _marker(found: re.Match[str]) -> Marker:
    name = found.lastgroup or ""
    written, start = found.group(name), found.start(name)
    match name:
        case "lost":
            return Marker(Family.LOST, 0, written, start)
        case "circled":
            return Marker(Family.CIRCLED, _CIRCLED.index(written) + 1, written, start)
        case "first":
            return Marker(Family.FIRST, _FIRST.index(found.group("first_n")) + 1, written, start)
        case "side":
            return Marker(Family.SIDE, 2 if written.startswith("另") else 1, written, start)
    numeral = found.group(f"{name}_n") if found.group(f"{name}_n") else found.group("bare_n")
    ordinal = int(numeral) if numeral.isdecimal() else from_han(numeral)
    return Marker(Family[name.upper()], ordinal or 0, written, start)


def make_marker(family: Family | int, number: int) -> str:
    """Write the ``number``-th marker of a family, or of a level (1 一、 2 （一） 3 1. 4 （1）) as GB/T 9704 has it.

    Raises ValueError for a level or a number that the family does not have.
    """
    if not isinstance(family, Family):
        if not 1 <= family <= len(LEVEL_FAMILIES):
            raise ValueError(f"No numbering for level {family}: levels are 1 to {len(LEVEL_FAMILIES)}.")
        family = LEVEL_FAMILIES[family - 1]
    limit = {Family.CIRCLED: len(_CIRCLED), Family.FIRST: len(_FIRST), Family.SIDE: 2, Family.LOST: 0}
    if not 1 <= number <= limit.get(family, 99):
        raise ValueError(f"No marker number {number} in the style {family.value}.")
    match family:
        case Family.ARABIC:
            return f"{number}."
        case Family.ARABIC_PAREN:
            return f"（{number}）"
        case Family.CIRCLED:
            return _CIRCLED[number - 1]
        case Family.FIRST:
            return f"{_FIRST[number - 1]}，"
        case Family.SIDE:
            return ("一方面，", "另一方面，")[number - 1]
    return family.value.replace("一", to_han(number))
