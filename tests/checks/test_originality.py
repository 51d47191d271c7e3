"""Shared runs are found exactly, set phrases and the brief do not count."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag_speech.checks import check
from rag_speech.checks.originality import SharedIndex, copied, known_speeches
from rag_speech.errors import LibraryError
from rag_speech.types import Severity

LETTERS = "".join(chr(0x4E00 + i) for i in range(3000))


def speech(seed: int, size: int = 600) -> str:
    rng = random.Random(seed)
    return "".join(rng.choice(LETTERS) + ("，" if rng.random() < 0.08 else "") for _ in range(size))


INDEX = SharedIndex.build((f"s{n}", speech(n)) for n in range(40))


def bare(text: str) -> str:
    return text.replace("，", "")


@pytest.mark.parametrize(("length", "severity"), [(16, Severity.P3), (26, Severity.P1), (40, Severity.P0)])
def test_a_copied_run_is_found_with_its_length(length: int, severity: Severity) -> None:
    run = bare(speech(7))[100 : 100 + length]
    text = speech(100) + "。" + run + "。" + speech(101)
    found = copied(text, INDEX.shared(text))
    assert [(f.severity, f.fragment, f.evidence) for f in found] == [(severity, run, "s7")]


@settings(max_examples=40)
@given(st.integers(0, 39), st.integers(0, 500), st.integers(16, 60))
def test_every_run_of_sixteen_is_seen(number: int, start: int, length: int) -> None:
    run = bare(speech(number))[start : start + length]
    if len(run) < 16:
        return
    text = speech(200 + number, 200) + "。" + run + "。" + speech(300 + number, 200)
    lengths = [r.length for o in INDEX.shared(text) for r in o.runs if o.speech_id == f"s{number}"]
    assert max(lengths, default=0) >= len(run)


def test_fifteen_in_common_do_not_matter() -> None:
    text = speech(100) + "。" + bare(speech(7))[100:115] + "。"
    assert copied(text, INDEX.shared(text)) == []


def test_set_phrases_titles_and_the_brief_do_not_count() -> None:
    phrase = "在思想上政治上行动上同以习近平同志为核心的党中央保持高度一致"
    index = SharedIndex.build([("known", speech(1) + phrase + "《" + bare(speech(9))[:30] + "》")])
    text = speech(2) + "。" + phrase + "。《" + bare(speech(9))[:30] + "》"
    assert copied(text, index.shared(text)) == []
    run = bare(speech(1))[50:90]
    assert copied(speech(3) + run, index.shared(speech(3) + run))
    assert copied(speech(3) + run, index.shared(speech(3) + run, free=[run])) == []


def test_the_very_speech_itself_never_counts() -> None:
    from dataclasses import replace

    text = speech(5)
    assert copied(text, INDEX.shared(text))[0].severity is Severity.P0
    assert replace(INDEX, without=frozenset({"s5"})).shared(text) == []


def test_an_index_is_saved_and_opened(tmp_path: Path) -> None:
    INDEX.save(tmp_path / "index")
    again = SharedIndex.load(tmp_path / "index")
    text = bare(speech(7))[100:150]
    assert again.shared(text) == INDEX.shared(text)
    (tmp_path / "index" / "hashes.npy").write_bytes(b"")
    with pytest.raises(LibraryError, match="cannot be read"):
        SharedIndex.load(tmp_path / "index")


def test_without_a_library_the_check_does_not_apply() -> None:
    report = check("在会议上的讲话\n\n同志们：\n\n今天开会。")
    result = next(r for r in report.results if r.check == "originality")
    assert result.reason == "没有可比对的讲话库"
    assert check(speech(7), known=INDEX).verdict == "REJECT"


def test_the_library_is_indexed_once_and_again_when_it_changes(tmp_path: Path) -> None:
    from rag_speech.store.speeches import SpeechStore
    from rag_speech.types import StoredSpeech

    assert known_speeches(tmp_path) is None
    store = SpeechStore(tmp_path / "library.sqlite")
    store.put(StoredSpeech(id="one", title="一", text=speech(1), digest="d1"), {})
    first = known_speeches(tmp_path)
    assert first is not None
    assert first.ids == ("one",)
    assert len(list((tmp_path / "originality").iterdir())) == 1
    store.put(StoredSpeech(id="two", title="二", text=speech(2), digest="d2"), {})
    store.close()
    second = known_speeches(tmp_path, "d2")
    assert second is not None
    assert set(second.ids) == {"one", "two"}
    assert second.shared(speech(2)) == []
    assert second.shared(speech(1))[0].speech_id == "one"
    assert len(list((tmp_path / "originality").iterdir())) == 1
