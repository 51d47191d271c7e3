"""What an ingestion did, document by document. Small enough to keep for thousands of documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag_speech.speech.outline import Heading


class Action(StrEnum):
    """What became of a document."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    STRUCTURE_ONLY = "structure_only"
    """Added for its outline; its sentences never become exemplars."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Cut:
    """Text that was removed or changed, with what stands around it in the original.

    ``code`` is the rule's class (E-META, D-PLACE ...), ``put`` what stands there now (empty when removed).
    """

    code: str
    text: str
    before: str = ""
    after: str = ""
    put: str = ""


@dataclass(frozen=True, slots=True)
class Guess:
    """A property of the speech: ``confidence`` 0 to 1, ``source`` given, inferred."""

    name: str
    value: str
    confidence: float
    source: str


@dataclass(frozen=True, slots=True)
class IngestItem:
    """One document. ``reason`` is an English sentence where the action needs one; lengths are in 字."""

    name: str
    action: Action
    reason: str = ""
    kind: str = ""
    speech_id: str = ""
    title: str = ""
    occasion: str = ""
    level: str = ""
    chars: int = 0
    original_chars: int = 0
    chunks: Mapping[str, int] = field(default_factory=dict)
    """Number of chunks by role."""
    guesses: tuple[Guess, ...] = ()
    outline: tuple[Heading, ...] = ()
    cuts: tuple[Cut, ...] = ()
    flags: tuple[Cut, ...] = ()
    """What was left in the text but needs an eye: defects of political formulation, words that may be missing."""
    notes: tuple[str, ...] = ()
    """Why its sentences may not be used, in Chinese."""
    near: tuple[str, ...] = ()
    """Ids of stored speeches that say nearly the same."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """An ingestion: ``seconds`` is wall time; ``dry_run`` says that nothing was stored."""

    items: tuple[IngestItem, ...]
    seconds: float = 0.0
    dry_run: bool = False

    @property
    def refused(self) -> tuple[IngestItem, ...]:
        """The documents that could not be read or used."""
        return tuple(item for item in self.items if item.action is Action.REFUSED)

    @property
    def stored(self) -> tuple[IngestItem, ...]:
        """The documents that this run put into the library (or would have, in a dry run)."""
        kinds = (Action.ADDED, Action.UPDATED, Action.STRUCTURE_ONLY)
        return tuple(item for item in self.items if item.action in kinds)

    def counts(self) -> dict[str, int]:
        """Number of documents by action, all actions named."""
        found = Counter(item.action for item in self.items)
        return {action.value: found[action] for action in Action}

    def as_dict(self) -> dict[str, object]:
        """The report as plain values, for JSON."""
        return {
            "counts": self.counts(),
            "seconds": round(self.seconds, 3),
            "dry_run": self.dry_run,
            "items": [asdict(item) for item in self.items],
        }
