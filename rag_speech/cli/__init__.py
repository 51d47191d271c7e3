"""The ``rag-speech`` command: parse, call, print. Every heavy import waits for the command that needs it.

Exit codes: 0 fine, 1 findings or gate failed, 2 usage or input, 3 endpoint or model.
"""

from __future__ import annotations

import os
import sys

import typer

from rag_speech.cli.check import check_command
from rag_speech.cli.corpus import corpus_app
from rag_speech.cli.doctor import doctor_command
from rag_speech.cli.draft import draft_command
from rag_speech.cli.eval import eval_app
from rag_speech.cli.mcp import mcp_command
from rag_speech.cli.model import model_app
from rag_speech.cli.occasions import occasions_command
from rag_speech.cli.render import render_command
from rag_speech.cli.search import search_command
from rag_speech.errors import RagSpeechError

app = typer.Typer(
    name="rag-speech",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Write speeches for Chinese county and municipal occasions: from a brief to a checked draft.",
    epilog='Start with: rag-speech draft "为全县防汛工作会议起草讲话，县长讲，10分钟" -o speech.md',
)
app.command("draft")(draft_command)
app.command("check")(check_command)
app.command("render")(render_command)
app.command("occasions")(occasions_command)
app.command("search")(search_command)
app.add_typer(corpus_app, name="corpus")
app.add_typer(model_app, name="model")
app.add_typer(eval_app, name="eval")
app.command("mcp")(mcp_command)
app.command("doctor")(doctor_command)


@app.callback(invoke_without_command=True)
def root(
    version: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    """Root options."""
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"rag-speech {installed('rag-speech')}")
        raise typer.Exit


def main() -> None:
    """Run the command line. A RagSpeechError becomes one line on stderr and its exit code."""
    try:
        app(standalone_mode=True)
    except (RagSpeechError, ExceptionGroup) as error:
        ours, rest = error.split(RagSpeechError) if isinstance(error, ExceptionGroup) else (error, None)
        if ours is None or rest is not None or os.environ.get("RAG_SPEECH_DEBUG"):
            raise
        first = _first(ours)
        typer.echo(" ".join([f"rag-speech: {first}", *getattr(error, "__notes__", ())]), err=True)
        sys.exit(first.exit_code)


def _first(error: RagSpeechError | ExceptionGroup[RagSpeechError]) -> RagSpeechError:
    return _first(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error
