"""The six things that a client may ask for, done with the same calls as the command line."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rag_speech import forms
from rag_speech.brief.brief import Brief, dump_brief, load_brief
from rag_speech.brief.occasions import get_occasion
from rag_speech.errors import InputError, NotFoundError
from rag_speech.files import write_atomic
from rag_speech.folder import clear, digest, folder_name
from rag_speech.mcp_server import shown
from rag_speech.mcp_server.inputs import MAX_TEXT_CHARS, BriefFields, MaterialText
from rag_speech.mcp_server.outputs import (
    Checked,
    Drafted,
    DraftRow,
    Found,
    HitShown,
    MaterialShown,
    Planned,
    Rendered,
    Understood,
)
from rag_speech.mcp_server.places import BRIEF, LOOSE, READABLE, RENDERED, Places, one_writer
from rag_speech.mcp_server.request import brief_of
from rag_speech.types import Assignment, Evidence, Role, Severity, Use
from rag_speech.writer import OnEvent, SpeechWriter
from rag_speech.zh.text import count_zi

if TYPE_CHECKING:
    from rag_speech.config import Settings
    from rag_speech.render.copy import Copy
    from rag_speech.retrieve.library import Library

T = TypeVar("T")
_STATES = (("draft.json", "written"), ("plan.yaml", "planned"), ("evidence.yaml", "read"))
_NAMES = {"gbt9704": "speech", "podium": "reading-copy"}


@dataclass(slots=True)
class Service:
    """Does the work of the tools. Holds the writer, and so the model and the library, for as long as the server runs."""

    settings: Settings
    places: Places
    writer: SpeechWriter
    _opening: threading.Lock = field(default_factory=threading.Lock)

    async def understand(
        self,
        request: str,
        fields: BriefFields,
        materials: Sequence[MaterialText],
        files: Sequence[str],
        *,
        draft: str = "",
        fresh: bool = False,
    ) -> Understood:
        """Return the brief that was asked for, and keep it under the draft's name."""
        read = await brief_of(self.writer, self.places, request, fields, materials, files, fresh=fresh)
        brief = read.brief
        name = draft or folder_name(brief)
        folder = self.places.new_draft(name)
        with one_writer(folder):
            kept = folder / BRIEF
            if fresh:
                clear(folder)
            elif kept.is_file() and dump_brief(load_brief(kept)) != dump_brief(brief):
                raise InputError(
                    f"The draft {name!r} has another brief; give fresh=true to start over, or another draft name"
                )
            write_atomic(kept, dump_brief(brief))
        return Understood(
            draft=name,
            brief=shown.brief_fields(brief),
            occasion_name=brief.resolved_occasion.name,
            target_chars=brief.target_chars,
            materials=[MaterialShown(name=m.name, chars=count_zi(m.text)) for m in brief.materials],
            by_rule=list(read.by_rule),
            by_model=list(read.by_model),
            questions=list(read.questions),
        )

    async def plan(
        self,
        draft: str,
        *,
        forbid: Sequence[str] = (),
        allow: Sequence[str] = (),
        read_only: bool = False,
        on_event: OnEvent | None = None,
    ) -> Planned:
        """Read brief and materials and plan the speech; ``forbid`` and ``allow`` move statements of the materials."""
        folder, brief = await self._at_work(draft)
        with one_writer(folder):
            if forbid or allow:
                await self._move(folder, brief, forbid, allow, on_event)
            reading = await self.writer.aread(brief, folder=folder, on_event=on_event)
            plan = None if read_only else await self.writer.aplan(brief, folder=folder, on_event=on_event)
        return shown.planned(draft, reading.assignment, reading.evidence, plan, self._files(draft))

    async def draft(
        self, draft: str, *, redo: Sequence[str] = (), fresh: bool = False, on_event: OnEvent | None = None
    ) -> Drafted:
        """Write the speech, or go on with it."""
        folder, brief = await self._at_work(draft)
        with one_writer(folder):
            if fresh:
                clear(folder)
                write_atomic(folder / BRIEF, dump_brief(brief))
            done = await self.writer.adraft(brief, folder=folder, redo=redo, on_event=on_event)
        return shown.drafted(draft, done, self._files(draft))

    def check(
        self, *, text: str, draft: str, file: str, occasion: str, as_of: date | None, least: Severity
    ) -> Checked:
        """Check a text, a document or a draft; with a draft's name, against that draft's brief."""
        from rag_speech.checks.originality import known_speeches
        from rag_speech.checks.run import make_context, run_checks

        if text and file:
            raise InputError("Give either text or file, not both")
        folder = self.places.draft(draft) if draft else None
        margins: tuple[str, ...] = ()
        known_as = ""
        if file:
            from rag_speech.ingest.readers import read_document

            document = read_document(self.places.document(file), name=file, classified=True)
            text, known_as = document.text, document.digest
            margins = (*document.margins, *(d.text for d in document.dropped))
        elif folder is not None and not text:
            text = self._copy(folder).text
        elif not text:
            raise InputError("There is nothing to check; give text, a file, or the name of a draft")
        _require_short(text)
        context = make_context(
            text,
            brief=load_brief(folder / BRIEF) if folder else None,
            occasion=occasion or None,
            as_of=as_of,
            known=known_speeches(self.settings.library, known_as),
            rules_files=self.settings.rules,
            assignment=_stage(folder, "assignment", Assignment),
            evidence=_stage(folder, "evidence", Evidence),
            margins=margins,
        )
        return shown.checked(run_checks(context), least)

    def search(
        self, query: str, *, role: Role | None, occasion: str, level: str, count: int, masked: bool
    ) -> Found:
        """Search the library by meaning and by words."""
        from rag_speech.retrieve.mask import mask

        kind = get_occasion(occasion).id if occasion else None
        library = self._library()
        hits = []
        for hit in library.search(query, k=count, role=role, occasion=kind, level=level or None):
            speech = library.get(hit.chunk.speech_id)

            def as_shown(text: str, names: tuple[str, ...] = speech.names) -> str:
                return mask(text, names).text if masked else text

            hits.append(
                HitShown(
                    text=as_shown(hit.chunk.text),
                    speech=speech.id,
                    title=as_shown(speech.title),
                    headings=[as_shown(h) for h in hit.chunk.headings],
                    role=hit.chunk.role.value,
                    occasion=hit.chunk.occasion,
                    score=round(hit.score, 4),
                )
            )
        return Found(query=query, hits=hits)

    def render(
        self, *, draft: str, text: str, suffix: str, look: str, size: float | None, comments: bool, name: str
    ) -> Rendered:
        """Lay a draft or a text out, in the draft's own folder."""
        from rag_speech.render.outputs import check_output, make_look, write_outputs

        chosen = make_look(look, size=size, comments=comments)
        if draft and text:
            raise InputError("Give either draft or text, not both")
        if not draft and not text:
            raise InputError("There is nothing to lay out; give the name of a draft, or text")
        _require_short(text)
        base = name or (_NAMES[look] if draft else f"{_NAMES[look]}-{digest(text)[:8]}")
        output = self.places.rendered(draft, f"{base}.{suffix}")
        check_output(output, chosen)
        copy = self._copy(self.places.draft(draft)) if draft else self._loose(text, comments=comments)
        written = [path.name for path in write_outputs(copy, output, chosen)]
        home = draft or LOOSE
        below = f"{draft}/{RENDERED}" if draft else LOOSE
        return Rendered(
            draft=draft,
            files=[f"{below}/{file}" for file in written],
            resources=[shown.rendered_uri(home, file) for file in written],
        )

    def drafts(self) -> list[DraftRow]:
        """List the drafts, newest first."""
        rows = []
        for name in self.places.names():
            folder = self.places.drafts / name
            state = next((said for file, said in _STATES if (folder / file).is_file()), "begun")
            rows.append(DraftRow(draft=name, state=state, files=self._files(name)))
        return rows

    async def aclose(self) -> None:
        """Let go of the model and the library."""
        await self.writer.aclose()

    async def _at_work(self, draft: str) -> tuple[Path, Brief]:
        """Return the draft's folder and brief; the library is open from here on, once for all calls."""
        folder = self.places.draft(draft)
        brief = load_brief(folder / BRIEF)
        await asyncio.to_thread(self._library)
        return folder, brief

    def _library(self) -> Library:
        with self._opening:
            return self.writer.library

    async def _move(
        self,
        folder: Path,
        brief: Brief,
        forbid: Sequence[str],
        allow: Sequence[str],
        on_event: OnEvent | None,
    ) -> None:
        """Change the use of statements in the draft's own file, as a person would; the plan is then made again."""
        if both := sorted({*forbid} & {*allow}):
            raise InputError(f"{both[0]} is both in forbid and in allow")
        evidence = (await self.writer.aread(brief, folder=folder, on_event=on_event)).evidence
        changes = {**dict.fromkeys(forbid, Use.NEVER), **dict.fromkeys(allow, Use.SAY)}
        known = [s.id for s in evidence.statements]
        if wrong := sorted(changes.keys() - set(known)):
            raise InputError(
                f"The materials have no statement {wrong[0]!r}; they have {', '.join(known) or 'none at all'}"
            )
        file = folder / "evidence.yaml"
        before = _stage(folder, "evidence", Evidence) or evidence
        write_atomic(file, forms.write(Evidence, shown.used_otherwise(before, changes)))

    def _files(self, draft: str) -> list[str]:
        folder = self.places.draft(draft)
        return [shown.uri(draft, name) for name in READABLE if (folder / name).is_file()]

    def _copy(self, folder: Path) -> Copy:
        from rag_speech.render.copy import load_copy

        if not (folder / "draft.json").is_file():
            raise NotFoundError(f"The draft {folder.name!r} is not written yet; call draft first")
        return load_copy(folder)

    def _loose(self, text: str, *, comments: bool) -> Copy:
        from rag_speech.checks import check
        from rag_speech.render.copy import Copy
        from rag_speech.speech.parse import parse
        from rag_speech.speech.render import render

        speech = parse(text)
        laid = render(speech)
        found = check(laid, rules_files=self.settings.rules).findings if comments else ()
        return Copy(speech, laid, findings=found)


def _stage(folder: Path | None, name: str, kind: type[T]) -> T | None:
    """Return a stage's record of the draft, where it has been made."""
    path = folder / f"{name}.yaml" if folder else None
    if path is None or not path.is_file():
        return None
    return forms.read(kind, path.read_text("utf-8"), path)


def _require_short(text: str) -> None:
    if len(text) > MAX_TEXT_CHARS:
        raise InputError(f"The text has {len(text)} characters; at most {MAX_TEXT_CHARS} are taken")
