"""The brief: what a speech must say, checked before anything is spent on it."""

from __future__ import annotations

import datetime
import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from rag_speech.brief.occasions import Occasion, get_occasion, resolve_occasion
from rag_speech.errors import BriefError, NotFoundError
from rag_speech.zh.text import SPEAKING_RATE

Level = Literal["市", "县", "区", "乡镇"]
MAX_MINUTES = 60
MAX_CHARS = MAX_MINUTES * SPEAKING_RATE
_MAX_BYTES = 20 * 1024 * 1024


class Material(BaseModel):
    """A source document of the event: its name and its text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    text: str


class Brief(BaseModel):
    """What the speech is for and what it may say.

    ``chars`` is the length asked for in 字 and wins over ``minutes``. ``facts`` are statements whose figures and
    names may be used; ``points`` what the speaker wants to stress; ``materials`` are source documents of the
    event. ``as_of`` is the day whose wording is current (default: the event's date).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    event: Annotated[str, Field(min_length=1, max_length=120)]
    occasion: str = ""
    level: Level | None = None
    place: Annotated[str, Field(max_length=40)] = ""
    speaker: Annotated[str, Field(max_length=80)] = ""
    speaker_name: Annotated[str, Field(max_length=20)] = ""
    on_behalf: Annotated[str, Field(max_length=80)] = ""
    audience: Annotated[str, Field(max_length=200)] = ""
    guests: tuple[str, ...] = ()
    date: datetime.date | None = None
    minutes: Annotated[float, Field(gt=0, le=MAX_MINUTES)] | None = None
    chars: Annotated[int, Field(ge=200, le=MAX_CHARS)] | None = None
    points: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()
    outline: tuple[str, ...] = ()
    tone: Annotated[str, Field(max_length=80)] = ""
    title: Annotated[str, Field(max_length=80)] = ""
    salutation: Annotated[str, Field(max_length=80)] = ""
    avoid: tuple[str, ...] = ()
    as_of: datetime.date | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_unknown_keys(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            for key in data:
                if key not in cls.model_fields:
                    near = difflib.get_close_matches(str(key), list(cls.model_fields), n=1, cutoff=0.5)
                    hint = (
                        f"did you mean {near[0]!r}?" if near else "known keys: " + ", ".join(cls.model_fields)
                    )
                    raise ValueError(f"unknown key {key!r}; {hint}")
        return data

    @field_validator("occasion")
    @classmethod
    def _known_occasion(cls, value: str) -> str:
        if not value:
            return value
        try:
            return get_occasion(value).id
        except NotFoundError as error:
            raise ValueError(str(error)) from error

    @field_validator("points", "facts", "outline", "guests", "avoid", mode="before")
    @classmethod
    def _one_string_is_a_list_of_one(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @property
    def resolved_occasion(self) -> Occasion | None:
        """The occasion given, or the one that the event's words name."""
        return get_occasion(self.occasion) if self.occasion else resolve_occasion(self.event)

    @property
    def target_chars(self) -> int:
        """The length to write in 字: ``chars``, else minutes at 180 字, else the middle of the occasion's range."""
        if self.chars:
            return self.chars
        if self.minutes:
            return round(self.minutes * SPEAKING_RATE)
        occasion = self.resolved_occasion
        low, high = occasion.length if occasion else (1200, 1800)
        return (low + high) // 2

    @property
    def wording_date(self) -> datetime.date:
        """The day whose political wording applies: ``as_of``, the event's date, or today."""
        return self.as_of or self.date or datetime.date.today()

    @property
    def own_text(self) -> str:
        """All that the brief itself says (without its materials), one statement a line."""
        parts = [
            self.event,
            self.place,
            self.speaker,
            self.speaker_name,
            self.on_behalf,
            self.audience,
            self.title,
        ]
        parts += [*self.guests, *self.points, *self.facts, *self.outline, self.salutation, self.tone]
        if self.date:
            parts.append(f"{self.date.year}年{self.date.month}月{self.date.day}日")
        return "\n".join(p for p in parts if p)


def make_brief(data: Mapping[str, Any]) -> Brief:
    """Build a brief from keyword values. Raises BriefError: one sentence for each thing that is wrong."""
    try:
        return Brief.model_validate(dict(data))
    except ValidationError as error:
        raise BriefError("; ".join(_sentence(e) for e in error.errors())) from error


def load_brief(path: Path) -> Brief:
    """Read a YAML or JSON brief (UTF-8 or GB18030). ``materials`` may name files relative to the brief.

    Raises BriefError for a file that is missing, empty, binary, or says something impossible.
    """
    text = _read_text(path)
    try:
        data = json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        where = " ".join(str(error).split())
        raise BriefError(
            f"Brief {path} is not valid {path.suffix.lstrip('.').upper() or 'YAML'}: {where}"
        ) from error
    if not isinstance(data, dict):
        raise BriefError(f"Brief {path} must be a mapping of keys to values such as 'event: ...'")
    if "materials" in data:
        data["materials"] = [_material(item, path.parent) for item in _as_list(data["materials"])]
    try:
        return make_brief(data)
    except BriefError as error:
        raise BriefError(f"Brief {path}: {error}") from error


def dump_brief(brief: Brief) -> str:
    """Return the brief as YAML that :func:`load_brief` reads back."""
    data = brief.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _material(item: Any, folder: Path) -> Any:
    if isinstance(item, str):
        from rag_speech.ingest.readers import read_document

        return {"name": Path(item).name, "text": read_document(folder / item).text}
    return item


def _read_text(path: Path) -> str:
    if path.is_dir():
        raise BriefError(f"Brief {path} is a folder; give a .yaml or .json file")
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise BriefError(f"Brief {path} does not exist") from error
    except OSError as error:
        raise BriefError(f"Brief {path} cannot be read: {error.strerror}") from error
    if not raw.strip():
        raise BriefError(f"Brief {path} is empty")
    if len(raw) > _MAX_BYTES:
        raise BriefError(f"Brief {path} is over 20 MB; put long documents into 'materials'")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(ord(c) < 32 and c not in "\t\n\r\f" for c in text):
            return text
    raise BriefError(f"Brief {path} is not text; save it as UTF-8 or GBK YAML or JSON")


def _sentence(error: Any) -> str:
    where = ".".join(str(p) for p in error["loc"])
    message = str(error["msg"]).removeprefix("Value error, ").replace("a valid tuple", "a list")
    message = message.replace(
        "a valid dictionary or instance of Material", "a file name, or a mapping with name and text"
    )
    given = error.get("input")
    if isinstance(given, str | int | float) and where:
        return f"{where}: {message} (got {str(given)[:60]!r})"
    return f"{where}: {message}" if where else message
