"""The voices in which leaders speak: what the paragraphs on a topic are about, and how they begin.

A talk to subordinates, an address to guests, a greeting, a report on oneself and a host's script differ in both;
all of it is data in ``prompts/leads.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag_speech.occasions import occasions
from rag_speech.prompts import Prompts

_CUT = re.compile(r"[，,；;：:。]")
_VERB = re.compile(
    r"^(?:切实|进一步|全力|着力|持续|扎实|坚决)?(?:要|强调|突出|抓好|抓实|抓紧|做好|加强|注重|重视|坚持|提高|提升|严守|严格|严明|落实|压实"
    r"|推进|推动|加快|强化|守牢|守住|筑牢|优化|深化|完善|健全|规范|改进|改善|办好|用好|当好|保障|确保|认清|明确|端正|把好|把牢"
    r"|排查|整治|查处|开展|实施|建设|打造|培育|发展|聚焦|紧扣|围绕|夯实|拧紧|绷紧|织密|化解|防范|抢抓|壮大|激发|兜牢|树牢|锤炼"
    r"|练好|珍惜|深入|学习|遵守|联系|服务好|服务|管好|盯住|盯紧|补齐|打通|拓宽|放大|稳住|扩大)(?=.{2})"
)
_SPEAKING = re.compile(
    r"^(?:问候|汇报|欢迎|感谢|介绍|邀请|真诚|说明|说清|讲清|回顾|展望|祝贺|宣布|评价|点评|回应|指出|答复|总结|希望|听了|拜年)"
)
"""What the speaker does by speaking (汇报县里的工作): no thing that a sentence could be about."""
_CLAUSE_START = "把让以用在为向从"
_CLAUSE_WORD = re.compile(r"[要得把不能会没]|什么|怎")
"""A core with one of these is a sentence (预案要改到管用), not a name."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice. ``facets`` are taken in turn by the paragraphs on one topic; ``leads`` are banks by facet or role.

    ``own`` are the rows that the occasion itself brings; they stand in ``leads`` too, and come first.
    """

    name: str
    facets: Mapping[str, str]
    phrase_facets: Mapping[str, str]
    leads: Mapping[str, Sequence[str]]
    own: frozenset[str]
    unfit: str
    """Pattern of what is not said in this voice; empty for none."""
    frame: Mapping[str, Any]
    """What else the voice has: a host's agenda sentences."""

    def facet(self, number: int) -> str:
        """Return the facet of the ``number``-th paragraph on a topic, from 0."""
        return list(self.facets)[number % len(self.facets)]

    def say(self, topic: str, number: int) -> str:
        """Return what the ``number``-th paragraph on ``topic`` is about, as the prompt says it."""
        facet = self.facet(number)
        if name := name_of(topic):
            return self.facets[facet].format(core=name)
        clauses = [c for c in _CUT.split(topic) if c]
        said = self.phrase_facets[facet].format(topic=clauses[-1])
        return f"{topic}；{said}" if number == 0 and len(clauses) > 1 else said


def voice_of(occasion: str, prompts: Prompts) -> Voice:
    """Return the voice of an occasion; the first of the file when none names it."""
    tables: Mapping[str, Mapping[str, Any]] = prompts.data("leads")
    name = next((n for n, t in tables.items() if occasion in t["occasions"]), next(iter(tables)))
    table = tables[name]
    rest = {
        k: v for k, v in table.items() if k not in {"facets", "phrase_facets", "leads", "occasions", "unfit"}
    }
    own = found.leads if (found := occasions().get(occasion)) else {}
    leads = {facet: (*own.get(facet, ()), *rows) for facet, rows in table["leads"].items()}
    return Voice(
        name,
        table["facets"],
        table["phrase_facets"],
        leads,
        frozenset(row for rows in own.values() for row in rows),
        table.get("unfit", ""),
        rest,
    )


def general_sentences(prompts: Prompts) -> list[str]:
    """Return sentences that could stand in any speech: how the first two beginnings of every bank begin."""
    tables: Mapping[str, Mapping[str, Any]] = prompts.data("leads")
    rows = [row for t in tables.values() for bank in t["leads"].values() for row in bank[:2]]
    plain = [re.sub(r"\{\w+\}", "这件事", row) for row in rows]
    return [re.split(r"(?<=[。！？])", row)[0] for row in plain]


def hold_of(event: str) -> str:
    """Return how a speaker names the holding of the event: 办这个班, 开这个会, 办这次活动."""
    if "班" in event or "培训" in event:
        return "办这个班"
    return "开这个会" if "会" in event else "办这次活动"


def core_of(point: str) -> str:
    """Return the point's first clause without its opening verb, at most 10 字: 提高公文质量 → 公文质量."""
    clause = _CUT.split(point)[0]
    return _VERB.sub("", clause)[:10] or clause[:10]


def name_of(topic: str) -> str:
    """Return what a sentence can call the topic, or nothing when it is too long or too loose to be a name."""
    core = core_of(topic)
    is_clause = (
        _SPEAKING.match(topic)
        or core[:1] in _CLAUSE_START
        or _CLAUSE_WORD.search(core)
        or len(_CUT.split(topic)) > 1
    )
    return core if 2 <= len(core) <= 7 and not is_clause else ""


def is_phrase(point: str) -> bool:
    """Tell whether a point begins like an action (提高…, 把…) and not like a bare name (公文质量)."""
    return bool(_VERB.match(point)) or point[:1] in _CLAUSE_START
