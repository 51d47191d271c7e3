"""A speech as a Word file: the GB/T 9704 page, the reading copy, or the house's own template."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from rag_speech.errors import InputError
from rag_speech.render.balance import break_title
from rag_speech.render.characters import refuse_unprintable
from rag_speech.render.package import W, fonts_xml, new_document
from rag_speech.render.page import Kind, Line, page_lines
from rag_speech.render.pinyin import rare_readings
from rag_speech.render.podium import cut_at_sentences, minute_marks
from rag_speech.render.styles import (
    CONTINUED,
    GBT9704,
    HEADING_FONTS,
    MARK,
    PT,
    Profile,
    Style,
    style_of,
    styles_of,
)
from rag_speech.render.template import Template
from rag_speech.speech.render import render
from rag_speech.types import Finding, Speech

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph

MAX_CHARS = 500_000
"""Longest text that is laid out, in characters; a speech has a fiftieth of it."""
_AUTHOR = "讲话稿检查"
_SEVERITY = {"P0": "不能用", "P1": "必须改", "P2": "应当改", "P3": "可改进"}
_NS = f'xmlns:w="{W}"'


def render_docx(
    speech: Speech,
    *,
    profile: Profile = GBT9704,
    template: bytes | None = None,
    findings: Sequence[Finding] = (),
    subject: str = "",
) -> bytes:
    """Return the speech as a .docx file.

    ``findings`` become Word comments; their spans lie in ``speech.render.render(speech)``. ``template`` is a .docx
    whose page and styles are taken instead of the profile's. ``subject`` goes into the document's properties.
    Raises InputError: characters that no document may carry, more than MAX_CHARS, a template that is not a .docx.
    """
    text = render(speech)
    if not text:
        raise InputError("The speech is empty: there is nothing to render")
    if len(text) > MAX_CHARS:
        raise InputError(
            f"The text has {len(text):,} characters, more than {MAX_CHARS:,}; it is not one speech: split it"
        )
    refuse_unprintable(text)
    house = Template(template, profile) if template is not None else None
    document = house.document if house else new_document(profile)
    placed = [(f, f.span) for f in findings if f.span]
    cuts = sorted({edge for _, span in placed for edge in (span.start, span.end)})
    writer = _Writer(document, profile, house, cuts)
    writer.speech(speech)
    writer.comments(findings)
    _properties(document, speech, subject)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Written:
    """A run and the characters of the text that it holds."""

    start: int
    end: int
    run: Any
    paragraph: Paragraph


@dataclass
class _Writer:
    """Writes lines into a document and remembers which run holds which characters.

    ``cuts`` are the sorted offsets where a run must end, because a comment begins or ends there.
    """

    document: Any
    profile: Profile
    template: Template | None
    cuts: Sequence[int]
    written: list[_Written] = field(default_factory=list)
    explained: set[str] = field(default_factory=set)

    @cached_property
    def rows(self) -> dict[str, Style]:
        """The profile's styles by id."""
        return {s.id: s for s in styles_of(self.profile)}

    @cached_property
    def body(self) -> Any:
        """Where paragraphs go."""
        return self.document.element.body

    def speech(self, speech: Speech) -> None:
        """Write all lines of a speech."""
        lines = page_lines(speech)
        marks = minute_marks(lines) if self.profile.reading else {}
        head = {Kind.TITLE, Kind.SUBTITLE, Kind.CAPTION}
        for index, line in enumerate(lines):
            if index in marks:
                self.paragraph(Line(Kind.BODY, marks[index]), MARK)
            room = index > 0 and lines[index - 1].kind in head and line.kind in (Kind.BODY, Kind.HEADING)
            pieces = cut_at_sentences(line, self.profile.body_columns) if self.profile.reading else [line]
            for number, piece in enumerate(pieces):
                style = CONTINUED if number else style_of(line)
                self.written += self.paragraph(piece, style, room=room and not number)

    def paragraph(self, line: Line, style: str, *, room: bool = False) -> list[_Written]:
        """Add a paragraph and return its runs; ``room`` leaves a line free before it."""
        from docx.oxml import parse_xml
        from docx.text.paragraph import Paragraph

        breaks = self._title_breaks(line)
        sounds = self._sounds(line) if style != MARK else {}
        low, high = bisect_right(self.cuts, line.start), bisect_left(self.cuts, line.start + len(line.text))
        edges = {0, len(line.text), line.head, *breaks, *sounds, *(at + 1 for at in sounds)}
        ordered = sorted(edges.union(c - line.start for c in self.cuts[low:high]))
        pieces, places = [], []
        for start, end in pairwise(ordered):
            if start in breaks:
                pieces.append("<w:r><w:br/></w:r>")
            places.append((line.start + start, line.start + end, len(pieces)))
            pieces.append(self._run(line, start, end, style, sounds.get(start, "")))
        element = parse_xml(f"<w:p {_NS}>{self._paragraph_look(line, style, room)}{''.join(pieces)}</w:p>")
        self.body.insert(len(self.body) - 1, element)
        paragraph = Paragraph(element, self.document._body)
        runs = element.r_lst
        return [_Written(start, end, runs[at], paragraph) for start, end, at in places]

    def comments(self, findings: Sequence[Finding]) -> None:
        """Put each finding beside its words; one about the whole text goes beside the first line."""
        from docx.text.run import Run

        for finding in findings:
            first, last = self._covering(finding)
            runs = [Run(w.run, w.paragraph) for w in (first, last)]
            lines = [f"【{_SEVERITY[finding.severity.value]}】{finding.message}"]
            lines += [f"建议：{finding.suggestion}"] if finding.suggestion else []
            self.document.add_comment(
                runs, text="\n".join(map(_printable, lines)), author=_AUTHOR, initials="查"
            )

    def _covering(self, finding: Finding) -> tuple[_Written, _Written]:
        if finding.span is None:
            return self.written[0], self.written[0]
        span = finding.span
        first = next((w for w in self.written if w.end > span.start), self.written[-1])
        last = next((w for w in reversed(self.written) if w.start < span.end), first)
        return first, last if last.start >= first.start else first

    def _paragraph_look(self, line: Line, style: str, room: bool) -> str:
        """Return ``w:pPr``; a numeral is text, so a template that numbers its headings must not add another."""
        look = f"<w:pStyle w:val={quoteattr(self.template.style_id(style) if self.template else style)}/>"
        if self.template and line.kind is Kind.HEADING:
            look += '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>'
        if room:
            look += f'<w:spacing w:before="{round(self.profile.leading * PT)}"/>'
        return f"<w:pPr>{look}</w:pPr>"

    def _title_breaks(self, line: Line) -> list[int]:
        columns = {Kind.TITLE: self.profile.title_columns, Kind.SUBTITLE: self.profile.body_columns}.get(
            line.kind
        )
        if columns is None:
            return []
        pieces = break_title(line.text, columns)
        return [sum(map(len, pieces[:n])) for n in range(1, len(pieces))]

    def _sounds(self, line: Line) -> dict[int, str]:
        """Return pinyin for rare characters, each where it is first said."""
        if not self.profile.reading:
            return {}
        out = {}
        for at, sound in rare_readings(line.text).items():
            if line.text[at] not in self.explained:
                self.explained.add(line.text[at])
                out[at] = sound
        return out

    def _run(self, line: Line, start: int, end: int, style: str, sound: str) -> str:
        look = self._look(line, start, style)
        text = _text_xml(line.text[start:end])
        if sound:
            text = _ruby_xml(text, look, sound, self.rows[style].size)
        return f"<w:r>{look}{text}</w:r>"

    def _look(self, line: Line, start: int, style: str) -> str:
        """Return ``w:rPr``: the font is said on every run, size and spacing come from the style."""
        in_head = line.kind is Kind.BODY and start < line.head
        if self.template:
            linked = self.template.linked(f"Heading{line.rank}") if in_head else ""
            return f"<w:rPr><w:rStyle w:val={quoteattr(linked)}/></w:rPr>" if linked else ""
        if in_head:
            return f'<w:rPr><w:rStyle w:val="Heading{line.rank}Char"/>{fonts_xml(HEADING_FONTS[line.rank])}</w:rPr>'
        return f"<w:rPr>{fonts_xml(self.rows[style].font)}</w:rPr>"


