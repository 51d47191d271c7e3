"""What the parts of a speech are about, and what stands over them: points merged, headings found and scored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import Move, Occasion
from rag_speech.errors import BadReplyError
from rag_speech.llm.base import LLM, Message
from rag_speech.prompts import Prompts
from rag_speech.types import Usage
from rag_speech.voice import core_of, is_phrase, name_of

MOST_CHARS = 22
"""Of a heading in the clerk's own words."""
MAX_PARTS = 6
_TRIES = 3
_FALLBACK_WORTH = 0.8
"""Score that headings of the model must exceed: a shared frame is parallel but stiff."""
TAILS = ("从严把关", "毫不放松", "见到实效", "走在前面", "持续用力", "一抓到底")
"""What ends the headings of the shared frame, in turn."""
_DEMAND = re.compile(r"^对(.+)的(要求|希望|建议)$")
"""A name of what is said to somebody, which cannot stand among tasks (主要任务是……、对班子的要求)."""
_SENTENCE = re.compile(
    r"^(?!为什么|怎样|看到|管好|学[习好懂]|对|指出|肯定|回应)[^不]+?"
    r"(?:要(?![求素害])|[就得不]|到位|到人|没有|感动|在[前后先]$|跟上|变了$)"
)
"""A point that says something of its subject (学校教到位, 群众要什么就改什么) is no task to name."""

_TOLD = (
    (re.compile(r"^(?:讲|说)(?:清楚?|明|透|一?讲)(?=为什么|为何|怎样|怎么|如何|什么)"), ""),
    (re.compile(r"^(?:讲|说)(?:清楚?|明|透)(?=.{2})"), "弄清"),
)
"""How a point tells the writer what to say, and what the leader says instead."""


async def headings_of(
    brief: Brief, occasion: Occasion, llm: LLM | None, prompts: Prompts
) -> tuple[list[str], list[str], Usage]:
    """Return what each part is about, its heading (empty on occasions without numbered parts), and the cost.

    Without ``llm`` nothing is asked. Raises ModelError when the model cannot be reached.
    """
    points = merge_points(brief.points)
    moves = point_moves(occasion)
    if brief.outline:
        return list(brief.outline), list(brief.outline), Usage()
    if occasion.transition == "-":
        topics = points or [m.name for m in moves]
        return topics, ["" for _ in topics], Usage()
    if len(points) < 2:
        topics = [m.name for m in moves]
        if points:
            topics[min(1, len(topics) - 1)] = points[0]
        names = topics
    else:
        topics, names = points, [_as_heading(p) for p in points]
    if can_head(names):
        return topics, list(names), Usage()
    headings, usage = await _ask(brief.event, names, llm, prompts)
    return topics, headings, usage


async def _ask(
    event: str, points: Sequence[str], llm: LLM | None, prompts: Prompts
) -> tuple[list[str], Usage]:
    if llm is None:
        return fallback_headings(points), Usage()
    prompt = prompts.render("plan/headings", event=event, points=points)
    schema = {
        "type": "object",
        "properties": {
            "headings": {
                "type": "array",
                "items": {"type": "string", "maxLength": 24},
                "minItems": len(points),
                "maxItems": len(points),
            }
        },
        "required": ["headings"],
        "additionalProperties": False,
    }
    usage, best = Usage(), fallback_headings(points)
    best_score = _FALLBACK_WORTH if all(len(p) <= 8 for p in points) else _FALLBACK_WORTH / 2
    for attempt in range(_TRIES):
        try:
            reply = await llm.complete(
                [Message("user", prompt)],
                max_tokens=200,
                temperature=0.3 + 0.3 * attempt,
                seed=attempt + 1,
                schema=schema,
            )
        except BadReplyError:
            continue
        usage += reply.usage
        headings = [
            re.sub(r"^[\d一二三四五六]+[、.．]|[。；，！]$", "", str(h).strip())
            for h in reply.data["headings"]
        ]
        score = heading_score(headings, points)
        if score > best_score:
            best, best_score = headings, score
        if best_score >= 0.9:
            break
    return best, usage


def point_moves(occasion: Occasion) -> list[Move]:
    """Return the moves that make the occasion's parts."""
    return [m for m in occasion.moves if m.role == "point" and not m.optional]


