"""Which lines of a scraped page are not the speech: page data, links, repeats, advertising.

A line goes only on two independent signs: what it says (:mod:`site_words`), its form (:mod:`furniture`), its place on
the page, repetition. A line with one sign stays and is flagged. Sentences inside the body go only when a page alone could
say them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag_speech.ingest.furniture import (
    bare_page_numbers,
    furniture_sign,
    is_address,
    is_page_number,
    is_piece_mark,
)
from rag_speech.ingest.interface import interface_share
from rag_speech.ingest.site_words import Signs, site_signs
from rag_speech.speech.frame import is_bare, is_salutation, is_thanks
from rag_speech.speech.numerals import read_marker
from rag_speech.zh.text import sentences

SHORT = 90
"""Only lines up to this many characters are judged by their form."""
LONGEST = 400
"""A longer line that speaks as a page is judged sentence by sentence."""
_TOP = 8
_HEAD = 25
"""Lines among which the salutation is looked for."""
_ENDS = "。！？!?；;"
_CLOSED = re.compile(r"[。！？!?；;][”’」』）)》]*$")
_TITLE = re.compile(
    r"(?:在|关于|——)[^。！？：]{4,70}(?:讲话|致辞|发言|报告|主持词|总结|党课)(?:提纲|要点|稿)?"
)
"""A speech's title, whatever it names (在公众号开通仪式上的讲话)."""
_BRACKETED = re.compile(r"^[（(【\[〔「].*[）)】\]〕」]$")
_BRACKETS = re.compile(r"[（(【\[][^（）()【】\[\]]*[）)】\]]")
_ORNAMENT = re.compile(r"[^\w一-鿿“”（）《》]{3,}")
_TEASER = re.compile(r"(?:\.{3,}|…+)\s*$")
_SELF = re.compile(
    r"本站|[本该]文档|小编|本文|本网站|本平台|您|亲，|亲,|该文|点击|作者原创|转载请|侵权请|下载(?:本|全文)|[Cc]opyright"
)
"""Words by which a page speaks of itself and to its visitor."""
_SPEAKERS = re.compile(
    r"(?<![需主重想纪])要(?!求)|必须|依法|打击|整治|查处|有的|有些|不能|不准|不要|同志|群众|单位|部门|干部|企业|老百姓|乡亲|学校|孩子"
)
"""Words that speakers use and pages hardly do."""
_COVERED = 4
"""字 of interface words that a line has at least, so that their share tells anything."""
_PURE, _DENSE, _LOOSE = 0.8, 0.5, 0.3
"""Share of interface words from which a line without a sentence is a part of a page, and from which its place decides;
a sentence is a page's from the first on."""
_SPEAKS = re.compile(
    r"同志们|乡亲们|各位(?!.{0,6}(?:读者|网友))|我们(?:要|的|县|市|区|镇|乡|村|必须|一定|应当|还|在|今天)|全[县市区镇乡]|今天[，我是]"
)
_RELATED = re.compile(
    r"^[\s•·【\[（(]*(?:[^。，；！？]{0,24}[】\]]?)?(?:相关(?:文章|推荐|阅读|范文|链接|内容|热词|搜索|资料|专题)(?:推荐|列表)?|猜你喜欢|推荐阅读|延伸阅读|热门(?:文章|推荐|阅读)|精选范文|大家都在看"
    r"|(?:还|也)(?:看了|喜欢)|精心推荐|您可能(?:感兴趣|喜欢)[^。]{0,6}|更多(?:文章|范文|相关)[^。]{0,12})\s*[：:】\])）>]*$"
    r"|^[\s　]*[上下]一篇\s*[：:]|(?:为|给)(?:您|你|大家)推荐[^。]{0,16}[：:]$|^[^。]{0,30}范文\d+篇$"
)
_HEADS_LINKS = re.compile(
    r"[：:】\])）>]\s*$|^[\s•·【\[（(]*[^，]{0,10}(?:相关|猜你|热门|推荐|延伸|精选)[^，]{2,6}$|(?:还|也)(?:看了|喜欢)"
)
_DATED_LINK = re.compile(r"[一-鿿）)》”](?:\d{4}-)?\d\d-\d\d$")
_NUMBERED = re.compile(r"^\s*\d{1,2}\s*[.、．)）]\s*")
_TITLED = re.compile(
    r"(?:讲话|发言|致辞|演讲|范文|稿|主持词?|总结|报告|体会|提纲|材料|模板|心得|方案|计划|通用|精选|汇编|大全|\d+篇|\d\d-\d\d)[^。！？；]{0,8}$"
)
_MENU_LINE = re.compile(r"[一-鿿\w]{2,6}")
_MENU = 3
"""Short words in a row above the title that make a menu."""