def _text_xml(text: str) -> str:
    pieces = (
        f'<w:t xml:space="preserve">{escape(piece)}</w:t>' if piece else "" for piece in text.split("\t")
    )
    return "<w:tab/>".join(pieces)


def _ruby_xml(text: str, look: str, sound: str, size: float) -> str:
    """Return a phonetic guide (``w:ruby``); its sizes are in half points."""
    small, base = round(size), round(size * 2)
    props = (
        f'<w:rubyPr><w:rubyAlign w:val="center"/><w:hps w:val="{small}"/><w:hpsRaise w:val="{base - 2}"/>'
        f'<w:hpsBaseText w:val="{base}"/><w:lid w:val="zh-CN"/></w:rubyPr>'
    )
    tone = f'<w:rPr><w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman"/><w:sz w:val="{small}"/></w:rPr>'
    guide = f"<w:rt><w:r>{tone}<w:t>{sound}</w:t></w:r></w:rt>"
    return f"<w:ruby>{props}{guide}<w:rubyBase><w:r>{look}{text}</w:r></w:rubyBase></w:ruby>"


def _printable(text: str) -> str:
    """A message may quote what the text holds, so it is held to the same characters."""
    refuse_unprintable(text)
    return text


def _properties(document: Any, speech: Speech, subject: str) -> None:
    """Say in the file what it is; the author's name is the office's to fill in."""
    properties = document.core_properties
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    properties.title = (speech.title + speech.subtitle)[:250]
    properties.subject = subject[:250]
    properties.author = properties.last_modified_by = (speech.caption[0] if speech.caption else "")[:250]
    properties.keywords, properties.comments, properties.category = "讲话稿", "", "讲话稿"
    properties.language = "zh-CN"
    properties.created = properties.modified = now
    properties.revision = 1
