"""Persons, places, organisations, titles of documents, quotations and slogans in a text, without a model.

A name counts when its surroundings say so (an office, 同志, a quotation mark, a suffix such as 集团); ordinary
words that look like one are listed in ``data/not_names.txt``, administrative names in ``data/places.txt``.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from rag_speech.types import Span
from rag_speech.zh.claims import Claim
from rag_speech.zh.places import local_names
from rag_speech.zh.quoted import bare, documents, quotations, slogans
from rag_speech.zh.text import HAN

if TYPE_CHECKING:
    import ahocorasick

__all__ = [
    "bare",
    "documents",
    "local_places",
    "organisations",
    "persons",
    "places",
    "quotations",
    "slogans",
]

_OFFICE = (
    "总书记|书记|县长|市长|区长|镇长|乡长|局长|部长|秘书长|主任|主席|校长|院长|所长|科长|站长|馆长|会长|董事长|总经理|经理|"
    "总工程师|教授|院士|支书|村长|政委|司令员|厂长|厅长|处长|专员|常委|委员|代表|总理|省长"
)
_AFTER_NAME = r"(?=同志|先生|女士|教授|院士|等|上门|到|来|去|带|亲自|主持|主抓|牵头|包联|负责|担任|任|一行|介绍|代表|宣布|在|说|讲|指出|强调|作|出席|主持|作为|的|和|、|，|。|：|“|（|\s|$)"
_COMPOUND = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯|长孙"
_ORG_STRONG = "集团有限公司|集团公司|有限责任公司|股份有限公司|有限公司|集团|分公司|总公司|银行|大学|师范学院|研究院|研究所|基金会|电视台|日报社"
_ORG_WEAK = "公司|医院|中学|小学|合作社|协会|商会|水厂|电厂|水库|工业园|产业园|开发区|街道|村委会"
_ORG_SUFFIX = re.compile(rf"(?P<strong>{_ORG_STRONG})|(?P<weak>{_ORG_WEAK})")
_ORG_STOP = frozenset(
    "的了在和与及是由对向到被把为从以等各本该我全于进让请将要使有这那某一二三四五六七八九十几数多个家所座两每次条项处些"
    "孩会同着盯靠考守给过押找问去先再经用按陪半今明昨后前里外来往跟替比叫帮带送找看见听说讲写做住"
)
_ORG_MODIFIERS = (
    "相关|有关|龙头|大型|中小|中型|小型|大中小型|大中型|小|重点|民营|国有|上市|商业|政策性|地方|国家|省级|市级|县级|乡镇|农村|农民|专业|基层|"
    "定点|规模|上游|下游|知名|优秀|骨干|高新技术|高新|经济技术|经济|现代|农业|工业|特色|省|市|县|区|镇|乡|村|中心|人民|综合|社区|帮扶|包联|"
    "挂钩|责任|建设|施工|监理|物业|平台|保险|旅游|投资|城投|国投|科技|产业|行业|异地|街道|城市|物流|农商|示范|职业|技术|高等|普通|公立|私立|"
    "希望|红十字|志愿者|种植|养殖|电商|中医|妇幼|保健|附属|上级|同级|当地|学校|所在|服务|领办|创办|成立|组建|引进|推动|支持|加强|依托|通过|带动|"
    "合作|联合|国内|省内|外地|主要|新型|农机|供销|土地|股份|供电|水务|燃气|热力|担保|资产|盘活|食品|城区|城东|城西|城南|城北|老年|儿童|寄宿制|总|"
    "市直|县直|市属|县属|病险|矿务|零部件|智能|城乡|自来水|公交|运输|扩建|新建|处理|交给|欢迎|园区|泵业|改革|考上|岗位|"
    "检查|巡查|排查|巡护|查看|督查|检修|加固|除险|整治|管护|腾空|关闭|值守|守护|保护|进入|深入|下沉|联系|对接|指导|督促|协调|组织|动员|负责|"
    "分管|管理|运营|改造|提升|关停|安排|增加|减少|转移|覆盖|惠及|各类|全部|上游的|周边"
)
_ORG_GENERIC = re.compile(rf"^(?:{_ORG_MODIFIERS})*$")
_ORG_LEAD = re.compile(
    r"^(?:参观|考察|走访|来到|邀请|引进|感谢|学习|支持|依托|联合|落户|借鉴|推广|参与|创建|打造|建成|建好|做强|做大|培育|发展|规范|推动|欢迎)+"
)
_ORG_CHARS = 12


def _lines(name: str) -> list[str]:
    text = resources.files("rag_speech.zh").joinpath("data", name).read_text("utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


@cache
def _not_names() -> frozenset[str]:
    return frozenset(word for line in _lines("not_names.txt") for word in line.split())


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    surname = rf"(?:{_COMPOUND}|[{''.join(_lines('surnames.txt'))}])"
    title_name = re.compile(rf"(?:{_OFFICE})(?P<name>{surname}[{HAN}]{{1,2}}?){_AFTER_NAME}")
    name_comrade = re.compile(
        rf"(?:(?<=[^{HAN}])|(?<=[由请让跟对向如像以是])|(?<={'|'.join(['书记', '县长', '市长', '主任', '局长', '部长'])})|^)"
        rf"(?P<name>{surname}[{HAN}]{{1,2}})(?=同志(?!们))"
    )
    name_title = re.compile(
        rf"(?:(?<=[^{HAN}])|(?<=[由请让跟对向据]))(?P<name>{surname}[{HAN}]{{0,2}}?)(?:副)?(?:{_OFFICE}|先生|女士|老师)"
        rf"(?![{HAN}]*?(?:制|职务))"
    )
    return title_name, name_comrade, name_title


_COMMON_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁沈姚卢姜崔钟谭陆汪范"
    "金石廖贾夏韦付邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵钱严覃武戴莫孔汤"
)
_NOT_IN_NAME = re.compile("[某的了是在和与及等为对我各们这那其就作说讲]")


def persons(text: str) -> list[Claim]:
    """Return named persons: office + name, name + 同志, name + office (also a bare surname: 王书记)."""
    ordinary = _not_names()
    found: dict[int, Claim] = {}
    for pattern in _patterns():
        for m in pattern.finditer(text):
            name = m["name"]
            if (
                _NOT_IN_NAME.search(name)
                or name[:2] in ordinary
                or name[-2:] in ordinary
                or name + text[m.end("name") : m.end("name") + 1] in ordinary
            ):
                continue
            if len(name) == 1 and name not in _COMMON_SURNAMES:
                continue
            found.setdefault(
                m.start("name"), Claim("person", Span(m.start("name"), m.end("name")), name, name)
            )
    return [found[at] for at in sorted(found)]


@cache
def _places() -> ahocorasick.Automaton:
    import ahocorasick

    automaton = ahocorasick.Automaton()
    full = True
    for name in _lines("places.txt"):
        if name.startswith("["):
            full = name == "[full]"
        else:
            automaton.add_word(name, (name, full))
    automaton.make_automaton()
    return automaton


_NOT_A_PLACE_AFTER = re.compile(r"精神|会议|起义|战役|话|菜|籍|时间|大学|路[，。\d]")


def places(text: str) -> list[Claim]:
    """Return administrative names (省, 市, 县, 区 and the short names of provinces and prefectures)."""
    out: list[Claim] = []
    for end, (name, _full) in _places().iter_long(text):
        start = end + 1 - len(name)
        if not _NOT_A_PLACE_AFTER.match(text, end + 1):
            out.append(
                Claim(
                    "place", Span(start, end + 1), name, re.sub(r"(?<=..)(?:省|市|县|区|州|盟|旗)$", "", name)
                )
            )
    return out


def local_places(text: str) -> list[Claim]:
    """Return counties, towns and villages that the gazetteer does not have: 浦坪镇, whose ``key`` is 浦坪.

    ``rough`` is ``weak`` where the name may be everyday words.
    """
    found = local_names(text)
    taken = {at for claim in places(text) for at in range(claim.span.start, claim.span.end)} if found else ()
    return [
        Claim("place", n.span, n.name, n.stem, rough="" if n.sure else "weak")
        for n in found
        if not any(at in taken for at in range(n.span.start, n.span.end))
    ]


def organisations(text: str) -> list[Claim]:
    """Return organisations with a name of their own: 某某集团, 某某大学 (not 龙头企业, 县人民医院).

    ``rough`` is ``weak`` for suffixes that ordinary words carry too (公司, 水库).
    """
    out = []
    for m in _ORG_SUFFIX.finditer(text):
        start = m.start()
        while start > 0 and "㐀" <= text[start - 1] <= "鿿" and text[start - 1] not in _ORG_STOP:
            start -= 1
            if m.start() - start > _ORG_CHARS:
                break
        own = _ORG_LEAD.sub("", text[start : m.start()])
        if not 2 <= len(own) <= _ORG_CHARS or _ORG_GENERIC.match(own):
            continue
        name = own + m.group()
        span = Span(m.end() - len(name), m.end())
        out.append(Claim("org", span, name, name, rough="weak" if m["weak"] else ""))
    return out
