"""Runs a suite: every case by every system, streamed to disk, resumable after a kill at any moment.

``DIR/work/<key>/`` keeps the stages of a draft of the pipeline, so that a killed run asks no answered call again;
``DIR/drafts/<key>.json`` is written when a draft is done, ``DIR/results.jsonl`` gets a line when it is scored. The
key names all that a draft depends on, so a second run takes what is there and writes only what is missing; the
same drafts in a cache folder serve other runs.
"""

from __future__ import annotations

import asyncio
import datetime
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from rag_speech.errors import InputError, ModelError, StorageError
from rag_speech.evals import provenance
from rag_speech.evals.bench import Reader, info_of, open_benches
from rag_speech.evals.cases import Case
from rag_speech.evals.judge import measured, read_draft, reader_name
from rag_speech.evals.records import (
    CASES,
    MANIFEST,
    RESULTS,
    WORK,
    Manifest,
    Row,
    dump,
    load,
    load_rows,
    save_rows,
)
from rag_speech.evals.scoring import Scorer, with_sameness
from rag_speech.evals.shelf import Shelf
from rag_speech.evals.suite import Suite
from rag_speech.evals.systems import Bench, write
from rag_speech.files import write_atomic

if TYPE_CHECKING:
    from rag_speech.retrieve.library import Library


@dataclass(frozen=True, slots=True)
class Progress:
    """One draft done: its row, how many of how many, and the seconds left as far as one can tell."""

    row: Row
    done: int
    total: int
    left: float
    how: str
    """``written``, ``saved`` (an earlier draft of the same key) or ``kept`` (already scored); and a failure of the judge."""


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class _Item:
    bench: Bench
    case: Case
    seed: int
    run: int
    key: str

    @property
    def place(self) -> tuple[str, str, int, int]:
        return self.bench.system.name, self.case.id, self.seed, self.run


async def run_suite(
    suite: Suite,
    cases: Sequence[Case],
    out: Path,
    *,
    systems: Sequence[str] = (),
    jobs: int | None = None,
    cache: Path | None = None,
    prompts: Path | None = None,
    on_progress: OnProgress | None = None,
) -> list[Row]:
    """Run ``cases`` on the suite's systems (or those named) and return all rows; ``out`` gets the results.

    ``prompts`` replaces every system's prompt set. A case that fails becomes a row with ``error``. Raises
    InputError for an unknown system, ConfigError for bad settings, StorageError when the disk fails.
    """
    chosen = [suite.system(name) for name in systems] if systems else list(suite.systems)
    with open_benches(suite, chosen, prompts) as (benches, judge):
        items = _items(benches, cases, suite)
        library = benches[0].library
        scorer = Scorer(library, suite.prices)
        judge_before = load(Manifest, out / MANIFEST).judge if (out / MANIFEST).is_file() else ""
        others = _start(out, suite, benches, judge, cases)
        kept = _resumable(out, items)
        if judge and judge_before != reader_name(judge.llm, judge.prompts):
            kept = {
                k: replace(r, votes=(), resources={**r.resources, **measured(())}) for k, r in kept.items()
            }
        save_rows(out, [*others, *kept.values()])
        shelf = Shelf(out / "drafts", cache)
        gate = asyncio.Semaphore(jobs or suite.jobs)
        clock = _Clock(len(items))
        rows = dict(kept)

        async def one(item: _Item) -> None:
            async with gate:
                row, how = kept.get(item.place), "kept"
                if row is None:
                    row, how = await _draft_and_score(item, shelf, scorer, out / WORK / item.key)
                if judge and not row.votes and not row.error:
                    try:
                        votes = await read_draft(
                            judge.llm, judge.prompts, item.case, row.text, votes=judge.votes
                        )
                        row = replace(row, votes=votes, resources={**row.resources, **measured(votes)})
                        how = "written" if how == "kept" else how
                    except ModelError as error:  # the draft stands; the next run asks again
                        how = f"{how}; the judge failed: {error}"
                if not how.startswith("kept"):
                    _append(out / RESULTS, row)
                rows[item.place] = row
                if on_progress:
                    on_progress(clock.tick(row, how))

        try:
            async with asyncio.TaskGroup() as group:
                for item in items:
                    group.create_task(one(item))
        finally:
            for llm in {id(b.llm): b.llm for b in benches}.values():
                await llm.aclose()
            if judge:
                await judge.llm.aclose()
        ordered = with_sameness([*others, *(rows[i.place] for i in items)], {c.id: c for c in cases})
        save_rows(out, ordered)
        _finish(out, suite, library)
    return ordered


