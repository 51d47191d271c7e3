"""Closed world (family G): every figure, name, document, rank and attributed quotation has a source.

The sources are the brief, its materials and the sourced lists in ``data/known.toml`` and ``data/quotes.toml``;
an exemplar never is one.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources

from rag_speech.checks.base import CheckContext, NotApplicable
from rag_speech.checks.scan import finding, quoted
from rag_speech.types import Finding, Severity, Span, Statement, Use
from rag_speech.zh import names
from rag_speech.zh.claims import Claim, claims, covers, loosely_said
from rag_speech.zh.text import half_width, sentence_around

_CODES = {
    "figure": "G-FIGURE", "date": "G-DATE", "docnum": "G-DOC", "document": "G-DOC", "rank": "G-RANK",
    "person": "G-NAME", "org": "G-NAME", "place": "G-NAME", "quote": "G-QUOTE", "slogan": "G-LOCAL",
}  # fmt: skip
_WHAT = {
    "figure": "数字", "date": "日期", "docnum": "文号", "document": "文件名", "rank": "名次",
    "person": "人名", "org": "单位名称", "place": "地名", "quote": "引语", "slogan": "口号",
}  # fmt: skip
_MUST = {"figure", "docnum", "person", "org", "place", "date", "document", "rank"}
RULE = "事实只取自任务书、材料和核对过的清单"

# “四要” that the speech itself goes on to unfold is its own device, not another place's slogan.
_AUTHORITY = re.compile(
    r"指出|强调|要求|总书记|主席|总理|领导|领袖|伟人|书记|市长|县长|主任|同志|古人|古语|古训|圣贤|[曰云]|名言|诗|俗话|俗语|常言|谚语|老话|《|写道"
)
_OWN_PAPER = re.compile(
    "(?:对照检查|剖析|征求意见|调研|自查|述职|检查)(?:材料|报告|表|座谈)|问卷|留言|意见[簿箱]|忏悔|来信|日记|台账|笔录|班子.{0,8}材料"
)
"""A paper of the office's own, which only the speaker can know."""
_UNFOLDED = re.compile(r"[^。！？\n]{0,24}(?:即|就是|一是|一要|第一|：)")


@dataclass(frozen=True, slots=True)
class Source:
    """A text whose facts may be used: ``brief`` or a material, by name."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One claim of a sentence and where it comes from; ``source`` is empty when nothing supports it."""

    sentence: Span
    claim: Claim
    source: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class _Index:
    text: str
    narrow: str
    wording: str
    claims: tuple[Claim, ...]


@lru_cache(maxsize=64)
def _index(text: str) -> _Index:
    return _Index(text, half_width(text), names.bare(half_width(text)), tuple(claims(text)))


@lru_cache(maxsize=64)
def said(text: str) -> tuple[Claim, ...]:
    """Return what ``text`` says as a source: its claims, small numbers in Chinese and bare days too."""
    return (*_index(text).claims, *loosely_said(text))


@cache
def _known() -> dict[str, frozenset[str]]:
    raw = resources.files("rag_speech.checks").joinpath("data", "known.toml").read_text("utf-8")
    return {row["kind"]: frozenset(row["names"]) for row in tomllib.loads(raw)["allow"]}


