"""Measures one draft. Pure functions; a metric that does not apply is None, never 0 and never 1."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rag_speech.checks import numbering
from rag_speech.checks.grounding import unsupported
from rag_speech.checks.registry import HELD_OUT
from rag_speech.checks.run import CheckReport, make_context, run_checks
from rag_speech.evals.cases import Case, Expect
from rag_speech.evals.records import Measured, Written
from rag_speech.evals.suite import Prices
from rag_speech.types import Exemplar, Outcome, Severity, Usage
from rag_speech.zh.claims import claims, covers
from rag_speech.zh.text import count_zi, sentences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag_speech.checks.base import SharedRuns

    Embed = Callable[[Sequence[str]], NDArray[np.float32]]

WINDOW = 3
"""Sentences within which a fact must be said for its figures to count as used for it."""
FACT_WORDS, PLAIN_FACT_WORDS, POINT_WORDS = 0.35, 0.6, 0.5
"""Share of the character pairs that must be there, of a fact with figures, of one without, of a point."""
REPEAT_GRAM = 8
STOCK_GRAM = 12
REPEAT_LIMIT = 0.02
"""Repetition from which the held-out test fails."""
_LINKS = re.compile(r"[和与及的了把将在对到从用向让给、，；：。]")
"""Words between content words: pairs across them mean nothing."""
_BARE = re.compile(r"[^㐀-䶿一-鿿0-9A-Za-z%]")


def length_score(target: int, chars: int) -> float:
    """Return S_l, 0 to 100: full at the asked length, 0 at four times it or at a third of it.

    Over: 100*max(0, 1-(y/x-1)/3); under: 100*max(0, 1-(x/y-1)/2), with x asked and y written, in 字.
    """
    if chars <= 0:
        return 0.0
    share = 1 - (chars / target - 1) / 3 if chars >= target else 1 - (target / chars - 1) / 2
    return 100 * max(0.0, share)


def uses_fact(text: str, fact: str) -> bool:
    """Tell whether ``text`` says ``fact``: all its figures and enough of its words within three sentences."""
    wanted = [c for c in claims(fact) if c.kind == "figure"]
    words = fact
    for claim in reversed(wanted):
        words = f"{words[: claim.span.start]}\n{words[claim.span.end :]}"
    own = set().union(*(_grams(line, 2) for line in words.split("\n")))
    pieces = sentences(text)
    for i in range(len(pieces)):
        near = "".join(pieces[i : i + WINDOW])
        shared = len(own & _grams(near, 2)) / len(own) if own else 1.0
        if shared < (FACT_WORDS if wanted else PLAIN_FACT_WORDS):
            continue
        said = [c for c in claims(near) if c.kind == "figure"]
        if all(any(covers(s, w) or covers(w, s) for s in said) for w in wanted):
            return True
    return False


def makes_point(text: str, point: str) -> bool:
    """Tell whether a paragraph with the heading above it has at least half of the point's content words."""
    own = set().union(*(_grams(piece, 2) for piece in _LINKS.split(point))) or _grams(point, 2)
    lines = [line for line in text.split("\n") if line.strip()]
    near = ("".join(lines[i : i + 2]) for i in range(len(lines)))
    return any(len(own & _grams(piece, 2)) >= POINT_WORDS * len(own) for piece in near)


def unmet(text: str, expect: Expect) -> list[str]:
    """Return which of the case's expectations the text does not meet, in Chinese."""
    bare = "".join(text.split())

    def there(entry: str) -> bool:
        return any("".join(one.split()) in bare for one in entry.split("|"))

    missed = [f"缺少“{e}”" for e in expect.must_include if not there(e)]
    missed += [f"引语不是原话：“{q}”" for q in expect.quotes if "".join(q.split()) not in bare]
    missed += [f"要点没有讲到：{p}" for p in expect.points if not there(p)]
    missed += [f"出现了“{e}”" for e in expect.must_not_include if there(e)]
    return missed


def forbidden(text: str, entries: Sequence[str]) -> list[str]:
    """Return which of the strings stand in the text, blanks left out; ``97件`` does not stand in ``197件``."""
    bare = "".join(text.split())
    return [entry for entry in entries if re.search(_whole(entry), bare)]


def _whole(entry: str) -> str:
    bare = "".join(entry.split())
    before = r"(?<![0-9.])" if bare[:1].isdigit() else ""
    after = r"(?!\.?[0-9])" if bare[-1:].isdigit() else ""
    return f"{before}{re.escape(bare)}{after}"


def leaked(text: str, case: Case, exemplars: Iterable[Exemplar], names: Iterable[str]) -> list[str]:
    """Return figures and names in the text that only the exemplars can have lent: the brief does not have them."""
    allowed = case.allowed
    lent = "\n".join(e.original for e in exemplars)
    foreign = unsupported(text, allowed, as_of=case.brief.wording_date)
    found = {f.fragment for f in foreign if f.fragment and f.fragment in lent}
    found |= {n for n in names if len(n) > 1 and n in text and n in lent and n not in allowed}
    return sorted(found)


