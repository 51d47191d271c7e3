"""Applies a review's edits: only where the quote stands once, within bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag_speech.types import Edit
from rag_speech.zh.text import count_zi

MOST_CHANGED = 0.25
"""Share of the speech, in 字, that one round may replace: a review mends, it does not write."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The texts after a round: ``done`` edits stand in them, ``refused`` ones do not, with the reason."""

    texts: Mapping[str, str]
    done: tuple[Edit, ...]
    refused: tuple[tuple[Edit, str], ...]


def apply_edits(
    texts: Mapping[str, str], edits: Sequence[Edit], objection: Callable[[str, str], str]
) -> Outcome:
    """Return the texts with every edit that holds.

    ``objection(before, after)`` says what is wrong with a part's text after an edit, empty when nothing is.
    """
    now = dict(texts)
    budget = MOST_CHANGED * sum(count_zi(t) for t in texts.values())
    done: list[Edit] = []
    refused: list[tuple[Edit, str]] = []
    for edit in edits:
        homes = [i for i, t in now.items() if edit.quote and edit.quote in t]
        size = max(count_zi(edit.quote), count_zi(edit.replacement))
        if not homes:
            refused.append((edit, "稿中没有这句原话"))
        elif len(homes) > 1 or now[homes[0]].count(edit.quote) > 1:
            refused.append((edit, "这句话在稿中不止一处"))
        elif size > budget:
            refused.append((edit, "改动过多"))
        else:
            before = now[homes[0]]
            after = _tidy(before.replace(edit.quote, edit.replacement))
            if not after.strip():
                refused.append((edit, "改后这一部分没有内容了"))
            elif why := objection(before, after):
                refused.append((edit, why))
            else:
                now[homes[0]] = after
                budget -= size
                done.append(edit)
    return Outcome(now, tuple(done), tuple(refused))


def _tidy(text: str) -> str:
    for twice, once in (
        ("。。", "。"),
        ("，，", "，"),
        ("，。", "。"),
        ("。，", "。"),
        ("；。", "。"),
        ("：。", "。"),
        ("？。", "？"),
        ("！。", "！"),
        ("。”。", "。”"),
        ("\n。", "\n"),
        ("\n，", "\n"),
    ):
        text = text.replace(twice, once)
    return "\n".join(line for line in (raw.strip() for raw in text.splitlines()) if line)
