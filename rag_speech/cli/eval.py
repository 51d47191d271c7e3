"""``rag-speech eval``: offline runs that say whether a change made speeches better."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag_speech.evals.cases import Case
    from rag_speech.evals.drafts import DraftText
    from rag_speech.evals.readings import Reading
    from rag_speech.evals.records import Row
    from rag_speech.evals.run import Progress
    from rag_speech.evals.suite import Suite

_NOISY = Path("eval/cases/noisy")
eval_app = typer.Typer(
    no_args_is_help=True,
    help="Measure drafts: run a suite, compare runs, report, judge blind.",
    epilog="Start with: rag-speech eval run eval/suites/smoke.yaml -o out/smoke",
)


@eval_app.command("run")
def run_command(
    suite: Annotated[Path | None, typer.Argument(help="Suite file, e.g. eval/suites/smoke.yaml.")] = None,
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder of the run (default: runs/<suite>).")
    ] = None,
    system: Annotated[list[str] | None, typer.Option(help="Only this system; may be repeated.")] = None,
    cases: Annotated[
        list[Path] | None,
        typer.Option(help="Cases or briefs instead of the suite's: a file or folder; may be repeated."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many cases.")] = None,
    seeds: Annotated[
        str | None, typer.Option(help="Seeds instead of the suite's, with commas: 1,2,3.", metavar="N,N")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Drafts side by side (default: the suite's).")
    ] = None,
    prompts: Annotated[Path | None, typer.Option(help="Another prompt set for every system.")] = None,
    cache: Annotated[
        Path | None, typer.Option(help="Folder of drafts that runs share (default: the user's cache).")
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Neither read nor fill the shared drafts.")
    ] = False,
    no_judge: Annotated[
        bool, typer.Option("--no-judge", help="Leave out the suite's reading model.")
    ] = False,
    rescore: Annotated[
        Path | None, typer.Option(help="Score the saved drafts of this run again; no model is called.")
    ] = None,
    gate: Annotated[
        bool, typer.Option("--gate", help="Exit 1 when a threshold of the suite does not hold.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary as one JSON object and nothing else.")
    ] = False,
) -> None:
    """Run a suite. The same command after an interruption goes on where it stopped.

    Example: rag-speech eval run eval/suites/core.yaml --limit 8 -o runs/core
    """
    from rag_speech.config import load_settings
    from rag_speech.errors import InputError
    from rag_speech.evals.cases import load_cases
    from rag_speech.evals.run import run_suite
    from rag_speech.evals.scoring import rescore as score_again
    from rag_speech.evals.suite import cases_of, load_suite

    if suite is None:
        if rescore is None or gate:
            raise InputError(
                "Name a suite, for example eval/suites/smoke.yaml (only --rescore does without, and not with --gate)"
            )
        own = {c.id: c for c in load_cases(cases)} if cases else {}
        _wrap_up(rescore, None, score_again(rescore, own), gate=False, as_json=as_json)
        return
    spec = load_suite(suite)
    if seeds is not None:
        spec = spec.model_copy(update={"seeds": _seeds(seeds)})
    if no_judge:
        spec = spec.model_copy(update={"judge": None})
    if rescore is not None:
        known = {c.id: c for c in cases_of(spec, paths=tuple(cases or ()))}
        _wrap_up(rescore, spec, score_again(rescore, known), gate=gate, as_json=as_json)
        return
    chosen = cases_of(spec, paths=tuple(cases or ()), limit=limit)
    out = output or Path("runs") / spec.name
    shared = None if no_cache else cache or load_settings().cache_dir / "evals" / "drafts"
    rows = asyncio.run(
        run_suite(
            spec,
            chosen,
            out,
            systems=system or (),
            jobs=jobs,
            cache=shared,
            prompts=prompts,
            on_progress=_tell,
        )
    )
    _wrap_up(out, spec, rows, gate=gate, as_json=as_json)


def _seeds(given: str) -> tuple[int, ...]:
    from rag_speech.errors import InputError

    try:
        return tuple(dict.fromkeys(int(n) for n in given.split(",")))
    except ValueError:
        raise InputError(
            f"Seeds are whole numbers with commas between, for example 1,2,3; not {given!r}"
        ) from None


@eval_app.command("compare")
def compare_command(
    a: Annotated[str, typer.Argument(help="A run's folder, or FOLDER:SYSTEM.")],
    b: Annotated[str, typer.Argument(help="What to compare with it, in the same form.")],
    *,
    metric: Annotated[list[str] | None, typer.Option(help="Only this metric; may be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Print paired differences (B minus A) with 95% intervals, and the cases that changed most.

    Example: rag-speech eval compare runs/core:single_prompt runs/core:full
    """
    from dataclasses import asdict

    from rag_speech.evals.catalogue import HEADLINE, JUDGE, metric_of
    from rag_speech.evals.compare import as_text, compare

    for name in metric or ():
        metric_of(name)
    found = compare(a, b, metrics=tuple(metric) if metric else (*JUDGE, *HEADLINE))
    if as_json:
        typer.echo(json.dumps([asdict(c) for c in found], ensure_ascii=False, indent=2))
        return
    typer.echo("\n\n".join(as_text(c) for c in found))


