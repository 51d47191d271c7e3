"""Several speeches on one page (篇1, 篇二, 发言稿（三）, or one title after another's thanks) become several documents."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag_speech.ingest.readers.base import Document, Dropped
from rag_speech.ingest.site_words import as_seen, site_signs
from rag_speech.speech.frame import is_salutation, is_thanks
from rag_speech.speech.numerals import from_han
from rag_speech.zh.text import count_zi

LEAST_ZI = 100
"""A piece shorter than this is no speech, and its number no sign of one."""
_AHEAD = 4
"""Lines after a piece's number among which its salutation is looked for."""
_N = r"(?P<n>\d{1,2}|[一二三四五六七八九十]{1,3})"
_NOUN = r"(?:讲话稿?|发言稿?|致辞|演讲稿?|主持词|演说|党课)"
_PIECE = re.compile(
    rf"(?P<stem>[^。！？；]{{0,40}}?)[\s　(（【\[]*(?:篇\s*{_N}|第\s*(?P<m>\d{{1,2}}|[一二三四五六七八九十]{{1,3}})\s*篇)[】）)\]]?(?:\s*[：\s]\s*(?P<title>[^。！？；]{{0,50}}))?"
)
_NUMBERED = re.compile(rf"(?P<stem>[^。！？；]{{2,50}}?{_NOUN}(?:范文|模板)?)\s*[（(]?{_N}[）)]?")
_TITLE = re.compile(rf"[^。！？；：]{{4,50}}{_NOUN}(?:提纲)?")
_COLLECTION = re.compile(
    r"[（(【\[][^（）()【】]{0,10}\d+\s*篇[^（）()【】]{0,4}[）)】\]]|(?:精选|通用|汇总|合集|锦集|大全)?\s*\d+\s*篇"
)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A line that begins a piece: its number (0 without one), what stands before the number, the title after it."""

    line: int
    number: int
    stem: str = ""
    title: str = ""


def speeches_of(document: Document) -> list[Document]:
    """Return the document's speeches, each as a document of its own; itself when it holds one.

    A piece is named ``name#1`` and has a digest of its own. What stands before the first number is the page's and is
    listed in ``dropped``, unless it greets hearers itself.
    """
    lines = document.text.split("\n")
    marks = _series(lines) or _titled(lines)
    if len(marks) < 2:
        return [document]
    texts = [
        _piece(lines, mark, after)
        for mark, after in zip(marks, [*(m.line for m in marks[1:]), len(lines)], strict=True)
    ]
    before = "\n".join(lines[: marks[0].line]).strip()
    dropped = document.dropped
    if before and _is_speech(before.split("\n")):
        texts.insert(0, before)
    elif before:
        dropped = (*dropped, Dropped(before, "collection"))
    meta = {k: v for k, v in document.meta.items() if k != "title"}
    return [
        replace(
            document,
            text=text,
            meta=meta,
            name=f"{document.name}#{at}",
            digest=hashlib.sha256(f"{document.digest}#{at}".encode()).hexdigest(),
            dropped=dropped if at == 1 else (),
        )
        for at, text in enumerate(texts, 1)
    ]


def _series(lines: Sequence[str]) -> list[_Mark]:
    """Numbered pieces that count up from one, by the word 篇 or by a title that repeats, and speak to hearers, are titled as
    speeches, or stand on a page that offers them: 第一篇：做好山的文章 is a part of one speech."""
    for pattern, told in ((_PIECE, True), (_NUMBERED, False)):
        marks: list[_Mark] = []
        for at, line in enumerate(lines):
            mark = _mark(pattern, at, line)
            if mark is None or mark.number != len(marks) + 1:
                continue
            if not told and marks and mark.stem != marks[0].stem:
                continue
            if told or _greets(lines[at + 1 : at + 1 + _AHEAD]):
                marks.append(mark)
        if len(marks) < 2:
            continue
        ends = [*(m.line for m in marks[1:]), len(lines)]
        pieces = [lines[m.line + 1 : end] for m, end in zip(marks, ends, strict=True)]
        if all(count_zi("".join(piece)) >= LEAST_ZI for piece in pieces):
            greeted = sum(_greets(piece[: _AHEAD + 2]) for piece in pieces)
            titled = sum(bool(_TITLE.fullmatch(m.title)) for m in marks)
            if max(greeted, titled) * 2 >= len(marks) or site_signs("\n".join(lines[: marks[0].line])).own:
                return marks
    return []


def _mark(pattern: re.Pattern[str], at: int, line: str) -> _Mark | None:
    shown = line.strip()
    found = pattern.fullmatch(as_seen(shown)) if 2 <= len(shown) <= 70 else None
    if not found:
        return None
    groups = found.groupdict()
    numeral = groups["n"] or groups.get("m") or ""
    number = int(numeral) if numeral.isdecimal() else from_han(numeral)
    return _Mark(at, number or 0, found["stem"].strip(" 　【（"), (groups.get("title") or "").strip())


def _greets(lines: Sequence[str]) -> bool:
    return any(is_salutation(line.strip()) for line in lines)


def _titled(lines: Sequence[str]) -> list[_Mark]:
    """Speeches without numbers: a title with its salutation, and again after the thanks of the one before."""
    marks: list[_Mark] = []
    thanked = True
    for at, line in enumerate(lines):
        shown = line.strip()
        if not shown:
            continue
        if (
            thanked
            and _TITLE.fullmatch(shown)
            and any(
                is_salutation(x.strip()) for x in [x for x in lines[at + 1 : at + 9] if x.strip()][:_AHEAD]
            )
        ):
            marks.append(_Mark(at, 0))
            thanked = False
        elif is_thanks(shown):
            thanked = True
    return marks if len(marks) > 1 else []


def _piece(lines: Sequence[str], mark: _Mark, end: int) -> str:
    """The piece's own lines: its number gives way to its title, or to the collection's where it has none."""
    if not mark.number:
        return "\n".join(lines[mark.line : end]).strip()
    body = [line for line in lines[mark.line + 1 : end] if line.strip()]
    title = mark.title
    if not title and body and is_salutation(body[0].strip()):
        title = _COLLECTION.sub("", mark.stem).strip()
    return "\n".join([title, *body] if title else body)


def _is_speech(lines: Sequence[str]) -> bool:
    return count_zi("".join(lines)) >= LEAST_ZI and any(is_salutation(line.strip()) for line in lines[:12])
