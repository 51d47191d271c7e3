"""Persons as running text names them."""

from __future__ import annotations

import pytest

from rag_speech.zh.names import persons


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("县委书记张德明", ["张德明"]),
        ("尊敬的张德明书记，同志们：", ["张德明"]),
        ("王建国县长今天也来了。", ["王建国"]),
        ("请李书记讲话。", ["李"]),
        ("尊敬的各位书记、各位主任：", []),
        ("尊敬的老书记：", []),
        ("各位书记、同志们：", []),
    ],
)
def test_a_person_is_named_by_office_and_name_in_either_order(text: str, names: list[str]) -> None:
    assert [c.text for c in persons(text)] == names
