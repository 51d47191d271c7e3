"""Figures written in Chinese numerals: which of them state a fact (四十三件) and which are rhetoric (三点, 一件件)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from rag_speech.types import Span

CN = "零〇一二两三四五六七八九十百千万亿"

_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALE = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10_000, "亿": 100_000_000}

# With a unit of measure any number from two on states a fact.
_MEASURES = (
    "元|亩|公里|千米|平方公里|平方米|立方米|吨|公斤|斤|户|公顷|千瓦时|千瓦|千伏安|人次|人|名|岁|个百分点|倍|个?小时|分钟|个月|周年|家|"
    "毫米|厘米|米"
)
# With a counting word only a number from eleven on does: 三件事, 七年, 十个 are as often rhetoric as fact.
_COUNTS = (
    "个工作日|个|件|项|条|座|处|所|支|批|起|宗|栋|台|辆|套|部|本|份|场|期|间|门|头|株|棵|篇|幅|枚|款|种|类|次|笔|张|块|只|位|"
    "年|天"
)
_NOT_COUNTED = (
    r"(?:(?<=年)[代级间画]|(?<=个)(?:字|民族|坚持|必须|统筹|明确|方面|大|结合|一[流百]|小时|月|百分点)|(?<=条)心|(?<=部)[门分]|(?<=次)[方序]"
    r"|(?<=本)[领]|(?<=场)合|(?<=门)户|(?<=天)[大下空地])"
)
_START = rf"(?<![第{CN}几数上成零初某])"
_END = rf"(?!{_NOT_COUNTED})"
_FIGURE = re.compile(
    rf"{_START}(?P<num>[{CN}]+(?:点[零〇一二三四五六七八九]+)?)(?P<more>[多余])?(?P<unit>{_MEASURES})(?![{CN}])"
)
_COUNTED = re.compile(rf"{_START}(?P<num>[{CN}]{{2,}})(?P<more>[多余])?(?P<unit>{_COUNTS}){_END}")
_OBJECTS = re.compile(
    rf"{_START}(?P<num>[两二三四五六七八九]|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]百[零一二三四五六七八九十]*)"
    r"(?P<more>多|余)?(?P<unit>个|家|所|座|处|支|批|条|期|场)(?:重点|重大|大型|新建|省级|市级|国家级|产业|示范|工业|基层|专业)?"
    r"(?=项目|乡镇|街道|村[^民镇]|社区|企业|学校|园区|医院|合作社|基地|工程|平台|专题|课程|公园|车间|县|市|区[^别分])"
)
_LASTS = re.compile(
    rf"(?:为期|有期徒刑)(?P<num>[{CN}]+)(?P<half>半)?个?(?P<unit>天半?|周|月|年)(?P<half2>半)?"
)
_PER_CENT = re.compile(rf"百分之(?P<num>[{CN}]+(?:点[零〇一二三四五六七八九]+)?)")
_TENTH = re.compile(
    rf"(?<![{CN}年完])(?P<tenth>[一二三四五六七八九])成(?P<half>半)?(?=以上|左右|多|是|[，。；、的）\n]|\Z)"
)
# What a source may say with a small number, so that 9个 finds its 九个.
_LOOSE = re.compile(
    rf"{_START}(?P<num>[{CN}]+)(?P<more>[多余])?(?P<unit>{_MEASURES}|{_COUNTS}|个多?月|周|步|层|轮|只|口)"
)
_LOOSE_TENTH = re.compile(rf"(?<![{CN}])(?P<tenth>[一二三四五六七八九])成(?P<half>半)?")
_ABOUT_NUMBER = re.compile("(?<![零〇])[一二两三四五六七八九]{2}")
_IDIOM_BEFORE = re.compile(r"(?:千家|三三两|成千上|千|万|一个人|每一|任何一|哪怕一)$")
_COMMON_HISTORY = re.compile(r"改革开放|新中国|建国|建党|文明|[上下历]|历史|风雨|奋斗")
_LEAST_COUNT = 11


@dataclass(frozen=True, slots=True)
class HanFigure:
    """A figure in Chinese numerals; ``unit`` is the written word, ``%`` for 百分之 and 成."""

    span: Span
    value: Decimal
    unit: str
    about: bool = False
    """十多, 三十余: more than the number says."""


def chinese_number(numeral: str) -> Decimal | None:
    """Return the value of a Chinese numeral (``三千二百万``, ``一点五``, ``二〇二六``), or None."""
    whole, _, part = numeral.partition("点")
    if not whole or any(c not in _DIGIT and c not in _SCALE and c not in _BIG for c in whole):
        return None
    if len(whole) > 1 and all(c in _DIGIT for c in whole):
        value = Decimal("".join(str(_DIGIT[c]) for c in whole))
    else:
        value = _positional(whole)
    if part:
        if any(c not in _DIGIT for c in part):
            return None
        value += Decimal("0." + "".join(str(_DIGIT[c]) for c in part))
    return value


def _positional(numeral: str) -> Decimal:
    total = section = digit = 0
    for c in numeral:
        if c in _DIGIT:
            digit = _DIGIT[c]
        elif c in _SCALE:
            section += (digit or 1) * _SCALE[c]
            digit = 0
        else:
            section += digit
            total = (total + (section or 1)) * _BIG[c] if c == "亿" else total + (section or 1) * _BIG[c]
            section = digit = 0
    return Decimal(total + section + digit)


def han_shares_and_terms(text: str) -> Iterator[HanFigure]:
    """Yield 百分之三十, 六成 and 为期三天半; 百分之百 is an idiom."""
    for m in _PER_CENT.finditer(text):
        number = chinese_number(m["num"])
        if number is not None and number != 100:
            yield HanFigure(Span(*m.span()), number, "%")
    yield from _tenths(_TENTH, text)
    for m in _LASTS.finditer(text):
        number = chinese_number(m["num"])
        if number is not None:
            half = Decimal("0.5") if m["half"] or m["half2"] or m["unit"].endswith("半") else Decimal(0)
            unit = {"天": "天", "周": "周", "月": "个月", "年": "年"}[m["unit"][0]]
            yield HanFigure(Span(m.start("num"), m.end()), number + half, unit)


def _tenths(pattern: re.Pattern[str], text: str) -> Iterator[HanFigure]:
    for m in pattern.finditer(text):
        value = (chinese_number(m["tenth"]) or 0) * 10 + (5 if m["half"] else 0)
        yield HanFigure(Span(*m.span()), Decimal(value), "%")


def han_figures(text: str) -> Iterator[HanFigure]:
    """Yield the figures in Chinese numerals that state a fact."""
    for pattern in (_FIGURE, _OBJECTS, _COUNTED):
        for m in pattern.finditer(text):
            number = chinese_number(m["num"])
            if number is None or number < 2 or _is_rhetoric(m, number, text):
                continue
            if pattern is _COUNTED and (number < _LEAST_COUNT or _is_round_count(m, number, text)):
                continue
            yield HanFigure(Span(m.start(), m.end("unit")), number, m["unit"], bool(m["more"]))


def loose_han_figures(text: str) -> Iterator[HanFigure]:
    """Yield every number with a unit, small ones too: what a source says may be repeated in digits."""
    for m in _LOOSE.finditer(text):
        number = chinese_number(m["num"])
        if number is not None:
            yield HanFigure(Span(*m.span()), number, m["unit"].replace("多", ""), bool(m["more"]))
    yield from _tenths(_LOOSE_TENTH, text)


def _is_rhetoric(match: re.Match[str], number: Decimal, text: str) -> bool:
    numeral = match["num"]
    return (
        numeral in {"千", "万", "百", "千万", "百千", "万千", "亿", "亿万"}
        or (match["unit"] == "倍" and number in {10, 100})
        or bool(_ABOUT_NUMBER.search(numeral))
        or bool(_IDIOM_BEFORE.search(text[max(0, match.start() - 4) : match.start()]))
    )


def _is_round_count(match: re.Match[str], number: Decimal, text: str) -> bool:
    """Tell 一百个放心, 千年 and the years since an event that everybody knows from a count."""
    if match["unit"] in {"个", "次", "种", "年", "天", "条"} and number in {100, 1000, 10_000, 1_000_000}:
        return True
    if match["unit"] == "年":
        before = text[max(0, match.start() - 8) : match.start()]
        return number >= 1000 or bool(_COMMON_HISTORY.search(before))
    return match["unit"] == "天" and text[match.end() : match.end() + 1] == "人"
