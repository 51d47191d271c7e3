"""How a draft came to be, kept beside it for the provenance page."""

from __future__ import annotations

from dataclasses import dataclass, field

from rag_speech.types import Edit, Exemplar, Plan, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The final plan, the text and exemplars of each of its parts by id, the statements, the edits of the review.

    ``edits`` were applied, ``refused`` were not, each with the reason; ``settings`` shaped the draft.
    """

    plan: Plan
    texts: dict[str, str]
    statements: tuple[Statement, ...] = ()
    exemplars: dict[str, tuple[Exemplar, ...]] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    refused: tuple[tuple[Edit, str], ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
