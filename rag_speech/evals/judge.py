"""A model that reads drafts: by a rubric, one draft at a time, or two drafts of one case side by side.

An answer that cannot be read counts for nothing, neither for nor against. In pairs every vote asks twice with the
places swapped; only a preference that holds both times is a win.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rag_speech.errors import BadReplyError
from rag_speech.evals.cases import Case
from rag_speech.evals.records import Vote
from rag_speech.llm.base import LLM, Message
from rag_speech.prompts import Prompts

CRITERIA = {
    "occasion": "切合场合和身份",
    "content": "内容具体、抓住要点",
    "structure": "层次清楚、前后连贯",
    "language": "语言得体、可以直接念",
    "usable": "领导拿来就能用",
}
"""The rubric's criteria, each from 1 to 5 (higher is better)."""
Side = Literal["A", "B", "tie"]


@dataclass(frozen=True, slots=True)
class Preference:
    """What one vote on a pair says; None when an answer could not be read."""

    winner: Side | None
    reason: str = ""


async def read_draft(
    llm: LLM, prompts: Prompts, case: Case, text: str, *, votes: int = 3
) -> tuple[Vote, ...]:
    """Return ``votes`` readings of a draft. Raises ModelError when the endpoint fails for good."""
    extra = {f"extra{i}": words for i, words in enumerate(case.rubric, 1)}
    criteria = {**CRITERIA, **extra}
    mark = {"type": "integer", "minimum": 1, "maximum": 5}
    schema = _object({**dict.fromkeys(criteria, mark), "reason": {"type": "string", "maxLength": 200}})
    prompt = prompts.render("eval/judge", brief=case.brief, criteria=criteria, text=text)
    out = []
    for n in range(votes):
        data = await _ask(llm, prompt, schema, seed=n + 1)
        out.append(
            Vote(None) if data is None else Vote({k: int(data[k]) for k in criteria}, str(data["reason"]))
        )
    return tuple(out)


def mean_of(votes: Sequence[Vote]) -> float | None:
    """Return the mean mark over the votes that could be read; None when there is none."""
    read = [v.points for v in votes if v.points is not None]
    return sum(sum(p.values()) / len(p) for p in read) / len(read) if read else None


async def prefer(
    llm: LLM, prompts: Prompts, case: Case, a: str, b: str, *, votes: int = 1
) -> tuple[Preference, ...]:
    """Return which of two drafts is better, ``votes`` times, each asked both ways round. Raises ModelError."""
    schema = _object(
        {
            "better": {"type": "string", "enum": ["甲", "乙", "平"]},
            "reason": {"type": "string", "maxLength": 200},
        }
    )
    out = []
    for n in range(votes):
        sides: list[Side | None] = []
        reasons = []
        for first, second, names in ((a, b, {"甲": "A", "乙": "B"}), (b, a, {"甲": "B", "乙": "A"})):
            prompt = prompts.render("eval/pair", brief=case.brief, first=first, second=second)
            data = await _ask(llm, prompt, schema, seed=n + 1)
            sides.append(None if data is None else names.get(data["better"], "tie"))  # type: ignore[arg-type]
            reasons.append("" if data is None else str(data["reason"]))
        winner = None if None in sides else sides[0] if sides[0] == sides[1] else "tie"
        out.append(Preference(winner, "；".join(filter(None, reasons))))
    return tuple(out)


async def _ask(llm: LLM, prompt: str, schema: dict[str, Any], *, seed: int) -> dict[str, Any] | None:
    try:
        reply = await llm.complete(
            [Message("user", prompt)], max_tokens=400, temperature=0.3, seed=seed, schema=schema
        )
    except BadReplyError:
        return None
    return dict(reply.data)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
