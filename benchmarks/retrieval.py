"""Speed of the library: python benchmarks/retrieval.py [--chunks 10000]

Synthesises chunks from the bundled speeches (clauses put together at random, so that no two are alike), stores
them with the default embedder, then measures warm hybrid queries and a fresh process that opens the library and
answers one query. Each figure stands beside a baseline of the same run: the parts alone, without this package.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rag_speech.embed import Embedder, get_embedder
from rag_speech.resources import data_dir
from rag_speech.retrieve.library import Library
from rag_speech.types import Chunk, Role, Span, StoredSpeech
from rag_speech.zh.text import count_zi

RESULTS = Path(__file__).resolve().parent / "results" / "retrieval.json"
CHUNKS_A_SPEECH = 16
CHUNK_ZI = 240
QUERIES = 200
FRESH_RUNS = 7
OCCASIONS = 30

BARE_PROCESS = """
import sys, numpy as np, onnxruntime, chromadb
from chromadb.config import Settings
from tokenizers import Tokenizer
model, index, collection = sys.argv[1:]
tokenizer = Tokenizer.from_file(model + "/tokenizer.json")
session = onnxruntime.InferenceSession(model + "/model_int8.onnx", providers=["CPUExecutionProvider"])
ids = np.array([tokenizer.encode("query: 请假制度怎么执行").ids])
vector = session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0]
client = chromadb.PersistentClient(index, settings=Settings(anonymized_telemetry=False))
print(client.get_collection(collection, embedding_function=None).query(query_embeddings=list(vector), n_results=5)["ids"])
"""
OUR_PROCESS = """
import sys
from pathlib import Path
from rag_speech.retrieve.library import Library
with Library(Path(sys.argv[1])) as library:
    print([h.chunk.id for h in library.search("请假制度怎么执行")])
