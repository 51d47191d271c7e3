"""A model that answers by rule: for tests, for evaluation runs and for trying the program out without a model."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rag_speech.errors import BadReplyError
from rag_speech.llm import json_reply, office
from rag_speech.llm.base import Message, Reply
from rag_speech.llm.profile import HOSTED, Profile
from rag_speech.llm.tokens import estimate_tokens
from rag_speech.types import Usage


@dataclass(frozen=True, slots=True)
class Call:
    """What one call asked for. ``text`` is all messages joined by blank lines, for rules to look at."""

    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float
    seed: int | None
    schema: Mapping[str, Any] | None
    index: int

    @property
    def text(self) -> str:
        """The whole prompt."""
        return "\n\n".join(message.content for message in self.messages)


Answer = str | BaseException | Mapping[str, Any]
Script = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Rule:
    """Answers every prompt in which ``pattern`` (a regular expression) occurs."""

    pattern: str
    answer: Answer | Script


@dataclass(slots=True)
class ScriptedLLM:
    """An :class:`rag_speech.llm.base.LLM` without a model; equal prompts get equal answers.

    ``script`` is a function of the :class:`Call`; a sequence of answers, one a call; or a sequence of
    :class:`Rule`, first match wins. An answer that is an exception is raised, a mapping becomes JSON. Without
    a script, the stages' requests are answered in their form (:mod:`rag_speech.llm.office`), other prose gets neutral
    sentences of the length that the prompt asks for, and another schema the smallest value that satisfies it. ``calls`` keeps what was asked.
    """

    script: Script | Sequence[Answer] | Sequence[Rule] | None = None
    name: str = "scripted"
    context_tokens: int | None = None
    max_parallel: int = 4
    profile: Profile = HOSTED
    calls: list[Call] = field(default_factory=list)

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.7,
        top_p: float = 0.9,  # noqa: ARG002
        seed: int | None = None,
        stop: Sequence[str] = (),
        schema: Mapping[str, Any] | None = None,
        frequency_penalty: float = 0.0,  # noqa: ARG002
        on_token: Callable[[str], None] | None = None,
        on_restart: Callable[[], None] | None = None,  # noqa: ARG002
    ) -> Reply:
        """Answer as the script says; ``max_tokens`` and ``stop`` cut the answer as a real model's would be.

        Raises what the script says, and BadReplyError when the answer does not satisfy ``schema`` or the
        script has none left.
        """
        call = Call(tuple(messages), max_tokens, temperature, seed, schema, len(self.calls))
        self.calls.append(call)
        await asyncio.sleep(0)
        answer = self._answer(call)
        if isinstance(answer, BaseException):
            raise answer
        text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        text, finish = _cut(text, max_tokens, stop)
        data = None
        if schema is not None:
            try:
                data = json_reply.parse(text, schema)
            except ValueError as error:
                raise BadReplyError(f"The scripted answer is wrong: {error}.", last_attempt=text) from None
        if on_token:
            for piece in re.findall(r".{1,8}", text, re.S):
                on_token(piece)
        usage = Usage(1, estimate_tokens(call.text), 0, estimate_tokens(text), 0.0)
        return Reply(text, usage, finish, self.name, data)

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _answer(self, call: Call) -> Answer:
        script = self.script
        if script is None:
            return _by_rule(call)
        if callable(script):
            return script(call)
        rules = [entry for entry in script if isinstance(entry, Rule)]
        for rule in rules:
            if re.search(rule.pattern, call.text):
                return rule.answer(call) if callable(rule.answer) else rule.answer
        if rules or call.index >= len(script):
            return BadReplyError(f"The script has no answer to call {call.index + 1}: {call.text[-80:]!r}")
        answer = script[call.index]
        assert not isinstance(answer, Rule)
        return answer


def _cut(text: str, max_tokens: int, stop: Sequence[str]) -> tuple[str, str]:
    ends = [at for word in stop if (at := text.find(word)) >= 0]
    text = text[: min(ends)] if ends else text
    if estimate_tokens(text) <= max_tokens:
        return text, "stop"
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if estimate_tokens(text[:middle]) <= max_tokens else (low, middle - 1)
    return text[:low], "length"


def _by_rule(call: Call) -> Answer:
    """Answer a stage's request in its form, any other with prose of the length asked for or the smallest value."""
    request = call.messages[-1].content
    if call.schema is not None:
        first = next((m.content for m in call.messages if m.role == "user"), request)
        return office.answer_json(first, call.schema) or _sample(call.schema)
    return office.answer_prose(request, lambda zi, seed: _sentences(zi, f"{seed}|{call.seed}")) or _prose(
        call
    )


