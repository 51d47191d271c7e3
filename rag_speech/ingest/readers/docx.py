"""Word files: the text that Word shows, automatic numerals included."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from rag_speech.ingest.readers.archive import check_archive
from rag_speech.ingest.readers.base import Document, UnreadableError
from rag_speech.ingest.readers.docx_layout import Layout
from rag_speech.ingest.readers.docx_margins import margins_of
from rag_speech.ingest.readers.docx_numbering import Numbering, W

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_GONE = frozenset(
    f"{W}{n}"
    for n in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "sdtPr", "tblPr", "rt", "rubyPr")
)
_DOCTYPE = (b"<!doctype", b"<!entity")
_GOES_ON = "\x00"
"""Begins a line that goes on in the line before it; no XML can hold this character."""


@dataclass(frozen=True, slots=True)
class _Reading:
    numbering: Numbering
    layout: Layout


def read_docx(data: bytes, name: str) -> Document:
    """Read a Word file: one paragraph a line, a table row a line with its cells set apart by tabs.

    Deleted and hidden text, comments, phonetic guides and a reading copy's marks are left out; headers, footers, notes
    and watermarks are in ``margins``.
    Raises UnreadableError: locked with a password, damaged, a zip bomb, XML with a document type declaration, or
    no text.
    """
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise UnreadableError(name, "encrypted", "the file is locked with a password; remove it in Word")
        raise UnreadableError(name, "unsupported", "the file is an old Word file; give it the suffix .doc")
    if not data.startswith(b"PK"):
        raise UnreadableError(name, "damaged", "the file is not a Word file, or is damaged")
    members = check_archive(data, name)
    _refuse_hostile_xml(data, members, name)
    import docx

    try:
        package = docx.Document(BytesIO(data))
        numbering, styles = _parts(package)
        margins = margins_of(package)
        lines = list(
            _block_lines(package.element.body, _Reading(Numbering(numbering, styles), Layout(styles)))
        )
    except ValueError as error:
        raise UnreadableError(
            name, "unsupported", "the file is an Office file, but not a Word document"
        ) from error
    except Exception as error:
        raise UnreadableError(name, "damaged", "the Word file is damaged or cut off") from error
    text = "\n".join(lines).replace(f"\n{_GOES_ON}", "").replace(_GOES_ON, "").replace("\u00ad", "")
    if not text.strip():
        raise UnreadableError(name, "no_text", "the Word file has no text")
    return Document(text, {}, "docx", "", name, margins=margins)


def _refuse_hostile_xml(data: bytes, members: list[zipfile.ZipInfo], name: str) -> None:
    """No Word file has a document type declaration: it can only bring in entities from outside or a bomb."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for info in members:
                if not info.filename.lower().endswith((".xml", ".rels")):
                    continue
                content = archive.read(info)
                plain = content.replace(b"\x00", b"").lower()  # UTF-16 must not hide it
                if any(mark in plain for mark in _DOCTYPE):
                    raise UnreadableError(
                        name, "hostile", "its XML declares entities, which no Word file does"
                    )
    except UnreadableError:
        raise
    except Exception as error:
        raise UnreadableError(name, "damaged", "the Word file is damaged or cut off") from error


def _parts(package: Any) -> tuple[Any, Any]:
    numbering = styles = None
    for relation in package.part.rels.values():
        if relation.is_external:
            continue
        if relation.reltype.endswith("/numbering"):
            numbering = relation.target_part.element
        elif relation.reltype.endswith("/styles"):
            styles = relation.target_part.element
    return numbering, styles


def _block_lines(container: Any, reading: _Reading) -> Iterator[str]:
    for block in container:
        if block.tag == f"{W}p":
            boxes: list[Any] = []
            text = reading.numbering.numeral(block) + "".join(_run_text(block, boxes))
            if reading.layout.is_mark(block):
                continue
            goes_on = _GOES_ON if reading.layout.is_continued(block) else ""
            yield from (goes_on + reading.layout.joined(block, text)).split("\n")
            for box in boxes:
                yield from _block_lines(box, reading)
        elif block.tag == f"{W}tbl":
            yield from _table_lines(block, reading)
        elif block.tag in (
            f"{W}sdt",
            f"{W}sdtContent",
            f"{W}ins",
            f"{W}moveTo",
            f"{W}customXml",
            f"{W}smartTag",
        ):
            yield from _block_lines(block, reading)


def _table_lines(table: Any, reading: _Reading) -> Iterator[str]:
    for row in table.iter(f"{W}tr"):
        if next(row.iterancestors(f"{W}tbl")) is not table:
            continue  # of a table inside a cell, which its own cell yields
        cells = [list(_block_lines(cell, reading)) for cell in _cells(row)]
        if len(cells) == 1:
            yield from cells[0]
        else:
            yield "\t".join(" ".join(line for line in cell if line.strip()) for cell in cells)


def _cells(row: Any) -> Iterator[Any]:
    for cell in row.iter(f"{W}tc"):
        if next(cell.iterancestors(f"{W}tr")) is not row:
            continue
        merge = cell.find(f"{W}tcPr/{W}vMerge")
        if merge is None or merge.get(f"{W}val") == "restart":
            yield cell


def _run_text(element: Any, boxes: list[Any]) -> Iterator[str]:
    for child in element:
        tag = child.tag
        if tag in _GONE or not isinstance(tag, str):
            continue
        if tag == f"{W}r" and _hidden(child):
            continue
        if tag == f"{W}t":
            yield child.text or ""
        elif tag == f"{W}tab":
            yield "\t"
        elif tag in (f"{W}br", f"{W}cr"):
            yield "\n"
        elif tag == f"{W}noBreakHyphen":
            yield "-"
        elif tag == f"{W}txbxContent":
            boxes.append(child)
        elif tag == f"{_MC}AlternateContent":
            choice = child.find(f"{_MC}Choice")
            if choice is not None:  # the Fallback says the same again for old programs
                yield from _run_text(choice, boxes)
        else:
            yield from _run_text(child, boxes)


def _hidden(run: Any) -> bool:
    mark = run.find(f"{W}rPr/{W}vanish")
    return mark is not None and mark.get(f"{W}val", "1") not in ("0", "false")
