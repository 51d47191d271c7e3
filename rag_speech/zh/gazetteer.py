"""Lists of names: surnames, administrative places, and what everybody knows (``data/``)."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from rag_speech.zh.name_forms import ORGANISATION, PERSON, PLACE

if TYPE_CHECKING:
    import ahocorasick


@cache
def surnames() -> frozenset[str]:
    """Return the characters that are surnames."""
    raw = resources.files("rag_speech.zh").joinpath("data", "surnames.txt").read_text("utf-8")
    return frozenset("".join(line for line in raw.splitlines() if not line.startswith("#")).replace("\n", ""))


@cache
def well_known() -> ahocorasick.Automaton:
    """Return the names that everybody knows, each with its kind."""
    import ahocorasick

    automaton = ahocorasick.Automaton()
    kind = ""
    data = resources.files("rag_speech.zh") / "data"
    for line in (data / "well_known.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            kind = {"[person]": PERSON, "[place]": PLACE, "[org]": ORGANISATION}[line]
        elif not line.startswith("#"):
            for name in line.split():
                automaton.add_word(name, (name, kind))
    automaton.make_automaton()
    return automaton


@cache
def well_known_names() -> frozenset[str]:
    """Return the same names as a set."""
    return frozenset(well_known().keys())


@cache
def gazetteer() -> ahocorasick.Automaton:
    """Return the full names of provinces, prefectures and counties (青田县)."""
    import ahocorasick

    automaton = ahocorasick.Automaton()
    full = True
    data = resources.files("rag_speech.zh") / "data"
    for line in (data / "places.txt").read_text("utf-8").splitlines():
        name = line.strip()
        if name.startswith("["):
            full = name == "[full]"
        elif name and not name.startswith("#") and full:
            automaton.add_word(name, name)
    automaton.make_automaton()
    return automaton
