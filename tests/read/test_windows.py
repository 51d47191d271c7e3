"""Sentences of materials, numbered, and the windows that a model reads at once."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rag_speech.brief.brief import Material
from rag_speech.read.windows import cut_windows, number_lines
from rag_speech.zh.text import count_zi

TEXTS = st.lists(
    st.text("堤水人雨3，。；！？\n 　“”", max_size=120).map(lambda t: Material(name="a", text=t)), max_size=4
).map(lambda found: [m.model_copy(update={"name": f"材料{n}"}) for n, m in enumerate(found)])


@given(TEXTS)
def test_lines_stand_at_their_spans_and_leave_out_nothing_but_space(materials: list[Material]) -> None:
    lines = number_lines(materials)
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    texts = {m.name: m.text for m in materials}
    for line in lines:
        assert line.span.of(texts[line.source]) == line.text == line.text.strip()
    for material in materials:
        own = [line for line in lines if line.source == material.name]
        assert count_zi("".join(line.text for line in own)) == count_zi(material.text)
        assert all(a.span.end <= b.span.start for a, b in pairwise(own))


@given(TEXTS, st.integers(1, 200))
def test_windows_tile_the_lines_and_keep_their_size(materials: list[Material], zi: int) -> None:
    lines = number_lines(materials)
    windows = list(cut_windows(lines, zi))
    assert tuple(line for window in windows for line in window) == lines
    for window in windows:
        assert window
        assert len(window) == 1 or sum(count_zi(line.text) for line in window) <= zi


def test_a_materials_end_is_a_windows_end_where_it_is_near() -> None:
    long, short = "各乡镇要把堤巡到位。" * 6, "人要转移好。"
    materials = [
        Material(name="甲", text=long),
        Material(name="乙", text=short * 3),
        Material(name="丙", text=short),
    ]
    windows = [{line.source for line in window} for window in cut_windows(number_lines(materials), 90)]
    assert windows == [{"甲"}, {"乙", "丙"}]


def test_rows_of_a_table_are_lines_of_their_own() -> None:
    table = "乡镇\t水库\t隐患\n石澜乡\t3\t1\n云渠镇\t5\t2\n"
    assert [line.text for line in number_lines([Material(name="表", text=table)])] == [
        "乡镇\t水库\t隐患",
        "石澜乡\t3\t1",
        "云渠镇\t5\t2",
    ]
