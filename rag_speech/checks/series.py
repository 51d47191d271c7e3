"""Counts and series that do not come out (family S): a host's agenda, 一方面 without 另一方面, 其次 without 首先."""

from __future__ import annotations

import re

from rag_speech.checks.base import CheckContext
from rag_speech.checks.scan import finding
from rag_speech.checks.scrape import clean_view
from rag_speech.types import Finding, Severity
from rag_speech.zh.han_figures import chinese_number

_CN = "一二三四五六七八九十"
_AGENDA = re.compile(
    rf"(?:共有?|有|安排了?|分为?|进行)(?P<n>[两{_CN}]{{1,3}}|\d{{1,2}})[项个](?:主要)?(?:议程|议题|程序|内容)(?!之一)"
)
_ITEM = re.compile(
    rf"第(?P<n>[{_CN}]{{1,3}}|\d{{1,2}})[项个](?:议程|议题|程序|内容)?(?=[，：:是、。]|由|请|进行)|第(?P<n2>[{_CN}]{{1,3}}|\d{{1,2}})[项个](?:议程|议题|程序)"
)
_LISTED = re.compile(rf"(?:^|(?<=[，。；：\n]))(?P<n>[{_CN}])是")
_OVER = re.compile(
    "(?:议程|程序|内容)[^。\n]{0,6}(?:已经?)?(?:全部)?(?:进行完毕|结束|完成)|散会|会议到此结束|到此结束"
)
"""Until the host closes the meeting, further items may follow."""
_SOURCE = "讲话稿结构惯例"
_NO_SERIES = frozenset("另这每哪某任各那同第唯单")
"""Characters that make 一方面 one aspect, no series: 在某一方面."""
_ONE_HAND = re.compile("一方面")
_OTHER_HAND = re.compile("另一方面|另一面")
_ORDER = (
    ("其次", re.compile("(?:^|(?<=[。；！？\n　]))其次(?=[，,是要、])", re.M)),
    ("再次", re.compile("(?:^|(?<=[。；！？\n　]))再次(?=[，,]|是(?!一)|要)", re.M)),
)
_BEFORE = {
    "其次": re.compile("首先|第一|一是|一要|一方面|先说|先是|最重要的是|其一"),
    "再次": re.compile("其次|第二|二是|二要|其二"),
}


def _number(numeral: str) -> int:
    return int(numeral) if numeral.isdigit() else int(chinese_number(numeral) or 0)


def check_agenda(context: CheckContext) -> list[Finding]:
    """A host announces N items and calls another number of them (S-PROMISE)."""
    view = clean_view(context.text)
    promise = _AGENDA.search(view)
    if promise is None:
        return []
    promised = _number(promise["n"].replace("两", "二"))
    called = {_number(m["n"] or m["n2"]) for m in _ITEM.finditer(view, promise.end())}
    if not called:
        end = view.find("\n", promise.end())
        called = {
            _number(m["n"]) for m in _LISTED.finditer(view, promise.end(), end if end >= 0 else len(view))
        }
    found = max(called, default=0)
    over = _OVER.search(view, promise.end()) is not None
    if found < 2 or found == promised or (found < promised and not over):
        return []
    message = f"说有{promised}项，后面是{found}项。"
    return [
        finding(
            context.text,
            "S-PROMISE",
            Severity.P1,
            promise.span(),
            message=message,
            suggestion="核对议程，改成一致。",
            source=_SOURCE,
        )
    ]


def check_broken(context: CheckContext) -> list[Finding]:
    """一方面 that stays alone in its part, 其次 and 再次 with nothing before them (S-SERIES)."""
    text, view, out = context.text, clean_view(context.text), []
    at = 0
    for paragraph in view.split("\n"):
        hands = [
            m for m in _ONE_HAND.finditer(paragraph) if paragraph[m.start() - 1 : m.start()] not in _NO_SERIES
        ]
        rest = paragraph + view[at + len(paragraph) : at + len(paragraph) + _REACH]
        if len(hands) == 1 and not _OTHER_HAND.search(rest, hands[0].end()):
            out.append(
                _note(text, (at + hands[0].start(), at + hands[0].end()), "只有“一方面”，没有“另一方面”。")
            )
        at += len(paragraph) + 1
    for word, pattern in _ORDER:
        for m in pattern.finditer(view):
            if not _BEFORE[word].search(view, max(0, m.start() - _FAR), m.start()):
                out.append(_note(text, m.span(), f"“{word}”前面没有上一项。"))
    return out


_REACH, _FAR = 600, 2500
"""Characters after 一方面 in which its other half may stand; before 其次 in which the first item may."""


def _note(text: str, at: tuple[int, int], message: str) -> Finding:
    return finding(
        text,
        "S-SERIES",
        Severity.P3,
        at,
        message=message,
        suggestion="补上另一项，或改用别的说法。",
        source=_SOURCE,
    )
