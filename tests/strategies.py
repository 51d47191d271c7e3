"""Hypothesis strategies: speeches as trees, in the form that parsing gives back."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from rag_speech.speech.numerals import Family, make_marker, to_han
from rag_speech.types import Paragraph, Part, Speech

_WORDS = [
    "工作",
    "干部",
    "群众",
    "项目",
    "落实",
    "服务",
    "学习",
    "作风",
    "责任",
    "效能",
    "改革",
    "发展",
    "产业",
    "乡村",
    "环境",
    "质量",
    "安全",
    "队伍",
    "制度",
    "基层",
    "推进",
    "提升",
    "抓好",
    "深入",
    "扎实",
    "全面",
    "持续",
    "统筹",
    "督查",
    "调研",
    "文稿",
    "值班",
    "信息",
    "会议",
    "培训",
    "规范",
    "细致",
    "高效",
    "创新",
    "协作",
]
_L1 = (Family.HAN, Family.ORDINAL, Family.IS, None)
_L2 = (Family.HAN_PAREN, Family.ARABIC, Family.ORDINAL, Family.IS)
_L3 = (Family.ARABIC, Family.ARABIC_PAREN)
_INLINE = (Family.IS, Family.NEED, Family.SIDE, Family.ORDINAL, Family.CIRCLED, Family.ARABIC_PAREN)


def phrases(low: int = 2, high: int = 3) -> st.SearchStrategy[str]:
    """Short runs of words, fit for a heading or a clause."""
    return st.lists(st.sampled_from(_WORDS), min_size=low, max_size=high).map("".join)


def sentences() -> st.SearchStrategy[str]:
    """A sentence of one or two clauses."""
    return st.lists(phrases(3, 5), min_size=1, max_size=2).map(lambda clauses: "，".join(clauses) + "。")


def paragraphs() -> st.SearchStrategy[Paragraph]:
    """A paragraph of plain sentences."""
    return st.lists(sentences(), min_size=1, max_size=2).map(lambda s: Paragraph("".join(s)))


@st.composite
def inline_series(draw: st.DrawFn, level: int, used: tuple[str, ...], after: int | None) -> tuple[Part, ...]:
    """Two or three points in the middle of a paragraph (一是…。二是…。)."""
    family = draw(st.sampled_from([f for f in _INLINE if f.series not in used]))
    count = 2 if family is Family.SIDE else draw(st.integers(2, 3))
    return tuple(
        Part(
            level=level,
            marker=make_marker(family, number),
            heading=draw(phrases()),
            stop=draw(st.sampled_from("。；")),
            placement="inline",
            body=tuple(draw(st.lists(sentences().map(Paragraph), max_size=1))),
            after=after,
        )
        for number in range(1, count + 1)
    )


@st.composite
def bodies(draw: st.DrawFn, part: Part, low: int, used: tuple[str, ...]) -> Part:
    """``part`` with paragraphs, and perhaps a series in the middle of one of them."""
    body = tuple(draw(st.lists(paragraphs(), min_size=low, max_size=3)))
    series: tuple[Part, ...] = ()
    if body and draw(st.booleans()):
        after = draw(st.integers(0 if part.placement == "run_in" else 1, len(body)))
        series = draw(inline_series(part.level + 1, used, None if after == len(body) else after))
    return replace(part, body=body, children=series)


@st.composite
def parts(draw: st.DrawFn, level: int, families: tuple[Family | None, ...]) -> tuple[Part, ...]:
    """Siblings of one level, numbered in one family; None stands for headings without a numeral."""
    family, below = families[level - 1], families[level:]
    used = tuple(f.series for f in families if f)
    weak = family is None or not family.strong
    result = []
    for number in range(1, draw(st.integers(2 if weak else 1, 3)) + 1):
        run_in = family is not None and draw(st.booleans())
        part = Part(
            level=level,
            marker=make_marker(family, number) if family else "",
            heading=draw(phrases()),
            stop=draw(st.sampled_from("。：")) if run_in else "",
            placement="run_in" if run_in else "line",
        )
        part = draw(bodies(part, 1, used))
        if below and draw(st.booleans()):
            part = replace(part, children=part.children + draw(parts(level + 1, families)))
        result.append(part)
    return tuple(result)


def _single_line(part: Part) -> bool:
    lines = len(part.body) + (part.placement == "line") + any(c.after == 0 for c in part.children)
    return lines == 1 and all(c.placement == "inline" for c in part.children)


def _unambiguous(top: tuple[Part, ...]) -> tuple[Part, ...]:
    """After first-level parts of one paragraph each, a paragraph more would be read as the closing."""
    if len(top) > 1 and all(_single_line(p) for p in top[:-1]) and not _single_line(top[-1]):
        return (*top[:-1], replace(top[-2], marker=top[-1].marker))
    return top


@st.composite
def speeches(draw: st.DrawFn) -> Speech:
    """A whole speech in canonical form: ``parse(render(speech)) == speech``."""
    first, second, third = (draw(st.sampled_from(choice)) for choice in (_L1, _L2, _L3))
    families = tuple(dict.fromkeys((first, second if second is not first else Family.HAN_PAREN, third)))
    top = (
        draw(st.one_of(st.just(()), parts(1, families))) if draw(st.booleans()) else draw(parts(1, families))
    )
    top = _unambiguous(top)
    opening = draw(bodies(Part(level=0), 1, tuple(f.series for f in families if f)))
    standing = draw(st.booleans())
    transition = f"下面，我讲{to_han(max(len(top), 2))}点意见。" if top and draw(st.booleans()) else ""
    closing = Part(level=0)
    if draw(st.booleans()):
        closing = draw(bodies(closing, 1, ()))
        cue = Paragraph(draw(st.sampled_from(("同志们，", "最后，", "让我们"))) + closing.body[0].text)
        closing = replace(closing, body=(cue, *closing.body[1:]))
    titled = draw(st.booleans())
    return Speech(
        title=draw(phrases()) + "上的讲话" if titled else "",
        subtitle="——在" + draw(phrases()) + "上的讲话" if titled and draw(st.booleans()) else "",
        caption=("（2026年5月8日）",) if titled and draw(st.booleans()) else (),
        salutation=draw(st.sampled_from(("同志们：", "各位代表、同志们：", "老师们、同学们：", ""))),
        opening=opening,
        transition=transition,
        transition_run_in=bool(transition) and not standing,
        parts=top,
        closing=closing,
        thanks=draw(st.sampled_from(("", "谢谢大家！"))),
    )
