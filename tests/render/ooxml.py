"""What a Word file must hold to be valid: well-formed parts, children in the order of the schema, known targets.

The orders are those of ECMA-376 part 1 (CT_PPr, CT_RPr, CT_SectPr, CT_Style, CT_Settings), as far as we write them.
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ORDERS = {
    "pPr": "pStyle keepNext keepLines pageBreakBefore widowControl numPr kinsoku wordWrap overflowPunct autoSpaceDE "
    "autoSpaceDN adjustRightInd snapToGrid spacing ind jc outlineLvl rPr sectPr",
    "rPr": "rStyle rFonts b bCs i iCs noProof snapToGrid vanish color spacing w kern position sz szCs lang",
    "sectPr": "headerReference footerReference type pgSz pgMar pgNumType cols titlePg docGrid",
    "style": "name basedOn next link uiPriority semiHidden unhideWhenUsed qFormat pPr rPr tblPr",
    "settings": "zoom defaultTabStop evenAndOddHeaders characterSpacingControl compat themeFontLang decimalSymbol listSeparator",
    "font": "altName panose1 charset family notTrueType pitch sig",
    "rubyPr": "rubyAlign hps hpsRaise hpsBaseText lid",
    "ruby": "rubyPr rt rubyBase",
    "styles": "docDefaults latentStyles style",
}


def parts(data: bytes) -> dict[str, Any]:
    """Return every XML part as a tree; raises when one is not well-formed."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = [n for n in archive.namelist() if n.endswith((".xml", ".rels"))]
        return {name: etree.fromstring(archive.read(name)) for name in names}


def problems(data: bytes) -> list[str]:
    """Return what is wrong with a Word file; empty when nothing is."""
    found: list[str] = []
    trees = parts(data)
    for name, tree in trees.items():
        for element in tree.iter():
            tag = str(element.tag).removeprefix(W)
            if tag not in _ORDERS or not str(element.tag).startswith(W):
                continue
            order = _ORDERS[tag].split()
            children = [str(c.tag).removeprefix(W) for c in element]
            unknown = [c for c in children if c not in order]
            if unknown:
                found.append(f"{name}: {tag} holds {unknown}")
            elif children != sorted(children, key=order.index):
                found.append(f"{name}: {tag} is out of order: {children}")
    known = {s.get(f"{W}styleId") for s in trees["word/styles.xml"].iter(f"{W}style")}
    for name, tree in trees.items():
        for tag in ("pStyle", "rStyle", "basedOn", "next", "link"):
            used = {e.get(f"{W}val") for e in tree.iter(f"{W}{tag}")}
            found += [f"{name}: style {u} is not defined" for u in used - known]
    document = trees["word/document.xml"]
    starts = [e.get(f"{W}id") for e in document.iter(f"{W}commentRangeStart")]
    ends = [e.get(f"{W}id") for e in document.iter(f"{W}commentRangeEnd")]
    if sorted(starts) != sorted(ends):
        found.append("a comment's range is open")
    return found
