"""What every stage of one draft works with, handed down as one record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import Occasion
from rag_speech.calls import Calls
from rag_speech.config import Settings
from rag_speech.folder import DraftFolder
from rag_speech.prompts import Prompts
from rag_speech.types import Assignment, Event, Evidence, Exemplar, Stages

if TYPE_CHECKING:
    from rag_speech.checks.base import CheckContext
    from rag_speech.retrieve.library import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One draft's tools. ``library`` opens the library when it is first asked for."""

    brief: Brief
    occasion: Occasion
    settings: Settings
    prompts: Prompts
    calls: Calls
    folder: DraftFolder
    stages: Stages
    library: Callable[[], Library]

    def tell(self, kind: str, text: str, done: int = 0, total: int = 0) -> None:
        """Report progress."""
        self.calls.tell(Event(kind, text, done, total))  # type: ignore[arg-type]

    def context(
        self,
        text: str,
        assignment: Assignment,
        evidence: Evidence,
        exemplars: Sequence[Exemplar] = (),
    ) -> CheckContext:
        """Return what the checks look at for this draft."""
        from rag_speech.checks.originality import known_speeches
        from rag_speech.checks.run import make_context

        return make_context(
            text,
            brief=self.brief,
            occasion=self.occasion,
            generated=True,
            exemplars=exemplars,
            known=known_speeches(self.library().path),
            rules_files=self.settings.rules,
            assignment=assignment,
            evidence=evidence,
        )
