"""The 100-point rubric: blocks, each explained, behind gates.

With a brief, what it demands and forbids (忠于任务) weighs as much as structure; without one only form was looked at, and no
text is called fit for use on its form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rag_speech.checks import grounding, numbering
from rag_speech.checks.base import CheckContext
from rag_speech.types import Finding, Severity

Verdict = Literal["PASS", "FORM", "REVISE", "REJECT"]
"""FORM: nothing is wrong with the form, and nobody knows about the rest, for want of a brief."""
PASS_MARK = 80.0
REJECT_CAP = 40.0
"""Of a text with a P0, with something said that must not be said, or with a private item leaked."""
UNFAITHFUL_CAP = 70.0
"""Of a text that leaves a point unanswered or does not keep a promised count: readers do not hand it in."""
_FORBIDDEN = frozenset({"T-BANNED", "T-LEAK"})
_UNKEPT = frozenset({"T-POINT", "T-COUNT"})
_MISCOUNTED = frozenset({"S-PROMISE", "S-NUMDUP"})
"""At P1: points announced and not given, a number given twice; heard by the whole hall."""
_TASK_LOSS = {
    "T-BANNED": 40.0,
    "T-LEAK": 40.0,
    "T-POINT": 12.0,
    "T-COUNT": 12.0,
    "T-MISSING": 8.0,
    "T-STATE": 8.0,
    "T-QUOTE": 8.0,
    "T-NOTE": 6.0,
    "T-TWICE": 3.0,
    "T-LABEL": 3.0,
}
BANNED_FAMILIES = {
    "A": "禁用词",
    "B": "政治表述",
    "C": "涉案人员",
    "D": "占位符",
    "E": "网页残留",
    "F": "机器痕迹",
    "H": "涉密和隐私",
    "I": "承诺与语气",
}
_GATE_FAMILIES = frozenset("BCGIT")
_GATE_CODES = frozenset({"S-SALUT"})
"""Of these a P1 keeps a text from being called fit."""
_ALWAYS = frozenset({"I-COMMIT"})
"""These do whatever their severity, as all of family T does."""
_LOSS = {Severity.P0: 8.0, Severity.P1: 8.0, Severity.P2: 3.0, Severity.P3: 0.5}


@dataclass(frozen=True, slots=True)
class Block:
    """A block of the rubric: points given of ``full``, and why points were lost, in Chinese."""

    name: str
    points: float
    full: float
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """Points 0-100 (higher is better; at most 40 with a P0), the verdict and its blocks."""

    total: float
    verdict: Verdict
    blocks: tuple[Block, ...]


def score(context: CheckContext, findings: Iterable[Finding]) -> Score:
    """Return the score of a text from its findings; the same text and findings always give the same score."""
    found = tuple(findings)
    blocks = (
        *([] if context.brief is None else [_task(found)]),
        _structure(context, found),
        _banned(found),
        _grounding(context, found),
        _language(found),
        _substance(found),
    )
    total = round(100 * sum(b.points for b in blocks) / sum(b.full for b in blocks), 1)
    codes = {f.code for f in found}
    grave = {f.code for f in found if f.severity is Severity.P1}
    if codes & _UNKEPT or grave & _MISCOUNTED:
        total = min(total, UNFAITHFUL_CAP)
    if codes & _FORBIDDEN or any(f.severity is Severity.P0 for f in found):
        return Score(min(total, REJECT_CAP), "REJECT", blocks)
    serious = any(c[0] in _GATE_FAMILIES or c in _GATE_CODES for c in grave)
    serious = serious or any(c[0] == "T" or c in _ALWAYS for c in codes)
    if total < PASS_MARK or serious:
        return Score(total, "REVISE", blocks)
    return Score(total, "FORM" if context.brief is None else "PASS", blocks)


def _task(found: tuple[Finding, ...]) -> Block:
    """Return what the text loses by what its brief demands and forbids."""
    mine = [f for f in found if f.code[0] == "T"]
    lost = sum(_TASK_LOSS[f.code] for f in mine)
    why = tuple(dict.fromkeys(f.message.split("：")[0] for f in mine))
    return Block("忠于任务", max(0.0, 40 - lost), 40, why)


class _Tally:
    """Adds up a block's items and remembers what was lost."""

    def __init__(self, name: str) -> None:
        self.name, self.points, self.full, self.why = name, 0.0, 0.0, list[str]()

    def item(self, label: str, full: float, share: float) -> None:
        share = min(1.0, max(0.0, share))
        self.full += full
        self.points += full * share
        if share < 1:
            self.why.append(f"{label}：{full * share:.1f}/{full:g}分")

    def block(self) -> Block:
        return Block(self.name, round(self.points, 1), self.full, tuple(self.why))


