"""Names of towns, villages and reservoirs that no gazetteer has: two characters that are no word of everyday Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rag_speech.types import Span

PLACE = re.compile(
    r"[^\W\da-zA-Z_的在和与对到为从是有让把被给向按邻近全各我本该每某两个兄以及或由将已要请跟同比赴往于去了这那等乡镇县市区省新老大小写替]{2,3}"
    r"(?:自治县|自治州|县|市|区|镇(?![化居职])|乡(?!村))"
    r"(?![长委政场域间别容内里]|民(?!政工|政系|族|营|兵)|外(?!贸|事|宣)|中(?!医|小学|学))"
)
"""What may be the name of a county, city, district, town or township in running text: 青山县."""
COMMON_PLACE = re.compile(
    r"(?:地级|县级|直辖|党政|街道|开发|高新|示范|试验|保护|聚集|集聚|服务|生活|工业|商业|住宅|贫困|特色|重点|中心|建制|农贸|批发|金融|人才|劳务|房地产|国城|大城|中心城|主城|工业园|产业园|办公|行政|片|小|社)"
    r"(?:县|市|区|镇|乡)$"
)
"""Industrial zone, key town, 社区 ...: words that end like a place name and are none."""

_NAMED = re.compile(
    r"(?P<stem>[一-鿿]{2})(?P<kind>县|市|区|镇|乡|村|街道|社区|水库|大桥|河|江)(?![业产长镇场民])"
    r"(?<![江河](?=[县市区镇乡村]))"
)
_FUNCTION = frozenset(
    "要把的每不是使我你他它这那个一二三四五六七八九十百千万两几有在上下中为和与及又也都就才再还既等到从向对会能可多少大小"
    "新老第各该本某全进入来去出跨过沿临靠省市县区镇乡村街由着了被给让后前时所其送写看改设补带驻邻归往以便"
)
_VERBS = frozenset("借翻分报请回问找住连跑走")
"""Second characters that make 学借县 and 私分村 a verb with its object."""

_GENERIC = frozenset({"病险", "封控", "旧厂"})
"""病险水库 is a kind of reservoir."""

_ORDINARY_NAME = re.compile(
    r"(?:(?<=[在到从像如由比学鉴自同与和去跟、，。；：“（\n ])|(?<=邻近的)|(?<=兄弟)|(?<=\A))"
    r"(?P<stem>[一-鿿]{2})(?P<kind>县|镇|乡)(?=[的、，。；：那这和与”）]|党委|经验|做法|同志)"
)
_KINDS = (
    "贫困 农业 产粮 产油 脱贫 小康 示范 先进 后进 重点 中心 特色 民族 自治 县级 地级 建制 "
    "行政 山区 库区 边境 牧区 牧业 林业 旅游 文明 卫生 园林 森林 平安 双拥 模范 试点 帮扶 "
    "兄弟 周边 相邻 邻近 沿海 沿江 沿河 沿边 内陆 人口 劳务 财政 经济 百强 产业 工业 能源 "
    "资源 科技 教育 文化 历史 生态 移民 传统 典型 受灾 重灾 特大 大型 中型 小型 千年 百年 "
    "江南 北方 南方 西部 东部 中部 红色 革命 对口 结对 支援 受援 涉农 国家 本地 当地 外地 "
    "城关 集体 所辖 下辖 所属 分管 包联 联系 挂钩 责任 代表 基层 城镇 集镇 街镇 强镇 撤县 "
    "改县 建县 立县 富县 兴县 强县 治县 活县 农民 牧民 侨民 思念 热爱 建设 服务 回到 离开 "
    "来到 走出 走进 背井 年轻 干部 人才 教师 医生 项目 资金 政策 "
)
_KIND_OF_PLACE = frozenset(_KINDS.split())
"""What stands before 县, 镇 or 乡 and names no place: 贫困县, 重点镇."""


@dataclass(frozen=True, slots=True)
class LocalName:
    """A name of a place: 浦坪镇 with its stem 浦坪; ``sure`` when the stem is no word of everyday Chinese."""

    span: Span
    stem: str
    name: str
    sure: bool = True


@cache
def _everyday() -> tuple[frozenset[str], frozenset[str]]:
    """Return the pairs and the characters of everyday words."""
    data = resources.files("rag_speech.zh") / "data"
    raw = memoryview((data / "common_pairs.bin").read_bytes())
    codes = (int.from_bytes(raw[at : at + 4], "little") for at in range(0, len(raw), 4))
    pairs = frozenset(chr(code >> 16) + chr(code & 0xFFFF) for code in codes)
    return pairs | _GENERIC, frozenset((data / "common_characters.txt").read_text("utf-8").strip())


@cache
def common_characters() -> frozenset[str]:
    """Return the characters that stand in everyday words."""
    pairs, characters = _everyday()
    return characters | frozenset(char for pair in pairs for char in pair)


def is_everyday_pair(pair: str) -> bool:
    """Tell whether two characters stand together in everyday words."""
    return pair in _everyday()[0]


def _candidates(text: str) -> Iterator[re.Match[str]]:
    pairs, _ = _everyday()
    for match in _NAMED.finditer(text):
        stem = match["stem"]
        if not _FUNCTION.intersection(stem) and stem[1] + match["kind"][0] not in pairs:
            yield match


def local_places(text: str) -> set[str]:
    """Return place names found in ``text``: 浦坪镇 and, because it stands alone too, 浦坪.

    A name of everyday words (石桥村) counts when the text has it twice or more.
    """
    pairs, characters = _everyday()
    found: set[str] = set()
    for match in _candidates(text):
        stem, name = match["stem"], match.group()
        if stem not in pairs and not characters.issuperset(stem):
            found |= {stem, name}
        elif stem not in pairs and text.count(name) > 1:
            found.add(name)
    return found


def local_names(text: str) -> list[LocalName]:
    """Return every place name of ``text`` in order, each with its span.

    Names of everyday words (清河镇) count only where the words around them leave no other reading; they are
    not ``sure``.
    """
    pairs, characters = _everyday()
    found = {}
    for m in _candidates(text):
        stem = m["stem"]
        if stem not in pairs and stem[1] not in _VERBS and not characters.issuperset(stem):
            found[m.start()] = LocalName(Span(*m.span()), stem, m.group())
    for m in _ORDINARY_NAME.finditer(text):
        stem = m["stem"]
        if stem not in _KIND_OF_PLACE and not _FUNCTION.intersection(stem) and stem[1] not in _VERBS:
            found.setdefault(m.start(), LocalName(Span(*m.span()), stem, m.group(), sure=False))
    return [found[at] for at in sorted(found)]
