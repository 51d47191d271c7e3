"""``rag-speech check``: find what a leader would reject, point at it, propose the repair."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag_speech.types import Severity

if TYPE_CHECKING:
    from rag_speech.brief.brief import Brief
    from rag_speech.checks.run import CheckReport
    from rag_speech.config import Settings
    from rag_speech.ingest.readers import Document
    from rag_speech.types import Finding

_STDIN = "-"
_PLAIN = {"txt", "md", "text", "markdown"}


class Format(StrEnum):
    """How the report is written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    HTML = "html"


def check_command(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Speeches: txt md html docx pdf; - is stdin.")
    ],
    *,
    brief: Annotated[
        Path | None, typer.Option("--brief", help="The brief that facts are checked against.")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d"],
            help="Day whose wording is current (default: brief, file, today).",
        ),
    ] = None,
    occasion: Annotated[str | None, typer.Option("--occasion", help="Occasion, by id or name.")] = None,
    output_format: Annotated[Format, typer.Option("--format", help="How to write the report.")] = Format.TEXT,
    min_severity: Annotated[
        Severity, typer.Option("--min-severity", help="Report this severity and graver, and fail on it.")
    ] = Severity.P3,
    fix: Annotated[
        bool, typer.Option("--fix", help="Make the mechanical repairs first and show them.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the report to this file.")
    ] = None,
    library: Annotated[
        Path | None, typer.Option("--library", help="Library to compare with for copying.")
    ] = None,
) -> None:
    """Check speeches for structure, banned wording, residue, facts, copying and language.

    Exit code 0: nothing at or above --min-severity; 1: something found; 2: a file cannot be read (the others are checked). Rules files of your
    own: settings key 'rules'. Example: rag-speech check speech.docx
    """
    from rag_speech.brief.brief import load_brief
    from rag_speech.config import load_settings
    from rag_speech.errors import ReadError

    settings = load_settings(library=library)
    task = load_brief(brief) if brief else None
    reports, unread = [], 0
    for file in files:
        try:
            document = _read(file)
        except ReadError as error:
            if len(files) == 1:
                raise
            typer.echo(f"rag-speech: {error}", err=True)
            unread += 1
            continue
        text = document.text
        if fix:
            text = _fixed(file, document, task, _day(as_of), occasion, settings)
        shown = "stdin" if file == _STDIN else file
        reports.append((shown, _check(text, document, task, _day(as_of), occasion, settings)))
    _write(reports, output_format, min_severity, output, to_stderr=fix and _STDIN in files)
    if unread:
        raise typer.Exit(2)
    if any(report.at_least(min_severity) or _crashed(report, name) for name, report in reports):
        raise typer.Exit(1)


def _crashed(report: CheckReport, name: str) -> bool:
    """Say on stderr which checks broke: a report without them is no clean one."""
    broken = [r for r in report.results if r.outcome == "crashed"]
    for result in broken:
        typer.echo(f"{name}: the check {result.check!r} could not be completed: {result.reason}", err=True)
    return bool(broken)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _read(file: str) -> Document:
    from rag_speech.ingest.readers import read_bytes, read_document

    if file == _STDIN:
        return read_bytes(sys.stdin.buffer.read(), "stdin.txt", classified=True)
    return read_document(Path(file), classified=True)


def _check(
    text: str,
    document: Document,
    brief: Brief | None,
    as_of: date | None,
    occasion: str | None,
    settings: Settings,
    *,
    exclude: Sequence[str] = (),
) -> CheckReport:
    """Check one text; a speech's front matter gives occasion and date where nothing else does."""
    from rag_speech.checks import check
    from rag_speech.checks.originality import known_speeches

    given = document.meta.get("date")
    if as_of is None and brief is None and isinstance(given, date):
        as_of = given
    kind = document.meta.get("occasion")
    if occasion is None and brief is None and isinstance(kind, str):
        occasion = kind
    known = None if "originality" in exclude else known_speeches(settings.library, document.digest)
    return check(
        text,
        brief=brief,
        occasion=occasion,
        as_of=as_of,
        margins=(*document.margins, *(d.text for d in document.dropped)),
        known=known,
        rules_files=settings.rules,
        exclude=exclude,
    )


def _fixed(
    file: str,
    document: Document,
    brief: Brief | None,
    as_of: date | None,
    occasion: str | None,
    settings: Settings,
) -> str:
    """Repair a text and put it where it came from; show the repairs on stderr."""
    from rag_speech.checks.fix import fix_all, show_diff

    def find(text: str) -> tuple[Finding, ...]:
        return _check(text, document, brief, as_of, occasion, settings, exclude=("originality",)).findings

    done = fix_all(document.text, find)
    if file == _STDIN:
        typer.echo(done.text, nl=False)
    elif done.text != document.text:
        where = _save(Path(file), document, done.text)
        typer.echo(show_diff(document.text, done.text), err=True)
        typer.echo(f"{len(done.applied)} repairs made in {where}", err=True)
    return done.text


def _save(path: Path, document: Document, text: str) -> Path:
    """Write the repaired text: into a plain text file itself, beside any other format as ``NAME.fixed.txt``."""
    from rag_speech.errors import StorageError

    encoding = document.encoding or "utf-8"
    target, content = path.with_name(f"{path.stem}.fixed.txt"), text
    try:
        if path.suffix.lstrip(".").lower() in _PLAIN:
            raw = path.read_bytes().decode(encoding)
            if document.text in raw:
                target, content = path, raw.replace(document.text, text, 1)
        target.write_bytes(content.encode(encoding if target == path else "utf-8"))
    except OSError as error:
        raise StorageError(f"Cannot write {target}: {error.strerror}") from error
    return target


def _write(
    reports: Sequence[tuple[str, CheckReport]],
    output_format: Format,
    least: Severity,
    output: Path | None,
    *,
    to_stderr: bool,
) -> None:
    if output_format is Format.TEXT and output is None:
        _print_text(reports, least, to_stderr=to_stderr)
        return
    text = _render(reports, output_format, least)
    if output is None:
        typer.echo(text, err=to_stderr)
        return
    from rag_speech.errors import StorageError

    try:
        output.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise StorageError(f"Cannot write the report {output}: {error.strerror}") from error
    typer.echo(f"report written to {output}", err=True)


def _render(reports: Sequence[tuple[str, CheckReport]], output_format: Format, least: Severity) -> str:
    if output_format is Format.HTML:
        from rag_speech.render.report_html import report_html

        return report_html(reports, least=least)
    if output_format is Format.SARIF:
        from rag_speech.render.report_sarif import report_sarif

        return report_sarif(reports, least=least)
    if output_format is Format.JSON:
        from rag_speech.render.report_json import report_json

        return "\n".join(report_json(report, file, least=least) for file, report in reports)
    from rag_speech.render.report_text import report_text

    return "\n".join(report_text(report, file, least=least).plain for file, report in reports)


def _print_text(reports: Sequence[tuple[str, CheckReport]], least: Severity, *, to_stderr: bool) -> None:
    from rich.console import Console

    from rag_speech.render.report_text import report_text

    console = Console(stderr=to_stderr, soft_wrap=True, highlight=False)
    for file, report in reports:
        console.print(report_text(report, file, least=least))
