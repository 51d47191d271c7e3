"""The frame of a speech (family S): title, caption, salutation, opening, transition, closing, length."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag_speech.checks.base import CheckContext, NotApplicable
from rag_speech.checks.scan import absent, finding
from rag_speech.checks.scrape import clean_view
from rag_speech.types import Finding, Severity, Span
from rag_speech.zh.overlap import covered
from rag_speech.zh.text import SPEAKING_RATE, count_zi

if TYPE_CHECKING:
    from rag_speech.brief.brief import Brief

_SOURCE = "讲话稿结构惯例"
HARD_CAP_MINUTES = 60
LENGTH_SLACK = 0.15
"""How far from the asked length a speech may be; twice that from an occasion's usual range."""

_GUESTS = re.compile("来宾|女士|先生|朋友")
_GENERIC = re.compile(
    r"领导(?:讲话|发言|致辞)稿?$|^领导(?:同志)?在|\d+篇|[一二三四五六七八九十]篇|范文|讲话稿$|^讲话$"
)
_EVENT = re.compile(
    "会|班|仪式|论坛|课|活动|座谈|典礼|启动|开工|揭牌|调研|晚会|节|致辞|主持词|述职|报告|赛|日|推介|签约|谈话|讲话|部署|宣讲|开学"
)
_EVENT_CLASSES = {
    "培训": ("培训班", "培训会", "开班", "研修班", "轮训班", "进修班", "结业"),
    "座谈": ("座谈会",),
    "仪式": ("仪式", "典礼"),
    "论坛": ("论坛", "推介会", "招商会"),
    "会议": (
        "主任会议",
        "工作会议",
        "全体会议",
        "常务会议",
        "动员会",
        "部署会",
        "推进会",
        "调度会",
        "动员大会",
        "表彰大会",
        "总结大会",
        "现场会",
    ),
}
_DATE = re.compile(r"(?:19|20)\d\d年\d{1,2}月\d{1,2}日|二〇[〇一二三四五六七八九]{2}年")
_PADDED = re.compile(
    r"(?P<y>(?:19|20)\d\d)年(?:0(?P<m>\d)|(?P<m2>\d{1,2}))月(?:0(?P<d>\d)|(?P<d2>\d{1,2}))日"
)
_SPEAKER = re.compile(
    "书记|县长|市长|区长|主任|部长|局长|秘书长|主席|镇长|乡长|书记处|院长|检察长|校长|会长|组长|总经理|董事长|政委|站长|所长|社长|理事长|[　 ][一-鿿]{2,4}$|^[一-鿿]{1,2}[　 ]?[一-鿿]{1,2}$"
)

