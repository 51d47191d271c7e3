"""The frame that code writes: title, caption, salutation, the sentence that promises the parts."""

from __future__ import annotations

import datetime

import pytest

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import get_occasion, occasions
from rag_speech.plan.frame import caption_of, salutation_of, title_of, transition_of, vocative

MEETING = get_occasion("work_safety")


@pytest.mark.parametrize("occasion", sorted(occasions()))
@pytest.mark.parametrize("guests", [(), ("省商会会长", "市长")])
def test_every_occasion_has_its_frame_in_whole_sentences(occasion: str, guests: tuple[str, ...]) -> None:
    kind = occasions()[occasion]
    brief = Brief(event=f"青禾县{kind.name}", level="县", place="青禾县", guests=guests)
    salutation = salutation_of(brief, kind)
    transition = transition_of("下面，我讲两点。", 3, kind)
    title = title_of(brief.event, kind)
    assert salutation.endswith("：") and salutation.count("：") == 1
    assert transition == f"下面，我讲三点{kind.promise}。"
    assert brief.event in title
    for text in (title, salutation, transition):
        assert "{" not in text and "，，" not in text and "、、" not in text and "尊敬的，" not in text


@pytest.mark.parametrize(
    ("event", "occasion", "title"),
    [
        ("全县防汛工作会议", "flood_control", "在全县防汛工作会议上的讲话"),
        ("青禾县招商推介会", "investment_fair", "在青禾县招商推介会上的致辞"),
        ("全县教育大会", "hosting", "全县教育大会主持词"),
        ("全县教育大会主持词", "hosting", "全县教育大会主持词"),
        ("全市重点工程动员大会表态发言", "commitment", "全市重点工程动员大会表态发言"),
    ],
)
def test_title(event: str, occasion: str, title: str) -> None:
    assert title_of(event, get_occasion(occasion)) == title


@pytest.mark.parametrize(
    ("values", "office", "caption"),
    [
        ({"date": datetime.date(2026, 9, 3)}, "", ("（2026年9月3日）",)),
        ({"speaker_name": "王建国"}, "县长", ("县长　王建国",)),
        ({"speaker_name": "王建国", "date": datetime.date(2026, 9, 3)}, "", ("王建国", "（2026年9月3日）")),
        ({}, "", ()),
    ],
)
def test_the_caption_says_what_is_known(
    values: dict[str, object], office: str, caption: tuple[str, ...]
) -> None:
    assert caption_of(Brief(event="全县防汛工作会议", **values), office) == caption


# ------------------------------------------------------------------ salutation


def test_salutations_put_guests_first() -> None:
    brief = Brief(event="招商推介会", guests=("省商会会长", "市长"))
    said = salutation_of(brief, get_occasion("investment_fair"))
    assert said == "尊敬的省商会会长、市长，各位来宾、各位企业家，女士们、先生们："


@pytest.mark.parametrize("given", ["各位代表", "各位代表：", "各位代表:"])
def test_the_briefs_own_salutation_wins_and_ends_on_one_full_width_colon(given: str) -> None:
    brief = Brief(event="全县安全生产工作会议", salutation=given)
    assert salutation_of(brief, MEETING, "同志们：") == "各位代表："


@pytest.mark.parametrize(
    ("proposed", "said"),
    [
        ("各位领导、同志们：", "各位领导、同志们："),
        ("各位领导,同志们:", "各位领导，同志们："),
        ("各位领导、同志们。", "各位领导、同志们："),
    ],
)
def test_a_proposed_salutation_is_taken_and_ends_on_one_full_width_colon(proposed: str, said: str) -> None:
    assert salutation_of(Brief(event="全县安全生产工作会议"), MEETING, proposed) == said


@pytest.mark.parametrize(
    "proposed",
    [
        "",
        "您",
        "尊敬的张德明书记，同志们：",
        "同志们：\n今天我们开会",
        "同志们！大家好。今天：",
        "各位2026年的先进代表：",
        "各位领导、" * 20 + "同志们：",
    ],
    ids=["none", "too short", "a stranger", "two lines", "sentences", "figures", "endless"],
)
def test_a_proposed_salutation_that_may_not_stand_gives_way_to_the_occasions(proposed: str) -> None:
    assert salutation_of(Brief(event="全县安全生产工作会议"), MEETING, proposed) == "同志们："


def test_a_salutation_names_nobody_who_must_not_be_named() -> None:
    brief = Brief(event="全县安全生产工作会议")
    assert salutation_of(brief, MEETING, "宏达公司的同志们：", ["宏达公司"]) == "同志们："
    assert salutation_of(brief, MEETING, "宏达公司的同志们：") == "宏达公司的同志们："


def test_a_person_whom_the_brief_names_may_be_greeted() -> None:
    brief = Brief(event="招商推介会", guests=("张德明会长",))
    said = salutation_of(brief, get_occasion("investment_fair"), "尊敬的张德明会长，各位来宾：")
    assert said == "尊敬的张德明会长，各位来宾："


@pytest.mark.parametrize(
    ("event", "occasion", "said"),
    [
        ("教师节慰问座谈会", "condolence_visit", "老师们，同志们："),
        ("老干部迎春座谈会", "condolence_visit", "各位老领导、老同志："),
        ("企业家座谈会", "symposium", "各位企业家，同志们："),
    ],
)
def test_who_sits_there_is_greeted(event: str, occasion: str, said: str) -> None:
    kind = get_occasion(occasion)
    if "F" in kind.salutation and kind.salutation[0] not in "BCDE":
        assert salutation_of(Brief(event=event), kind) == said
    else:
        pytest.fail(f"{occasion} greets nobody in particular: choose another row for this test")


@pytest.mark.parametrize(
    ("salutation", "turn"),
    [
        ("同志们：", "同志们，"),
        ("各位代表、同志们：", "同志们，"),
        ("尊敬的各位来宾、各位企业家，女士们、先生们：", "各位来宾、各位朋友，"),
    ],
)
def test_the_speaker_turns_to_the_same_people_again(salutation: str, turn: str) -> None:
    assert vocative(salutation) == turn


# ------------------------------------------------------------------ the promise


@pytest.mark.parametrize(
    ("proposed", "count", "said"),
    [
        ("", 2, ""),
        ("", 1, ""),
        ("下面，我讲三点意见。", 4, "下面，我讲四点要求。"),
        ("下面，我讲三点意见", 3, "下面，我讲三点意见。"),
        ("围绕这个目标，我说两层意思：", 3, "下面，我讲三点要求。"),
        ("围绕这个目标，我说三层意思：", 3, "围绕这个目标，我说三层意思："),
        ("下面，我着重讲五个方面。", 2, "下面，我讲两点要求。"),
        ("怎么守住这条堤，我谈几点想法。", 3, "怎么守住这条堤，我谈几点想法。"),
    ],
)
def test_the_promise_is_of_the_parts_that_there_are(proposed: str, count: int, said: str) -> None:
    assert transition_of(proposed, count, MEETING) == said
