"""What a speaker says to a fact of the brief: to what is not done yet, to a complaint, to a day that was set.

One table in ``prompts/remarks.toml``: for each kind of fact the voices that speak of it so, the pattern that finds it, and
what can be said to any fact of that kind. A fact that no pattern finds is left to speak for itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag_speech.errors import ConfigError
from rag_speech.prompts import Prompts


@dataclass(frozen=True, slots=True)
class Remarks:
    """What can be said to one kind of fact, by the ``voices`` named; a ``gap`` is what is not as it should be."""

    id: str
    voices: frozenset[str]
    match: re.Pattern[str]
    unless: re.Pattern[str] | None
    rows: Sequence[str]
    gap: bool = False

    def suit(self, fact: str, voice: str) -> bool:
        """Tell whether ``voice`` can say its rows to ``fact``."""
        found = voice in self.voices and self.match.search(fact)
        return bool(found) and not (self.unless and self.unless.search(fact))


def load_remarks(prompts: Prompts) -> tuple[Remarks, ...]:
    """Return the kinds of a prompt set, the most telling first; none when it has no such file.

    Raises ConfigError for a bad file.
    """
    if not (prompts.folder / "remarks.toml").is_file():
        return ()
    try:
        return tuple(
            Remarks(
                name,
                frozenset(table["voices"]),
                re.compile(table["match"]),
                re.compile(table["unless"]) if "unless" in table else None,
                table["rows"],
                table.get("gap", False),
            )
            for name, table in prompts.data("remarks").items()
        )
    except (KeyError, re.error) as error:
        raise ConfigError(f"Prompt file remarks.toml is not valid: {error}") from error
