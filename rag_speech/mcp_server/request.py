"""The brief that a client asks for: words, stated fields, materials as text or as documents."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from rag_speech.brief.brief import make_brief
from rag_speech.brief.questions import questions
from rag_speech.brief.request import Understood, understand_request
from rag_speech.errors import BriefError, InputError
from rag_speech.folder import DraftFolder, digest
from rag_speech.mcp_server.inputs import MAX_MATERIAL_CHARS, MAX_MATERIALS, BriefFields, MaterialText
from rag_speech.mcp_server.places import Places
from rag_speech.writer import SpeechWriter


async def brief_of(
    writer: SpeechWriter,
    places: Places,
    request: str,
    fields: BriefFields,
    materials: Sequence[MaterialText],
    files: Sequence[str],
    *,
    fresh: bool,
) -> Understood:
    """Return the brief. The model is asked only about the words of the request, never about the materials.

    The same words are read once, as on the command line; ``fresh`` reads them anew. Raises BriefError, ReadError, ModelError.
    """
    given = fields.stated()
    if documents := await asyncio.to_thread(_documents, places, materials, files):
        given["materials"] = documents
    words = request.strip()
    if not words:
        if "event" not in given:
            raise BriefError("Which event is the speech for? Give request in words, or fields with an event")
        brief = make_brief(given)
        return Understood(brief, (), (), questions=questions(brief, given_occasion=bool(brief.occasion)))
    seen = DraftFolder(writer.settings.cache_dir / "requests")
    name = digest(words, sorted(given.items()), writer.llm.name, writer.prompts.digest)[:24]
    if fresh:
        seen.remove(f"{name}.json")
    return await seen.once(
        name, Understood, lambda: understand_request(words, writer.llm, writer.prompts, given)
    )


def _documents(
    places: Places, materials: Sequence[MaterialText], files: Sequence[str]
) -> list[dict[str, str]]:
    from rag_speech.ingest.readers import read_bytes, read_document

    if len(materials) + len(files) > MAX_MATERIALS:
        raise InputError(
            f"There are {len(materials) + len(files)} materials; at most {MAX_MATERIALS} are taken"
        )
    found = []
    for given in materials:
        read = read_bytes(given.text.encode("utf-8", "replace"), given.name, suffix=".txt")
        found.append({"name": given.name, "text": read.text})
    for file in files:
        path = places.document(file)
        found.append({"name": path.name, "text": read_document(path, name=path.name).text})
    if (chars := sum(len(m["text"]) for m in found)) > MAX_MATERIAL_CHARS:
        raise InputError(
            f"The materials have {chars} characters together; at most {MAX_MATERIAL_CHARS} are taken"
        )
    return found
