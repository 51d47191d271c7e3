"""Words that a site broke up so that copies and filters miss them: 民-主, 信丨访, 春天的.脚步, 完(wan)后(hou)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag_speech.ingest.background import Background
from rag_speech.ingest.inline import apart
from rag_speech.ingest.offsets import Edit

_HAN = "㐀-䶿一-鿿"
_INSIDE = re.compile(rf"(?<=[{_HAN}])[-‐·•．.*﹒丨|＿_－~^](?=[{_HAN}])")
_AFTER_PARTICLE = re.compile(rf"(?<=[的地得了和与在是])[.．](?=[{_HAN}])")
_NEVER = "丨|"
"""Marks that no Chinese text has between two characters of a sentence."""
_IN_NAMES = "·•"
"""Marks that part foreign names; they go only out of words that filters look for."""
_PARTS = "〇一二三四五六七八九十两大中小上下左右老少东西南北京津沪渝冀豫云辽黑湘皖鲁苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼港澳台美俄日韩英法德"
"""Characters that a mark parts for a reason: 五·四, 京-津-冀, 大-中-小."""
_FILTERED = frozenset(
    [
        "政府",
        "民主",
        "民意",
        "领导",
        "政治",
        "党委",
        "中央",
        "干部",
        "公安",
        "武装",
        "上访",
        "信访",
        "维权",
        "腐败",
        "贪污",
        "警察",
        "群众",
        "书记",
        "主席",
        "国家",
        "自由",
        "独立",
        "革命",
        "群体",
        "暴力",
        "枪支",
        "毒品",
        "赌博",
        "法院",
        "检察",
        "军队",
        "人大",
        "政协",
        "拆迁",
        "强拆",
        "共产",
        "政权",
        "选举",
        "宗教",
        "人民",
        "社会",
        "改革",
        "法律",
    ]
)
"""Words that filters look for, so that one mark inside is sign enough."""
_SYLLABLE = re.compile(rf"(?<=[{_HAN}])[（(](?P<said>[a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńň]{{1,6}})[）)]")
_TONE = re.compile("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńň]")
_OFTEN = 3
"""Pinyin without a tone goes from this many places on: 录像(xiang)看完(wan)后(hou)."""


def obscured(text: str, background: Background) -> list[Edit]:
    """Return the edits that put broken words together again, in order and apart."""
    return apart([*_marks(text, background), *_syllables(text)])


def _marks(text: str, background: Background) -> Iterator[Edit]:
    found = list(_INSIDE.finditer(text))
    if not found:
        return
    stops = sum(m.group() in ".．" for m in found)
    half_width = text.count("。") < 3 * stops  # the text ends its sentences so
    sure: list[int] = []
    likely: list[int] = []
    for m in found:
        mark, at = m.group(), m.start()
        first, second = text[at - 1], text[at + 1]
        if (first in _PARTS and second in _PARTS) or (mark in ".．" and half_width):
            continue
        if first + second in _FILTERED or mark in _NEVER:
            sure.append(at)
        elif mark not in _IN_NAMES and background.together(first, second):
            likely.append(at)
    for at in sure + (likely if len(likely) + len(sure) > 1 else []):
        yield Edit(at, at + 1, "", "P-CTRL")
    if not half_width:
        yield from (Edit(*m.span(), "", "P-CTRL") for m in _AFTER_PARTICLE.finditer(text))


def _syllables(text: str) -> Iterator[Edit]:
    found = list(_SYLLABLE.finditer(text))
    plain = sum(not _TONE.search(m["said"]) for m in found)
    for m in found:
        if _TONE.search(m["said"]) or plain >= _OFTEN:
            yield Edit(*m.span(), "", "P-CTRL")
