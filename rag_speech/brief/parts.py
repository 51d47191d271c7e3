"""Who speaks and at what event, as a request in words says it."""

from __future__ import annotations

import re
from typing import NamedTuple

from rag_speech.brief.asking import BREAK, COMMON_SURNAMES, EDGE, GENRE, LONG, REQUEST, UNKNOWN
from rag_speech.zh.names import persons

_HAN = "[一-鿿]"
_OFFICE = (
    "(?:书记|支书|[县市区镇乡州旗省村局部处科股所站院校园会组队馆行社厂矿场店班连营团台庭司署厅街河林田路链]长|主任|部长|主席|局长|秘书长|常委|董事长|理事长|总经理|副总|经理|总裁|老板|院长|"
    "校长|园长|会长|组长|指挥长|总指挥|站长|所长|处长|科长|股长|厂长|馆长|行长|社长|大队长|支队长|队长|政委|河长|林长|检察长|庭长|台长|"
    "总编辑|总编|主编|总工程师|厅长|专员|委员|调研员|督导员|专干|党组成员|村官|负责人|带头人|班主任|辅导员|领导|"
    "(?<=[一-鿿]{2})代表(?!团|大会|会议|[一-鿿]{0,8}[委府]|我|全))"
)
_SPEAK = (
    "(?:讲话|讲几句|讲两句|讲课|讲党课|讲一讲|讲讲|讲个话|讲|致个?[辞词]|念|点评|授课|训话|致欢迎辞|发言|主持|唠|[作做][^，。；\\n]{0,8}?(?:讲话|报告|发言|交流|动员|表态|致辞|总结)|"
    "说几句|说两句|说|谈|表态|宣讲|主讲|上台|动员|总结|汇报|述职|回应|演讲)"
)
_ADVERB = "(?:要|将|会|得|需|想|准备|打算|亲自|最后|首先|到会|出席并|参加并|参会并|也|来|去|上去|上台|出面|负责|先|再|临时|并|到时候|怎么|咋|过去|出来|明天|今天|下周|六一节?|大年初[一二三]|除夕|春节|国庆|元旦|中秋节?)"
_STOP = re.compile(
    r"会议|起草|想想?|需要|把|一?个|有(?!限)|党课|讲话|就是|请|由|让|给|帮|替|为(?!民)|是|叫|用|以|咱们?|俺们?|我[校局院司县市区镇乡村厂行社馆所](?=[校局院司县市区镇乡村厂行社馆所]长)|我们?|你们?|讲|说|写|在|到|去|来(?!宾)|[上里](?!海|级)|的(?!副)|篇|份|稿|词|搞|弄|整(?!改)|拟|准备|一下|然后|召开|举行|举办|出席|参加|"
    r"(?<![委协工商学合事金联生妇总])会(?!长|计|会长|主席|秘书长|理事长)|活动|班(?!子)|仪式|典礼|(?<=[班业])式|[，。；！？：\n]"
)
"""What no office begins with or goes across: verbs of asking, the event that stands before it."""
_SURNAME = re.compile(
    rf"^[{COMMON_SURNAMES}]"
    rf"(?=(?:常务)?副?{_OFFICE}$)"
)
_NOUN = (
    "(?:(?:[^社机体学]|全体)会议?|大会|班会|训练班|培训班|研修班|轮训班|班|仪式|典礼|开班式|[业班幕训]式|活动|论坛|(?<![情环细季])节|党课|培训(?![班会])|推介(?!会)|晚会|座谈(?!会)|慰问|调研|开工|奠基|揭牌|"
    "签约(?![仪会])|竣工(?!仪)|通车(?!仪)|祭扫|公祭|宣讲(?![会团])|述职(?!会)|演练|[大比竞]赛|校庆|庆典|结业|毕业|年会|茶话会|办公会|宴|村晚|汇演|第一课)"
)
_WHO = rf"(?P<who>{_HAN}{{0,24}}?{_OFFICE}(?:、{_HAN}{{0,16}}?{_OFFICE})*)"
_NAME = rf"(?:{UNKNOWN}|(?P<name>{_HAN}{{2,3}}?))??(?:同志)?[，{BREAK}]?"
_LEAD = re.compile(r"(?:新上?任的|刚上任的|(?:分管|主管|负责|联系)[一-鿿]{2,6}的)$")
"""What belongs to the office though 的 parts it from it."""
_AT = rf"(?:(?:在|喺|于|到|去|要去|参加|出席|接待|主持|代表|给|向|对|跟|和|与|慰问|看望|走访)[^，。；\n{LONG}]{{2,48}}?)"
_SPEAKERS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:^|(?<=[一-鿿，。；！？、\n：{BREAK}{LONG}])){_WHO}{_NAME}{_ADVERB}*主持",
        rf"以{_WHO}(?P<name>)的?(?:身份|名义|口吻|口气)",
        rf"(?:给|替|帮|请|由|让|为|代){_WHO}(?P<name>)(?:写|拟|准备|整|弄|起草|草拟|代拟|撰写|来|搞|做|出|{_AT}{GENRE})",
        rf"{_WHO}{_NAME}{_ADVERB}*{_AT}(?:[上时中]|期间)?的?{_ADVERB}*(?:{_SPEAK}|{GENRE})",
        rf"{_WHO}{_NAME}{_ADVERB}*{_SPEAK}",
        rf"{_WHO}{_NAME}的?{GENRE}",
        rf"{_WHO}{_NAME}{_ADVERB}*{LONG}",
        rf"{_WHO}{_NAME}{_ADVERB}*{_AT}",
        rf"{_WHO}{_NAME}{_ADVERB}*(?:主持)?(?:召开|开个|开(?=[一-鿿]{{1,20}}会))",
        rf"(?:^|(?<={EDGE})){_WHO}(?P<name>)(?={EDGE}|$)",
        rf"{_WHO}(?P<name>)(?=[^，。；\n]{{0,20}}{_NOUN}的?{GENRE})",
    )
)
"""The first that finds an office names the speaker: a host, who the text is for, who speaks at, who speaks ..."""
_SELF = re.compile(
    rf"(?:^|(?<={EDGE}))我是(?:一名|一个)?(?P<who>(?![^，]*小[王李张刘陈赵])[一-鿿]{{2,12}})(?=[，。])"
)


