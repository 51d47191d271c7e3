"""Runs the registered checks over one text; a check that crashes becomes data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rag_speech.brief.occasions import get_occasion, resolve_occasion
from rag_speech.checks.base import Check, CheckContext, NotApplicable, SharedRuns
from rag_speech.checks.registry import CHECKS
from rag_speech.checks.rules_engine import load_rules
from rag_speech.checks.score import Score, score
from rag_speech.checks.scrape import clean_view
from rag_speech.checks.structure import OPENINGS, spoken_chars
from rag_speech.errors import InputError
from rag_speech.speech.parse import parse
from rag_speech.speech.walk import part_text
from rag_speech.types import Assignment, CheckResult, Evidence, Exemplar, Finding, Outcome, Severity, Speech
from rag_speech.zh.text import half_width

if TYPE_CHECKING:
    from rag_speech.brief.brief import Brief
    from rag_speech.brief.occasions import Occasion


_SENTENCE_END = re.compile("[。！？\n]")


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All that was found in one text: ``findings`` in the order of the text, absences first, and the score."""

    text: str
    findings: tuple[Finding, ...]
    results: tuple[CheckResult, ...]
    score: Score
    occasion: str = ""
    chars: int = 0
    """字 that are spoken: title block and web residue left out."""

    @property
    def verdict(self) -> str:
        """PASS, FORM (no brief: only form was looked at), REVISE or REJECT."""
        return self.score.verdict

    @property
    def form_only(self) -> bool:
        """Whether there was no brief to hold the text to."""
        return all(b.name != "忠于任务" for b in self.score.blocks)

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings of this severity or graver."""
        return tuple(f for f in self.findings if f.severity <= severity)


def make_context(
    text: str,
    *,
    brief: Brief | None = None,
    occasion: str | Occasion | None = None,
    as_of: date | None = None,
    generated: bool = False,
    exemplars: Sequence[Exemplar] = (),
    known: SharedRuns | None = None,
    rules_files: Sequence[str | Path] = (),
    assignment: Assignment | None = None,
    evidence: Evidence | None = None,
    margins: Sequence[str] = (),
) -> CheckContext:
    """Parse ``text`` (web residue blanked, offsets kept) and settle occasion and date.

    The occasion is the one given, else the brief's, else what title and opening name. ``as_of`` defaults to the
    brief's date, else the day in the caption or the year in the title, else today. Raises InputError for an empty text, NotFoundError for an unknown occasion, ConfigError
    for a bad rules file.
    """
    if not text.strip():
        raise InputError("The text is empty: there is nothing to check.")
    load_rules(rules_files)
    speech = parse(clean_view(text))
    if isinstance(occasion, str):
        occasion = get_occasion(occasion)
    if occasion is None and brief is not None:
        occasion = brief.resolved_occasion
    if occasion is None:
        occasion = _named_occasion(speech)
    return CheckContext(
        text=text,
        speech=speech,
        as_of=as_of or (brief.wording_date if brief else day_of_text(speech) or date.today()),
        occasion=occasion,
        brief=brief,
        generated=generated,
        exemplars=tuple(exemplars),
        known=known,
        rules_files=tuple(rules_files),
        assignment=assignment,
        evidence=evidence,
        margins=tuple(margins),
    )


_DAY = re.compile(r"((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})日")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年?(?=[^\d]|$)")


def day_of_text(speech: Speech) -> date | None:
    """Return the day that caption, subtitle or title names; of a year alone its middle. None where none does."""
    frame = half_width("\n".join((*speech.caption, speech.subtitle, speech.title)))
    if m := _DAY.search(frame):
        try:
            return date(*(int(g) for g in m.groups()))
        except ValueError:
            return None
    if (m := _YEAR.search(half_width(speech.title + speech.subtitle))) and int(m[1]) <= date.today().year:
        return date(int(m[1]), 6, 30)
    return None


def _named_occasion(speech: Speech) -> Occasion | None:
    """Return the occasion that the title names, else the first sentence; a class that ends is a closing."""
    opening = part_text(speech.opening)
    first = _SENTENCE_END.split(opening.strip(), maxsplit=1)[0]
    found = resolve_occasion(speech.title + speech.subtitle) or resolve_occasion(first)
    if found and found.id == "training_opening" and OPENINGS["O5"].search(first) and "开班" not in first:
        return get_occasion("training_closing")
    return found


def run_checks(
    context: CheckContext, *, only: Iterable[str] | None = None, exclude: Iterable[str] = ()
) -> CheckReport:
    """Run the checks named in ``only`` (names or families; all by default) without those in ``exclude``."""
    chosen = [c for c in CHECKS if _named(c, only, default=True) and not _named(c, exclude, default=False)]
    results = tuple(_run(c, context) for c in chosen)
    findings = _merged(f for r in results for f in r.findings)
    return CheckReport(
        text=context.text,
        findings=findings,
        results=results,
        score=score(context, findings),
        occasion=context.occasion.name if context.occasion else "",
        chars=spoken_chars(context),
    )


def _named(check: Check, names: Iterable[str] | None, *, default: bool) -> bool:
    if names is None:
        return default
    return bool({check.name, check.family} & set(names))


def _run(check: Check, context: CheckContext) -> CheckResult:
    try:
        found = tuple(check.run(context))
    except NotApplicable as why:
        return CheckResult(check.name, Outcome.NOT_APPLICABLE, reason=str(why))
    except Exception as error:  # a broken check must not hide what the others found
        return CheckResult(check.name, Outcome.CRASHED, reason=f"{type(error).__name__}: {error}")
    return CheckResult(check.name, Outcome.FAIL if found else Outcome.PASS, found)


def _merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort by place and keep one finding where two checks report the same code on overlapping words."""
    ordered = sorted(findings, key=lambda f: (f.span is not None, f.span or 0, f.severity, f.code))
    kept: list[Finding] = []
    for finding in ordered:
        twin = next(
            (i for i in range(len(kept) - 1, max(-1, len(kept) - 12), -1) if _same(kept[i], finding)), None
        )
        if twin is None:
            kept.append(finding)
        elif finding.severity < kept[twin].severity:
            kept[twin] = finding
    return tuple(kept)


def _same(a: Finding, b: Finding) -> bool:
    if a.code != b.code:
        return False
    if a.span is None or b.span is None:
        return a.span is b.span and a.message == b.message
    return a.span.start < b.span.end and b.span.start < a.span.end
