"""Website residue (family E): page data, related links, doubled titles, scrubbed names, injected goods.

:func:`clean_view` blanks that residue with every offset kept, so that the other checks judge the speech itself.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from rag_speech.checks.base import CheckContext
from rag_speech.checks.pages import page_data
from rag_speech.checks.scan import finding
from rag_speech.types import Finding, Severity, Span
from rag_speech.zh.text import lines, sentence_around

if TYPE_CHECKING:
    import ahocorasick

_SOURCE = "网页转载痕迹"
_SCRUB = (
    (
        r"(?:(?m:^)[ 　]*|(?<=[。；！？]))(?P<hit>同志(?:曾|就|在|指出|强调|说过?|要求)[^，。：\n]{0,14})",
        "名字被抹去，只剩“同志”",
    ),
    (r"(?P<hit>[^，。；\n]{0,8}(?:与|同|和)(?:保持)?高度一致)", "“与……保持高度一致”缺少对象"),
    (r"(?P<hit>以为核心的[^，。\n]{0,4})", "“以……为核心”缺少姓名"),
    (
        r"(?P<hit>(?:^|[，。；\n])在的(?:正确|坚强|统一)?(?:领导|指导|指引|关怀)[^，。\n]{0,4})",
        "“在……的领导下”缺少主语",
    ),
    (
        r"(?P<hit>(?:贯彻|落实)关于(?=[^，。《“\n]{2,24}?的?(?:重要|要求|精神|部署|指示|讲话|论述|批示|思想|决策))[^，。《“\n]{0,8})",
        "“落实……关于”缺少主语",
    ),
    (r"(?P<hit>(?:学习|贯彻|落实)(?:系列)?重要讲话精神)", "“学习贯彻……重要讲话精神”缺少讲话人"),
    (
        r"(?P<hit>(?<![A-Za-z])[A-WYZ]{1,2}(?:工委|热情|书记|县委|市委|县|市|区|镇|乡|局|办|村))",
        "字母遮住了原来的字",
    ),
)
_SCRUBS = tuple((re.compile(pattern), message) for pattern, message in _SCRUB)
_ONE_AGREEMENT = re.compile(r"[^，。；\n](?:与|同|和)(?:保持)?高度一致$")
_WITH_OBJECT = re.compile(
    r"(?:党中央|中央|组织|核心|要求|部署|步调|认识|看法|目标|意见|标准)(?:与|同|和)?(?:保持)?高度一致"
)
_INDUSTRY = re.compile(
    "产业|企业|生产|项目|制造|园区|销售|招商|产品|产值|厂|采购|安装|购置|抢险|物资|装备|设备|机械|器材|维修|打击|整治|防范|农|粮|村|车间|工地|机器|台|套"
)

_MAKES = re.compile("[做产造卖销换买织修装件台套块条种张叫]$")
_IS_MADE = re.compile("[是厂行这出卖销]|从(?!而)")


def scrape(text: str, known: str = "") -> list[Finding]:
    """Return website residue in ``text`` in order. ``known`` is the brief's text, whose nouns are at home."""
    found = [*page_data(text), *_doubled_title(text), *scrubbed(text), *injected(text, known)]
    return sorted(found, key=lambda f: f.span or Span(0, 0))


def _p0(text: str, code: str, at: tuple[int, int], message: str, suggestion: str = "删去。") -> Finding:
    return finding(text, code, Severity.P0, at, message=message, suggestion=suggestion, source=_SOURCE)


def _title_repeats(text: str) -> list[Span]:
    """Return the lines after the first that repeat the text's first title-like line."""
    every = list(lines(text))[:12]
    shown = [re.sub(r"^\[bookmark[^\]]*\]", "", s.of(text)) for s in every]
    for index, title in enumerate(shown[:4]):
        if not 6 <= len(title) <= 50 or title[-1] in "。！？；：:，":
            continue
        again = [every[i] for i in range(index + 1, len(every)) if shown[i] == title]
        if again:
            return again
    return []


