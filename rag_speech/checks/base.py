"""What a check is: a pure function from a context to findings, listed in :mod:`rag_speech.checks.registry`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rag_speech.types import Assignment, Evidence, Exemplar, Finding, Speech

if TYPE_CHECKING:
    from rag_speech.brief.brief import Brief
    from rag_speech.brief.occasions import Occasion


class SharedRuns(Protocol):
    """Finds text shared with known speeches (see :mod:`rag_speech.checks.originality`)."""

    def shared(self, text: str) -> Iterable[object]: ...


@dataclass(frozen=True)
class CheckContext:
    """All that a check may look at.

    ``text`` is the text as given; every span lies in it. ``speech`` is its parsed tree. ``generated`` says that
    the text is a draft of ours, where an unsupported figure is P0. ``as_of`` dates the wording rules. ``assignment`` and ``evidence``
    are what a model read in the brief and its materials, where one did.
    """

    text: str
    speech: Speech
    as_of: date
    occasion: Occasion | None = None
    brief: Brief | None = None
    generated: bool = False
    exemplars: tuple[Exemplar, ...] = ()
    known: SharedRuns | None = None
    rules_files: tuple[str | Path, ...] = ()
    assignment: Assignment | None = None
    evidence: Evidence | None = None
    margins: tuple[str, ...] = ()
    """What stands around the text on its pages: headers, footers, watermarks."""


class NotApplicable(Exception):  # noqa: N818 - an outcome, not an error
    """Raised by a check that has nothing to judge; its text is the reason."""


@dataclass(frozen=True, slots=True)
class Check:
    """A registry row: ``name``, the finding ``codes`` it may raise, and the function."""

    name: str
    family: str
    codes: tuple[str, ...]
    run: Callable[[CheckContext], list[Finding]]
    held_out: bool = False
    """Never used to steer revision, so that evaluation can measure without circularity."""
