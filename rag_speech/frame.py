"""The frame of a speech, written by code: title, caption, salutation, opening line, promise, closing line.

Rules: DOMAIN conventions of the occasion's row (salutation class A-F, opening O1-O5, transition T1-T3,
closing Z1-Z5); the sentences are data in ``prompts/frames.toml``.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import Occasion
from rag_speech.prompts import Prompts
from rag_speech.speech.numerals import to_count

_LEVEL_AREA = {
    "市": ("全市", "我市"),
    "县": ("全县", "我县"),
    "区": ("全区", "我区"),
    "乡镇": ("全镇", "我镇"),
}
_GENRE_TITLE = {
    "讲话": "在{event}上的讲话",
    "致辞": "在{event}上的致辞",
    "发言": "在{event}上的发言",
    "主持词": "{event}主持词",
    "党课": "在{event}上的讲话",
    "述职报告": "在{event}上的述职发言",
}
_LAUNCH = re.compile(
    r"^(?:.{2,8}[省市县区镇乡])?(.+?)(?:项目)?(开工|奠基|竣工|通车|投产|启用|揭牌|开馆|开园|开业|开放|投用)(?:仪式|典礼|活动)?$"
)
_SESSION_SUFFIX = re.compile(r"[开闭]幕(?:大?会议?|式)?$")
_COURSE_SUFFIX = re.compile(r"(开班式|开班仪式|开班动员会|开学典礼|结业式|结业典礼|结业仪式|动员会)$")
_TOPIC_SUFFIX = re.compile(
    r"(暨.*|(工作)?(动员部署|动员|部署|推进|调度|专题|总结表彰|表彰|现场|座谈|工作|交流|视频|电视电话|全体)*"
    r"(大会|会议|会|仪式|活动)|培训班.*|研修班.*|轮训班.*)$"
)
_DEPLOYS = re.compile(r"动员|部署|推进|攻坚|会战|调度|(?<!代表)工作会")
_APPOINTS = re.compile(r"任职|任前|任命|就职|当选|干部大会|宣布|人大|代表大会")
_TOPIC_PREFIX = re.compile(r"^(全[市县区镇乡]|[一-鿿]{1,6}?[市县区镇乡](?=[一-鿿\d]))?(20\d\d年(度)?)?")


@dataclass(frozen=True, slots=True)
class Frame:
    """Final sentences around the drafted paragraphs; empty where the occasion has none."""

    title: str
    caption: tuple[str, ...]
    salutation: str
    opening_line: str
    transition: str
    closing_line: str
    thanks: str


def make_frame(
    brief: Brief, occasion: Occasion, count: int, prompts: Prompts, *, task: Sequence[str] = ()
) -> Frame:
    """Return the frame for a speech of ``count`` main parts; ``task`` are short names of its points."""
    slots = _slots(brief, occasion, count, task)
    rows = prompts.data("frames")
    opening_types: Sequence[str] = occasion.opening
    if "O2" in occasion.opening and brief.on_behalf:
        opening_types = ["O2"]
    opening_line = _pick(rows["opening"], opening_types[0], occasion.id, slots)
    if opening_line.startswith("刚才") and any(fact.startswith("刚才") for fact in brief.facts):
        opening_line = ""  # the clerk says himself what was just heard
    closing = [_pick(rows["closing"], kind, occasion.id, slots) for kind in occasion.closing if kind != "Z3"]
    return Frame(
        title=brief.title or title_of(brief.event, occasion),
        caption=_caption(brief),
        salutation=brief.salutation or salutation_of(brief, occasion),
        opening_line=opening_line,
        transition=_pick(rows["transition"], occasion.transition, occasion.id, slots) if count > 1 else "",
        closing_line="".join(closing),
        thanks="谢谢大家！" if "Z3" in occasion.closing else "",
    )


def title_of(event: str, occasion: Occasion) -> str:
    """Return the title that names the event; an event that already names its genre is kept."""
    if event.endswith(("主持词", "讲话", "致辞", "发言")):
        return event
    return _GENRE_TITLE[occasion.genre].format(event=event)


def salutation_of(brief: Brief, occasion: Occasion) -> str:
    """Return the salutation of the occasion's class, guests first."""
    kind = occasion.salutation[0]
    guests = "、".join(brief.guests)
    if kind == "B":
        return "各位委员、同志们：" if occasion.id == "cppcc" else "各位代表、同志们："
    if kind == "C":
        return f"{'尊敬的' + guests + '，' if guests else ''}各位领导、各位来宾，同志们、朋友们："
    if kind == "D":
        return f"尊敬的{guests + '，' if guests else ''}各位来宾、各位企业家，女士们、先生们："
    if kind == "E":
        return "各位领导、同志们："
    if "F" in occasion.salutation:
        for word, said in (
            ("企业家", "各位企业家，同志们："),
            ("教师", "老师们，同志们："),
            ("老师", "老师们，同志们："),
            ("老", "各位老领导、老同志："),
        ):
            if word in brief.audience + brief.event:
                return said
    return "同志们："


