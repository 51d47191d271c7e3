from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.errors import ReadError
from rag_speech.ingest.readers import (
    MAX_BYTES,
    SUFFIXES,
    Document,
    Refusal,
    UnreadableError,
    read_bytes,
    read_document,
    read_many,
)
from rag_speech.ingest.readers.encoding import COMMON, common_share, decode
from rag_speech.ingest.readers.text import markdown_to_text, text_to_markdown

SIMPLIFIED = (
    "同志们，今天我们召开会议，主要任务是研究部署下一步工作，请大家认真抓好落实。\n下面，我讲三点意见。\n"
)
TRADITIONAL = "同志們，今天我們召開會議，主要任務是研究下一步的工作，請大家認真辦好。\n下面，我講三點意見。\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_simplified_text_comes_back_from_every_encoding(encoding: str) -> None:
    document = read_bytes(SIMPLIFIED.encode(encoding), "讲话.txt")
    assert document.text == SIMPLIFIED
    assert document.format == "txt"


@pytest.mark.parametrize("encoding", ["big5", "utf-8", "gb18030", "utf-16"])
def test_traditional_text_comes_back_from_every_encoding(encoding: str) -> None:
    document = read_bytes(TRADITIONAL.encode(encoding), "講話.txt")
    assert document.text == TRADITIONAL
    if encoding == "big5":
        assert document.encoding == "big5"


@given(
    st.text(st.sampled_from(sorted(COMMON)), min_size=12, max_size=80),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
)
def test_common_characters_always_decode_to_themselves(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), "x.txt")[0] == text


@given(st.binary(max_size=400))
def test_any_bytes_give_text_or_one_sentence(data: bytes) -> None:
    for suffix in (".txt", ".md", ".html"):
        try:
            document = read_bytes(data, f"x{suffix}")
        except ReadError as error:
            assert str(error).startswith(f"x{suffix}: ")
            assert "\n" not in str(error)
        else:
            assert document.text.strip()


def test_wrong_encoding_is_told_by_its_characters() -> None:
    wrong = SIMPLIFIED.encode("gb18030").decode("big5", "replace")
    assert common_share(SIMPLIFIED) > 0.5
    assert common_share(wrong) < 0.1


def test_line_ends_become_one_kind() -> None:
    assert read_bytes("一\r\n二\r三\u2028四".encode(), "x.txt").text == "一\n二\n三\n四"


def test_front_matter_becomes_meta_and_marks_go() -> None:
    source = "---\noccasion: training_opening\nminutes: 15\n---\n# 标题\n\n**一、要点。**正文[链接](http://a.b)\n\n1. 编号\n- 项\n\n---\n"
    document = read_bytes(source.encode(), "a.md")
    assert document.meta == {"occasion": "training_opening", "minutes": 15}
    assert document.text.split("\n") == ["标题", "", "一、要点。正文链接", "", "1. 编号", "项", "", ""]


@given(st.text(st.sampled_from("字# *_>-.1\n"), max_size=200))
def test_markdown_keeps_every_word(source: str) -> None:
    assert markdown_to_text(source).count("字") == source.count("字")


def test_text_without_front_matter_may_begin_with_a_rule() -> None:
    assert read_bytes("---\n正文\n".encode(), "a.md").text.strip() == "正文"


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_every_format_refuses_nothing_and_noise_with_one_sentence(suffix: str) -> None:
    for data in (b"", os.urandom(3000), b"\x00" * 3000):
        if suffix in (".doc", ".wps", ".rtf") and data:
            continue  # LibreOffice decides; see test_readers_office
        with pytest.raises(ReadError) as caught:
            read_bytes(data, f"坏{suffix}")
        assert str(caught.value).startswith(f"坏{suffix}: ")


def test_missing_folder_large_and_unknown_are_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    with large.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    unknown = tmp_path / "a.xyz"
    unknown.write_bytes(b"1")
    for path, kind in (
        (tmp_path / "no.txt", "missing"),
        (tmp_path, "unsupported"),
        (large, "too_large"),
        (unknown, "unsupported"),
    ):
        with pytest.raises(UnreadableError) as caught:
            read_document(path)
        assert caught.value.kind == kind


def test_name_is_what_errors_say(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"^材料一: the file does not exist$"):
        read_document(tmp_path / "x.txt", name="材料一")


def test_a_folder_is_read_in_order_without_junk(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.txt").write_text("二", "utf-8")
    (tmp_path / "1.txt").write_text("一", "utf-8")
    (tmp_path / "~$1.docx").write_bytes(b"lock")
    (tmp_path / ".hidden.txt").write_text("x", "utf-8")
    (tmp_path / "3.xyz").write_bytes(b"x")
    found = list(read_many(tmp_path))
    assert [d.text for d in found if isinstance(d, Document)] == ["一", "二"]
    assert [r.kind for r in found if isinstance(r, Refusal)] == ["unsupported"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_that_go_in_circles_are_refused_once(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("一", "utf-8")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    found = list(read_many(tmp_path))
    assert sum(isinstance(d, Document) for d in found) == 1
    assert sorted(r.kind for r in found if isinstance(r, Refusal)) == ["loop", "loop", "missing"]


@given(st.text(st.sampled_from("字# *_>-.1\n\\[]()!`~=|+\t"), max_size=120))
def test_exported_text_comes_back(text: str) -> None:
    assert markdown_to_text(text_to_markdown(text)) == text
