"""The 待核实 list: what the clerk still has to find out. It stands beside the speech, never in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rag_speech.render.copy import Copy
from rag_speech.types import Severity, Statement, Use

_NAMES = {Severity.P0: "不能用", Severity.P1: "必须改"}


@dataclass(frozen=True, slots=True)
class Group:
    """Items of one kind under their heading."""

    heading: str
    items: tuple[str, ...]


def pending_groups(copy: Copy) -> tuple[Group, ...]:
    """Return what has to be checked before the speech is used, most urgent first; empty groups are left out."""
    if copy.draft is None:
        return ()
    unsupported = dict.fromkeys(
        f"“{use.claim}”（{use.sentence.strip()}）" for use in copy.draft.facts if not use.source
    )
    grave = (f"【{_NAMES[f.severity]}】{f.message}" for f in copy.findings if f.severity in _NAMES)
    aside = dict.fromkeys(map(_aside, copy.draft.set_aside))
    groups = (
        Group("请核实、补充或者请示", copy.draft.pending),
        Group("稿中有而任务书和材料里找不到依据", tuple(unsupported)),
        Group("检查后仍未解决的问题", tuple(dict.fromkeys(grave))),
        Group("材料说法不一，已经这样处理", copy.draft.conflicts),
        Group("按要求没有讲的", copy.draft.withheld),
        Group("材料里有而没有采用", tuple(aside)),
    )
    return tuple(g for g in groups if g.items)


def pending_text(copy: Copy) -> str:
    """Return the list as plain text."""
    return "\n".join(_lines(copy)) + "\n"


def pending_path(output: Path) -> Path:
    """Return where the list of ``output`` goes: ``讲话.docx`` has ``讲话-待核实.txt`` beside it."""
    return output.with_name(f"{output.stem}-待核实.txt")


def _lines(copy: Copy) -> Iterator[str]:
    yield f"待核实：{copy.speech.title or copy.subject}"
    groups = pending_groups(copy)
    if not groups:
        yield ""
        yield "没有待核实的事项。"
    for group in groups:
        yield ""
        yield group.heading
        yield from (f"{number}. {item}" for number, item in enumerate(group.items, 1))


def _aside(statement: Statement) -> str:
    """Return what was left out; what must not be said is not printed once more, only where it stands and why."""
    where = _source(statement.source)
    if statement.use is Use.NEVER:
        return f"{where}里的一处不讲：{statement.why or '按要求不讲'}"
    return f"{statement.text}（{where}：{statement.why or statement.use.value}）"


def _source(name: str) -> str:
    return "任务书" if name == "brief" else f"材料“{name}”"
