"""The reading model: a draft held against brief, rubric and must-nots, or two drafts of one case side by side.

What it claims is checked: a rubric item counts as met, and a violation as committed, only with words that stand in
the draft. An answer that cannot be read counts for nothing, neither for nor against. In pairs every vote asks twice
with the places swapped; only a preference that holds both times is a win.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from rag_speech.errors import BadReplyError
from rag_speech.evals.baselines import whole_task
from rag_speech.evals.cases import Case
from rag_speech.evals.metrics import forbidden
from rag_speech.evals.readings import stands
from rag_speech.evals.records import Item, Violation, Vote
from rag_speech.folder import digest
from rag_speech.llm.base import LLM, Message
from rag_speech.prompts import Prompts
from rag_speech.zh.text import count_zi

READ, PAIR = "eval/read", "eval/pair"
TEMPERATURE = 0.3
MAX_TOKENS, PAIR_TOKENS = 4000, 800
OUTSIDE = "不在所列"
"""The rule of a violation that none of the case's must-nots names."""
Side = Literal["A", "B", "tie"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What one vote on a pair says; None when an answer could not be read."""

    winner: Side | None
    reason: str = ""


def reader_name(llm: LLM, prompts: Prompts) -> str:
    """Return the reading model's name: another model or another prompt is another reader."""
    words = (prompts.folder / f"{READ}.md").read_text("utf-8")
    return f"{llm.name} ({digest(words)[:6]})"


async def read_draft(
    llm: LLM, prompts: Prompts, case: Case, text: str, *, votes: int = 3
) -> tuple[Vote | None, ...]:
    """Return ``votes`` readings of a draft, None for one that could not be read. Raises ModelError."""
    said = forbidden(text, case.forbidden)
    prompt = prompts.render(
        READ,
        task=whole_task(prompts, case.brief),
        asked=case.brief.target_chars,
        chars=count_zi(text),
        rubric=case.rubric,
        rules=rules_of(case),
        trap=case.trap,
        said=said,
        text=text,
    )
    schema = _schema(case)
    found = [await _ask(llm, prompt, schema, MAX_TOKENS, seed=n + 1) for n in range(votes)]
    return tuple(None if data is None else _vote(data, case, text, said) for data in found)


def rules_of(case: Case) -> tuple[str, ...]:
    """Return the case's must-nots as the reading model gets them, numbered from 1: strings in one line, then senses."""
    strings = (f"出现这些字样：{'、'.join(case.forbidden)}",) if case.forbidden else ()
    return (*strings, *case.forbidden_sense)


def consolidate(votes: Sequence[Vote | None]) -> Vote | None:
    """Return what the votes say together; None when none could be read.

    Score: the median. Rubric items, violations of the case's must-nots and handing in: what more than half of the
    votes say. The words are those of the vote nearest to the median, with its violations outside the must-nots.
    """
    read = [v for v in votes if v is not None]
    if not read:
        return None
    score = median(v.score for v in read)
    middle = min(read, key=lambda v: abs(v.score - score))
    half = len(read) / 2
    items = []
    for several in zip(*(v.rubric for v in read), strict=True):
        met = [i for i in several if i.met]
        items.append(met[0] if len(met) > half else Item(False))
    counts = Counter(rule for v in read for rule in {x.rule for x in v.violations})
    violations = list({
        x.rule: x
        for v in read
        for x in v.violations
        if not x.rule.startswith(OUTSIDE) and counts[x.rule] > half
    }.values())  # fmt: skip
    violations += [x for x in middle.violations if x.rule.startswith(OUTSIDE)]
    hand_in = sum(v.hand_in for v in read) > half
    return Vote(tuple(items), tuple(violations), hand_in, score, middle.worst, middle.reason)


def measured(votes: Sequence[Vote | None]) -> dict[str, float | None]:
    """Return the reading model's metrics of a draft; all None when no vote could be read."""
    said = consolidate(votes)
    if said is None:
        return dict.fromkeys(("judge", "judge_hand_in", "judge_rubric", "judge_violations"))
    met = [float(i.met) for i in said.rubric]
    return {
        "judge": said.score,
        "judge_hand_in": float(said.hand_in),
        "judge_rubric": sum(met) / len(met) if met else None,
        "judge_violations": float(len(said.violations)),
    }


async def prefer(
    llm: LLM, prompts: Prompts, case: Case, a: str, b: str, *, votes: int = 1
) -> tuple[Choice, ...]:
    """Return which of two drafts is better, ``votes`` times, each asked both ways round. Raises ModelError."""
    schema = _object({"reason": {"type": "string"}, "better": {"type": "string", "enum": ["甲", "乙", "平"]}})
    task = whole_task(prompts, case.brief)
    out = []
    for n in range(votes):
        sides: list[Side | None] = []
        reasons = []
        swapped: tuple[tuple[str, str, dict[str, Side]], ...] = (
            (a, b, {"甲": "A", "乙": "B"}),
            (b, a, {"甲": "B", "乙": "A"}),
        )
        for first, second, names in swapped:
            prompt = prompts.render(
                PAIR, task=task, rubric=case.rubric, rules=rules_of(case), first=first, second=second
            )
            data = await _ask(llm, prompt, schema, PAIR_TOKENS, seed=n + 1)
            sides.append(None if data is None else names.get(data["better"], "tie"))
            reasons.append("" if data is None else str(data["reason"]))
        winner = None if None in sides else sides[0] if sides[0] == sides[1] else "tie"
        out.append(Choice(winner, "；".join(filter(None, reasons))))
    return tuple(out)


def _vote(data: dict[str, Any], case: Case, text: str, said: Sequence[str]) -> Vote | None:
    answers = data.get("items", [])
    if len(answers) != len(case.rubric):
        return None
    numbers = [a["no"] for a in answers]
    if sorted(numbers) == list(range(1, len(answers) + 1)):
        answers = sorted(answers, key=lambda a: int(a["no"]))
    items = tuple(
        Item(True, str(a["quote"])) if a["met"] and stands(str(a["quote"]), text) else Item(False)
        for a in answers
    )
    rules = rules_of(case)
    violations = []
    for v in data["violations"]:
        if stands(str(v["quote"]), text):
            number = int(v["no"])
            named = 1 <= number <= len(rules)
            rule = rules[number - 1] if named else f"{OUTSIDE}：{v['what']}"
            violations.append(Violation(rule, str(v["quote"])))
    if said and not any(v.rule == rules[0] for v in violations):
        violations.insert(0, Violation(rules[0], said[0]))
    worst = str(data["worst"])
    return Vote(
        items,
        tuple(violations),
        bool(data["hand_in"]),
        float(data["score"]),
        worst if stands(worst, text) else "",
        str(data["reason"]),
    )


def _schema(case: Case) -> dict[str, Any]:
    text = {"type": "string"}
    number = {"type": "integer", "minimum": 0}
    item = _object({"no": number, "quote": text, "met": {"type": "boolean"}})
    violation = _object({"no": number, "what": text, "quote": text})
    count = len(case.rubric)
    items = {"items": {"type": "array", "items": item, "minItems": count, "maxItems": count}} if count else {}
    return _object(
        {
            **items,
            "violations": {"type": "array", "items": violation},
            "reason": text,
            "worst": text,
            "hand_in": {"type": "boolean"},
            "score": {"type": "integer", "minimum": 0, "maximum": 100},
        }
    )


async def _ask(
    llm: LLM, prompt: str, schema: dict[str, Any], max_tokens: int, *, seed: int
) -> dict[str, Any] | None:
    try:
        reply = await llm.complete(
            [Message("user", prompt)],
            max_tokens=max_tokens,
            temperature=TEMPERATURE,
            seed=seed,
            schema=schema,
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
