"""Placeholders left in a text (DOMAIN D): XX, 20xx年, “*”, ____, 【待填】."""

from __future__ import annotations

import re

from rag_speech.checks.base import CheckContext
from rag_speech.checks.scan import finding
from rag_speech.types import Finding, Severity

_X = "XＸ×xｘ"
_PLACE = re.compile(
    rf"“[{_X}*＊]+”"
    rf"|20[{_X}*＊]{{1,2}}年?"
    rf"|(?<![A-Za-z0-9*×])[{_X}]{{2,}}(?![A-Za-z0-9])"
    rf"|(?<![A-Za-z0-9])[{_X}](?=书记|市|县|区|镇|乡|村|局|个|条|篇|件|次|项|名|标准|万|亿|曾|同志|月|日|%)"
    r"|某某+|[○〇]{2,}|[＊*]{3,}|\[bookmark[^\]\n]*\]?"
    r"|【[^】\n]{0,30}(?:待|此处|插入|填写|补充)[^】\n]{0,30}】|[（(\[](?:此处|待|请)(?:插入|填写|填|补充|定)[^）)\]\n]{0,20}[）)\]]"
    r"|[_＿]{3,}|此处插入|(?:\{\{|<)[^<>{}\n]{1,20}(?:\}\}|>)|(?:姓名|地名|单位名称|具体数字)(?:待定|待补)"
)
_YEAR_IN_FIGURES = re.compile(r"二[〇○]")


def placeholders(text: str) -> list[Finding]:
    """Return every placeholder of ``text``, which may be any fragment. 刘某 and 某镇 are deliberate and pass."""
    out = []
    for m in _PLACE.finditer(text):
        if m.group()[0] in "○〇" and _YEAR_IN_FIGURES.search(text[max(0, m.start() - 1) : m.start() + 1]):
            continue
        message = f"占位符“{m.group()}”没有替换成实际内容。"
        out.append(
            finding(
                text,
                "D-PLACE",
                Severity.P0,
                m.start(),
                m.end(),
                message,
                "填上真实内容，或者删去这一句。",
                source="DOMAIN D",
            )
        )
    return out


def check_placeholders(context: CheckContext) -> list[Finding]:
    """Placeholders in the whole text."""
    return placeholders(context.text)
