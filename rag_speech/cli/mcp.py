"""``rag-speech mcp``: the same craft for assistants and other programs, over the Model Context Protocol."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def mcp_command(
    *,
    folder: Annotated[
        Path | None, typer.Option(help="Folder of drafts (default: drafts_dir of the settings).")
    ] = None,
    files: Annotated[
        Path | None, typer.Option(help="Folder whose documents may be read; without it none is read.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Settings file (default: rag_speech.toml here).")
    ] = None,
    library: Annotated[Path | None, typer.Option(help="Folder of the library.")] = None,
) -> None:
    """Serve understand, plan, draft, check, search and render to a client of the Model Context Protocol.

    Speaks the protocol on standard input and output; a client starts it. Needs: pip install 'rag-speech[mcp]'.

    Example: rag-speech mcp --folder drafts --files 材料
    """
    from rag_speech.config import load_settings
    from rag_speech.errors import ConfigError, NotFoundError

    settings = load_settings(config=config, library=library, drafts_dir=folder)
    if files is not None and not files.is_dir():
        raise NotFoundError(f"The folder of documents {files} does not exist")
    try:
        from rag_speech.mcp_server.server import build_server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise ConfigError("The MCP server needs a package more: pip install 'rag-speech[mcp]'") from error
    from rag_speech.mcp_server.places import Places
    from rag_speech.mcp_server.service import Service
    from rag_speech.writer import SpeechWriter

    if sys.stdin.isatty():
        typer.echo(
            "Speaking MCP on standard input and output; a client starts this, see docs/MCP.md.", err=True
        )
    places = Places(settings.drafts_dir, files)
    build_server(Service(settings, places, SpeechWriter(settings))).run("stdio")