def repetition(text: str, allowed: str = "") -> float:
    """Return the share of runs of 8 字 that stood before in the text, the brief's own words left out."""
    own = _grams(allowed, REPEAT_GRAM)
    grams = [g for line in text.split("\n") for g in _gram_list(line, REPEAT_GRAM) if g not in own]
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def drift(text: str, case: Case, embed: Embed) -> float | None:
    """Return how far the paragraphs are from the brief: 1 minus their mean cosine to its nearest statement."""
    brief = case.brief
    topics = [brief.event, *brief.points, *brief.outline, *brief.facts]
    bodies = [line for line in text.split("\n") if count_zi(line) >= 30]
    if not bodies:
        return None
    vectors = embed([*topics, *bodies])
    nearest = (vectors[len(topics) :] @ vectors[: len(topics)].T).max(axis=1)
    return float(1 - nearest.mean())


def sameness(texts: Mapping[str, str], allowed: Mapping[str, str]) -> dict[str, float | None]:
    """Return for each case the share of runs of 12 字 that drafts of other cases have too: stock phrases.

    ``texts`` and ``allowed`` are by case; a case's own brief never counts. None with fewer than two cases.
    """
    if len(texts) < 2:
        return dict.fromkeys(texts)
    grams = {
        case: _grams(text, STOCK_GRAM) - _grams(allowed[case], STOCK_GRAM) for case, text in texts.items()
    }
    seen = Counter(g for own in grams.values() for g in own)
    return {case: sum(seen[g] > 1 for g in own) / len(own) if own else None for case, own in grams.items()}


def cost(usage: Usage, prices: Prices) -> float:
    """Return what the tokens cost, in the suite's currency."""
    fresh = max(0, usage.prompt_tokens - usage.cached_tokens)
    total = (
        fresh * prices.prompt
        + usage.cached_tokens * prices.cached
        + usage.completion_tokens * prices.completion
    )
    return total / 1_000_000


def resources(written: Written, prices: Prices) -> dict[str, float | None]:
    """Return what the draft took."""
    usage = written.usage
    return {
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "cached_tokens": usage.cached_tokens,
        "completion_tokens": usage.completion_tokens,
        "tokens": usage.prompt_tokens + usage.completion_tokens,
        "seconds": written.seconds,
        "cost": cost(usage, prices),
        "materials_cut": written.cut,
    }


def measure(
    text: str,
    case: Case,
    *,
    exemplars: Sequence[Exemplar] = (),
    names: Sequence[str] = (),
    known: SharedRuns | None = None,
    embed: Embed,
) -> Measured:
    """Check and measure a text against its case. Raises InputError for an empty text."""
    context = make_context(text, brief=case.brief, generated=True, exemplars=tuple(exemplars), known=known)
    report = run_checks(context)
    counts = Counter(f.severity for f in report.findings)
    target, brief = case.brief.target_chars, case.brief
    missed = unmet(text, case.expect)
    said = forbidden(text, case.forbidden)
    asked = len(
        case.expect.must_include + case.expect.must_not_include + case.expect.quotes + case.expect.points
    )
    repeated = repetition(text, case.allowed)
    headings = [p.heading for p in context.speech.parts if p.heading]
    metrics: dict[str, float | None] = {
        "score": report.score.total,
        "pass": float(report.verdict == "PASS"),
        "held_out": held_out(report, asked - len(missed), asked, repeated),
        "length_score": length_score(target, report.chars),
        "length_off": abs(report.chars - target) / target,
        "within_10": float(abs(report.chars - target) <= 0.1 * target),
        "chars": report.chars,
        **{s.value.lower(): counts[s] for s in Severity},
        "facts": _share([uses_fact(text, f) for f in brief.facts]),
        "points": _share([makes_point(text, p) for p in brief.points]),
        "expected": (asked - len(missed)) / asked if asked else None,
        "must_not": len(said) if case.forbidden else None,
        "ungrounded": sum(f.code.startswith("G-") and f.severity <= Severity.P1 for f in report.findings),
        "leaks": len(leaked(text, case, exemplars, names)),
        "drift": drift(text, case, embed),
        "repetition": repeated,
        "parallel": numbering.parallelism(headings) if len(headings) > 1 else None,
    }
    return Measured(
        metrics,
        report.findings,
        {r.check: r.outcome.value for r in report.results},
        (*missed, *(f"出现了“{e}”" for e in said)),
        report.score.blocks,
    )


def held_out(report: CheckReport, met: int, asked: int, repeated: float) -> float:
    """Return the share of tests passed that revision never sees.

    They are the checks held out in the registry, the case's own expectations, and repetition within the text.
    """
    outcomes = [r.outcome for r in report.results if r.check in HELD_OUT]
    passed = sum(o is Outcome.PASS for o in outcomes) + met + (repeated <= REPEAT_LIMIT)
    taken = sum(o in {Outcome.PASS, Outcome.FAIL, Outcome.CRASHED} for o in outcomes) + asked + 1
    return passed / taken


def _share(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None


def _gram_list(text: str, size: int) -> list[str]:
    bare = _BARE.sub("", text)
    return [bare[i : i + size] for i in range(len(bare) - size + 1)]


def _grams(text: str, size: int) -> set[str]:
    return set(_gram_list(text, size))
