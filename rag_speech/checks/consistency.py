"""Figures that contradict themselves or their source (family G): what is only planned told as done, wrong growth."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag_speech.checks.base import CheckContext, NotApplicable
from rag_speech.checks.grounding import RULE, Source, all_claims, said, sources_of
from rag_speech.checks.scan import finding
from rag_speech.types import Finding, Severity
from rag_speech.zh.claims import Claim, covers
from rag_speech.zh.text import half_width, sentence_around

_PLANNED = re.compile(
    r"拟|计划|将(?!士|军|领)|力争|预计|目标|确保|争取|到年底|年底前|要(?!求)|规划|打算|有望"
)
_DONE = re.compile(r"已经?|完成了|建成了|实现了|取得了|达到了|落成|投产了|竣工了|顺利(?:完成|建成|实现)")


def check_consistency(context: CheckContext) -> list[Finding]:
    """Plans told as done (G-STATE) and growth that its own figures contradict (G-ARITH)."""
    sources = sources_of(context)
    if not sources:
        raise NotApplicable("没有任务书，数字和名称无从核对")
    return _state(context.text, sources) + _plans(context.text, sources) + arithmetic(context.text)


def _state(text: str, sources: Sequence[Source]) -> list[Finding]:
    """Flag what the sources only plan and the text calls done (拟议 written as 已完成)."""
    out = []
    for claim in all_claims(text):
        if claim.kind not in {"figure", "date"} or (claim.kind == "date" and not claim.date[1]):
            continue
        sentence = sentence_around(text, claim.span.start, "。！？!?；;\n").of(text)
        done = _DONE.search(sentence)
        if not done or _PLANNED.search(sentence_around(sentence, done.start(), "，,。").of(sentence)):
            continue
        if _PLANNED.search(sentence_around(text, claim.span.start, "，,。！？!?；;\n").of(text)):
            continue
        before = [
            sentence_around(s.text, k.span.start, "。！？!?；;\n").of(s.text)
            for s in sources
            for k in said(s.text)
            if k.kind == claim.kind and _same_fact(k, claim)
        ]
        if before and all(_PLANNED.search(s) and not _DONE.search(s) for s in before):
            out.append(
                finding(
                    text,
                    "G-STATE",
                    Severity.P1,
                    (claim.span.start, claim.span.end),
                    message=f"材料里“{claim.text}”还是计划，这里写成了已经完成。",
                    suggestion="改为“拟、计划、力争”等表述。",
                    source=RULE,
                    evidence=before[0].strip(),
                )
            )
    return out


_PLAN = re.compile(
    r"(?:拟|计划|将|力争|预计|准备|打算|规划)[^，。；！？\n]{0,10}?(?:新建|建设|建成|开工|动工|投产|启用|通车|通水|完工|竣工|引进|落户|出台|成立|举办|开放|投用)(?P<what>[^，。；！？\n\d]{3,16})"
    r"|(?P<what2>[^，。；！？\n\d]{3,14}?)(?:拟|计划|将|力争|预计)[^，。；！？\n]{0,8}?(?:开工|动工|投产|启用|通车|通水|完工|竣工|建成|落成|开放|投用|成立)"
)
_FINISHED = re.compile(
    "(?:已经?|如今|现在|顺利|全面|正式|今年|去年)[^，。；！？\n]{0,8}(?:建成|投产|启用|通车|通水|完工|竣工|落成|投用|开放|成立|落户|出台)了?|(?:建成|投产|启用|通车|通水|完工|竣工|落成|投用|开放)(?:了|投用|以来|以后|之后)"
)
_LEAST_SHARED = 4
"""Characters of a plan's object that must stand in the sentence that calls it done."""


def _plans(text: str, sources: Sequence[Source]) -> list[Finding]:
    """Flag a project that the sources only plan and the text calls finished, figures or not."""
    planned = []
    for source in sources:
        for m in _PLAN.finditer(source.text):
            sentence = sentence_around(source.text, m.start(), "。！？!?；;\n").of(source.text)
            if not _FINISHED.search(sentence):
                planned.append(((m["what"] or m["what2"]).strip("的了、“”"), sentence.strip()))
    out = []
    for m in _FINISHED.finditer(text):
        at = sentence_around(text, m.start(), "，。！？!?；;\n")
        clause = at.of(text)
        if _PLANNED.search(clause):
            continue
        for what, sentence in planned:
            tail = what[-_LEAST_SHARED:] if len(what) >= _LEAST_SHARED else what
            if (what in clause or (len(tail) >= _LEAST_SHARED and tail in clause)) and not any(
                what in s.text
                and _FINISHED.search(sentence_around(s.text, s.text.find(what), "。！？\n").of(s.text))
                for s in sources
            ):
                out.append(
                    finding(
                        text,
                        "G-STATE",
                        Severity.P1,
                        (at.start, at.end),
                        message=f"材料里“{what}”还是计划，这里写成了已经完成。",
                        suggestion="改为“拟、计划、力争”等表述。",
                        source=RULE,
                        evidence=sentence,
                    )
                )
                break
    return out


def _same_fact(known: Claim, claim: Claim) -> bool:
    return covers(known, claim) if claim.kind == "figure" else known.date == claim.date


_GROWTH = re.compile(
    r"从(?P<a>[\d.]+)(?P<ua>[^\d，。；\n]{0,4}?)(?:增加|提高|增长|上升|扩大|下降|减少|降低|降)[到至为](?P<b>[\d.]+)"
    r"(?P<ub>[^\d，。；\n]{0,6})[，,]?[^\d，。；\n]{0,8}(?:增长|提高|增加|增幅|下降|减少|降低|降幅)[^\d，。；\n]{0,3}(?P<p>[\d.]+)(?P<u>%|个百分点|倍)"
)


def arithmetic(text: str) -> list[Finding]:
    """Flag a growth that its own two figures contradict (从 A 增加到 B，增长 C%)."""
    out = []
    for m in _GROWTH.finditer(half_width(text)):
        try:
            a, b, p = (float(m[k]) for k in ("a", "b", "p"))
        except ValueError:
            continue
        if not a:
            continue
        change = abs(b - a) if m["u"] == "个百分点" else abs(b - a) / a * (1 if m["u"] == "倍" else 100)
        if abs(change - p) > max(0.1, p * 0.02):
            out.append(
                finding(
                    text,
                    "G-ARITH",
                    Severity.P1,
                    m.span(),
                    message=f"数字对不上：从{m['a']}到{m['b']}应为{change:.1f}{m['u']}，写的是{m['p']}{m['u']}。",
                    suggestion="核对原始数据后改正。",
                    source=RULE,
                )
            )
    return out
