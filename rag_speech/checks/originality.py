"""Copied wording (family J): longest run and 8-gram containment shared with known speeches.

Texts are compared by their Han characters and digits. The index keeps winnowed hashes of 8-grams, chosen so that
every shared run of 16 字 or more is seen; the few candidates are then compared exactly.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag_speech.checks.base import CheckContext, NotApplicable
from rag_speech.checks.scan import finding
from rag_speech.checks.scrape import clean_view
from rag_speech.errors import LibraryError
from rag_speech.types import Finding, Severity, Span
from rag_speech.zh.text import HAN

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GRAM = 8
"""Han characters and digits of one gram."""

WARN_RUN, P1_RUN, P0_RUN = 16, 26, 40
"""Shared run, in Han characters and digits, from which a finding is P3, P1, P0."""

MAX_CONTAINMENT = 0.08
_WINDOW = WARN_RUN - GRAM + 1
_CANDIDATES = 12
_BASE = 0x9E3779B97F4A7C15
_KEPT = re.compile(f"[{HAN}0-9]")
_TITLE = re.compile("《[^《》\n]{4,60}》")
_SOURCE = "原创性：与已有讲话的最长相同字段"
_IDS = "ids.json"
LIBRARY_FILE = "library.sqlite"
_FILES = ("hashes", "owners", "letters", "starts")


@dataclass(frozen=True, slots=True)
class SharedRun:
    """Wording that a text shares with one known speech: ``span`` in the text, ``length`` in Han and digits."""

    span: Span
    length: int
    speech_id: str


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a text shares with one known speech: its runs of 16 or more, and the share of 8-grams found there."""

    speech_id: str
    runs: tuple[SharedRun, ...]
    containment: float


@dataclass(frozen=True)
class SharedIndex:
    """Known speeches ready for comparison. Arrays: ``hashes`` (sorted uint64) with ``owners`` (int32) beside it;
    ``letters`` (uint32, the normalised texts end to end), ``starts`` (int64, one more than speeches)."""

    ids: tuple[str, ...]
    hashes: NDArray[np.uint64]
    owners: NDArray[np.int32]
    letters: NDArray[np.uint32]
    starts: NDArray[np.int64]
    without: frozenset[str] = frozenset()
    """Ids that never count, because they are the very speech that is checked."""

    @classmethod
    def build(cls, speeches: Iterable[tuple[str, str]]) -> SharedIndex:
        """Index ``(id, text)`` pairs."""
        import numpy as np

        ids: list[str] = []
        hashes, owners, letters, starts = [], [], [], [0]
        for number, (speech_id, text) in enumerate(speeches):
            codes, _ = _letters(text)
            ids.append(speech_id)
            chosen = _winnow(_grams(codes))
            hashes.append(chosen)
            owners.append(np.full(len(chosen), number, dtype=np.int32))
            letters.append(codes)
            starts.append(starts[-1] + len(codes))
        every = np.concatenate(hashes) if hashes else np.empty(0, dtype=np.uint64)
        owner = np.concatenate(owners) if owners else np.empty(0, dtype=np.int32)
        order = np.argsort(every, kind="stable")
        wording = np.concatenate(letters) if letters else np.empty(0, dtype=np.uint32)
        return cls(tuple(ids), every[order], owner[order], wording, np.asarray(starts, dtype=np.int64))

    def save(self, folder: Path) -> None:
        """Write the index into the new folder ``folder``, all or nothing. Raises OSError."""
        import numpy as np

        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=folder.parent))
        for name in _FILES:
            np.save(draft / f"{name}.npy", getattr(self, name))
        (draft / _IDS).write_text(json.dumps(self.ids, ensure_ascii=False), "utf-8")
        try:
            draft.rename(folder)
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            if not folder.is_dir():  # when it is there, another process was faster
                raise

    @classmethod
    def load(cls, folder: Path) -> SharedIndex:
        """Open a saved index, memory-mapped. Raises LibraryError when it is missing or damaged."""
        import numpy as np

        try:
            ids = json.loads((folder / _IDS).read_text("utf-8"))
            arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _FILES}
        except (OSError, ValueError, EOFError) as error:
            raise LibraryError(
                f"The originality index {folder} cannot be read; delete that folder and it is built again: {error}"
            ) from error
        return cls(tuple(ids), **arrays)

    def shared(self, text: str, free: Sequence[str] = ()) -> list[Overlap]:
        """Return the overlaps of ``text`` with known speeches, longest run first.

        Set phrases, and wording that stands in one of the ``free`` texts (the brief), do not count.
        """
        import numpy as np

        codes, places = _letters(text)
        grams = _grams(codes)
        if not len(grams) or not len(self.hashes):
            return []
        countable = _countable(text, codes, places, grams, free)
        picked = np.unique(_winnow(grams)[..., None])
        left = np.searchsorted(self.hashes, picked, side="left")
        right = np.searchsorted(self.hashes, picked, side="right")
        hit = right > left
        owners = [self.owners[a:b] for a, b in zip(left[hit], right[hit], strict=True)]
        if not owners:
            return []
        numbers, votes = np.unique(np.concatenate(owners), return_counts=True)
        best = numbers[np.argsort(-votes, kind="stable")[: _CANDIDATES + len(self.without)]]
        others = [int(n) for n in best if self.ids[n] not in self.without]
        found = [self._compare(n, codes, grams, places, countable) for n in others]
        return sorted((o for o in found if o.runs or o.containment > 0), key=_rank)

    def _compare(
        self,
        number: int,
        codes: NDArray[np.uint32],
        grams: NDArray[np.uint64],
        places: NDArray[np.int64],
        countable: NDArray[np.bool_],
    ) -> Overlap:
        import numpy as np

        theirs = np.asarray(self.letters[self.starts[number] : self.starts[number + 1]])
        shared = np.isin(grams, _grams(theirs)) & countable
        speech_id = self.ids[number]
        total = int(countable.sum())
        edges = np.flatnonzero(np.diff(np.concatenate(([0], shared.astype(np.int8), [0]))))
        wording = _string(theirs)
        runs = []
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            length = _verified(_string(codes[a : b + GRAM - 1]), wording)
            if length >= WARN_RUN:
                span = Span(int(places[a]), int(places[a + length - 1]) + 1)
                runs.append(SharedRun(span, length, speech_id))
        return Overlap(speech_id, tuple(runs), float(shared.sum()) / total if total else 0.0)