_SUBJECTS = (
    "各部门", "各单位", "各乡镇", "全体同志", "各级干部", "牵头单位", "分管领导", "班子成员", "村级组织",
    "包联干部", "责任科室", "一线人员", "业务骨干", "值班人员",
)  # fmt: skip
_WHEN = (
    "会后", "每周", "遇到难处", "接到任务", "平时", "月底之前", "开工以后", "下去走访", "碰上急事", "办完之后", "动手之前",
    "忙的时候", "人手不够", "情况有变", "群众来问", "往后",
)  # fmt: skip
_DUTIES = (
    "要理清账目", "要守住底线", "要走到田头", "要听得进话", "要管到末端", "要盯住细节", "要分清轻重", "要当面讲明", "要逐项过筛",
    "要留下记录", "要带头动手", "要把话说实", "要问个究竟", "要补齐缺口", "要摸清底数", "要先看现场", "要找准症结", "要压紧环节",
    "要少开长会", "要多想一步", "要认准方向", "要拿准尺度", "要接住难题", "要跑够次数", "要记准日子", "要对上数字",
    "要看住关口", "要修好路子", "要用活人手", "要搭好帮手", "要算清得失", "要守好规矩", "要理顺流程", "要用足白天",
    "要备好家伙", "要问清来路", "要选对时候", "要改掉毛病", "要写明去向", "要交清底子",
)  # fmt: skip
_ENDS = (
    "不推不拖", "有始有终", "说了就办", "一抓到底", "件件有数", "经得起查", "让人放心", "不留尾巴", "按时交账", "心里有底",
    "办出样子", "事事有着落", "群众看得见", "出了错就改", "谁办谁签字", "结果要回话", "难处早报告", "不搞花架子", "干一件成一件",
    "早做早主动", "轻重有别", "前后衔接", "不等不靠", "不讲条件", "一天一结", "三天一问", "回头再看一遍", "当天事当天毕", "让群众来评",
    "老办法也要新做", "不怕麻烦", "不留空当", "细处见功夫", "把好最后一关", "一次说清楚", "做给旁人看", "用数字说话", "经验留下来",
    "教训记下来", "换个角度再想",
)  # fmt: skip
_ASKED = re.compile(r"字数[:：]\s*(\d{2,4})|(\d{2,4})\s*(?:个)?字")


def _prose(call: Call) -> str:
    """Neutral sentences, different for different prompts and seeds, of about the length asked for last.

    A prompt that names no length gets one sentence, as a terse model would answer.
    """
    asked = _ASKED.findall(call.text)
    return _sentences(int("".join(asked[-1])) if asked else 1, f"{call.text}|{call.seed}")


def _sentences(zi: int, seed: str) -> str:
    out = ""
    step = 0
    while len(out) < zi or not out:
        digest = hashlib.sha256(f"{seed}|{step}".encode()).digest()
        subject, when, duty, first, last = (
            bank[digest[i] % len(bank)] for i, bank in enumerate((_SUBJECTS, _WHEN, _DUTIES, _ENDS, _ENDS))
        )
        out += f"{subject}{when}{duty}，{first}" + (f"，{last}。" if last != first else "。")
        step += 1
    return out


def _sample(schema: Mapping[str, Any]) -> Any:
    """Return the smallest value that satisfies ``schema`` (the subset that the stages use)."""
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for key in ("anyOf", "oneOf"):
        if schema.get(key):
            return _sample(schema[key][0])
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        properties = schema.get("properties", {})
        return {key: _sample(properties.get(key, {})) for key in schema.get("required", properties)}
    if kind == "array":
        return [_sample(schema.get("items", {})) for _ in range(schema.get("minItems", 0))]
    if kind in {"integer", "number"}:
        return schema.get("minimum", 0)
    if kind == "string":
        return "内容".ljust(schema.get("minLength", 0), "。")[: schema.get("maxLength")]
    return False if kind == "boolean" else None
