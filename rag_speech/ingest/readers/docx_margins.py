"""What a Word file shows around its text: headers, footers, notes, text boxes in them, watermarks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag_speech.ingest.readers.docx_numbering import W

_KINDS = ("/header", "/footer", "/footnotes", "/endnotes", "/comments")
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_V = "{urn:schemas-microsoft-com:vml}"


def margins_of(package: Any) -> tuple[str, ...]:
    """Return the lines of every header, footer and note, the words of drawings and watermarks, and of the file's
    properties; each once."""
    lines: list[str] = [*_art(package.element), *_properties(package)]
    for part in package.part.package.iter_parts():
        if str(part.partname).endswith(".xml") and any(k in _kind(part) for k in _KINDS):
            root = _root(part)
            if root is not None:
                lines += [*_lines(root), *_art(root)]
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _kind(part: Any) -> str:
    return "/" + str(part.partname).rsplit("/", 1)[-1].lower()


def _root(part: Any) -> Any:
    element = getattr(part, "element", None)
    if element is not None:
        return element
    from lxml import etree

    try:
        return etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None


def _lines(root: Any) -> Iterator[str]:
    for paragraph in root.iter(f"{W}p"):
        yield "".join(node.text or "" for node in paragraph.iter(f"{W}t"))


def _art(root: Any) -> Iterator[str]:
    """The words of drawings and of watermarks, which Word keeps in an attribute."""
    for shape in root.iter(f"{_V}textpath"):
        yield str(shape.get("string", ""))
    for paragraph in root.iter(f"{_A}p"):
        yield "".join(node.text or "" for node in paragraph.iter(f"{_A}t"))


def _properties(package: Any) -> Iterator[str]:
    properties = package.core_properties
    for name in ("category", "keywords", "subject", "comments", "content_status"):
        yield str(getattr(properties, name, "") or "")
