"""Promises beyond authority and absolutes (family I)."""

from __future__ import annotations

import re

from rag_speech.checks.base import CheckContext
from rag_speech.checks.scan import finding
from rag_speech.types import Finding, Severity
from rag_speech.zh.text import sentence_around

_BURDEN = "《整治形式主义为基层减负若干规定》"
_COMMIT: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"推荐提拔|优先提拔|优先重用|破格提拔"),
        "把提拔当奖励许诺，超出讲话权限",
        "干部选拔任用程序",
    ),
    (re.compile(r"(?:一律)?就地免职|一票免职"), "当场许下人事处理，超出讲话权限", "干部管理权限"),
    (
        re.compile(r"零地价|免费(?:供地|提供土地)|税收(?:全免|返还)|先征后返|财政兜底"),
        "许诺用地或税收优惠没有依据",
        "公平竞争审查条例",
    ),
    (
        re.compile(
            r"(?:领导批示|信息采用|批示件)[^，。；]{0,12}(?:考核|排名|评先|加分)|(?:考核|排名|加分)[^，。；]{0,12}(?:领导批示|信息采用)"
        ),
        "领导批示、信息采用不得列入考核",
        _BURDEN,
    ),
    (re.compile(r"(?:提|立)一条硬性的?(?:规定|要求)"), "临时加码，没有文件依据", _BURDEN),
)
_ABSOLUTE = re.compile(
    r"(?:确保|保证|做到|实现)[^，。；力]{0,10}(?:零事故|零失误|零伤亡|零死亡)|百分之百(?:完成|达标|满意|成功|解决|没有|不)"
    r"|绝(?:对)?不(?:会)?(?:再)?(?:发生|出现)(?!类似)|彻底杜绝|永远(?:不会|没有|不再)|(?:一次性)?全部解决(?:到位)?|永不返贫"
)
_FORBIDDEN = re.compile("不得|严禁|禁止|不许|不准|不能|杜绝|反对|绝不")
_MODEST = re.compile("力争|争取|努力|目标")


def check_commitments(context: CheckContext) -> list[Finding]:
    """Promises of posts, land, tax and burdens that the brief does not carry; absolutes nobody can keep."""
    text, out = context.text, []
    brief = context.brief
    allowed = "\n".join([brief.own_text, *(m.text for m in brief.materials)]) if brief else ""
    for pattern, why, source in _COMMIT:
        for m in pattern.finditer(text):
            clause = sentence_around(text, m.start(), "，。；！？\n").of(text)
            if m.group() not in allowed and not _FORBIDDEN.search(clause):
                message = f"{why}：“{m.group()}”。"
                advice = "删去，或改为有文件依据的说法。"
                out.append(
                    finding(
                        text,
                        "I-COMMIT",
                        Severity.P1,
                        m.span(),
                        message=message,
                        suggestion=advice,
                        source=source,
                    )
                )
    for m in _ABSOLUTE.finditer(text):
        if m.group() in allowed or _MODEST.search(sentence_around(text, m.start(), "，。；！？\n").of(text)):
            continue
        message = f"话说得太满：“{m.group()}”。"
        out.append(
            finding(
                text,
                "I-ABS",
                Severity.P2,
                m.span(),
                message=message,
                suggestion="留有余地，改为“坚决防止”“力争”等。",
                source="讲话分寸惯例",
            )
        )
    return out
