"""The report of a run as one self-contained page: tables, charts, and every draft with what was found in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag_speech.checks.registry import CHECKS
from rag_speech.evals import charts
from rag_speech.evals.cases import Case, cases_of_run
from rag_speech.evals.catalogue import HEADLINE, JUDGE, metric_of
from rag_speech.evals.readings import Reading
from rag_speech.evals.records import MANIFEST, Manifest, Measured, Row, load, load_rows
from rag_speech.evals.report_readers import case_of, readers_of, readings_by_draft, said_of
from rag_speech.evals.stats import mean_interval
from rag_speech.evals.tally import by_case, by_system, mean, shown, values_of
from rag_speech.render.report_html import cut_lines

if TYPE_CHECKING:
    from jinja2 import Template

CHECK_NAMES = {
    "title": "标题", "caption": "署名日期", "salutation": "称呼", "opening": "开头过渡", "closing": "结尾",
    "length": "篇幅", "promises": "点数相符", "numerals": "序号", "series": "序列用语", "parallel": "标题对仗",
    "paragraphs": "段长句长", "breaks": "断行", "rules": "禁用词", "agreement": "政治表述", "level": "层级", "disciplines": "六大纪律",
    "placeholders": "占位符", "scrape": "网页残留", "residue": "机器痕迹", "facts": "事实依据", "quotes": "引语",
    "privacy": "涉密隐私", "commitments": "承诺语气", "originality": "原创", "cliche": "套话", "punctuation": "标点",
    "numbers": "数字用法", "times": "时间用语", "concrete": "有实事", "wording": "字词",
}  # fmt: skip
TASK_BLOCK = "忠于任务"
"""The block of the score that holds a draft against its brief."""
_COLUMNS = 18
"""Codes shown in the heat map, the most frequent first."""


def write_report(folder: Path, given: Sequence[Case] = (), readings: Path | None = None) -> str:
    """Return the page for a run; ``given`` cases stand in for those it has not kept.

    With a folder of ``readings`` it shows what readers say, and how far the measures agree with them. Raises
    InputError.
    """
    manifest = load(Manifest, folder / MANIFEST)
    rows = load_rows(folder)
    known = cases_of_run(folder, given)
    cases = [known[name] for name in dict.fromkeys(r.case for r in rows) if name in known]
    labels = {s.name: s.label for s in manifest.systems}
    groups = {labels.get(name, name): own for name, own in by_system(rows).items()}
    done = {name: [r for r in own if r.final] for name, own in groups.items()}
    first = next(iter(groups), "")
    return _template().render(
        manifest=manifest,
        drafts=len(rows),
        errors=[r for r in rows if r.error],
        readers=readers_of(readings, known, rows, manifest.judge, labels),
        labels=labels,
        blocks=_blocks(done),
        form_only=form_only(rows),
        table=_table(groups),
        systems=list(groups),
        strips=charts.strips({n: values_of(own, "score") for n, own in done.items()}),
        bars=charts.bars(_pass_rates(done), list(done)),
        scatter=charts.scatter(
            [
                charts.Point(
                    r.target, r.metric("chars") or 0, k, f"{name} {r.case}：{r.metric('chars'):.0f}字"
                )
                for k, (name, own) in enumerate(done.items())
                for r in own
            ],
            list(done),
            x_label="要求字数",
            y_label="实际字数",
        ),
        heat=_heat(done),
        dumbbells=charts.dumbbells(_first_to_final(done.get(first, []))),
        first=first,
        cases=cases,
        data=_data(groups, known, readings_by_draft(readings), manifest.judge),
    )


def _table(groups: dict[str, list[Row]]) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Return a line a metric: its label, then each system's mean, its interval, and whether it is the best."""
    out = []
    for name in (*JUDGE, *HEADLINE, "cost"):
        metric = metric_of(name)
        means = [mean(values_of(own, name)) for own in groups.values()]
        there = [m for m in means if m is not None]
        if not there:
            continue
        best = min(there) if metric.better == "lower" else max(there)
        cells = []
        for own, value in zip(groups.values(), means, strict=True):
            spread = list(by_case(own, name).values())
            interval = ""
            if len(spread) > 1:
                _, low, high = mean_interval(spread)
                interval = f"{low:.{metric.digits}f}～{high:.{metric.digits}f}"
            cells.append((shown(name, value), interval, value == best and len(set(there)) > 1))
        arrow = {"higher": "↑", "lower": "↓", "neither": ""}[metric.better]
        out.append((f"{metric.label} {arrow}", cells))
    return out


