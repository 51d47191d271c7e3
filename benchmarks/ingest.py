"""What ingestion costs: against the bare embedder, over thousands of speeches, and cleaning and parsing alone.

    python benchmarks/ingest.py            a few minutes: 60 speeches embedded, up to 1,000 stored
    python benchmarks/ingest.py --full     up to 10,000 stored

The scaling runs use the hashing embedder: 10,000 speeches are some 8 million 字, which take the real one about ten
minutes on two cores, and memory and linearity do not depend on which embedder it is. Speeches are synthesised from the bundled
ones, sentence by sentence, so that no two are near-duplicates. Results go to ``results/ingest.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag_speech.zh.text import count_zi, sentences

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "ingest.json"
SEED = 20261122
HAN = "一二三四五六七八九十"
TARGETS = {"ratio": 0.70, "peak_mib": 1536, "clean_parse_mb_s": 2.0, "linearity": 1.3}


def pool() -> list[str]:
    """Sentences of 15 to 90 字 of the bundled speeches."""
    from rag_speech.ingest.readers import read_document
    from rag_speech.resources import data_dir

    found: list[str] = []
    for path in sorted((data_dir("corpus") / "speeches").glob("*.md")):
        text = read_document(path).text
        found += [s.strip() for s in sentences(text) if 15 <= count_zi(s) <= 90 and s.strip().endswith("。")]
    return found


def speeches(count: int, lines: list[str], zi: int) -> Iterator[str]:
    """Yield ``count`` speeches of about ``zi`` 字 each, drawn from ``lines``."""
    draw = random.Random(SEED)
    for number in range(count):
        out = [f"在第{number}次工作会议上的讲话", "", "同志们：", "", "".join(draw.sample(lines, 3))]
        out += ["", "下面，我讲三点意见。", ""]
        for part in range(3):
            out += [f"{HAN[part]}、第{number}次会议的第{HAN[part]}项要求", ""]
            for _ in range(max(1, zi // 3 // 200)):
                out += ["".join(draw.sample(lines, 5)), ""]
        out += ["同志们，" + "".join(draw.sample(lines, 1)), "", "谢谢大家！"]
        yield "\n".join(out)


def write_folder(folder: Path, count: int, lines: list[str], zi: int) -> int:
    """Write the speeches as text files and return their 字."""
    folder.mkdir(parents=True)
    total = 0
    for number, text in enumerate(speeches(count, lines, zi)):
        (folder / f"{number:05d}.txt").write_text(text, "utf-8")
        total += count_zi(text)
    return total


def throughput(lines: list[str], work: Path, rounds: int = 6, count: int = 10) -> dict[str, float]:
    """字/s of ingestion and of the bare embedder on the very windows that it stored, in one process.

    Rounds of both alternate, so that whatever else the machine does meets both alike; two speeches go in before
    the clock starts, so that neither side pays for loading libraries and model. ``cpu_ratio`` compares processor
    time in place of wall time.
    """
    from rag_speech.embed import get_embedder
    from rag_speech.ingest.run import ingest
    from rag_speech.retrieve.library import Library
    from rag_speech.retrieve.windows import cut_windows

    zi = write_folder(work / "throughput", rounds * count, lines, 2500)
    files = sorted((work / "throughput").iterdir())
    embedder = get_embedder("default")
    write_folder(work / "warm", 2, lines[::-1], 700)
    spent, bare, embedded = [0.0, 0.0], [0.0, 0.0], 0
    with Library(work / "library", embedder) as library:
        ingest([work / "warm"], library)
        for number in range(rounds):
            with clock(spent):
                report = ingest(files[number * count : (number + 1) * count], library)
            assert len(report.stored) == count, report.counts()
            chunks = [chunk for item in report.stored for chunk in library.chunks(item.speech_id)]
            texts = [span.of(chunk.text) for chunk in chunks for span in cut_windows(chunk.text)]
            embedded += sum(count_zi(text) for text in texts)
            with clock(bare):
                embedder.embed(texts, "document")
    return {
        "speeches": rounds * count,
        "zi": zi,
        "ingest_zi_s": round(embedded / spent[0]),
        "embedder_zi_s": round(embedded / bare[0]),
        "ratio": round(bare[0] / spent[0], 3),
        "cpu_ratio": round(bare[1] / spent[1], 3),
    }


@contextmanager
def clock(sums: list[float]) -> Iterator[None]:
    """Add the wall and processor seconds of what is done inside to ``sums``."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    sums[0] += time.perf_counter() - wall
    sums[1] += time.process_time() - cpu