def merge_points(points: Sequence[str]) -> list[str]:
    """Return the points as main parts: neighbours join when there are more than a speech can hold."""
    merged = [p.strip().rstrip("。；;") for p in points if p.strip()]
    while len(merged) > MAX_PARTS:
        at = min(range(len(merged) - 1), key=lambda i: len(merged[i]) + len(merged[i + 1]))
        merged[at : at + 2] = [f"{merged[at]}；{merged[at + 1]}"]
    return merged


def can_head(points: Sequence[str]) -> bool:
    """Tell whether the points can stand as headings in the clerk's own words: of a heading's length, in one clause
    or two, and at least half of them more than bare names (公文质量)."""
    if not all(4 <= len(p) <= MOST_CHARS and not re.search(r"[。；;：:！？0-9]", p) for p in points):
        return False
    return 2 * sum(is_phrase(p) or name_of(p) != p for p in points) >= len(points)


def _as_heading(point: str) -> str:
    """Return a point as what stands over its part.

    A bare word of two or three 字 gets a verb (质量 → 抓好质量); what the clerk tells the writer to say becomes what
    the leader tells the hall (讲清为什么办这个班 → 为什么办这个班).
    """
    point = _said(point)
    bare = len(point) <= 3 and not is_phrase(point) and point[-1] not in "难慢差弱多少"
    return f"抓好{point}" if bare else point


def _said(point: str) -> str:
    for told, said in _TOLD:
        point = told.sub(said, point)
    return point


def fallback_headings(points: Sequence[str]) -> list[str]:
    """Return headings in one shared frame: 在X上从严把关, 在Y上毫不放松 ...; long points stay as they are."""
    if not all(name_of(p) for p in points):
        return [_cut(p) for p in points]
    return [f"在{core_of(p)}上{TAILS[i % len(TAILS)]}" for i, p in enumerate(points)]


def _cut(point: str) -> str:
    """Return a long point up to the end of a clause."""
    if len(point) <= MOST_CHARS:
        return point
    at = max(point.rfind(mark, 4, MOST_CHARS + 1) for mark in "，；、")
    return point[: at if at > 0 else MOST_CHARS]


def heading_score(headings: Sequence[str], points: Sequence[str]) -> float:
    """Score headings 0 to 1 (higher is better): parallel, on their own point, of speakable length.

    0 when one is unusable: empty, too long, repeated, with a digit, or without a word of its point.
    """
    if len(headings) != len(points) or len(set(headings)) != len(headings):
        return 0.0
    for heading, point in zip(headings, points, strict=True):
        if not 4 <= len(heading) <= 18 or re.search(r"[0-9A-Za-z#*“”：:]|^[，。、]", heading):
            return 0.0
        if not set(pairwise(heading)) & set(pairwise(point)):
            return 0.0
    lengths = [len(h) for h in headings]
    spread = max(lengths) - min(lengths)
    starts = len({h[0] for h in headings})
    even = 1.0 if spread <= 1 else 0.6 if spread == 2 else 0.4
    frame = (
        1.0
        if starts in {1, len(headings)}
        and not any(h.startswith("在") != headings[0].startswith("在") for h in headings)
        else 0.6
    )
    return round(0.6 * even + 0.4 * frame, 3)


def short_names(points: Sequence[str], headings: Sequence[str]) -> list[str]:
    """Return short names of the points for the opening: 守规矩、求严谨, not 守规矩，办事按程序来、求严谨，…

    They follow 主要任务是, so what is a name only becomes something one does (对班子的要求 → 对班子提出要求). There are
    none where one of them is long or a list of its own: an opening that names no task is better than a tangle.
    """
    clauses = [re.split(r"[，,；;]", _said(p))[0] for p in points or headings if p]
    names = [_DEMAND.sub(r"对\1提出\2", c) for c in clauses]
    if not names or any(len(n) > 12 or "、" in n for n in names):
        return []
    if any(n.endswith(("那些", "时候", "以后")) or (_SENTENCE.search(n) and not is_phrase(n)) for n in names):
        return []
    # 主要任务是 wants a verb, and 停车难 is no task.
    if all(name_of(n) == n and not is_phrase(n) for n in names):
        return [] if any(n.endswith("难") for n in names) else [f"抓好{names[0]}", *names[1:]]
    return names
