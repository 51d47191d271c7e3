"""Mechanical repairs: punctuation, numbering, fixed terms with one replacement. Facts are never touched."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from rag_speech.types import Finding
from rag_speech.zh.text import half_width

MAX_ROUNDS = 5
"""A repair may make another one visible (，, becomes ，，); more rounds than this would mean two rules disagree."""

_CLAUSE = re.compile(r"[^，。；：！？,;:!?\n]*[，。；：！？,;:!?\n]+|[^，。；：！？,;:!?\n]+$")
_NUMBER = re.compile(r"\d*\.?\d+")


@dataclass(frozen=True, slots=True)
class Fixed:
    """The repaired text and the findings whose repair was made, in order of rounds and places."""

    text: str
    applied: tuple[Finding, ...]


def apply_fixes(text: str, findings: Iterable[Finding]) -> Fixed:
    """Make the repairs of ``findings``; of overlapping ones the graver, then the longer, is made."""
    chosen: list[Finding] = []
    for finding in sorted(findings, key=_gravest_first):
        span = finding.span
        if finding.fix is None or span is None or finding.fix == finding.fragment:
            continue
        if any(o.span and span.start < o.span.end and o.span.start < span.end for o in chosen):
            continue
        if _numbers(finding.fragment) == _numbers(finding.fix):
            chosen.append(finding)
    chosen.sort(key=lambda f: f.span.start if f.span else 0)
    for finding in reversed(chosen):
        if finding.span and finding.fix is not None:
            text = text[: finding.span.start] + finding.fix + text[finding.span.end :]
    return Fixed(text, tuple(chosen))


def fix_all(text: str, find: Callable[[str], Iterable[Finding]]) -> Fixed:
    """Repair until nothing mechanical is left: fixing the result again changes nothing."""
    applied: list[Finding] = []
    for _ in range(MAX_ROUNDS):
        done = apply_fixes(text, find(text))
        if done.text == text:
            break
        text = done.text
        applied += done.applied
    return Fixed(text, tuple(applied))


def show_diff(before: str, after: str) -> str:
    """Return the clauses that changed, as lines that begin with - and +."""
    rows = list(difflib.ndiff(_CLAUSE.findall(before), _CLAUSE.findall(after)))
    return "\n".join(row.rstrip("\n") for row in rows if row[:2] in {"- ", "+ "})


def _gravest_first(finding: Finding) -> tuple[str, int, int]:
    span = finding.span
    return (finding.severity.value, -(span.end - span.start) if span else 0, span.start if span else 0)


def _numbers(text: str) -> list[Decimal]:
    """Return the values of the figures in a fragment; a repair must keep every one."""
    return [Decimal(m) for m in _NUMBER.findall(half_width(text))]
