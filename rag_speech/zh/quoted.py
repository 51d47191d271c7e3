"""What stands between marks: titles of documents, attributed quotations, number slogans."""

from __future__ import annotations

import re

from rag_speech.types import Span
from rag_speech.zh.claims import Claim
from rag_speech.zh.text import HAN

_DOCUMENT = re.compile(r"《([^《》\n]{1,60})》")
_SAID = "指出|强调|说过|讲过|说|讲|写道|写到|要求|提出|有云|曾言|(?<![知报难味渠频轨街管通])道|曰|云|古语|名言|古训|诗句|古诗"
_QUOTED = re.compile(r"“[^“”\n]{8,200}”")
_SAID_BEFORE = re.compile(
    rf"(?:(?:{_SAID})(?:得好|过)?(?:的|了|是|道)?[：:，,]?|(?:的名言|的话|的诗句|的古训|的教导)[，：:]?)\s?\Z"
)
_SAID_REACH = 10
"""Characters before a quotation that may attribute it."""
_NAME_END = re.compile(
    r"(?:[日周月节年会展赛奖杯班课站队团线路号馆园区院所校]|工程|行动|计划|活动|战略|倡议|项目|制度|机制|模式|体系|平台|论坛|仪式|工作法|大赛|课堂|行动年|宣传周|宣传月)”$"
)
"""A quotation without a comma that ends so is a name (“12·4国家宪法日”)."""
_TERM_AFTER = re.compile(
    "的?(?:理念|战略|方针|工程|行动|计划|活动|工作法|模式|机制|口号|主题|体系|格局|布局|工作思路|目标|总体要求|总要求|治理体系|品牌|称号|专项)"
)
"""Nouns that make the words before them a term of office (“……”工程), not somebody's wording."""
_TERM_CHARS = 24
_REPORTED = re.compile(
    r"(?P<who>有一?位(?:老?领导|领袖|名人|专家|企业家|哲人|学者|伟人)(?:同志)?|[^，。！？；：\n“”\s]{2,8}同志)"
    r"(?P<when>[^，。！？；：\n“”]{0,14}?)(?:就|也|还)?(?:曾经|曾)?(?:讲过|说过|曾指出|指出过|讲话时说|指出)[，：:]\Z"
)  # fmt: skip
_REPORTS = re.compile("(?:过|时说|指出)[，：:]")
_REPORT_REACH = 48
_SHORT_QUOTE = re.compile(r"\s?“[^“”\n]{1,7}”")
"""Fewer than 8 字 are a word, not a quotation that has to be checked."""
_PROVERB = re.compile("俗话|俗语|常言|谚语|老话|歇后语|民谚|顺口溜|人们常说|常说")
_PEOPLE = (
    "群众|老乡|老百姓|百姓|村民|居民|乡亲|大伙|有人|有些人|有的人|不少人|很多人|有同志|有的同志|有些同志|有的干部|有些干部|同志们|大家|朋友|"
    "孩子|学生|同学|家长|老人|大爷|大妈|大娘|大叔|阿姨|奶奶|爷爷|母亲|父亲|妻子|丈夫|儿子|女儿|客商|企业家|老板|工人|职工|师傅|司机|农民|"
    "农户|患者|病人|护士|医生|老师|教师|店主|摊主|游客|网友|网民|他|她|他们|她们|我|自己|心里|嘴上|口头"
)
_BY_PEOPLE = re.compile(
    rf"(?:{_PEOPLE})[^，。！？；：\n“”]{{0,10}}(?:说|讲|写道|写到|告诉|问|答|喊|提出)[^。！？；\n“”]{{0,6}}\Z"
)
"""Ordinary people's words: only the speaker can know them."""
_BY_AUTHORITY = re.compile(
    "总书记|主席|总理|书记|市长|县长|省长|部长|主任|领导|领袖|伟人|先生|院士|教授|专家|古人|先贤|名人|哲人"
)
_WHO_REACH = 24
_GROUPS = frozenset(
    [
        "各位",
        "全体",
        "在座",
        "广大",
        "有的",
        "有些",
        "许多",
        "不少",
        "老",
        "年轻",
        "个别",
        "一些",
        "很多",
        "我们",
        "你们",
        "他们",
        "有",
        "的",
    ]
)
_SLOGAN = re.compile(
    r"“(?P<body>[一二两三四五六七八九十]{1,2}[个大]?[^“”，。、0-9]{1,6}(?:[一二两三四五六七八九十][^“”，。、]{1,4})?)”"
)


def documents(text: str) -> list[Claim]:
    """Return every 《title》."""
    return [
        Claim("document", Span(*m.span()), m.group(), "".join(m[1].split())) for m in _DOCUMENT.finditer(text)
    ]


def quotations(text: str) -> list[Claim]:
    """Return quotations of 8 字 or more that are attributed to someone, and reported speech of a named person.

    ``key`` is the quoted wording without punctuation; empty for reported speech. ``rough`` is ``people`` for the words of
    ordinary people, ``anonymous`` for those of a leader without a name. Names of days and works, terms of office and
    proverbs are no quotations.
    """
    out: dict[int, Claim] = {}
    for m in _QUOTED.finditer(text):
        span = Span(*m.span())
        before = text[max(0, span.start - _SAID_REACH) : span.start]
        if not _SAID_BEFORE.search(before) or _PROVERB.search(before[-8:]) or _is_name(text, m):
            continue
        spoken = text[max(0, span.start - _WHO_REACH) : span.start]
        people = _BY_PEOPLE.search(spoken)
        rough = "people" if people and not _BY_AUTHORITY.search(people.group()) else ""
        out[span.start] = Claim("quote", span, span.of(text), bare(m.group()), rough=rough)
    for said in _REPORTS.finditer(text):
        low = max(0, said.end() - _REPORT_REACH)
        by = _REPORTED.search(text[low : said.end()])
        if by is None or any(said.end() + gap in out for gap in range(3)):
            continue
        if _SHORT_QUOTE.match(text, said.end()):
            continue
        who = by["who"]
        if who[:-2] in _GROUPS:
            continue
        anonymous = "anonymous" if who.startswith("有") else ""
        start = low + by.start()
        out.setdefault(start, Claim("quote", Span(start, said.end() - 1), by.group()[:-1], rough=anonymous))
    return [out[at] for at in sorted(out)]


def _is_name(text: str, quoted: re.Match[str]) -> bool:
    """Tell the name of a day, a meeting or a programme from somebody's words."""
    words = quoted.group()
    if not re.search("[，。；！？]", words) and _NAME_END.search(words):
        return True
    return len(words) <= _TERM_CHARS and bool(_TERM_AFTER.match(text, quoted.end()))


def slogans(text: str) -> list[Claim]:
    """Return quoted number slogans (“三办三服务”, “两个率先”), which belong to one place and time."""
    return [Claim("slogan", Span(*m.span()), m.group(), m["body"]) for m in _SLOGAN.finditer(text)]


def bare(text: str) -> str:
    """Return the Han characters, letters and digits of ``text``: what is compared when wording must agree."""
    return re.sub(rf"[^{HAN}A-Za-z0-9]", "", text)
