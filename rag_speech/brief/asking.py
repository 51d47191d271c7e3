"""How people ask for a speech: words around the request, its clauses, forms with labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

COMMON_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁沈任姚卢姜崔钟谭陆汪范金石廖贾夏韦付方邹孟熊秦邱"
    "江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔白汤"
)
BREAK = "｜"
"""Stands where something was read and taken out."""
LONG = "‖"
"""Stands where a length was."""
UNKNOWN = "\ue000"
"""Stands where a placeholder was: XX县, 【会议名称】."""
EDGE = rf"[，。；！？、\n：:{BREAK}{LONG}]"
_NARROW = str.maketrans("０１２３４５６７８９％ＡＢＸ", "0123456789%ABX")
_WIDE = {",": "，", ";": "；", "!": "！", "?": "？", ":": "："}
_PICTURE = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200b-\u200d~～^]+")
_GAP = re.compile(
    r"(?<=[一-鿿，。；！？）】」”])[ 　\t]+(?=[一-鿿\d（【「“])|(?<=\d)[ 　\t]+(?=(?:分|字|个)?[一-鿿])"
)
_BEFORE_UNIT = re.compile(r"(?<=\d)[ 　\t]+(?=[分字小个千万]|min)")
_FILLER = re.compile(
    rf"(?:^|(?<={EDGE}))(?:那个|就是|呃+|嗯+|额+|啊|哎|然后|在吗|在不在|您?好|您好|你好|老师(?!们)|亲|哥|姐|急+|谢谢|麻烦|拜托|辛苦|中不中|妹儿|小[张王李赵刘陈])(?=[^一-鿿]|帮|你|您|我|请|给|写|后|明|今|下|上|镇|社|就|老师|那|麻|$)(?:了|您)?[，！？。：]*"
)

_TIME_OF_DAY = r"(?:凌晨|清早|一早|大清早|早上|早晨|上午|中午|下午|晚上|傍晚|夜里|早|晚)"
_CLOCK = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})(?:[:：]\d{2}|点(?:半|整|钟|一刻|[一二三四五]?十?[一二三四五六七八九十]?分?)?)"
_DAY = (
    r"(?:大年初[一二三]|今天|明天|后天|大后天|昨天|今晚|明晚|明早|今早|后晚|今日|明日|赶明儿?个?|明儿个?|后儿个?|今儿个?|听日|当天|同日|近日|最近|"
    r"(?:这|本|下|上)?下?个?(?:周|星期|礼拜)[一二三四五六日天末]|(?:下|这|本|上)个?(?:周|星期|礼拜)|"
    r"(?:下|这|本|上)个?月(?:初|底|中旬|上旬|下旬)?(?:\d{1,2}[号日])?|(?:月底|月初|年底|年初|节前|节后)(?=[要开召在，。；]|$)|"
    r"(?:20\d\d年)?(?:\d{1,2}|[一二三四五六七八九十]{1,3})月(?:\d{1,2}|[一二三四五六七八九十]{1,3}|底|初)[日号]?|\d{1,2}[号日](?!楼|线|院))"
)
TIME = re.compile(
    rf"(?:定于|兹定于|就在|拟于|计划于|准备在)?(?:{_DAY}(?:的)?{_TIME_OF_DAY}?(?:{_CLOCK})?|{_TIME_OF_DAY}(?:{_CLOCK})|{_CLOCK}(?=[开召在要]))(?:的时候|前后|左右)?"
)
"""When the event is, as people say it; 20xx年x月x日 is read as the date before."""

GENRE = (
    r"(?:(?:讲话|发言|演讲|致辞|主持|汇报)(?:提纲|稿子?|材料|要点)|主持词|讲稿|稿子|稿|欢迎[辞词]|答谢[辞词]|开幕[辞词]|闭幕[辞词]|"
    r"(?:表态|动员|总结|重要|即席|交流|主持|任职)*(?:讲话|发言|致辞|致词|演讲)|提纲|初稿|材料|东西|文章)"
)
"""What is asked for."""
_HELP = r"(?:可以|可不可以|能不能|能否|请|麻烦你?您?|想请|想让|拜托|唔该|劳驾|瞅着|根据[^，。]{0,6}(?:素材|资料|材料|要求)\d*|需要|我要|我想要?|求|帮个?忙|帮着|帮|给|替|你|您|先|那)"
_WRITE = r"(?:写写|写一写|起草|草拟|拟写|代拟|拟定|代写|撰写|准备|生成|编写|整理|写|拟|弄|整|搞|出|来|做|要|求|需要)"
_COUNT = r"(?:一下|下|哈|好)?(?:(?:那|这)?[一两]?[个篇份段]|一下|点)?"
REQUEST = re.compile(
    rf"(?:{_HELP}|我们?|咱们?|俺们?)*{_WRITE}{_COUNT}(?:关于)?{GENRE}(?:一[篇份])?(?:用?于)?[吧嘛呗啊哈吗]?(?=[，。：；！？{BREAK}{LONG}\n你]|$)"
    rf"|(?:(?:{_HELP}|我们?|咱们?|俺们?)+|^|(?<={EDGE})){_WRITE}(?:一下|下|哈|好)?(?:那个)?(?:[一两]?[个篇份段]|(?<=下))(?:关于|就是)?"
    rf"|(?:^|(?<={EDGE}))(?:{_HELP})+(?:我们?|咱们?|俺们?)?{_WRITE}{_COUNT}"
    rf"|(?:^|(?<={EDGE}))(?:{_HELP}){{2,}}(?:我们?)?"
    rf"|(?:帮|给|替|为)[一-鿿]{{1,6}}?(?:写|弄|整|准备|拟|起草)(?:一?[个篇份段])(?:关于)?"
    rf"|(?:^|(?<={EDGE})){GENRE}(?:一[篇份])?(?={EDGE}|$)"
)
"""帮我写一份讲话稿, 给我们整个, 麻烦准备一下: how people ask, with what the text is to be."""

_LABEL = re.compile(
    r"(?:^|(?<=[\n；;。】\]，、 ]))(?:\d{1,2}[.、．)）]|[-*•·])?[ 　]*[【\[]?(?P<label>[一-鿿]{2,6})[】\]]?[：:]"
    r"|[【\[](?P<boxed>[一-鿿]{2,6})[】\]](?=[^在上的]{2})"
    r"|(?:^|(?<=[\n；。，]))(?P<told>会议名称|会议|活动|场合|讲话人|发言人|主讲人?|致辞人|听众|受众)(?:是|为)(?=[一-鿿“])"
)
_LABELS = {
    "event": "写作主题 讲话主题 发言场合 讲话场合 会议名称 会议 活动 活动名称 场合 主题 会名 会议主题 活动主题 名称",
    "speaker": "讲话人 发言人 领导 领导职务 主讲 主讲人 致辞人 演讲人 讲话领导 主持人 职务 身份 角色",
    "length": "时长要求 字数限制 限定字数 时长 发言时长 讲话时长 时间要求 字数 篇幅 长度 字数要求 时间长度",
    "audience": "听众 对象 受众 参会人员 参加人员 参会对象 台下",
    "points": "要点 重点 核心要点 主要内容 内容 重点内容 讲话要点 主要强调 内容要点 要求强调 讲话重点 发言要点",
    "tone": "写作风格 语言风格 讲话风格 语气 风格 文风 语气风格 口吻",
    "title": "标题 题目",
    "facts": "数据 事实 成绩 背景数据 已知情况",
    "avoid": "不要提 避免 忌讳 回避",
    "on_behalf": "代表 名义",
    "outline": "议程 会议议程 提纲",
    "": "写作要求 其他要求 日期 地点 备注 要求 单位 用途 说明",
}
_FIELD_OF = {label: field for field, labels in _LABELS.items() for label in labels.split()}


class Labelled(NamedTuple):
    """A value of a form: the brief's field (empty for what no field takes), the value, where the pair stands."""

    field: str
    value: str
    start: int
    end: int


