"""Traces of a language model (family F): talk to the user, Markdown, emoji, word counts, prompt echo, English."""

from __future__ import annotations

import re

from rag_speech.checks.base import CheckContext
from rag_speech.checks.scan import finding
from rag_speech.types import Finding, Severity

_HELPER = "AI|人工智能(?:助手|模型)|语言模型|大模型|智能助手"
_CHAT = (
    rf"作为(?:一个|一名)?(?:{_HELPER})",
    r"^[ 　]*好的[，,！!。]",
    r"^[ 　]*当然[，,！!]?(?:可以|以下)",
    r"^[ 　]*以下(?:是|为)[^。\n]{0,30}(?:[：:]|讲话稿|正文|内容)",
    r"^[ 　]*下面是[^。\n]{0,24}(?:讲话稿|正文|段落|内容)[：:]?",
    r"希望(?:以上|这份|这篇)?(?:内容|讲话稿)?[^。\n]{0,6}(?:对你|对您)有(?:所)?帮助",
    r"如(?:需|有需要)[^。\n]{0,8}(?:修改|调整|补充)[^。\n]{0,8}(?:告诉|告知|联系|随时|请)",
    r"如需(?:修改|调整|进一步)",
    r"根据(?:您|你)(?:提供|的要求|给出)",
    r"(?:您|你)可以根据(?:实际|需要|具体)",
    r"请(?:您)?根据实际(?:情况)?(?:修改|调整|填写)",
    r"我(?:无法|不能)(?:提供|生成|满足)",
    r"很抱歉，我",
    r"以上(?:就)?是(?:一篇|本次|我为)[^。\n]{0,20}(?:讲话稿|内容)",
)
_MARKDOWN = (
    r"^#{1,6}\s",
    r"\*\*",
    r"^ {0,3}[-*+] (?=\S)",
    r"```",
    r"\|\s?:?---",
    r"^>\s",
    r"`[^`\n]+`",
    r"^---+$",
    r"\[[^\]\n]+\]\(http",
)
_COUNT = (
    r"[（(]?(?:全文|正文|本段|总)?字数(?:统计|合计)?[：:为约共 ]{1,3}\d+字?[）)]?",
    r"(?:全文|正文|本段)?字数：",
    r"[（(](?:全文|正文|本段)?(?:约|共)\s?\d+\s?字[）)]",
)
_FIELDS = "写作要求|写作提示|要求|提示词|输出格式|输出要求|本段要点|段落任务|本节任务|标题|小标题|正文|开头|结尾|段落"
_CARD = "要写|首句|角度|全文提纲|参考写法|段落卡片|上一稿的毛病|场合|字数|事实"
"""Labels of the card that the drafting prompt hands to the model (``prompts/draft/card.md``)."""
_ECHO = (
    rf"^[ 　]*[【\[]?(?:{_FIELDS})[】\]]?[：:]",
    rf"(?:^|(?<=[。；！？\n]))[ 　]*[【\[]?(?:{_CARD})[】\]]?[：:]|^[ 　]*段落卡片$",
    r"\b(?:system|assistant|user)\s?[:：]",
    r"<\|[a-z_]+\|>",
    r"</?think>",
    r"(?:撰写|写)一(?:段|篇)(?:约|不少于)?\d+字",
)
_EMOJI = (
    "[\U0001f300-\U0001faff\u2600-\u26ff\u2705\u2714\u274c\u2728\u2b50\u2b55\ufe0f\U0001f1e6-\U0001f1ff]+",
)
_PATTERNS = tuple(
    (code, message, re.compile("|".join(parts), re.M))
    for code, message, parts in (
        ("F-CHAT", "这是写作工具对用户说的话，不是讲话内容", _CHAT),
        ("F-MARKDOWN", "排版标记留在正文里", _MARKDOWN),
        ("F-EMOJI", "讲话稿里不用表情符号", _EMOJI),
        ("F-COUNT", "字数统计留在正文里", _COUNT),
        ("F-ECHO", "写作要求混进了正文", _ECHO),
    )
)
_SOURCE = "定稿不得留机器生成痕迹"
_ENGLISH = re.compile(r"[A-Za-z][A-Za-z'’]+(?:[ \-][A-Za-z][A-Za-z'’]*)*")
_ALLOWED = frozenset(
    [
        "GDP",
        "AI",
        "APP",
        "App",
        "app",
        "IT",
        "CBD",
        "PPP",
        "EPC",
        "LED",
        "VR",
        "AR",
        "DNA",
        "CT",
        "ICU",
        "WTO",
        "APEC",
        "OTA",
        "MCN",
        "KTV",
        "POS",
        "ETC",
        "BRT",
        "TOD",
        "ESG",
        "RCEP",
        "CEO",
        "CPI",
        "PPI",
        "PMI",
        "GEP",
        "EOD",
        "QQ",
        "WiFi",
        "Wi-Fi",
        "wifi",
        "km",
        "kg",
        "cm",
        "mm",
        "hm",
        "PM",
        "VOCs",
        "COD",
        "PC",
        "ID",
        "OK",
        "UPS",
        "GPS",
        "BDS",
        "DRG",
        "DIP",
        "HPV",
        "HIV",
        "PCR",
        "NB",
        "TMD",
        "SB",
        "FTTH",
        "SUV",
        "Logo",
        "logo",
        "DeepSeek",
        "DCS",
        "PLC",
        "MES",
        "ERP",
    ]
)


def residue(text: str, allowed_english: str = "") -> list[Finding]:
    """Return model traces in ``text``, which may be any fragment.

    ``allowed_english`` is the brief's text: an English word that stands there may be used.
    """
    out = []
    for code, message, pattern in _PATTERNS:
        for m in pattern.finditer(text):
            shown = m.group().strip()
            start = m.start() + m.group().find(shown)
            at = (start, start + len(shown))
            if shown:
                said = f"{message}：“{shown}”。"
                out.append(
                    finding(text, code, Severity.P0, at, message=said, suggestion="删去。", source=_SOURCE)
                )
    for m in _ENGLISH.finditer(text):
        if _is_foreign(text, m, allowed_english):
            said = f"正文里出现英文“{m.group()}”。"
            advice = "改成中文，或者删去。"
            out.append(
                finding(
                    text, "F-ENGLISH", Severity.P0, m.span(), message=said, suggestion=advice, source=_SOURCE
                )
            )
    return out


def _is_foreign(text: str, match: re.Match[str], allowed: str) -> bool:
    word = match.group()
    if word in _ALLOWED or word in allowed or re.fullmatch("[Xx]+", word):
        return False
    if re.fullmatch("[A-Z]{2,4}", word) and re.match("[㐀-鿿]", text[match.end() : match.end() + 1]):
        return False  # a letter mask (ZZ热情) or an abbreviation before its noun
    return not _in_address(text, match.start())


def _in_address(text: str, at: int) -> bool:
    """Tell whether the offset lies in a web address, an e-mail or a bookmark, which other checks report."""
    if "[bookmark" in text[max(0, at - 20) : at + 8]:
        return True
    start = max(text.rfind(c, 0, at) for c in " 　\n，。：“") + 1
    return bool(re.match(r"https?:|www\.|[\w.\-]+@", text[start : start + 60])) or "www." in text[start:at]


def check_residue(context: CheckContext) -> list[Finding]:
    """Model traces in the whole text."""
    brief = context.brief
    allowed = "\n".join([brief.own_text, *(m.text for m in brief.materials)]) if brief else ""
    return residue(context.text, allowed)
