"""The empty Word file that a speech is written into: styles, settings, font table, page and page number."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

from rag_speech.render.styles import (
    FALLBACKS,
    FAMILIES,
    FANG,
    FOOTER,
    HEADING_FONTS,
    MM,
    PT,
    SONG,
    Page,
    Profile,
    Style,
    styles_of,
)

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NS = f'xmlns:w="{W}"'
_NUMBER_POINTS = 14
_LATENT = '<w:latentStyles w:defLockedState="0" w:defUIPriority="99" w:defSemiHidden="0" w:defUnhideWhenUsed="0" w:defQFormat="0" w:count="276"/>'


def new_document(profile: Profile) -> Any:
    """Return a python-docx Document without content in the look of ``profile``."""
    import docx
    from docx.oxml import parse_xml

    document = docx.Document()
    package = document.part
    _drop_parts(document)
    package._styles_part._element = parse_xml(_styles_xml(profile))
    package._settings_part._element = parse_xml(_settings_xml(profile))
    font_table = next(r.target_part for r in package.rels.values() if r.reltype.endswith("/fontTable"))
    font_table._blob = _font_table_xml().encode()
    body = document.element.body
    for child in list(body):
        body.remove(child)
    body.append(parse_xml(_section_xml(profile)))
    _number_pages(document, profile)
    return document


def _drop_parts(document: Any) -> None:
    """Take out what the library's own template carries along: a picture of itself, old styles, custom data."""
    gone = ("/thumbnail", "/stylesWithEffects", "/customXml", "/webSettings", "/numbering")
    for rels in (document.part.rels, document.part.package.rels):
        for key in [k for k, r in rels.items() if r.reltype.endswith(gone)]:
            del rels[key]


def fonts_xml(font: str) -> str:
    """Return ``w:rFonts`` for a run; the hint makes Word set “” … — from the Chinese font too."""
    name = quoteattr(font)
    return f'<w:rFonts w:hint="eastAsia" w:ascii={name} w:hAnsi={name} w:eastAsia={name} w:cs={name}/>'


def _look_xml(font: str, points: float, tighter: int = 0) -> str:
    """Return the content of ``w:rPr`` in the order of the schema (CT_RPr); ``tighter`` is in twips."""
    half = round(points * 2)
    return (
        f'{fonts_xml(font)}<w:snapToGrid w:val="0"/><w:color w:val="000000"/><w:spacing w:val="{tighter}"/>'
        f'<w:kern w:val="0"/><w:sz w:val="{half}"/><w:szCs w:val="{half}"/>'
    )


def _styles_xml(profile: Profile) -> str:
    defaults = (
        f"<w:docDefaults><w:rPrDefault><w:rPr>{_look_xml(FANG, profile.body)}"
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:widowControl w:val="0"/></w:pPr></w:pPrDefault></w:docDefaults>'
    )
    base = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/><w:pPr>'
        '<w:widowControl w:val="0"/><w:kinsoku/><w:wordWrap/><w:overflowPunct/><w:autoSpaceDE w:val="0"/>'
        '<w:autoSpaceDN w:val="0"/><w:snapToGrid w:val="0"/><w:jc w:val="both"/></w:pPr>'
        f"<w:rPr>{_look_xml(FANG, profile.body, profile.tighter)}</w:rPr></w:style>"
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/>'
        '<w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/>'
        '<w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/>'
        '<w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        '<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/><w:semiHidden/></w:style>'
    )  # fmt: skip
    linked = "".join(
        f'<w:style w:type="character" w:customStyle="1" w:styleId="Heading{rank}Char"><w:name w:val="标题 {rank} 字符"/>'
        f'<w:basedOn w:val="DefaultParagraphFont"/><w:link w:val="Heading{rank}"/><w:rPr>{fonts_xml(font)}</w:rPr></w:style>'
        for rank, font in HEADING_FONTS.items()
    )
    notes = (
        '<w:style w:type="paragraph" w:styleId="CommentText"><w:name w:val="annotation text"/><w:basedOn w:val="Normal"/>'
        '<w:pPr><w:jc w:val="left"/></w:pPr><w:rPr><w:sz w:val="21"/><w:szCs w:val="21"/></w:rPr></w:style>'
        '<w:style w:type="character" w:styleId="CommentReference"><w:name w:val="annotation reference"/>'
        '<w:rPr><w:sz w:val="21"/><w:szCs w:val="21"/></w:rPr></w:style>'
    )
    own = "".join(style_xml(s, profile) for s in styles_of(profile))
    return f"<w:styles {_NS}>{defaults}{_LATENT}{base}{own}{linked}{notes}</w:styles>"