@eval_app.command("report")
def report_command(
    folder: Annotated[Path, typer.Argument(help="A run's folder.")],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The page (default: report.html in the folder).")
    ] = None,
    cases: Annotated[
        list[Path] | None, typer.Option(help="The cases, for a run that has not kept them; may be repeated.")
    ] = None,
    readings: Annotated[Path | None, typer.Option(help="Folder of readers' readings.")] = None,
) -> None:
    """Write the run's report: one HTML page that needs no network."""
    from rag_speech.evals.cases import load_cases
    from rag_speech.evals.report import write_report
    from rag_speech.files import write_atomic

    path = output or folder / "report.html"
    write_atomic(path, write_report(folder, load_cases(cases) if cases else (), readings))
    typer.echo(f"report: {path}", err=True)


@eval_app.command("blind")
def blind_command(
    drafts: Annotated[
        list[str],
        typer.Argument(
            help="Runs (DIR, DIR:SYSTEM, NAME=DIR:SYSTEM) and folders of texts, one a case (NAME=FOLDER)."
        ),
    ],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="New folder for sheets and answer forms.")],
    cases: Annotated[
        list[Path] | None, typer.Option(help="The cases: a file or folder (default: the first run's).")
    ] = None,
    case: Annotated[list[str] | None, typer.Option(help="Only this case; may be repeated.")] = None,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Two drafts a sheet: which is better, instead of marks.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the shuffle.")] = 1,
) -> None:
    """Write sheets for readers who must not know who wrote what, and empty answer forms.

    Example: rag-speech eval blind runs/noisy hand=drafts/hand --cases eval/cases/noisy -o sheets
    """
    from rag_speech.evals.blind import key_path, write_sheets
    from rag_speech.evals.cases import cases_of_run, choose, load_cases
    from rag_speech.evals.drafts import gather, split_run

    known = (
        {c.id: c for c in load_cases(cases)}
        if cases
        else cases_of_run(split_run(drafts[0].rpartition("=")[2])[0])
    )
    known = {c.id: c for c in choose(list(known.values()), ids=tuple(case or ()))}
    found = gather(drafts, known)
    key = write_sheets(output, found, known, mode="pairs" if pairs else "score", seed=seed)
    typer.echo(
        f"{len(key.sheets)} sheets, {len(found)} drafts in {output}; readers fill in the .json beside each "
        f"sheet and must not see {key_path(output)}",
        err=True,
    )


@eval_app.command("unblind")
def unblind_command(
    sheets: Annotated[Path, typer.Argument(help="The folder that eval blind wrote.")],
    answers: Annotated[
        list[Path] | None,
        typer.Argument(help="Forms filled in, files or folders (default: those in the sheets' folder)."),
    ] = None,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where readings are kept as JSON lines.")
    ] = Path("eval/readings"),
) -> None:
    """Check readers' answers, say who wrote what, and file readings and the drafts that were read.

    Example: rag-speech eval unblind sheets answers/ -o eval/readings
    """
    from rag_speech.evals import readings
    from rag_speech.evals.agreement import readers_table
    from rag_speech.evals.blind import Key, key_path
    from rag_speech.evals.records import load
    from rag_speech.evals.tally import tallies
    from rag_speech.evals.unblind import read_answers

    key = load(Key, key_path(sheets))
    read, preferred, drafts = read_answers(key, tuple(answers or (sheets,)))
    readings.file_drafts(output, drafts)
    if read:
        readings.file_readings(output, read)
        typer.echo(readers_table(read))
    if preferred:
        readings.file_preferences(output, preferred)
    for tally in tallies(preferred):
        typer.echo(tally.sentence)
    typer.echo(f"filed in {output}: {len(read)} readings, {len(preferred)} preferences", err=True)


@eval_app.command("read")
def read_command(
    folder: Annotated[Path, typer.Argument(help="Folder of readings and drafts.")] = Path("eval/readings"),
    *,
    cases: Annotated[list[Path] | None, typer.Option(help="The cases (default: eval/cases/noisy).")] = None,
    votes: Annotated[int, typer.Option(min=1, max=15, help="Readings a draft; the median counts.")] = 3,
) -> None:
    """Have the configured model read the drafts that readers have read, and print how far it agrees with them.

    Example: rag-speech eval read eval/readings --cases eval/cases/noisy
    """
    from rag_speech.config import load_settings
    from rag_speech.evals.cases import load_cases
    from rag_speech.evals.filed import read_filed
    from rag_speech.llm import get_llm
    from rag_speech.prompts import Prompts

    known = load_cases(cases or [_NOISY])

    def tell(draft: DraftText, reading: Reading | None) -> None:
        what = f"{reading.score:.0f}" if reading else "no answer that can be read"
        typer.echo(f"{draft.case} {draft.system}: {what}", err=True)

    llm = get_llm(load_settings())
    work = read_filed(llm, Prompts.bundled(), folder, {c.id: c for c in known}, votes=votes, on_reading=tell)
    unscored = asyncio.run(work)
    if unscored:
        typer.echo(f"{unscored} drafts stay unscored: no answer could be read", err=True)
    _agreement(folder, known, as_json=False)


