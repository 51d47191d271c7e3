"""What a request wants said: points, facts, tone, on whose behalf, a host's agenda."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import NamedTuple

from rag_speech.brief.amounts import HOURS_END, NUMBER
from rag_speech.brief.asking import BREAK, EDGE, GENRE, LONG

_POINTS = re.compile(
    rf"(?:主要|重点|着重|核心|简单)(?:是|就是|要|想)?(?:讲清(?:楚|(?!单))|讲透|讲讲|讲一?下?|说说|说一?下?|谈谈|谈|强调|突出|聚焦|围绕|内容)(?:是|有|包括|为)?[：:]?"
    r"|主要(?:就?是)[：:]?|(?:要点|重点|主要内容|内容)(?:[一二三四五六]个|[一二三四五六]条)?(?:是|有|为|包括|主要是|放在|[：:])[：:]?"
    r"|(?<![要再])(?:强调|聚焦|回应)(?:一下|好)?[：:]?|(?:^|(?<=[，。；,;、\n要请并｜‖]))(?:突出(?!问题(?!导向)|贡献|表现|成绩)|围绕)[：:]?"
    r"|(?:要|需|应)?(?:包含|涵盖)|主题(?:是|为)|主要(?=[^，。；就是的\n]{2,12}[、和])|点一点|提一提|[点提]一下(?!子)|讲清(?:楚|(?!单))|要提到|希望大家|[讲说谈][一二两三四五六七八九]个?(?:点|条|个方面|件事|层意思)[：:，]|要?把(?=[^，。；]{2,60}(?:讲透|讲清|讲明白|说透|说清|[说讲]到位|[讲说点提]到|[讲说]一[讲说]))"
    rf"|(?:(?<=上)|(?<=来)|(?<=长)|(?<=书记)|(?<=主任)|(?<=师)|^|(?<={EDGE}))(?:还要|还想|要|想|另外|再|会上|然后)*(?:讲讲|说说|谈谈|讲一讲|讲|说|谈)(?!话|几句|两句|课|完|稿|得|好|的|党课|人话|[，。；{BREAK}{LONG}]|上|个|点?啥|点?什么)"
)
_LISTED = re.compile(
    r"(?:^|(?<=[，。；\n]))(?:一[是要]|第一[，、])[^。\n]{2,200}?(?:[，；。](?:二[是要]|第二[，、]))[^\n]{2,200}"
)
_TOLD_LAST = re.compile(
    r"(?:^|(?<=[，。；｜‖]))(?P<points>[^，。；｜‖]{2,40}、[^，。；｜‖]{2,40}?)(?:这[一二两三四五]?[个件条]?.{0,3})?(?:都|也)要?(?:[讲说提点]到|[讲说提]一?[讲说提]|强调)(?=[，。；]|$)"
)
"""煤改电、补贴发放、安全排查都要说到."""
_BREAKS = re.compile(
    r"、|；|以及|还有|(?<![共饱温缓调总亲])和(?!谐|平|睦|解|美)(?=[一-鿿]{2,})|[，。；\n]?(?:[一二三四五六七八九][是要]|第[一二三四五六][，、])(?=[^要求])|\n?\d{1,2}[.、．)）]|\n"
)
_START = re.compile(
    r"^(?:就是|还有就是|还有|另外|以及|还要|还想|要(?![求点素闻])|再|想|是)*(?:讲讲?|说说|谈谈?|强调|突出|围绕|重点讲|讲清)?(?:一下|一讲)?(?:[：:]|\d{1,2}[.、．)）])?"
)
_END = re.compile(
    r"(?:[一二两三四五六七八九这几]{1,2}(?:个|大)?(?:方面|问题|点|条|件事|块)|等(?:方面|内容|几方面)?|展开|来[讲谈]|[讲说谈]一[讲说谈]|(?:讲|说|点|提)(?:透|清楚?|明白|到位|到)|[三四五两]样|这些事?|那些事)+$"
)
_FORM = rf"起草|撰写|写(?:一|个|篇|份)|讲话(?!精神)|致辞|发言稿|{NUMBER}[来多]?分钟(?!.{{0,6}}圈)|(?:{NUMBER}个?)?半?个?(?:小时|钟头){HOURS_END}|{NUMBER}[来多]?个?字|语气|[{LONG}]"
_NO_POINT = re.compile(
    rf"{_FORM}|风格|文风|口语|篇幅|字数|听众|参会|参加人员|代表.{{2,12}}讲|^20\d\d[年\-/.]|谢谢|麻烦|{BREAK}|一点$|一些$|官腔|别|不要(?!走过场)|起草一下|抓紧|尽快|出稿|初稿|发我|^你|帮"
)
"""What follows the points of a request and says how long, for whom and in which tone to write."""
_FIGURE = re.compile(
    r"\d|(?<![第一二三四五六七八九十])[一二两三四五六七八九十百千万亿]+(?:个|项|家|人|名|户|公里|万|亿|件|次|处|座|条|天)"
)
_HAPPENED = re.compile(r"[看听办走问查][了过]|已经")
_HOW_TO = re.compile(
    rf"{_FORM}|重点[讲是说谈写：]|^(?:强调|突出(?!问题(?!导向)))|^围绕.*(?:讲|谈|方面)|要求(?:是|：|:|[讲写])|[点条个]要求|议程"
    rf"|^(?:会议|活动|培训|讲话)?(?:时间|日期|地点|时长)(?:[是为在：:]|定在)|{BREAK}|^[一二三四五]要讲|开[^，]{{0,12}}会|帮|下个?月|三条底线|讲[一二两三四五]点"
)
_TONE = re.compile(
    rf"(?:语气|口气|风格|文风|口吻|语言|基调)(?:要|上|是|：|得)?(?P<said>[^，。；、\n{BREAK}{LONG}]{{2,16}})"
    r"|(?P<plain>(?:别太官方|说人话|(?:别|不要|少)(?:打|讲)?(?:官腔|套话|官话|空话|念稿腔|喊口号|太官方|太正式|太长篇大论)|口语化|接地气|(?:温暖|温馨|热情|热烈|喜庆|严肃|庄重|亲切|平实|朴实|幽默|轻松|正式|恳切|激昂|感人|简洁|大气|诚恳|生动|活泼|沉稳|有力|激励人心|鼓舞人心|振奋人心|热闹|犀利|欢快|吉利|实在|家常|低调|谦虚){1,3}|多一?点(?:感情|激情|故事|温度))(?:一点|一些|点|些)?)"
    rf"|(?:^|(?<={EDGE}))(?:要|得|尽量|稍微|再)*(?P<bit>(?!第|最后|再补)[一-鿿]{{2,6}}?(?:一点|一些|点儿))"
    rf"(?={EDGE}|$)"
)
_BODY = r"[^，。；,;、\n｜‖在给写]{0,12}?(?:委|党组|政府|人大|政协|班子|单位|公司|干部|学校|全体[^，。；在]{2,8}|学生|职工|家长|党员|企业|团队)"
_BEHALF = re.compile(
    rf"(?:^|(?<=[，。；,;、\s我他她｜长任记席]))代表(?P<body>{_BODY}(?:[、和]{_BODY})*)(?=[讲作做向在，。；,;\n]|致辞|发言|表态|$)"
    r"|以(?P<named>[^，。；\n｜]{2,16}?)(?:的?名义)"
)
_AUDIENCE = re.compile(
    r"(?:听众|参会人员|参加人员|台下(?:坐的)?|听的|对象)(?:都?是|为|有|：|:)([^。；;，\n]{2,80})"
    r"|面向((?:全体|广大|各|所有)[^，。；;\n]{2,40})"
)
_TITLE = re.compile(r"(?:题目|标题)(?:就?是|叫|为|：)[“《]?(?P<title>[^，。；\n”》｜‖]{2,40})[”》]?")
_AGENDA = re.compile(r"(?:议程[^：，。]{0,4}[：:]|(?=先请|首先请))(?P<items>[^。\n]{4,160})")
_AGENDA_BREAK = re.compile(r"[、；，]?(?:先请|再请|然后请?|接着请?|首先请?|最后请?)|[、；，]")
_AVOID = re.compile(r"(?:不要|别|不)(?P<what>提|点名|涉及)(?P<of>[^，。；\n]{0,20})")


class Taken(NamedTuple):
    """Values that were read, and the text without them."""

    values: dict[str, object]
    rest: str


def take_points(text: str) -> Taken:
    """Read the points; the text that is left has a break in their place."""
    spans, points = [], []
    if m := _LISTED.search(text):
        found = _split(m.group())
        spans, points = [m.span()], found
    else:
        for m in _POINTS.finditer(text):
            if spans and m.start() < spans[-1][1]:
                continue
            span, found = _after(text, m.end())
            if found:
                spans.append((m.start(), span))
                points += found
    if not points and (m := _TOLD_LAST.search(text)):
        spans, points = [m.span()], _split(m["points"])
    for start, end in reversed(spans):
        text = text[:start] + BREAK + text[end:]
    return Taken({"points": list(dict.fromkeys(points))} if points else {}, text)


def split_points(text: str) -> list[str]:
    """Return the points of a list in words."""
    return _split(text)


def _after(text: str, at: int) -> tuple[int, list[str]]:
    """Return where the points that begin at ``at`` end, and the points."""
    line = re.match(r"[：:\n ]*(?:[^。\n]|\n?\d[.、．])*", text[at:])
    body = line.group() if line else ""
    clauses = re.split("(?<=[，,])", body)
    wanted = list(
        takewhile(lambda c: not _NO_POINT.search(c) and not (c is not clauses[0] and is_fact(c)), clauses)
    )
    if not wanted and clauses:
        wanted = [re.split(rf"[{BREAK}{LONG}]|(?:语气|帮|谢谢)", clauses[0])[0]]
    said = "".join(wanted)
    found = _split(said)
    if (
        any(re.search(rf"(?:[^社机体]会议?|仪式|党课|活动|大会|{GENRE})$", f) for f in found[:1])
        and len(found) == 1
    ):
        return at, []
    return at + len(said), found


def _split(said: str) -> list[str]:
    pieces = [p for clause in re.split("[，,：:]", said) for p in _BREAKS.split(clause)]
    cleaned = (
        _END.sub("", _START.sub("", p.strip(" 。；！\n"), count=1)).strip(" 。；！？“”（）()")
        for p in pieces
        if p
    )
    return [p for p in cleaned if len(p) > 1 or p in "水电路网房气"]


def take_manner(text: str) -> Taken:
    """Read tone, on whose behalf, the audience and what to leave out."""
    found: dict[str, object] = {}
    tones = list(_TONE.finditer(text))
    if tones:
        found["tone"] = "，".join(m["said"] or m["plain"] or m["bit"] for m in tones)
    if m := _BEHALF.search(text):
        found["on_behalf"] = m["body"] or m["named"]
    if audience := _AUDIENCE.search(text):
        found["audience"] = (audience.group(1) or audience.group(2)).strip()
    if title := _TITLE.search(text):
        found["title"] = title["title"]
    spans = [x.span() for x in (*tones, m, audience, title) if x]
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + BREAK + text[end:]
    return Taken(found, text)


def take_agenda(text: str) -> Taken:
    """Read the items of a host's agenda, as its outline."""
    if not (m := _AGENDA.search(text)):
        return Taken({}, text)
    items = [i.strip() for i in _AGENDA_BREAK.split(m["items"]) if len(i.strip()) > 1]
    return Taken({"outline": items} if len(items) > 1 else {}, text[: m.start()] + BREAK + text[m.end() :])


def facts_in(text: str) -> list[str]:
    """Return the sentences that state a figure or what was done instead of saying how to write."""
    return [s for s in map(str.strip, re.split(r"[。；;\n]", text)) if is_fact(s)]


def is_fact(sentence: str) -> bool:
    """Tell whether a sentence states a figure or what was done."""
    return bool(_FIGURE.search(sentence) or _HAPPENED.search(sentence)) and not _HOW_TO.search(sentence)


def is_point(words: str) -> bool:
    """Tell whether ``words`` can be a point: short, and nothing about how to write."""
    return 1 < len(words) <= 40 and not _NO_POINT.search(words)