class Speaker(NamedTuple):
    """Office and name, and where both stand in the text that was searched."""

    office: str
    name: str
    start: int
    end: int


def find_speaker(text: str, *, hosts: bool) -> Speaker | None:
    """Return who speaks. ``hosts``: the request is for a host's script, so that 主持 counts first.

    领导 counts only where nobody is named.
    """
    patterns = _SPEAKERS if hosts else (*_SPEAKERS[1:], _SPEAKERS[0])
    found = [s for p in patterns for m in p.finditer(text) if (s := _speaker(m, text))]
    named = next((s for s in found if s.office != "领导"), found[0] if found else None)
    if named is None and (own := _SELF.search(text)):
        return Speaker(own["who"], "", own.start("who"), own.end("who"))
    return named


def _speaker(m: re.Match[str], text: str) -> Speaker | None:
    who = m["who"]
    stops = [s.end() for s in _STOP.finditer(who)]
    office = who[stops[-1] :] if stops else who
    if not re.fullmatch(rf".*{_OFFICE}", office) or office in ("委员", "代表", "常委会委员"):
        return None
    if who[: -len(office)].endswith(("全体", "各")) or office.startswith(("全体", "各")):
        return None
    if lead := _LEAD.search(text[: m.end("who") - len(office)]):
        office = lead.group() + office
    name = _person(office, m["name"] or "")
    if m["name"] and not name:
        return None
    start = m.end("who") - len(office)
    end = m.end("name") if name else m.end("who")
    return Speaker(_in_full(_SURNAME.sub("", office), text), name, start, end)


def _in_full(office: str, text: str) -> str:
    """Return a bare office with its body where the text names it elsewhere: 市妇联刘主席 ... 为刘主席."""
    if not re.fullmatch(_OFFICE, office):
        return office
    body = rf"{_HAN}{{1,12}}[委联局府办院校会司镇乡县市区村部]"
    m = re.search(rf"(?:^|(?<={EDGE}))(?P<body>{body}){_HAN}?{office}", text)
    return m["body"] + office if m and not _STOP.search(m["body"]) else office


