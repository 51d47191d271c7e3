"""Characters that cannot stand as they are: traditional script, words split by a mark, office words misspelt by sound."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from itertools import pairwise, product

from rag_speech.checks.base import CheckContext
from rag_speech.checks.scan import finding, quoted
from rag_speech.checks.scrape import clean_view
from rag_speech.types import Finding, Severity
from rag_speech.zh.places import is_everyday_pair
from rag_speech.zh.text import HAN, lines
from rag_speech.zh.words import is_word, words

_LEAST_TRADITIONAL, _LEAST_SHARE = 2, 0.05
"""Single such characters, and few in a long line, stand in names (芃, 菎)."""

_SPLIT = re.compile(rf"(?<=[{HAN}])[ 　]?[-‐‑_~·•●．.*＊/\\|][ 　]?(?=[{HAN}])")
_HALF_WORD = re.compile(rf"[{HAN}]{{1,4}}")
_WINDOW = 4
_FREQUENT = frozenset(
    ["群众", "领导", "社会", "国家", "思想", "经济", "政治", "文化", "历史", "上访", "腐败", "敏感"]
)
_NUMERAL = re.compile("[一二三四五六七八九十〇零百千万]")
_SHORT_NAMES = frozenset("中美日俄韩英法德欧朝越印蒙老泰缅新马京津沪渝粤港澳台")
_PARTNERS = frozenset("政银企校社地军民农医产学研用超商家园村区城乡")
"""Characters that stand for a country, a province or a partner and may be joined by a mark: 中-老铁路, 政-银-企."""


def check_spelling(context: CheckContext) -> list[Finding]:
    """Traditional characters (L-TRAD), split words (P-SPLIT), misspelt words of office (L-TYPO)."""
    view = clean_view(context.text)
    return [*traditional(view), *split_words(view), *misspelt(view)]


@cache
def is_traditional(char: str) -> bool:
    """Tell a character that Big5 has and GB 2312 has not: its simplified form is another one."""
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        try:
            char.encode("big5")
        except UnicodeEncodeError:
            return False
        return "一" <= char <= "鿿"
    return False


def traditional(text: str) -> list[Finding]:
    """Return every line with two or more traditional characters."""
    out = []
    for line in lines(text):
        written = [c for c in line.of(text) if is_traditional(c)]
        found = dict.fromkeys(written)
        if len(found) >= _LEAST_TRADITIONAL and len(written) >= _LEAST_SHARE * (line.end - line.start):
            shown = "、".join(list(found)[:6])
            out.append(
                finding(
                    text,
                    "L-TRAD",
                    Severity.P1,
                    (line.start, line.end),
                    message=f"这一段用了繁体字：{shown}。",
                    suggestion="转换成规范汉字。",
                    source="《中华人民共和国国家通用语言文字法》",
                )
            )
    return out


def split_words(text: str) -> list[Finding]:
    """Return words that a mark cuts in two (民-主, 中.国)."""
    out = []
    for m in _SPLIT.finditer(text):
        left, right = text[m.start() - 1], text[m.end()]
        if _NUMERAL.match(left) or _NUMERAL.match(right):
            continue
        if {left, right} <= _SHORT_NAMES or {left, right} <= _PARTNERS:
            continue
        word = _word_across(text, m)
        if m.group() in "·•" and word not in _official()[0] and word not in _FREQUENT:
            continue  # 科·斯坎达利迪斯
        if word:
            out.append(
                finding(
                    text,
                    "P-SPLIT",
                    Severity.P1,
                    (m.start() - 1, m.end() + 1),
                    message=f"“{word}”被符号拆开了：{quoted(text[m.start() - 1 : m.end() + 1])}。",
                    suggestion=f"改为“{word}”。",
                    source="网页转载痕迹",
                    fix=left + right,
                )
            )
    return out


def _word_across(text: str, mark: re.Match[str]) -> str:
    """Return the word that stands across the mark once it is gone, when neither side is a whole word without it."""
    before = re.search(rf"[{HAN}]*$", text[max(0, mark.start() - _WINDOW) : mark.start()])
    after = _HALF_WORD.match(text, mark.end(), mark.end() + _WINDOW)
    left, right = before.group() if before else "", after.group() if after else ""
    at = 0
    for word in words(left + right):
        if at < len(left) < at + len(word):
            everyday = len(word) > 2 or is_everyday_pair(word)
            return word if everyday and is_word(word) else ""
        at += len(word)
    return ""


@cache
def _official() -> tuple[frozenset[str], dict[tuple[str, ...], str]]:
    """Return the words of office, and each of them by its reading with tones."""
    raw = resources.files("rag_speech.checks").joinpath("data", "official_words.txt").read_text("utf-8")
    listed = [w for line in raw.splitlines() if not line.startswith("#") for w in line.split()]
    found: dict[tuple[str, ...], str] = {}
    for word in listed:
        for reading in product(*(_readings(c) for c in word)):
            found.setdefault(reading, word)
    return frozenset(listed), found


@cache
def _readings(char: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin

    return tuple(pinyin(char, style=Style.TONE3, heteronym=True)[0])


def misspelt(text: str) -> list[Finding]:
    """Return runs of characters that are no word and sound like a word of office: 县正府 for 县政府."""
    out = []
    at = 0
    run: list[tuple[int, str]] = []
    for word in (*words(text), ""):
        if len(word) == 1 and "一" <= word <= "鿿":
            run.append((at, word))
        else:
            out += _misspelt_in(text, run)
            run = []
        at += len(word)
    return out


def _misspelt_in(text: str, run: list[tuple[int, str]]) -> list[Finding]:
    out: list[Finding] = []
    for (start, first), (_, second) in pairwise(run):
        meant = _meant(first + second)
        if meant and not (out and out[-1].span and out[-1].span.end > start):
            out.append(
                finding(
                    text,
                    "L-TYPO",
                    Severity.P2,
                    (start, start + 2),
                    message=f"“{first}{second}”应为“{meant}”。",
                    suggestion=f"改为“{meant}”。",
                    source="《通用规范汉字表》",
                    fix=meant,
                )
            )
    return out


_STAND_ALONE = frozenset(
    "有为不一应都办是在的了和与到从对把被将要会能可就也还又再更最很太已于以及其之而但因所此这那谁几多少上下前后里外大小来去出进起过开用做作看说讲听问"
    "想见给叫让使请向往如若同跟比等每各该本某两三四五六七八九十百千万个只条件次回年月日时分名位家味完写再拿找带"
)
"""Characters that are words by themselves as often as parts of one: 该镇有, 都办得到. 带 before 表 is the slip it seems."""


@cache
def _meant(pair: str) -> str:
    """Return the word of office that ``pair`` sounds like and shares a character with, or nothing."""
    listed, by_reading = _official()
    if pair in listed or is_word(pair):
        return ""
    for reading in product(*(_readings(c) for c in pair)):
        word = by_reading.get(reading, "")
        wrong = [a for a, b in zip(pair, word, strict=False) if a != b]
        if word and len(wrong) == 1 and (wrong[0] not in _STAND_ALONE or pair == "带表"):
            return word
    return ""