def topic_of(event: str) -> str:
    """Return what the event is about: 全县防汛抗旱工作会议 → 防汛抗旱工作."""
    topic = _TOPIC_SUFFIX.sub("", _TOPIC_PREFIX.sub("", event))
    return f"{topic}工作" if topic and not topic.endswith("工作") else topic


def _slots(brief: Brief, occasion: Occasion, count: int, task: Sequence[str]) -> dict[str, str]:
    area, home = _LEVEL_AREA.get(brief.level or "", ("", ""))
    if brief.level == "乡镇" and brief.place.endswith("乡"):
        area, home = "全乡", "我乡"
    # Who comes from above speaks of the place by its name.
    if brief.speaker.startswith(("省", "市")) and brief.level in {"县", "区", "乡镇"}:
        home = brief.place
    event = brief.event
    course = _COURSE_SUFFIX.sub("", event)
    session = _SESSION_SUFFIX.sub("", event)
    kind, launch = re.search(r"[培进研轮集]\w班$", course), _LAUNCH.search(event)
    opens = event.endswith(("式", "典礼", "活动", "节", "论坛", "签约", "会谈"))
    return {
        "event": event,
        "event_short": _TOPIC_PREFIX.sub("", event) or event,
        "festival": _TOPIC_PREFIX.sub("", session) or session,
        "launch": "正式".join(launch.groups()) if launch else "",
        "building": "项目" if not launch or launch.group(2) in {"开工", "奠基"} else "",
        "begun": session if "开幕" in event else "",
        "ended": session if "闭幕" in event else "",
        "course": course,
        "class": course if course.endswith("班") else "",
        "course_short": f"这次{kind.group() if kind else '培训'}",
        # Who takes on a task at a meeting pledges to do it; who takes office thanks for the trust.
        "deploying": "会议" if _DEPLOYS.search(event) and not _APPOINTS.search(event) else "",
        "verb": "举行" if opens else "举办" if event.endswith(("班", "培训")) else "召开",
        "task": "、".join(task),
        "on_behalf": brief.on_behalf,
        "people": "与会的同志们",
        "place": brief.place,
        "area": area or brief.place,
        "home": home or brief.place,
        "count": to_count(count) if count else "",
        "promise": occasion.promise,
    }


def _pick(rows: Sequence[Mapping[str, object]], kind: str, occasion: str, slots: Mapping[str, str]) -> str:
    of_kind = [r for r in rows if r["type"] == kind]
    ordered = [r for r in of_kind if occasion in _names(r)] + [r for r in of_kind if not _names(r)]
    for row in ordered:
        text = str(row["text"])
        if all(slots.get(name) for _, name, _, _ in string.Formatter().parse(text) if name):
            return text.format(**slots)
    return ""


def _names(row: Mapping[str, object]) -> Sequence[str]:
    names = row.get("occasions", ())
    return names if isinstance(names, list | tuple) else ()


def _caption(brief: Brief) -> tuple[str, ...]:
    speaker = " ".join(p for p in (brief.speaker, brief.speaker_name) if p)
    date = f"（{brief.date.year}年{brief.date.month}月{brief.date.day}日）" if brief.date else ""
    return tuple(p for p in (speaker, date) if p)
