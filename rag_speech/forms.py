"""The stages' records as YAML that a person can read and change: Chinese keys, nothing that goes without saying."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml

from rag_speech.errors import InputError
from rag_speech.types import Assignment, Evidence, Plan

T = TypeVar("T")

_NAMES = {
    "id": "编号", "text": "原文", "source": "出处", "span": "位置", "said": "改正后", "whose": "谁的", "when": "何时",
    "status": "进展", "use": "用法", "why": "原因", "answers": "回应要点", "say": "讲什么", "manner": "写法", "count": "许诺条数",
    "members": "各条", "settled": "定下的口径", "what": "不得出现", "strings": "禁用字样", "level": "层级", "speaker": "讲话人", "points": "要点",
    "constraints": "不能讲的", "outline": "提纲", "statements": "事实", "pending": "待核实", "unread": "未读",
    "title": "标题", "caption": "署名", "salutation": "称呼", "thesis": "主旨", "numbering": "编号方式", "opening": "开头",
    "transition": "过渡句", "sections": "部分", "closing": "结尾", "thanks": "致谢", "target_zi": "总字数", "reserve": "备用",
    "left_out": "不用的", "heading": "标题", "paragraphs": "段落", "uses": "用哪些", "zi": "字数", "section": "放在",
    "paragraph": "段落", "after": "接在第几段后", "start": "起", "end": "止",
}  # fmt: skip
_HEADS = {
    Assignment: "# 任务书读成这样。可以直接改，改好保存，再运行同一条命令。",
    Evidence: "# 材料读成这样。用法填“可讲”“背景”“不讲”；改好保存，再运行同一条命令。",
    Plan: "# 提纲。标题、段落、字数、用哪些都可以改；改过的部分会重写，没改的照旧。",
}


class _Dumper(yaml.SafeDumper):
    """Writes line separators of the web (U+0085, U+2028) as escapes: bare they would be read back as a space."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    odd = any(c in value for c in "\x85\u2028\u2029")
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if odd else None)


_Dumper.add_representer(str, _text)


def write(kind: type[T], value: T) -> str:
    """Return the record as YAML."""
    head = _HEADS.get(kind, "")
    body = yaml.dump(_plain(value), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6)
    return f"{head}\n{body}" if head else body


def read(kind: type[T], text: str, path: Path) -> T:
    """Return the record that :func:`write` wrote or a person changed.

    Raises InputError, in one sentence that names the file and the place.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    try:
        return TypeAdapter(kind).validate_python(_named(kind, data or {}, path))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = " / ".join(_NAMES.get(str(step), str(step)) for step in first["loc"])
        raise InputError(f"{path}, {where or 'top'}: {first['msg'].removeprefix('Value error, ')}") from error


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        own = ((f, getattr(value, f.name)) for f in fields(value))
        return {_NAMES[f.name]: _plain(v) for f, v in own if v != _default(f)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, tuple | list) else value


def _default(field: Field[Any]) -> Any:
    """Return what a record has where its file says nothing; MISSING where the file has to say something."""
    return field.default if field.default_factory is MISSING else field.default_factory()


def _named(kind: Any, data: Any, path: Path) -> Any:
    """Return ``data`` with the record's own names for its Chinese keys; unknown keys are an error.

    A key whose value was emptied by hand (``致谢:``) is an empty text or list.
    """
    origin = get_origin(kind)
    if data is None and (kind is str or origin is tuple):
        return kind() if kind is str else ()
    if origin in (Union, UnionType):
        return _named(next(a for a in get_args(kind) if a is not type(None)), data, path) if data else None
    if origin is tuple and isinstance(data, list):
        return [_named(get_args(kind)[0], item, path) for item in data]
    if kind is str and isinstance(data, int | float) and not isinstance(data, bool):
        return str(data)  # a part's number, as people write it
    if not is_dataclass(kind) or not isinstance(data, Mapping):
        return data
    record: Any = kind
    names = _fields(record)
    known = {_NAMES[name]: name for name in names} | {name: name for name in names}
    for key in data:
        if key not in known:
            raise InputError(f"{path}: unknown key {key!r}; known are {', '.join(_NAMES[n] for n in names)}")
    return {known[key]: _named(names[known[key]], value, path) for key, value in data.items()}


@cache
def _fields(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in fields(kind)}
