"""What a client is told of an error: one sentence, without secrets and without places of this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag_speech.mcp_server.places import Places

if TYPE_CHECKING:
    from pydantic import ValidationError

    from rag_speech.config import Settings

_SHORTEST_SECRET = 6
_SAID_OTHERWISE = (
    (
        "give --fresh to start over there, or another --folder",
        "give fresh=true to start over, or another draft name",
    ),
    ("; see: rag-speech occasions", "; the resource rag-speech://occasions lists all"),
    ("give long documents with --material", "give long documents in materials"),
    ("Run the same command again", "Call the same tool again"),
    ("run the same command again", "call the same tool again"),
    ("run the same 'rag-speech draft' command again", "call draft again"),
    ("give a folder that 'rag-speech draft' has filled", "call draft first"),
    ("--size goes with --profile podium", "size goes with profile podium"),
    ("--profile, --template, --comments and --pdf go", "profile podium and comments go"),
)
"""Words for the command line, and what they mean to who calls a tool."""
_PATH = re.compile(r"(?<![\w:/.])(?:[A-Za-z]:\\|/)(?:[^\s/\\:;,'\"]+[/\\])+([^\s/\\:;,'\"]*)")


class Discretion:
    """Turns an error into what may be said of it. ``settings`` name the secrets, ``places`` the folders."""

    def __init__(self, settings: Settings, places: Places) -> None:
        roots = {"drafts": places.drafts, "library": settings.library, "cache": settings.cache_dir}
        if places.files is not None:
            roots["files"] = places.files
        known = [
            (str(p), name) for name, path in roots.items() for p in {path.resolve(), path.absolute(), path}
        ]
        known += [(str(Path.cwd()), "."), (str(Path.home()), "~")]
        self._roots = sorted(((p, n) for p, n in known if Path(p).is_absolute()), key=lambda r: -len(r[0]))
        self._secrets = tuple(_secrets(settings))

    def sentence(self, error: BaseException) -> str:
        """Return what the client is told of an error that the program raised on purpose."""
        return self.clean(" ".join([str(error), *getattr(error, "__notes__", ())]))

    def clean(self, text: str) -> str:
        """Return the text without secrets and without where things lie on this machine, on one line."""
        for secret in self._secrets:
            text = text.replace(secret, "(hidden)")
        for said, meant in _SAID_OTHERWISE:
            text = text.replace(said, meant)
        for path, name in self._roots:
            text = re.sub(rf"{re.escape(path)}(?=$|[^\w.-])", name, text)
        return " ".join(_PATH.sub(r"\1", text).split())


def arguments_sentence(tool: str, error: ValidationError) -> str:
    """Return what is wrong with the first argument that is wrong."""
    first = error.errors(include_url=False, include_input=True)[0]
    where = ".".join(str(step) for step in first["loc"]) or tool
    said = first["msg"].removeprefix("Value error, ")
    if first["type"] == "missing":
        return f"{tool} needs {where}"
    if first["type"] == "extra_forbidden":
        return f"{tool} does not know {where}"
    given = first.get("input")
    shown = f" (got {str(given)[:60]!r})" if isinstance(given, str | int | float) else ""
    return f"{tool}, {where}: {said[:1].lower()}{said[1:]}{shown}"


def unknown_arguments(tool: str, schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> str:
    """Return a sentence on an argument that the tool does not have; empty when all are known."""
    known = list(schema.get("properties", ()))
    for name in arguments:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            return f"{tool} does not know the argument {name[:60]!r}; {hint}"
    return ""


def _secrets(settings: Settings) -> Iterator[str]:
    if settings.api_key is not None:
        yield settings.api_key.get_secret_value()
    yield from (v for v in _texts(settings.extra_body) if len(v) >= _SHORTEST_SECRET)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
