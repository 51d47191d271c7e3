"""The brief: what a speech must say, checked before anything is spent on it."""

from __future__ import annotations

import datetime
import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from rag_speech.brief.occasions import Occasion, get_occasion, occasion_for
from rag_speech.errors import BriefError, NotFoundError
from rag_speech.zh.text import SPEAKING_RATE

Level = Literal["市", "县", "区", "乡镇"]
MAX_MINUTES = 60
MAX_CHARS = MAX_MINUTES * SPEAKING_RATE
MAX_WORDS = 4000
_MAX_BYTES = 20 * 1024 * 1024
_TEXT_ZI = 200
"""A material given as one string of more characters is its text, else the name of a file."""
_MEANT = {
    "speaker_role": "speaker",
    "role": "speaker",
    "speaker_title": "speaker",
    "free_text": "words",
    "request": "words",
    "note": "words",
    "occasion_zh": "occasion",
    "scene": "occasion",
    "must_not": "avoid",
    "style": "tone",
    "length": "chars",
    "duration": "minutes",
}
"""Keys that other programs' briefs have, and ours for the same thing."""


class Material(BaseModel):
    """A source document of the event: its name and its text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    text: str


class Brief(BaseModel):
    """What the speech is for and what it may say.

    ``chars`` is the length asked for in 字 and wins over ``minutes``. ``facts`` are statements whose figures and
    names may be used: those of ``facts`` must stand in the speech, those of ``may_use`` can. A fact may also be
    given as ``{text, must_use}``. ``points`` are what the speaker wants to stress; ``materials`` source documents
    of the event, or their text; ``words`` the request as the clerk put it, for the model to read. ``as_of`` is the
    day whose wording is current (default: the event's date). Raises BriefError, a sentence for each wrong value.
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
    may_use: tuple[str, ...] = ()
    materials: tuple[Material, ...] = ()
    outline: tuple[str, ...] = ()
    tone: Annotated[str, Field(max_length=80)] = ""
    title: Annotated[str, Field(max_length=80)] = ""
    salutation: Annotated[str, Field(max_length=80)] = ""
    avoid: tuple[str, ...] = ()
    words: Annotated[str, Field(max_length=MAX_WORDS)] = ""
    as_of: datetime.date | None = None

    if not TYPE_CHECKING:  # the type checker keeps the signature that it makes of the fields

        def __init__(self, **data: Any) -> None:
            try:
                super().__init__(**data)
            except ValidationError as error:
                raise BriefError("; ".join(_sentence(e) for e in error.errors())) from error

        __init__.__pydantic_base_init__ = True  # validation inside another model keeps its own errors

    @model_validator(mode="before")
    @classmethod
    def _no_unknown_keys(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            for key in data:
                if key not in cls.model_fields:
                    raise ValueError(f"unknown key {key!r}; {_hint(str(key), list(cls.model_fields))}")
        return data

    @model_validator(mode="before")
    @classmethod
    def _part_facts(cls, data: Any) -> Any:
        """Facts with ``must_use: false`` become ``may_use``."""
        if not isinstance(data, Mapping) or not any(isinstance(f, Mapping) for f in _items(data, "facts")):
            return data
        read = [_fact(f) for f in _items(data, "facts")]
        may = [text for text, must in read if not must]
        return {
            **data,
            "facts": [text for text, must in read if must],
            "may_use": [*_items(data, "may_use"), *may],
        }

    @field_validator("occasion")
    @classmethod
    def _known_occasion(cls, value: str) -> str:
        if not value:
            return value
        try:
            return get_occasion(value).id
        except NotFoundError as error:
            raise ValueError(str(error)) from error

    @field_validator("points", "facts", "may_use", "outline", "guests", "avoid", mode="before")
    @classmethod
    def _one_string_is_a_list_of_its_lines(cls, value: Any) -> Any:
        return _lines(value) if isinstance(value, str) else value

    @field_validator("materials", mode="before")
    @classmethod
    def _a_string_is_a_text(cls, value: Any) -> Any:
        items = _as_list(value) if isinstance(value, str | Mapping | Material) else value
        if not isinstance(items, list | tuple):
            return items
        return [_text_material(item, number) for number, item in enumerate(items, start=1)]

    @property
    def resolved_occasion(self) -> Occasion:
        """The occasion given, or the one that the event's words name, or a neutral one that stands in."""
        return (
            get_occasion(self.occasion)
            if self.occasion
            else occasion_for(self.event, f"{self.speaker}\n{self.words}")
        )

    @property
    def target_chars(self) -> int:
        """The length to write in 字: ``chars``, else minutes at 180 字, else the middle of the occasion's range."""
        if self.chars:
            return self.chars
        if self.minutes:
            return round(self.minutes * SPEAKING_RATE)
        low, high = self.resolved_occasion.length
        return (low + high) // 2

    @property
    def wording_date(self) -> datetime.date:
        """The day whose political wording applies: ``as_of``, the event's date, or today."""
        return self.as_of or self.date or datetime.date.today()

    @property
    def own_text(self) -> str:
        """All that the brief's fields say (without its materials and ``words``), one statement a line.

        The clerk's words are left out because they also tell of what the speaker must not say.
        """
        parts = [
            self.event,
            self.place,
            self.speaker,
            self.speaker_name,
            self.on_behalf,
            self.audience,
            self.title,
        ]
        parts += [*self.guests, *self.points, *self.facts, *self.may_use, *self.outline]
        parts += [self.salutation, self.tone]
        if self.date:
            parts.append(f"{self.date.year}年{self.date.month}月{self.date.day}日")
        return "\n".join(p for p in parts if p)


def make_brief(data: Mapping[str, Any]) -> Brief:
    """Build a brief from keyword values. Raises BriefError: one sentence for each thing that is wrong."""
    return Brief(**{str(key): value for key, value in data.items()})


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


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _items(data: Mapping[Any, Any], key: str) -> list[Any]:
    value = data.get(key)
    return _lines(value) if isinstance(value, str) else [] if value is None else _as_list(value)


def _hint(key: str, known: list[str]) -> str:
    near = _MEANT.get(key.lower()) or next(iter(difflib.get_close_matches(key, known, n=1, cutoff=0.5)), "")
    return f"did you mean {near!r}?" if near else "known keys: " + ", ".join(known)


def _fact(item: Any) -> tuple[Any, bool]:
    """Return the statement and whether it must be used."""
    if not isinstance(item, Mapping):
        return item, True
    text, must = item.get("text"), item.get("must_use", True)
    if not isinstance(text, str) or not isinstance(must, bool) or item.keys() - {"text", "must_use"}:
        raise ValueError(
            f"facts: a fact is a sentence, or a mapping of 'text' to a sentence and 'must_use' to true or false "
            f"(got {str(dict(item))[:60]!r})"
        )
    return text, must


def _is_text(item: str) -> bool:
    return "\n" in item.strip() or len(item) > _TEXT_ZI


def _text_material(item: Any, number: int) -> Any:
    return {"name": f"材料{number}", "text": item} if isinstance(item, str) and _is_text(item) else item


def _material(item: Any, folder: Path) -> Any:
    if not isinstance(item, str) or _is_text(item):
        return item
    from rag_speech.ingest.readers import read_document

    return {"name": Path(item).name, "text": read_document(folder / item).text}


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
        "a valid dictionary or instance of Material",
        f"a mapping with name and text, a text of several lines or over {_TEXT_ZI} 字, or, in a file, a file's name",
    )
    given = error.get("input")
    if isinstance(given, str | int | float) and where:
        return f"{where}: {message} (got {str(given)[:60]!r})"
    return f"{where}: {message}" if where else message
