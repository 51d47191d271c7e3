"""Figures, percentages, dates, document numbers and ranks in a text, each with its normalised value.

万/亿, Chinese numerals, 百分之, full and half width all come to one value, so that ``1.2万人`` and ``12000人``
are the same claim. Offsets are code points of the text as given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from rag_speech.checks.scan import half_width
from rag_speech.types import Span

Kind = Literal["figure", "date", "docnum", "rank", "person", "org", "place", "document", "quote", "slogan"]


@dataclass(frozen=True, slots=True)
class Claim:
    """Something a text states that must come from somewhere.

    ``key`` is the normalised form that is compared; figures compare by ``value`` and ``unit`` (``unit`` is empty
    when it is none of the known ones), dates by ``date`` (year, month, day; 0 where not said).
    """

    kind: Kind
    span: Span
    text: str
    key: str = ""
    value: Decimal = Decimal(0)
    unit: str = ""
    date: tuple[int, int, int] = (0, 0, 0)
    rough: str = ""
    """``over`` (超过 X), ``about`` (近 X, X多) or empty."""


_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALE = {"十": 10, "百": 100, "千": 1000}
_BIG = {"万": 10_000, "亿": 100_000_000}
_MULTIPLIER = {
    "": 1, "百": 100, "千": 1000, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8,
    "万亿": 10**12,
}  # fmt: skip

_UNIT_CLASSES = (
    ("%", "%"),
    ("pp", "个百分点 百分点"),
    ("元", "元 块钱 元人民币"),
    ("人", "人 名 位"),
    ("人次", "人次"),
    ("个", "个 家 所 座 项 处 支 批 条 件 起 宗 户 栋 台 辆 套 部 本 份 场 期 间 门 只 头 株 棵 篇 幅 枚 款 种 类 次 轮 例 笔 张 块 片 口 尾 羽"),
    ("公里", "公里 千米"),
    ("米", "米"),
    ("角", "角 毛"),
    ("千伏安", "千伏安"),
    ("千伏", "千伏"),
    ("升", "升"),
    ("分", "分"),
    ("点", "点 时"),
    ("平方公里", "平方公里 平方千米"),
    ("平方米", "平方米 平米"),
    ("立方米", "立方米 方"),
    ("亩", "亩 亩地"),
    ("公顷", "公顷"),
    ("吨", "吨"),
    ("斤", "斤"),
    ("公斤", "公斤 千克"),
    ("千瓦", "千瓦"),
    ("度", "度 千瓦时"),
    ("度数", "摄氏度 ℃"),
    ("倍", "倍"),
    ("岁", "岁"),
    ("年", "年 周年 年度"),
    ("个月", "个月"),
    ("周", "周 个星期"),
    ("天", "天 日 个工作日 工作日"),
    ("小时", "小时 个小时"),
    ("分钟", "分钟"),
    ("秒", "秒"),
    ("毫米", "毫米"),
    ("厘米", "厘米"),
    ("届", "届"),
    ("美元", "美元"),
)  # fmt: skip
UNIT = {word: name for name, words in _UNIT_CLASSES for word in words.split()}
_UNITS = "|".join(sorted((re.escape(u) for u in UNIT), key=len, reverse=True))
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_CN = "零〇一二两三四五六七八九十百千万亿"

_FIGURE = re.compile(
    rf"(?<![\dA-Za-z.〔\[第])(?P<num>{_ARABIC})\s?(?P<more>[多余几])?(?P<mult>万亿|千万|百万|十万|亿|万|千|百)?"
    rf"(?P<more2>[多余])?(?P<unit>{_UNITS})?(?![\d.]*[A-Za-z])"
)
# Chinese numerals count as figures only with a unit of measure: 三个方面 and 一件事 are rhetoric.
_CN_UNITS = "元|亩|公里|平方公里|吨|公斤|斤|户|平方米|公顷|立方米|千瓦|人次|人|名|岁|个百分点|倍|个?小时|分钟|个月|周年|家"
_CN_FIGURE = re.compile(
    rf"(?<![第{_CN}几数上成])(?P<num>[{_CN}]+(?:点[零〇一二三四五六七八九]+)?)(?P<more>[多余])?(?P<unit>{_CN_UNITS})"
)
_CN_COUNT = re.compile(
    r"(?<![第几数])(?P<num>[两二三四五六七八九]|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]百[零一二三四五六七八九十]*)"
    r"(?P<more>多|余)?(?P<unit>个|家|所|座|处|支|批|条|期|场)(?:重点|重大|大型|新建|省级|市级|国家级|产业|示范|工业|基层|专业)?"
    r"(?=项目|乡镇|街道|村[^民镇]|社区|企业|学校|园区|医院|合作社|基地|工程|平台|专题|课程|公园|车间|县|市|区[^别分])"
)
_CN_LASTS = re.compile(
    rf"(?:为期|有期徒刑)(?P<num>[{_CN}]+)(?P<half>半)?个?(?P<unit>天半?|周|月|年)(?P<half2>半)?"
)
_CN_PERCENT = re.compile(
    rf"百分之(?P<num>[{_CN}]+(?:点[零〇一二三四五六七八九]+)?)|(?<![{_CN}年完])(?P<tenth>[一二三四五六七八九])成(?P<half>半)?(?=以上|左右|多|，|。|、|的)"
)
_DASH = r"\s?(?:[-~～—–至]|——)\s?"
_DATE_RANGE = re.compile(
    rf"(?<!\d)(?P<y>\d{{4}})年?(?={_DASH}\d{{4}}年)|(?<![\d.])(?P<m>\d{{1,2}})月?(?={_DASH}\d{{1,2}}月)"
    r"|(?<!\d)(?P<iso>(?:19|20)\d\d)[-/.](?P<im>\d{1,2})[-/.](?P<id>\d{1,2})(?!\d)"
)
_DATE = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d{2}|二[〇零0][〇零一二三四五六七八九]{2}|一九[〇零一二三四五六七八九]{2})\s?年(?:度|底|初|末)?(?:\s?(?P<m>\d{1,2})\s?月份?(?:\s?(?P<d>\d{1,2})\s?[日号])?)?"
    r"|(?<![\d.])(?P<m2>\d{1,2})月(?:份|底|初|末|上旬|中旬|下旬|(?P<d2>\d{1,2})[日号])?"
)
_DOCNUM = re.compile(r"[㐀-䶿一-鿿]{0,6}[〔\[(（【]\s?(?:19|20)\d\d\s?[〕\])）】]\s?第?\d+号")
_AREA = r"(?:全球|世界|全国|国内|全省|省内|全市|市内|全区|全县|全州|同类[^，。；]{0,4}|同行业|西部|东部|中部)[^，。；！？\n第首唯]"
_ORDINAL = r"第[一二三四五六七八九十\d]+"
_RANK = re.compile(
    rf"{_AREA}{{0,8}}?(?:{_ORDINAL}(?:名|位)|首位|首个|首家|首次|唯一|第一方阵|前[一二三四五六七八九十\d]+(?:名|位|强))"
    rf"|(?:位居|位列|名列|排名?在?|居|列)[^，。；！？\n]{{0,6}}?{_ORDINAL}(?:名|位)?(?![个批次条步道项])"
)
_AIM = re.compile(r"(?:力争|争取|争当|争做|要|努力|奋力|目标|冲刺|迈向|进入|跻身)[^，。；！？\n]{0,6}$")
_OVER = re.compile(r"(?:超过?|突破|逾|高于|不少于|不低于|达到?了?)$")
_ABOUT = re.compile(r"(?:近|约|大约|将近|接近|约为)$")
_IDIOM_BEFORE = re.compile(r"(?:千家|三三两|成千上|千|万|一个人|每一|任何一|哪怕一)$")


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


def claims(text: str) -> list[Claim]:
    """Return figures, dates, document numbers and ranks of ``text`` in order, none inside another."""
    narrow = half_width(text)
    taken = bytearray(len(text))
    found = []
    for claim in (
        *_document_numbers(text, narrow),
        *_dates(text, narrow),
        *_percent_words(text, narrow),
        *_figures(text, narrow),
    ):
        start, end = claim.span.start, claim.span.end
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(claim)
    return sorted([*found, *_ranks(text, narrow)], key=lambda c: c.span)


def _document_numbers(text: str, narrow: str) -> list[Claim]:
    out = []
    for m in _DOCNUM.finditer(narrow):
        key = re.sub(r"[\[(（【]", "〔", re.sub(r"[\])）】]", "〕", "".join(m.group().split())))
        out.append(Claim("docnum", Span(*m.span()), text[m.start() : m.end()], key[key.index("〔") :]))
    return out


def _dates(text: str, narrow: str) -> list[Claim]:
    out = []
    for m in _DATE_RANGE.finditer(narrow):
        when = (int(m["y"] or m["iso"] or 0), int(m["m"] or m["im"] or 0), int(m["id"] or 0))
        out.append(Claim("date", Span(*m.span()), text[m.start() : m.end()], date=when))
    for m in _DATE.finditer(narrow):
        year = m["y"] or ""
        y = int(year) if year.isdigit() else int(chinese_number(year.replace("0", "〇")) or 0) if year else 0
        month, day = int(m["m"] or m["m2"] or 0), int(m["d"] or m["d2"] or 0)
        if month > 12 or day > 31:
            continue
        out.append(Claim("date", Span(*m.span()), text[m.start() : m.end()], date=(y, month, day)))
    return out


def _percent_words(text: str, narrow: str) -> list[Claim]:
    out = []
    for m in _CN_PERCENT.finditer(narrow):
        number = chinese_number(m["num"] or m["tenth"])
        if number is None or (m["num"] and number == 100):
            continue
        value = number if m["num"] else number * 10 + (5 if m["half"] else 0)
        out.append(Claim("figure", Span(*m.span()), text[m.start() : m.end()], value=value, unit="%"))
    for m in _CN_LASTS.finditer(narrow):
        number = chinese_number(m["num"])
        if number is not None:
            half = Decimal("0.5") if m["half"] or m["half2"] or m["unit"].endswith("半") else Decimal(0)
            unit = {"天": "天", "周": "周", "月": "个月", "年": "年"}[m["unit"][0]]
            span = Span(m.start("num"), m.end())
            out.append(Claim("figure", span, span.of(text), value=number + half, unit=unit))
    return out


def _figures(text: str, narrow: str) -> list[Claim]:
    out = []
    for m in _FIGURE.finditer(narrow):
        unit = UNIT.get(m["unit"] or "", "")
        value = Decimal(m["num"].replace(",", "")) * _MULTIPLIER[m["mult"] or ""]
        if not unit and _is_marker(narrow, m.start(), m.end()):
            continue
        rough = "about" if m["more"] or m["more2"] else _roughness(narrow, m.start())
        span = Span(m.start(), m.end())
        out.append(Claim("figure", span, span.of(text), value=value, unit=unit, rough=rough))
    for pattern in (_CN_FIGURE, _CN_COUNT):
        for m in pattern.finditer(narrow):
            number = chinese_number(m["num"])
            if (
                number is None
                or number < 2
                or _IDIOM_BEFORE.search(narrow[max(0, m.start() - 4) : m.start()])
            ):
                continue
            if m["num"] in {"千", "万", "百", "千万", "百千", "万千"} or (
                m["unit"] == "倍" and number in {10, 100}
            ):
                continue
            rough = "about" if m["more"] else _roughness(narrow, m.start())
            unit = UNIT.get(m["unit"].removeprefix("个") if m["unit"] == "个小时" else m["unit"], "个")
            span = Span(m.start(), m.end("unit"))
            out.append(Claim("figure", span, span.of(text), value=number, unit=unit, rough=rough))
    return out


def _is_marker(narrow: str, start: int, end: int) -> bool:
    """Tell a numeral that only numbers a heading or a list item (``1.``, ``（2）``) from a figure."""
    before = narrow[:start][-1:]
    after = narrow[end : end + 1]
    at_line = not narrow[narrow.rfind("\n", 0, start) + 1 : start].strip(" 　（(")
    return (at_line and after in {".", "．", "、", "）", ")", ","}) or (
        before in {"（", "("} and after in {"）", ")"}
    )


def _roughness(narrow: str, start: int) -> str:
    before = narrow[max(0, start - 4) : start]
    if _ABOUT.search(before):
        return "about"
    return "over" if _OVER.search(before) else ""


def _ranks(text: str, narrow: str) -> list[Claim]:
    out = []
    for m in _RANK.finditer(narrow):
        if _AIM.search(narrow[max(0, m.start() - 10) : m.start()]) or re.search(
            "力争|争取|要|努力", m.group()
        ):
            continue
        out.append(Claim("rank", Span(*m.span()), text[m.start() : m.end()], m.group()))
    return out


def covers(known: Claim, claim: Claim) -> bool:
    """Tell whether the known figure supports the claimed one: equal, rounded, or 超/近 within a tenth."""
    if known.unit and claim.unit and known.unit != claim.unit:
        return False
    if known.value == claim.value:
        return True
    if claim.rough == "over":
        return claim.value < known.value <= claim.value * Decimal("1.1")
    if claim.rough == "about":
        return abs(known.value - claim.value) <= abs(known.value) / 10
    return False
