"""What in a Word file is layout and not text: phonetic guides, breaks inside a title, a reading copy's marks."""

from __future__ import annotations

from typing import Any

from rag_speech.ingest.readers.docx_numbering import W

MARK_STYLE = "讲话提示"
"""Name of the style of paragraphs that a reading copy adds for the speaker (minutes); never the speech's text."""
CONTINUED_STYLE = "讲话接排"
"""Name of the style of a paragraph that a reading copy cut off the one before it."""
_TITLE_STYLES = frozenset({"title", "标题", "subtitle", "副标题"})
_DASH = "—"


class Layout:
    """Knows by its style what a paragraph is on the page."""

    def __init__(self, styles: Any) -> None:
        self._names: dict[str, str] = {}
        for style in styles.findall(f"{W}style") if styles is not None else ():
            name = style.find(f"{W}name")
            if name is not None:
                self._names[style.get(f"{W}styleId")] = name.get(f"{W}val") or ""

    def is_mark(self, paragraph: Any) -> bool:
        """Whether it is a mark for the speaker."""
        return self._style(paragraph) == MARK_STYLE

    def is_continued(self, paragraph: Any) -> bool:
        """Whether it goes on in the paragraph before it."""
        return self._style(paragraph) == CONTINUED_STYLE

    def joined(self, paragraph: Any, text: str) -> str:
        """Return the text without the breaks that only shape a title; a line that begins with a dash stays apart."""
        if "\n" not in text or self._style(paragraph).lower() not in _TITLE_STYLES:
            return text
        lines = text.split("\n")
        return lines[0] + "".join(f"\n{line}" if line.startswith(_DASH) else line for line in lines[1:])

    def _style(self, paragraph: Any) -> str:
        named = paragraph.find(f"{W}pPr/{W}pStyle")
        return self._names.get(named.get(f"{W}val"), "") if named is not None else ""