def form_only(rows: Sequence[Row]) -> bool:
    """Tell whether no draft was held against its brief: then a score speaks of form alone."""
    scored = [r.final for r in rows if r.final]
    return bool(scored) and not any(b.name == TASK_BLOCK for m in scored for b in m.blocks)


def _blocks(done: dict[str, list[Row]]) -> list[tuple[str, float, list[float | None]]]:
    """Return the mean points of each block of the score, and what it gives at most, for each system."""
    found = {name: [b for r in own if r.final for b in r.final.blocks] for name, own in done.items()}
    full = {b.name: b.full for blocks in found.values() for b in blocks}
    return [
        (name, most, [mean([b.points for b in blocks if b.name == name]) for blocks in found.values()])
        for name, most in full.items()
    ]


def _pass_rates(done: dict[str, list[Row]]) -> list[tuple[str, list[float | None]]]:
    out = []
    for check in CHECKS:
        rates: list[float | None] = []
        for own in done.values():
            outcomes = [r.final.checks.get(check.name, "") for r in own if r.final]
            judged = [o for o in outcomes if o in {"pass", "fail", "crashed"}]
            rates.append(sum(o == "pass" for o in judged) / len(judged) if judged else None)
        held = "（留出）" if check.held_out else ""
        out.append((CHECK_NAMES.get(check.name, check.name) + held, rates))
    return out


def _heat(done: dict[str, list[Row]]) -> str:
    counts = {
        name: Counter(f.code for r in own if r.final for f in r.final.findings) for name, own in done.items()
    }
    total: Counter[str] = sum(counts.values(), Counter())
    codes = [code for code, _ in total.most_common(_COLUMNS)]
    rows = [(name, [counts[name][code] / max(1, len(own)) for code in codes]) for name, own in done.items()]
    return charts.heat(rows, codes)


def _first_to_final(rows: Sequence[Row]) -> list[tuple[str, float, float]]:
    before, after = by_case(rows, "first.score"), by_case(rows, "score")
    return [(case, before[case], after[case]) for case in after if case in before]


def _data(
    groups: dict[str, list[Row]],
    cases: Mapping[str, Case],
    filed: Mapping[str, Sequence[Reading]],
    judge: str,
) -> str:
    """Return what the page's case browser shows, as JSON that is safe inside a script element."""
    drafts = []
    for name, own in groups.items():
        for row in own:
            drafts.append(
                {
                    "system": name,
                    "case": row.case,
                    "take": f"种子{row.seed}·第{row.run}次",
                    "error": row.error,
                    "target": row.target,
                    "final": _version(row.text, row.final),
                    "first": _version(row.first_text, row.first),
                    "said": said_of(row, cases.get(row.case), filed, judge),
                }
            )
    shown = {"drafts": drafts, "cases": {c.id: case_of(c) for c in cases.values()}}
    text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _version(text: str, measured: Measured | None) -> dict[str, Any] | None:
    if measured is None:
        return None
    lines = [
        [[p.text, p.style, p.title] if p.rows else p.text for p in line]
        for line in cut_lines(text, measured.findings)
        if line
    ]
    findings = [[f.severity.value, f.code, f.message, f.fragment[:40]] for f in measured.findings]
    chars = measured.metrics.get("chars") or 0
    return {
        "lines": lines,
        "findings": findings,
        "missed": measured.missed,
        "score": measured.metrics.get("score"),
        "chars": chars,
    }


@cache
def _template() -> Template:
    from jinja2 import Environment

    source = resources.files("rag_speech.evals").joinpath("report.html.j2").read_text("utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
