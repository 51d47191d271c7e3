"""Writes a speech in the format that the file's suffix names: one row a suffix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rag_speech.errors import InputError
from rag_speech.files import write_atomic
from rag_speech.render.copy import Copy
from rag_speech.render.pending import pending_path, pending_text
from rag_speech.render.styles import GBT9704, PODIUM_BODY, PODIUM_LARGEST, Profile, podium

PROFILES = {"gbt9704": GBT9704, "podium": podium()}


@dataclass(frozen=True, slots=True)
class Look:
    """How the Word file looks: its profile, a house's .docx as bytes, and whether findings become comments."""

    profile: Profile = GBT9704
    template: bytes | None = None
    comments: bool = False
    pdf: bool = False


def make_look(
    profile: str = "gbt9704",
    *,
    size: float | None = None,
    template: Path | None = None,
    comments: bool = False,
    pdf: bool = False,
) -> Look:
    """Return the look that the options name.

    ``size`` is the reading copy's type in points, 18 to 24. Raises InputError for an unknown profile, a size that
    the profile does not take, or a template that cannot be read.
    """
    if profile not in PROFILES:
        raise InputError(f"There is no profile {profile!r}; use {' or '.join(PROFILES)}")
    chosen = PROFILES[profile]
    if size is not None:
        if not chosen.reading:
            raise InputError("GB/T 9704 fixes the type at 16 pt; --size goes with --profile podium")
        if not PODIUM_BODY <= size <= PODIUM_LARGEST:
            raise InputError(
                f"The reading copy is set in {PODIUM_BODY:g} to {PODIUM_LARGEST:g} pt, not {size:g}"
            )
        chosen = podium(size)
    return Look(chosen, _read(template) if template else None, comments, pdf)


def check_output(output: Path, look: Look | None = None) -> None:
    """Raise InputError when ``output`` cannot be written in this look.

    The suffix names no format, the look asks for what only a Word file has, or a PDF cannot be made here.
    """
    look = look or Look()
    suffix = output.suffix.lower()
    if suffix not in FORMATS:
        raise InputError(f"Cannot write {suffix or 'a file without suffix'}: use {', '.join(FORMATS)}")
    word_only = look.template is not None or look.comments or look.pdf or look.profile.reading
    if word_only and suffix not in (".docx", ".pdf"):
        raise InputError(
            f"--profile, --template, --comments and --pdf go with a Word file, not with {suffix}"
        )
    if suffix == ".pdf" or look.pdf:
        from rag_speech.render.pdf import require_office

        require_office()


def write_outputs(copy: Copy, output: Path, look: Look | None = None) -> tuple[Path, ...]:
    """Write the speech to ``output`` and return all files written.

    ``look.pdf`` adds a PDF beside a Word file; a draft's 待核实 list goes into a file of its own. Every file is
    written whole or not at all. Raises InputError (see :func:`check_output`), StorageError.
    """
    look = look or Look()
    check_output(output, look)
    content = FORMATS[output.suffix.lower()](copy, look)
    files = {output: content}
    if look.pdf and output.suffix.lower() == ".docx":
        from rag_speech.render.pdf import docx_to_pdf

        files[output.with_suffix(".pdf")] = docx_to_pdf(content)
    if copy.draft is not None:
        files[pending_path(output)] = pending_text(copy).encode()
    for path, data in files.items():
        write_atomic(path, data)
    return tuple(files)


def _docx(copy: Copy, look: Look) -> bytes:
    from rag_speech.render.docx import render_docx

    findings = copy.findings if look.comments else ()
    return render_docx(
        copy.speech, profile=look.profile, template=look.template, findings=findings, subject=copy.subject
    )


def _pdf(copy: Copy, look: Look) -> bytes:
    from rag_speech.render.pdf import docx_to_pdf

    return docx_to_pdf(_docx(copy, look))


def _html(copy: Copy, _look: Look) -> bytes:
    from rag_speech.render.provenance import provenance_html

    return provenance_html(copy).encode()


def _markdown(copy: Copy, _look: Look) -> bytes:
    return (copy.text.replace("\n", "\n\n") + "\n").encode()


def _text(copy: Copy, _look: Look) -> bytes:
    return (copy.text + "\n").encode()


FORMATS: dict[str, Callable[[Copy, Look], bytes]] = {
    ".docx": _docx,
    ".pdf": _pdf,
    ".html": _html,
    ".md": _markdown,
    ".txt": _text,
}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"The template {path} cannot be read: {error.strerror or error}") from error
