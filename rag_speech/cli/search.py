"""``rag-speech search``: what the library would lend to a speech."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag_speech.types import Role


def search_command(
    query: Annotated[str, typer.Argument(help="Words or a sentence, e.g. 请假制度.")],
    *,
    role: Annotated[Role | None, typer.Option(help="Only this part of a speech.")] = None,
    occasion: Annotated[str | None, typer.Option(help="Only this occasion, by id or name.")] = None,
    level: Annotated[str | None, typer.Option(help="Only this level: 市 县 区 乡镇.")] = None,
    k: Annotated[int, typer.Option("-k", "--count", min=1, max=200, help="How many results.")] = 5,
    masked: Annotated[bool, typer.Option("--masked", help="Show the text as a model sees it.")] = False,
    library: Annotated[Path | None, typer.Option("--library", help="Folder of the library.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Search the library by meaning and by words.

    Example: rag-speech search "请假制度" --role point -k 3
    """
    from rag_speech.brief.occasions import get_occasion
    from rag_speech.config import load_settings
    from rag_speech.retrieve.library import open_default_library
    from rag_speech.retrieve.mask import mask

    kind = get_occasion(occasion).id if occasion else None
    with open_default_library(load_settings(library=library)) as store:
        hits = store.search(query, k=k, role=role, occasion=kind, level=level)
        names = {hit.chunk.speech_id: store.get(hit.chunk.speech_id).names for hit in hits} if masked else {}
    shown = [mask(h.chunk.text, names[h.chunk.speech_id]).text if masked else h.chunk.text for h in hits]
    if as_json:
        rows = [{**asdict(hit), "shown": text} for hit, text in zip(hits, shown, strict=True)]
        typer.echo(json.dumps({"query": query, "hits": rows}, ensure_ascii=False, indent=2))
        return
    if not hits:
        typer.echo("nothing found")
    for number, (hit, text) in enumerate(zip(hits, shown, strict=True), start=1):
        chunk = hit.chunk
        where = " › ".join((chunk.speech_id, *chunk.headings))
        ranks = f"meaning #{hit.dense_rank or '-'}, words #{hit.lexical_rank or '-'}"
        typer.echo(f"{number}. {hit.score:.4f} ({ranks})  {chunk.role.value}  {where}")
        typer.echo(f"   {text}\n")
