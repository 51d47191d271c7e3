"""Asks the model for a stage and keeps every answer, so that no answered call is asked again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from rag_speech.errors import BadReplyError
from rag_speech.folder import DraftFolder, digest
from rag_speech.llm.base import LLM, Message
from rag_speech.types import Event, Usage

T = TypeVar("T")
TRIES = 3
"""How often an answer is asked for before a stage gives up: once, and twice with what was wrong named."""


class Unfit(ValueError):  # noqa: N818 - what an answer is, not what went wrong in the program
    """An answer that cannot be used; ``problems`` are Chinese sentences that go back to the model."""

    def __init__(self, *problems: str) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said to one request. ``cut`` says that it ran out of room."""

    text: str
    data: Any = None
    usage: Usage = field(default_factory=Usage)
    cut: bool = False
    degraded: str = ""


@dataclass(slots=True)
class Calls:
    """The model as the stages of one draft see it.

    An answer is kept under the digest of its request: the same request is answered from the folder. ``usage`` adds up what
    the draft has cost, runs before this one included; ``asked`` counts what the model was asked for now, by stage.
    """

    llm: LLM
    folder: DraftFolder
    tell: Callable[[Event], None]
    usage: Usage = field(default_factory=Usage)
    asked: dict[str, int] = field(default_factory=dict)
    degraded: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for answer in self.folder.every("calls/*.json", Answer):
            self._count(answer)

    def _count(self, answer: Answer) -> None:
        self.usage += answer.usage
        if answer.degraded:
            self.degraded.add(answer.degraded)

    async def ask(
        self,
        stage: str,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float,
        schema: Mapping[str, Any] | None = None,
        seed: int = 1,
    ) -> Answer:
        """Return the kept answer, or ask and keep it. Raises ModelError."""
        key = digest(
            stage, self.llm.name, [asdict(m) for m in messages], schema or "", max_tokens, temperature, seed
        )

        async def make() -> Answer:
            self.asked[stage] = self.asked.get(stage, 0) + 1
            reply = await self.llm.complete(
                messages,
                max_tokens=max_tokens,
                temperature=temperature,
                seed=seed,
                schema=schema,
                on_token=lambda piece: self.tell(Event("token", piece)),
            )
            answer = Answer(
                reply.text, reply.data, reply.usage, reply.finish_reason == "length", reply.degraded
            )
            self._count(answer)
            return answer

        return await self.folder.once(f"calls/{stage}-{key[:20]}", Answer, make)

    async def ask_for(
        self,
        stage: str,
        messages: Sequence[Message],
        accept: Callable[[Any], T],
        *,
        schema: Mapping[str, Any],
        max_tokens: int,
        temperature: float,
        tries: int = TRIES,
    ) -> T:
        """Return what ``accept`` makes of an answer under ``schema``.

        When ``accept`` raises :class:`Unfit` the answer goes back with its problems, up to ``tries`` in all. Raises BadReplyError
        when the last one is unfit too, ModelError when the model fails.
        """
        said = list(messages)
        problem, last = "", ""
        for n in range(1, tries + 1):
            try:
                answer = await self.ask(
                    stage, said, max_tokens=max_tokens, temperature=temperature, schema=schema, seed=n
                )
                return accept(answer.data)
            except Unfit as unfit:
                problem, last = str(unfit), answer.text
                listed = "\n".join(f"{i}. {p}" for i, p in enumerate(unfit.problems, 1))
                ask = f"上面的结果有下面几处要改，其余不动，改好后重新输出完整的JSON：\n{listed}"
                said = [*messages, Message("assistant", answer.text), Message("user", ask)]
            except BadReplyError as error:
                problem, last = str(error), error.last_attempt
        raise BadReplyError(
            f"{self.llm.name} gave no usable answer for the stage '{stage}' in {tries} tries ({problem[:300]}). "
            "Run the same command again, or choose a stronger model.",
            last_attempt=last,
        )
