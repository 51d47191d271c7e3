"""What the ``draft`` command was asked for: a brief file, standard input, a text file, or words."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag_speech.brief.request import Understood
    from rag_speech.writer import SpeechWriter

_BRIEF_SUFFIXES = {".yaml", ".yml", ".json"}


async def understand(
    writer: SpeechWriter, request: str, given: Mapping[str, Any], *, fresh: bool, keep: bool
) -> Understood:
    """Return the brief that ``request`` stands for; ``given`` options win over what it says.

    Words are read once: the same words with the same model and prompts give the brief that was understood the
    first time, so that an interrupted draft goes on. ``fresh`` reads them anew, ``keep`` remembers what was read. Raises BriefError or ModelError.
    """
    from rag_speech.brief.brief import load_brief, make_brief
    from rag_speech.brief.questions import questions
    from rag_speech.brief.request import Understood, understand_request
    from rag_speech.folder import DraftFolder, digest

    path = Path(request) if len(request) < 250 and "\n" not in request else None
    if path is not None and path.suffix.lower() in _BRIEF_SUFFIXES:
        brief = load_brief(path)
        brief = make_brief({**brief.model_dump(exclude_defaults=True), **given}) if given else brief
        return Understood(brief, (), (), questions=questions(brief, given_occasion=bool(brief.occasion)))
    text = _words(request, path)
    seen = DraftFolder(writer.settings.cache_dir / "requests" if keep else None)
    name = digest(text, sorted(given.items()), writer.llm.name, writer.prompts.digest)[:24]
    if fresh and seen.has(f"{name}.json"):
        seen.remove(f"{name}.json")
    return await seen.once(
        name, Understood, lambda: understand_request(text, writer.llm, writer.prompts, given)
    )


def asked_of(understood: Understood) -> str:
    """Return what only the clerk can say as comments of a YAML brief, a line each; empty when nothing is open."""
    return "".join(f"# 请确认：{question}\n" for question in understood.questions)


def _words(request: str, path: Path | None) -> str:
    if request == "-":
        from rag_speech.ingest.readers import read_bytes

        return read_bytes(sys.stdin.buffer.read(), "standard input", suffix=".txt").text
    if path is not None and path.is_file():
        from rag_speech.ingest.readers import read_document

        return read_document(path).text
    return request
