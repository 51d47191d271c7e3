from __future__ import annotations

import json
from pathlib import Path

from rag_speech.ingest.identity import Register, origin_of, text_digest
from rag_speech.types import StoredSpeech


def stored(speech_id: str, name: str, digest: str, words: str, recipe: str = "r") -> StoredSpeech:
    meta = json.dumps({"recipe": recipe, "words": words})
    return StoredSpeech(speech_id, "题", "", origin=origin_of(name), digest=digest, meta=meta)


def test_the_same_words_have_one_digest_whatever_the_white_space() -> None:
    assert text_digest("同志们：\n\n今天 开会。") == text_digest("同志们：\n今天开会。 ")
    assert text_digest("同志们：") != text_digest("同志们。")


def test_a_file_keeps_its_id_and_a_namesake_gets_a_number() -> None:
    register = Register([stored("讲话", "a/讲话.txt", "1", "w")], "r")
    assert register.id_for("a/讲话.txt") == "讲话"
    assert register.id_for("b/讲话.docx") == "讲话-2"
    assert register.id_for("c/x.zip/内/开班 讲话(1).txt") == "开班-讲话-1"
    assert register.id_for("….txt") == "speech"


def test_bytes_are_known_only_by_the_recipe_that_stored_them() -> None:
    speeches = [stored("a", "a.txt", "1", "w1"), stored("b", "b.txt", "2", "w2", recipe="old")]
    register = Register(speeches, "r")
    assert register.is_known("elsewhere.txt", "1")
    assert not register.is_known("b.txt", "2")
    assert register.of_digest("1").id == "a"


def test_replaced_and_removed_speeches_are_forgotten() -> None:
    register = Register([stored("a", "a.txt", "1", "w1")], "r")
    register.record(stored("a", "a.txt", "2", "w2"))
    assert not register.is_known("a.txt", "1")
    assert register.of_words("w1") is None
    assert register.of_words("w2") is not None
    register.forget("a")
    assert register.of_origin("a.txt") is None
    assert register.id_for("a.txt") == "a"


def test_origins_are_absolute(tmp_path: Path) -> None:
    assert origin_of("a.zip/b.txt") == str(Path.cwd() / "a.zip" / "b.txt")
    assert origin_of(str(tmp_path / "a.txt")) == str(tmp_path / "a.txt")
