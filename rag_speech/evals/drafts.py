"""Drafts by whoever wrote them, as readers get them: from runs of suites, or from a folder of texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag_speech.errors import InputError
from rag_speech.evals.records import MANIFEST, RESULTS, Manifest, load, load_rows
from rag_speech.folder import digest

TEXTS = (".txt", ".md")
SPEECH = "speech.txt"
"""What a draft's folder calls the speech."""


@dataclass(frozen=True, slots=True)
class DraftText:
    """A draft and where it comes from. ``id`` is the digest of case and text; ``commit`` the program's that wrote it."""

    id: str
    system: str
    case: str
    text: str
    model: str = ""
    commit: str = ""


def draft_id(case: str, text: str) -> str:
    """Return the name by which readings know a draft: the same text to the same case is one draft."""
    return digest(case, text.strip())[:16]


def split_run(name: str) -> tuple[Path, str]:
    """Cut ``DIR:SYSTEM``; a colon earlier in the path (a drive letter) is not one."""
    path = Path(name)
    folder, colon, system = path.name.rpartition(":")
    return (path.with_name(folder), system) if colon and folder else (path, "")


def gather(sources: Sequence[str], cases: Iterable[str]) -> list[DraftText]:
    """Return the drafts of ``sources`` to ``cases``, each once.

    A source is a run (``DIR``, ``DIR:SYSTEM``), a run under another name (``NAME=DIR:SYSTEM``: the same system on two
    models is two systems), or ``NAME=FOLDER``: texts, one for each case, as ``<case>.txt``, ``<case>.md`` or a draft's
    folder ``<case>/``. Raises InputError for a source without a draft to any of the cases.
    """
    wanted = set(cases)
    found: dict[str, DraftText] = {}
    for source in sources:
        name, _, place = source.rpartition("=")
        own = _of_folder(name, Path(place)) if name and not _is_run(place) else _of_run(place, name)
        fitting = [d for d in own if d.case in wanted]
        if not fitting:
            raise InputError(f"{source} has no draft to any of the cases: {', '.join(sorted(wanted))}")
        for draft in fitting:
            found.setdefault(draft.id, draft)
    return list(found.values())


def _is_run(place: str) -> bool:
    return (split_run(place)[0] / RESULTS).is_file()


def _of_run(source: str, name: str) -> list[DraftText]:
    folder, system = split_run(source)
    rows = load_rows(folder)
    systems = dict.fromkeys(r.system for r in rows)
    if system and system not in systems:
        raise InputError(f"{folder} has no system {system!r}; it has: {', '.join(systems)}")
    manifest = load(Manifest, folder / MANIFEST)
    models = {s.name: s.model for s in manifest.systems}
    alone = system or len(systems) == 1
    names = {s: (name if alone else f"{name} {s}") if name else s for s in systems}
    return [
        DraftText(
            draft_id(r.case, r.text),
            names[r.system],
            r.case,
            r.text,
            models.get(r.system, ""),
            manifest.commit,
        )
        for r in rows
        if r.text and system in {"", r.system}
    ]


def _of_folder(system: str, folder: Path) -> list[DraftText]:
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; give NAME=FOLDER with a text for each case in it")
    files = [(p.stem, p) for p in sorted(folder.iterdir()) if p.suffix in TEXTS]
    files += [(p.name, p / SPEECH) for p in sorted(folder.iterdir()) if (p / SPEECH).is_file()]
    texts = [(case, path.read_text("utf-8-sig").strip()) for case, path in files]
    return [DraftText(draft_id(case, text), system, case, text) for case, text in texts if text]
