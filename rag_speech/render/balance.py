"""Where a long title breaks: between words, in the shape of a trapezoid or a diamond (GB/T 9704 7.3.1)."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from functools import cache
from importlib import resources
from itertools import combinations, pairwise

MAX_LINES = 4
_SHORTEST = 4
"""字 that a line has at least."""
_NEVER = 1000.0
_IN_WORD, _ODD, _LONE, _GOOD = 8.0, 20.0, 6.0, -3.0
_MORE_LINES = 14.0
_EQUAL, _HOURGLASS = 1.5, 15.0
_PER_ZI = 0.8
"""Cost of each 字 between the longest and the shortest line."""
_OPENERS, _CLOSERS = "“‘《（〈【(", "”’》）〉】)、，。：；！？,.:;!?"
_NOT_FIRST = "的上时之和与及等"
_NOT_LAST = "在第和与及新"
_GOOD_BEFORE = re.compile(
    "业务|专题|培训班|开班|结业|动员|部署|总结|表彰|推进|推介|座谈|现场|工作|仪式|集体|启动|开工|签约|庆祝|重点|建设|专项"
)
_GOOD_AFTER = "县市区镇乡、：暨"
_WHOLE = (
    "安全生产|防灭火|以案促改|农民丰收节|[市县区]管干部|[市县区]直|[市县区]委|人民政府|农业大学|党组织|党支部|第一书记|一体化"
    "|常委会|委员会|办公室|办公厅|领导干部|工作人员|中国共产党|共产党员|经济社会|乡村振兴|营商环境|民主生活|基层治理|党风廉政"
    "|政绩观|技能大赛|共同体|医疗卫生|产业园|森林草原|建设领域|重点领域|突出问题|问题整改|警示教育|[一二三四五六七]中全会精神"
)
"""Words of titles that the list of common pairs does not hold together."""
_TOKEN = re.compile(
    rf"{_WHOLE}|" r"[0-9A-Za-z.％%]+[年月日届次个届期号]?|上的(?:讲话|发言|致辞)|时的(?:讲话|发言)|——|……"
)


def break_title(title: str, width: float) -> tuple[str, ...]:
    """Return the title in lines of at most ``width`` 字; a title longer than four lines stays in one piece."""
    dash = title.find("——", 1)
    if dash > 0:  # a theme and its occasion, each on lines of its own
        return (*break_title(title[:dash], width), *break_title(title[dash:], width))
    total = zi_width(title)
    if total <= width or total > MAX_LINES * width:
        return (title,)
    low = int(-(-total // width))
    costs = {at: cost for at, cost in enumerate(_costs(title)) if cost < _NEVER}
    best: tuple[float, tuple[str, ...]] | None = None
    for count in range(low, min(low + 1, MAX_LINES) + 1):
        for cuts in combinations(costs, count - 1):
            lines = tuple(title[a:b] for a, b in pairwise((0, *cuts, len(title))))
            widths = [zi_width(line) for line in lines]
            if max(widths) > width or min(widths) < _SHORTEST:
                continue
            cost = sum(costs[c] for c in cuts) + _shape(widths) + _MORE_LINES * (count - low)
            if best is None or cost < best[0]:
                best = (cost, lines)
    return best[1] if best else (title,)


def zi_width(text: str) -> float:
    """Return the width of ``text`` in 字: letters and digits of ASCII take half a 字."""
    return sum(0.5 if c < "\u0080" else 1.0 for c in text)


def _costs(title: str) -> list[float]:
    """Return what a break before each character costs."""
    costs = [_NEVER] + [_cost(title, at) for at in range(1, len(title))]
    for token in _TOKEN.finditer(title):
        for at in range(token.start() + 1, token.end()):
            costs[at] = _NEVER
    return costs


def _cost(title: str, at: int) -> float:
    before, after = title[at - 1], title[at]
    if before in _OPENERS or after in _CLOSERS:
        return _NEVER
    cost = _IN_WORD if _is_pair(before, after) else 0.0
    if after in _NOT_FIRST or before in _NOT_LAST:
        return _ODD + cost
    if _GOOD_BEFORE.match(title, at) and not cost:
        cost += _GOOD
    if before in _GOOD_AFTER:
        return cost + _GOOD
    if at > 1 and not _is_pair(title[at - 2], before) and _is_han(title[at - 2 : at]):
        cost += _LONE
    if at + 1 < len(title) and not _is_pair(after, title[at + 1]) and _is_han(title[at : at + 2]):
        cost += _LONE
    return cost


def _shape(widths: list[float]) -> float:
    cost = _PER_ZI * (max(widths) - min(widths))
    if len(set(widths)) == 1:
        cost += _EQUAL
    inner = widths[1:-1]
    if inner and min(inner) < min(widths[0], widths[-1]):
        cost += _HOURGLASS
    return cost


def _is_han(text: str) -> bool:
    return all("一" <= c <= "鿿" for c in text)


def _is_pair(first: str, second: str) -> bool:
    """Whether the two characters stand together inside a common word."""
    code = ord(first) * 65536 + ord(second)
    pairs = _pairs()
    at = bisect_left(pairs, code)
    return code < 1 << 32 and at < len(pairs) and pairs[at] == code


@cache
def _pairs() -> array[int]:
    pairs = array("I")
    pairs.frombytes((resources.files("rag_speech.zh") / "data" / "common_pairs.bin").read_bytes())
    return pairs
