"""Finds what the rules forbid: literal words by Aho-Corasick, the few regexes only near their anchors."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from rag_speech.checks.rules_model import Example, Rule, read_rules, row_line
from rag_speech.errors import ConfigError
from rag_speech.types import Finding, Severity, Span

RULES_DIR = Path(__file__).parent / "rules"
EXAMPLE_DAY = date(2026, 11, 20)
"""The day on which a row's examples are judged unless they name their own."""

_ANCHOR_REACH = 80
_ALLOW_REACH = 24
_SENTENCE_REACH = 300
_SENTENCE_END = "。！？；\n"
_CLICHES = "cliches.toml"
_LATIN_WORD = re.compile(r"[A-Za-z0-9]")
_COMMA = re.compile("[，,]")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年")
_PAST = re.compile(r"当年|曾|那年|那时|过去|历史上|回顾|回首|十年前|昔日|时任|上半年|今年\d{1,2}月[到至—]")
"""What puts all that follows it in a sentence into the past."""

_PAST_HERE = re.compile("收官|圆满|成果|结束|完成了|取得了|开展了|先后|历次|历时|上一轮|初期|十[八九]大以来")
"""What puts its own clause, or the clause before it, into the past."""

_AFTERWARDS = re.compile("[^，。；]{0,8}?(?:以来|以后|之后|后(?=，))")
"""What makes the words before it the past (……学习教育开展以来); 入春以来 before them does not."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules ready to match: rows in file order, compiled patterns, one automaton over all literals."""

    rules: tuple[Rule, ...]
    regexes: tuple[re.Pattern[str] | None, ...]
    allow: tuple[tuple[re.Pattern[str], ...], ...]
    allow_near: tuple[tuple[re.Pattern[str], ...], ...]
    near: tuple[tuple[re.Pattern[str], ...], ...]
    automaton: Any
    """pyahocorasick automaton: end offset -> tuples of (rule index, length, is an anchor)."""

    def __len__(self) -> int:
        return len(self.rules)


@dataclass(frozen=True, slots=True)
class _Hit:
    rule: int
    start: int
    end: int
    match: re.Match[str] | None = None


def rule_findings(
    text: str,
    *,
    as_of: date,
    occasion: str | None = None,
    brief_text: str = "",
    rules: RuleSet | None = None,
) -> list[Finding]:
    """Return what the rules find in ``text`` (a speech or a fragment), in order of place.

    ``occasion`` is an occasion's id; a row with ``brief_allows`` keeps quiet about words that stand in
    ``brief_text``. Of overlapping hits the longest stands; a shorter one stays too only where it is graver.
    """
    active = load_rules() if rules is None else rules
    hits = [
        h
        for h in _candidates(text, active, as_of, occasion)
        if not _excused(h, text, active, as_of, brief_text)
    ]
    return [_finding(h, text, active.rules[h.rule]) for h in _longest_first(hits, active.rules)]


def load_rules(extra_files: Sequence[str | Path] = ()) -> RuleSet:
    """Return the packaged rules and those of ``extra_files`` (TOML), compiled once a state of the files.

    An extra file may ``disable`` packaged rows by id. Raises ConfigError naming file, line, row and
    reason; an extra row whose own examples fail is refused too.
    """
    stamps = []
    for file in extra_files:
        path = Path(file)
        if not path.is_file():
            raise ConfigError(f"Rules file {path} does not exist")
        stamps.append((path, path.stat().st_mtime_ns))
    return _load(tuple(stamps))


def example_failures(rule: Rule, rules: RuleSet) -> list[str]:
    """Return one sentence for each example of ``rule`` that does not do what the row says it does."""
    failures = []
    for examples, wanted in ((rule.fires, True), (rule.quiet, False)):
        for example in examples:
            if (rule.id in _fired(example, rules)) is not wanted:
                failures.append(
                    f"row {rule.id!r} {'must' if wanted else 'must not'} fire on {example.text!r}"
                )
    return failures


@cache
def cliche_phrases() -> dict[str, tuple[str, ...]]:
    """Return the lists of worn phrases by name (``set``, ``machine``), for the density check."""
    data = tomllib.loads((RULES_DIR / _CLICHES).read_text("utf-8"))
    return {name: tuple(table["phrases"]) for name, table in data.items()}


