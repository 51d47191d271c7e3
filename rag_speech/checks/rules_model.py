"""What a rules file may say: one validated row a rule, refused with file, line, row and reason."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from rag_speech.errors import ConfigError
from rag_speech.types import Severity

OWN = "own"
"""The source of a rule that rests on professional knowledge only; such a rule is P2 or lower."""

Tense = Literal["any", "not_past"]

_MAX_REPEAT = 60
_ROW_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*rule[ \t]*\]\]", re.M)
_REPEAT = re.compile(r"\{(\d*)(,?)(\d*)\}")


class Example(BaseModel):
    """A text that a rule must fire on or leave alone, with what else it needs to be judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, Field(min_length=2)]
    as_of: date | None = None
    occasion: str | None = None
    brief: str = ""


class Rule(BaseModel):
    """A row of a rules file: what to find, when it counts, what to say and how to put it right.

    ``pattern`` lists literal words; a ``regex`` row instead names ``anchors``, literals of which one must
    stand within 80 characters of the match. A named group ``hit`` narrows the span. ``allow`` holds
    patterns that excuse the hit when they match across it, ``allow_near`` when they match anywhere in its
    sentence; ``near`` holds patterns of which one must match in its sentence for the hit to count (女神 is forbidden
    as a title of performers only). ``replacement`` may use the regex's groups (``\\1``); an empty string means "delete".
    ``mechanical`` is false where the one replacement still wants a writer's eye.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(?:[-.][a-z0-9]+)*$")]
    code: Annotated[str, Field(pattern=r"^[A-Z]{1,8}-[A-Z0-9]{2,16}$")]
    severity: Severity
    message: Annotated[str, Field(min_length=4)]
    source: Annotated[str, Field(min_length=2)]
    pattern: tuple[str, ...] = ()
    regex: str = ""
    anchors: tuple[str, ...] = ()
    replacement: tuple[str, ...] = ()
    suggestion: str = ""
    mechanical: bool = True
    word: bool = False
    allow: tuple[str, ...] = ()
    allow_near: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    occasions: tuple[str, ...] = ()
    not_occasions: tuple[str, ...] = ()
    brief_allows: bool = False
    tense: Tense = "any"
    valid_from: date | None = None
    valid_to: date | None = None
    fires: Annotated[tuple[Example, ...], Field(min_length=1)]
    quiet: Annotated[tuple[Example, ...], Field(min_length=1)]

    @field_validator("pattern", "anchors", "replacement", "allow", "allow_near", "near", mode="before")
    @classmethod
    def _one_is_a_list_of_one(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("fires", "quiet", mode="before")
    @classmethod
    def _text_is_an_example(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = [value]
        return [{"text": v} if isinstance(v, str) else v for v in value] if isinstance(value, list) else value

    @field_validator("regex", "allow", "allow_near", "near")
    @classmethod
    def _regexes_are_tame(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for source in (value,) if isinstance(value, str) else value:
            refuse_wild_regex(source)
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if bool(self.pattern) == bool(self.regex):
            raise ValueError("give either 'pattern' (literal words) or 'regex'")
        if bool(self.regex) != bool(self.anchors):
            raise ValueError(
                "a 'regex' needs 'anchors' (a literal must stand near), a 'pattern' must not have them"
            )
        if any(len(w.strip()) < 1 for w in (*self.pattern, *self.anchors)):
            raise ValueError("empty word in 'pattern' or 'anchors'")
        if self.source == OWN and self.severity < Severity.P2:
            raise ValueError("a rule without a published source (source = 'own') may be P2 or P3 only")
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise ValueError("valid_from is later than valid_to")
        return self

    def applies(self, as_of: date, occasion: str | None) -> bool:
        """Say whether the rule counts on this day and at this occasion (an occasion's id)."""
        if (self.valid_from and as_of < self.valid_from) or (self.valid_to and as_of > self.valid_to):
            return False
        if self.occasions and occasion not in self.occasions:
            return False
        return occasion is None or occasion not in self.not_occasions


def refuse_wild_regex(source: str) -> None:
    """Raise ValueError for a regex that does not compile or could take more than linear time.

    Allowed repeats are ``?`` and ``{m,n}`` with n up to 60, and no repeat inside a repeated group.
    """
    try:
        re.compile(source)
    except re.error as error:
        raise ValueError(f"regex {source!r} does not compile: {error}") from error
    open_groups = [False]
    bare = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "x", source)
    closed_with_repeat = False
    at = 0
    while at < len(bare):
        char, step, most = bare[at], 1, 0
        if char == "(":
            open_groups.append(False)
            step += bare.startswith("?", at + 1)
        elif char == ")":
            closed_with_repeat = open_groups.pop()
            open_groups[-1] |= closed_with_repeat
        elif char in "*+":
            raise ValueError(f"regex {source!r} repeats without a limit; write {{0,{_MAX_REPEAT}}} or less")
        elif char == "{" and (repeat := _REPEAT.match(bare, at)):
            most = int(repeat[3] or (0 if repeat[2] else repeat[1]) or _MAX_REPEAT + 1)
            step = len(repeat[0])
            if most > _MAX_REPEAT:
                raise ValueError(f"regex {source!r} repeats more than {_MAX_REPEAT} times")
        if most > 1:
            if bare[at - 1] == ")" and closed_with_repeat:
                raise ValueError(f"regex {source!r} repeats a group that itself repeats")
            open_groups[-1] = True
        at += step


