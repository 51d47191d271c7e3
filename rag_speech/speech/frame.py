"""The frame of a speech: title block, salutation, where the closing begins, thanks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag_speech.types import Span

TITLE_CHARS = 60
_HEAD_LINES = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph of the text without the white space around it."""

    text: str
    start: int

    @property
    def span(self) -> Span:
        """Where it stands in the text."""
        return Span(self.start, self.start + len(self.text))


@dataclass(frozen=True, slots=True)
class Head:
    """The title block; ``rest`` are the lines after it."""

    title: Line | None
    subtitle: Line | None
    caption: tuple[Line, ...]
    salutation: Line | None
    rest: tuple[Line, ...]


_LINE = re.compile(r"\S[^\n\r\u2028\u2029\f\v]*")
_ADDRESSED = r"(?:同志|朋友|先生|女士|来宾|嘉宾|领导|代表|委员|老师|同学|乡亲|父老|企业家|老干部|学员|家长|干部|兄弟|姐妹|战友|官兵|评委|工友|职工)"
_SALUTATION = re.compile(
    rf"[^。！？!?；;\n：:]{{0,50}}{_ADDRESSED}们?[^。！？!?；;\n：:]{{0,12}}[：:]"
    r"|(?:尊敬的|敬爱的|亲爱的|各位)[^。！？!?；;\n：:]{2,50}[：:]$"
)
_SALUTE_START = re.compile(r"(?:尊敬|敬爱|亲爱|各位|同志|女士|先生|朋友|老师|同学|乡亲|父老)")
_TERMINAL = "。！？!?；;：:，,、…"
_CAPTION = re.compile(
    r"[（(][^（）()]{2,40}[）)]"
    r"|\d{4}\s?年\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?日)?"
    r"|[一-鿿、（）·]{2,30}[ 　]+[一-鿿·]{1,4}(?:[ 　][一-鿿])?"
)
_SPEAKER = re.compile(
    r"[^，。：；！？]{0,24}(?:书记|县长|市长|区长|主任|部长|局长|秘书长|主席|镇长|乡长)[ 　]*[一-鿿]{0,4}"
)
_MARKED = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}[、是要]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[.．、]|第[一二三四五六七八九十]|首先)"
)
_THANKS = re.compile(
    r"(?:我的(?:讲话|发言|汇报)(?:完了|到此结束)[，。,]?)?(?:再次)?(?:(?:谢谢|感谢)(?:大家|各位[一-鿿]{0,6}|同志们)?|散会)[！!。.]?"
)
_CLOSING_CUE = re.compile(
    r"(?:[^，。：:；！？]{0,12}(?:同志们|朋友们|女士们|先生们)|各位[^，。：:；！？]{1,20})[，,！!：:]"
    r"|最后[，,]|总之[，,]|现在[，,]我宣布|让我们|衷心(?:祝|希望)|(?:再次|预|恭|谨|诚挚地?)?祝(?!贺)"
)


_WISH = re.compile(r"(?:祝(?!贺)|愿)[^。！？!?]{2,80}[。！!]\Z")


def cut_lines(text: str) -> tuple[Line, ...]:
    """Return the non-blank lines of ``text`` in order."""
    return tuple(Line(m.group().rstrip(), m.start()) for m in _LINE.finditer(text))


def is_bare(line: str, limit: int = TITLE_CHARS) -> bool:
    """Whether a line could be a title or a heading: short and without closing punctuation."""
    return len(line) <= limit and line[-1] not in _TERMINAL and "。" not in line


def read_head(lines: tuple[Line, ...]) -> Head:
    """Find title, subtitle, caption and salutation among the first lines; each may be missing."""
    salutation_at = _salutation_index(lines)
    if salutation_at is None:
        return _head_without_salutation(lines)
    head, line = lines[:salutation_at], lines[salutation_at]
    found = _SALUTATION.match(line.text)
    written = found.group() if found else line.text
    rest = line.text[len(written) :]
    body = lines[salutation_at + 1 :]
    if rest.strip():
        offset = len(line.text) - len(rest.lstrip())
        body = (Line(line.text[offset:], line.start + offset), *body)
    subtitle = next((h for h in head[1:] if _is_subtitle(h.text)), None)
    title = head[0] if head else None
    caption = tuple(h for h in head[1:] if h is not subtitle)
    return Head(title, subtitle, caption, Line(written, line.start), body)


def _salutation_index(lines: tuple[Line, ...]) -> int | None:
    for index, line in enumerate(lines[:_HEAD_LINES]):
        found = _SALUTATION.match(line.text)
        if found and (found.end() == len(line.text) or _SALUTE_START.match(line.text)):
            return index
        if not is_bare(line.text) and not _is_caption(line.text):
            return None
    return None


def _head_without_salutation(lines: tuple[Line, ...]) -> Head:
    title = subtitle = None
    caption: list[Line] = []
    at = 0
    if lines and is_bare(lines[0].text) and not _MARKED.match(lines[0].text):
        title, at = lines[0], 1
        while at < len(lines) and at < _HEAD_LINES:
            text = lines[at].text
            if _is_subtitle(text) and subtitle is None:
                subtitle = lines[at]
            elif _is_caption(text):
                caption.append(lines[at])
            else:
                break
            at += 1
    return Head(title, subtitle, tuple(caption), None, lines[at:])


def _is_subtitle(text: str) -> bool:
    return text[0] in "—－-" and len(text) <= TITLE_CHARS


def _is_caption(text: str) -> bool:
    return len(text) <= 40 and bool(_CAPTION.fullmatch(text) or _SPEAKER.fullmatch(text))


def is_salutation(line: str) -> bool:
    """Whether a line greets the hearers, or begins with their greeting: 同志们：今天……."""
    found = _SALUTATION.match(line)
    return bool(found) and (found.end() == len(line) or bool(_SALUTE_START.match(line)))  # type: ignore[union-attr]


def is_thanks(line: str) -> bool:
    """Whether a line is nothing but the speaker's thanks."""
    return len(line) <= 30 and bool(_THANKS.fullmatch(line))


def is_closing_cue(line: str) -> bool:
    """Whether a paragraph begins as closings do: 同志们，… 最后，… 让我们… 祝…."""
    return bool(_CLOSING_CUE.match(line))


def is_wish(line: str) -> bool:
    """Whether a paragraph ends with a wish: …祝大家工作顺利！"""
    return bool(_WISH.search(line, max(len(line) - 90, 0)))
