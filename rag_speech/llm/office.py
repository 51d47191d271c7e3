"""What the scripted model answers to the stages' own requests: an office clerk without ideas, who follows the form.

It reads the request as a model would, ids and budgets and all, so that the whole pipeline runs without a model; its prose
says the facts it is given and fills up with neutral sentences. Nothing of it is for a meeting.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

PARAGRAPH_ZI = 200
ZI_A_FACT = 120
"""Of a speech there is one fact that may be used to so many 字."""
_POINT = re.compile(r"^(P\d+)　(.+)$", re.M)
_FACT = re.compile(r"^([FM]\d+)　(.+)$", re.M)
_OFFERED = re.compile(r"^([MS]\d+[a-z]?)　", re.M)
_LINE = re.compile(r"^(\d+)　(.+)$", re.M)
_TARGET = re.compile(r"【篇幅】(\d+)字")
_ASKED = re.compile(r"^请写", re.M)
"""Where the request itself begins: the first one stands below the beginning of the conversation."""
_PART = re.compile(r"^【([^】\n]+)】([^　\n]*)　约(\d+)字，(\d+)段", re.M)
_PARAGRAPH = re.compile(r"^第\d+段（约(\d+)字）：(.*)$((?:\n　　用到的事实：.*$)*)", re.M)
_USED = re.compile(r"用到的事实：(.*?)〔")
_WANTED = re.compile(r"压到(\d+)字|再写一段，约(\d+)字")
Prose = Callable[[int, str], str]
"""Neutral sentences of at least so many 字, different for different seeds."""


def answer_json(request: str, schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the answer to a stage's request for JSON; None for a request of another kind."""
    asked = set(schema.get("properties", ()))
    if "thesis" in asked:
        return _plan(request)
    if {"speaker", "points", "never"} <= asked:
        return _brief(request)
    if {"statements", "conflicts"} <= asked:
        return _materials(request)
    if "edits" in asked:
        return {"edits": [], "left": []}
    return None


def answer_prose(request: str, prose: Prose) -> str | None:
    """Return the parts or the paragraph that a request of DRAFT asks for; None for a request of another kind."""
    if wanted := _WANTED.search(request):
        return prose(int(next(filter(None, wanted.groups()))), request)
    asked = list(_ASKED.finditer(request))
    parts = list(_PART.finditer(request, asked[-1].start())) if asked else []
    if not parts:
        return None
    ends = [m.start() for m in parts[1:]] + [len(request)]
    written = [
        (m.group(1), _paragraphs(request[m.end() : end], m.group(2), prose))
        for m, end in zip(parts, ends, strict=True)
    ]
    if len(written) == 1:
        return written[0][1]
    return "\n".join(f"【{name}】\n{text}" for name, text in written)


def _paragraphs(asked: str, heading: str, prose: Prose) -> str:
    lines: list[str] = []
    for m in _PARAGRAPH.finditer(asked):
        facts = "".join(f"{t.rstrip('。；')}。" for t in _USED.findall(m.group(3)))
        say = m.group(2).strip().rstrip("。；")
        if not lines and heading:
            facts = f"说到{say}，要动真格。{facts}"
        short = int(m.group(1)) - len(facts)
        lines.append(facts + (prose(short, m.group(2)) if short > 0 or not facts else ""))
    return "\n".join(lines)


def _brief(request: str) -> dict[str, Any]:
    asked = request.partition("【要点】")[2]
    points, _, facts = asked.partition("【事实】")
    return {
        "speaker": "",
        "points": [
            {"id": i, "say": text, "manner": "", "count": 0, "members": []}
            for i, text in _POINT.findall(points)
        ],
        "facts": [{"id": i, "status": "情况"} for i, _ in _FACT.findall(facts)],
        "manner": [],
        "never": [],
        "pending": [],
    }


def _materials(request: str) -> dict[str, Any]:
    lines = _LINE.findall(request.partition("【材料】")[2].partition("逐项说明")[0])
    told = [(int(n), text) for n, text in lines if re.search(r"\d", text) and text.endswith("。")]
    row = {
        "part": "",
        "said": "",
        "whose": "",
        "when": "",
        "status": "情况",
        "use": "可讲",
        "why": "",
        "points": [],
    }
    return {
        "statements": [{"n": [n], **row} for n, _ in told],
        "members": [],
        "settled": [],
        "never": [],
        "conflicts": [],
    }


def _plan(request: str) -> dict[str, Any]:
    found = _TARGET.search(request)
    target = int(found.group(1)) if found else 1000
    points = _POINT.findall(request.partition("【要点】")[2].partition("【必用事实】")[0]) or [
        ("", "把事情办好")
    ]
    facts = [i for i, _ in _FACT.findall(request.partition("【必用事实】")[2].partition("\n\n")[0])]
    offered = _OFFERED.findall(request.partition("【可用事实】")[2].partition("\n\n")[0])
    facts += offered[: target // ZI_A_FACT]
    edge = min(200, max(40, target // 10))
    numbered = len(points) > 1 and target >= 700
    room = max(60, (target - 2 * edge - (60 if numbered else 20)) // len(points))
    sections = []
    for n, (id_, text) in enumerate(points):
        mine = facts[n * len(facts) // len(points) : (n + 1) * len(facts) // len(points)]
        count = max(1, math.ceil(room / PARAGRAPH_ZI))
        each = [mine[k * len(mine) // count : (k + 1) * len(mine) // count] for k in range(count)]
        heading = re.sub(r"[，。；：（(【].*$", "", text)[:20]
        sections.append(
            {
                "heading": heading,
                "points": [id_] if id_ else [],
                "paragraphs": [
                    {"heading": "", "say": text, "uses": uses, "zi": room // count} for uses in each
                ],
            }
        )
    edges: dict[str, Any] = {
        k: {"points": [], "paragraphs": [{"heading": "", "say": k, "uses": [], "zi": edge}]}
        for k in ("opening", "closing")
    }
    return {
        "thesis": "把会上定的事办好",
        "title": "",
        "salutation": "",
        "numbering": "标题" if numbered else "不编号",
        "opening": edges["opening"],
        "transition": "",
        "sections": sections,
        "closing": edges["closing"],
        "thanks": False,
        "reserve": [
            {
                "section": 1,
                "after": 1,
                "heading": "",
                "say": "再讲透一层",
                "uses": [],
                "zi": max(60, target // 12),
            }
            for _ in range(2)
        ],
        "left_out": [],
        "pending": [],
    }