def _person(office: str, tail: str) -> str:
    """Return the name where ``tail`` is one: 副县长邵明远."""
    tail = tail.removesuffix("同志")
    if not tail:
        return ""
    full = office + tail
    keys = (p.key for p in persons(f"{full}同志"))
    return next((k for k in keys if len(k) > 1 and full == office + k), "")


_HOLD = (
    r"(?:即?将|(?<![重主摘纪需])要|准备|打算|计划|拟|正在|会|得)*"
    r"(?:召开|举行|举办(?![单方地者权])|开展|组织(?=[一-鿿]{0,2}[个次场])|开(?![展工发放创业学局幕班题馆园街诊张盘机赛考春门源封平化江阳远原明漳化市航镰耕渔犁拓]|通(?![车报])|年(?![终度会底]))|搞(?=一?[个次场]|[一-鿿]{2,12}(?:节|会|活动|仪式|赛))|办(?=一?[个次场])|有(?=[个次场]))(?:一?[个次场])?(?:那个|这个|一下)?的?"
)
_HELD = re.compile(rf"^(?P<where>.*?){_HOLD}(?P<event>.+)$")
_OURS = re.compile(
    r"^(?:关于|就|是)?(?:(?:村|厂|队|局|院|校|学校|单位|公司|镇|乡)里面?|我(?:局|校|院|司|单位|公司|部门)|(?:要|将|去)*(?:到|去|赴)(?!会)|我们|咱们|俺们|咱|俺|阿拉|我(?!为))(?=.)"
)
_PLACE_KEPT = re.compile(r"(?:全[市县区镇乡村厂校院局]|(?<![社园小库片])[县市区镇乡])$")
_SAID = rf"(?:{GENRE}|主持|总结|表态|讲|说|唠|作|做|发言|致辞|用的|{EDGE}|$)"
_PREPOSITION = r"(?:(?<![存现正实潜内所])在(?!职(?!工)|[建线岗编册位吗]|校[生学期])|喺|出席|参加(?!人员)|接待|主持(?=[一-鿿]{2,}[会式]))"
_FOR = r"(?:(?:^|(?<=[^一-鿿])|(?<=[请我们要想需来帮长记任]))(?:为(?!群众办)|给|替)|用于)"
"""为 as a preposition: not in 以案为鉴, 作为, 我为群众办实事."""
_EVENTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_PREPOSITION}(?!(?:这次|本次)?(?:大会|会议|会)上)(?P<event>[^，。；\n{BREAK}{LONG}]{{2,60}}?)(?:上|时|中|期间)的?(?:{_SAID}|{_ADVERB}*{_SPEAK}|{_ADVERB})",
        rf"{_PREPOSITION}(?P<event>[^，。；\n{BREAK}{LONG}]{{1,60}}?{_NOUN})(?:的?{_SAID}|{_ADVERB}*{_SPEAK}|讲)",
        rf"{_PREPOSITION}(?P<event>[^，。；\n{BREAK}{LONG}]{{0,60}}?{_NOUN})(?:上|时|中|期间)(?!.{{0,8}}{_NOUN})",
        rf"{_FOR}(?P<event>[^，。；\n{BREAK}{LONG}]{{2,60}}?{_NOUN})(?:上|时)?(?:的?{GENRE}|{REQUEST.pattern}|起草|撰写|写|拟|准备|作|做|{EDGE}|$)",
        rf"{_HOLD}(?P<held>[^，。；\n{BREAK}{LONG}]{{1,50}}?{_NOUN})(?={EDGE}|$|{_ADVERB}|用的|的?{GENRE}|由|请|县长|书记)",
        rf"(?P<event>[^，。；！\n：{BREAK}{LONG}]{{0,50}}{_NOUN})(?=(?:上|时)?的?(?:{GENRE}|{EDGE}|$|用|由|请|[我他她]|开场|现场|第[一二三][讲课]|{_ADVERB}*{_SPEAK}))",
        rf"(?P<event>(?:[八六七五]一|[一-鿿]{1, 3}节)?(?:慰问|看望|走访|调研)[^，。；！\n：{BREAK}{LONG}]{{1,20}}?)(?:时候?|活动)?(?=的?{GENRE}|的时候|{EDGE}|$)",
        rf"(?P<event>[^，。；！\n：{BREAK}{LONG}]{{2,30}})的?{GENRE}(?={EDGE}|$)",
    )
)
_NAMED_TEXT = re.compile("(?:新年|新春|春节|元旦|中秋|国庆)(?:致辞|贺词|献词)|就职演说")
"""Texts that are their own event."""
_NO_EVENT = re.compile(
    rf"^(?:{GENRE}|{_NOUN}(?<!党课)(?<!村晚)|大会|会议|会|班|仪式|一下|[这那本该]次.{{0,2}}|.*(?:谢谢|帮|请你|初稿))$|^(?:语气|要求|主要|重点|上的)"
)


