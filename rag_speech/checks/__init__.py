"""Checks of a speech: structure, banned wording, residue, grounding, originality, language; score and report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag_speech.brief.brief import Brief
    from rag_speech.checks.base import SharedRuns
    from rag_speech.checks.run import CheckReport
    from rag_speech.types import Exemplar

__all__ = ["CheckReport", "check"]


def check(
    text: str,
    *,
    brief: Brief | None = None,
    occasion: str | None = None,
    as_of: date | None = None,
    generated: bool = False,
    exemplars: Sequence[Exemplar] = (),
    known: SharedRuns | None = None,
    rules_files: Sequence[str | Path] = (),
    only: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    margins: Sequence[str] = (),
) -> CheckReport:
    """Check a speech and return findings, score and verdict; spans are code-point offsets into ``text``.

    ``occasion`` is an id or name (default: what brief, title or opening name); ``as_of`` is the day whose wording
    is current (default: the brief's, else the day in the caption or the year in the title, else today); ``generated``
    raises invented figures and names to P0; ``known`` are speeches it must not copy. ``only`` and ``exclude`` take names or
    family letters; ``margins`` are what stands around the text on its pages (headers, footers, watermarks:
    :attr:`Document.margins`). Raises InputError for an empty text, NotFoundError
    for an unknown occasion, ConfigError for a bad rules file.
    """
    from rag_speech.checks.run import make_context, run_checks

    context = make_context(
        text,
        brief=brief,
        occasion=occasion,
        as_of=as_of,
        generated=generated,
        exemplars=exemplars,
        known=known,
        rules_files=rules_files,
        margins=margins,
    )
    return run_checks(context, only=only, exclude=exclude)


def __getattr__(name: str) -> Any:
    if name == "CheckReport":
        from rag_speech.checks.run import CheckReport

        return CheckReport
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
