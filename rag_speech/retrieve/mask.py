"""Masking: an exemplar keeps its style and loses its facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from rag_speech.speech.numerals import Family, read_marker
from rag_speech.speech.promise import COUNTED
from rag_speech.types import Span
from rag_speech.zh import claims as facts
from rag_speech.zh import names


class SlotKind(StrEnum):
    """What stood in the place of a slot; the value is the word the model reads."""

    FIGURE = "数字"
    DATE = "日期"
    PERSON = "人名"
    PLACE = "地名"
    ORGANISATION = "单位"
    DOCUMENT = "文件"
    SLOGAN = "口号"
    MARKER = "序号"


@dataclass(frozen=True, slots=True)
class Slot:
    """One masked fragment; ``span`` lies in the original text, where ``original`` stood."""

    kind: SlotKind
    span: Span
    original: str

    @property
    def label(self) -> str:
        """What the masked text shows: 〔数字〕."""
        return f"〔{self.kind.value}〕"


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with its facts replaced by slots, in order of their place."""

    text: str
    slots: tuple[Slot, ...]


_CLAIMS = {
    "figure": SlotKind.FIGURE,
    "rank": SlotKind.FIGURE,
    "date": SlotKind.DATE,
    "docnum": SlotKind.DOCUMENT,
}
_FORMULA = re.compile(
    "以习近平同志为核心的党中央|习近平新时代中国特色社会主义思想|习近平[^，。；、]{0,8}思想|习近平总书记|习近平同志"
    "|毛泽东思想|邓小平理论|“(?:四个意识|四个自信|两个维护|两个确立|三个代表|三个务必|两个务必|三农|一带一路|四个全面|五位一体|两办|三服务|一票否决)”"
)
"""Party formulas that belong to the wording, not to one speech (DOMAIN B-FIXED)."""
_PLAN = re.compile(r"“?[一二三四五六七八九十]{2,3}五”?(?=规划|时期|期间|开局|收官|发展|末|初|以来|目标)")
_DOUBLE = re.compile(
    r"(?P<lead>提出|打造|致力于?|按照|实施|围绕|开展|实现|主题|口号|目标)?[^“”，。]{0,6}"
    r"(?P<slogan>“(?P<one>[^“”。！？，]{3,12})，(?P<two>[^“”。！？，]{3,12})”)"
    r"(?P<tail>的?(?:总?目标|总体|要求|战略|主题|口号|行动|活动|部署|思路|各项))?"
)
"""A quoted pair of equal clauses is a slogan when it is announced or used as one; otherwise it is a saying."""
_CITING = re.compile("依据|根据|按照|参照|印发|贯彻|落实")
_JOINT = re.compile(r"[ 　]?[-—–~～至:：/.+×][ 　]?")
_DIGITS = re.compile(r"[A-Za-z]{0,4}\d(?:[\d.,:：/％%+×xX*~～—–-]*[\d％%])?[A-Za-z]{0,3}")
_PLACE_END = re.compile(r"(?:[省市县区州盟旗镇乡村河江]|街道|社区|水库|大桥)\Z")
_ORG_END = re.compile(r"(?:公司|集团|[局委办厅院校行社会所厂站馆]|中心|大学|医院|银行|政府)\Z")


_ROUNDS = 6
"""The masked text is read again until it shows nothing new: around a slot the tagger may see a name it did not see before."""


def mask(text: str, known: Iterable[str] = ()) -> Masked:
    """Replace figures, dates, persons, places, organisations, documents and slogans by typed slots.

    ``known`` are names that must go wherever they stand (two characters or more; shorter ones are ignored).
    No digit and no known name is left outside the slots. Ordinal words (一是, 第一，), 三点意见 and the fixed
    party formulas stay.
    """
    listed = tuple(known)
    done = _mask_once(text, listed)
    for _ in range(_ROUNDS):
        again = _mask_once(done.text, listed)
        if not again.slots:
            break
        done = _composed(text, done, again)
    return done


def _mask_once(text: str, known: Iterable[str]) -> Masked:
    spans = _chosen(text, list(_known(text, known)), list(_found(text)))
    for start, end in _gaps(text, spans):
        for match in _DIGITS.finditer(text, start, end):
            spans.append((Span(*match.span()), SlotKind.FIGURE))
    slots = tuple(Slot(kind, span, span.of(text)) for span, kind in _joined(text, spans))
    return _with_slots(text, slots)


def _with_slots(text: str, slots: tuple[Slot, ...]) -> Masked:
    pieces, at = [], 0
    for slot in slots:
        pieces += [text[at : slot.span.start], slot.label]
        at = slot.span.end
    return Masked("".join([*pieces, text[at:]]), slots)


