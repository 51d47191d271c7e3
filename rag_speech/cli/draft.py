"""``rag-speech draft``: from a request or a brief to a speech."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer


class Until(StrEnum):
    """Where a run may stop for people to look."""

    READ = "read"
    PLAN = "plan"


if TYPE_CHECKING:
    from rag_speech.brief.brief import Brief
    from rag_speech.brief.request import Understood
    from rag_speech.config import Settings
    from rag_speech.types import Draft, Event
    from rag_speech.writer import OnEvent, SpeechWriter


def draft_command(
    request: Annotated[
        str, typer.Argument(help="A brief (.yaml, .json), - for standard input, or the request in words.")
    ],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the speech here: .docx .pdf .html .md .txt.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Draft folder (default: drafts/<date>-<event>).")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over in the draft folder.")] = False,
    occasion: Annotated[
        str | None, typer.Option(help="Occasion, by id or name; see: rag-speech occasions.")
    ] = None,
    speaker: Annotated[str | None, typer.Option(help="Speaker's office, e.g. 县委副书记.")] = None,
    place: Annotated[str | None, typer.Option(help="Place, e.g. 青山县.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Length in minutes at 180 字.")] = None,
    chars: Annotated[int | None, typer.Option(help="Length in 字; wins over --minutes.")] = None,
    date: Annotated[str | None, typer.Option(help="Date of the event, YYYY-MM-DD.")] = None,
    point: Annotated[list[str] | None, typer.Option(help="A point to make; may be repeated.")] = None,
    fact: Annotated[list[str] | None, typer.Option(help="A fact that may be used; may be repeated.")] = None,
    material: Annotated[list[Path] | None, typer.Option(help="A source document; may be repeated.")] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Show the brief as understood, what is open and what draft would refuse."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    config: Annotated[
        Path | None, typer.Option(help="Settings file (default: rag_speech.toml here).")
    ] = None,
    library: Annotated[Path | None, typer.Option(help="Folder of the library.")] = None,
    until: Annotated[
        Until | None, typer.Option(help="Stop after this stage; its files in the draft folder may be edited.")
    ] = None,
    redo: Annotated[
        list[str] | None,
        typer.Option(help="Write this part again: 1, 2 ..., opening, closing; may be repeated."),
    ] = None,
) -> None:
    """Draft a speech. The same command after an interruption goes on where it stopped.

    Examples:

      rag-speech draft "为青山县办公室系统业务培训班开班式起草一篇讲话，县委办公室主任讲，8分钟" -o out.md

      rag-speech draft brief.yaml --json > draft.json
    """
    from rag_speech.config import load_settings
    from rag_speech.render.copy import load_copy
    from rag_speech.render.outputs import check_output, write_outputs
    from rag_speech.writer import SpeechWriter

    if output is not None:
        check_output(output)
    given = {
        "occasion": occasion,
        "speaker": speaker,
        "place": place,
        "minutes": minutes,
        "chars": chars,
        "date": date,
        "points": point,
        "facts": fact,
        "materials": _materials(material),
    }
    given = {k: v for k, v in given.items() if v is not None and v != []}
    settings = load_settings(config=config, library=library)
    thoughts = _Thoughts()
    writer = SpeechWriter(settings, on_thought=thoughts)
    quiet = as_json or not sys.stderr.isatty()
    work = _Work(
        writer,
        settings,
        request,
        given,
        folder,
        output,
        fresh,
        dry_run,
        as_json,
        quiet,
        thoughts,
        until,
        tuple(redo or ()),
    )
    draft = asyncio.run(work.run())
    if draft is None:
        return
    if output is not None:
        write_outputs(load_copy(Path(draft.folder)), output)
    if as_json:
        typer.echo(json.dumps(_public(draft), ensure_ascii=False, indent=2))
        return
    if output is None:
        typer.echo(draft.text)
    _summary(draft, output, settings.price.currency if settings.price else "CNY")


class _Thoughts:
    """Shows how much a thinking model has thought, once there is a display to show it on."""

    def __init__(self) -> None:
        self.show: Callable[[str], None] = lambda _: None

    def __call__(self, tokens: int) -> None:
        from rag_speech.llm.usage import thought_line

        self.show(thought_line(tokens))


@dataclass(frozen=True, slots=True)
class _Work:
    """One run of the command."""

    writer: SpeechWriter
    settings: Settings
    request: str
    given: dict[str, Any]
    folder: Path | None
    output: Path | None
    fresh: bool
    dry_run: bool
    as_json: bool
    quiet: bool
    thoughts: _Thoughts
    until: Until | None
    redo: tuple[str, ...]

    async def run(self) -> Draft | None:
        """Do what was asked; None when that is no draft."""
        from rag_speech.cli.refusals import refuse
        from rag_speech.cli.request import asked_of, understand
        from rag_speech.folder import clear, folder_name

        where = self.folder
        try:
            understood = await understand(
                self.writer, self.request, self.given, fresh=self.fresh, keep=not self.dry_run
            )
            brief = understood.brief
            if self.dry_run or not self.quiet:
                typer.echo(_shown(understood, as_json=self.as_json and self.dry_run), err=not self.dry_run)
            if (not self.as_json and not self.dry_run and self.quiet) or (self.as_json and self.dry_run):
                typer.echo(asked_of(understood), err=True, nl=False)
            target = self.folder or self.settings.drafts_dir / folder_name(brief)
            if self.dry_run:
                refuse(brief, self.settings, folder=target, output=self.output, fresh=self.fresh)
                return None
            where = target
            if self.fresh:
                clear(where)
            with _progress(self.quiet, self.thoughts) as on_event:
                if self.until is not None:
                    await self._stop_early(brief, where, on_event)
                    return None
                return await self.writer.adraft(brief, folder=where, redo=self.redo, on_event=on_event)
        except Exception as error:
            if where is not None and (where / "state.json").exists():
                error.add_note(
                    f"What is done so far is kept in {where}; run the same command again to go on."
                )
            raise
        finally:
            await self.writer.aclose()

    async def _stop_early(self, brief: Brief, where: Path, on_event: OnEvent | None) -> None:
        if self.until is Until.READ:
            await self.writer.aread(brief, folder=where, on_event=on_event)
            files = ["assignment.yaml", "evidence.yaml"]
        else:
            await self.writer.aplan(brief, folder=where, on_event=on_event)
            files = ["assignment.yaml", "evidence.yaml", "plan.yaml"]
        if self.as_json:
            typer.echo(json.dumps({"folder": str(where), "files": files}, ensure_ascii=False))
            return
        for name in files:
            typer.echo(where / name)
        typer.echo("可以打开这些文件修改，保存以后再运行同一条命令（去掉 --until），从这里接着写。", err=True)


def _shown(understood: Understood, *, as_json: bool) -> str:
    from rag_speech.brief.brief import dump_brief
    from rag_speech.cli.request import asked_of

    brief = understood.brief
    if as_json:
        return json.dumps(brief.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False, indent=2)
    if not (understood.by_rule or understood.by_model):
        return f"{asked_of(understood)}{dump_brief(brief)}"
    rules, model = "、".join(understood.by_rule) or "无", "、".join(understood.by_model) or "无"
    return f"# 按规则读出：{rules}；由模型读出：{model}\n{asked_of(understood)}{dump_brief(brief)}"


def _materials(paths: list[Path] | None) -> list[dict[str, str]]:
    from rag_speech.ingest.readers import read_document

    return [{"name": p.name, "text": read_document(p).text} for p in paths or ()]


@contextmanager
def _progress(quiet: bool, thoughts: _Thoughts) -> Iterator[OnEvent | None]:
    if quiet:
        yield None
        return
    import time

    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
               TextColumn("{task.fields[speed]}"), TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("准备", total=1, speed="")
        tail, pieces, began = "", 0, time.monotonic()

        def on_event(event: Event) -> None:
            nonlocal tail, pieces, began
            if event.kind == "token":
                pieces += 1
                tail = (tail + event.text.replace("\n", ""))[-24:]
                rate = pieces / max(0.1, time.monotonic() - began)
                bar.update(task, speed=f"{rate:4.1f} 词元/秒  …{tail}")
            elif event.kind == "stage":
                began, pieces = time.monotonic(), 0
                bar.update(
                    task, description=event.text, completed=event.done, total=event.total or 1, speed=""
                )
            elif event.kind == "paragraph":
                bar.update(task, completed=event.done, total=event.total)
            elif event.kind == "note":
                console.print(event.text)

        thoughts.show = lambda said: bar.update(task, speed=said)
        yield on_event


def _public(draft: Draft) -> dict[str, Any]:
    from pydantic import TypeAdapter

    from rag_speech.types import Draft as Record

    data: dict[str, Any] = TypeAdapter(Record).dump_python(draft, mode="json")
    data.pop("first_text")
    return data


def _summary(draft: Draft, output: Path | None, currency: str) -> None:
    lines = [f"共{draft.chars}字，约{draft.minutes:g}分钟（按每分钟180字）。", _usage(draft, currency)]
    if output is not None:
        from rag_speech.render.pending import pending_path

        lines += [f"讲话稿：{output}", f"待核实清单：{pending_path(output)}"]
    if draft.folder:
        lines.append(f"草稿文件夹：{draft.folder}")
    if draft.pending:
        lines.append("待核实：")
        lines += [f"  - {item}" for item in draft.pending]
    if draft.findings:
        lines.append("还需要改的地方：")
        lines += [
            f"  - [{f.severity}] {f.message}" for f in sorted(draft.findings, key=lambda f: f.severity)[:12]
        ]
    typer.echo("\n".join(lines), err=True)


def _usage(draft: Draft, currency: str) -> str:
    from rag_speech.llm.usage import usage_line

    return f"{draft.model}：{usage_line(draft.usage, currency)[:-1]}，用时{draft.usage.seconds:.0f}秒。"
