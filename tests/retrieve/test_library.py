from __future__ import annotations

import multiprocessing
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag_speech.config import load_settings
from rag_speech.embed.hashing import HashEmbedder
from rag_speech.errors import InputError, LibraryBusyError, LibraryError, NotFoundError, StorageError
from rag_speech.retrieve.library import Library, open_default_library
from rag_speech.retrieve.search import Searcher
from rag_speech.store.index import IndexFailure
from rag_speech.types import Chunk, Role, Span, StoredSpeech

TOPICS = ["请假制度", "值班值守", "公文质量", "办会水平", "保密纪律", "督查落实", "调查研究", "后勤服务"]
DOING = [
    "登记台账",
    "当场说清",
    "限期整改",
    "定期通报",
    "专人负责",
    "逐条核对",
    "提前准备",
    "挂图推进",
    "结对帮带",
]
THINGS = [
    "每月例会",
    "夜间巡查",
    "收文流程",
    "会场座次",
    "涉密载体",
    "重点项目",
    "村级走访",
    "食堂采购",
    "印章使用",
]


def make_speech(
    n: int, occasion: str = "training_opening", level: str = "县"
) -> tuple[StoredSpeech, list[Chunk]]:
    """A speech of one opening, four points and one closing about topics that depend on ``n`` alone."""
    draw = random.Random(n)
    name = f"s{n}"

    def said(topic: str) -> str:
        pairs = [f"{draw.choice(THINGS)}要{draw.choice(DOING)}{draw.randrange(10**6)}" for _ in range(6)]
        return f"{topic}不能松劲。{'，'.join(pairs[:3])}。{'，'.join(pairs[3:])}。"

    topics = [TOPICS[(n + i) % 8] for i in range(4)]
    paragraphs = [f"今天召开第{n}次会议，研究{topics[0]}。{said('这项工作')}"]
    paragraphs += [said(topic) for topic in topics]
    paragraphs.append(f"同志们，第{n}次会议的任务已经明确。{said('往后')}")
    text, chunks = "\n".join(paragraphs), []
    roles = [Role.OPENING, *[Role.POINT] * 4, Role.CLOSING]
    for i, (role, paragraph) in enumerate(zip(roles, paragraphs, strict=True)):
        at = text.index(paragraph)
        span = Span(at, at + len(paragraph))
        chunks.append(Chunk(f"{name}-{i}", name, role, paragraph, span, (), occasion, level))
    speech = StoredSpeech(
        name, f"在第{n}次会议上的讲话", text, text, occasion, level, chars=len(text), names=("张三",)
    )
    return speech, chunks


@pytest.fixture
def notices() -> list[str]:
    return []


@pytest.fixture
def library(tmp_path: Path, notices: list[str]) -> Iterator[Library]:
    with Library(tmp_path / "lib", HashEmbedder(), notice=notices.append) as library:
        yield library


def fill(library: Library, count: int = 6) -> None:
    with library.writing():
        for n in range(count):
            library.add(
                *make_speech(n, "training_opening" if n % 2 else "mobilisation", "县" if n % 3 else "市")
            )


def reopened(library: Library, notices: list[str], **options: object) -> Library:
    library.close()
    return Library(library.path, HashEmbedder(), notice=notices.append, **options)  # type: ignore[arg-type]


def ids(library: Library, query: str = "请假制度", **options: object) -> list[str]:
    return [h.chunk.id for h in library.search(query, **options)]  # type: ignore[arg-type]


def test_an_empty_library_finds_nothing(library: Library) -> None:
    assert library.search("请假制度") == []
    assert library.speeches() == []
    assert library.stats().windows == 0


def test_search_finds_by_meaning_and_words(library: Library, notices: list[str]) -> None:
    fill(library)
    hits = library.search("请假制度不能松劲", k=2)
    assert len(hits) == 2
    assert all("请假制度" in h.chunk.text for h in hits)
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    best = hits[0]
    assert best.lexical_rank is not None
    assert best.dense_rank is not None
    assert best.window is not None
    assert best.window.of(best.chunk.text)
    assert notices == []


