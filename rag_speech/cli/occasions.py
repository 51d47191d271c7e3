"""``rag-speech occasions``: the kinds of occasion and what each asks for."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def occasions_command(
    name: Annotated[str | None, typer.Argument(help="Show one occasion in full, by id or name.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """List the occasions, or show one with its moves.

    Example: rag-speech occasions flood_control
    """
    from rag_speech.brief.occasions import get_occasion, occasions

    chosen = [get_occasion(name)] if name else list(occasions().values())
    if as_json:
        rows = [o.model_dump(mode="json") for o in chosen]
        typer.echo(json.dumps(rows[0] if name else rows, ensure_ascii=False, indent=2))
        return
    if not name:
        for o in chosen:
            typer.echo(f"{o.number:>2}  {o.id:<24}{o.name}  {o.length[0]}–{o.length[1]}字  {o.tone}")
        return
    (o,) = chosen
    typer.echo(f"{o.name} ({o.id})\n讲话人：{o.speaker}\n听众：{o.audience}\n语气：{o.tone}")
    typer.echo(f"篇幅：{o.length[0]}–{o.length[1]}字")
    typer.echo(
        f"称呼 {'/'.join(o.salutation)}  开头 {'/'.join(o.opening)}  过渡 {o.transition}  结尾 {'+'.join(o.closing)}"
    )
    for move in o.moves:
        typer.echo(f"  {move.name}（{move.share:.0%}{'，可略' if move.optional else ''}）：{move.say}")