async def _draft_and_score(item: _Item, shelf: Shelf, scorer: Scorer, folder: Path) -> tuple[Row, str]:
    name, case, seed, run = item.place
    brief = item.case.brief
    row = Row(item.key, case, name, seed, run, item.case.occasion, item.case.tags, brief.target_chars)
    how = "saved"
    try:
        written = shelf.get(item.key)
        if written is None:
            written, how = await write(item.bench, item.case, seed, folder), "written"
            shelf.put(item.key, written)
        return scorer.score(written, item.case, row), how
    except StorageError:
        raise
    except Exception as error:  # one failing case never stops the run
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        return replace(row, error=f"{type(error).__name__}: {error}"), "written"


def _items(benches: Sequence[Bench], cases: Sequence[Case], suite: Suite) -> list[_Item]:
    """Return all drafts to write; the systems of one case stand together, so that a cut-short run has pairs.

    A system's seeds follow one another: a model that keeps the last prompt reads a long brief once for all of them.
    """
    return [
        _Item(bench, case, seed, run, bench.key(case, seed, run))
        for run in range(1, suite.repeats + 1)
        for case in cases
        for bench in benches
        for seed in suite.seeds
    ]


def _resumable(out: Path, items: Sequence[_Item]) -> dict[tuple[str, str, int, int], Row]:
    if not (out / RESULTS).is_file():
        return {}
    found = {row.place: row for row in load_rows(out)}
    return {i.place: row for i in items if (row := found.get(i.place)) and row.key == i.key and not row.error}


def _start(
    out: Path, suite: Suite, benches: Sequence[Bench], judge: Reader | None, cases: Sequence[Case]
) -> list[Row]:
    """Write manifest and cases; return the rows of other systems that an earlier run on the same ground left here."""
    corpus, code = benches[0].corpus[:16], provenance.code_digest()[:16]
    now = {b.system.name: info_of(b, suite) for b in benches}
    systems, others = tuple(now.values()), []
    if (out / MANIFEST).is_file():
        before = load(Manifest, out / MANIFEST)
        if before.suite != suite.name:
            raise InputError(f"{out} holds a run of another suite; give another folder with -o")
        ids = {c.id for c in cases}
        if (before.corpus, before.code) == (corpus, code) and (out / RESULTS).is_file():
            others = [r for r in load_rows(out) if r.system not in now and r.case in ids]
        there = {r.system for r in others}
        systems = (*(s for s in before.systems if s.name in there), *systems)
    head, dirty = provenance.commit()
    manifest = Manifest(
        suite=suite.name,
        started=_now(),
        commit=head,
        dirty=dirty,
        code=code,
        rules=provenance.rules_digest()[:16],
        corpus=corpus,
        versions=provenance.versions(),
        machine=provenance.machine(),
        currency=suite.prices.currency,
        systems=systems,
        seeds=suite.seeds,
        cases=tuple(c.id for c in cases),
        judge=reader_name(judge.llm, judge.prompts) if judge else "",
    )
    write_atomic(out / MANIFEST, dump(Manifest, manifest, indent=1))
    write_atomic(out / CASES, dump(tuple[Case, ...], tuple(cases), indent=1))
    return others


def _finish(out: Path, suite: Suite, library: Library) -> None:
    from rag_speech.evals.retrieval import load_queries, measure_retrieval

    manifest = load(Manifest, out / MANIFEST)
    found = measure_retrieval(library, load_queries(suite.retrieval)).metrics if suite.retrieval else {}
    write_atomic(
        out / MANIFEST, dump(Manifest, replace(manifest, finished=_now(), retrieval=found), indent=1)
    )


def _append(path: Path, row: Row) -> None:
    """Add a line and have it on disk before going on."""
    with path.open("ab") as file:
        file.write(TypeAdapter(Row).dump_json(row) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


class _Clock:
    """Counts what is done and guesses what is left, from the drafts that took time."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.slow = total, 0, 0
        self.began = time.monotonic()

    def tick(self, row: Row, how: str) -> Progress:
        self.done += 1
        self.slow += how == "written"
        pace = (time.monotonic() - self.began) / max(1, self.slow)
        return Progress(row, self.done, self.total, pace * (self.total - self.done), how)
