"""What is rendered: a draft from its folder, or the text of any document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rag_speech.errors import InputError, NotFoundError
from rag_speech.speech.parse import parse
from rag_speech.speech.render import render
from rag_speech.types import Draft, Finding, Span, Speech

if TYPE_CHECKING:
    from rag_speech.brief.brief import Brief
    from rag_speech.trace import Trace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Copy:
    """A speech with what is known about it; the spans of ``findings`` lie in ``text``, its canonical text."""

    speech: Speech
    text: str
    subject: str = ""
    findings: tuple[Finding, ...] = ()
    draft: Draft | None = None
    brief: Brief | None = None
    trace: Trace | None = None


def load_copy(source: Path, *, check: bool = False) -> Copy:
    """Read a draft folder, or any document that the readers take.

    ``check`` looks for findings in a document; a draft brings its own. Raises NotFoundError for a path or a draft
    that is not there, ReadError for a document that cannot be read, InputError for a damaged draft folder.
    """
    if source.is_dir():
        return _from_folder(source)
    return _from_file(source, check=check)


def _from_folder(folder: Path) -> Copy:
    from rag_speech.brief.brief import load_brief
    from rag_speech.trace import Trace

    if not (folder / "draft.json").is_file():
        raise NotFoundError(
            f"{folder} holds no finished draft; give a folder that 'rag-speech draft' has filled"
        )
    draft = _record(folder / "draft.json", Draft)
    trace = _record(folder / "trace.json", Trace) if (folder / "trace.json").is_file() else None
    brief = load_brief(folder / "brief.yaml")
    speech = parse(draft.text)
    text = render(speech)
    findings = moved(draft.findings, draft.text, text)
    return Copy(speech, text, brief.event, findings, draft, brief, trace)


def _from_file(source: Path, *, check: bool) -> Copy:
    from rag_speech.ingest.readers import read_document

    document = read_document(source)
    speech = parse(document.text)
    text = render(speech)
    subject = document.meta.get("event")
    found: tuple[Finding, ...] = ()
    if check:
        from rag_speech.checks import check as check_text

        day = document.meta.get("date")
        kind = document.meta.get("occasion")
        report = check_text(
            text,
            as_of=day if isinstance(day, date) else None,
            occasion=kind if isinstance(kind, str) else None,
        )
        found = report.findings
    return Copy(speech, text, subject if isinstance(subject, str) else "", found)


def moved(findings: Sequence[Finding], old: str, new: str) -> tuple[Finding, ...]:
    """Return the findings with spans of ``old`` as spans of ``new``, which has the same words and other spaces."""
    if old == new:
        return tuple(findings)
    place = [at for at, c in enumerate(new) if not c.isspace()]
    before = [0]
    for character in old:
        before.append(before[-1] + (not character.isspace()))

    def move(span: Span) -> Span:
        first, last = before[span.start], before[span.end] - 1
        if last < first:
            return Span(place[first - 1] + 1, place[first - 1] + 1) if first else Span(0, 0)
        return Span(place[first], place[last] + 1)

    return tuple(replace(f, span=move(f.span)) if f.span else f for f in findings)


def _record(path: Path, kind: type[T]) -> T:
    from pydantic import TypeAdapter, ValidationError

    try:
        data: Any = json.loads(path.read_bytes())
        return TypeAdapter(kind).validate_python(data)
    except (ValueError, ValidationError) as error:
        raise InputError(
            f"{path} is damaged; run the same 'rag-speech draft' command again to write it anew"
        ) from error
