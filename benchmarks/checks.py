"""Speed of the checks: python benchmarks/checks.py [--speeches 10000]

Measures, warm and on one core: all checks but originality on a 3,000-字 speech, the same with a brief, with
originality against many speeches (synthesised from the bundled ones, clause by clause), and files of 3,000 to
300,000 字. Every round checks a text of its own, so that no cache helps. The baseline of the same run is the
plainest reading of such a speech: splitting it into sentences and counting its characters.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path

from rag_speech.brief.brief import make_brief
from rag_speech.checks import check
from rag_speech.checks.originality import SharedIndex
from rag_speech.resources import data_dir
from rag_speech.zh.text import count_zi, sentences

RESULTS = Path(__file__).resolve().parent / "results" / "checks.json"
AS_OF = date(2026, 11, 20)
ROUNDS = 30
SPEECH_ZI = 3_000
_CLAUSE = re.compile(r"[^，。；！？\n]+[，。；！？]")


def corpus() -> list[str]:
    """Return the bundled speeches without their front matter."""
    texts = [p.read_text("utf-8") for p in sorted((data_dir("corpus") / "speeches").glob("*.md"))]
    return [t.split("---\n", 2)[2].strip() for t in texts]


def synthesise(texts: list[str], count: int, rng: random.Random) -> list[tuple[str, str]]:
    """Return ``count`` speeches of about 3,000 字 whose clauses are put together at random."""
    clauses = [c for t in texts for c in _CLAUSE.findall(t)]
    letters = "".join(clauses)
    out = []
    for number in range(count):
        parts: list[str] = []
        zi = 0
        while zi < SPEECH_ZI:
            clause = list(rng.choice(clauses))
            clause[rng.randrange(len(clause))] = rng.choice(
                letters
            )  # keeps chance runs short, as between speakers
            parts.append("".join(clause))
            zi += len(clause)
        out.append((f"speech-{number}", "".join(parts)))
    return out


def variants(text: str, count: int, rng: random.Random) -> list[str]:
    """Return texts of the same length, each with its paragraphs' sentences in another order."""
    out = []
    for _ in range(count):
        lines = text.split("\n")
        at = rng.randrange(len(lines) // 2, len(lines))
        own = sentences(lines[at])
        rng.shuffle(own)
        lines[at] = "".join(own) + "。" * rng.randrange(3)
        out.append("\n".join([*lines, f"第{rng.randrange(10**6)}号。"]))
    return out


def milliseconds(run: Callable[[str], object], texts: list[str]) -> dict[str, float]:
    """Return one run a text: median and 95th percentile on the clock, and the median of processor time."""
    clock, processor = [], []
    for text in texts:
        start, used = time.perf_counter(), time.process_time()
        run(text)
        clock.append((time.perf_counter() - start) * 1000)
        processor.append((time.process_time() - used) * 1000)
    return {
        "median_ms": round(statistics.median(clock), 2),
        "p95_ms": round(sorted(clock)[int(len(clock) * 0.95)], 2),
        "processor_median_ms": round(statistics.median(processor), 2),
    }


def main() -> int:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--speeches", type=int, default=10_000)
    parser.add_argument("--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    rng = random.Random(7)
    texts = corpus()
    speech = min(texts, key=lambda t: abs(count_zi(t) - SPEECH_ZI))
    brief = make_brief(
        {"event": "全县重点工作推进会", "level": "县", "facts": ["全年完成投资12.6亿元", "惠及3.2万人"]}
    )
    check(speech, as_of=AS_OF, brief=brief)
    measured: dict[str, object] = {"speech_zi": count_zi(speech)}
    measured["baseline_split_and_count"] = milliseconds(
        lambda t: (sentences(t), count_zi(t)), variants(speech, ROUNDS, rng)
    )
    measured["all_but_originality"] = milliseconds(
        lambda t: check(t, as_of=AS_OF), variants(speech, ROUNDS, rng)
    )
    measured["with_brief"] = milliseconds(
        lambda t: check(t, as_of=AS_OF, brief=brief), variants(speech, ROUNDS, rng)
    )
    known = synthesise(texts, options.speeches, rng)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        SharedIndex.build(known).save(Path(folder) / "index")
        build = time.perf_counter() - start
        size = sum(p.stat().st_size for p in (Path(folder) / "index").iterdir())
        start = time.perf_counter()
        index = SharedIndex.load(Path(folder) / "index")
        opening = (time.perf_counter() - start) * 1000
        check(speech, as_of=AS_OF, known=index)
        measured["with_originality"] = milliseconds(
            lambda t: check(t, as_of=AS_OF, known=index), variants(speech, ROUNDS, rng)
        )
    measured["originality_index"] = {
        "speeches": options.speeches,
        "build_s": round(build, 1),
        "open_ms": round(opening, 1),
        "megabytes": round(size / 1e6, 1),
    }
    measured["seconds_by_length"] = {
        str(zi): round(min(_seconds(speech, zi, n) for n in range(2)), 3) for zi in (3_000, 30_000, 300_000)
    }
    measured["environment"] = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "numpy": version("numpy"),
        "pyahocorasick": version("pyahocorasick"),
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(measured, ensure_ascii=False, indent=2) + "\n", "utf-8")
    print(json.dumps(measured, ensure_ascii=False, indent=2))
    return 0


def _seconds(speech: str, zi: int, number: int) -> float:
    text = "\n".join([speech] * max(1, round(zi / count_zi(speech)))) + "。" * number
    start = time.perf_counter()
    check(text, as_of=AS_OF)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
