from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from rag_speech.errors import LibraryError, NotFoundError, StorageError
from rag_speech.store.speeches import SpeechStore, Windows
from rag_speech.types import Chunk, Role, Span, StoredSpeech

TEXT = "同志们：\n要严格执行请假制度。值班要在岗。"


def _speech(name: str = "s1") -> StoredSpeech:
    return StoredSpeech(
        id=name, title="在培训班上的讲话", text=TEXT, original="<p>" + TEXT, occasion="training_opening", level="县",
        place="青山县", year=2026, chars=20, origin="a.md", digest="d", names=("青山县", "王建国"), meta='{"date": "x"}',
    )  # fmt: skip


def _chunk(name: str, role: Role = Role.POINT, speech: str = "s1") -> Chunk:
    return Chunk(
        name, speech, role, TEXT[5:], Span(5, len(TEXT)), ("一、提高认识",), "training_opening", "县", "f"
    )


def _windows(seed: int) -> Windows:
    vectors = np.random.default_rng(seed).standard_normal((2, 4)).astype(np.float32)
    return Windows((Span(0, 11), Span(11, 18)), vectors)


@pytest.fixture
def store(tmp_path: Path):  # type: ignore[no-untyped-def]
    store = SpeechStore(tmp_path / "new" / "library.sqlite")
    yield store
    store.close()


def test_what_goes_in_comes_out(store: SpeechStore) -> None:
    chunk, windows = _chunk("c1"), _windows(1)
    numbers = store.put(_speech(), {chunk: windows})
    stored = store.speech("s1")
    assert stored.added
    assert stored == type(stored)(
        **{f: getattr(_speech(), f) for f in stored.__slots__} | {"added": stored.added}
    )
    assert store.chunks_of("s1") == [chunk]
    assert store.names_of("s1") == ("青山县", "王建国")
    assert [(r.number, r.role) for r in store.windows(numbers)] == [(n, Role.POINT) for n in numbers]
    np.testing.assert_array_equal(np.stack([r.vector for r in store.windows(numbers)]), windows.vectors)
    assert store.window_texts(0, 10) == [(numbers[0], TEXT[5:16]), (numbers[1], TEXT[16:23])]
    assert store.window_spans(numbers)[numbers[1]] == Span(11, 18)
    assert store.speeches()[0].text == ""
    store.close()
    again = SpeechStore(store.path)
    assert again.speech("s1") == stored
    again.close()


def test_putting_again_replaces_and_never_reuses_numbers(store: SpeechStore) -> None:
    first = store.put(_speech(), {_chunk("c1"): _windows(1)})
    second = store.put(_speech(), {_chunk("c1"): _windows(2), _chunk("c2", Role.CLOSING): _windows(3)})
    assert not set(first) & set(second)
    assert store.windows(first) == []
    assert store.window_counts() == {Role.POINT: 2, Role.CLOSING: 2}
    assert len(store.speeches()) == 1
    store.delete("s1")
    assert store.window_counts() == {}
    assert store.chunks_of() == []


def test_a_failed_put_leaves_all_as_it_was(store: SpeechStore) -> None:
    store.put(_speech(), {_chunk("c1"): _windows(1)})
    store.put(_speech("s2"), {_chunk("c2", speech="s2"): _windows(2)})
    before = store.speeches(), store.chunks_of(), store.window_counts()
    with pytest.raises(LibraryError, match="'c2' is used twice"):
        store.put(_speech(), {_chunk("c9"): _windows(1), _chunk("c2"): _windows(1)})
    assert (store.speeches(), store.chunks_of(), store.window_counts()) == before


def test_chunks_without_windows_are_kept_and_not_searched(store: SpeechStore) -> None:
    nothing = Windows((), np.empty((0, 0), np.float32))
    store.put(_speech(), {_chunk("c1"): nothing, _chunk("c2"): _windows(1)})
    assert len(store.chunks_of("s1")) == 2
    assert store.chunk_numbers(None, None, None).tolist() == [2]
    assert store.chunk_numbers(Role.POINT, "training_opening", "县").tolist() == [2]
    assert store.chunk_numbers(Role.POINT, None, "市").tolist() == []
    assert store.segment_marks(10) == {0: (1, 2)}


def test_unknown_speech(store: SpeechStore) -> None:
    for ask in (store.speech, store.delete, store.names_of):
        with pytest.raises(NotFoundError, match="'nope'"):
            ask("nope")


def test_changes_by_others_are_seen(store: SpeechStore) -> None:
    other = SpeechStore(store.path)
    before = store.change_count()
    assert store.change_count() == before
    other.put(_speech(), {_chunk("c1"): _windows(1)})
    assert store.change_count() != before
    assert store.speech("s1").title
    other.close()


def test_a_file_that_is_no_library(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(LibraryError, match="damaged"):
        SpeechStore(path)


def test_a_newer_library_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    SpeechStore(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.commit()
    db.close()
    with pytest.raises(LibraryError, match="newer rag-speech"):
        SpeechStore(path)


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(StorageError, match="cannot be used"):
        SpeechStore(blocked / "library.sqlite")


def test_a_full_disk(store: SpeechStore) -> None:
    store.put(_speech(), {_chunk("c1"): _windows(1)})
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    big = Windows((Span(0, 18),), np.ones((1, 50_000), np.float32))
    with pytest.raises(StorageError, match="full"):
        store.put(_speech("s2"), {_chunk("c2", speech="s2"): big})
    assert [s.id for s in store.speeches()] == ["s1"]
