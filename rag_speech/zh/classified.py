"""Marks of secrecy on a document: 机密★1年, 密级：秘密, 内部资料 注意保存; secrecy as a subject bears none.

A mark is a stretch that says nothing else: with its star, with its label, alone in its line or its brackets. Sources:
GB/T 9704—2012, 7.2.2 (level and period at the head of a document); 保守国家秘密法, article 17 (what bears secrets is
marked); habits of offices for internal papers (内部资料，注意保存; 会后收回).
"""

from __future__ import annotations

import re

from rag_speech.types import Span

_LEVEL = r"(?:绝\s*密|机\s*密|秘\s*密|絕\s*密|機\s*密)"
_PERIOD = r"(?:长\s*期|長\s*期|\d{1,2}\s*(?:年|个月|月|天)|[一二两三四五六七八九十]{1,3}\s*(?:年|个月)|启用前|至?\s*\d{4}年\d{1,2}月(?:\d{1,2}日)?)"
_STARRED = re.compile(rf"{_LEVEL}\s*[★☆]\s*{_PERIOD}?")
_LABELLED = re.compile(
    rf"(?:密\s*级|密\s*級|保密等级|保密级别|涉密等级)\s*[：:]?\s*[【\[（(]?\s*(?:{_LEVEL}|内部|工作秘密|商业秘密|商密)|保密期限\s*[：:]\s*{_PERIOD}"
)
_KIND = r"内部(?:资料|材料|文件|文稿|稿件|稿|刊物|参考|使用|掌握|传阅|讲话|发行|会议材料)|工作秘密|商业秘密|涉密(?:文件|材料|资料)|密\s*件"
_KEEP = (
    r"注意保存|注意保密|妥善保(?:管|存)|(?:请|严禁|不得|切勿|禁止)(?:勿)?(?:外传|外泄|翻印|复印|复制|传播|扩散|公开|上网|转发|拍照)+|(?:会后|用后|阅后|会议结束后)(?:请)?(?:收回|退回|交回|销毁|即毁)"
    r"|不得公开|不予公开|请勿(?:外传|翻印|复印|转发)|仅限?(?:内部|会议)[^，。；]{0,6}(?:使用|参考|传阅)"
)
_ALONE = re.compile(
    rf"(?:{_LEVEL}(?:级|文件|材料|件)?\s*[★☆*＊·]?\s*{_PERIOD}?|(?:{_KIND})(?:[\s，,、；;·　★!！]*(?:{_KEEP}))*[!！]?|(?:{_KEEP})(?:[\s，,、；;·　]*(?:{_KEEP}))*[!！]?"
    rf"|(?:{_LEVEL}|{_KIND})[\s，,、；;·　]*(?:{_KEEP})[!！]?|此件(?:不(?:予)?公开|不得公开)(?:发布)?|CONFIDENTIAL|TOP SECRET|INTERNAL(?: USE)? ONLY)"
)
_UNIT = re.compile(r"[^\n\t]+")
_WIDE_GAP = re.compile(r"[ \t　\xa0]{2,}|　")
_BRACKETS = re.compile(r"[（(【\[〔]\s*([^（()）【】\[\]〔〕\n]{2,24}?)\s*[）)】\]〕]")
_EDGE = "（(【[〔）)】]〕—-*＊※◆●■★☆ 　\t\xa0"
_QUOTED = re.compile(r"“[^“”\n]*”|「[^「」\n]*」|‘[^‘’\n]*’")
_FIRST, _LAST = 8, 4
"""A level or a kind alone in its line is a mark among so many first and last lines; elsewhere it may be a heading."""


def classified_marks(text: str, *, margin: bool = False) -> list[Span]:
    """Return the marks of secrecy in ``text``, in order and apart.

    ``margin`` says that the text is a page's header or footer, a text box or a watermark, where a word alone is a mark
    wherever it stands. What stands between quotation marks is spoken of and none.
    """
    said = _QUOTED.sub(lambda m: "　" * len(m.group()), text)
    found = [Span(*m.span()) for pattern in (_STARRED, _LABELLED) for m in pattern.finditer(said)]
    found += [Span(*m.span()) for m in _BRACKETS.finditer(said) if _ALONE.fullmatch(m[1].strip())]
    units = list(_UNIT.finditer(said))
    filled = [u for u in units if u.group().strip()]
    for at, unit in enumerate(filled):
        if margin or at < _FIRST or at >= len(filled) - _LAST or _is_strong(unit.group()):
            found += _alone(unit)
    return _apart(found)


def _is_strong(line: str) -> bool:
    """Whether a line joins a kind with what is asked of its keeper (内部资料 注意保存): a mark wherever it stands."""
    bare = line.strip(_EDGE)
    return (
        len(bare) <= 40
        and bool(re.search(_KIND, bare) or re.match(_LEVEL, bare))
        and bool(re.search(_KEEP, bare))
    )


def _alone(unit: re.Match[str]) -> list[Span]:
    raw, base = unit.group(), unit.start()
    whole = _bare(raw, base)
    if whole and _ALONE.fullmatch(raw.strip(_EDGE)):
        return [whole]
    pieces: list[Span] = []
    at = 0
    for end, following in [*((g.start(), g.end()) for g in _WIDE_GAP.finditer(raw)), (len(raw), len(raw))]:
        piece = raw[at:end]
        if (span := _bare(piece, base + at)) and _ALONE.fullmatch(piece.strip(_EDGE)):
            pieces.append(span)
        at = following
    return pieces


def _bare(raw: str, base: int) -> Span | None:
    left = len(raw) - len(raw.lstrip())
    return Span(base + left, base + len(raw.rstrip())) if raw.strip(_EDGE) else None


def _apart(found: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(found, key=lambda s: (s.start, -s.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept
