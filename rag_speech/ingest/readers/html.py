"""Web pages: the visible text of the page, without menus and link lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag_speech.ingest.readers.base import Document, Dropped, UnreadableError
from rag_speech.ingest.readers.encoding import decode

if TYPE_CHECKING:
    from bs4.element import NavigableString, Tag

# fmt: off
_UNSEEN = frozenset((
    "audio", "canvas", "embed", "head", "iframe", "math", "noscript", "object", "rp", "rt", "script", "style",
    "svg", "template", "title", "video",
))
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "hr", "html", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot",
    "thead", "tr", "ul",
))
# fmt: on
_FURNITURE = {
    "nav": "navigation",
    "aside": "sidebar",
    "footer": "page footer",
    "form": "form",
    "button": "button",
    "select": "form",
    "textarea": "form",
}
_LISTS = frozenset(("ul", "ol", "dl", "div", "section", "table"))
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_WIDE = r"[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f“”‘’—…]"
_WRAP = re.compile(rf"(?<={_WIDE})[ \t\r]*\n\s*(?={_WIDE})")
_MIN_LINKS = 4
_LINK_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class _Below:
    """What an element holds: links, 字 in links, 字 in all, blocks, main headings."""

    links: int = 0
    linked: int = 0
    zi: int = 0
    blocks: int = 0
    headings: int = 0

    def __add__(self, other: _Below) -> _Below:
        return _Below(
            self.links + other.links,
            self.linked + other.linked,
            self.zi + other.zi,
            self.blocks + other.blocks,
            self.headings + other.headings,
        )


def read_html(data: bytes, name: str) -> Document:
    """Read a web page. Raises UnreadableError, also for a page without visible text.

    Menus, side bars, footers and blocks that are nearly all links are left out and listed in ``dropped``.
    """
    from bs4 import BeautifulSoup
    from bs4.dammit import EncodingDetector

    declared = EncodingDetector.find_declared_encoding(data, is_html=True) or ""
    text, encoding = decode(data, name, declared)
    try:
        lines, dropped = _walk(BeautifulSoup(text, "lxml"))
    except Exception as error:
        raise UnreadableError(name, "damaged", "the page's HTML cannot be parsed") from error
    if not lines:
        raise UnreadableError(name, "no_text", "the page has no visible text")
    return Document("\n".join(lines), {}, "html", encoding, name, dropped=tuple(dropped))


def _walk(soup: Tag) -> tuple[list[str], list[Dropped]]:
    """Walk the tree without recursion (pages may nest thousands deep) and cut it into lines at blocks."""
    from bs4.element import NavigableString, Tag

    below = _count(soup)
    numerals = _item_numerals(soup)
    pieces: list[str] = []
    dropped: list[Dropped] = []
    stack: list[tuple[object, bool]] = [(soup, False)]
    while stack:
        node, preformatted = stack.pop()
        if isinstance(node, NavigableString):
            pieces.append(_words(node, preformatted))
        elif isinstance(node, str):
            pieces.append(node)
        elif isinstance(node, Tag) and not _unseen(node):
            reason = _furniture(node, below[id(node)])
            if reason:
                dropped.append(Dropped(_SPACE.sub(" ", node.get_text(" ")).strip(), reason))
                continue
            before, after = _breaks(node, below[id(node)], numerals)
            inside = preformatted or node.name == "pre"
            pieces.append(before)
            stack.append((after, inside))
            stack += [(child, inside) for child in reversed(list(node.children))]
    lines = [line.strip(" \t") for line in "".join(pieces).split("\n") if line.strip()]
    return lines, [d for d in dropped if d.text]


def _unseen(tag: Tag) -> bool:
    return tag.name in _UNSEEN or tag.has_attr("hidden") or bool(_HIDDEN.search(str(tag.get("style", ""))))


def _furniture(tag: Tag, below: _Below) -> str:
    if tag.name == "header" and not below.headings:
        return "page header"
    if tag.name in _LISTS and below.links >= _MIN_LINKS and below.linked >= _LINK_SHARE * below.zi > 0:
        return "list of links"
    return _FURNITURE.get(tag.name, "")


def _breaks(tag: Tag, below: _Below, numerals: dict[int, str]) -> tuple[str, str]:
    """What stands before and after the text of an element."""
    if tag.name == "br":
        return "\n", ""
    if tag.name in ("td", "th"):
        return "", "\n" if below.blocks else "\t"
    if tag.name in _BLOCKS:
        return "\n" + numerals.get(id(tag), ""), "\n"
    return "", ""


def _words(text: NavigableString, preformatted: bool) -> str:
    from bs4.element import CData, PreformattedString

    if isinstance(text, PreformattedString) and not isinstance(text, CData):
        return ""  # comments, declarations and the like
    return str(text) if preformatted else _SPACE.sub(" ", _WRAP.sub("", text))


def _count(soup: Tag) -> dict[int, _Below]:
    """What every element holds, by its id, counted once from the leaves up."""
    from bs4.element import Tag

    below: dict[int, _Below] = {}
    for tag in reversed([soup, *soup.find_all(True)]):
        total = _Below()
        for child in tag.children if tag.name not in _UNSEEN else ():
            if isinstance(child, Tag):
                own = _Below(blocks=child.name in _BLOCKS, headings=child.name == "h1")
                total = total + below[id(child)] + own
            else:
                total = total + _Below(zi=len(_SPACE.sub("", str(child))))
        below[id(tag)] = (
            _Below(1, total.zi, total.zi, total.blocks, total.headings) if tag.name == "a" else total
        )
    return below


def _item_numerals(soup: Tag) -> dict[int, str]:
    """The numerals that a browser shows before the items of numbered lists, by the item's id."""
    numerals: dict[int, str] = {}
    for numbered in soup.find_all("ol"):
        start = str(numbered.get("start", "1"))
        first = int(start) if start.isdecimal() and len(start) < 5 else 1
        for at, item in enumerate(numbered.find_all("li", recursive=False), start=first):
            numerals[id(item)] = f"{at}."
    return numerals