SALUTATIONS = {
    "A": re.compile(r"^(?:各位)?同志们?(?:、同志们)?[：:]$"),
    "B": re.compile(r"各位(?:人大)?(?:代表|委员)、(?:各位)?同志们[：:]$"),
    "C": re.compile(r"(?:尊敬的|各位(?:领导|来宾|嘉宾)).*(?:来宾|嘉宾|朋友们|女士们|同志们|客商|企业家)"),
    "D": re.compile(r"(?:来宾|嘉宾|企业家|客商|朋友).*|.*女士们、先生们"),
    "E": re.compile(r"(?:尊敬的)?各位(?:领导|代表|委员|评委|主任|常委)[^：:]*[：:]$"),
    "F": re.compile(r"(?!同志们[：:]$)(?!各位领导).*(?:老师|同学|老领导|老同志|老前辈|老党员|老干部|老战士|乡亲|父老|朋友|战友|官兵|家长|职工|工友|师傅|劳模|姐妹|护士|医生|医务|记者|环卫|寿星|老人|企业家|代表|干部|消防|教育工作者)"),
}  # fmt: skip
OPENINGS = {
    "O1": re.compile(r"(?:今天|这次|本次|刚才|现[在将]|日前|下午|上午|今晚)[^。]{0,60}(?:召开|举行|举办|组织|开班|开学|集中|来到|利用|汇报|述职|开会|安排|讲|上|向)|主要任务是|主要目的是|今天[^。]{0,40}(?:会议|班|会|课)"),
    "O2": re.compile(r"代表[^。]{0,80}(?:祝贺|欢迎|慰问|感谢|敬意|问候|祝福)|表示[^。]{0,30}(?:祝贺|欢迎|慰问|感谢|敬意|问候)|致以[^。]{0,20}(?:问候|敬意|祝福|祝愿)|(?:拜年|祝贺|欢迎|问好|祝福|感谢|道一声)"),
    "O3": re.compile(r"刚才[^。]{0,120}|(?:听了|看了|听取了)[^。]{0,60}(?:汇报|发言|介绍|点)|一路看|实地(?:看|察看|走)|走了|看了"),
    "O4": re.compile(r"(?:坚决|衷心|完全)?(?:拥护|服从)[^。]{0,30}(?:决定|安排)|(?:决定|部署|安排|要求)[^。]{0,12}(?:拥护|服从|赞成)|感谢[^。]{0,20}(?:信任|组织)"),
    "O5": re.compile(r"(?:就要|即将|圆满|今天|顺利|马上)[^。]{0,16}结束|为期[^。]{0,30}(?:结束|完成)|(?:结业|毕业)"),
}  # fmt: skip
TRANSITIONS = {
    "T1": re.compile(
        r"(?:下面|在此|这里|为此|接下来|借此机会|今天|我)[^。！\n]{0,80}?[讲谈说提交强][^。！\n]{0,40}?"
        r"[一二两三四五六七八九十几](?:点|条|个|件|层|句|项|道|笔)"
        r"|(?:下面|在此|接下来)[^。！\n]{0,60}(?:讲|谈|说|强调)"
        r"|(?:讲|谈|说|提|强调)[^。！\n]{0,20}[两二三四五六七八九十几](?:点|条|个|件|句|层|项)"
    ),
    "T2": re.compile(r"(?:借此机会|借这个机会|下面|在此|这里|最后)[^。！\n]{0,80}?(?:[两二三四五六七八九十几])(?:点|条|个?方面|句|个)[^。！\n]{0,20}|(?:提|谈|讲|说)[^。！\n]{0,12}[两二三四五六七八九十几](?:点|条|句|个)"),
    "T3": re.compile(r"下面[，,]?(?:进行|请|有请|首先|由|宣布)|首先[，,]?(?:请|进行|有请|由)|(?:进行|进入)(?:会议|大会)?的?(?:第[一二三四五六七八九十]+项|下一项)|请[^。]{1,30}(?:讲话|发言|通报|宣读|致辞)"),
}  # fmt: skip
_LATE_TRANSITION = re.compile(
    r"(?:下面|借此机会|借这个机会|在此|这里|接下来)[^。！\n]{0,60}[讲谈提说][^。！\n]{0,20}[两二三四五六七八九十几](?:点|条|句|个)"
)
CLOSINGS = {
    "Z1": re.compile(r"(?:让我们|共同努力|以(?:优异|实际行动|更)|希望(?:大家|同志们|全[体院市县区镇乡校局省]|你们|各)|请(?:大家|各位|每[个位一])|相信|一起|拜托大家|齐心|动起来|行动起来)[^。！!]{0,120}"),
    "Z2": re.compile(r"(?:预|恭|谨|敬|衷心|真诚|诚挚)?(?:地)?祝(?!贺信)[^。！!\n]{2,60}[！!。]|祝愿|拜(?:个)?年"),
    "Z3": re.compile(r"(?:谢谢|感谢)(?:大家|各位|同志们|你们)?|敬请[^。]{0,20}(?:批评|指正|监督|评议)|请[^。]{0,20}(?:监督|批评指正|评议|审议)|我的(?:汇报|发言|述职)(?:完了|完毕|到此)"),
    "Z4": re.compile(r"我宣布|宣布[：:，]"),
    "Z5": re.compile(r"散会|(?:会议|大会)(?:到此|就)?(?:到此)?(?:结束|闭幕)"),
}  # fmt: skip
_COURTESY = re.compile("尊敬的|各位|们|同志|朋友|来宾|嘉宾|女士|先生|领导|大家")
_IN_THE_HALL = 0.6
"""Share of a name's pairs of characters that the brief has when it names who is there."""
_LEADERS_FIRST = re.compile(r"各位领导")


def check_title(context: CheckContext) -> list[Finding]:
    """Title: there, with an event, the same event as the body and the brief (S-TITLE, S-TITLEDUP is E-DUP)."""
    text, speech = context.text, context.speech
    place = _place(context, "title")
    if not speech.title or place is None:
        return [absent("S-TITLE", Severity.P1, "没有标题。", "写成“在××会议上的讲话”。", source=_SOURCE)]
    full = speech.title + speech.subtitle
    problem = _title_problem(full) or _other_event(context, full) or _not_briefed(context, full)
    if not problem:
        return []
    at = (place.start, place.end)
    return [
        finding(
            text,
            "S-TITLE",
            Severity.P1,
            at,
            message=problem,
            suggestion="写明职务、会议全称和文种。",
            source=_SOURCE,
        )
    ]


def _title_problem(title: str) -> str:
    if _GENERIC.search(title):
        return f"标题“{title}”笼统，没有说明谁在什么会上讲。"
    if not _EVENT.search(title):
        return f"标题“{title}”没有会议或活动名称。"
    return ""


