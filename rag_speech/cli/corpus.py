"""``rag-speech corpus``: put speeches into the library, look at them, take them out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from rag_speech.ingest.records import IngestItem, IngestReport
    from rag_speech.retrieve.library import Library, LibraryStats
    from rag_speech.speech.outline import Heading
    from rag_speech.types import Chunk, StoredSpeech

_Member = TypeVar("_Member", "StoredSpeech", "Chunk")

corpus_app = typer.Typer(
    no_args_is_help=True, help="Speeches in the library: add, list, show, remove, count, export."
)

LibraryOption = Annotated[
    Path | None, typer.Option("--library", help="Folder of the library (default: the configured one).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@corpus_app.command()
def add(
    paths: Annotated[
        list[Path], typer.Argument(help="Documents, folders or zips: txt md html docx pdf doc wps.")
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and clean, store nothing.")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write an HTML report of what was removed.")
    ] = None,
    occasion: Annotated[
        str | None, typer.Option(help="Occasion of all these speeches, by id or name.")
    ] = None,
    level: Annotated[str | None, typer.Option(help="Level of all these speeches: 市 县 区 乡镇.")] = None,
    place: Annotated[str | None, typer.Option(help="Place of all these speeches.")] = None,
    year: Annotated[int | None, typer.Option(help="Year of all these speeches.")] = None,
    bundled: Annotated[
        bool, typer.Option(help="Put the bundled speeches into an empty library first.")
    ] = True,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Clean, understand and store speeches. A second run adds only what changed.

    One bad file never stops the rest; each gets one line, and the exit code is then 1.

    Examples:

      rag-speech corpus add speeches/ --report report.html

      rag-speech corpus add 讲话.docx --occasion 开班式 --level 县
    """
    from rag_speech.ingest.report import write_report
    from rag_speech.ingest.run import ingest

    overrides = {"occasion": occasion, "level": level, "place": place, "year": year}
    with _opened(library, bundled=bundled and not dry_run) as store:
        with _progress(quiet=as_json) as step:
            done = ingest(
                paths,
                store,
                overrides={key: value for key, value in overrides.items() if value is not None},
                dry_run=dry_run,
                progress=step,
            )
        if report is not None:
            stats = store.stats()
            counts = {"occasion": stats.by_occasion, "level": stats.by_level, "role": stats.by_role}
            write_report(done, report, None if dry_run else counts)
    _say_json(done.as_dict()) if as_json else _say_report(done, report)
    if done.refused:
        raise typer.Exit(1)