def style_xml(style: Style, profile: Profile) -> str:
    """Return one ``w:style``; the children stand in the order of the schema (CT_Style, CT_PPrBase)."""
    custom = ' w:customStyle="1"' if style.id.startswith("Speech") else ""
    parts = [f'<w:name w:val="{style.name}"/><w:basedOn w:val="{style.base}"/>']
    if style.outline is not None or style.id in ("Title", "Salutation"):
        parts.append('<w:next w:val="SpeechBody"/>')
    if style.link:
        parts.append(f'<w:link w:val="{style.link}"/>')
    parts.append("<w:qFormat/><w:pPr>")
    parts.append("<w:keepNext/>" if style.keep_next else "")
    parts.append("<w:keepLines/>" if style.keep_lines else "")
    leading = round(style.leading * PT)
    parts.append(
        f'<w:spacing w:before="{round(style.before * PT)}" w:after="0" w:line="{leading}" w:lineRule="exact"/>'
    )
    indent = round(style.indent * profile.zi * PT)
    parts.append(f'<w:ind w:firstLineChars="{style.indent * 100}" w:firstLine="{indent}"/>')
    parts.append(f'<w:jc w:val="{style.align}"/>')
    if style.outline is not None:
        parts.append(f'<w:outlineLvl w:val="{style.outline}"/>')
    tighter = profile.tighter if style.size == profile.body else 0
    parts.append(f"</w:pPr><w:rPr>{_look_xml(style.font, style.size, tighter)}</w:rPr>")
    return f'<w:style {_NS} w:type="paragraph"{custom} w:styleId="{style.id}">{"".join(parts)}</w:style>'


def _settings_xml(profile: Profile) -> str:
    even_odd = "<w:evenAndOddHeaders/>" if profile.mirrored else ""
    office = "http://schemas.microsoft.com/office/word"
    return (
        f'<w:settings {_NS}><w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/>{even_odd}'
        '<w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:useFELayout/>'
        f'<w:compatSetting w:name="compatibilityMode" w:uri="{office}" w:val="15"/></w:compat>'
        '<w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/>'
        '<w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>'
    )


def _font_table_xml() -> str:
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{",".join(others)}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{FAMILIES[name]}"/><w:pitch w:val="fixed"/></w:font>'
        for name, others in FALLBACKS.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {_NS}>{fonts}</w:fonts>'


def _section_xml(profile: Profile) -> str:
    page = profile.page
    grid = f'<w:docGrid w:linePitch="{round(profile.leading * PT)}"/>'
    if profile.columns:
        grid = (
            f'<w:docGrid w:type="linesAndChars" w:linePitch="{round(profile.leading * PT)}" '
            f'w:charSpace="{profile.char_space}"/>'
        )
    size = f'<w:pgSz w:w="{round(page.width * MM)}" w:h="{round(page.height * MM)}"/>'
    margins = (
        f'<w:pgMar w:top="{round(page.top * MM)}" w:right="{round(page.right * MM)}" w:bottom="{round(page.bottom * MM)}" '
        f'w:left="{round(page.left * MM)}" w:header="850" w:footer="{_footer_distance(page)}" w:gutter="0"/>'
    )
    return f'<w:sectPr {_NS}>{size}{margins}<w:cols w:space="425"/>{grid}</w:sectPr>'


def _footer_distance(page: Page) -> int:
    """Return where the footer's lower edge must be, in twips, for the dash to stand at its distance from the text."""
    half_line = 17.5 / 2 * PT
    return round((page.bottom - page.number_below) * MM - half_line)


def _number_pages(document: Any, profile: Profile) -> None:
    section = document.sections[0]
    if not profile.mirrored:
        _number(section.footer, "center")
        return
    _number(section.footer, "right")
    _number(section.even_page_footer, "left")


def _number(footer: Any, align: str) -> None:
    """Write ``— 1 —`` with a PAGE field, one 字 in from the outer edge (GB/T 9704 7.5)."""
    from docx.oxml import parse_xml

    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]._p
    parent = paragraph.getparent()
    inset = {
        "right": '<w:ind w:rightChars="100" w:right="280"/>',
        "left": '<w:ind w:leftChars="100" w:left="280"/>',
    }.get(align, "")
    look = f"<w:rPr>{_look_xml(SONG, _NUMBER_POINTS)}</w:rPr>"
    pieces = (
        '<w:t xml:space="preserve">— </w:t>',
        '<w:fldChar w:fldCharType="begin"/>',
        '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        "<w:t>1</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
        '<w:t xml:space="preserve"> —</w:t>',
    )
    runs = "".join(f"<w:r>{look}{piece}</w:r>" for piece in pieces)
    new = f'<w:p {_NS}><w:pPr><w:pStyle w:val="{FOOTER}"/>{inset}<w:jc w:val="{align}"/></w:pPr>{runs}</w:p>'
    parent.replace(paragraph, parse_xml(new))
