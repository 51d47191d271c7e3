from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag_speech.llm.refusals import neutral, suspects

PARTS = st.lists(st.sampled_from("甲乙丙丁戊"), max_size=6)


def test_what_passed_elsewhere_is_not_to_blame() -> None:
    refused = ["抓好值班", "转移群众", "会议今天召开"]
    assert suspects(refused, [["会议今天召开", "开头"], ["抓好值班"]]) == ("转移群众",)
    assert suspects(refused, []) == tuple(refused)
    assert suspects(refused, [refused]) == ()


def test_the_blamed_part_is_named_neutrally() -> None:
    parts = ["抓好值班", "转移群众", "提前转移", "会议今天召开"]
    assert neutral(parts, {"转移群众", "提前转移"}) == ("抓好值班", "有关情况", "会议今天召开")
    assert neutral(parts, ()) == tuple(parts)


@given(PARTS, st.lists(PARTS, max_size=4))
def test_suspects_are_parts_of_the_prompt_that_never_passed(
    refused: list[str], accepted: list[list[str]]
) -> None:
    blamed = suspects(refused, accepted)
    assert len(set(blamed)) == len(blamed)
    for part in refused:
        assert (part in blamed) == all(part not in prompt for prompt in accepted)
    assert not set(blamed) & set(neutral(refused, blamed))
