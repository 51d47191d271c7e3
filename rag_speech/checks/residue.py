"""Traces of a language model (family F): talk to the user, Markdown, emoji, word counts, prompt echo, English."""

from __future__ import annotations

import re

from rag_speech.checks.base import CheckContext
from rag_speech.checks.scan import finding
from rag_speech.types import Finding, Severity

_HELPER = "AI|人工智能(?:助手|模型)|语言模型|大模型|智能助手"
_DRAFT = "讲话稿|发言稿|致辞稿?|主持词|演讲稿|稿子|初稿|文稿|范文|正文"
_CHAT = (
    r"作为(?:一个|一名|一款)?(?:AI|人工智能)?(?:语言模型|大语言模型|智能助手|写作助手)(?=[，,、。我])|作为(?:一个|一名)?(?:AI|人工智能)(?:语言模型|助手|模型)?(?=[，,我])",
    r"作为(?:一个|一名)AI语言模型",
    r"^[ 　]*(?:好的|当然(?:可以)?|没问题)[，,！!。][ 　]?(?:以下|下面|这是|我(?:将|会|来|为)|为您|根据)[^。\n]{0,30}",
    rf"^[ 　]*(?:以下|下面|这)(?:是|为)(?:(?:为|按|根据)?(?:您|你)|一[篇份]|[^。，；\n]{{0,16}}(?:{_DRAFT}))[^。\n]{{0,24}}",
    r"希望(?:以上|这份|这篇)?(?:内容|讲话稿|文稿|稿子)?[^。\n]{0,6}(?:对你|对您)有(?:所)?帮助",
    r"如(?:需|有需要|果需要|您需要)[^。\n]{0,16}(?:修改|调整|补充|润色)[^。\n]{0,8}(?:告诉我|告知我|联系我|随时|跟我说|请提出|请说明)",
    r"根据(?:您|你)(?:提供的(?:信息|材料|要求|素材|内容)|的要求|给出的)[^。\n]{0,12}(?:生成|撰写|写|起草|整理|拟|为)",
    rf"以上(?:就)?是(?:一篇|我为|为您|根据您)[^。\n]{{0,20}}(?:{_DRAFT}|内容)",
    r"(?:很)?抱歉，我(?:无法|不能|没有办法)[^。\n]{0,10}(?:提供|生成|满足|完成|撰写)|我(?:无法|不能)(?:生成|为您)",
)
_CHAT_AT_EDGE = (
    r"^[ 　]*好的[，,！!。]",
    r"^[ 　]*当然[，,！!](?:可以|没问题)[。！!]",
    r"如需(?:修改|调整|进一步)[^。\n]{0,20}请",
    r"(?:您|你)可以根据(?:实际|需要|具体)[^。\n]{0,12}(?:修改|调整|填写|补充|增删|使用)",
    r"请(?:您)?根据实际(?:情况)?(?:修改|调整|填写|补充)",
    rf"^[ 　]*以下(?:是|为)[^。\n]{{0,30}}(?:{_DRAFT}|内容)?[：:]$",
)
"""Words that a speaker may use too: a trace only in the first or the last lines of a text."""
_EDGE_LINES = 2
_MASKED = "县|市|区|镇|乡|村|省|州|局|委|厅|办|街道|社区|煤矿|公司|集团|企业|厂|矿|学校|小学|中学|大学|医院|银行|同志|书记|县长|市长|镇长|主任|局长|路|河|水库|项目|工程|年|月|日"
_MARKDOWN = (
    r"^#{1,6}\s",
    r"\*\*(?=\S)(?:[^*\n]{1,60})(?<=\S)\*\*|\*\*",
    r"^ {0,3}[-*+] (?=\S)",
    r"```",
    r"\|\s?:?---",
    r"^>\s",
    r"`[^`\n]+`",
    r"^---+$",
    r"\[[^\]\n]+\]\(http",
)
_COUNT = (
    r"^[ 　]*[（(]?(?:全文|正文|本段|总)?字数(?:统计|合计)?[：:为约共 ]{1,3}\d+字?[）)]?[。]?$",
    r"[（(](?:全文|正文|本段|总)?字数(?:统计|合计)?[：:为约共 ]{1,3}\d+字?[）)]",
    r"(?:全文|正文|本段|总)?字数(?:统计|合计)?：",
    r"[（(](?:全文|正文|本段)?(?:约|共)\s?\d+\s?字[）)]",
)
_FIELDS = "写作要求|写作提示|提示词|输出格式|输出要求|本段要点|段落任务|本节任务"
_CARD = "要写|首句|全文提纲|参考写法|段落卡片|上一稿的毛病"
"""Labels of the card that the drafting prompt hands to the model (``prompts/draft/card.md``)."""
_LOOSE_LABEL = re.compile(
    r"(?:^|(?<=[。；！？\n]))[ 　]*[【\[]?(?P<label>要求|标题|小标题|正文|开头|结尾|段落|角度|场合|字数|事实)[】\]]?[：:]",
    re.M,
)
"""Labels that a speech may use too: a trace where two different ones stand in the text, or one in brackets."""
_ECHO = (
    rf"^[ 　]*[【\[]?(?:{_FIELDS})[】\]]?[：:]",
    rf"(?:^|(?<=[。；！？\n]))[ 　]*[【\[]?(?:{_CARD})[】\]]?[：:]|^[ 　]*段落卡片$",
    r"\b(?:system|assistant|user)\s?[:：]",
    r"<\|[a-z_]+\|>",
    r"</?think>",
    r"(?:请|帮我|给我|为我)[^。\n]{0,12}(?:撰写|写)一(?:段|篇)(?:约|不少于)?\d+字",
)
_EMOJI = (
    "[\U0001f300-\U0001faff\u2600-\u2604\u2607-\u260d\u260f-\u26ff\u2705\u2714\u274c\u2728\u2b50\u2b55\ufe0f\U0001f1e6-\U0001f1ff]+",
)
_CHAT_MESSAGE = "这是写作工具对用户说的话，不是讲话内容"
_PATTERNS = tuple(
    (code, message, re.compile("|".join(parts), re.M))
    for code, message, parts in (
        ("F-CHAT", _CHAT_MESSAGE, _CHAT),
        ("F-MARKDOWN", "排版标记留在正文里", _MARKDOWN),
        ("F-EMOJI", "讲话稿里不用表情符号", _EMOJI),
        ("F-COUNT", "字数统计留在正文里", _COUNT),
        ("F-ECHO", "写作要求混进了正文", _ECHO),
    )
)
_AT_EDGE = re.compile("|".join(_CHAT_AT_EDGE), re.M)
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
            if code != "F-MARKDOWN" or not _masks(text, m):
                out += _trace(text, code, message, m)
    for m in _AT_EDGE.finditer(text):
        if _at_edge(text, m.start()) and not any(
            f.code == "F-CHAT" and f.span and f.span.start < m.end() and m.start() < f.span.end for f in out
        ):
            out += _trace(text, "F-CHAT", _CHAT_MESSAGE, m)
    labels = list(_LOOSE_LABEL.finditer(text))
    if len({m["label"] for m in labels}) > 1 or any("】" in m.group() or "]" in m.group() for m in labels):
        for m in labels:
            out += _trace(text, "F-ECHO", "写作要求混进了正文", m)
    for m in _ENGLISH.finditer(text):
        severity = _foreign(text, m, allowed_english)
        if severity is not None:
            said = f"正文里出现英文“{m.group()}”。"
            advice = "改成中文，或者删去。"
            out.append(
                finding(
                    text, "F-ENGLISH", severity, m.span(), message=said, suggestion=advice, source=_SOURCE
                )
            )
    return out