def _other_event(context: CheckContext, title: str) -> str:
    """Say that the title names one kind of event and the opening another (主任会议 against 培训班)."""
    opening = re.split("[。！？\n]", _opening_text(context).strip(), maxsplit=1)[0]
    said = {kind: w for kind, words in _EVENT_CLASSES.items() for w in words if w in title}
    begun = re.search(
        r"(?:召开|举办|举行|开|的)?[^，。]{0,30}?("
        + "|".join(w for ws in _EVENT_CLASSES.values() for w in ws)
        + ")",
        opening,
    )
    if not said or not begun:
        return ""
    there = {kind for kind, words in _EVENT_CLASSES.items() if any(w in opening for w in words)}
    if there & set(said) or any(w in clean_view(context.text)[len(title) + 80 :] for w in said.values()):
        return ""
    return f"标题写的是“{next(iter(said.values()))}”，开头讲的是“{begun[1]}”，不是同一个活动。"


def _not_briefed(context: CheckContext, title: str) -> str:
    if context.brief is None:
        return ""
    event = context.brief.event
    if context.brief.title and context.brief.title.replace(" ", "") in title.replace(" ", ""):
        return ""
    grams = {event[i : i + 2] for i in range(len(event) - 1)}
    kept = sum(g in title for g in grams)
    return f"标题没有写出任务书里的活动“{event}”。" if grams and kept < len(grams) / 2 else ""


def check_caption(context: CheckContext) -> list[Finding]:
    """Speaker and date under the title (S-CAPTION)."""
    text, speech = context.text, context.speech
    caption = "\n".join(speech.caption)
    if not caption:
        message = "标题下面没有讲话人和日期。"
        return [
            absent(
                "S-CAPTION",
                Severity.P2,
                message,
                "写上职务、姓名和（2026年11月20日）式的日期。",
                source=_SOURCE,
            )
        ]
    place = _place(context, "caption")
    out = []
    dated = bool(_DATE.search(caption)) or (context.brief is not None and context.brief.date is None)
    spoken = bool(_SPEAKER.search(caption)) or bool(re.search("[一-鿿]{2}", _DATE.sub("", caption)))
    if place and not (dated and spoken):
        lacking = "日期" if spoken else "讲话人"
        message, at = f"标题下面缺{lacking}。", (place.start, place.end)
        out.append(
            finding(
                text,
                "S-CAPTION",
                Severity.P3,
                at,
                message=message,
                suggestion=f"补上{lacking}。",
                source=_SOURCE,
            )
        )
    for name, span in speech.spans:
        if name == "caption":
            out += _padded(text, span)
    return out


def _padded(text: str, span: Span) -> list[Finding]:
    out = []
    for m in _PADDED.finditer(text, span.start, span.end):
        fix = f"{m['y']}年{m['m'] or m['m2']}月{m['d'] or m['d2']}日"
        if fix != m.group():
            out.append(
                finding(
                    text,
                    "S-CAPTION",
                    Severity.P3,
                    m.span(),
                    message=f"日期“{m.group()}”不编虚位。",
                    suggestion=f"改为“{fix}”。",
                    source="GB/T 9704—2012 第7.3.5条",
                    fix=fix,
                )
            )
    return out


def check_salutation(context: CheckContext) -> list[Finding]:
    """Salutation: there, of the occasion's class, no 各位领导 where the speaker ranks highest (S-SALUT)."""
    text, written = context.text, context.speech.salutation
    place = _place(context, "salutation")
    if not written or place is None:
        return [absent("S-SALUT", Severity.P1, "没有称呼。", "另起一行写“同志们：”。", source=_SOURCE)]
    occasion = context.occasion
    if occasion is None or (context.brief and context.brief.salutation):
        return []
    at = (place.start, place.end)
    classes = set(occasion.salutation) | ({"C", "D"} if set(occasion.salutation) & {"C", "D"} else set())
    if any(SALUTATIONS[c].search(written) for c in classes):
        return []
    if classes == {"A"} and _LEADERS_FIRST.search(written):
        message = "讲话人级别最高的内部会议，称呼不用“各位领导”。"
        return [
            finding(
                text,
                "S-SALUT",
                Severity.P2,
                at,
                message=message,
                suggestion="改为“同志们：”。",
                source=_SOURCE,
            )
        ]
    if context.brief is not None and _is_to(written, context.brief):
        return []
    message = f"称呼“{written}”与{occasion.name}的场合不合。"
    strangers = context.brief is not None and classes == {"A"} and _GUESTS.search(written)
    severity = Severity.P1 if strangers else Severity.P2
    return [
        finding(
            text, "S-SALUT", severity, at, message=message, suggestion="按听众身份改称呼。", source=_SOURCE
        )
    ]


def _is_to(written: str, brief: Brief) -> bool:
    """Tell whether everyone whom the salutation names is in the hall by the brief's own words (各位校长、各位园长，同志们：)."""
    there = "".join((brief.audience, *brief.guests, brief.event))
    groups = (_COURTESY.sub("", group) for group in re.split("[，、：:]", written))
    named = [who for who in groups if len(who) > 1]
    return bool(named) and all(covered(who, there) >= _IN_THE_HALL for who in named)


