"""How a draft came to be, kept beside it for the provenance page."""

from __future__ import annotations

from dataclasses import dataclass

from rag_speech.types import Plan


@dataclass(frozen=True, slots=True)
class Trace:
    """The final plan, the text of each of its cards by id, and the settings that shaped the draft."""

    plan: Plan
    texts: dict[str, str]
    settings: dict[str, str]