@cache
def _load(extra: tuple[tuple[Path, int], ...]) -> RuleSet:
    rows: list[Rule] = []
    for path in sorted(RULES_DIR.glob("*.toml")):
        if path.name != _CLICHES:
            rows += _unique(read_rules(path)[0], rows, path)
    for path, _ in extra:
        added, disabled = read_rules(path)
        unknown = set(disabled) - {r.id for r in rows}
        if unknown:
            raise ConfigError(f"Rules file {path}: 'disable' names an unknown row {min(unknown)!r}")
        rows = [r for r in rows if r.id not in disabled]
        own = compile_rules(_unique(added, rows, path))
        for rule in own.rules:
            if failures := example_failures(rule, own):
                raise ConfigError(f"Rules file {path}, line {row_line(path, rule.id)}: {'; '.join(failures)}")
        rows += added
    return compile_rules(rows)


def compile_rules(rows: Iterable[Rule]) -> RuleSet:
    """Build the automaton and compile the patterns of ``rows``."""
    import ahocorasick

    rules = tuple(rows)
    words: dict[str, list[tuple[int, int, bool]]] = {}
    for index, rule in enumerate(rules):
        for word in rule.pattern:
            words.setdefault(word, []).append((index, len(word), False))
        for word in rule.anchors:
            words.setdefault(word, []).append((index, len(word), True))
    automaton = ahocorasick.Automaton()
    for word, entries in words.items():
        automaton.add_word(word, tuple(entries))
    if words:
        automaton.make_automaton()
    return RuleSet(
        rules=rules,
        regexes=tuple(re.compile(r.regex) if r.regex else None for r in rules),
        allow=tuple(tuple(re.compile(a) for a in r.allow) for r in rules),
        allow_near=tuple(tuple(re.compile(a) for a in r.allow_near) for r in rules),
        near=tuple(tuple(re.compile(a) for a in r.near) for r in rules),
        automaton=automaton,
    )


def _unique(added: list[Rule], before: list[Rule], path: Path) -> list[Rule]:
    seen = {r.id for r in before}
    for rule in added:
        if rule.id in seen:
            raise ConfigError(
                f"Rules file {path}, line {row_line(path, rule.id)}: row {rule.id!r} exists already; "
                "choose another id"
            )
        seen.add(rule.id)
    return added


def _candidates(text: str, rules: RuleSet, as_of: date, occasion: str | None) -> list[_Hit]:
    if not rules.rules or not text:
        return []
    hits: list[_Hit] = []
    applies: dict[int, bool] = {}
    near: dict[int, list[int]] = {}
    for last, entries in rules.automaton.iter(text):
        for index, length, is_anchor in entries:
            if index not in applies:
                applies[index] = rules.rules[index].applies(as_of, occasion)
            if not applies[index]:
                continue
            if is_anchor:
                near.setdefault(index, []).append(last)
            else:
                hits.append(_Hit(index, last + 1 - length, last + 1))
    for index, places in near.items():
        pattern = rules.regexes[index]
        if pattern is not None:
            for low, high in _windows(places, len(text)):
                hits += [_regex_hit(index, m) for m in pattern.finditer(text, low, high)]
    return hits


def _windows(places: list[int], size: int) -> list[tuple[int, int]]:
    windows: list[tuple[int, int]] = []
    for place in places:
        low, high = max(0, place - _ANCHOR_REACH), min(size, place + 1 + _ANCHOR_REACH)
        if windows and low <= windows[-1][1]:
            windows[-1] = (windows[-1][0], high)
        else:
            windows.append((low, high))
    return windows


def _regex_hit(index: int, match: re.Match[str]) -> _Hit:
    group: str | int = "hit" if "hit" in match.re.groupindex else 0
    return _Hit(index, *match.span(group), match)


def _excused(hit: _Hit, text: str, rules: RuleSet, as_of: date, brief_text: str) -> bool:
    rule = rules.rules[hit.rule]
    if rule.word and _inside_latin_word(text, hit):
        return True
    if rule.brief_allows and text[hit.start : hit.end] in brief_text:
        return True
    low, high = max(0, hit.start - _ALLOW_REACH), min(len(text), hit.end + _ALLOW_REACH)
    for pattern in rules.allow[hit.rule]:
        if any(m.start() < hit.end and m.end() > hit.start for m in pattern.finditer(text, low, high)):
            return True
    near = rules.near[hit.rule]
    if not rules.allow_near[hit.rule] and not near and rule.tense == "any":
        return False
    sentence, at = _sentence_around(text, hit)
    if near and not any(p.search(sentence) for p in near):
        return True
    if any(p.search(sentence) for p in rules.allow_near[hit.rule]):
        return True
    return rule.tense == "not_past" and _is_past(sentence, at, as_of, rule.valid_from)


