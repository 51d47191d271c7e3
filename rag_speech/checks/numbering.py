"""Numbering (family S): promised points, lost, doubled and skipped numerals, mixed series, parallel headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag_speech.checks.base import CheckContext
from rag_speech.checks.scan import finding
from rag_speech.checks.scrape import clean_view
from rag_speech.speech.numerals import Family, Marker, read_marker, to_han
from rag_speech.speech.outline import promises
from rag_speech.speech.walk import all_parts
from rag_speech.types import Finding, Part, Severity
from rag_speech.zh.text import lines

_SOURCE = "GB/T 9704—2012 第7.3.3条；讲话稿序次惯例"
_RANK = {Family.HAN: 1, Family.HAN_PAREN: 2, Family.ARABIC: 3, Family.ARABIC_PAREN: 4}
_TAIL = 6
"""字 of a common ending that are looked at."""
_MIX = (Family.IS, Family.NEED, Family.ORDINAL, Family.FIRST, Family.SIDE)
_PUNCTUATION = (
    (re.compile(r"(\d{1,2})、"), r"\1."),
    (re.compile(r"([（(][一二三四五六七八九十]{1,3}[）)])、"), r"\1"),
    (re.compile(r"([一二三四五六七八九十]{1,3})[．.]"), r"\1、"),
    (re.compile(r"(第[一二三四五六七八九十]{1,3})、"), r"\1，"),
)


def check_promises(context: CheckContext) -> list[Finding]:
    """Promised counts against the points that follow (S-PROMISE)."""
    text, speech = context.text, context.speech
    transition = next((span for name, span in speech.spans if name == "transition"), None)
    out = []
    for promise in promises(speech):
        span = promise.span
        in_transition = bool(transition and transition.start <= span.start < transition.end)
        count = len(promise.parts or (speech.parts if in_transition else ()))
        if promise.count == 0:
            if in_transition:
                message = f"“{span.of(text)}”没有说清几点，听众心里没数。"
                advice = f"写明数目，如“{to_han(count)}点”。" if count > 1 else "写明数目。"
                out.append(_note(text, "S-PROMISE", Severity.P3, (span.start, span.end), message, advice))
        elif count != promise.count and (count or in_transition):
            message = f"说的是“{span.of(text)}”，后面实际是{count}点。"
            out.append(
                _note(text, "S-PROMISE", Severity.P1, (span.start, span.end), message, "让数目与后文一致。")
            )
    return out


def check_numerals(context: CheckContext) -> list[Finding]:
    """Lost, doubled, skipped numerals and their punctuation (S-NUMMISS, S-NUMDUP, S-NUMSKIP, S-NUMPUNCT)."""
    text = context.text
    out: list[Finding] = []
    promised = {id(p) for promise in promises(context.speech) for p in promise.parts}
    for siblings in _sibling_groups(context):
        out += _ordinals(text, siblings)
        marked = [p for p in siblings if p.marker and p.placement == "line"]
        for part in siblings:
            bare = part.placement == "line" and not part.marker and part.heading and part.span
            if bare and part.span and (marked or (id(part) in promised and len(siblings) > 1)):
                at = (part.span.start, part.span.start + len(part.heading))
                message = f"小标题“{part.heading[:20]}”没有序号。"
                out.append(_note(text, "S-NUMMISS", Severity.P1, at, message, "补上序号，与前后一致。"))
    out += [f for f in _line_series(context) if f.code != "S-SERIES"]
    return sorted(out + _skips(context) + _punctuation(context), key=lambda f: f.span or f.code)


def check_series(context: CheckContext) -> list[Finding]:
    """Mixed series, one family on two levels, two closings that begin with 最后 (S-SERIES, S-LEVEL, S-FINAL2)."""
    out = []
    for siblings in _sibling_groups(context):
        out += _mixed(context.text, siblings)
    out += [f for f in _line_series(context) if f.code == "S-SERIES"]
    return out + _levels(context) + _final_twice(context)


def check_parallel(context: CheckContext) -> list[Finding]:
    """A heading that breaks the frame its siblings share (S-PARALLEL)."""
    out = []
    for siblings in _sibling_groups(context):
        own = [p for p in siblings if p.heading and p.placement != "inline"]
        odd = odd_heading([p.heading for p in own])
        if odd is not None and own[odd].span:
            at = _head_span(own[odd])
            message = f"“{own[odd].heading}”与前后标题不对仗。"
            out.append(_note(context.text, "S-PARALLEL", Severity.P3, at, message, "按其他标题的句式改齐。"))
    return out


def parallelism(headings: Sequence[str]) -> float:
    """Return how parallel sibling headings are, 0 to 1: same clause count, near lengths, shared first and last words.

    One heading, or none, counts as parallel.
    """
    if len(headings) < 2:
        return 1.0
    clauses = [re.split("[，,、；：]", h) for h in headings]
    same_count = _majority([len(c) for c in clauses])
    lengths = [len(h) for h in headings]
    middle = sorted(lengths)[len(lengths) // 2]
    near = sum(abs(n - middle) <= 2 * len(clauses[0]) for n in lengths) / len(lengths)
    frame = max(_majority([h[:1] for h in headings]), _majority([h[-1:] for h in headings]))
    anchored = _anchored(headings)
    return round(min(1.0, 0.4 * same_count + 0.4 * near + 0.2 * max(frame, anchored)), 3)


def odd_heading(headings: Sequence[str]) -> int | None:
    """Return the index of the one heading that begins like its siblings (2 字 or more) and lacks their common end."""
    if len(headings) < 3:
        return None
    if len(_common(headings, 1)) < 2:
        return None
    for length in range(2, _TAIL + 1):
        ends = [h[-length:] for h in headings]
        usual, count = Counter(ends).most_common(1)[0]
        if count == len(headings) - 1:
            return next(i for i, end in enumerate(ends) if end != usual)
    return None


def _note(
    text: str, code: str, severity: Severity, at: tuple[int, int], message: str, advice: str
) -> Finding:
    return finding(text, code, severity, at, message=message, suggestion=advice, source=_SOURCE)


def _sibling_groups(context: CheckContext) -> Iterator[tuple[Part, ...]]:
    if context.speech.parts:
        yield context.speech.parts
    for part in all_parts(context.speech):
        if part.children:
            yield part.children


def _marker(part: Part) -> Marker | None:
    return read_marker(part.marker) if part.marker else None


def _head_span(part: Part) -> tuple[int, int]:
    assert part.span is not None
    return part.span.start, part.span.start + len(part.marker) + len(part.heading)


def _ordinals(text: str, siblings: tuple[Part, ...]) -> list[Finding]:
    out: list[Finding] = []
    last: dict[str, int] = {}
    for part in siblings:
        marker = _marker(part)
        if marker is None or part.span is None:
            continue
        series, number = marker.family.series, marker.ordinal
        if marker.family is Family.LOST:
            message = f"序号丢了，只剩顿号：“{part.marker}{part.heading[:16]}”。"
            out.append(_note(text, "S-NUMMISS", Severity.P1, _head_span(part), message, "补上序号。"))
            last = {name: n + 1 for name, n in last.items()}
            continue
        before = last.get(series, 0)
        if number == 1 and before > 1 and part.placement == "inline":
            before = 0
        if number == before or (number < before and number != 1):
            message = f"序号重复或倒退：前面已有第{before}项，这里又写“{part.marker}”。"
            out.append(
                _note(text, "S-NUMDUP", Severity.P1, _head_span(part), message, f"应为第{before + 1}项。")
            )
            number = before + 1
        elif (
            number != before + 1
            and not _continues(marker.family, number, before)
            and not _strays(last, series)
        ):
            message = (
                f"序号跳了：前面是第{before}项，这里是“{part.marker}”。"
                if before
                else f"“{part.marker}”之前缺第1项。"
            )
            out.append(
                _note(text, "S-NUMMISS", Severity.P1, _head_span(part), message, "补上缺的一项或改正序号。")
            )
        last[series] = number
    return out


def _strays(last: dict[str, int], series: str) -> bool:
    """Tell a member of another series among its siblings (S-SERIES says that) from a lost numeral."""
    return bool(last) and series not in last


def _line_series(context: CheckContext) -> list[Finding]:
    """Judge markers that begin paragraphs where the tree has none, because their series is broken."""
    text = context.text
    known = {p.span.start for p in all_parts(context.speech) if p.span}
    groups: list[list[Marker]] = [[]]
    for line in lines(clean_view(text)):
        marker = read_marker(text, line.start)
        if marker and marker.family in _MIX and marker.family is not Family.SIDE:
            groups[-1].append(marker)
        elif marker and marker.family in _RANK:
            groups.append([])
    out = []
    for group in groups:
        if not all(m.start in known for m in group):
            for before, marker in pairwise(group):
                out += _follows(text, before, marker)
    return out


def _follows(text: str, before: Marker, marker: Marker) -> list[Finding]:
    at = (marker.start, marker.end)
    step = marker.ordinal - before.ordinal
    if marker.family.series != before.family.series:
        if step != 1:
            return []
        message = f"“{marker.text}”与前面的“{before.text}”不是一套序次语。"
        return [_note(text, "S-SERIES", Severity.P2, at, message, "同一组只用一套序次语。")]
    if step == 0:
        message = f"序号重复：前面已有“{before.text}”。"
        return [_note(text, "S-NUMDUP", Severity.P1, at, message, f"应为第{before.ordinal + 1}项。")]
    if step > 1 and not marker.text.startswith("最后"):
        message = f"序号跳了：前面是“{before.text}”，这里是“{marker.text}”。"
        return [_note(text, "S-NUMMISS", Severity.P1, at, message, "补上缺的一项或改正序号。")]
    return []


def _continues(family: Family, number: int, before: int) -> bool:
    """最后 closes a series of any length; a second series may start again at 一."""
    return (family is Family.FIRST and number == 4 and before >= 1) or (number == 1 and before > 1)


def _skips(context: CheckContext) -> list[Finding]:
    """Return the first place where a level is left out (一、 directly to 1.)."""
    for part in all_parts(context.speech):
        marker = _marker(part)
        rank = _RANK.get(marker.family, 0) if marker else 0
        if not rank:
            continue
        for child in part.children:
            below = _marker(child)
            if below and child.placement != "inline" and _RANK.get(below.family, 0) > rank + 1:
                message = f"层次跳级：“{part.marker}”下面直接用“{child.marker}”，中间少了一级。"
                return [
                    _note(
                        context.text,
                        "S-NUMSKIP",
                        Severity.P2,
                        _head_span(child),
                        message,
                        "依次用一、（一）1.（1）。",
                    )
                ]
    return []


def _punctuation(context: CheckContext) -> list[Finding]:
    out = []
    for part in all_parts(context.speech):
        if not part.span or not part.marker:
            continue
        for pattern, right in _PUNCTUATION:
            m = pattern.fullmatch(part.marker)
            if m:
                fix = m.expand(right)
                start = part.span.start
                out.append(
                    finding(
                        context.text,
                        "S-NUMPUNCT",
                        Severity.P3,
                        (start, start + len(part.marker)),
                        message=f"序号“{part.marker}”的标点不合规范。",
                        suggestion=f"改为“{fix}”。",
                        source="GB/T 9704—2012 第7.3.3条；GB/T 15834—2011",
                        fix=fix,
                    )
                )
    return out


def _mixed(text: str, siblings: tuple[Part, ...]) -> list[Finding]:
    out = []
    run: list[tuple[Part, Marker]] = []
    for part in (*siblings, None):
        marker = _marker(part) if part else None
        if part and marker and marker.family in _MIX and not (run and marker.ordinal == 1):
            run.append((part, marker))
            continue
        out += _odd_families(text, run)
        run = [(part, marker)] if part and marker and marker.family in _MIX else []
    return out


def _odd_families(text: str, run: list[tuple[Part, Marker]]) -> list[Finding]:
    families = Counter(m.family for _, m in run)
    if len(families) < 2:
        return []
    usual = max(families, key=lambda f: (families[f], f is run[0][1].family))
    out = []
    for part, marker in run:
        if marker.family is usual or (usual is Family.ORDINAL and part.marker.startswith("最后")):
            continue
        message = f"“{part.marker}”与前面的“{usual.value.rstrip('，')}”不是一套序次语。"
        out.append(_note(text, "S-SERIES", Severity.P2, _head_span(part), message, "同一组只用一套序次语。"))
    return out


def _levels(context: CheckContext) -> list[Finding]:
    """Flag the first second use of the family that already numbers the main points (001: 一是 twice)."""
    markers = [m for p in context.speech.parts if (m := _marker(p))]
    weak = {m.family for m in markers if m.family in {Family.IS, Family.NEED, Family.ORDINAL}}
    if not weak or len(markers) < 2:
        return []
    top = {id(p) for p in context.speech.parts}
    for part in all_parts(context.speech):
        marker = _marker(part)
        if not (marker and marker.family in weak and part.span):
            continue
        restarts = id(part) in top and marker.ordinal == 1 and part is not context.speech.parts[0]
        if id(part) not in top or restarts:
            message = f"“{part.marker}”已用来标主要层次，这里又用在另一层。"
            return [_note(context.text, "S-LEVEL", Severity.P2, _head_span(part), message, "换一套序次语。")]
    return []


_FINAL = re.compile(r"(?:^|(?<=[。！？\n]))[ 　]*最后[，,]", re.M)


def _final_twice(context: CheckContext) -> list[Finding]:
    closing = context.speech.closing.span
    start = closing.start if closing else int(len(context.text) * 0.6)
    hits = list(_FINAL.finditer(context.text, start))
    if len(hits) < 2:
        return []
    at = (hits[-1].start(), hits[-1].end())
    message = "结尾出现两个“最后”，听众以为讲完了又接着讲。"
    return [_note(context.text, "S-FINAL2", Severity.P2, at, message, "只在收尾处用一次“最后”。")]


def _majority(values: Sequence[object]) -> float:
    return Counter(values).most_common(1)[0][1] / len(values)


def _common(words: Sequence[str], step: int) -> str:
    shared = ""
    for letters in zip(*(w[::step] for w in words), strict=False):
        if len(set(letters)) > 1:
            break
        shared += letters[0]
    return shared[::step]


def _anchored(headings: Sequence[str]) -> float:
    """Return 1.0 when at least two bigrams stand in every heading (第X，继续…在…上要有新的…)."""
    grams = [{h[i : i + 2] for i in range(len(h) - 1)} for h in headings]
    return 1.0 if len(set.intersection(*grams)) >= 2 else 0.0
