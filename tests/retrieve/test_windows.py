from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag_speech.retrieve.windows import WINDOW_ZI, cut_windows
from rag_speech.zh.text import count_zi

chinese = st.text(alphabet="办公室值班请假制度要严格执行，。；！？、：\n ”“1２a", max_size=600)


@given(chinese, st.integers(1, 120))
def test_windows_tile_the_text_and_keep_the_limit(text: str, limit: int) -> None:
    spans = cut_windows(text, limit)
    assert "".join(span.of(text) for span in spans) == text
    assert all(span.end - span.start > 0 for span in spans)
    assert all(count_zi(span.of(text)) <= limit for span in spans)


def test_whole_sentences_are_kept_together() -> None:
    text = "一要守时。" * 30
    pieces = [span.of(text) for span in cut_windows(text)]
    assert all(piece.endswith("。") for piece in pieces)
    assert max(map(count_zi, pieces)) == WINDOW_ZI


def test_a_long_sentence_is_cut_after_a_comma() -> None:
    text = "，".join(["要把责任落实到每一个岗位"] * 20) + "。"
    pieces = [span.of(text) for span in cut_windows(text)]
    assert len(pieces) > 1
    assert all(piece[-1] in "，。" for piece in pieces)
