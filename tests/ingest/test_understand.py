"""Understanding: what a speech is, with a confidence, and whether its sentences may be used."""

from __future__ import annotations

from datetime import date

import pytest

from rag_speech.errors import NotFoundError
from rag_speech.ingest.understand import Understanding, is_fiction, understand
from rag_speech.speech.parse import parse
from rag_speech.types import Finding, Severity, Span, Speech
from rag_speech.zh.places import local_places

_AS_OF = date(2026, 11, 20)
_TEXT = (
    "在青岭县办公室系统业务培训班开班式上的讲话\n青岭县委常委、县委办公室主任\n（2026年5月8日）\n同志们：\n"
    "今天，我们举办全县办公室系统业务培训班，参加培训的有各乡镇党政办主任和县直单位文秘人员。下面，我讲两点意见。\n"
    "一、把握工作大局\n办公室是承上启下的枢纽，全县各级办公室要站在全局想问题。\n"
    "二、提高服务本领\n要多学习、多调研，把情况摸清楚。\n最后，祝大家学有所成！"
)


def _understood(text: str = _TEXT, **overrides: object) -> Understanding:
    return understand(parse(text), text, overrides, as_of=_AS_OF)


def test_properties_are_read_from_title_caption_and_opening() -> None:
    found = _understood()
    assert {name: guess.value for name, guess in found.guesses.items()} == {
        "occasion": "training_opening",
        "level": "县",
        "speaker": "县委常委、县委办公室主任",
        "audience": "各乡镇党政办主任和县直单位文秘人员",
        "event": "青岭县办公室系统业务培训班开班式",
        "place": "青岭县",
        "year": "2026",
        "date": "2026-05-08",
        "minutes": f"{round(found.chars / 180, 1):g}",
    }
    assert all(0.5 < guess.confidence < 1 and guess.source == "inferred" for guess in found.guesses.values())


def test_what_is_given_wins() -> None:
    found = _understood(level="市", occasion="开班式", date="2025-03-01")
    assert (found.value("level"), found.value("year")) == ("市", "2025")
    assert found.guesses["occasion"].value == "training_opening"
    assert found.guesses["level"].confidence == 1.0
    assert found.guesses["level"].source == "given"


def test_unknown_occasion_is_refused() -> None:
    with pytest.raises(NotFoundError, match="occasion"):
        _understood(occasion="看电影")


def test_a_class_that_ends_is_a_closing() -> None:
    text = _TEXT.replace("今天，我们举办", "今天，历时三天的培训班就要结束了。这次").replace("开班式", "")
    assert _understood(text).value("occasion") == "training_closing"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("全局想问题", "全局想问题，在思想上、行动上与高度一致"),
        ("把情况摸清楚", "以优异成绩迎接党的十九大胜利召开"),
    ],
)
def test_broken_formulation_leaves_the_outline_only(old: str, new: str) -> None:
    found = _understood(_TEXT.replace(old, new))
    assert found.structure_only
    assert found.reasons
    assert not _understood().structure_only


def test_defects_may_come_from_the_caller() -> None:
    def none(speech: Speech, text: str, as_of: date) -> list[Finding]:
        return []

    def one(speech: Speech, text: str, as_of: date) -> list[Finding]:
        return [Finding("C-TEST", Severity.P0, Span(0, 2), text[:2], "不能用")]

    broken = _TEXT.replace("全局想问题", "全局想问题，在思想上、行动上与高度一致")
    assert not understand(parse(broken), broken, defects=none).structure_only
    assert understand(parse(_TEXT), _TEXT, defects=one).reasons == ("不能用（C-TEST：在青）",)


def test_stories_are_told_from_speeches() -> None:
    story = (
        "县长推开门，他看了她一眼，低声说：“你来了。”她笑道：“我来了。”他又问：“材料呢？”她答：“在车上。”"
        "他叹了口气，走到窗前，她跟了过去。"
    ) * 6
    assert is_fiction(story)
    assert not is_fiction(_TEXT)
    assert not _understood().fiction


def test_names_are_listed_for_masking() -> None:
    text = _TEXT.replace("要多学习", "县委书记刘卫华同志在蒹浦镇强调，要多学习")
    assert _understood(text).names == ("刘卫华", "蒹浦镇", "青岭县", "蒹浦", "青岭")


@pytest.mark.parametrize(
    "words", ["全县乡镇", "除险加固病险水库", "城乡社区", "驻村干部和邻村群众", "农村和园区"]
)
def test_common_places_are_no_names(words: str) -> None:
    assert local_places(f"{words}，{words}。") == set()