def _composed(text: str, first: Masked, second: Masked) -> Masked:
    """Return ``first`` with the slots of ``second``, which was made from its masked text, in places of ``text``."""
    origin: list[int] = []
    at = 0
    for slot in first.slots:
        origin += [*range(at, slot.span.start), slot.span.start, *[slot.span.end] * (len(slot.label) - 1)]
        at = slot.span.end
    origin += range(at, len(text) + 1)
    added = [
        Slot(slot.kind, span, span.of(text))
        for slot in second.slots
        for span in [Span(origin[slot.span.start], origin[slot.span.end])]
    ]
    kept = [
        s
        for s in first.slots
        if not any(a.span.start < s.span.end and s.span.start < a.span.end for a in added)
    ]
    return _with_slots(text, tuple(sorted([*kept, *added], key=lambda s: s.span)))


def _known(text: str, known: Iterable[str]) -> Iterator[tuple[Span, SlotKind]]:
    listed = sorted({k.strip() for k in known if len(k.strip()) > 1}, key=lambda k: (-len(k), k))
    if not listed:
        return
    stems = {_PLACE_END.sub("", name) for name in listed if len(name) > 2 and _PLACE_END.search(name)}
    for match in re.finditer("|".join(map(re.escape, listed)), text):
        yield Span(*match.span()), _kind_of(match.group(), stems)


def _kind_of(name: str, stems: set[str]) -> SlotKind:
    """Tell what a known name names; ``stems`` are place names without their 县 or 镇."""
    if name.startswith("《"):
        return SlotKind.DOCUMENT
    if name in stems or (len(name) > 2 and _PLACE_END.search(name)):
        return SlotKind.PLACE
    return SlotKind.ORGANISATION if len(name) > 3 and _ORG_END.search(name) else SlotKind.PERSON


def _found(text: str) -> Iterator[tuple[Span, SlotKind]]:
    for start in (0, *(m.end() for m in re.finditer(r"\n[ \t　]*", text))):
        marker = read_marker(text, start)
        if marker and marker.family in (Family.ARABIC, Family.ARABIC_PAREN):
            yield Span(marker.start, marker.end), SlotKind.MARKER
    for claim in facts.claims(text):
        lead = _CITING.match(claim.text) if claim.kind == "docnum" else None
        yield Span(claim.span.start + (lead.end() if lead else 0), claim.span.end), _CLAIMS[claim.kind]
    for match in _PLAN.finditer(text):
        yield Span(*match.span()), SlotKind.DATE
    for match in _DOUBLE.finditer(text):
        if len(match["one"]) == len(match["two"]) and (match["lead"] or match["tail"]):
            yield Span(*match.span("slogan")), SlotKind.SLOGAN
    finders = (
        (names.documents, SlotKind.DOCUMENT),
        (names.slogans, SlotKind.SLOGAN),
        (names.organisations, SlotKind.ORGANISATION),
        (names.persons, SlotKind.PERSON),
        (names.places, SlotKind.PLACE),
    )
    for find, kind in finders:
        for claim in find(text):
            if kind is not SlotKind.SLOGAN or not _counts_points(claim.text):
                yield claim.span, kind


def _counts_points(quoted: str) -> bool:
    found = COUNTED.match(quoted, 1)
    return bool(found and found["noun"])


def _chosen(
    text: str, known: list[tuple[Span, SlotKind]], found: list[tuple[Span, SlotKind]]
) -> list[tuple[Span, SlotKind]]:
    """Keep known names, then the longest of what overlaps; formulas hide what stands in them."""
    taken = bytearray(len(text))
    result = []
    for span, kind in known:
        taken[span.start : span.end] = b"\1" * (span.end - span.start)
        result.append((span, kind))
    for match in _FORMULA.finditer(text):
        taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    trimmed = [(Span(s.start, s.start + len(s.of(text).rstrip())), kind) for s, kind in found]
    for span, kind in sorted(trimmed, key=lambda f: (f[0].start - f[0].end, f[0].start)):
        if span.start < span.end and not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            result.append((span, kind))
    return result


def _joined(text: str, spans: list[tuple[Span, SlotKind]]) -> list[tuple[Span, SlotKind]]:
    """Put the spans in order and make one slot of a range (1—7月)."""
    measures = (SlotKind.FIGURE, SlotKind.DATE)
    result: list[tuple[Span, SlotKind]] = []
    for span, kind in sorted(spans):
        if result and kind in measures and result[-1][1] in measures:
            before, earlier = result[-1]
            if _JOINT.fullmatch(text, before.end, span.start):
                both = SlotKind.DATE if SlotKind.DATE in (kind, earlier) else SlotKind.FIGURE
                result[-1] = (Span(before.start, span.end), both)
                continue
        result.append((span, kind))
    return result


def _gaps(text: str, spans: list[tuple[Span, SlotKind]]) -> list[tuple[int, int]]:
    """Return the stretches between the spans."""
    edges, at = [], 0
    for span, _kind in sorted(spans):
        edges.append((at, span.start))
        at = span.end
    return [*edges, (at, len(text))]
