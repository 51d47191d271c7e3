"""The voices in which leaders speak: what the paragraphs on a topic are about, and how they begin.

A talk to subordinates, an address to guests, a greeting, a report on oneself and a host's script differ in both;
all of it is data in ``prompts/leads.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from rag_speech.brief.occasions import occasions
from rag_speech.prompts import Prompts

_CUT = re.compile(r"[，,；;：:。]")
_NOUNS = (
    "发展(?!环境|质量|质效|规划|目标|理念|思路|动力|后劲|基础|空间|态势|方式|格局|党员|观|成果|水平|活力|路径|优势|战略|大局|瓶颈|定位|信心|势头)",
    "服务(?!质量|水平|环境|能力|意识|态度|窗口|中心|体系|标准|效能|大厅|平台|事项|对象|保障|作风|流程|承诺|热线|机制|网|站|设施|业|型|器)",
    "建设(?!用地|项目|资金|质量|工程|进度|标准|单位|成果|现场|规划|领域|工地|任务|水平)",
)
"""Verbs that make nouns of their own (服务质量), and belong to a short object (服务群众)."""
_DOUBLE = re.compile("|".join(_NOUNS))
_VERB = re.compile(
    r"^(?:切实|进一步|全力|着力|持续|扎实|坚决)?(?:要(?![素害职塞闻]|点(?!名)|件(?!件)|领(?!导)|务(?!实|必)|案(?!件))"
    r"|突出(?!问题(?!导向|意识)|矛盾|短板|环节|贡献|成绩|风险|隐患)|学习(?!型|强国|教育|培训|成果|制度|能力|习惯|风气|氛围|态度)"
    r"|保障(?!房|体系|能力|机制|水平|措施|性)|规范(?!化|性)|联系(?!点|人|方式|机制|制度|群众)|防范(?!意识|措施|机制|体系|能力)"
    r"|落实(?!情况|机制)|实施(?!方案|意见|细则|办法)|推进(?!情况|机制)|整治(?!行动|成效)|排查(?!整治|整改|台账)|改进(?!措施)|提升(?!行动|工程)"
    r"|扩大(?!会议)|强调|抓好|抓实|抓紧|做好|加强|注重|重视|坚持|提高|严守|严格|严明|压实|推动|加快|强化|守牢|守住|筑牢|优化|深化"
    r"|完善|健全|改善|办好|用好|当好|确保|认清|明确|端正|把好|把牢|查处|开展|打造|培育|聚焦|紧扣|围绕|夯实|拧紧|绷紧|织密|化解|抢抓"
    r"|壮大|激发|兜牢|树牢|锤炼|练好|珍惜|深入|遵守|服务好|管好|盯住|盯紧|补齐|打通|拓宽|放大|稳住"
    rf"|(?:{'|'.join(_NOUNS)})(?=.{{4}}))(?=.{{2}})"
)
_GENRE = re.compile(r"[上时](?:的[^，。]{1,6})?$|(?:主持词|讲话|致辞|发言|表态)+$|[（(][^）)]*[）)]$")
"""What follows the event's name in a title: 上的讲话."""
_CLASS = re.compile(
    r"开班|结业|结训|(?:培训|轮训|集训)(?:大?会议?|活动)?$|(?<![值领跟带夜交])班(?![子组])(?:第.{1,3}期|[^会]{0,8}(?:式|典礼))?$"
)
_MEETING = re.compile(r"(?<![工社协庙晚学])(?<!委员|联合|运动|博览|基金)会议?(?:第.{1,4}次|[开闭]幕)?$")
_SPEAKING = re.compile(
    r"^(?:问候|汇报|欢迎|感谢|介绍|邀请|真诚|说明|说清|讲清|回顾|展望|祝贺|宣布|评价|点评|回应|指出|答复|总结|希望|听了|拜年)"
)
"""What the speaker does by speaking (汇报县里的工作): no thing that a sentence could be about."""
_CLAUSE_START = "把让以用在为向从"
_CLAUSE_WORD = re.compile(
    r"[要得把不能会没了哪从]|什么|怎|[当做办]好|打算|带头|[列提找拿干]出|起来|到底|赶在"
)
"""A core with one of these is a sentence (预案要改到管用), not a name."""
_ACTION = re.compile(
    r"^(?:学(?![习校生风科前])|认(?![识证])|看|管|听|走|问|送|做|干|先|少|多|逐|谁|因|保(?![障密险])|防(?![汛火线控洪溺疫范])"
    r"|拥护|接受|实干|剖析|肯定|倒排|进入|尽快|介绍|感谢|祝贺|支持|宣布|评价|点评|总结|答复|一.一)"
    r"|[管落送压走]到|[分学做办干管]好|、|自己"
)
"""A topic that begins with, or holds, what one does is no name (学好业务, 先保人饮)."""