def known_speeches(folder: Path, without_digest: str = "") -> SharedIndex | None:
    """Return the index of the library in ``folder``, built when it is missing or behind; None without a library.

    The index is saved beside the library. The speech with ``without_digest`` (SHA-256 of its file) never counts.
    """
    from rag_speech.store.speeches import SpeechStore

    database = folder / LIBRARY_FILE
    if not database.is_file():
        return None
    store = SpeechStore(database)
    try:
        speeches = store.speeches()
        rows = (f"{s.id} {s.digest} {s.chars} {s.added}" for s in speeches)
        stamp = hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]
        home = folder / "originality" / stamp
        if home.is_dir():
            index = SharedIndex.load(home)
        else:
            index = SharedIndex.build((s.id, store.speech(s.id).text) for s in speeches)
            with contextlib.suppress(OSError):  # a read-only library is compared all the same
                index.save(home)
                _remove_older(home)
    finally:
        store.close()
    own = frozenset(s.id for s in speeches if without_digest and s.digest == without_digest)
    return replace(index, without=own)


def _remove_older(home: Path) -> None:
    for folder in home.parent.iterdir():
        if folder != home:
            shutil.rmtree(folder, ignore_errors=True)


def _rank(overlap: Overlap) -> tuple[int, float, str]:
    return (-max((r.length for r in overlap.runs), default=0), -overlap.containment, overlap.speech_id)


def _verified(run: str, wording: str) -> int:
    """Return the length of the longest beginning of ``run`` that stands in ``wording`` (grams may be scattered)."""
    if run in wording:
        return len(run)
    low, high = GRAM, len(run)
    while low < high - 1:
        middle = (low + high) // 2
        low, high = (middle, high) if run[:middle] in wording else (low, middle)
    return low