@cache
def quote_bank() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return checked quotations: the text, the work, and misquotations of it."""
    raw = resources.files("rag_speech.checks").joinpath("data", "quotes.toml").read_text("utf-8")
    return tuple((row["text"], row["work"], tuple(row["wrong"])) for row in tomllib.loads(raw)["quote"])


@cache
def sayings() -> tuple[str, ...]:
    """Return the sayings that everybody knows (``data/sayings.toml``) without punctuation, longest first."""
    raw = resources.files("rag_speech.checks").joinpath("data", "sayings.toml").read_text("utf-8")
    lines = (line for group in tomllib.loads(raw)["group"] for line in group["lines"])
    return tuple(sorted({names.bare(line) for line in lines}, key=len, reverse=True))


_LEAST_SAID = 4
"""A shorter saying proves nothing about a quotation that holds it."""


def well_known(key: str) -> bool:
    """Tell whether a quotation is a saying that everybody knows, a part of one, or sayings strung together."""
    if any(key in saying for saying in sayings()):
        return True
    rest = key
    for saying in sayings():
        if len(saying) >= _LEAST_SAID:
            rest = rest.replace(saying, "")
    return len(rest) <= len(key) // 4


@lru_cache(maxsize=64)
def all_claims(text: str) -> tuple[Claim, ...]:
    """Return every claim of ``text`` that must have a source, in order."""
    found = list(_index(text).claims)
    for extract in (
        names.persons,
        names.places,
        names.local_places,
        names.organisations,
        names.documents,
        names.quotations,
        names.slogans,
    ):
        found += extract(text)
    orgs = [c.span for c in found if c.kind in {"org", "document", "docnum"}]
    found = [c for c in found if c.kind != "place" or not any(o.start <= c.span.start < o.end for o in orgs)]
    return tuple(sorted(found, key=lambda c: (c.span, c.kind)))


def locate(
    claim: Claim, sources: Sequence[Source], as_of: date | None = None
) -> tuple[str, Span | None] | None:
    """Return the source's name and span that supports ``claim``; ``allow-list`` without a span; None when none does."""
    for source in sources:
        span = _locate_in(claim, _index(source.text), as_of)
        if span:
            return source.name, span
    return ("allow-list", None) if _is_common(claim, as_of) else None


_FEW_FIGURES = 8
"""A paragraph with more of them adds nothing up."""


def _is_derived(claim: Claim, text: str, sources: Sequence[Source], as_of: date | None) -> bool:
    """Tell whether a figure follows from two briefed ones of its paragraph: sum, rest (43件, 31件, 还有12件) or share."""
    if claim.kind != "figure" or not claim.unit:
        return False
    start = text.rfind("\n", 0, claim.span.start) + 1
    end = text.find("\n", claim.span.end)
    stated = _index(text).claims
    first = bisect_left(stated, start, key=lambda c: c.span.start)
    given = [
        c
        for c in stated[first : first + _FEW_FIGURES]
        if c.kind == "figure" and c.unit and c.span != claim.span
        if (end < 0 or c.span.start < end) and locate(c, sources, as_of)
    ]
    pairs = [(a, b) for n, a in enumerate(given) for b in given[n + 1 :] if a.unit == b.unit]
    return any(_follows(claim, a, b) for a, b in pairs)


def _follows(claim: Claim, a: Claim, b: Claim) -> bool:
    if claim.unit == "%" and a.unit != "%":
        low, high = sorted((a.value, b.value))
        share = low / high * 100 if high else None
        near = Decimal(5) if claim.rough else Decimal("0.6")
        return share is not None and abs(share - claim.value) <= near
    if claim.unit == a.unit or (claim.unit == "pp" and a.unit == "%"):
        return claim.value in {a.value - b.value, b.value - a.value, a.value + b.value}
    return False


def _locate_in(claim: Claim, index: _Index, as_of: date | None) -> Span | None:
    if claim.kind == "figure":
        known = said(index.text)
        found = next((k.span for k in known if k.kind == "figure" and covers(k, claim)), None)
        if (
            found is None and claim.unit == "天" and claim.text[-1] in "日号"
        ):  # 每月15日; the source has 8月15日
            found = next((k.span for k in known if k.kind == "date" and k.date[2] == claim.value), None)
        return found
    if claim.kind == "date":
        return next(
            (
                k.span
                for k in said(index.text)
                if k.kind == "date" and _date_covers(k.date, claim.date, as_of)
            ),
            None,
        )
    if claim.kind == "docnum":
        return next((k.span for k in index.claims if k.kind == "docnum" and k.key == claim.key), None)
    if claim.kind == "quote":
        wording = claim.key or names.bare(claim.text)
        return Span(0, len(index.text)) if wording and wording in index.wording else None
    if claim.kind == "rank":
        return _rank_in(claim, index)
    if claim.kind == "person" and len(claim.key) == 1:
        return next((p.span for p in names.persons(index.text) if p.key.startswith(claim.key)), None)
    for key in _forms(claim):
        at = index.narrow.find(key)
        if at >= 0:
            return Span(at, at + len(key))
    return None


def _forms(claim: Claim) -> list[str]:
    """Return the wordings that count as the same name: an organisation may stand without the words before it."""
    key = half_width(claim.key)
    if claim.kind != "org":
        return [key]
    own = _BODY_OF_A_PLACE.match(key)
    return [*(key[n:] for n in range(max(1, min(5, len(key) - 3)))), *([own["place"]] if own else [])]


