"""The numerals that Word shows before automatically numbered paragraphs, from ``numbering.xml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from rag_speech.speech.numerals import to_han

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

_HAN = "〇一二三四五六七八九"
_LEGAL = str.maketrans("一二三四五六七八九十百", "壹贰叁肆伍陆柒捌玖拾佰")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    fmt: str
    text: str
    legal: bool


class Numbering:
    """Counts numbered paragraphs in document order and gives the numeral of each."""

    def __init__(self, numbering: Any, styles: Any) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._restart: dict[tuple[str, int], int] = {}
        self._overridden: dict[str, dict[int, _Level]] = {}
        self._counts: dict[tuple[str, int], int] = {}
        self._styles = (
            {s.get(f"{W}styleId"): s for s in styles.findall(f"{W}style")} if styles is not None else {}
        )
        for abstract in numbering.findall(f"{W}abstractNum") if numbering is not None else ():
            levels = {int(v.get(f"{W}ilvl", "0")): _level(v) for v in abstract.findall(f"{W}lvl")}
            self._levels[abstract.get(f"{W}abstractNumId")] = levels
        for num in numbering.findall(f"{W}num") if numbering is not None else ():
            self._read_num(num)

    def _read_num(self, num: Any) -> None:
        number = num.get(f"{W}numId")
        self._abstract[number] = _value(num, "abstractNumId")
        for override in num.findall(f"{W}lvlOverride"):
            depth = int(override.get(f"{W}ilvl", "0"))
            if start := _value(override, "startOverride"):
                self._restart[number, depth] = int(start)
            if (own := override.find(f"{W}lvl")) is not None:
                self._overridden.setdefault(number, {})[depth] = _level(own)

    def numeral(self, paragraph: Any) -> str:
        """Return the numeral shown before this ``w:p`` (empty when it has none) and count it."""
        number, depth = self._of(paragraph)
        levels = self._levels.get(self._abstract.get(number, ""), {}) | self._overridden.get(number, {})
        level = levels.get(depth)
        if level is None:
            return ""
        family = self._abstract[number]
        restart = self._restart.pop((number, depth), None)
        last = self._counts.get((family, depth))
        self._counts[family, depth] = (
            restart if restart is not None else level.start if last is None else last + 1
        )
        for deeper in [key for key in self._counts if key[0] == family and key[1] > depth]:
            del self._counts[deeper]

        def place(match: re.Match[str]) -> str:
            at = int(match.group(1)) - 1
            other = levels.get(at)
            if other is None:
                return ""
            return format_number(
                self._counts.get((family, at), other.start), "decimal" if level.legal else other.fmt
            )

        return "" if level.fmt in ("bullet", "none") else _PLACE.sub(place, level.text)

    def _of(self, paragraph: Any) -> tuple[str, int]:
        props = paragraph.find(f"{W}pPr")
        number, depth = _num_pr(props)
        seen: set[str] = set()
        style = _value(props, "pStyle") if props is not None else ""
        while style in self._styles and style not in seen and (not number or depth is None):
            seen.add(style)
            styled_number, styled_depth = _num_pr(self._styles[style].find(f"{W}pPr"))
            number = number or styled_number
            depth = styled_depth if depth is None else depth
            style = _value(self._styles[style], "basedOn")
        return number, depth or 0


def _num_pr(props: Any) -> tuple[str, int | None]:
    found = props.find(f"{W}numPr") if props is not None else None
    if found is None:
        return "", None
    depth = _value(found, "ilvl")
    return _value(found, "numId"), int(depth) if depth.isdigit() else None


def _level(element: Any) -> _Level:
    start = _value(element, "start")
    legal = element.find(f"{W}isLgl") is not None
    fmt = _value(element, "numFmt") or "decimal"
    return _Level(int(start) if start.isdigit() else 1, fmt, _value(element, "lvlText"), legal)


def _value(element: Any, name: str) -> str:
    found = element.find(f"{W}{name}")
    return (found.get(f"{W}val") or "") if found is not None else ""


def format_number(number: int, fmt: str) -> str:
    """Return ``number`` in a Word number format; others than here give Arabic digits.

    Source of the names: ECMA-376 part 1, 17.18.59.
    """
    if number < 1 and fmt != "decimal":
        return str(number)
    if fmt in (
        "chineseCounting",
        "chineseCountingThousand",
        "japaneseCounting",
        "taiwaneseCountingThousand",
        "koreanCounting",
    ):
        return to_han(number) if number < 1000 else str(number)
    if fmt in ("chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"):
        return to_han(number).translate(_LEGAL) if number < 1000 else str(number)
    if fmt in ("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital", "koreanDigital"):
        return "".join(_HAN[int(d)] for d in str(number))
    if fmt == "decimalFullWidth":
        return "".join(chr(ord(d) + 0xFEE0) for d in str(number))
    if fmt == "decimalZero":
        return f"{number:02d}"
    for first, name in ((0x2460, "decimalEnclosedCircle"), (0x2460, "decimalEnclosedCircleChinese"),
                        (0x2474, "decimalEnclosedParen"), (0x2488, "decimalEnclosedFullstop")):  # fmt: skip
        if fmt == name and number <= 20:
            return chr(first + number - 1)
    if fmt in ("ideographTraditional", "ideographZodiac"):
        cycle = _STEMS if fmt == "ideographTraditional" else _BRANCHES
        return cycle[(number - 1) % len(cycle)]
    if fmt in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if fmt == "upperLetter" else letter
    if fmt in ("lowerRoman", "upperRoman"):
        roman = ""
        for value, sign in _ROMAN:
            roman += sign * (number // value)
            number %= value
        return roman.upper() if fmt == "upperRoman" else roman
    return str(number)