def _structure(context: CheckContext, found: tuple[Finding, ...]) -> Block:
    codes = Counter(f.code for f in found)
    tally = _Tally("结构")
    tally.item("标题和署名日期", 5, 1 - 0.6 * bool(codes["S-TITLE"]) - 0.4 * bool(codes["S-CAPTION"]))
    tally.item("称呼", 4, 1 - _worst(found, "S-SALUT"))
    tally.item("开头", 4, 1 - 0.5 * bool(codes["S-OPEN"]))
    promise = sum(1.0 if f.severity is Severity.P1 else 0.3 for f in found if f.code == "S-PROMISE")
    tally.item("过渡与所说点数", 7, 1 - 0.6 * promise - 0.5 * bool(codes["S-TRANS"]))
    broken = codes["S-NUMMISS"] + codes["S-NUMDUP"]
    lesser = codes["S-NUMSKIP"] + codes["S-SERIES"] + codes["S-LEVEL"] + codes["S-FINAL2"]
    tally.item("序号", 8, 1 - 0.35 * broken - 0.15 * lesser - 0.03 * codes["S-NUMPUNCT"])
    tally.item("应有部分", 5, _sections(context))
    headings = [p.heading for p in context.speech.parts if p.heading]
    tally.item("标题对仗", 3, max(0.0, numbering.parallelism(headings)) - 0.3 * codes["S-PARALLEL"])
    tally.item("结尾", 2, 1 - bool(codes["S-CLOSE"]))
    tally.item("篇幅", 2, 1 - _worst(found, "S-LENGTH"))
    return tally.block()


def _worst(found: tuple[Finding, ...], code: str) -> float:
    weights = {Severity.P0: 1.0, Severity.P1: 1.0, Severity.P2: 0.6, Severity.P3: 0.3}
    return max((weights[f.severity] for f in found if f.code == code), default=0.0)


def _sections(context: CheckContext) -> float:
    """Return the share of the occasion's required moves that the speech has room for."""
    speech = context.speech
    there = [
        bool(speech.opening.body or speech.transition),
        bool(speech.closing.body or speech.closing.children or speech.thanks),
    ]
    if context.occasion is None:
        return sum(there) / len(there)
    needed = sum(m.role == "point" and not m.optional for m in context.occasion.moves)
    needed = min(needed, max(1, context.occasion.points)) if context.occasion.points else 0
    paragraphs = len(speech.opening.body) + len(speech.closing.body) - len(there)
    units = len(speech.parts) or max(
        0, paragraphs
    )  # a short address has paragraphs instead of numbered points
    return (sum(there) + min(needed, units)) / (len(there) + needed)


def _banned(found: tuple[Finding, ...]) -> Block:
    counted = [f for f in found if f.code[0] in BANNED_FAMILIES]
    lost = sum(_LOSS[f.severity] for f in counted)
    each = Counter(f.code[0] for f in counted)
    why = tuple(f"{name}{each[letter]}处" for letter, name in BANNED_FAMILIES.items() if each[letter])
    return Block("禁用内容", round(max(0.0, 25 - lost), 1), 25, why)


def _grounding(context: CheckContext, found: tuple[Finding, ...]) -> Block:
    tally = _Tally("事实依据")
    wrong = sum(f.code[0] == "G" for f in found)
    if context.brief is None:
        tally.item("引语", 20, 1 - 0.1 * wrong)
        tally.why.append("没有任务书，数字和名称未核对")
        return tally.block()
    claims = len(grounding.all_claims(context.text))
    tally.item("有依据的事实", 12, 1 - wrong / claims if claims else 1.0)
    tally.item("任务书事实的使用", 8, grounding.used_share(context))
    return tally.block()


def _language(found: tuple[Finding, ...]) -> Block:
    codes = Counter(f.code for f in found)
    tally = _Tally("语言")
    marks = sum(n for code, n in codes.items() if code[0] in "PN")
    tally.item("标点和数字", 5, 1 - 0.05 * marks)
    breath = 0.1 * codes["S-SENT"] + 0.15 * codes["S-PARA"] + 0.3 * codes["S-BREAK"]
    tally.item("句长和段长", 3, 1 - breath)
    slips = sum({"P1": 2.0, "P2": 1.0}.get(f.severity, 0.5) for f in found if f.code[0] == "L")
    tally.item("错别字和语病", 2, 1 - 0.2 * slips)
    return tally.block()


def _substance(found: tuple[Finding, ...]) -> Block:
    tally = _Tally("原创与内容")
    tally.item("原创", 2, 1 - _worst(found, "J-COPY"))
    tally.item(
        "套话密度", 3, 1 - max(_worst(found, c) for c in ("K-DENSITY", "K-EMPTY", "K-STACK", "K-VAGUE"))
    )
    return tally.block()
