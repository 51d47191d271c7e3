"""All looks of the Word file in one place: page, fonts with fallbacks, and one row a style.

Source: GB/T 9704-2012 sections 5 and 7 for the page and the body; the podium sizes are one published practice
(points are kept, not names of sizes, which that practice mislabels).
"""

from __future__ import annotations

from dataclasses import dataclass

from rag_speech.ingest.readers.docx_layout import CONTINUED_STYLE, MARK_STYLE
from rag_speech.render.page import Kind, Line

MM = 1440 / 25.4
"""Twips in a millimetre."""
PT = 20
"""Twips in a point."""

TITLE_FONT, HEI, KAI, FANG, SONG = "方正小标宋简体", "黑体", "楷体_GB2312", "仿宋_GB2312", "宋体"
HAN_SERIF, HAN_SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"

FALLBACKS: dict[str, tuple[str, ...]] = {
    TITLE_FONT: (
        "方正小标宋_GBK",
        "FZXiaoBiaoSong-B05S",
        "华文中宋",
        "STZhongsong",
        "宋体",
        "SimSun",
        HAN_SERIF,
    ),
    HEI: ("SimHei", "华文黑体", "STHeiti", "思源黑体", HAN_SANS),
    KAI: ("楷体", "KaiTi", "华文楷体", "STKaiti", "方正楷体_GBK", "AR PL UKai CN", "LXGW WenKai", HAN_SERIF),
    FANG: ("仿宋", "FangSong", "华文仿宋", "STFangsong", "方正仿宋_GBK", "FandolFang", HAN_SERIF),
    SONG: ("SimSun", "华文宋体", "STSong", "AR PL UMing CN", HAN_SERIF),
}
"""Fonts that may stand in, best first; the named fonts are practice and licensed, so none is embedded."""
FAMILIES = {TITLE_FONT: "roman", HEI: "swiss", KAI: "modern", FANG: "modern", SONG: "roman"}


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet; lengths in mm. ``number_below`` is the distance from the text to the page number's dash."""

    width: float = 210
    height: float = 297
    top: float = 37
    bottom: float = 35
    left: float = 28
    right: float = 26
    number_below: float = 7

    @property
    def text_width(self) -> float:
        """Width of the text area in mm."""
        return self.width - self.left - self.right

    @property
    def text_height(self) -> float:
        """Height of the text area in mm."""
        return self.height - self.top - self.bottom


