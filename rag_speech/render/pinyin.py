"""Pinyin of rare characters, read in their words."""

from __future__ import annotations

import re

from rag_speech.render.characters import is_rare

_HAN = re.compile("[㐀-鿿\U00020000-\U0003ffff]+")


def rare_readings(line: str) -> dict[int, str]:
    """Return the pinyin with tone marks of the rare characters of a line, by offset. Unknown ones are left out."""
    found: dict[int, str] = {}
    for run in _HAN.finditer(line):
        rare = [at for at, character in enumerate(run.group()) if is_rare(character)]
        if not rare:
            continue
        read = _read(run.group())
        found |= {run.start() + at: read[at] for at in rare if read[at] != run.group()[at]}
    return found


def _read(text: str) -> list[str]:
    """Return one reading a character; a character that the dictionary lacks stands for itself."""
    from pypinyin import Style, pinyin

    read = [sounds[0] for sounds in pinyin(text, style=Style.TONE)]
    if len(read) != len(text):  # unknown characters come in one piece, so each is read alone
        read = [pinyin(character, style=Style.TONE)[0][0] for character in text]
    return read