_BODY_OF_A_PLACE = re.compile(
    r"(?:中共)?(?P<place>[㐀-鿿]{2,4}?[省市县区镇乡])(?:委|党委|政府|人民政府|纪委|监委|人大|政协|法院|检察院|[㐀-鿿]{0,16}(?:局|办|办公室|委员会|部|会|院|中心|党组|指挥部|小学|中学|学校|公司))"
)
"""A body that every place has: whoever briefs the place may name its 县委 and its 民政局."""


def _rank_in(claim: Claim, index: _Index) -> Span | None:
    place = re.search(
        "第[一二三四五六七八九十0-9]+|首位|首个|首家|首次|唯一|第一方阵|前[一二三四五六七八九十0-9]+",
        claim.text,
    )
    word = place.group() if place else claim.text
    at = index.narrow.find(half_width(word))
    return Span(at, at + len(word)) if at >= 0 else None


def _date_covers(known: tuple[int, int, int], claim: tuple[int, int, int], as_of: date | None) -> bool:
    """Tell whether the known date says the claimed one; its missing year and month are those of the speech."""
    if as_of and not known[0]:
        known = (as_of.year, known[1] or (as_of.month if known[2] else 0), known[2])
    return all(c in {0, k} for k, c in zip(known, claim, strict=True))


_MOMENTS = {"分钟", "秒"}
"""A small number of them in Chinese numerals is a way of speaking (用不了两分钟)."""
_SMALL = 10


def _is_common(claim: Claim, as_of: date | None) -> bool:
    if claim.kind == "figure" and claim.unit in _MOMENTS and claim.value <= _SMALL:
        return not any(c.isdigit() for c in half_width(claim.text))
    if (
        claim.kind == "date"
        and as_of
        and claim.date[0] in {as_of.year, as_of.year - 1, as_of.year + 1}
        and not claim.date[1]
    ):
        return True
    if claim.kind == "date" and claim.date[1] == 0 and claim.date[0] in {2025, 2026, 2030, 2035}:
        return True
    if claim.kind == "quote":
        return bool(claim.key) and (
            any(
                claim.key in names.bare(text) or any(names.bare(w) in claim.key for w in wrongs)
                for text, _, wrongs in quote_bank()
            )
            or well_known(claim.key)
        )  # a misquotation is reported as such, not as unsupported
    known = _known().get(claim.kind, frozenset())
    return claim.key in known or half_width(claim.text) in known


def judge(
    text: str,
    sources: Sequence[Source],
    *,
    generated: bool = True,
    as_of: date | None = None,
    figures: bool = True,
) -> list[Finding]:
    """Return a finding for every claim of ``text`` that no source supports.

    ``generated`` raises invented figures, names and document numbers to P0. ``figures=False`` judges only
    attributed quotations, which need a source even where there is no brief.
    """
    out = []
    for claim in all_claims(text) if figures or sources else names.quotations(text):
        if not figures and claim.kind != "quote":
            continue
        if claim.kind == "slogan" and _UNFOLDED.match(text, claim.span.end):
            continue
        if locate(claim, sources, as_of) is None and not _is_derived(claim, text, sources, as_of):
            out.append(_unsupported(text, claim, generated))
    return out


def _unsupported(text: str, claim: Claim, generated: bool) -> Finding:
    what = _WHAT[claim.kind]
    severity = Severity.P0 if generated and claim.kind in _MUST and claim.rough != "weak" else Severity.P1
    if claim.kind in {"date", "rank"} and not generated:
        severity = Severity.P2
    if claim.kind == "quote":
        severity = Severity.P2 if claim.rough in {"anonymous", "people"} else Severity.P1
        message = f"引语没有出处：{quoted(claim.text)}不在任务书、材料和核对过的引语库里。"
        advice = "核对原文并写进任务书，或者不引用。"
    else:
        message = f"{what}{quoted(claim.text)}在任务书和材料里找不到依据。"
        advice = f"改用材料里的{what}，或者删去。"
    span = claim.span
    code = _CODES[claim.kind]
    return finding(
        text, code, severity, (span.start, span.end), message=message, suggestion=advice, source=RULE
    )


