"""Figures, percentages, dates, document numbers and ranks in a text, each with its normalised value.

万/亿, Chinese numerals, 百分之, full and half width all come to one value, so that ``1.2万人`` and ``12000人``
are the same claim. Offsets are code points of the text as given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from rag_speech.types import Span
from rag_speech.zh.han_figures import (
    HanFigure,
    chinese_number,
    han_figures,
    han_shares_and_terms,
    loose_han_figures,
)
from rag_speech.zh.text import half_width

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

_FIGURE = re.compile(
    rf"(?<![\dA-Za-z.〔\[第])(?P<num>{_ARABIC})\s?(?P<more>[多余几])?(?P<mult>万亿|千万|百万|十万|亿|万|千|百)?"
    rf"(?P<more2>[多余])?(?P<unit>{_UNITS})?(?![\d.]*[A-Za-z])"
)
_PEOPLE = re.compile(
    "人|孩子|学生|同学|老人|老师|教师|干部|党员|群众|同志|学员|居民|村民|乡亲|职工|工人|娃|代表|委员"
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
_BARE_DAY = re.compile(r"(?<![\d月.])(?P<day>[12]?\d|3[01])(?:日|号(?!楼|机组))")
_DOCNUM = re.compile(r"[㐀-䶿一-鿿]{0,6}[〔\[(（【]\s?(?:19|20)\d\d\s?[〕\])）】]\s?第?\d+号")
_AREA = r"(?:全球|世界|全国|国内|全省|省内|全市|市内|全区|全县|全州|同类[^，。；]{0,4}|同行业|西部|东部|中部)[^，。；！？\n第首唯]"
_ORDINAL = r"第[一二三四五六七八九十\d]+"
_RANK = re.compile(
    rf"{_AREA}{{0,8}}?(?:{_ORDINAL}(?:名|位)|首位|首个|首家|首次|唯一|第一方阵|前[一二三四五六七八九十\d]+(?:名|位|强))"
    rf"|(?:位居|位列|名列|排名?在?|居|列)[^，。；！？\n]{{0,6}}?{_ORDINAL}(?:名|位)?(?![个批次条步道项])"
)
_AIM = re.compile(r"(?:力争|争取|争当|争做|要|努力|奋力|目标|冲刺|迈向|进入|跻身)[^，。；！？\n]{0,6}$")
_OVER = re.compile(r"(?:(?<![经通不])过了?|超|突破|逾|高于|不少于|不低于|达到?了?)$")
_ABOUT = re.compile(r"(?:近|约|大约|将近|接近|约为)$")


def claims(text: str) -> list[Claim]:
    """Return figures, dates, document numbers and ranks of ``text`` in order, none inside another."""
    narrow = half_width(text)
    taken = bytearray(len(text))
    found = []
    for claim in (
        *_document_numbers(text, narrow),
        *_dates(text, narrow),
        *_han(text, han_shares_and_terms(narrow), narrow),
        *_figures(text, narrow),
        *_han(text, han_figures(narrow), narrow),
    ):
        start, end = claim.span.start, claim.span.end
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(claim)
    return sorted([*found, *_ranks(text, narrow)], key=lambda c: c.span)


def loosely_said(text: str) -> list[Claim]:
    """Return what a source says besides :func:`claims`: small numbers in Chinese (九个) and bare days (20日)."""
    narrow = half_width(text)
    days = [
        Claim("date", Span(*m.span()), m.group(), date=(0, 0, int(m["day"])))
        for m in _BARE_DAY.finditer(narrow)
    ]
    return [*_han(text, loose_han_figures(narrow), narrow), *days]


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


def _han(text: str, figures: Iterable[HanFigure], narrow: str) -> list[Claim]:
    """Return figures in Chinese numerals as claims."""
    out = []
    for figure in figures:
        rough = "about" if figure.about else _roughness(narrow, figure.span.start)
        unit = "%" if figure.unit == "%" else UNIT.get(figure.unit, "个")
        unit = _of_people(unit, narrow, figure.span.end)
        out.append(
            Claim("figure", figure.span, figure.span.of(text), value=figure.value, unit=unit, rough=rough)
        )
    return out


def _figures(text: str, narrow: str) -> list[Claim]:
    out = []
    for m in _FIGURE.finditer(narrow):
        unit = _of_people(UNIT.get(m["unit"] or "", ""), narrow, m.end())
        value = Decimal(m["num"].replace(",", "")) * _MULTIPLIER[m["mult"] or ""]
        if not unit and _is_marker(narrow, m.start(), m.end()):
            continue
        rough = "about" if m["more"] or m["more2"] else _roughness(narrow, m.start())
        span = Span(m.start(), m.end())
        out.append(Claim("figure", span, span.of(text), value=value, unit=unit, rough=rough))
    return out


def _of_people(unit: str, narrow: str, end: int) -> str:
    """Return ``人`` for 四百多个孩子, which the brief may call 四百多名."""
    return "人" if unit == "个" and narrow[end - 1] == "个" and _PEOPLE.match(narrow, end) else unit


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


_MANY = 100


def covers(known: Claim, claim: Claim) -> bool:
    """Tell whether the known figure supports the claimed one: equal, rounded, or 超/近 within a tenth."""
    if known.unit and claim.unit and known.unit != claim.unit:
        heads = {known.unit, claim.unit} == {"个", "人"}  # 846位老人, 846个家庭
        return heads and known.value == claim.value >= _MANY
    if known.value == claim.value:
        return True
    if claim.rough == "over":
        return claim.value < known.value <= claim.value * Decimal("1.1")
    if claim.rough == "about":
        return abs(known.value - claim.value) <= abs(known.value) / 10
    return False