def _trace(text: str, code: str, message: str, match: re.Match[str]) -> list[Finding]:
    shown = match.group().strip()
    if not shown:
        return []
    start = match.start() + match.group().find(shown)
    return [
        finding(
            text,
            code,
            Severity.P0,
            (start, start + len(shown)),
            message=f"{message}：“{shown}”。",
            suggestion="删去。",
            source=_SOURCE,
        )
    ]


def _at_edge(text: str, at: int) -> bool:
    """Tell whether the offset lies in the first or the last lines of a text."""
    before = sum(1 for line in text[:at].split("\n")[:-1] if line.strip())
    after = sum(1 for line in text[at:].split("\n")[1:] if line.strip())
    return before < _EDGE_LINES or after < _EDGE_LINES


def _masks(text: str, match: re.Match[str]) -> bool:
    """Tell stars that hide a name (**煤矿, 到**乡) from stars that make words bold."""
    stars = match.group()
    if not stars.startswith("**"):
        return False
    opens = bool(re.match(rf"\*\*(?:{_MASKED})", text[match.start() : match.start() + 8]))
    if stars == "**":
        return opens
    closes = bool(re.match(_MASKED, text[match.end() : match.end() + 4]))
    return (opens and closes) or ((opens or closes) and bool(re.search("[，。；：]", stars)))


_UNITS = frozenset(
    [
        "km",
        "kg",
        "cm",
        "mm",
        "hm",
        "mg",
        "ml",
        "kW",
        "kV",
        "kWh",
        "MW",
        "GW",
        "kVA",
        "dB",
        "Hz",
        "MHz",
        "GHz",
        "hPa",
        "ppm",
        "pH",
        "mPa",
        "MPa",
        "nm",
    ]
)


def _foreign(text: str, match: re.Match[str], allowed: str) -> Severity | None:
    """Return how grave an English word is: P0 for words of a sentence, P2 for a brand; None for an abbreviation."""
    word = match.group()
    if word in _ALLOWED or word in allowed or word in _UNITS or re.fullmatch("[Xx]+", word):
        return None
    if re.fullmatch("[A-Z]{2,8}s?", word) or _in_address(text, match.start()):
        return None  # an abbreviation, or a letter mask (ZZ热情), which is E-SCRUB
    brand = re.fullmatch(r"[A-Za-z]?[A-Z][A-Za-z]+(?:[ \-][A-Z][A-Za-z]*)*|[a-z]{1,2}[A-Z][A-Za-z]+", word)
    return Severity.P2 if brand else Severity.P0


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