"""


def speeches(
    clauses: list[str], count: int, rng: random.Random
) -> Iterator[tuple[StoredSpeech, list[Chunk]]]:
    """Yield speeches with ``count`` chunks in all: an opening, a closing, points between."""
    for n in range(-(-count // CHUNKS_A_SPEECH)):
        occasion, paragraphs = f"occasion_{n % OCCASIONS}", []
        for _ in range(min(CHUNKS_A_SPEECH, count - n * CHUNKS_A_SPEECH)):
            text = ""
            while count_zi(text) < CHUNK_ZI:
                text += "，".join(rng.choice(clauses) for _ in range(3)) + "。"
            paragraphs.append(text)
        chunks, at = [], 0
        for i, text in enumerate(paragraphs):
            role = Role.OPENING if i == 0 else Role.CLOSING if i == CHUNKS_A_SPEECH - 1 else Role.POINT
            chunks.append(
                Chunk(f"s{n}-{i}", f"s{n}", role, text, Span(at, at + len(text)), (), occasion, "县")
            )
            at += len(text) + 1
        whole = "\n".join(paragraphs)
        yield StoredSpeech(f"s{n}", f"第{n}篇", whole, whole, occasion, "县", chars=count_zi(whole)), chunks


def timed(calls: dict[str, Callable[[int], Any]], rounds: int) -> dict[str, dict[str, float]]:
    """Return the median and the 95th percentile of each call, in ms. The calls take turns, to share the noise."""
    took: dict[str, list[float]] = {name: [] for name in calls}
    for i in range(rounds):
        for name, call in calls.items():
            start = time.perf_counter()
            call(i)
            took[name].append((time.perf_counter() - start) * 1000)
    return {
        name: {
            "p50_ms": round(statistics.median(t), 2),
            "p95_ms": round(statistics.quantiles(t, n=20)[18], 2),
        }
        for name, t in took.items()
    }


def fresh(programs: dict[str, list[str]]) -> dict[str, dict[str, float]]:
    """Return the seconds that each program takes in a new process: median and least. They take turns."""
    took: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(FRESH_RUNS):
        for name, (code, *arguments) in programs.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code, *arguments], check=True, stdout=subprocess.DEVNULL)
            took[name].append(time.perf_counter() - start)
    return {
        name: {"median_s": round(statistics.median(t), 3), "least_s": round(min(t), 3)}
        for name, t in took.items()
    }


def warm(library: Library, embedder: Embedder, queries: list[str]) -> dict[str, Any]:
    """Measure queries in an open library, and the parts that no hybrid search can do without."""
    index = library._keeper.ready(embedder.name)
    vectors = [embedder.embed([q], "query") for q in queries]
    library.search(queries[0])
    calls: dict[str, Callable[[int], Any]] = {
        "hybrid": lambda i: library.search(queries[i]),
        "hybrid, role": lambda i: library.search(queries[i], role=Role.POINT),
        "hybrid, occasion": lambda i: library.search(queries[i], occasion="occasion_7"),
        "hybrid, role and occasion": lambda i: library.search(
            queries[i], role=Role.OPENING, occasion="occasion_7"
        ),
        "bare embedding of the query": lambda i: embedder.embed([queries[i]], "query"),
        "bare Chroma, every collection": lambda i: [index.query(role, vectors[i], 5) for role in Role],
    }
    return timed(calls, len(queries))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=10_000)
    parser.add_argument("--keep", type=Path, help="build the library here, or use the one that is here")
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    options = parser.parse_args()
    text = "\n".join(p.read_text("utf-8") for p in sorted((data_dir("corpus") / "speeches").glob("*.md")))
    clauses = sorted(set(re.findall(r"[一-鿿]{6,24}", text)))
    rng = random.Random(7)
    embedder = get_embedder("default")
    queries = ["，".join(rng.sample(clauses, 2)) for _ in range(QUERIES)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary) / "library"
        built = (folder / "library.sqlite").exists()
        with Library(folder, embedder) as library:
            report: dict[str, Any] = {}
            if not built:
                report["ingestion"] = ingest(library, embedder, list(speeches(clauses, options.chunks, rng)))
            stats = library.stats()
            report |= {
                "chunks": stats.chunks,
                "windows": stats.windows,
                "warm": warm(library, embedder, queries),
            }
            collection = library._keeper.ready(embedder.name)._collection(Role.POINT).name
            index = library._keeper._folders.path(library._keeper._number)
        from rag_speech.embed.onnx import MODEL_DIR

        report["fresh process"] = fresh(
            {
                "open and one query": [OUR_PROCESS, str(folder)],
                "bare parts": [BARE_PROCESS, str(MODEL_DIR), str(index), collection],
                "import chromadb": ["import chromadb"],
                "python alone": ["pass"],
            }
        )
    packages = ("chromadb", "onnxruntime", "tokenizers", "numpy")
    report["versions"] = {"python": platform.python_version()} | {p: version(p) for p in packages}
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", "utf-8")
    print(json.dumps(report, ensure_ascii=False, indent=2))


def ingest(
    library: Library, embedder: Embedder, made: list[tuple[StoredSpeech, list[Chunk]]]
) -> dict[str, Any]:
    """Store all speeches; the baseline is the embedder alone on a tenth of the same windows."""
    from rag_speech.retrieve.windows import cut_windows

    some = [c.text for _, chunks in made[::10] for c in chunks]
    windows = [span.of(text) for text in some for span in cut_windows(text)]
    start = time.perf_counter()
    embedder.embed(windows, "document")
    bare = sum(map(count_zi, windows)) / (time.perf_counter() - start)
    start = time.perf_counter()
    with library.writing():
        for speech, chunks in made:
            library.add(speech, chunks)
    rate = sum(speech.chars for speech, _ in made) / (time.perf_counter() - start)
    return {"zi_per_s": round(rate), "bare embedder zi_per_s": round(bare), "ratio": round(rate / bare, 3)}


if __name__ == "__main__":
    main()