def tidy(text: str) -> str:
    """Return the request with Chinese punctuation, without pictures and filler words; spaces part clauses."""
    text = _PICTURE.sub("", text.strip().translate(_NARROW))
    text = re.sub(
        r"(?<=[一-鿿】”）\dn])[,;!?:]+(?!\d)|(?<=[一-鿿])[,;!?:]+", lambda m: _WIDE[m.group()[0]], text
    )
    text = _BEFORE_UNIT.sub("", text)
    text = _GAP.sub("，", re.sub(r"[ 　\t]+(?=[，。；！？：])", "", text))
    text = re.sub(r"([，。；！？])[，。；！？]+", r"\1", text)
    text = re.sub(
        rf"(?<![一-鿿])([{COMMON_SURNAMES}])([局处科所院队])(?=[要在讲明后今下的想说去来，])", r"\1\2长", text
    )
    text = re.sub("(?<=[一-鿿])(?:然后|接着)(?=[一-鿿])", "，", text)
    text = re.sub("(?<=[词稿话辞篇份写])[吧嘛呗]+(?=[一-鿿])", "，", text)
    text = re.sub("[吧呢嘛哈呗哦噢啦]+(?=[，。；！？]|$)", "", text)
    while (shorter := _FILLER.sub("", text)) != text:
        text = shorter
    return text


def labelled(text: str) -> Iterator[Labelled]:
    """Yield the pairs of a filled form: 讲话人：县长, 【时长】5分钟."""
    found = [m for m in _LABEL.finditer(text) if _label(m) in _FIELD_OF]
    for m, after in zip_longest(found, found[1:]):
        end = after.start() if after else len(text)
        field = _FIELD_OF[_label(m)]
        value = text[m.end() : end]
        if field != "points":
            ends = r"[\n；。，]" if m["told"] else r"[\n；。]"
            value = re.split(ends, value.lstrip("\n "), maxsplit=1)[0]
            end = m.end() + text[m.end() :].find(value) + len(value)
        yield Labelled(field, re.sub(r"[\s，；、]*$", "", value).strip(), m.start(), end)


def _label(m: re.Match[str]) -> str:
    return str(m["label"] or m["boxed"] or m["told"])