def read_rules(path: Path) -> tuple[list[Rule], list[str]]:
    """Return the rows of a TOML rules file, and the ids of other files' rows that it disables.

    ``[defaults]`` gives values that rows leave out. Raises ConfigError with file, line, row and reason.
    """
    try:
        text = path.read_text("utf-8-sig")
        data = tomllib.loads(text)
    except FileNotFoundError as error:
        raise ConfigError(f"Rules file {path} does not exist") from error
    except OSError as error:
        raise ConfigError(f"Rules file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"Rules file {path} is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"Rules file {path} is not valid TOML: {error}") from error
    unknown = set(data) - {"defaults", "rule", "disable"}
    if unknown:
        raise ConfigError(f"Rules file {path}: unknown key {min(unknown)!r}; known: defaults, rule, disable")
    defaults, rows, disable = data.get("defaults", {}), data.get("rule", []), data.get("disable", [])
    if not isinstance(defaults, dict) or not isinstance(rows, list) or not isinstance(disable, list):
        raise ConfigError(
            f"Rules file {path}: 'defaults' is a table, 'rule' an array of tables, 'disable' a list of ids"
        )
    lines = _row_lines(text)
    return [_rule(path, next(lines, 0), {**defaults, **row}) for row in rows], [str(d) for d in disable]


def row_line(path: Path, row_id: str) -> int:
    """Return the line, from 1, on which the last row with this id begins."""
    text = path.read_text("utf-8-sig")
    ids = [row.get("id") for row in tomllib.loads(text).get("rule", [])]
    lines: dict[object, int] = dict(zip(ids, _row_lines(text), strict=False))
    return lines.get(row_id, 0)


def _row_lines(text: str) -> Iterator[int]:
    return (text.count("\n", 0, m.start()) + 1 for m in _ROW_HEADER.finditer(text))


def _rule(path: Path, line: int, row: dict[str, Any]) -> Rule:
    try:
        return Rule.model_validate(row)
    except ValidationError as error:
        reasons = "; ".join(_sentence(e) for e in error.errors())
        raise ConfigError(
            f"Rules file {path}, line {line}, row {row.get('id', '(no id)')!r}: {reasons}"
        ) from error


def _sentence(error: Any) -> str:
    where = ".".join(str(p) for p in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"unknown key {where!r}; known keys: {', '.join(Rule.model_fields)}"
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