@dataclass(slots=True)
class Verdict:
    """What cleaning makes of the lines: codes of those that go, codes of those that stay but need an eye, and stretches
    of lines (start, end) that go."""

    gone: dict[int, str] = field(default_factory=dict)
    flagged: dict[int, str] = field(default_factory=dict)
    pieces: dict[int, list[tuple[int, int, str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Page:
    """The lines and where the speech begins and ends among them; -1 where that is not known."""

    lines: Sequence[str]
    salutation: int
    thanks: int

    def is_outside(self, index: int) -> bool:
        """Whether a line stands before the salutation or after the speaker's thanks."""
        return index < self.salutation or (self.thanks >= 0 and index > self.thanks)


def judge_lines(lines: Sequence[str]) -> Verdict:
    """Judge the lines of a page; linear in their length."""
    verdict = Verdict()
    page = _Page(lines, _salutation(lines), _thanks(lines))
    weak: dict[int, str] = {}
    for index, line in enumerate(lines):
        _judge(page, index, line, verdict, weak)
    verdict.gone |= dict.fromkeys(bare_page_numbers(lines), "E-META")
    _mark_menu(page, verdict)
    _mark_links(lines, verdict)
    _mark_beside(page, weak, verdict)
    _mark_repeats(lines, verdict)
    verdict.flagged = {i: c for i, c in verdict.flagged.items() if i not in verdict.gone}
    return verdict


def _salutation(lines: Sequence[str]) -> int:
    return next((i for i, line in enumerate(lines[:_HEAD]) if is_salutation(line)), -1)


def _thanks(lines: Sequence[str]) -> int:
    return next((i for i in range(len(lines) - 1, -1, -1) if is_thanks(lines[i])), -1)


def _judge(page: _Page, index: int, line: str, verdict: Verdict, weak: dict[int, str]) -> None:
    if _ORNAMENT.fullmatch(line):
        verdict.gone[index] = "P-CTRL"
    elif is_page_number(line) or is_piece_mark(line):
        verdict.gone[index] = "E-META"
    else:
        is_sentence = bool(_CLOSED.search(line) or read_marker(line)) and not is_address(line)
        code, sure = ("", 0) if is_sentence or len(line) > SHORT else _form(line)
        if sure == 2 or (sure and page.is_outside(index)):
            verdict.gone[index] = code
            return
        if sure:
            weak[index] = code
        _judge_words(page, index, line, is_sentence, verdict, weak)


def _form(line: str) -> tuple[str, int]:
    """What the form of a line says, and how surely: see furniture_sign."""
    if _TITLE.fullmatch(line):
        return "", 0
    share, covered = interface_share(line)
    dense = 2 if share >= _DENSE and covered >= _COVERED else 1 if share >= _LOOSE and covered > 2 else 0
    if _RELATED.search(line):
        return "E-RELATED", 2 if _HEADS_LINKS.search(line) or dense == 2 else 1
    return _code(site_signs(line)), max(furniture_sign(line), dense)


def _code(signs: Signs) -> str:
    offered = signs.common & {"contact", "hired"} and not signs.own & {"editor", "site", "page"}
    return "E-AD" if offered else "E-META"


def _judge_words(
    page: _Page, index: int, line: str, is_sentence: bool, verdict: Verdict, weak: dict[int, str]
) -> None:
    signs = site_signs(line)
    if _TITLE.fullmatch(line) and not (signs.own and signs.count > 1):
        return
    if not signs.count and interface_share(line)[0] < _PURE:
        return
    code = _code(signs)
    if page.is_outside(index) and signs.own and signs.count > 1 and len(line) <= LONGEST:
        verdict.gone[index] = code
    elif len(line) > LONGEST or (_SPEAKS.search(line) and (is_sentence or len(line) > SHORT)):
        _judge_sentences(index, line, verdict)
    elif _is_said_by_a_page(line, signs, is_sentence, outside=page.is_outside(index)):
        verdict.gone[index] = code
    elif signs.own:
        verdict.flagged[index] = code
    elif not is_sentence:
        weak[index] = code


def _is_said_by_a_page(line: str, signs: Signs, is_sentence: bool, *, outside: bool) -> bool:
    """Two signs: groups of words, a form that no sentence has (no end, brackets around), a place outside the speech."""
    if is_sentence:
        form = bool(_BRACKETED.match(line)) or line.startswith(("…", "..."))
        share, covered = interface_share(line)
        if share >= _PURE and covered >= _COVERED and not _SPEAKERS.search(line):
            return True
        dense = share >= _LOOSE and covered > _COVERED and not _is_speakers(line)
        return bool(signs.own) and (
            _is_pages_sentence(line, signs) or form or outside or dense or "novel" in signs.own
        )
    if signs.own or signs.count > 1:
        return True
    return (outside or bool(_BRACKETED.match(line))) and interface_share(line)[0] >= _LOOSE


def _is_pages_sentence(sentence: str, signs: Signs) -> bool:
    """Whether a page alone could say this: two groups, and no word of a speaker who talks about pages (有的文库网站……)."""
    if not signs.own or signs.count < 2:
        return False
    return not _is_speakers(sentence)


def _is_speakers(sentence: str) -> bool:
    return bool(_SPEAKERS.search(sentence)) and not _SELF.search(sentence)


def _judge_sentences(index: int, line: str, verdict: Verdict) -> None:
    """Take single sentences out of a line that holds others: each with two signs of its own."""
    at = 0
    for sentence in sentences(line):
        signs = site_signs(_BRACKETS.sub("", sentence))
        if _is_pages_sentence(sentence, signs) and (_SELF.search(sentence) or not _SPEAKS.search(sentence)):
            verdict.pieces.setdefault(index, []).append((at, at + len(sentence), "E-META"))
        elif signs.own:
            verdict.flagged[index] = "E-META"
        at += len(sentence)


def _mark_menu(page: _Page, verdict: Verdict) -> None:
    """Mark three or more words alone in their lines above the title: a menu."""
    top = page.lines[: max(page.salutation, 0)]
    run: list[int] = []
    for index, line in enumerate([*top, "。"]):
        if index < len(top) and (index in verdict.gone or _MENU_LINE.fullmatch(line)):
            run.append(index)
            continue
        named = sum(i not in verdict.gone for i in run)
        if index < len(top) and (named >= _MENU or 0 < named < len(run) >= _MENU):
            verdict.gone |= {i: "E-META" for i in run if i not in verdict.gone}
        run = []


def _mark_links(lines: Sequence[str], verdict: Verdict) -> None:
    """Mark the links below a heading 相关文章, and titles with a date glued to them."""
    dated = [i for i, line in enumerate(lines) if len(line) <= SHORT and _DATED_LINK.search(line)]
    dated = [i for i in dated if i not in verdict.gone]
    if len(dated) > 1:
        verdict.gone |= dict.fromkeys(dated, "E-RELATED")
    for head in [i for i, code in verdict.gone.items() if code == "E-RELATED"]:
        index = head + 1
        while index < len(lines) and _is_link(lines[index]):
            if index < _TOP and head < _TOP and not _DATED_LINK.search(lines[index]):
                break
            verdict.gone.setdefault(index, "E-RELATED")
            index += 1


def _is_link(line: str) -> bool:
    """Whether a line could be a link to another text: short, no sentence, numbered or named as texts are."""
    bare = _NUMBERED.sub("", line).lstrip("·•▪◆★>- ")
    return (
        2 <= len(bare) <= SHORT // 2
        and bare[-1] not in _ENDS
        and "。" not in bare
        and bool(_TITLED.search(bare))
    )


def _mark_beside(page: _Page, weak: dict[int, str], verdict: Verdict) -> None:
    """A line with one sign goes when the line beside it is a part of the page; else it stays and is flagged."""
    for index, code in weak.items():
        if index in verdict.gone:
            continue
        beside = any(verdict.gone.get(i) in ("E-META", "E-RELATED", "E-AD") for i in (index - 1, index + 1))
        last = index >= len(page.lines) - 2 or index < min(3, page.salutation)
        if beside or (last and not page.thanks > index):
            verdict.gone[index] = code
        else:
            verdict.flagged[index] = code


def _mark_repeats(lines: Sequence[str], verdict: Verdict) -> None:
    """Mark the title where it stands again, abstracts that only repeat the text, and paragraphs doubled in a row."""
    gone = verdict.gone
    top = [i for i in range(min(len(lines), _TOP + 4)) if i not in gone]
    title_at = next(
        (i for i in top[:4] if len(lines[i]) >= 4 and is_bare(lines[i]) and not read_marker(lines[i])), None
    )
    title = lines[title_at] if title_at is not None else ""
    if len(title) >= 6:
        gone |= {i: "E-DUP" for i in top if i > (title_at or 0) and lines[i] == title}
    for index in top[:_TOP]:
        line = _TEASER.sub("", lines[index])
        glued = bool(title) and index != title_at and line.startswith(title)
        words = line[len(title) :] if glued else line
        cut = glued or len(line) < len(lines[index])
        if index not in gone and cut and len(words) >= 12 and _stands_later(words, lines, index, verdict):
            gone[index] = "E-DUP"
    _mark_doubled(lines, verdict)


def _mark_doubled(lines: Sequence[str], verdict: Verdict) -> None:
    """A long paragraph said twice goes when the same happens to its neighbour, or when the two stand together."""
    seen: dict[str, int] = {}
    again: dict[int, int] = {}
    for index, line in enumerate(lines):
        if len(line) >= 20 and index not in verdict.gone:
            first = seen.setdefault(line, index)
            if first != index:
                again[index] = first
    for index, first in again.items():
        if len(lines[index]) < 40:
            continue
        in_run = any(again.get(index + d) == first + d for d in (-1, 1))
        if in_run or index == first + 1:
            verdict.gone[index] = "E-DUP"
        else:
            verdict.flagged[index] = "E-DUP"


def _stands_later(words: str, lines: Sequence[str], index: int, verdict: Verdict) -> bool:
    start = words[:16]
    return any(
        lines[i].startswith(start) and (len(words) <= len(lines[i]) + 16 or words.startswith(lines[i][:40]))
        for i in range(index + 1, min(len(lines), index + _TOP + 4))
        if i not in verdict.gone
    )
