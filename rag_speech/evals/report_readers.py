"""What the page of a run says of readers: their word on its drafts, and how far the measures agree with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag_speech.evals import charts
from rag_speech.evals.agreement import CODE, Agreement, Between, Study, Summary, study, summarise
from rag_speech.evals.cases import Case
from rag_speech.evals.drafts import draft_id
from rag_speech.evals.judge import consolidate, rules_of
from rag_speech.evals.readings import READINGS, ReaderKind, Reading, load_readings
from rag_speech.evals.records import Item, Row, Violation

KINDS_ZH: dict[ReaderKind, str] = {
    "person": "人",
    "model": "大语言模型，当的是要求严的办公室主任，只看到任务、要点和不署名的稿子",
    "judge": "本程序的阅读模型",
}
MEASURES_ZH = {CODE: "程序得分"}


@dataclass(frozen=True, slots=True)
class Readers:
    """The readers' part of a page. ``own`` are the systems of this run, by those who read its drafts; best first."""

    own: tuple[Summary, ...] = ()
    who: str = ""
    measures: tuple[tuple[str, Agreement], ...] = ()
    between: tuple[Between, ...] = ()
    plots: tuple[str, ...] = ()
    judge: str = ""
    """What is known of the reading model that read this run; empty when none did."""


def readers_of(
    folder: Path | None, cases: Mapping[str, Case], rows: Sequence[Row], judge: str, labels: Mapping[str, str]
) -> Readers:
    """Return what the readings in ``folder`` tell of a run. Raises InputError when a line of them is damaged."""
    if folder is None or not (folder / READINGS).is_file():
        return Readers(judge=f"{judge}：还没有和读者比过" if judge else "")
    found = study(folder, cases)
    ids = {draft_id(r.case, r.text) for r in rows if r.text}
    own = [r for r in found.readers if r.draft in ids]
    named = [(MEASURES_ZH.get(a.measure, a.measure), a) for a in found.measures]
    known = next((a for a in found.measures if a.measure == judge), None)
    said = ""
    if judge:
        said = f"{judge}：{_in_words(known)}" if known else f"{judge}：还没有和读者比过"
    return Readers(
        tuple(summarise(own)),
        _who(own or found.readers),
        tuple(named),
        found.between,
        tuple(_plot(found, a, name, labels) for name, a in named),
        said,
    )


def _in_words(a: Agreement) -> str:
    rho = "算不出" if a.rho is None else f"{a.rho:+.2f}"
    return f"与读者的等级相关{rho}（{a.drafts}篇），能不能递交判对{a.hand_in:.0%}"


def _who(readings: Sequence[Reading]) -> str:
    names: dict[str, set[str]] = defaultdict(set)
    for r in readings:
        names[KINDS_ZH[r.kind]].add(r.reader)
    days = sorted({r.date for r in readings})
    return "；".join(f"{'、'.join(sorted(who))}：{what}" for what, who in names.items()) + (
        f"。{days[0]}" + (f"至{days[-1]}" if days[-1] != days[0] else "") if days else ""
    )


def _plot(found: Study, a: Agreement, name: str, labels: Mapping[str, str]) -> str:
    guesses = found.guesses[a.measure]
    systems = list(dict.fromkeys(t.system for t in found.truths.values()))
    points = [
        charts.Point(
            guesses[d].score,
            t.score,
            systems.index(t.system),
            f"{labels.get(t.system, t.system)} {t.brief}：读者{t.score:.0f}，{name}{guesses[d].score:.0f}",
        )
        for d, t in found.truths.items()
        if d in guesses
    ]
    shown = [labels.get(s, s) for s in systems]
    return charts.scatter(points, shown, x_label=name, y_label="读者平均分", most=100, band=False)


def readings_by_draft(folder: Path | None) -> dict[str, list[Reading]]:
    """Return the filed readings by draft; none without a folder."""
    found: dict[str, list[Reading]] = defaultdict(list)
    if folder is not None and (folder / READINGS).is_file():
        for r in load_readings(folder):
            found[r.draft].append(r)
    return dict(found)


def said_of(
    row: Row, case: Case | None, filed: Mapping[str, Sequence[Reading]], judge: str
) -> list[dict[str, Any]]:
    """Return what was said of a draft, by its run's reading model first, then by readers, for the page's script."""
    rubric = case.rubric if case else ()
    out = []
    own = consolidate(row.votes)
    if own is not None:
        out.append(_said(f"阅读模型 {judge}".strip(), own, rubric, own.reason))
    elif row.votes:
        out.append(
            {"who": "阅读模型", "head": "答得读不出来，不计分", "items": [], "violations": [], "more": []}
        )
    for r in filed.get(draft_id(row.case, row.text), ()):
        if not (r.kind == "judge" and own is not None):
            out.append(_said(f"{'阅读模型' if r.kind == 'judge' else '读者'} {r.reader}", r, rubric, ""))
    return out


def _said(who: str, said: Any, rubric: Sequence[str], reason: str) -> dict[str, Any]:
    items: Sequence[Item] = said.rubric
    violations: Sequence[Violation] = said.violations
    words = [*rubric, *(f"要点{n}" for n in range(len(rubric) + 1, len(items) + 1))]
    more = [f"总的看：{reason}"] if reason else []
    more += [f"最要不得的一句：“{said.worst}”"] if said.worst else []
    return {
        "who": who,
        "head": f"{said.score:.0f}分，{'可以递交' if said.hand_in else '不能递交'}",
        "items": [[w, i.met, i.quote] for w, i in zip(words, items, strict=False)],
        "violations": [[v.rule, v.quote] for v in violations],
        "more": more,
    }


def case_of(case: Case) -> dict[str, Any]:
    """Return what the page shows of a case: what readers go by."""
    return {"rubric": case.rubric, "rules": rules_of(case), "trap": case.trap, "words": case.brief.words}
