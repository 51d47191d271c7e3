"""Small defects inside a line: half-width punctuation, stray spaces, control characters, symbols, pinyin."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag_speech.ingest.offsets import Edit

_HAN = "㐀-䶿一-鿿"
_LEFT = rf"[{_HAN}”’》）】〉％%\d]"
_CONTROL = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffc]+"
)
_NEWLINE = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_WIDE = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？", "(": "（", ")": "）"}
_HALF = re.compile(
    rf"(?P<mark>[,;:!?])(?P<space>[ \t　\xa0]*)|\((?P<inner>[^()（）\n]{{1,60}})\)|(?P<stop>\.)(?P<after>[ \t　\xa0]*)(?=[{_HAN}“]|$)"
    rf"|(?P<gap>[ \t　\xa0]+)(?=[{_HAN}“《（])"
    rf"|(?P<symbol>[☆★◆◇■□●▲△※♀♂◎#@&^~|\\]{{1,5}})"
    rf"|(?P<pinyin>（[a-z\s·'’āáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńň]{{2,40}}）)"
)
_ANY_HALF = re.compile(r"[,;:!?(.\t　\xa0 ☆★◆◇■□●▲△※♀♂◎#@&^~|\\]|（[a-zāáǎàēéěèōóǒò]")
_IS_HAN = re.compile(f"[{_HAN}]")
_IS_LEFT = re.compile(_LEFT)
_SPACE_LEFT = re.compile(rf"[{_HAN}，。！？；：、“”》）]")
_TONE = re.compile("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńň]")
_SENTENCE = re.compile("[，。！？；,;!?]")
_NUMBERED = re.compile(r"\s*(?:\d{1,3}|[一二三四五六七八九十]{1,3})\Z")


def character_edits(text: str) -> Iterator[Edit]:
    """Yield edits that unify line ends and remove control and zero-width characters, in order."""
    edits = [Edit(*m.span(), "\n", "") for m in _NEWLINE.finditer(text)]
    edits += [Edit(*m.span(), "", "P-CTRL") for m in _CONTROL.finditer(text)]
    yield from sorted(edits, key=lambda e: e.start)


def line_edits(line: str, base: int) -> Iterator[Edit]:
    """Yield the edits inside one line that stands at ``base``, in order and apart."""
    if not _ANY_HALF.search(line):
        return
    sentence = _SENTENCE.search(line) is not None
    done = 0
    for m in _HALF.finditer(line):
        start, end = m.span()
        if start < done:
            continue
        edit = _edit(line, m, sentence)
        if edit:
            for one in edit:
                yield Edit(base + one.start, base + one.end, one.put, one.code)
            done = end


def _edit(line: str, m: re.Match[str], sentence: bool) -> list[Edit]:
    start, end = m.span()
    before = line[start - 1] if start else ""
    after = line[end] if end < len(line) else ""
    kind = m.lastgroup
    if m["mark"]:
        return _mark(m, before, after)
    if m["inner"] is not None:
        wide = _IS_HAN.search(m["inner"]) or _IS_HAN.match(before)
        return [Edit(start, start + 1, "（", "P-HALF"), Edit(end - 1, end, "）", "P-HALF")] if wide else []
    if m["stop"]:
        if _IS_HAN.match(before) and not _NUMBERED.match(line[:start]):
            edits = [Edit(start, start + 1, "。", "P-HALF")]
            return [*edits, Edit(start + 1, end, "", "P-SPACE")] if m["after"] else edits
        return []
    if kind == "gap":
        return [Edit(start, end, "", "P-SPACE")] if sentence and before and _SPACE_LEFT.match(before) else []
    if kind == "symbol":
        return [Edit(start, end, "", "P-CTRL")] if _IS_HAN.match(before) and _IS_HAN.match(after) else []
    return [Edit(start, end, "", "P-CTRL")] if _TONE.search(m["pinyin"]) and _IS_HAN.match(before) else []


def _mark(m: re.Match[str], before: str, after: str) -> list[Edit]:
    mark, start = m["mark"], m.start()
    if before.isdigit() and after.isdigit() and not m["space"]:
        return []
    if not (_IS_LEFT.match(before) and (not before.isdigit() or _IS_HAN.match(after))) and not _IS_HAN.match(
        after
    ):
        return []
    edits = [Edit(start, start + 1, _WIDE[mark], "P-HALF")]
    return [*edits, Edit(start + 1, m.end(), "", "P-SPACE")] if m["space"] else edits
