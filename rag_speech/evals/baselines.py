"""The three usual ways to have a model write a speech, on the same endpoint as the pipeline.

One prompt; one prompt with the top chunks of the library in it (plain RAG); an outline, then paragraph by
paragraph with everything written so far in the prompt (AgentWrite). Their prompts are in ``prompts/eval``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag_speech.brief.brief import Brief
from rag_speech.evals.cases import Case
from rag_speech.llm.base import LLM, Message
from rag_speech.llm.tokens import estimate_tokens
from rag_speech.prompts import Prompts
from rag_speech.types import Exemplar, Hit

if TYPE_CHECKING:
    from rag_speech.retrieve.library import Library

TOP_K = 5
TOKENS_A_ZI = 1.6
"""Room for the answer: Chinese models spend 0.6 to 0.8 tokens on a 字, others up to 1.5."""
SPARE_TOKENS = 200
ROOM = 0.9
"""Share of the context that is filled: token counts are estimates."""
STEP_TOKENS = 200
"""Room for one line of an outline."""
_FENCE = re.compile(r"^```\w*\n|\n```$")


@dataclass(frozen=True, slots=True)
class Answer:
    """A baseline's text, the chunks that it was shown, and the 字 of materials that its prompt had no room for."""

    text: str
    hits: tuple[Hit, ...] = ()
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Baselines:
    """What the baselines need: the endpoint, the prompts of ``prompts/eval``, the library for plain RAG."""

    llm: LLM
    prompts: Prompts
    library: Library
    temperature: float

    @property
    def _room(self) -> int | None:
        return None if self.llm.context_tokens is None else int(self.llm.context_tokens * ROOM)

    async def single_prompt(self, case: Case) -> Answer:
        """Ask for the whole speech at once. Raises ModelError."""
        return await self._at_once(case, "eval/single", ())

    async def plain_rag(self, case: Case) -> Answer:
        """Ask for the whole speech at once, with the nearest chunks as references. Raises ModelError."""
        query = case.request or "；".join([case.brief.event, *case.brief.points])
        return await self._at_once(case, "eval/rag", tuple(self.library.search(query, k=TOP_K)))

    async def agent_write(self, case: Case) -> Answer:
        """Ask for an outline, then for each paragraph in turn. Raises ModelError."""
        target = case.brief.target_chars
        low, high = max(3, target // 400), max(4, target // 150)
        schema = {
            "type": "object",
            "properties": {
                "paragraphs": {
                    "type": "array",
                    "minItems": low,
                    "maxItems": high,
                    "items": {
                        "type": "object",
                        "properties": {
                            "point": {"type": "string", "maxLength": 80},
                            "chars": {"type": "integer", "minimum": 50, "maximum": 600},
                        },
                        "required": ["point", "chars"],
                        "additionalProperties": False,
                    },
                }
            },
            "required": ["paragraphs"],
            "additionalProperties": False,
        }
        room = STEP_TOKENS * high if self._room is None else min(STEP_TOKENS * high, self._room // 2)
        task, cut = self._task(
            case, room + SPARE_TOKENS + self._size("eval/outline", task="", low=low, high=high)
        )
        prompt = self.prompts.render("eval/outline", task=task, low=low, high=high)
        reply = await self.llm.complete(
            [Message("user", prompt)], max_tokens=room, temperature=0.3, seed=1, schema=schema
        )
        steps = reply.data["paragraphs"]
        outline = "\n".join(f"{n}. {s['point']}（{s['chars']}字）" for n, s in enumerate(steps, 1))
        # The task is cut once, with room for the whole speech: what every prompt begins with stays in the cache.
        longest = max(_tokens_for(s["chars"]) for s in steps)
        fixed = SPARE_TOKENS + longest + estimate_tokens(outline)
        task, lost = self._task(case, fixed + round(1.5 * target * TOKENS_A_ZI))
        cut = max(cut, lost)
        written: list[str] = []
        for number, step in enumerate(steps, 1):
            answer = _tokens_for(step["chars"])
            done = self._tail(task, "\n".join(written), fixed)
            text = self.prompts.render(
                "eval/paragraph", task=task, outline=outline, written=done, number=number,
                point=step["point"], chars=step["chars"],
            )  # fmt: skip
            reply = await self.llm.complete(
                [Message("user", text)], max_tokens=answer, temperature=self.temperature, seed=1 + number
            )
            written.append(plain(reply.text))
        return Answer("\n".join(written), cut=cut)

    async def _at_once(self, case: Case, prompt: str, hits: tuple[Hit, ...]) -> Answer:
        answer = round(case.brief.target_chars * TOKENS_A_ZI * 1.3) + 100
        if self._room is not None:
            answer = min(answer, self._room // 2)
        chunks = {"chunks": [h.chunk.text for h in hits]} if hits or prompt.endswith("rag") else {}
        task, cut = self._task(case, answer + SPARE_TOKENS + self._size(prompt, task="", **chunks))
        text = self.prompts.render(prompt, task=task, **chunks)
        reply = await self.llm.complete(
            [Message("user", text)], max_tokens=answer, temperature=self.temperature, seed=1
        )
        return Answer(plain(reply.text), hits, cut)

    def _task(self, case: Case, taken: int) -> tuple[str, int]:
        """Return the task with as much of the materials as fits beside ``taken`` tokens, and the 字 left out."""
        if case.request:
            return case.request, 0
        head, body = _fields(self.prompts, case.brief), _materials(case.brief)
        room = self._room
        if not body or room is None:
            return whole_task(self.prompts, case.brief), 0
        free = max(0, room - taken - estimate_tokens(head))
        keep = min(len(body), int(len(body) * free / max(1, estimate_tokens(body))))
        return f"{head}\n\n{body[:keep]}", len(body) - keep

    def _tail(self, task: str, done: str, taken: int) -> str:
        """Return as much of the end of ``done`` as fits beside ``taken`` tokens and the task."""
        room = self._room
        if room is None:
            return done
        free = room - taken - SPARE_TOKENS - estimate_tokens(task)
        share = min(1.0, max(0, free) / max(1, estimate_tokens(done)))
        return done[len(done) - int(len(done) * share) :]

    def _size(self, prompt: str, **values: object) -> int:
        return estimate_tokens(self.prompts.render(prompt, **values))


def whole_task(prompts: Prompts, brief: Brief) -> str:
    """Return all that a brief says in words, its materials at the end: what a baseline and a reader see."""
    return "\n\n".join(filter(None, [_fields(prompts, brief), _materials(brief)]))


def _fields(prompts: Prompts, brief: Brief) -> str:
    return prompts.render("eval/task", brief=brief, chars=brief.target_chars)


def _materials(brief: Brief) -> str:
    return "\n\n".join(f"【{m.name}】\n{m.text}" for m in brief.materials)


def _tokens_for(zi: int) -> int:
    return round(zi * TOKENS_A_ZI) + 60


def plain(text: str) -> str:
    """Return a model's answer without code fences, Markdown marks at line starts and blank lines."""
    text = _FENCE.sub("", text.strip())
    lines = (re.sub(r"^#+\s*|\*\*", "", line.strip()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def as_exemplars(hits: Sequence[Hit]) -> tuple[Exemplar, ...]:
    """Return the chunks that a baseline was shown, unmasked, in the pipeline's record."""
    return tuple(
        Exemplar(
            h.chunk.id, h.chunk.speech_id, h.chunk.role, h.chunk.text, h.chunk.text, h.score, h.chunk.family
        )
        for h in hits
    )
