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


def check_level(context: CheckContext) -> list[Finding]:
    """我市 in a county's speech and the like, against the brief's level (B-ORG)."""
    brief = context.brief
    if brief is None or brief.level is None:
        raise NotApplicable("任务书没有写级别")
    out = []
    for m in _OWN_LEVEL.finditer(context.text):
        if m["level"] not in _FITS[brief.level]:
            message = f"任务书是{brief.level}级，这里自称“{m.group()}”。"
            out.append(
                finding(
                    context.text,
                    "B-ORG",
                    Severity.P1,
                    m.span(),
                    message=message,
                    suggestion=f"改为“我{brief.level}”。",
                    source="讲话级别须与主办单位一致",
                )
            )
    return out
