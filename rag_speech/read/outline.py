"""The brief's own outline: its words and levels are kept, its numerals go."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag_speech.types import OutlineItem

_HAN = "一二三四五六七八九十"
_LEVELS = (
    re.compile(rf"^第[{_HAN}\d]+(?:部分|个问题|点|个?方面|，|、)\s*[:：，、]?"),
    re.compile(rf"^[{_HAN}]+[、.．:：]\s*|^[{_HAN}]+是[:：]?(?=.)|^[壹贰叁肆伍陆柒捌玖拾]+[、.．]\s*"),
    re.compile(rf"^[（(][{_HAN}]+[)）][、.．]?\s*"),
    re.compile(r"^\d+[、.．]\s*(?!\d)"),
    re.compile(r"^[（(]\d+[)）]\s*|^[①-⑳]\s*"),
)
"""Numerals as offices write them, from the outermost; 第一部分 and 一、 are one level where only one is used."""


def read_outline(lines: Iterable[str]) -> tuple[OutlineItem, ...]:
    """Return the headings without numerals. An item of the brief may hold several lines.

    Levels follow the kinds of numeral in use, outermost first; what bears none stands on the first level when nothing
    is numbered, else one below the last numbered line.
    """
    rows = [row.strip() for line in lines for row in line.splitlines() if row.strip()]
    kinds = [next((k for k, p in enumerate(_LEVELS) if p.match(row)), None) for row in rows]
    used = sorted({k for k in kinds if k is not None})
    items: list[OutlineItem] = []
    for row, kind in zip(rows, kinds, strict=True):
        if kind is None:
            level = (
                1
                if not used
                else min(3, (items[-1].level if items else 0) + (not items or items[-1].level < 2))
            )
        else:
            level = used.index(kind) + 1
        text = _LEVELS[kind].sub("", row) if kind is not None else row.lstrip("-·•*　 ")
        if text := text.strip().rstrip("。；;"):
            items.append(OutlineItem(level=max(1, level), text=text))
    return tuple(items)
