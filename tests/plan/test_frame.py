from __future__ import annotations

import datetime

import pytest
from rag_speech.frame import make_frame, title_of, topic_of

from rag_speech.brief.brief import Brief
from rag_speech.brief.occasions import get_occasion, occasions
from rag_speech.prompts import Prompts

PROMPTS = Prompts.bundled()


@pytest.mark.parametrize("occasion", sorted(occasions()))
@pytest.mark.parametrize("behalf", ["", "县委、县政府"])
def test_every_occasion_has_its_frame_in_whole_sentences(occasion: str, behalf: str) -> None:
    kind = occasions()[occasion]
    brief = Brief(
        event=f"青禾县{kind.name}",
        level="县",
        place="青禾县",
        on_behalf=behalf,
        date=datetime.date(2026, 9, 3),
    )
    frame = make_frame(brief, kind, 3, PROMPTS, task=["抓进度", "抓质量"])
    assert frame.opening_line.endswith(("。", "！"))
    for text in (frame.title, frame.salutation, frame.opening_line, frame.transition, frame.closing_line):
        assert "{" not in text and "，，" not in text and "、、" not in text
    assert frame.caption == ("（2026年9月3日）",)
    if kind.transition != "-":
        assert "三" in frame.transition


def test_a_promise_of_two_is_said_as_people_say_it() -> None:
    brief = Brief(event="全县安全生产工作会议")
    assert make_frame(brief, get_occasion("work_safety"), 2, PROMPTS).transition == "下面，我讲两点要求。"


@pytest.mark.parametrize(
    ("event", "topic"),
    [
        ("全县防汛抗旱工作会议", "防汛抗旱工作"),
        ("青禾县2026年度安全生产工作推进会", "安全生产工作"),
        ("全市优化营商环境动员部署大会", "优化营商环境工作"),
    ],
)
def test_topic_of_an_event(event: str, topic: str) -> None:
    assert topic_of(event) == topic


@pytest.mark.parametrize(
    ("event", "occasion", "title"),
    [
        ("全县防汛工作会议", "flood_control", "在全县防汛工作会议上的讲话"),
        ("青禾县招商推介会", "investment_fair", "在青禾县招商推介会上的致辞"),
        ("全县教育大会", "hosting", "全县教育大会主持词"),
        ("全县教育大会主持词", "hosting", "全县教育大会主持词"),
    ],
)
def test_title(event: str, occasion: str, title: str) -> None:
    assert title_of(event, get_occasion(occasion)) == title


def test_salutations_put_guests_first() -> None:
    brief = Brief(event="招商推介会", guests=("省商会会长", "市长"))
    frame = make_frame(brief, get_occasion("investment_fair"), 0, PROMPTS)
    assert frame.salutation == "尊敬的省商会会长、市长，各位来宾、各位企业家，女士们、先生们："


@pytest.mark.parametrize(
    ("event", "opening"),
    [
        ("青禾县办公室业务培训班开班式", "今天，青禾县办公室业务培训班正式开班了。这次培训，重点是办文。"),
        ("青禾县办公室业务培训会", "今天，我们召开青禾县办公室业务培训会，主要任务是办文。"),
    ],
)
def test_a_class_begins_and_a_meeting_is_held(event: str, opening: str) -> None:
    frame = make_frame(Brief(event=event), get_occasion("training_opening"), 3, PROMPTS, task=["办文"])
    assert frame.opening_line == opening


def test_who_takes_on_a_task_pledges_and_who_takes_office_thanks() -> None:
    pledge = get_occasion("commitment")
    task = make_frame(Brief(event="全市重点工程建设动员大会表态发言"), pledge, 3, PROMPTS).opening_line
    office = make_frame(Brief(event="全县干部大会任职表态发言"), pledge, 3, PROMPTS).opening_line
    assert "部署" in task and "信任" not in task
    assert "信任" in office and "部署" not in office


def test_an_opening_claims_nothing_that_the_brief_does_not_say() -> None:
    brief = Brief(event="全县项目建设推进会")
    line = make_frame(brief, get_occasion("progress_meeting"), 3, PROMPTS, task=["抓进度"]).opening_line
    assert line == "今天，我们召开全县项目建设推进会，主要任务是抓进度。"


def test_those_who_are_honoured_get_no_marching_orders() -> None:
    brief = Brief(event="全县道德模范表彰大会", level="县")
    assert "任务" not in make_frame(brief, get_occasion("commendation"), 3, PROMPTS).closing_line


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("政协青禾县第九届委员会第四次会议开幕会", "今天，政协青禾县第九届委员会第四次会议开幕了。"),
        (
            "青禾县第十八届人民代表大会第二次会议闭幕会",
            "青禾县第十八届人民代表大会第二次会议完成了各项议程，就要闭幕了。",
        ),
        ("政协青禾县第九届委员会第四次会议", "今天，我们召开政协青禾县第九届委员会第四次会议。"),
    ],
)
def test_a_session_is_opened_before_it_is_praised(event: str, said: str) -> None:
    occasion = get_occasion("cppcc" if "政协" in event else "peoples_congress")
    brief = Brief(event=event, level="县", speaker="县委书记")
    assert said in make_frame(brief, occasion, 3, PROMPTS, task=["加强团结"]).opening_line


@pytest.mark.parametrize(
    ("event", "closing"),
    [
        (
            "城西小学开工仪式",
            "最后，预祝项目建设顺利，祝各位来宾、同志们工作顺利、身体健康！现在，我宣布：城西小学正式开工！",
        ),
        (
            "县图书馆新馆开馆仪式",
            "最后，祝各位来宾、同志们工作顺利、身体健康！现在，我宣布：县图书馆新馆正式开馆！",
        ),
    ],
)
def test_what_is_built_already_is_not_wished_a_good_construction(event: str, closing: str) -> None:
    assert (
        make_frame(Brief(event=event), get_occasion("project_ceremony"), 2, PROMPTS).closing_line == closing
    )


def test_a_township_is_called_what_it_is() -> None:
    for place, home in (("石雀乡", "我乡"), ("苎溪镇", "我镇")):
        brief = Brief(event="春季动物防疫工作部署会", place=place, level="乡镇")
        assert home in make_frame(brief, get_occasion("mobilisation"), 3, PROMPTS).closing_line