def _doubled_title(text: str) -> list[Finding]:
    again = _title_repeats(text)
    if not again:
        return []
    last = again[-1]
    return [
        _p0(
            text, "E-DUP", (last.start, last.end), f"标题重复出现{len(again) + 1}次。", "只保留文首一处标题。"
        )
    ]


def scrubbed(text: str) -> list[Finding]:
    """Return places where a name or 党中央 was stripped and left a hole. Works on fragments."""
    out = []
    for pattern, message in _SCRUBS:
        for m in pattern.finditer(text):
            shown = m["hit"]
            if "高度一致" in shown and (_WITH_OBJECT.search(shown) or not _hole(shown)):
                continue
            at = m.start("hit") + (1 if shown[0] in "，。；\n" else 0)
            out.append(
                _p0(
                    text,
                    "E-SCRUB",
                    (at, m.end("hit")),
                    f"{message}：“{text[at : m.end('hit')]}”。",
                    "核对原文补全。",
                )
            )
    return out


def _hole(shown: str) -> bool:
    """Tell 行动上与高度一致 (nothing between) from 思想和行动高度一致 (和 joins two nouns)."""
    word = re.search(r"(与|同|和)(?:保持)?高度一致$", shown)
    return bool(word) and (word[1] != "和" or "保持" in shown)  # type: ignore[index]


@cache
def _goods() -> ahocorasick.Automaton:
    import ahocorasick

    raw = resources.files("rag_speech.checks").joinpath("data", "seo_nouns.txt").read_text("utf-8")
    automaton = ahocorasick.Automaton()
    for word in (w for line in raw.splitlines() if not line.startswith("#") for w in line.split()):
        automaton.add_word(word, len(word))
    automaton.make_automaton()
    return automaton


def injected(text: str, known: str = "") -> list[Finding]:
    """Return goods and services that have no business in a speech (滤布), unless the sentence is about industry."""
    spans: list[Span] = []
    for last, length in _goods().iter_long(text):
        start = last + 1 - length
        if spans and spans[-1].end == start:
            spans[-1] = Span(spans[-1].start, last + 1)
        else:
            spans.append(Span(start, last + 1))
    out = []
    at_home = {s.of(text) for s in spans if _is_trade(text, s)}
    for span in spans:
        word = span.of(text)
        if (
            word not in known
            and word not in at_home
            and not _INDUSTRY.search(sentence_around(text, span.start).of(text))
        ):
            out.append(
                _p0(text, "E-SEO", (span.start, span.end), f"“{word}”与讲话无关，像是网页植入的广告词。")
            )
    return out


def _is_trade(text: str, span: Span) -> bool:
    """Tell goods that the speech itself talks of (三代人做滤布, 滤布厂) from words pasted between others."""
    return bool(_MAKES.search(text[max(0, span.start - 2) : span.start]) or _IS_MADE.match(text, span.end))


@lru_cache(maxsize=16)
def clean_view(text: str) -> str:
    """Return ``text`` with page data, links, repeated titles and injected words blanked; same length."""
    chars = list(text)
    spans = [f.span for f in (*page_data(text), *injected(text)) if f.span]
    spans += _title_repeats(text)
    spans += [Span(*m.span()) for m in re.finditer(r"\[bookmark[^\]\n]*\]", text)]
    for span in spans:
        for at in range(span.start, span.end):
            if chars[at] != "\n":
                chars[at] = " "
    return "".join(chars)


def check_scrape(context: CheckContext) -> list[Finding]:
    """Website residue in the whole text."""
    brief = context.brief
    known = "\n".join([brief.own_text, *(m.text for m in brief.materials)]) if brief else ""
    lexicon = "\n".join(context.occasion.lexicon) if context.occasion else ""
    return scrape(context.text, known + lexicon)