_WHY = re.compile(r"为什么|为何|认清|认识|看清|形势|意义|重要性|紧迫|必要|危害|分量")
"""A topic that asks for reasons and not for what to do."""
_FRAME = {"opening", "closing", "topic"}
"""The banks that are no facets: what is said around the parts, and to name one."""
_COMMON = {"occasions", "facets", "phrase_facets", "theme_facets", "leads", "unfit", "about", "reasons"}
"""What every voice has; a host's table has more."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice. ``facets`` are taken in turn by the paragraphs on one topic; ``leads`` are banks by facet or role.

    ``own`` are the rows that the occasion itself brings; they stand in ``leads`` too, and come first.
    """

    name: str
    facets: Mapping[str, str]
    phrase_facets: Mapping[str, str]
    theme_facets: Mapping[str, str]
    """Which facet of a theme's beginnings stands for which of this voice; empty when themes have nothing for it."""
    leads: Mapping[str, Sequence[str]]
    own: frozenset[str]
    unfit: str
    """Pattern of what is not said in this voice; empty for none."""
    frame: Mapping[str, Any]
    """What else the voice has: a host's agenda sentences."""
    about: str = ""
    """Pattern of the topics that this voice is for; empty for all."""
    reasons: Sequence[str] = ()
    """The facets of a topic that asks why (认清形势); all of them where none is named."""
    other: Voice | None = None
    """The voice for all other topics: what is still weak, at a commendation."""

    def on(self, topic: str) -> Voice:
        """Return the voice in which this speaker speaks on ``topic``."""
        return self.other if self.other and not re.search(self.about, topic) else self

    def facet(self, number: int, topic: str) -> str:
        """Return the facet of the ``number``-th paragraph on ``topic``, from 0."""
        facets = self.reasons if self.reasons and _WHY.search(topic) else list(self.facets)
        return facets[number % len(facets)]

    def say(self, topic: str, number: int) -> str:
        """Return what the ``number``-th paragraph on ``topic`` is about, as the prompt says it."""
        facet = self.facet(number, topic)
        if name := name_of(topic):
            return self.facets[facet].format(core=name)
        clauses = [c for c in _CUT.split(topic) if c]
        said = self.phrase_facets[facet].format(topic=clauses[-1])
        return f"{topic}；{said}" if number == 0 and len(clauses) > 1 else said


def voice_of(occasion: str, prompts: Prompts) -> Voice:
    """Return the voice of an occasion; the first of the file when none names it."""
    tables: Mapping[str, Mapping[str, Any]] = prompts.data("leads")
    first = next(iter(tables))
    name = next((n for n, t in tables.items() if occasion in t["occasions"]), first)
    voice = _voice(name, tables[name], occasion)
    return replace(voice, other=_voice(first, tables[first], occasion)) if voice.about else voice


def _voice(name: str, table: Mapping[str, Any], occasion: str) -> Voice:
    rest = {k: v for k, v in table.items() if k not in _COMMON}
    own = found.leads if (found := occasions().get(occasion)) else {}
    leads = {facet: (*own.get(facet, ()), *rows) for facet, rows in table["leads"].items()}
    return Voice(
        name,
        table["facets"],
        table["phrase_facets"],
        table.get("theme_facets", {}),
        leads,
        frozenset(row for rows in own.values() for row in rows),
        table.get("unfit", ""),
        rest,
        table.get("about", ""),
        table.get("reasons", ()),
    )


def general_sentences(prompts: Prompts) -> list[str]:
    """Return sentences that could stand in any speech: how the first two beginnings of every bank begin."""
    tables: Mapping[str, Mapping[str, Any]] = prompts.data("leads")
    rows = [row for t in tables.values() for bank in t["leads"].values() for row in bank[:2]]
    plain = [re.sub(r"\{\w+\}", "这件事", row) for row in rows]
    return [re.split(r"(?<=[。！？])", row)[0] for row in plain]


def ending_of(row: str) -> str:
    """Return what tells a row from all others, whatever its slots were filled with: its last 16 characters."""
    return row.rpartition("}")[2][-16:]


@cache
def general_endings(prompts: Prompts) -> frozenset[str]:
    """Return the endings of all rows of a speech's body that are written for a voice or an occasion, and for no subject."""
    tables: Mapping[str, Mapping[str, Any]] = prompts.data("leads")
    banks = [*(t["leads"] for t in tables.values()), *(o.leads for o in occasions().values())]
    body = (rows for bank in banks for facet, rows in bank.items() if facet not in _FRAME)
    return frozenset(ending_of(row) for rows in body for row in rows)


def hold_of(event: str) -> str:
    """Return how a speaker names the holding of the event: 办这个班, 开这个会, 办这次活动."""
    name = _GENRE.sub("", event.strip())
    if _CLASS.search(name):
        return "办这个班"
    return "开这个会" if _MEETING.search(name) else "办这次活动"


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
        or _ACTION.search(core)
        or len(_CUT.split(topic)) > 1
    )
    return core if 2 <= len(core) <= 7 and not is_clause else ""


def is_phrase(point: str) -> bool:
    """Tell whether a point begins like an action (提高…, 把…) and not like a bare name (公文质量)."""
    return bool(_VERB.match(point) or _DOUBLE.match(point)) or point[:1] in _CLAUSE_START
