"""``rag-speech render``: a draft or any text as a Word file, PDF or provenance page."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ProfileName(StrEnum):
    """The two looks of the Word file."""

    GBT9704 = "gbt9704"
    PODIUM = "podium"


def render_command(
    source: Annotated[
        Path, typer.Argument(metavar="DRAFT|FILE", help="A draft folder, or a speech: txt md html docx pdf.")
    ],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write: .docx .pdf .html (of a draft) .md .txt.")
    ],
    profile: Annotated[
        ProfileName, typer.Option(help="Office page (gbt9704) or large-type reading copy (podium).")
    ] = ProfileName.GBT9704,
    size: Annotated[float | None, typer.Option(help="Type of the reading copy in points, 18 to 24.")] = None,
    template: Annotated[
        Path | None, typer.Option(help="A .docx of the house whose page and styles are taken.")
    ] = None,
    comments: Annotated[bool, typer.Option("--comments", help="Put findings in as Word comments.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also make a PDF (needs LibreOffice).")] = False,
) -> None:
    """Render a draft or a text. What a draft's brief lacked goes into NAME-待核实.txt beside it.

    Examples:

      rag-speech render drafts/20261124-... -o speech.docx --comments --pdf

      rag-speech render speech.txt -o reading-copy.docx --profile podium --size 22
    """
    from rag_speech.render.copy import load_copy
    from rag_speech.render.outputs import check_output, make_look, write_outputs

    look = make_look(profile.value, size=size, template=template, comments=comments, pdf=pdf)
    check_output(output, look)
    for path in write_outputs(load_copy(source, check=comments), output, look):
        typer.echo(str(path))