def _inside_latin_word(text: str, hit: _Hit) -> bool:
    before, after = text[hit.start - 1 : hit.start] if hit.start else "", text[hit.end : hit.end + 1]
    return bool(_LATIN_WORD.match(before) or _LATIN_WORD.match(after))


def _sentence_around(text: str, hit: _Hit) -> tuple[str, Span]:
    """Return the sentence of a hit, and where the hit stands in it."""
    low = max(0, hit.start - _SENTENCE_REACH)
    high = min(len(text), hit.end + _SENTENCE_REACH)
    start = max(low, *(text.rfind(c, low, hit.start) + 1 for c in _SENTENCE_END))
    ends = [e for c in _SENTENCE_END if (e := text.find(c, hit.end, high)) >= 0]
    return text[start : min(ends, default=high)], Span(hit.start - start, hit.end - start)


def _is_past(sentence: str, at: Span, as_of: date, valid_from: date | None) -> bool:
    """Say whether the words at ``at`` are spoken of as past, or of a year in which they still held.

    A year counts when it is over and not later than the rule's ``valid_from``.
    """
    clause_end = _COMMA.search(sentence, at.end)
    after = sentence.find("，", clause_end.end()) if clause_end else -1
    near = sentence[sentence.rfind("，", 0, at.start) + 1 : after if after >= 0 else len(sentence)]
    if _PAST.search(sentence, 0, clause_end.start() if clause_end else len(sentence)) or _PAST_HERE.search(
        near
    ):
        return True
    if _AFTERWARDS.match(sentence, at.end) or sentence[at.start : at.end].endswith("以来"):
        return True
    last = min(as_of.year - 1, valid_from.year) if valid_from else as_of.year - 1
    years = [int(y) for y in _YEAR.findall(sentence)]
    years += [as_of.year - ago for word, ago in (("去年", 1), ("前年", 2)) if word in sentence]
    return any(year <= last for year in years)


def _longest_first(hits: list[_Hit], rules: tuple[Rule, ...]) -> list[_Hit]:
    """Keep the longest of overlapping hits; a shorter one only where it is graver than all it overlaps."""
    kept: list[_Hit] = []
    taken: dict[int, Severity] = {}
    for hit in sorted(hits, key=lambda h: (h.start - h.end, rules[h.rule].severity, h.start, h.rule)):
        severity = rules[hit.rule].severity
        places = range(hit.start, hit.end)
        if all(place not in taken or severity < taken[place] for place in places):
            kept.append(hit)
            taken.update((place, severity) for place in places)
    return sorted(kept, key=lambda h: (h.start, h.end))


def _finding(hit: _Hit, text: str, rule: Rule) -> Finding:
    fragment = text[hit.start : hit.end]
    options = [hit.match.expand(r) if hit.match and "\\" in r else r for r in rule.replacement]
    fill = {"hit": fragment, "fix": options[0] if options else ""}
    return Finding(
        code=rule.code,
        severity=rule.severity,
        span=Span(hit.start, hit.end),
        fragment=fragment,
        message=_filled(rule.message, fill),
        suggestion=_filled(rule.suggestion, fill) if rule.suggestion else _suggestion(options),
        rule=rule.id,
        source=rule.source,
        fix=options[0] if len(options) == 1 and rule.mechanical else None,
    )


def _filled(template: str, fill: dict[str, str]) -> str:
    return template.replace("{hit}", fill["hit"]).replace("{fix}", fill["fix"])


def _suggestion(options: list[str]) -> str:
    if not options:
        return ""
    return "、".join(f"改为“{o}”" if o else "删去" for o in options).replace("、改为", "或")


def _fired(example: Example, rules: RuleSet) -> set[str]:
    found = rule_findings(
        example.text,
        as_of=example.as_of or EXAMPLE_DAY,
        occasion=example.occasion,
        brief_text=example.brief,
        rules=rules,
    )
    return {f.rule for f in found}
