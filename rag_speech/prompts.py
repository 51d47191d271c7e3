"""Prompt templates: files in ``prompts/``, strict both ways.

A template that names a variable which is not given, or is given one that it does not name, is an error:
a renamed slot can never pass unnoticed.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from rag_speech.errors import ConfigError
from rag_speech.resources import data_dir


@dataclass(frozen=True)
class Prompts:
    """A prompt set: the folder of templates that a run uses."""

    folder: Path

    @classmethod
    def bundled(cls) -> Prompts:
        """Return the prompt set that the package carries."""
        return cls(data_dir("prompts"))

    def render(self, name: str, /, **values: Any) -> str:
        """Return template ``name`` (``draft/card``) filled in. Raises ConfigError for a slot too many or too few."""
        template, slots = _template(self.folder / f"{name}.md")
        if missing := slots - values.keys():
            raise ConfigError(f"Prompt {name} needs {', '.join(sorted(missing))}")
        if unknown := values.keys() - slots:
            raise ConfigError(f"Prompt {name} has no slot for {', '.join(sorted(unknown))}")
        return str(template.render(**values)).strip()

    def data(self, name: str) -> dict[str, Any]:
        """Return the TOML file ``name``, read once: nobody may change it. Raises ConfigError when it is missing or malformed."""
        return _data(self.folder / f"{name}.toml")

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all prompt files: two runs with the same digest used the same words."""
        total = hashlib.sha256()
        for path in sorted(p for p in self.folder.rglob("*") if p.suffix in {".md", ".toml"}):
            total.update(path.relative_to(self.folder).as_posix().encode())
            total.update(path.read_bytes())
        return total.hexdigest()


@cache
def _template(path: Path) -> tuple[Any, frozenset[str]]:
    from jinja2 import Environment, StrictUndefined, TemplateError, meta

    environment = Environment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=False, lstrip_blocks=False
    )
    try:
        source = path.read_text("utf-8")
        slots = frozenset(meta.find_undeclared_variables(environment.parse(source)))
        return environment.from_string(source), slots
    except (OSError, TemplateError) as error:
        raise ConfigError(f"Prompt {path} cannot be read: {error}") from error


@cache
def _data(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"Prompt data {path} cannot be read: {error}") from error
