"""What parts of speeches are about: a part on 值班纪律 is on the theme 作风纪律, and begins as people begin on it.

One TOML file for each theme in ``prompts/themes``: its name, the pattern that finds it in a topic, and beginnings by
facet of the voice ``meeting``. A voice names the theme's facet for each of its own (``theme_facets``); for a voice that
gives no orders, a theme of its own names the ``voice`` and has its facets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag_speech.errors import ConfigError
from rag_speech.prompts import Prompts
from rag_speech.voice import Voice


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme; ``leads`` are its beginnings by facet.

    ``general`` is true of what any work has (责任, 质量, 进度): a theme that names the work itself comes before it.
    ``voice`` is the voice whose own facets the beginnings have; empty for the facets of ``meeting``. ``noun`` is what a
    sentence calls the theme where the topic has no name of its own (抓住厕所、垃圾、污水三件事: 环境整治).
    """

    id: str
    name: str
    match: re.Pattern[str]
    leads: Mapping[str, Sequence[str]]
    general: bool = False
    voice: str = ""
    noun: str = ""

    def rows(self, voice: Voice, facet: str, *, named: bool) -> Sequence[str]:
        """Return the beginnings on a facet of ``voice``, with the theme's noun unless the topic is ``named``.

        There are none where the theme is not for that voice.
        """
        if self.voice:
            rows = self.leads.get(facet, ()) if self.voice == voice.name else ()
        else:
            rows = self.leads.get(voice.theme_facets.get(facet, ""), ())
        return rows if named or not self.noun else [r.replace("{core}", self.noun) for r in rows]


def load_themes(prompts: Prompts) -> tuple[Theme, ...]:
    """Return the themes of a prompt set, none when it has no folder of them. Raises ConfigError for a bad file."""
    return tuple(_theme(prompts, path.stem) for path in sorted((prompts.folder / "themes").glob("*.toml")))


def themes_of(topic: str, themes: Sequence[Theme], voice: str = "") -> list[Theme]:
    """Return the themes that a topic names: only the ``voice``'s own where it has any; else those of the work, then the
    general ones (公文质量: 公文, then 质量), then by how many of its 字 they have, then the last named first (作风 before
    群众 in 联系群众的作风)."""
    ranked = []
    for theme in themes:
        if theme.voice in ("", voice) and (hits := list(theme.match.finditer(topic))):
            rank = (theme.general, -sum(len(m.group()) for m in hits), -hits[-1].end())
            ranked.append((rank, theme))
    found = [theme for _, theme in sorted(ranked, key=lambda r: r[0])]
    return [theme for theme in found if theme.voice] or found


def _theme(prompts: Prompts, name: str) -> Theme:
    table = prompts.data(f"themes/{name}")
    try:
        return Theme(
            table["id"],
            table["name"],
            re.compile(table["match"]),
            table["leads"],
            table.get("general", False),
            table.get("voice", ""),
            table.get("noun", ""),
        )
    except (KeyError, re.error) as error:
        raise ConfigError(f"Theme file {name}.toml is not valid: {error}") from error
