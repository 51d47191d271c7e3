from __future__ import annotations

import pytest

from rag_speech.compose import compose, vocative
from rag_speech.speech.outline import promises
from rag_speech.speech.parse import parse
from rag_speech.speech.render import render
from rag_speech.types import Card, Plan, Role, SectionPlan


def _card(card_id: str, role: Role = Role.POINT, heading: str = "") -> Card:
    return Card(card_id, role, heading, "", 100)


PLAN = Plan(
    title="在全县防汛工作会议上的讲话",
    caption=("县长", "（2026年6月2日）"),
    salutation="同志们：",
    opening_line="今天，我们召开全县防汛工作会议。",
    opening=(_card("opening.1", Role.OPENING),),
    transition="下面，我讲两点意见。",
    sections=(
        SectionPlan("压实责任", (_card("1.1", heading="压实责任"), _card("1.2", heading="压实责任"))),
        SectionPlan("排查隐患", (_card("2.1", heading="排查隐患"),)),
    ),
    closing=(_card("closing.1", Role.CLOSING),),
    closing_line="同志们，任务已经明确。让我们共同努力！",
    thanks="",
    target_chars=1000,
)
TEXTS = {
    "opening.1": "汛期到了。",
    "1.1": "责任要到人。",
    "1.2": "谁巡查谁签字。",
    "2.1": "隐患要清零。",
    "closing.1": "话讲完了。",
}


def test_the_speech_reads_back_as_planned() -> None:
    text = render(compose(PLAN, TEXTS))
    tree = parse(text)
    assert tree.title == PLAN.title and tree.salutation == PLAN.salutation
    assert [p.heading for p in tree.parts] == ["压实责任", "排查隐患"]
    (promise,) = [p for p in promises(tree) if p.count == 2]
    assert promise.kept
    assert text.endswith("同志们，话讲完了。任务已经明确。让我们共同努力！")


def test_a_paragraph_without_text_is_left_out() -> None:
    text = render(compose(PLAN, {**TEXTS, "1.2": ""}))
    assert "谁巡查" not in text and "\n\n" not in text


@pytest.mark.parametrize(
    ("salutation", "call"),
    [
        ("同志们：", "同志们，"),
        ("各位代表、同志们：", "同志们，"),
        ("尊敬的各位来宾、各位企业家，女士们、先生们：", "各位来宾、各位朋友，"),
        ("各位老领导、老同志：", "各位老领导、老同志，"),
    ],
)
def test_vocative(salutation: str, call: str) -> None:
    assert vocative(salutation) == call
