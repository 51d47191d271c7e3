"""Web pages: the visible text of the page, without menus and link lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag_speech.ingest.readers.base import Document, Dropped, UnreadableError
from rag_speech.ingest.readers.encoding import decode

if TYPE_CHECKING:
    from bs4 import Tag

_UNSEEN = (
    *("script", "style", "noscript", "template", "head", "title", "svg", "math"),
    *("iframe", "object", "embed", "canvas", "audio", "video", "rt", "rp"),
)
_FURNITURE = {
    "nav": "navigation",
    "aside": "sidebar",
    "footer": "page footer",
    "form": "form",
    "button": "button",
    "select": "form",
    "textarea": "form",
}
_BLOCKS = (
    *(
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
    ),
    *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header"),
    *(
        "hgroup",
        "hr",
        "html",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
    ),
    *("thead", "tr", "ul"),
)
_LISTS = ("ul", "ol", "dl", "div", "section", "table")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_WIDE = r"[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f“”‘’—…]"
_WRAP = re.compile(rf"(?<={_WIDE})[ \t\r]*\n\s*(?={_WIDE})")
_MIN_LINKS = 4
_LINK_SHARE = 0.8


def read_html(data: bytes, name: str) -> Document:
    """Read a web page. Raises UnreadableError, also for a page without visible text.

    Menus, side bars, footers and blocks that are nearly all links are left out and listed in ``dropped``.
    """
    from bs4 import BeautifulSoup
    from bs4.dammit import EncodingDetector

    declared = EncodingDetector.find_declared_encoding(data, is_html=True) or ""
    text, encoding = decode(data, name, declared)
    try:
        soup = BeautifulSoup(text, "lxml")
        dropped = _drop(soup)
        lines = _lines(soup)
    except Exception as error:
        raise UnreadableError(name, "damaged", "the page's HTML cannot be parsed") from error
    if not any(line.strip() for line in lines):
        raise UnreadableError(name, "no_text", "the page has no visible text")
    return Document("\n".join(lines), {}, "html", encoding, name, tuple(dropped))


def _drop(soup: Tag) -> list[Dropped]:
    dropped: list[Dropped] = []
    for tag in soup.find_all(list(_UNSEEN)):
        tag.extract()
    for tag in soup.find_all(lambda t: t.has_attr("hidden") or bool(_HIDDEN.search(str(t.get("style", ""))))):
        tag.extract()
    for tag in soup.find_all(list(_FURNITURE)):
        _record(tag, _FURNITURE[tag.name], dropped)
    for tag in soup.find_all("header"):
        if tag.find("h1") is None:
            _record(tag, "page header", dropped)
    for tag in soup.find_all(list(_LISTS)):
        if tag.parent is not None and _is_link_list(tag):
            _record(tag, "list of links", dropped)
    return dropped


def _record(tag: Tag, reason: str, dropped: list[Dropped]) -> None:
    words = _SPACE.sub(" ", tag.get_text(" ")).strip()
    if words:
        dropped.append(Dropped(words, reason))
    tag.extract()


def _is_link_list(tag: Tag) -> bool:
    links = tag.find_all("a")
    if len(links) < _MIN_LINKS:
        return False
    whole = len(_SPACE.sub("", tag.get_text()))
    linked = sum(len(_SPACE.sub("", a.get_text())) for a in links)
    return whole > 0 and linked / whole >= _LINK_SHARE


def _lines(soup: Tag) -> list[str]:
    """Walk the tree without recursion (pages may nest thousands deep) and cut it into lines at blocks."""
    from bs4 import Tag
    from bs4.element import CData, NavigableString, PreformattedString

    numerals = _item_numerals(soup)
    pieces: list[str] = []
    stack: list[object] = [soup]
    while stack:
        node = stack.pop()
        if isinstance(node, PreformattedString) and not isinstance(node, CData):
            continue  # comments, declarations and the like
        if isinstance(node, str) and not isinstance(node, NavigableString):
            pieces.append(node)
        elif isinstance(node, NavigableString):
            pieces.append(_inline(str(node), node.find_parent("pre") is not None))
        elif isinstance(node, Tag):
            if node.name == "br":
                pieces.append("\n")
            elif node.name in ("td", "th"):
                stack += ["\t" if node.find(list(_BLOCKS)) is None else "\n", *reversed(list(node.children))]
            elif node.name in _BLOCKS:
                stack += ["\n", *reversed(list(node.children)), "\n" + numerals.get(id(node), "")]
            else:
                stack += reversed(list(node.children))
    text = "".join(pieces)
    return [line.strip(" \t") for line in text.split("\n") if line.strip()]


def _inline(text: str, preformatted: bool) -> str:
    return text if preformatted else _SPACE.sub(" ", _WRAP.sub("", text))


def _item_numerals(soup: Tag) -> dict[int, str]:
    """The numerals that a browser shows before the items of numbered lists, by the item's id."""
    numerals: dict[int, str] = {}
    for numbered in soup.find_all("ol"):
        start = str(numbered.get("start", "1"))
        first = int(start) if start.isdecimal() else 1
        for at, item in enumerate(numbered.find_all("li", recursive=False), start=first):
            numerals[id(item)] = f"{at}."
    return numerals