def find_event(text: str) -> str:
    """Return the name of the event without the words around it; empty where none is told."""
    own = _NAMED_TEXT.search(text)
    for pattern in _EVENTS[:-1] if own else _EVENTS:
        for m in pattern.finditer(text):
            if name := clean_event(m.group(0) if "held" in pattern.groupindex else m["event"], text, m):
                return name
    if own:
        return own.group()
    bare = (clean_event(clause) for clause in re.split(EDGE, text))
    return next((b for b in bare if 4 <= len(b) <= 24 and re.search(r"[节宴礼祭庆会班式赛日晚]$", b)), "")


def clean_event(name: str, text: str = "", match: re.Match[str] | None = None) -> str:
    """Cut how it is held, whose it is and what was asked off the name of an event."""
    if match is not None and "held" in match.groupdict():
        before = re.split(EDGE, text[: match.start()])[-1]
        name = before + name
    name = re.sub(rf"{UNKNOWN}+(?:[县市区镇乡](?=[一-鿿]{{3}}))?", "", name)
    name = re.sub("^的?(?:身份|名义|口吻|口气)", "", name.strip(" 　的"))
    name = REQUEST.sub("", name)
    name = _OURS.sub("", name)
    while held := _HELD.match(name):
        where = _OURS.sub("", re.sub(r"^.*(?:在[^，]{1,8}|定于|关于)", "", held["where"]))
        name = (where if _PLACE_KEPT.search(where) else "") + held["event"]
    name = _OURS.sub("", name)
    name = re.sub(
        rf"^.*讲(?=.{{0,4}}党课)|^.*给(?=.{{2,}}{_NOUN}$)|^[讲说谈](?=.{{2,}}{_NOUN}$)|^(?:关于|某[个次场]|一个|这个|那个|个|{_PREPOSITION})+|(?:上|时|的|用|领导)+$",
        "",
        name,
    ).strip("，。；：、 　")
    return "" if len(name) < 2 or _NO_EVENT.search(name) else name


def is_event(name: str) -> bool:
    """Tell whether ``name`` is the name of an event and nothing besides."""
    told = clean_event(name) != name or re.search("[弄搞帮请让那这把你我他她]", name)
    return not told and re.search(rf"{_NOUN}$", name) is not None


def is_office(words: str) -> bool:
    """Tell whether ``words`` are an office, or several, and nothing besides."""
    return all(
        re.fullmatch(rf"{_HAN}{{0,20}}?{_OFFICE}", w) and not _STOP.search(w) for w in words.split("、")
    )


_LITTLE = re.compile(
    rf"{GENRE}|{_SPEAK}|{_ADVERB}|{_HOLD}|[^一-鿿]|[的上时中在是我他她要给为请把用了吧就那这个同志]"
)


_DOUBTFUL = re.compile("[弄搞帮请让那这把你我他她]|.{25}")
"""In the name of an event: words that people tell with."""


def left_over(text: str, event: str) -> int:
    """Return how many characters of ``text`` tell something that nobody read yet."""
    if _DOUBTFUL.search(event):
        return len(text)
    return len(_LITTLE.sub("", REQUEST.sub("", text.replace(event, BREAK) if event else text)))
