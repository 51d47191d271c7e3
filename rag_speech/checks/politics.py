"""Word rules (families A, B, C and the other rows of ``rules/``) and wrong levels (市 in a county's speech)."""

from __future__ import annotations

import re

from rag_speech.checks.base import CheckContext, NotApplicable
from rag_speech.checks.rules_engine import load_rules, rule_findings
from rag_speech.checks.scan import finding
from rag_speech.checks.scrape import clean_view
from rag_speech.types import Finding, Severity
from rag_speech.zh.text import sentence_around

_OWN_LEVEL = re.compile(r"我(?P<level>省|市|县|区|镇|乡)(?![里直域政])")
_FITS = {"市": {"市"}, "县": {"县"}, "区": {"区"}, "乡镇": {"镇", "乡"}}


def check_rules(context: CheckContext) -> list[Finding]:
    """All dated word rules, the packaged ones and those of the configured rules files."""
    brief = context.brief
    return rule_findings(
        clean_view(context.text),
        as_of=context.as_of,
        occasion=context.occasion.id if context.occasion else None,
        brief_text="\n".join([brief.own_text, *(m.text for m in brief.materials)]) if brief else "",
        rules=load_rules(context.rules_files),
    )


_AGREE = re.compile(
    r"(?P<with>与|同|和|跟)(?P<who>(?:同志|[^，。；！？\n与同跟]){0,30}?)(?:始终|自觉|切实)?(?:保持)?(?P<hit>高度一致)"
)
_CENTRE = "以习近平同志为核心的党中央"
_WAYS = re.compile("思想|政治|行动")
_PARTY_BODY = re.compile("党委|政府|市委|县委|区委|省委|党组|组织|上级|领导")
_CHARTER = "《中国共产党章程》《关于新形势下党内政治生活的若干准则》"


def check_agreement(context: CheckContext) -> list[Finding]:
    """保持高度一致 is said of 以习近平同志为核心的党中央, in thought, politics and action (B-FIXED)."""
    text, view, out = context.text, clean_view(context.text), []
    for m in _AGREE.finditer(view):
        sentence = sentence_around(view, m.start())
        before = text[sentence.start : m.start()]
        who = m["who"]
        political = bool(_WAYS.search(before[-24:])) or bool(_PARTY_BODY.search(who)) or "中央" in who
        if not political or (_CENTRE in who and all(w in before for w in ("思想", "政治", "行动"))):
            continue
        severity, message = _agreement(who, before)
        at = max(sentence.start, m.start() - len(before) + before.rfind("，") + 1, m.start() - 16)
        out.append(
            finding(
                text,
                "B-FIXED",
                severity,
                (at, m.end()),
                message=message,
                suggestion=f"写作“在思想上政治上行动上同{_CENTRE}保持高度一致”。",
                source=_CHARTER,
            )
        )
    return out


_SIX = ("政治", "组织", "廉洁", "群众", "工作", "生活")
_DISCIPLINES = re.compile(r"(?:[一-鿿]{2,4}纪律[、和]){3,}[一-鿿]{2,4}纪律")


def check_disciplines(context: CheckContext) -> list[Finding]:
    """A list of four or more Party disciplines that holds something else than the six (B-FIXED)."""
    out = []
    for m in _DISCIPLINES.finditer(context.text):
        named = [part.removesuffix("纪律") for part in re.split("[、和]", m.group())]
        if all(name.endswith(_SIX) for name in named):
            continue
        out.append(
            finding(
                context.text,
                "B-FIXED",
                Severity.P2,
                m.span(),
                message="党的纪律列错了，六项纪律是政治、组织、廉洁、群众、工作、生活纪律。",
                suggestion="按六项纪律改正。",
                source="《中国共产党纪律处分条例》",
            )
        )
    return out


def _agreement(who: str, before: str) -> tuple[Severity, str]:
    if _CENTRE in who:
        return Severity.P3, "固定表述不完整，缺“在思想上政治上行动上”。"
    if "中央" in who:
        return Severity.P2, f"固定表述不完整，应为“{_CENTRE}”。"
    if who and ("中央" in before or "高度一致" in before):
        return Severity.P1, f"“保持高度一致”的对象是党中央，不能并列“{who}”。"
    return Severity.P0, "“保持高度一致”没有写党中央。"


