"""Plain text and Markdown with YAML front matter."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag_speech.ingest.readers.base import Document, UnreadableError
from rag_speech.ingest.readers.encoding import decode

_FRONT = re.compile(r"\A---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)
_MAX_FRONT = 64 * 1024
_BLOCK = re.compile(r"^[ \t]{0,3}(?:#{1,6}[ \t]+|>[ \t]?|[-*+][ \t]+(?!\s))")
_RULE = re.compile(r"^[ \t]*(?:([-*_=])(?:[ \t]*\1){2,}|```.*|~~~.*|\|?[ \t:|-]*-{3}[ \t:|-]*)$")
_MAX_RULE = 200
_IMAGE = re.compile(r"(?<!\\)!\[[^\]\n]{0,300}\]\([^)\n]{0,2000}\)")
_LINK = re.compile(r"(?<!\\)\[([^\]\n]{1,300})\]\([^)\n]{0,2000}\)")
_STRONG = re.compile(r"(?<!\\)(\*\*|__)(?=\S)(.{1,300}?)(?<=[^\s\\])\1")
_EMPHASIS = re.compile(r"(?<![\w*\\])\*(?=\S)([^*\n]{1,300}?)(?<=[^\s\\])\*(?![\w*])")
_SPECIAL = re.compile(r"[\\*_\[]|!(?=\[)")
_LEADING = re.compile(r"^([ \t]*)([#>+\-=`~|])")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>|~=])")


def read_text(data: bytes, name: str) -> Document:
    """Read plain text. Raises UnreadableError."""
    text, encoding = decode(data, name)
    return Document(text, {}, "txt", encoding, name)


def read_markdown(data: bytes, name: str) -> Document:
    """Read Markdown: front matter becomes ``meta``, marks of layout go, words and numerals stay.

    Raises UnreadableError, also for front matter that is not a YAML mapping.
    """
    text, encoding = decode(data, name)
    meta, body = split_front_matter(text, name)
    plain = markdown_to_text(body)
    if not plain.strip():
        raise UnreadableError(name, "no_text", "there is no text after the front matter")
    return Document(plain, meta, "md", encoding, name)


def split_front_matter(text: str, name: str) -> tuple[Mapping[str, object], str]:
    """Return front matter (empty mapping when there is none) and the rest. Raises UnreadableError."""
    import yaml

    found = _FRONT.match(text)
    if not found:
        return {}, text
    raw = found.group(1) or ""
    if len(raw) > _MAX_FRONT:
        raise UnreadableError(name, "front_matter", "its front matter is over 64 KB")
    try:
        meta = yaml.safe_load(raw)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        where = " ".join(str(error).split())[:160]
        raise UnreadableError(name, "front_matter", f"its front matter is not valid YAML: {where}") from error
    if meta is None:
        meta = {}
    if not isinstance(meta, dict):
        raise UnreadableError(
            name, "front_matter", "its front matter must be a mapping such as 'occasion: training_opening'"
        )
    return {str(key): value for key, value in meta.items()}, text[found.end() :]


def markdown_to_text(body: str) -> str:
    """Return ``body`` without Markdown's marks; lines stay lines, ordered numerals stay as written."""
    lines = []
    for line in body.split("\n"):
        if len(line) < _MAX_RULE and _RULE.match(line):
            continue
        plain = line
        while (bare := _BLOCK.sub("", plain, count=1)) != plain:
            plain = bare
        lines.append(_inline(plain))
    return "\n".join(lines)


def _inline(line: str) -> str:
    line = _LINK.sub(r"\1", _IMAGE.sub("", line))
    line = _EMPHASIS.sub(r"\1", _STRONG.sub(r"\2", line))
    return _ESCAPE.sub(r"\1", line)


def text_to_markdown(text: str) -> str:
    """Return Markdown that markdown_to_text turns back into ``text``."""
    return "\n".join(_LEADING.sub(r"\1\\\2", _SPECIAL.sub(r"\\\g<0>", line)) for line in text.split("\n"))