def _letters(text: str) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Return the Han characters and digits of ``text`` as code points, and their offsets."""
    import numpy as np

    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kept = (
        ((codes >= 0x4E00) & (codes <= 0x9FFF))
        | ((codes >= 0x3400) & (codes <= 0x4DBF))
        | ((codes >= 0x30) & (codes <= 0x39))
    )
    places = np.flatnonzero(kept)
    return codes[places], places


def _string(codes: NDArray[np.uint32]) -> str:
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def _grams(codes: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of every run of 8 letters."""
    import numpy as np

    count = len(codes) - GRAM + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    wide = codes.astype(np.uint64)
    out = np.zeros(count, dtype=np.uint64)
    base = np.uint64(_BASE)
    with np.errstate(over="ignore"):
        for step in range(GRAM):
            out = out * base + wide[step : step + count]
        out ^= out >> np.uint64(29)
        out *= np.uint64(0xBF58476D1CE4E5B9)
        out ^= out >> np.uint64(32)
    return out


def _winnow(grams: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the smallest hash of every window of 9 grams: any shared run of 16 letters shares at least one."""
    import numpy as np

    if len(grams) <= _WINDOW:
        return np.unique(grams)
    windows = np.lib.stride_tricks.sliding_window_view(grams, _WINDOW)
    return np.unique(windows.min(axis=1))


@cache
def _set_phrases() -> tuple[str, ...]:
    raw = resources.files("rag_speech.checks").joinpath("data", "set_phrases.txt").read_text("utf-8")
    phrases = ["".join(_KEPT.findall(line)) for line in raw.splitlines() if line and not line.startswith("#")]
    return tuple(sorted(phrases, key=len, reverse=True))


def _countable(
    text: str,
    codes: NDArray[np.uint32],
    places: NDArray[np.int64],
    grams: NDArray[np.uint64],
    free: Sequence[str],
) -> NDArray[np.bool_]:
    """Tell for every gram whether it may count: not in a set phrase and not in a free text."""
    import numpy as np

    mask = np.ones(len(grams), dtype=bool)
    wording = _string(codes)
    for phrase in _set_phrases():
        at = wording.find(phrase)
        while at >= 0:
            mask[max(0, at - GRAM + 4) : at + len(phrase) - 3] = False
            at = wording.find(phrase, at + 1)
    for title in _TITLE.finditer(text):
        at, end = np.searchsorted(places, title.span())
        mask[max(0, at - GRAM + 1) : end] = False
    for own in free:
        mask &= ~np.isin(grams, _grams(_letters(own)[0]))
    return mask


def check_originality(context: CheckContext) -> list[Finding]:
    """Runs shared with the library and with the exemplars used, and containment above 8 per cent (J-COPY)."""
    known: list[Any] = [context.known] if context.known is not None else []
    if context.exemplars:
        known.append(SharedIndex.build((e.speech_id, e.original) for e in context.exemplars))
    if not known:
        raise NotApplicable("没有可比对的讲话库")
    brief = context.brief
    free = [brief.own_text, *(m.text for m in brief.materials)] if brief else []
    view = clean_view(context.text)
    overlaps = [o for index in known for o in index.shared(view, free)]
    return copied(context.text, overlaps)


def copied(text: str, overlaps: Iterable[Overlap]) -> list[Finding]:
    """Return findings for shared runs (the longest where they overlap) and for high containment."""
    every = list(overlaps)
    runs = sorted((r for o in every for r in o.runs), key=lambda r: (-r.length, r.span))
    out: list[Finding] = []
    taken: list[Span] = []
    for run in runs:
        if any(run.span.start < t.end and t.start < run.span.end for t in taken):
            continue
        taken.append(run.span)
        severity = (
            Severity.P0 if run.length >= P0_RUN else Severity.P1 if run.length >= P1_RUN else Severity.P3
        )
        message = f"与已有讲话连续{run.length}字相同。"
        out.append(
            finding(
                text,
                "J-COPY",
                severity,
                (run.span.start, run.span.end),
                message=message,
                suggestion="用自己的话重写。",
                source=_SOURCE,
                evidence=run.speech_id,
            )
        )
    worst = max(every, key=lambda o: o.containment, default=None)
    if worst and worst.containment > MAX_CONTAINMENT:
        message = f"有{worst.containment:.0%}的文字与同一篇已有讲话重合。"
        out.append(
            Finding(
                "J-COPY",
                Severity.P1,
                None,
                "",
                message,
                "整段重写。",
                "J-COPY",
                _SOURCE,
                evidence=worst.speech_id,
            )
        )
    return out
