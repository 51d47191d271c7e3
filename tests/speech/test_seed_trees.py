"""The five real speeches have the trees, promises and lengths that the domain description states."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag_speech.ingest.clean import clean
from rag_speech.speech.outline import Heading, outline, promises, speech_chars
from rag_speech.speech.parse import parse
from rag_speech.speech.render import render
from rag_speech.types import Part, Speech

_SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
pytestmark = pytest.mark.skipif(not _SEEDS.is_dir(), reason="the real speeches are not beside the project")


def _speech(number: str) -> Speech:
    return parse(clean((_SEEDS / f"{number}.txt").read_text("utf-8")).text)


def _matches(headings: tuple[Heading, ...], wanted: list[tuple[str, list[str]]]) -> None:
    """Compare headings and the headings below them by the words that tell them apart."""
    assert len(headings) == len(wanted)
    for heading, (words, below) in zip(headings, wanted, strict=True):
        assert words in heading.text
        assert len(heading.children) == len(below)
        for child, part in zip(heading.children, below, strict=True):
            assert part in child.text


def _inline(part: Part) -> list[str]:
    return [c.heading for c in part.children if c.placement == "inline"]


def _promised(speech: Speech) -> list[tuple[int, str, int]]:
    return [(p.count, p.noun, len(p.parts)) for p in promises(speech)]


def test_000() -> None:
    speech = _speech("000")
    _matches(
        outline(speech),
        [
            ("工作特性", ["地位特殊", "工作清苦", "大有作为", "要求很高"]),
            ("问题导向", ["业务不精", "效率不高", "工作不规范"]),
            ("严肃纪律", ["集中精力", "遵守纪律", "讲求实效"]),
        ],
    )
    assert len(_inline(speech.opening)) == 3
    first, second, third = speech.parts
    assert [len(_inline(p)) for p in first.children] == [3, 0, 2, 3]
    assert [len(_inline(p)) for p in second.children] == [0, 3, 0]
    assert [len(_inline(p)) for p in third.children] == [2, 3, 0]
    assert [p.text[:4] for p in speech.closing.body] == ["同志们，", "最后，祝"]
    assert (3, "考虑", 3) in _promised(speech)
    assert (4, "特性", 4) in _promised(speech)
    assert speech.transition.endswith("讲三点意见。")


def test_001() -> None:
    speech = _speech("001")
    assert speech.title == ""
    _matches(outline(speech), [("守规矩", []), ("严谨规范", []), ("奉献担当", []), ("清廉正直", [])])
    assert _inline(speech.closing) == ["要安心学习", "要深入思考", "要加强交流", "要遵守纪律"]
    assert (4, "要", 4) in _promised(speech)
    assert (4, "要求", 4) in _promised(speech)
    assert len(speech.closing.body) == 2


def test_002() -> None:
    speech = _speech("002")
    _matches(
        outline(speech),
        [
            ("重要性和必要性", ["工作大局", "整体工作水平", "自身综合素质"]),
            ("加强管理", ["遵守纪律", "认真学习", "强化管理"]),
        ],
    )
    assert [p.marker for p in speech.parts] == ["", ""]
    assert len(_inline(speech.parts[1].children[1])) == 2
    assert _promised(speech) == [(2, "意见", 2), (2, "结合", 2)]
    assert speech.thanks == "谢谢大家！"


def test_003() -> None:
    speech = _speech("003")
    assert speech.salutation == ""
    posts = ["忠诚履职", "广学博览", "乐于奉献", "服务大局", "争创一流"]
    _matches(
        outline(speech),
        [
            ("认清形势", ["新形势新任务", "科学化水平", "队伍建设"]),
            ("明确职责", posts),
            ("端正态度", ["学习心态", "学习组织", "学习纪律"]),
        ],
    )
    duties = [c for c in speech.parts[1].children if c.placement != "inline"]
    assert [len(c.children) for c in duties] == [4, 4, 3, 3, 3]
    assert len(_inline(speech.parts[0].children[0])) == 3
    promised = _promised(speech)
    assert {(3, "意见", 3), (3, "需要", 3), (3, "挑战", 3), (5, "角色", 5), (4, "博", 4)} <= set(promised)


def test_004() -> None:
    speech = _speech("004")
    _matches(
        outline(speech),
        [
            ("全面加强学习", []),
            ("参谋助手", []),
            ("沟通协作", []),
            ("管理创新", []),
            ("督查工作", []),
            ("个人修养", []),
        ],
    )
    assert [len(_inline(p)) for p in speech.parts] == [0, 0, 3, 0, 3, 0]
    assert len(_inline(speech.opening)) == 4
    assert len(speech.opening.body) == 4
    assert [p.text[:4] for p in speech.closing.body] == ["办公室工", "同志们，"]
    assert (4, "特点", 4) in _promised(speech)
    assert (0, "希望", 6) in _promised(speech)


@pytest.mark.parametrize(
    ("number", "chars"), [("000", 3998), ("001", 4473), ("002", 3262), ("003", 6582), ("004", 3900)]
)
def test_lengths(number: str, chars: int) -> None:
    assert abs(speech_chars(_speech(number)) - chars) <= chars * 0.005


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_rendering_gives_the_tree_back(number: str) -> None:
    speech = _speech(number)
    assert parse(render(speech)) == speech
