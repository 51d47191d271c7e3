"""Word rules (families A, B, C and the other rows of ``rules/``) and wrong levels (市 in a county's speech)."""

from __future__ import annotations

import re

from rag_speech.checks.base import CheckContext, NotApplicable
from rag_speech.checks.rules_engine import load_rules, rule_findings
from rag_speech.checks.scan import finding
from rag_speech.types import Finding, Severity

_OWN_LEVEL = re.compile(r"我(?P<level>省|市|县|区|镇|乡)(?![里直域政])")
_FITS = {"市": {"市"}, "县": {"县"}, "区": {"区"}, "乡镇": {"镇", "乡"}}


def check_rules(context: CheckContext) -> list[Finding]:
    """All dated word rules, the packaged ones and those of the configured rules files."""
    brief = context.brief
    return rule_findings(
        context.text,
        as_of=context.as_of,
        occasion=context.occasion.id if context.occasion else None,
        brief_text="\n".join([brief.own_text, *(m.text for m in brief.materials)]) if brief else "",
        rules=load_rules(context.rules_files),
    )


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