@eval_app.command("agreement")
def agreement_command(
    folder: Annotated[Path, typer.Argument(help="Folder of readings and drafts.")] = Path("eval/readings"),
    *,
    cases: Annotated[list[Path] | None, typer.Option(help="The cases (default: eval/cases/noisy).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Print how far the reading models and the checks' score agree with readers, and readers among themselves.

    Example: rag-speech eval agreement eval/readings --cases eval/cases/noisy
    """
    from rag_speech.evals.cases import load_cases

    _agreement(folder, load_cases(cases or [_NOISY]), as_json=as_json)


def _agreement(folder: Path, cases: Sequence[Case], *, as_json: bool) -> None:
    from dataclasses import asdict

    from rag_speech.evals.agreement import as_text, readers_table, study

    found = study(folder, {c.id: c for c in cases})
    if as_json:
        shown = {
            "measures": [asdict(a) for a in found.measures],
            "readers": [asdict(b) for b in found.between],
        }
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=1))
        return
    typer.echo(readers_table(found.readers))
    typer.echo("\n" + as_text(found.measures, found.between))


@eval_app.command("judge")
def judge_command(
    folder: Annotated[Path, typer.Argument(help="A run's folder.")],
    a: Annotated[str, typer.Argument(help="One system.")],
    b: Annotated[str, typer.Argument(help="The other system.")],
    *,
    votes: Annotated[int, typer.Option(min=1, max=15, help="Votes a pair, each asked both ways round.")] = 1,
) -> None:
    """Have the configured model say which of two systems' drafts is better, case by case."""
    from rag_speech.config import load_settings
    from rag_speech.evals.pairs import judge_pairs
    from rag_speech.llm import get_llm

    t = asyncio.run(judge_pairs(get_llm(load_settings()), folder, a, b, votes=votes))
    typer.echo(t.sentence)


@eval_app.command("retrieval")
def retrieval_command(
    queries: Annotated[Path, typer.Argument(help="Labelled queries, e.g. eval/retrieval/queries.yaml.")],
    *,
    library: Annotated[Path | None, typer.Option(help="Folder of the library (default: the user's).")] = None,
    embedder: Annotated[str | None, typer.Option(help="Another embedder, e.g. hash.")] = None,
    misses: Annotated[
        bool, typer.Option("--misses", help="List the queries without a relevant hit.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Measure retrieval: hit@k, MRR and nDCG@10 over labelled queries."""
    from rag_speech.config import load_settings
    from rag_speech.evals.retrieval import load_queries, measure_retrieval
    from rag_speech.retrieve.library import open_default_library

    with open_default_library(load_settings(library=library, embedder=embedder)) as store:
        found = measure_retrieval(store, load_queries(queries))
    if as_json:
        typer.echo(json.dumps({"queries": len(found.asked), **found.metrics}, indent=2))
        return
    typer.echo(f"{len(found.asked)} queries  " + "  ".join(f"{k} {v:.3f}" for k, v in found.metrics.items()))
    for asked in found.asked:
        if misses and not asked.ranks:
            typer.echo(f"  missed: {asked.query}")


def _tell(progress: Progress) -> None:
    """One line a draft on stderr, with the time left."""
    row = progress.row
    head = f"[{progress.done}/{progress.total}] {row.system} {row.case} seed {row.seed}"
    if row.error:
        what = f"FAILED {row.error}"
    else:
        what = f"score {row.metric('score'):.1f}, {row.metric('chars'):.0f}/{row.target} 字, {row.metric('seconds'):.1f} s"
    how = "" if progress.how == "written" else f" ({progress.how})"
    left = f", about {_duration(progress.left)} left" if progress.done < progress.total else ""
    typer.echo(f"{head}: {what}{how}{left}", err=True)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _wrap_up(folder: Path, suite: Suite | None, rows: list[Row], *, gate: bool, as_json: bool) -> None:
    """Write summary, JUnit and report; print the table; leave with 1 when the gate does not hold."""
    from rag_speech.evals.summary import finish

    end = finish(folder, suite, rows)
    if as_json:
        typer.echo(end.json)
    else:
        typer.echo(end.table)
        for outcome in end.outcomes:
            if not outcome.passed or gate:
                typer.echo(f"{'ok    ' if outcome.passed else 'FAILED'} {outcome.sentence}", err=True)
        typer.echo(f"results: {folder}/  (report.html, summary.json, junit.xml)", err=True)
    if gate and not all(o.passed for o in end.outcomes):
        raise typer.Exit(1)