_SLIPS = {"市": {"县"}, "县": {"市"}, "区": {"市", "县"}, "乡镇": {"市", "县"}}
"""Levels that a speech takes for its own by mistake when only its title says where it is held (我省 may be its province)."""
_OTHER_LEVEL = re.compile(
    r"(?:在|全)?(?P<name>[㐀-鿿]{2,4}?)(?P<level>县|市|区|镇|乡)(?![场长民域级委政直区里])"
)
_OF_ALL = re.compile(r"全(?P<level>市|县|区|镇|乡)")


def _level_of_title(title: str) -> str:
    """Return the level that a title names (全县……会议, 青禾县……会议), or nothing where it names none or two."""
    named = {m["level"] for m in _OF_ALL.finditer(title)} or {
        m["level"] for m in _OTHER_LEVEL.finditer(title)
    }
    level = next(iter(named)) if len(named) == 1 else ""
    return {"镇": "乡镇", "乡": "乡镇"}.get(level, level)


def check_level(context: CheckContext) -> list[Finding]:
    """我市 in a county's speech and the like, against the brief's level, else the title's (B-ORG)."""
    brief = context.brief
    briefed = brief.level if brief is not None and brief.level is not None else ""
    level = briefed or _level_of_title(context.speech.title + context.speech.subtitle)
    if level not in _FITS:
        raise NotApplicable("任务书和标题都没有写级别")
    out = []
    for m in _OWN_LEVEL.finditer(context.text):
        slip = m["level"] not in _FITS[level] and (briefed or m["level"] in _SLIPS[level])
        if slip and not _quoted_at(context.text, m.start()):
            said = f"任务书是{level}级" if briefed else f"标题是{level}一级的会议"
            message = f"{said}，这里自称“{m.group()}”。"
            out.append(
                finding(
                    context.text,
                    "B-ORG",
                    Severity.P1 if briefed else Severity.P2,
                    m.span(),
                    message=message,
                    suggestion=f"改为“我{level}”。",
                    source="讲话级别须与主办单位一致",
                )
            )
    return out


def _quoted_at(text: str, at: int) -> bool:
    """Tell whether an offset lies inside a quotation of its paragraph: another's words."""
    start = text.rfind("\n", 0, at) + 1
    return text.count("“", start, at) > text.count("”", start, at)


_BODIES = (
    (
        re.compile("人民代表大会|人大(?:常委会)?.{0,8}会议|人代会"),
        re.compile("各位委员(?!会)|委员们|提案|参政议政|协商议政"),
        re.compile("政协|常委会委员|人大常委会|委员会"),
        "人大会议的主体是代表，审议议案、提出建议；“{hit}”是政协用语",
        "改为“代表”“议案”“建议”“依法履职”等。",
    ),
    (
        re.compile("政协|政治协商会议"),
        re.compile("各位代表|代表们|议案|审议(?!稿)|表决通过"),
        re.compile("人大|人民代表大会|党代表|职工代表|政府工作报告|列席"),
        "政协会议的主体是委员，讨论协商、提出提案；“{hit}”是人大用语",
        "改为“委员”“提案”“讨论”“协商”等。",
    ),
    (
        re.compile("党代会|代表大会.{0,6}(?:党|中共)|(?:中共|中国共产党)[^，。]{0,12}代表大会"),
        re.compile("议案|提案|各位委员(?!会)|参政议政|选民"),
        re.compile("人大|政协|委员会"),
        "党代表大会听取和审查报告、选举；“{hit}”是人大、政协用语",
        "改为“代表”“审查”“决议”等。",
    ),
)
_BODY_SOURCE = "中国共产党章程；全国人民代表大会和地方各级人民代表大会代表法；中国人民政治协商会议章程"


def check_bodies(context: CheckContext) -> list[Finding]:
    """Words of one body at another's meeting: 提案 at a people's congress, 审议 at the political conference (B-ORG)."""
    title = context.speech.title + context.speech.subtitle
    if "和政协" in title or "、政协" in title or "两会" in title:
        raise NotApplicable("人大、政协会议同时提到")
    out = []
    for meets, foreign, excused, message, advice in _BODIES:
        if not meets.search(title):
            continue
        view = clean_view(context.text)
        for m in foreign.finditer(view):
            if excused.search(sentence_around(view, m.start()).of(view)):
                continue
            out.append(
                finding(
                    context.text,
                    "B-ORG",
                    Severity.P2,
                    m.span(),
                    message=message.replace("{hit}", m.group()) + "。",
                    suggestion=advice,
                    source=_BODY_SOURCE,
                )
            )
        break
    return out