def check_opening(context: CheckContext) -> list[Finding]:
    """Opening of the occasion's type and transition to the points (S-OPEN, S-TRANS)."""
    if context.occasion is None:
        raise NotApplicable("不知道是什么场合")
    occasion, out = context.occasion, []
    opening = _opening_text(context)
    if opening and not any(OPENINGS[kind].search(opening) for kind in occasion.opening):
        message = f"开头没有按{occasion.name}的惯例交代会议、任务或致意。"
        out.append(
            absent("S-OPEN", Severity.P3, message, "先说开什么会、为什么开，或代表谁致意。", source=_SOURCE)
        )
    wanted = occasion.transition
    if wanted != "-" and len(context.speech.parts) > 1:
        lead = context.speech.transition or opening[-160:]
        later = TRANSITIONS["T3"] if wanted == "T3" else _LATE_TRANSITION
        if not TRANSITIONS[wanted].search(lead) and not later.search(clean_view(context.text)):
            message = "开头与正文之间没有过渡句，听众不知道要讲几点。"
            out.append(
                absent("S-TRANS", _custom(context), message, "加一句“下面，我讲三点意见”。", source=_SOURCE)
            )
    return out


def _custom(context: CheckContext) -> Severity:
    """Return how grave a custom not followed is: where a plan was made for this brief, leaving it out was a choice."""
    return Severity.P2 if context.assignment is None else Severity.P3


def check_closing(context: CheckContext) -> list[Finding]:
    """The last three paragraphs close as the occasion asks (S-CLOSE)."""
    tail = closing_text(context)
    expected = context.occasion.closing if context.occasion else tuple(CLOSINGS)
    if any(CLOSINGS[kind].search(tail) for kind in expected):
        return []
    closed = any(pattern.search(tail) for pattern in CLOSINGS.values())
    severity = Severity.P3 if closed else _custom(context)
    message = "结尾与场合不合。" if closed else "结尾没有号召、祝愿或致谢，讲话像没讲完。"
    return [absent("S-CLOSE", severity, message, "用号召、祝愿或“谢谢大家”收尾。", source=_SOURCE)]


def check_length(context: CheckContext) -> list[Finding]:
    """Length against the minutes or 字 asked for, else the occasion's usual range (S-LENGTH)."""
    spoken = spoken_chars(context)
    if spoken > HARD_CAP_MINUTES * SPEAKING_RATE:
        message = f"全文{spoken}字，要讲{spoken // SPEAKING_RATE}分钟，超过一小时。"
        return [absent("S-LENGTH", Severity.P1, message, "压缩到一小时以内。", source="讲话不超过一小时")]
    brief = context.brief
    if brief and (brief.chars or brief.minutes):
        target, severity = brief.target_chars, Severity.P2
        low, high = target * (1 - LENGTH_SLACK), target * (1 + LENGTH_SLACK)
    elif context.occasion:
        severity = Severity.P3
        low = context.occasion.length[0] * (1 - 2 * LENGTH_SLACK)
        high = context.occasion.length[1] * (1 + 2 * LENGTH_SLACK)
    else:
        raise NotApplicable("没有时长要求，也不知道是什么场合")
    if low <= spoken <= high:
        return []
    minutes = spoken / SPEAKING_RATE
    message = f"全文{spoken}字（约{minutes:.0f}分钟），{'偏短' if spoken < low else '偏长'}。"
    return [absent("S-LENGTH", severity, message, f"控制在{low:.0f}—{high:.0f}字。", source="每分钟180字")]


def spoken_chars(context: CheckContext) -> int:
    """Return the 字 from the salutation (or the first line after the title block) to the end, web residue left out."""
    starts = [span.end for name, span in context.speech.spans if name in {"title", "subtitle", "caption"}]
    return count_zi(clean_view(context.text)[max(starts, default=0) :])


def closing_text(context: CheckContext) -> str:
    """Return the last three paragraphs without web residue."""
    paragraphs = [p for p in clean_view(context.text).split("\n") if p.strip()]
    return "\n".join(paragraphs[-3:])


def _opening_text(context: CheckContext) -> str:
    """Return the words between the salutation and the first part, the transition included."""
    speech = context.speech
    starts = [s.end for name, s in speech.spans if name in {"title", "subtitle", "caption", "salutation"}]
    ends = [p.span.start for p in speech.parts if p.span]
    start = max(starts, default=0)
    return clean_view(context.text)[start : min(ends, default=start + 600)].strip()


def _place(context: CheckContext, name: str) -> Span | None:
    return next((span for found, span in context.speech.spans if found == name), None)
