"""``kill -9`` in the middle of the work: the same command again ends well and does nothing twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from rag_speech.retrieve.library import Library
from tests.llm.server import FakeEndpoint, serving
from tests.llm.speech_server import environment, writes

pytestmark = pytest.mark.slow

REPO = Path(__file__).resolve().parent.parent
EXAMPLE = REPO / "examples" / "01-county-office-training.yaml"
COMMAND = [sys.executable, "-c", "from rag_speech.cli import main; main()"]
INTERRUPTIBLE = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from rag_speech.cli import main; main()",
]
"""A shell ignores SIGINT in what it runs in the background, and children inherit that."""
PATIENCE_SECONDS = 60.0


def _environment(library: Path, **more: str) -> dict[str, str]:
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("RAG_SPEECH_", "OPENAI_"))}
    return {
        **plain,
        "RAG_SPEECH_EMBEDDER": "hash",
        "RAG_SPEECH_LIBRARY": str(library),
        "PYTHONPATH": str(REPO),
        **more,
    }


def _kill_when(words: list[str], env: dict[str, str], cwd: Path, seen: Callable[[], bool]) -> None:
    """Run a command and end it with SIGKILL (TerminateProcess on Windows) as soon as ``seen``."""
    process = subprocess.Popen(
        [*COMMAND, *words], env=env, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    _wait_until(seen, process)
    process.kill()
    process.communicate()
    assert process.returncode != 0


def _wait_until(seen: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not seen():
        assert process.poll() is None, (
            "it ended before it could be killed: " + process.communicate()[1][-500:]
        )
        assert time.monotonic() < deadline, "nothing happened that could be interrupted"
        time.sleep(0.005)


def _run(words: list[str], env: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], env=env, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False
    )


BRIEF = """event: 青山县防汛工作会议
speaker: 县长
place: 青山县
level: 县
date: 2026-06-02
minutes: 8
points: [加强巡堤查险, 组织转移避险, 严守值班纪律]
facts: [全县有险工险段17处]
materials:
  - name: 情况.txt
    text: |
      各乡镇已备编织袋28万条。
      堤上有值守点36处，昼夜有人。
"""


@pytest.mark.parametrize(
    ("stage", "seen"),
    [
        ("READ", "calls/read-brief-*.json"),
        ("READ, materials", "calls/read-materials-*.json"),
        ("PLAN", "calls/plan-*.json"),
        ("DRAFT", "calls/draft-*.json"),
        ("REVIEW", "calls/review-*.json"),
    ],
)
def test_a_draft_killed_in_any_stage_goes_on_and_asks_nothing_twice(
    corpus_library: Library, tmp_path: Path, stage: str, seen: str
) -> None:
    (tmp_path / "brief.yaml").write_text(BRIEF, "utf-8")
    words = ["draft", "brief.yaml", "--folder", "f", "-o", "out.md"]
    folder = tmp_path / "f"

    def answered(server: FakeEndpoint) -> list[str]:
        return [json.dumps([r["messages"], r.get("seed")], ensure_ascii=False) for r in server.requests]

    with serving(writes(delay=0.25)) as server:
        env = _environment(corpus_library.path, **environment(server))
        _kill_when(words, env, tmp_path, lambda: bool(list(folder.glob(seen))))
        kept = {p: p.read_bytes() for p in folder.glob("calls/*.json")}
        before = answered(server)[: len(kept)]
    assert kept
    assert not (folder / "draft.json").exists()
    assert not (tmp_path / "out.md").exists()

    with serving(writes()) as server:
        env = _environment(corpus_library.path, **environment(server))
        done = _run(words, env, tmp_path)
        asked = answered(server)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.md").read_text("utf-8").startswith("在青山县防汛工作会议上的讲话")
    assert {p: p.read_bytes() for p in kept} == kept
    assert not [request for request in before if request in asked]
    assert len(list(folder.glob("calls/*.json"))) == len(kept) + len(asked)

    with serving(writes()) as server:
        third = _run(words, _environment(corpus_library.path, **environment(server)), tmp_path)
    # The address is no part of a draft; the same model under another one goes on.
    assert third.returncode == 0, third.stderr
    assert server.requests == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
def test_ctrl_c_is_no_traceback(corpus_library: Library, tmp_path: Path) -> None:
    calls = tmp_path / "f" / "calls"
    with serving(writes(delay=1.0)) as server:
        env = _environment(corpus_library.path, **environment(server))
        words = [*INTERRUPTIBLE, "draft", str(EXAMPLE), "--folder", "f"]
        process = subprocess.Popen(words, env=env, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        _wait_until(lambda: len(list(calls.glob("*.json"))) >= 1, process)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=PATIENCE_SECONDS)[1]
    assert process.returncode in (1, 130)
    assert "Traceback" not in said
    assert not list(tmp_path.rglob("*.part"))


def test_a_killed_ingestion_goes_on_and_reads_nothing_twice(tmp_path: Path) -> None:
    documents = sorted((REPO / "corpus" / "speeches").glob("*.md"))
    folder, library = tmp_path / "in", tmp_path / "library"
    folder.mkdir()
    for document in documents:
        shutil.copy(document, folder)
    words = ["corpus", "add", str(folder), "--no-bundled", "--json"]
    env = _environment(library)
    _kill_when(words, env, tmp_path, lambda: 0 < _stored(library) < len(documents))
    before = _stored(library)

    again = _run(words, env, tmp_path)
    assert again.returncode == 0, again.stderr
    actions = [item["action"] for item in json.loads(again.stdout)["items"]]
    # The last speech may have been stored between the count and the kill.
    assert before <= actions.count("unchanged") <= before + 2
    assert actions.count("added") == len(documents) - actions.count("unchanged")
    assert _stored(library) == len(documents)
    with Library(library, "hash") as store:
        assert store.stats().speeches == len(documents)
        assert store.search("值班纪律")


def test_a_killed_first_use_is_done_again(tmp_path: Path) -> None:
    library = tmp_path / "library"
    env = _environment(library)
    _kill_when(["search", "值班纪律"], env, tmp_path, lambda: _stored(library) > 3)
    done = _run(["search", "值班纪律", "--json"], env, tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["hits"]
    with Library(library, "hash") as store:
        assert store.stats().speeches == len(list((REPO / "corpus" / "speeches").glob("*.md")))


def _stored(library: Path) -> int:
    """Number of speeches in the library file, seen from outside."""
    try:
        with closing(sqlite3.connect(f"file:{library / 'library.sqlite'}?mode=ro", uri=True)) as database:
            (count,) = database.execute("SELECT count(*) FROM speeches").fetchone()
    except sqlite3.OperationalError:
        return 0
    return int(count)
