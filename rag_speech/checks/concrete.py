"""Requirements that nobody could carry out (family K): no one to act, no object, no figure, no time."""

from __future__ import annotations

import re

from rag_speech.checks.base import CheckContext
from rag_speech.checks.cliche import worn_phrases
from rag_speech.checks.scan import finding
from rag_speech.checks.scrape import clean_view
from rag_speech.speech.walk import all_parts
from rag_speech.types import Finding, Part, Severity
from rag_speech.zh.text import count_zi

_REQUIRES = re.compile("要(?!求)|必须|务必|切实|着力|坚持|不断|进一步|全面|狠抓|强化|加强|确保")
_CONCRETE = re.compile(
    r"\d|[一二三四五六七八九十百千万]+[个项名户家天次月年日份件处条场轮]|《|“|：|[月周日年]底|[局办委厅院校镇乡村站所队班组厂店田路河库桥车船楼窗门课床]|"
    r"企业|群众|百姓|居民|同志|大家|你们|谁|老|学|人|单位|部门|基层|干部|党员|代表|清单|台账|现场|会议|每|逐"
)
_LEAST_ZI = 30
"""A shorter part is a heading or a catchword."""
_LEAST_WORN = 2


def check_concrete(context: CheckContext) -> list[Finding]:
    """A numbered requirement of worn phrases that names no actor, object, figure or time (K-VAGUE)."""
    text, view = context.text, clean_view(context.text)
    out = []
    for part in all_parts(context.speech):
        if part.children or not part.span or not part.marker:
            continue
        start = part.span.start + len(part.marker) + (len(part.heading) if part.placement == "line" else 0)
        body = view[start : part.span.end]
        if _is_vague(body):
            out.append(
                finding(
                    text,
                    "K-VAGUE",
                    Severity.P3,
                    _first_sentence(view, start, part),
                    message="这一条只有口号：没有写谁来做、做什么、做到什么时候。",
                    suggestion="写明责任人、具体事项和时限。",
                    source="套话治理",
                )
            )
    return out


def _is_vague(body: str) -> bool:
    if count_zi(body) < _LEAST_ZI or not _REQUIRES.search(body):
        return False
    worn = [span for span, _ in worn_phrases(body)]
    if len(worn) < _LEAST_WORN:
        return False
    rest, last = [], 0
    for span in worn:
        rest.append(body[last : span.start])
        last = span.end
    return not _CONCRETE.search("，".join([*rest, body[last:]]))


def _first_sentence(view: str, start: int, part: Part) -> tuple[int, int]:
    assert part.span is not None
    shown = start + len(view[start : part.span.end]) - len(view[start : part.span.end].lstrip())
    end = view.find("。", shown, part.span.end)
    return shown, end + 1 if end >= 0 else len(view[: part.span.end].rstrip())