def clean_and_parse(lines: list[str]) -> dict[str, float]:
    """MB/s (UTF-8) of cleaning and parsing alone, one core."""
    from rag_speech.ingest.clean import clean
    from rag_speech.speech.parse import parse

    texts = list(speeches(150, lines, 3000))
    size = sum(len(t.encode()) for t in texts) / 1e6
    for text in texts[:5]:
        parse(clean(text).text)
    started = time.process_time()
    for text in texts:
        parse(clean(text).text)
    spent = time.process_time() - started
    return {"mb": round(size, 2), "clean_parse_mb_s": round(size / spent, 2)}


def scale(counts: tuple[int, ...], work: Path) -> list[dict[str, float]]:
    """Seconds and peak memory of ingesting ever more speeches, each in a process of its own."""
    rows = []
    for count in counts:
        command = [sys.executable, __file__, "--one", str(count), "--work", str(work / f"n{count}")]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ))
        rows.append(json.loads(done.stdout))
        print(f"  {rows[-1]}", flush=True)
    return rows


def one(count: int, work: Path) -> dict[str, float]:
    """Ingest ``count`` short speeches with the hashing embedder in this process."""
    from rag_speech.embed import get_embedder
    from rag_speech.ingest.run import ingest
    from rag_speech.retrieve.library import Library

    zi = write_folder(work / "speeches", count, pool(), 700)
    with Library(work / "library", get_embedder("hash")) as library:
        started = time.perf_counter()
        report = ingest([work / "speeches"], library)
        spent = time.perf_counter() - started
    assert len(report.stored) == count, report.counts()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024 if sys.platform != "darwin" else 1024**2
    )
    return {
        "speeches": count,
        "zi": zi,
        "seconds": round(spent, 1),
        "ms_a_speech": round(1000 * spent / count, 2),
        "peak_mib": round(peak),
    }


def main() -> int:
    """Run, print and save; exit code 1 when a target is missed."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--full", action="store_true", help="store 10,000 speeches")
    options.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one:
        print(json.dumps(one(given.one, given.work)))
        return 0
    lines = pool()
    with tempfile.TemporaryDirectory(prefix="bench-ingest-") as folder:
        work = Path(folder)
        alone = clean_and_parse(lines)
        print(alone, flush=True)
        against = throughput(lines, work)
        print(against, flush=True)
        rows = scale((2500, 5000, 10_000) if given.full else (250, 500, 1000), work)
    linearity = round(rows[-1]["ms_a_speech"] / rows[0]["ms_a_speech"], 3)
    peak = max(row["peak_mib"] for row in rows)
    result = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "targets": TARGETS,
        "throughput": against,
        "clean_parse": alone,
        "scale": {"embedder": "hash", "rows": rows, "linearity": linearity, "peak_mib": peak},
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", "utf-8")
    missed = [
        name
        for name, bad in {
            "ratio": against["ratio"] < TARGETS["ratio"],
            "clean_parse_mb_s": alone["clean_parse_mb_s"] < TARGETS["clean_parse_mb_s"],
            "peak_mib": peak > TARGETS["peak_mib"],
            "linearity": linearity > TARGETS["linearity"],
        }.items()
        if bad
    ]
    print(
        f"saved {RESULTS.relative_to(HERE.parent)}; "
        + (f"missed: {', '.join(missed)}" if missed else "all targets met")
    )
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
