"""Marks of a site inside the speech's own lines: hidden characters counted, sources glued to sentences, credits in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag_speech.ingest.furniture import furniture_sign
from rag_speech.ingest.offsets import Edit
from rag_speech.ingest.site_words import site_signs

_HIDDEN = re.compile(
    r"[…．.]{0,6}[（(【\[][^（）()【】\[\]\n]{0,60}?(?:隐藏|省略|剩余|还有)\s*\d+\s*个?字[^（）()【】\[\]\n]{0,40}[）)】\]][…．.]{0,6}"
    r"|[…．.]{0,6}(?:此处|这里|中间|以下|正文|本文)(?:隐藏|省略)了?\s*\d+\s*个?字[…．.]{0,6}"
)
_SITE = r"(?:[：:]?[^，。；！？、\n]{0,16}?(?:网站?|文库|\.com|\.cn|公众号|论坛|整理|搜集|收集|提供))"
_SOURCE = re.compile(
    rf"(?<=[，、；])(?:本文(?:来自|来源于?|转自|摘自)|文章来源于?){_SITE}?"
    rf"|(?:本文(?:来自|来源于?|转自|摘自|由)|文章来源于?|(?:摘|转)自){_SITE}(?=[，。\n]|$)"
    r"|(?m:^[ \t　（(]*(?:本文(?:由|来自|来源于?|转自|摘自)|文章来源)[^。！？\n]{0,40}$)"
)
"""A source that was glued into a sentence; the words after it stay unless they name a site."""
_CREDIT = re.compile(r"[（(【\[](?P<said>[^（）()【】\[\]\n]{2,80})[）)】\]](?P<last>(?=[ \t　]*(?:\n|$)))?")
_BOOKMARK = re.compile(r"\[bookmark[^\]\n]*\]?[ \t]*")
_PIECE = re.compile(
    r"(?m:^)[ \t　]*[【（(\[]?第?篇\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})[】）)\]]?+[ \t　]*+[：:]?+[ \t　]*+(?=[^\s\d])"
)


def site_marks(text: str) -> list[Edit]:
    """Return the edits that take a site's marks out of lines, in order and apart."""
    edits = [Edit(*m.span(), "", "E-META") for m in _HIDDEN.finditer(text)]
    edits += [
        Edit(m.start(), _with_stop(text, m), "", "E-META")
        for m in _SOURCE.finditer(text)
        if not _is_quoted(text, m.start()) and not _goes_on_as_a_page(text, m)
    ]
    edits += _credits(text)
    edits += [Edit(*m.span(), "", "E-META") for m in _PIECE.finditer(text)]
    if "[bookmark" in text:
        edits += [Edit(*m.span(), "", "D-PLACE") for m in _BOOKMARK.finditer(text)]
    return apart(edits)


def _with_stop(text: str, source: re.Match[str]) -> int:
    """Where a source ends; with its full stop where it is a sentence of its own."""
    alone = source.start() and text[source.start() - 1] in "。！？\n"
    return source.end() + (1 if alone and text.startswith("。", source.end()) else 0)


def _credits(text: str) -> Iterator[Edit]:
    for m in _CREDIT.finditer(text):
        said = m["said"]
        signs = site_signs(said)
        inside = "page" in signs.own or (bool(signs.own) and signs.count > 1)
        if inside or (m["last"] is not None and (furniture_sign(said) == 2 or _is_credit(said))):
            yield Edit(*m.span(), "", "E-META")


def _is_credit(said: str) -> bool:
    signs = site_signs(said)
    named = re.match(r"(?:责任?编辑|编辑|来源|供稿|摄影|撰稿)\s*[：:]", said)
    return bool(named) or bool(signs.own and "。" not in said)


def _goes_on_as_a_page(text: str, source: re.Match[str]) -> bool:
    """Whether the sentence after a source speaks as a page too: the line is judged whole."""
    end = text.find("\n", source.end())
    return site_signs(text[source.end() : end if end >= 0 else len(text)][:200]).count > 0


def _is_quoted(text: str, at: int) -> bool:
    start = max(text.rfind(c, 0, at) for c in "\n。")
    return text.count("“", start + 1, at) > text.count("”", start + 1, at)


def apart(edits: list[Edit]) -> list[Edit]:
    """Return the edits in order, without those that overlap an earlier one."""
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda e: (e.start, -e.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept
