"""The 30 kinds of occasion, one TOML file each in ``prompts/occasions``."""

from __future__ import annotations

import difflib
import re
import tomllib
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag_speech.errors import ConfigError, NotFoundError
from rag_speech.resources import data_dir

SalutationClass = Literal["A", "B", "C", "D", "E", "F"]
OpeningType = Literal["O1", "O2", "O3", "O4", "O5"]
TransitionType = Literal["T1", "T2", "T3", "-"]
ClosingType = Literal["Z1", "Z2", "Z3", "Z4", "Z5"]

_TELLING_GENRES = frozenset({"主持词", "述职报告", "党课"})


class Move(BaseModel):
    """One rhetorical move. ``share`` is its part of the speech's 字; ``say`` tells the writer what it is for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    role: Literal["opening", "point", "closing"]
    say: str
    share: Annotated[float, Field(gt=0, le=1)]
    optional: bool = False


class Occasion(BaseModel):
    """A kind of occasion: who speaks to whom, in which moves, frame and length (字)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    number: Annotated[int, Field(ge=1)]
    name: str
    aliases: tuple[str, ...]
    """Words that name the occasion in an event; … stands for at most 8 字 (届…次全会)."""
    speaker: str
    audience: str
    salutation: tuple[SalutationClass, ...]
    opening: tuple[OpeningType, ...]
    transition: TransitionType
    closing: tuple[ClosingType, ...]
    length: tuple[int, int]
    tone: str
    genre: Literal["讲话", "致辞", "发言", "主持词", "党课", "述职报告"] = "讲话"
    promise: str = "意见"
    points: Annotated[int, Field(ge=0, le=8)] = 3
    moves: tuple[Move, ...]
    lexicon: tuple[str, ...] = ()
    """Nouns at home on this occasion: they may appear without support in the brief."""


@cache
def occasions() -> dict[str, Occasion]:
    """Return all occasions by id, in their numbers' order. Raises ConfigError naming a bad file."""
    found = []
    for path in sorted((data_dir("prompts") / "occasions").glob("*.toml")):
        try:
            found.append(Occasion.model_validate(tomllib.loads(path.read_text("utf-8"))))
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            raise ConfigError(f"Occasion file {path.name} is not valid: {error}") from error
    return {o.id: o for o in sorted(found, key=lambda o: o.number)}


def get_occasion(name: str) -> Occasion:
    """Return the occasion with this id or Chinese name. Raises NotFoundError with the nearest choices."""
    every = occasions()
    if name in every:
        return every[name]
    for occasion in every.values():
        if name == occasion.name or name in occasion.aliases:
            return occasion
    words = [*every, *(o.name for o in every.values())]
    near = difflib.get_close_matches(name, words, n=3, cutoff=0.3) or list(every)[:3]
    raise NotFoundError(
        f"Unknown occasion {name!r}; did you mean {', '.join(near)}? See: rag-speech occasions"
    )


def resolve_occasion(text: str) -> Occasion | None:
    """Return the occasion that the words of ``text`` name, by the longest alias found; None when there is none.

    At equal length the alias that stands last wins: 教师节…慰问 is a 慰问. Words that name a genre which one
    occasion alone has (主持词, 述职报告, 党课) win over those that name the meeting.
    """
    best: tuple[int, int, Occasion] | None = None
    for occasion in occasions().values():
        if occasion.genre in _TELLING_GENRES and occasion.genre in text:
            return occasion
        for alias in (occasion.name, *occasion.aliases):
            at = _last(alias, text)
            if at >= 0 and (best is None or (len(alias), at) > best[:2]):
                best = (len(alias), at, occasion)
    return best[2] if best else None


def _last(alias: str, text: str) -> int:
    """Return where ``alias`` stands last in ``text``, -1 where it does not; its … stands for at most 8 字."""
    if "…" not in alias:
        return text.rfind(alias)
    pattern = ".{0,8}".join(map(re.escape, alias.split("…")))
    return max((m.start() for m in re.finditer(f"(?={pattern})", text)), default=-1)