@corpus_app.command("list")
def list_speeches(
    occasion: Annotated[str | None, typer.Option(help="Only this occasion, by id or name.")] = None,
    level: Annotated[str | None, typer.Option(help="Only this level.")] = None,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the stored speeches."""
    from rag_speech.brief.occasions import get_occasion

    wanted = get_occasion(occasion).id if occasion else None
    with _opened(library) as store:
        found = [
            s
            for s in store.speeches()
            if (wanted is None or s.occasion == wanted) and (level is None or s.level == level)
        ]
    if as_json:
        _say_json({"speeches": [_row(s) for s in found]})
        return
    _say_table(
        ("id", "title", "occasion", "level", "year", "字"),
        [(s.id, s.title, s.occasion, s.level, str(s.year or ""), str(s.chars)) for s in found],
    )


@corpus_app.command()
def show(
    speech_id: Annotated[str, typer.Argument(metavar="ID", help="Id of a stored speech, or how it begins.")],
    text: Annotated[bool, typer.Option("--text", help="Print the cleaned text instead of the tree.")] = False,
    original: Annotated[bool, typer.Option("--original", help="Print the text as it was read.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a speech: what is known of it and its tree of headings."""
    from rag_speech.speech.outline import outline
    from rag_speech.speech.parse import parse

    with _opened(library) as store:
        speech = _find(store, speech_id)
    if text or original:
        typer.echo(speech.original if original else speech.text)
        return
    tree = parse(speech.text)
    headings = outline(tree, inline=True)
    if as_json:
        _say_json({**_row(speech), "outline": [asdict(h) for h in headings]})
        return
    for name, value in _row(speech).items():
        if value not in ("", None, False):
            typer.echo(f"{name:>15}  {value}")
    typer.echo()
    typer.echo(tree.title or speech.title)
    for label, words in (("", tree.salutation), ("", tree.transition)):
        if words:
            typer.echo(f"├ {label}{words}")
    _say_tree(headings, "")


@corpus_app.command()
def remove(
    speech_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of stored speeches.")],
    library: LibraryOption = None,
) -> None:
    """Take speeches out of the library. The files they came from are not touched."""
    with _opened(library) as store:
        for speech_id in speech_ids:
            store.remove(speech_id)
            typer.echo(f"removed {speech_id}")


@corpus_app.command()
def stats(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Count speeches by occasion, level and role."""
    with _opened(library) as store:
        found = store.stats()
    if as_json:
        _say_json(asdict(found))
        return
    _say_stats(found)


@corpus_app.command()
def duplicates(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Show families of speeches and paragraphs that say nearly the same."""
    with _opened(library) as store:
        speeches = _families(store.speeches())
        paragraphs = _families(store.chunks())
    if as_json:
        rows = [[_row(s) for s in family] for family in speeches]
        pieces = [
            [{"id": c.id, "speech_id": c.speech_id, "text": c.text} for c in family] for family in paragraphs
        ]
        _say_json({"families": rows, "paragraphs": pieces})
        return
    if not speeches and not paragraphs:
        typer.echo("no near-duplicates")
    for number, family in enumerate(speeches, start=1):
        typer.echo(f"speeches, family {number}")
        for speech in family:
            typer.echo(f"  {speech.id}  {speech.title}  {speech.chars} 字  {speech.origin}")
    for number, same in enumerate(paragraphs, start=1):
        typer.echo(f"paragraphs, family {number}")
        for chunk in same:
            typer.echo(f"  {chunk.id}  {chunk.text[:40]}")


@corpus_app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; made when it is not there.")],
    speech_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Default: all.")] = None,
    library: LibraryOption = None,
) -> None:
    """Write speeches as Markdown with front matter, which ``corpus add`` reads back."""
    from rag_speech.ingest.export import export_speech

    with _opened(library) as store:
        ids = speech_ids or [s.id for s in store.speeches()]
        for speech_id in ids:
            export_speech(_find(store, speech_id), folder)
    typer.echo(f"wrote {len(ids)} speeches to {folder}")


# ------------------------------------------------------------------------------------------ helpers


@contextmanager
def _opened(path: Path | None, *, bundled: bool = True) -> Iterator[Library]:
    """The library that was named or configured; with the bundled speeches put in when it is empty."""
    from rag_speech.config import load_settings
    from rag_speech.retrieve.library import open_default_library, open_library

    opened = open_default_library if bundled else open_library
    with opened(load_settings(library=path)) as store:
        yield store


def _find(store: Library, start: str) -> StoredSpeech:
    """The speech with this id, or the only one whose id begins so."""
    found = [s.id for s in store.speeches() if s.id.startswith(start)]
    return store.get(found[0] if len(found) == 1 and start not in found else start)


def _families(members: Sequence[_Member]) -> list[list[_Member]]:
    """Groups of speeches or chunks of one family, those of one member left out."""
    by_family: dict[str, list[_Member]] = {}
    for member in members:
        if member.family:
            by_family.setdefault(member.family, []).append(member)
    return [family for family in by_family.values() if len(family) > 1]


def _row(speech: StoredSpeech) -> dict[str, Any]:
    left_out = ("text", "original", "meta", "names", "digest")
    return {name: value for name, value in asdict(speech).items() if name not in left_out}


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[IngestItem], None] | None]:
    """A line that says how far an ingestion is; nothing when the output is not a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed} documents"), TimeElapsedColumn())
    with Progress(
        *columns, TextColumn("{task.description}"), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task("")

        def step(item: IngestItem) -> None:
            bar.update(task, advance=1, description=f"{item.action.value} {Path(item.name).name}")

        yield step


def _say_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _say_report(done: IngestReport, page: Path | None) -> None:
    for item in done.items:
        if item.action.value in ("refused", "duplicate", "structure_only"):
            typer.echo(f"{item.action.value.replace('_', ' ')}: {item.reason}", err=True)
    counts = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in done.counts().items() if n)
    would = " (dry run: nothing was stored)" if done.dry_run else ""
    typer.echo(f"{len(done.items)} documents in {done.seconds:.1f} s: {counts or 'nothing to read'}{would}")
    if page is not None:
        typer.echo(f"report: {page}")


def _say_stats(found: LibraryStats) -> None:
    from rag_speech.brief.occasions import occasions

    typer.echo(
        f"{found.speeches} speeches ({found.structure_only} for structure only), {found.chars} 字, "
        f"{found.chunks} chunks, {found.windows} windows"
    )
    known = occasions()
    shown = sum(name in known for name in found.by_occasion)
    for title, counts in (
        (f"occasion ({shown} of {len(known)})", found.by_occasion),
        ("level", found.by_level),
        ("role", found.by_role),
    ):
        rows = [
            (f"{name} {known[name].name}" if name in known else name or "(unknown)", str(n))
            for name, n in sorted(counts.items(), key=lambda c: (-c[1], c[0]))
        ]
        typer.echo()
        _say_table((title, "count"), rows)


def _say_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*head, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    # A pipe has no width: whoever reads it wants whole lines.
    Console(soft_wrap=False, width=None if sys.stdout.isatty() else 400).print(table, markup=False)


def _say_tree(headings: tuple[Heading, ...], indent: str) -> None:
    for at, heading in enumerate(headings):
        last = at == len(headings) - 1
        typer.echo(f"{indent}{'└' if last else '├'} {heading.marker}{heading.text}")
        _say_tree(heading.children, indent + ("  " if last else "│ "))