def test_filters(library: Library) -> None:
    fill(library)
    for role in Role:
        assert {h.chunk.role for h in library.search("会议", k=20, role=role)} <= {role}
    assert len(ids(library, "会议", k=20, role=Role.OPENING)) == 6
    hits = library.search("请假制度", k=20, occasion="mobilisation", level="市")
    assert hits
    assert {(h.chunk.occasion, h.chunk.level) for h in hits} == {("mobilisation", "市")}
    assert ids(library, occasion="unheard_of") == []


def test_a_rare_kind_is_found_among_many(library: Library) -> None:
    fill(library, 20)
    library.add(*make_speech(99, "hosting", "乡镇"))
    assert len(ids(library, occasion="hosting", k=6)) == 6


def test_a_common_kind_is_filtered_from_what_chroma_finds(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(library, 40)
    exact = Searcher._exact
    with monkeypatch.context() as patch:
        patch.setattr(Searcher, "_exact", None)
        filtered = library.search("请假制度", level="县", role=Role.POINT, k=8)
    assert {h.chunk.level for h in filtered} == {"县"}
    monkeypatch.setattr(
        Searcher, "_nearest", lambda self, vector, depth, *_: exact(self, vector, _[1])[:depth]
    )
    assert library.search("请假制度", level="县", role=Role.POINT, k=8) == filtered


def test_adding_again_replaces_and_removing_removes(library: Library) -> None:
    fill(library)
    before = library.stats()
    library.add(*make_speech(1, "training_opening", "县"))
    assert library.stats() == before
    library.remove("s1")
    assert not [i for i in ids(library, k=50) if i.startswith("s1-")]
    assert library.stats().speeches == before.speeches - 1
    with pytest.raises(NotFoundError):
        library.remove("s1")
    assert library.names_of("s2") == ("张三",)


def test_structure_only_speeches_are_kept_and_never_found(library: Library) -> None:
    speech, chunks = make_speech(3)
    values = {name: getattr(speech, name) for name in speech.__slots__} | {"structure_only": True}
    library.add(StoredSpeech(**values), chunks)
    assert library.chunks("s3") == chunks
    assert library.search("请假制度") == []
    assert library.stats().structure_only == 1


def test_one_family_gives_one_hit(library: Library) -> None:
    for n in (1, 2):
        speech, chunks = make_speech(n)
        same = [Chunk(**{s: getattr(c, s) for s in c.__slots__} | {"family": "f"}) for c in chunks]
        library.add(speech, same)
    assert len(library.search("请假制度", k=10)) == 1


def test_impossible_requests(library: Library) -> None:
    with pytest.raises(InputError, match="empty"):
        library.search("  ")
    with pytest.raises(InputError, match="at least 1"):
        library.search("会议", k=0)
    speech, chunks = make_speech(1)
    with pytest.raises(ValueError, match="another speech"):
        library.add(make_speech(2)[0], chunks)
    assert speech.id not in {s.id for s in library.speeches()}


def test_a_second_process_sees_the_same(library: Library, notices: list[str]) -> None:
    fill(library)
    found = ids(library, k=10)
    with reopened(library, notices) as again:
        assert ids(again, k=10) == found
    assert notices == []


def _index_files(library: Library, pattern: str) -> list[Path]:
    return sorted((library.path / "index").rglob(pattern))


@pytest.mark.parametrize("harm", ["sqlite", "graph", "gone", "truncated"])
def test_a_damaged_index_is_rebuilt(library: Library, notices: list[str], harm: str) -> None:
    fill(library, 30)
    found = ids(library, k=10)
    library.close()
    if harm == "gone":
        shutil.rmtree(library.path / "index")
    elif harm == "sqlite":
        for file in _index_files(library, "chroma.sqlite3*"):
            file.write_bytes(b"rubbish" * 999)
    else:
        for file in _index_files(library, "*.bin"):
            size = file.stat().st_size
            file.write_bytes(b"\xff" * size if harm == "graph" else file.read_bytes()[: size // 2])
    with Library(library.path, HashEmbedder(), notice=notices.append) as again:
        assert ids(again, k=10) == found
    assert len(notices) == 1
    assert "index" in notices[0]
    with Library(library.path, HashEmbedder(), notice=notices.append) as again:
        assert ids(again, k=10) == found
    assert len(notices) == 1


def test_an_index_that_is_behind_catches_up(library: Library, notices: list[str]) -> None:
    fill(library)
    try:
        with library.writing():
            library.add(*make_speech(50))
            library.remove("s0")
            raise RuntimeError("interrupted before the index was published")
    except RuntimeError:
        pass
    found = ids(library, k=10)
    assert not [i for i in found if i.startswith("s0-")]
    assert any("behind" in n for n in notices)
    told = len(notices)
    with reopened(library, notices) as again:
        assert ids(again, k=10) == found
        assert ids(again, "第50次会议", k=1)[0].startswith("s50-")
    assert len(notices) == told


def test_an_index_that_breaks_in_use_is_rebuilt(
    library: Library, notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(library)
    found = ids(library)
    index = library._keeper.ready(library.embedder.name)

    def broken(*_: object) -> None:
        raise IndexFailure("hnsw segment reader")

    monkeypatch.setattr(index, "query", broken)
    assert ids(library) == found
    assert ["Rebuilding" in n for n in notices] == [True]


@pytest.mark.parametrize(
    ("said", "error"),
    [("No space left on device (os error 28)", StorageError), ("hnsw segment", LibraryError)],
)
def test_an_index_that_cannot_be_made_is_said(
    library: Library, monkeypatch: pytest.MonkeyPatch, said: str, error: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise IndexFailure(said)

    monkeypatch.setattr("rag_speech.store.index.ChromaIndex.upsert", fail)
    with pytest.raises(error, match="cannot be"):
        library.add(*make_speech(1))
    assert [s.id for s in library.speeches()] == ["s1"]
    monkeypatch.undo()
    assert ids(library, "会议", k=1)


def test_threads_share_a_library(library: Library) -> None:
    fill(library)
    alone = {topic: ids(library, topic, k=3) for topic in TOPICS}
    with ThreadPoolExecutor(4) as pool:
        together = dict(zip(TOPICS, pool.map(lambda topic: ids(library, topic, k=3), TOPICS), strict=True))
    assert together == alone


def test_another_embedding_model_embeds_anew(library: Library, notices: list[str]) -> None:
    fill(library)
    library.close()
    with Library(library.path, HashEmbedder(64), notice=notices.append) as other:
        assert len(ids(other, k=10)) == 10
        assert other._keeper.ready("hash:64").count(Role.OPENING) == 12
    assert any("embedding model is now hash:64 (was hash:256)" in n for n in notices)
    told = len(notices)
    with Library(library.path, HashEmbedder(64), notice=notices.append) as other:
        other.add(*make_speech(40))
        assert ids(other, "请假制度", k=3)
    assert len(notices) == told


def test_a_lost_word_index_is_made_again(library: Library, notices: list[str]) -> None:
    fill(library)
    found = ids(library, k=10)
    for file in (library.path / "words").iterdir():
        file.write_bytes(b"PK rubbish")
    with reopened(library, notices) as again:
        assert ids(again, k=10) == found


def test_the_second_writer_is_told(library: Library, notices: list[str]) -> None:
    fill(library, 2)
    with Library(library.path, HashEmbedder(), notice=notices.append, lock_seconds=0.1) as second:
        with library.writing():
            library.add(*make_speech(7))
            with pytest.raises(LibraryBusyError, match="Another process has been writing"):
                second.add(*make_speech(8))
            assert "s7" in {s.id for s in second.speeches()}
            assert ids(second, "会议", k=3)
        second.add(*make_speech(8))
    assert {"s7", "s8"} <= {s.id for s in library.speeches()}
    assert any(i.startswith("s8") for i in ids(library, "第8次会议", k=10))


def test_default_library_is_filled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text("甲", "utf-8")
    monkeypatch.setattr("rag_speech.resources.data_dir", lambda _: corpus)
    settings = load_settings(library=tmp_path / "lib", embedder="hash")
    calls: list[Path] = []

    def put(library: Library, folder: Path) -> None:
        calls.append(folder)
        library.add(*make_speech(len(calls)))

    told: list[str] = []
    for _ in range(2):
        open_default_library(settings, fill=put, notice=told.append).close()
    assert calls == [corpus]
    assert len(told) == 1
    (corpus / "b.md").write_text("乙", "utf-8")
    with open_default_library(settings, fill=put, notice=told.append) as library:
        assert {s.id for s in library.speeches()} == {"s1", "s2"}
    own = load_settings(library=tmp_path / "own", embedder="hash")
    with Library(own.library, "hash") as library:
        library.add(*make_speech(5))
    with open_default_library(own, fill=put, notice=told.append) as library:
        assert {s.id for s in library.speeches()} == {"s5"}


# ------------------------------------------------------------------ a real server, and killed processes


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    chroma = Path(sys.executable).with_name("chroma")
    command = [
        str(chroma),
        "run",
        "--path",
        str(tmp_path / "server"),
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{url}/api/v2/heartbeat", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.slow
def test_a_chroma_server_serves_the_same_results(library: Library, notices: list[str], server: str) -> None:
    fill(library, 12)
    with Library(library.path.parent / "served", HashEmbedder(), server, notice=notices.append) as served:
        fill(served, 12)
        for query in (*TOPICS, "限期整改", "同志们，让我们一起努力"):
            for options in ({}, {"role": Role.POINT}, {"occasion": "mobilisation"}):
                one, two = library.search(query, k=8, **options), served.search(query, k=8, **options)  # type: ignore[arg-type]
                assert [(h.chunk, h.score, h.window) for h in one] == [
                    (h.chunk, h.score, h.window) for h in two
                ]
        served.remove("s3")
        assert not [i for i in ids(served, k=50) if i.startswith("s3-")]
    with Library(library.path, HashEmbedder(), server, notice=notices.append) as moved:
        assert ids(moved, k=5) == ids(library, k=5)
    assert any("behind" in n for n in notices)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with Library(tmp_path / "lib", HashEmbedder(), "http://127.0.0.1:9") as library:
        with pytest.raises(LibraryError, match="does not answer; start it"):
            library.add(*make_speech(1))
        assert [s.id for s in library.speeches()] == ["s1"]


def _add_forever(path: Path, started: object) -> None:
    with Library(path, HashEmbedder()) as library, library.writing():
        started.set()  # type: ignore[attr-defined]
        for n in range(10_000):
            library.add(*make_speech(n))
            if n % 3 == 0:
                library._keeper.publish(library.embedder.name)


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.05, 0.4, 0.9])
def test_kill_while_adding_loses_and_doubles_nothing(
    library: Library, notices: list[str], delay: float
) -> None:
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    process = context.Process(target=_add_forever, args=(library.path, started))
    process.start()
    assert started.wait(60)
    time.sleep(delay)
    process.kill()
    process.join()
    kept = library.speeches()
    assert {s.id for s in kept} == {f"s{n}" for n in range(len(kept))}
    for n in range(len(kept) + 3):
        library.add(*make_speech(n))
    stats = library.stats()
    assert (stats.speeches, stats.chunks) == (len(kept) + 3, 6 * (len(kept) + 3))
    index = library._keeper.ready(library.embedder.name)
    assert sum(index.count(role) for role in Role) == stats.windows
    assert len(ids(library, k=3)) == 3