def unsupported(
    text: str, allowed: str, *, generated: bool = True, as_of: date | None = None
) -> list[Finding]:
    """Return what ``text`` (any fragment) claims that ``allowed`` does not say. Pure; cached by ``allowed``."""
    return judge(text, (Source("brief", allowed),), generated=generated, as_of=as_of)


def sources_of(context: CheckContext) -> tuple[Source, ...]:
    """Return the brief and its materials as sources; empty without a brief.

    Of a material that was read, what must not be said is no source: it is blanked, so that offsets stay.
    """
    if context.brief is None:
        return ()
    barred = [s for s in (context.evidence.statements if context.evidence else ()) if s.use is not Use.SAY]
    return (
        Source("brief", context.brief.own_text),
        *(
            Source(m.name, _without(m.text, [s for s in barred if s.source == m.name]))
            for m in context.brief.materials
        ),
        *(Source(m.name, m.name) for m in context.brief.materials),  # 复盘会记录（10月12日，市防办）
        *(
            Source(s.source, s.said)
            for s in (context.evidence.statements if context.evidence else ())
            if s.said and s.use is Use.SAY
        ),
    )


def _without(text: str, barred: Sequence[Statement]) -> str:
    for statement in barred:
        if statement.span is not None:
            start, end = statement.span.start, statement.span.end
            text = text[:start] + " " * (end - start) + text[end:]
    return text


def check_facts(context: CheckContext) -> list[Finding]:
    """Figures, dates, names, documents, ranks and slogans against the brief."""
    sources = sources_of(context)
    if not sources:
        raise NotApplicable("没有任务书，数字和名称无从核对")
    found = judge(context.text, sources, generated=context.generated, as_of=context.as_of)
    return [f for f in found if f.code != "G-QUOTE"]


def check_quotes(context: CheckContext) -> list[Finding]:
    """Attributed quotations of 8 字 or more, with or without a brief."""
    found = judge(
        context.text, sources_of(context), generated=context.generated, as_of=context.as_of, figures=False
    )
    if context.brief is not None or context.generated:
        return found
    people = {c.span for c in names.quotations(context.text) if c.rough == "people"}
    return [_unbriefed(context.text, f) for f in found if f.span not in people]


_SPOKEN = re.compile("我|你|咱|他们|她们")
"""Words of a person who speaks to persons: reported speech, no wording that a bank could hold."""


def _unbriefed(text: str, found: Finding) -> Finding:
    """Return a quotation of a text that nobody briefed: P2 where it leans on an authority, P3 where it is reported speech."""
    severity = (
        Severity.P2 if _by_authority(text, found) and not _SPOKEN.search(found.fragment) else Severity.P3
    )
    return replace(found, severity=severity)


def _by_authority(text: str, found: Finding) -> bool:
    """Tell whether leaders, books or tradition are quoted; an ordinary person's words and the office's own papers only the speaker can know."""
    start = found.span.start if found.span else 0
    if _OWN_PAPER.search(text[max(0, start - 24) : start]):
        return False
    return bool(_AUTHORITY.search(text[max(0, start - 24) : start] + found.fragment[:8]))


def ledger(context: CheckContext) -> tuple[LedgerRow, ...]:
    """Return for every claim of the text its sentence and its source."""
    sources = sources_of(context)
    rows = []
    for claim in all_claims(context.text):
        where = locate(claim, sources, context.as_of)
        if where is None and _is_derived(claim, context.text, sources, context.as_of):
            where = "arithmetic", None
        sentence = sentence_around(context.text, claim.span.start)
        rows.append(LedgerRow(sentence, claim, *(where or ("", None))))
    return tuple(rows)


def used_share(context: CheckContext) -> float:
    """Return the share of the brief's facts whose figures or words the text uses; 1.0 when the brief gives none."""
    brief = context.brief
    if brief is None or not brief.facts:
        return 1.0
    index = _index(context.text)
    return sum(_uses(fact, index.wording, said(context.text)) for fact in brief.facts) / len(brief.facts)


def _uses(fact: str, wording: str, said: Sequence[Claim]) -> bool:
    figures = [c for c in _index(fact).claims if c.kind == "figure"]
    if figures:
        return any(covers(f, s) for f in figures for s in said if s.kind == "figure")
    words = names.bare(half_width(fact))
    grams = {words[i : i + 3] for i in range(len(words) - 2)}
    return not grams or sum(g in wording for g in grams) >= len(grams) / 2