@dataclass(frozen=True, slots=True)
class Profile:
    """How a copy looks; sizes and leadings in points.

    ``columns`` x ``rows`` is the character grid (0 for none). ``reading`` copies keep sentences together, mark
    minutes and give pinyin. ``mirrored`` puts odd page numbers right and even ones left, else they are centred.
    """

    name: str
    body: float
    leading: float
    title: float
    title_leading: float
    columns: int = 0
    rows: int = 0
    reading: bool = False
    mirrored: bool = True
    page: Page = Page()

    @property
    def char_space(self) -> int:
        """The grid's addition to each character in 1/4096 pt: 28 字 of 16 pt do not fit 156 mm without it."""
        if not self.columns:
            return 0
        width = self.page.text_width / 25.4 * 72
        return int((width / self.columns - self.body) * 4096 // 1)

    @property
    def tighter(self) -> int:
        """What the body's style adds to each character, in twips (negative).

        The same as ``char_space`` by another way: LibreOffice gives a character that is wider than a cell of the
        grid two cells, so the styles leave the grid and keep its measure. It also cuts the text area to cells of
        whole twips, which must hold the characters with room to spare.
        """
        if not self.columns:
            return 0
        return int(self.page.text_width * MM / self.columns) - 1 - round(self.body * PT)

    @property
    def zi(self) -> float:
        """Width of one body character in points, spacing included."""
        return self.body + self.tighter / PT

    @property
    def title_columns(self) -> int:
        """字 of the title's size that a line holds."""
        return int(self.page.text_width / 25.4 * 72 / self.title)

    @property
    def body_columns(self) -> int:
        """字 of the body's size that a line holds."""
        return self.columns or int(self.page.text_width / 25.4 * 72 / self.body)


_ROWS = 22
_PITCH = int(Page().text_height * MM / _ROWS) / PT
"""Points from line to line: 225 mm hold 22 lines."""
GBT9704 = Profile("gbt9704", 16, _PITCH, 22, 33, columns=28, rows=_ROWS)
PODIUM_BODY, PODIUM_LARGEST = 18.0, 24.0


def podium(size: float = PODIUM_BODY) -> Profile:
    """Return the reading copy in ``size`` points (18 to 24); leading 30 pt at 18 pt, title 24 pt on 35 pt or larger."""
    grow = size / PODIUM_BODY
    return Profile(
        "podium", size, round(30 * grow), round(24 * grow), round(35 * grow), reading=True, mirrored=False
    )


@dataclass(frozen=True, slots=True)
class Style:
    """One style of the file; spacing in points, indent in 字. ``outline`` makes it a heading of that level."""

    id: str
    name: str
    font: str = FANG
    size: float = 16
    leading: float = 0
    align: str = "both"
    indent: int = 0
    before: float = 0
    outline: int | None = None
    keep_next: bool = False
    keep_lines: bool = False
    link: str = ""
    base: str = "Normal"


BODY, CONTINUED, CAPTION, MARK, FOOTER = (
    "SpeechBody",
    "SpeechContinued",
    "SpeechCaption",
    "SpeechMark",
    "Footer",
)
PARAGRAPH_STYLES = {
    Kind.TITLE: "Title",
    Kind.SUBTITLE: "Subtitle",
    Kind.CAPTION: CAPTION,
    Kind.SALUTATION: "Salutation",
    Kind.BODY: BODY,
}
NAMES = {
    BODY: ("讲话正文", "公文正文", "Body Text First Indent", "Body Text", "Normal"),
    CAPTION: ("讲话署名", "Subtitle"),
}
"""Names under which a template of the house may have a style, best first; other styles go by their own name."""
HEADING_FONTS = {1: HEI, 2: KAI, 3: FANG, 4: FANG}


def style_of(line: Line) -> str:
    """Return the id of the style that a line is set in."""
    return f"Heading{line.rank}" if line.kind is Kind.HEADING else PARAGRAPH_STYLES[line.kind]


def head_font(line: Line) -> str:
    """Return the font of a line's heading."""
    return HEADING_FONTS[line.rank] if line.rank else FANG


def styles_of(profile: Profile) -> tuple[Style, ...]:
    """Return every paragraph style of a profile."""
    size, lead, keep = profile.body, profile.leading, profile.reading
    headings = tuple(
        Style(f"Heading{rank}", f"heading {rank}", font, size, lead, indent=2, outline=rank - 1, keep_next=True,
              keep_lines=True, link=f"Heading{rank}Char")
        for rank, font in HEADING_FONTS.items()
    )  # fmt: skip
    small = max(10.5, size - 6)
    return (
        Style(
            "Title",
            "Title",
            TITLE_FONT,
            profile.title,
            profile.title_leading,
            "center",
            keep_next=True,
            keep_lines=True,
        ),
        Style("Subtitle", "Subtitle", KAI, size, lead, "center", keep_next=True, keep_lines=True),
        Style(CAPTION, "讲话署名", KAI, size, lead, "center", keep_next=True),
        Style("Salutation", "Salutation", FANG, size, lead, "left", before=lead, keep_next=True),
        *headings,
        Style(BODY, "讲话正文", FANG, size, lead, indent=2, keep_lines=keep),
        Style(CONTINUED, CONTINUED_STYLE, FANG, size, lead, keep_lines=keep, base=BODY),
        Style(MARK, MARK_STYLE, KAI, small, small * 1.5, "right", keep_next=True),
        Style(FOOTER, "footer", SONG, 14, 17.5, "left" if profile.mirrored else "center"),
    )
