"""Scores drafts, fresh or saved; needs the library for its embedder and its speeches, and no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rag_speech.config import load_settings
from rag_speech.errors import InputError
from rag_speech.evals import provenance
from rag_speech.evals.bench import open_eval_library
from rag_speech.evals.cases import Case, cases_of_run
from rag_speech.evals.judge import measured
from rag_speech.evals.metrics import measure, resources, sameness
from rag_speech.evals.records import (
    MANIFEST,
    Manifest,
    Measured,
    Row,
    Written,
    dump,
    load,
    load_rows,
    save_rows,
)
from rag_speech.evals.shelf import Shelf
from rag_speech.evals.suite import Prices
from rag_speech.files import write_atomic

if TYPE_CHECKING:
    from rag_speech.checks.base import SharedRuns
    from rag_speech.retrieve.library import Library


@dataclass(frozen=True)
class Scorer:
    """Measures drafts against one library, at one set of prices."""

    library: Library
    prices: Prices

    def score(self, written: Written, case: Case, row: Row) -> Row:
        """Return ``row`` with everything measured of the final and, where it is another text, the first draft."""
        changed = written.first_text != written.text
        return replace(
            row,
            text=written.text,
            first_text=written.first_text if changed else "",
            final=self._measure(written.text, written, case),
            first=self._measure(written.first_text, written, case) if changed else None,
            resources={**resources(written, self.prices), **measured(row.votes)},
            error="",
        )

    def _measure(self, text: str, written: Written, case: Case) -> Measured:
        return measure(
            text,
            case,
            exemplars=written.exemplars,
            names=written.names,
            known=self._known,
            embed=lambda texts: self.library.embedder.embed(texts, "query"),
        )

    @cached_property
    def _known(self) -> SharedRuns | None:
        from rag_speech.checks.originality import known_speeches

        return known_speeches(self.library.path)


def rescore(folder: Path, cases: Mapping[str, Case] | None = None) -> list[Row]:
    """Score a run's saved drafts again, without a model, and save the rows. ``cases`` replaces the run's own.

    Raises InputError when ``folder`` holds no run, has not kept a draft, or lacks a case.
    """
    manifest = load(Manifest, folder / MANIFEST)
    own = cases_of_run(folder, (cases or {}).values())
    shelf = Shelf(folder / "drafts", None)
    info = manifest.systems[0].settings
    rows = []
    with open_eval_library(load_settings(embedder=info["embedder"]), info.get("library", "")) as library:
        scorer = Scorer(library, Prices.model_validate_json(info["prices"]))
        for row in load_rows(folder):
            if row.error:
                rows.append(row)
                continue
            written = shelf.get(row.key)
            if written is None:
                raise InputError(
                    f"{folder} has not kept its draft of {row.case}; only a whole run can be scored again"
                )
            if row.case not in own:
                raise InputError(
                    f"{folder} has a draft of {row.case}, which is none of the cases; name them with --cases"
                )
            rows.append(scorer.score(written, own[row.case], row))
    rows = with_sameness(rows, own)
    save_rows(folder, rows)
    write_atomic(
        folder / MANIFEST, dump(Manifest, replace(manifest, rules=provenance.rules_digest()[:16]), indent=1)
    )
    return rows


def with_sameness(rows: Sequence[Row], cases: Mapping[str, Case]) -> list[Row]:
    """Set how much each draft shares with the same system's drafts of other cases, seed by seed."""
    takes = {(r.system, r.seed, r.run) for r in rows}
    found: dict[tuple[str, str, int, int], float | None] = {}
    for take in takes:
        own = {r.case: r for r in rows if (r.system, r.seed, r.run) == take and r.text}
        shares = sameness({k: r.text for k, r in own.items()}, {k: cases[k].allowed for k in own})
        found |= {own[case].place: share for case, share in shares.items()}
    return [replace(r, resources={**r.resources, "sameness": found.get(r.place)}) for r in rows]
