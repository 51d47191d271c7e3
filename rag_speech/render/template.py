"""A house's own Word file as the ground for a speech: its page, header, footer and styles."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from rag_speech.errors import InputError
from rag_speech.render.package import style_xml
from rag_speech.render.styles import NAMES, Profile, styles_of


class Template:
    """An opened template without its text; styles that it lacks are put in from the profile."""

    def __init__(self, data: bytes, profile: Profile) -> None:
        self.document = _opened(data)
        self._profile = profile
        body = self.document.element.body
        if len(body) == 0 or body[-1].tag != f"{_W}sectPr":
            raise InputError("The template has no page set-up; save it in Word once more")
        for child in list(body)[:-1]:
            body.remove(child)

    def style_id(self, style: str) -> str:
        """Return the template's id for one of our styles, found by its name."""
        row = next(s for s in styles_of(self._profile) if s.id == style)
        for name in NAMES.get(style, (row.name,)):
            found = self._named(name)
            if found is not None:
                return str(found.style_id)
        from docx.oxml import parse_xml

        added = parse_xml(style_xml(row, self._profile))
        base = added.find(f"{_W}basedOn")
        base.set(f"{_W}val", self.style_id(row.base) if row.base.startswith("Speech") else self._default())
        for gone in (added.find(f"{_W}next"), added.find(f"{_W}link")):
            if gone is not None:
                added.remove(gone)
        self.document.styles.element.append(added)
        return row.id

    def linked(self, style: str) -> str:
        """Return the id of the character style that goes with a heading; empty when the template has none."""
        heading = self._by_id(self.style_id(style))
        link = heading.find(f"{_W}link") if heading is not None else None
        return str(link.get(f"{_W}val")) if link is not None else ""

    def _named(self, name: str) -> Any:
        wanted = name.lower()
        return next(
            (s for s in self.document.styles if s.type == _PARAGRAPH and (s.name or "").lower() == wanted),
            None,
        )

    def _by_id(self, style_id: str) -> Any:
        styles = self.document.styles.element.findall(f"{_W}style")
        return next((s for s in styles if s.get(f"{_W}styleId") == style_id), None)

    def _default(self) -> str:
        found = self.document.styles.element.default_for(_PARAGRAPH)
        return str(found.styleId) if found is not None else "Normal"


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARAGRAPH = 1
"""Word's number for paragraph styles (WD_STYLE_TYPE)."""


def _opened(data: bytes) -> Any:
    import docx

    from rag_speech.ingest.readers.archive import check_archive

    check_archive(data, "template")
    try:
        return docx.Document(BytesIO(data))
    except Exception as error:
        raise InputError(
            "The template is not a Word document (.docx): open it in Word and save it as a document, not as .dotx or .doc"
        ) from error
