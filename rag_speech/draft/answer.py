"""Reads what the model wrote: the parts told apart, and what code adds itself taken off."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag_speech.types import Section

_NAMED = re.compile(r"^\s*(?:#+\s*)?(?:\*\*)?【([^】\n]{1,12})】(?:\*\*)?[:：]?\s*(.*)$")
_MARKS = re.compile(r"^(?:#+\s+|[-*•]\s+)|\*\*|`")
_CHATTER = re.compile(r"^(?:好的|以下是|下面是|根据您|（?字数|（?全?文?约?\d+字|（?本段)")
_NUMERAL = re.compile(
    r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|第[一二三四五六七八九十]+[，、])"
)
_THANKS = re.compile(r"谢谢(?:大家|各位)?[！!。]?$")


def read_parts(
    text: str, parts: Sequence[Section], names: Mapping[str, str], leads: Mapping[str, str], *, thanks: bool
) -> dict[str, str]:
    """Return the text of each part that was asked for; one that the answer lacks is missing."""
    if len(parts) == 1:
        found = {
            parts[0].id: [m.group(2) if (m := _NAMED.match(line)) else line for line in text.splitlines()]
        }
    else:
        ids = {names[p.id]: p.id for p in parts}
        found = {}
        now = ""
        for raw in text.splitlines():
            line = raw
            if (m := _NAMED.match(line)) and (id_ := _id_of(m.group(1), ids)):
                now, line = id_, m.group(2)
            if now:
                found.setdefault(now, []).append(line)
    cleaned = {
        p.id: _cleaned(found[p.id], p, leads.get(p.id, ""), thanks=thanks) for p in parts if p.id in found
    }
    return {id_: said for id_, said in cleaned.items() if said}


def whole_sentences(text: str) -> str:
    """Return the text up to its last whole sentence; empty when there is none."""
    at = max(text.rfind(mark) for mark in "。！？”\n")
    return text[: at + 1].rstrip()


def _id_of(name: str, ids: Mapping[str, str]) -> str:
    name = name.strip()
    return ids.get(name) or next((i for n, i in ids.items() if name.startswith(n)), "")


def _cleaned(lines: Sequence[str], part: Section, lead: str, *, thanks: bool) -> str:
    kept: list[str] = []
    for raw in lines:
        line = _MARKS.sub("", raw.strip()).strip()
        bare = _NUMERAL.sub("", line).rstrip("。：")
        if (
            not line
            or bare == part.heading
            or (line.endswith("：") and len(line) < 30 and part.id == "opening" and not kept)
        ):
            continue
        if _CHATTER.match(line) and len(line) < 40:
            continue
        if not kept and lead:
            line = _without_lead(line, lead, part.heading)
        elif not kept and part.heading:
            line = re.sub(rf"^{_NUMERAL.pattern[1:]}{re.escape(part.heading)}[。：，]?\s*", "", line) or line
        if line:
            kept.append(line)
    if kept and thanks and part.id == "closing":
        kept[-1] = _THANKS.sub("", kept[-1]).rstrip()
    return "\n".join(k for k in kept if k)


def _without_lead(line: str, lead: str, heading: str) -> str:
    for begin in (lead, lead.partition("，")[2], heading):
        if begin and line.startswith(begin):
            return line.removeprefix(begin).lstrip("。，：")
    return line
