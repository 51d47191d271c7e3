"""Pairs of drafts for people to judge without knowing which system wrote which."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag_speech.errors import InputError
from rag_speech.evals.records import Row, dump, load, load_rows
from rag_speech.evals.stats import sign_test
from rag_speech.evals.tally import by_system
from rag_speech.files import write_atomic

ANSWERS, KEY, README = "answers.csv", "key.json", "说明.md"
_CHOICES = {"甲": "first", "乙": "second", "平": "tie"}


@dataclass(frozen=True, slots=True)
class Pair:
    """One pair: which system's draft is 甲 and which 乙."""

    number: int
    case: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Key:
    """Which system stands where; kept apart from what the judges get."""

    a: str
    b: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How often people preferred each system. ``p`` is the sign test's, ties left out; ``open`` pairs have no answer."""

    a: str
    b: str
    wins_a: int
    wins_b: int
    ties: int
    open: int
    p: float


def write_blind(folder: Path, a: str, b: str, out: Path, *, seed: int = 1) -> Key:
    """Write a file for each pair of drafts of systems ``a`` and ``b``, an empty answer sheet and the key.

    Order and sides are shuffled by ``seed``. Raises InputError when a system is unknown, no case has both, or
    ``out`` already holds answers.
    """
    groups = by_system(load_rows(folder))
    for name in (a, b):
        if name not in groups:
            raise InputError(f"{folder} has no system {name!r}; it has: {', '.join(groups)}")
    if (out / ANSWERS).exists():
        raise InputError(f"{out} already holds {ANSWERS}; give another folder")
    drafts = [_drafts(groups[name]) for name in (a, b)]
    places = sorted(drafts[0].keys() & drafts[1].keys())
    if not places:
        raise InputError(f"{a} and {b} have no case in common")
    rng = random.Random(seed)
    rng.shuffle(places)
    pairs = []
    for number, place in enumerate(places, 1):
        turned = rng.random() < 0.5
        sides = ((b, a), (a, b))[not turned]
        texts = [drafts[(a, b).index(name)][place] for name in sides]
        pairs.append(Pair(number, place[0], *sides))
        page = f"# 第{number}组\n\n## 甲稿\n\n{_paragraphs(texts[0])}\n\n---\n\n## 乙稿\n\n{_paragraphs(texts[1])}\n"
        write_atomic(out / f"{number:03d}.md", page)
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(["组", "更好（甲、乙、平）", "理由"])
    writer.writerows([p.number, "", ""] for p in pairs)
    write_atomic(out / ANSWERS, "\N{BOM}" + sheet.getvalue())
    write_atomic(out / README, _HOW)
    key = Key(a, b, tuple(pairs))
    write_atomic(out / KEY, dump(Key, key, indent=1))
    return key


def unblind(out: Path, sheets: Sequence[Path] = ()) -> Tally:
    """Count the answers in ``sheets`` (default: the folder's own). Raises InputError for an answer that is none."""
    key = load(Key, out / KEY)
    by_number = {p.number: p for p in key.pairs}
    wins, ties, empty = {key.a: 0, key.b: 0}, 0, 0
    for sheet in sheets or (out / ANSWERS,):
        for number, answer in _answers(sheet):
            if number not in by_number:
                raise InputError(f"{sheet}: there is no pair {number}")
            if not answer:
                empty += 1
            elif _CHOICES[answer] == "tie":
                ties += 1
            else:
                wins[getattr(by_number[number], _CHOICES[answer])] += 1
    return Tally(key.a, key.b, wins[key.a], wins[key.b], ties, empty, sign_test(wins[key.a], wins[key.b]))


_HOW = """# 怎样评

每个文件有两篇为同一场合写的稿子，甲稿和乙稿，次序是随机的。请整篇看完，想一想：如果今天就要讲，您愿意拿哪一篇去讲？

在 answers.csv 里对应的一行填“甲”“乙”或“平”，理由写一句就行，没有看的留空。不要打开 key.json。
"""


def _drafts(rows: Sequence[Row]) -> dict[tuple[str, int, int], str]:
    return {(r.case, r.seed, r.run): r.text for r in rows if r.text}


def _paragraphs(text: str) -> str:
    return text.strip().replace("\n", "\n\n")


def _answers(sheet: Path) -> list[tuple[int, str]]:
    try:
        raw = sheet.read_bytes()
    except OSError as error:
        raise InputError(f"{sheet} cannot be read: {error.strerror}") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")  # what a Chinese spreadsheet saves
    out = []
    for line in list(csv.reader(io.StringIO(text)))[1:]:
        if not line or not line[0].strip():
            continue
        number, answer = line[0].strip(), (line[1].strip() if len(line) > 1 else "")
        if not number.isdigit() or (answer and answer not in _CHOICES):
            raise InputError(
                f"{sheet}: {number!r}, {answer!r} is no answer; write 甲, 乙 or 平 beside the pair's number"
            )
        out.append((int(number), answer))
    return out
