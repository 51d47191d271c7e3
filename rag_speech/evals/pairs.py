"""A judging model on every pair of drafts that two systems wrote for the same case."""

from __future__ import annotations

from pathlib import Path

from rag_speech.errors import InputError
from rag_speech.evals.cases import cases_of_run
from rag_speech.evals.judge import prefer
from rag_speech.evals.records import load_rows
from rag_speech.evals.stats import sign_test
from rag_speech.evals.tally import Tally, by_system
from rag_speech.llm.base import LLM
from rag_speech.prompts import Prompts


async def judge_pairs(llm: LLM, folder: Path, a: str, b: str, *, votes: int = 1) -> Tally:
    """Return how often the model preferred each system; a case goes to the side with more votes.

    Votes that cannot be read are left out; a case without a readable vote is ``open``. Raises InputError for an
    unknown system, ModelError when the endpoint fails for good.
    """
    cases = cases_of_run(folder)
    groups = by_system(load_rows(folder))
    for name in (a, b):
        if name not in groups:
            raise InputError(f"{folder} has no system {name!r}; it has: {', '.join(groups)}")
    other = {(r.case, r.seed, r.run): r for r in groups[b] if r.text}
    wins, ties, unread = {"A": 0, "B": 0}, 0, 0
    try:
        for row in groups[a]:
            twin = other.get((row.case, row.seed, row.run))
            if twin is None or not row.text:
                continue
            said = await prefer(llm, Prompts.bundled(), cases[row.case], row.text, twin.text, votes=votes)
            for_a, for_b = (sum(p.winner == side for p in said) for side in ("A", "B"))
            if all(p.winner is None for p in said):
                unread += 1
            elif for_a == for_b:
                ties += 1
            else:
                wins["A" if for_a > for_b else "B"] += 1
    finally:
        await llm.aclose()
    return Tally(a, b, wins["A"], wins["B"], ties, unread, sign_test(wins["A"], wins["B"]))
