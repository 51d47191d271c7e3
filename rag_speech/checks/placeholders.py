"""Placeholders left in a text (family D): XX, 20xx年, “*”, ____, 【待填】."""

from __future__ import annotations

import re

from rag_speech.checks.base import CheckContext
from rag_speech.checks.scan import finding, quoted
from rag_speech.types import Finding, Severity

_X = "XＸ×xｘ"
_COUNTED = "书记|市|县|区|镇|乡|村|局|个|条|篇|件|次|项|名|标准|万|亿|曾|同志|月|日|%"
_PLACE = re.compile(
    "|".join(
        (
            rf"“[{_X}*＊]+”",
            rf"20[{_X}*＊]{{1,2}}年?",
            rf"(?<![A-Za-z0-9*×])[{_X}]{{2,}}(?![A-Za-z0-9])",
            rf"(?<![A-Za-z0-9])[{_X}](?={_COUNTED})",
            r"某某+",
            r"(?<![二〇○])[○〇]{2,}",
            r"[＊*]{3,}",
            r"\[bookmark[^\]\n]*\]?",
            r"【[^】\n]{0,30}(?:待|此处|插入|填写|补充)[^】\n]{0,30}】",
            r"[（(\[](?:此处|待|请)(?:插入|填写|填|补充|定)[^）)\]\n]{0,20}[）)\]]",
            r"[_＿]{3,}",
            r"此处插入",
            r"\{\{[^{}\n]{1,20}\}\}",
            r"<[^<>\n]{1,20}>",
            r"(?:姓名|地名|单位名称|具体数字)(?:待定|待补)",
        )
    )
)


_QUOTED = re.compile("“[^“”\n]{0,12}$")


def placeholders(text: str) -> list[Finding]:
    """Return every placeholder of ``text``, which may be any fragment.

    刘某 and 某镇 are deliberate and pass, and so does a quoted manner of speech (批一句“请某某阅处”).
    """
    return [
        finding(
            text,
            "D-PLACE",
            Severity.P0,
            m.span(),
            message=f"占位符{quoted(m.group())}没有换成实际内容。",
            suggestion="填上真实内容，或者删去这一句。",
            source="定稿不得留占位符",
        )
        for m in _PLACE.finditer(text)
        if not (m.group().startswith("某某") and _QUOTED.search(text[: m.start()]))
    ]


def check_placeholders(context: CheckContext) -> list[Finding]:
    """Placeholders in the whole text."""
    return placeholders(context.text)
