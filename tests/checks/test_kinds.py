"""Kinds of faults that words alone do not show: the meeting, the level, the agenda, plans, people."""

from __future__ import annotations

from datetime import date

import pytest

from rag_speech.brief.brief import make_brief
from rag_speech.checks import check
from rag_speech.checks.run import make_context
from rag_speech.types import Finding

_FRAME = "{title}\n\n县委副书记　李明\n（2026年3月5日）\n\n{salutation}\n\n{text}\n\n谢谢大家！"


def _found(
    text: str, code: str, title: str = "在青禾县工作会议上的讲话", salutation: str = "同志们："
) -> list[Finding]:
    report = check(_FRAME.format(title=title, salutation=salutation, text=text))
    return [f for f in report.findings if f.code == code]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("在青禾县第十八届人民代表大会第六次会议闭幕会上的讲话", "希望大家多提提案。"),
        ("在青禾县第十八届人民代表大会第六次会议闭幕会上的讲话", "各位委员履行了职责。"),
        ("在县人大常委会会议上的讲话", "要积极参政议政。"),
        ("在政协青禾县第十届委员会第五次会议闭幕会上的讲话", "会议审议了常委会工作报告。"),
        ("在政协青禾县第十届委员会第五次会议闭幕会上的讲话", "各位代表共商发展大计。"),
        ("在中共青禾县第十四次代表大会上的讲话", "选民投下了庄严一票。"),
    ],
)
def test_words_of_another_body(title: str, text: str) -> None:
    assert _found(text, "B-ORG", title)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "在青禾县第十八届人民代表大会第六次会议闭幕会上的讲话",
            "各位代表提出议案和建议，政协提案也要办好。",
        ),
        ("在政协青禾县第十届委员会第五次会议闭幕会上的讲话", "委员们列席了人大会议，听取政府工作报告。"),
        ("在青禾县工作会议上的讲话", "要办好代表建议、委员提案。"),
        ("在全县建议提案办理工作会议上的讲话", "提案要件件有回音。"),
    ],
)
def test_words_at_their_own_meeting(title: str, text: str) -> None:
    assert not _found(text, "B-ORG", title)


@pytest.mark.parametrize(
    ("title", "text", "wrong"),
    [
        ("在青禾县工作会议上的讲话", "今年我市项目多。", True),
        ("在全县安全生产会议上的讲话", "我市形势平稳，各村也要跟上。", True),
        ("在全市经济工作会议上的讲话", "今年我县项目多。", True),
        ("在青禾县工作会议上的讲话", "今年我县项目多。", False),
        ("在青禾县工作会议上的讲话", "市里的文件写道“我市财政趋紧”。", False),
        ("在安全生产会议上的讲话", "今年我市项目多。", False),
    ],
)
def test_a_level_that_the_title_does_not_name(title: str, text: str, *, wrong: bool) -> None:
    assert bool(_found(text, "B-ORG", title)) is wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (
            "今天的会议共有三项议程。\n\n下面进行第一项议程。\n\n下面进行第二项议程。\n\n会议到此结束，散会。",
            True,
        ),
        ("今天的会议共有两项议程。\n\n进行第一项议程。\n\n进行第二项议程。\n\n进行第三项议程。", True),
        ("今天的会议有三项议程：一是通报情况，二是交流发言。\n\n散会。", True),
        ("今天的会议共有两项议程。\n\n进行第一项议程。\n\n进行第二项议程。\n\n散会。", False),
        ("今天的会议共有三项议程。\n\n下面进行第一项议程。\n\n进行第二项议程。", False),
    ],
)
def test_the_agenda_that_a_host_counts(text: str, *, wrong: bool) -> None:
    assert any("项" in f.message for f in _found(text, "S-PROMISE")) is wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("一方面，任务很重。大家都要上心。", True),
        ("工作要做细。其次，要抓住重点。", True),
        ("工作要做细。再次，要抓住重点。", True),
        ("一方面，任务很重；另一方面，人手不够。", False),
        ("一方面要快，一方面要稳。", False),
        ("在某一方面是行家里手。", False),
        ("首先，要抓住重点。其次，要做细。再次，要督查。", False),
        ("再次感谢大家，其次数也不少。", False),
    ],
)
def test_series_that_do_not_come_out(text: str, *, wrong: bool) -> None:
    assert bool(_found(text, "S-SERIES")) is wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("城东污水处理厂已经建成，群众满意。", True),
        ("如今，城东污水处理厂顺利投用。", True),
        ("城东污水处理厂要抓紧建设，力争年底建成。", False),
        ("老污水处理站已经关停。", False),
    ],
)
def test_plans_told_as_done(text: str, *, wrong: bool) -> None:
    brief = make_brief({"event": "全县工作会议", "level": "县", "facts": ["计划今年建设城东污水处理厂"]})
    report = check(text, brief=brief, only=["consistency"])
    assert bool(report.findings) is wrong


@pytest.mark.parametrize(
    ("text", "code", "wrong"),
    [
        ("老百姓就是素质太低，讲了也不听。", "I-TONE", True),
        ("群众懂什么，照着办就行。", "I-TONE", True),
        ("不能说群众素质低，根子在我们自己。", "I-TONE", False),
        ("全村二百五十户都通了水。", "I-TONE", False),
        ("我向大家保证，不出任何问题。", "I-ABS", True),
        ("我们将尽最大努力防范风险。", "I-ABS", False),
        ("孙政才同志强调，要抓好落实。", "C-DISGRACED", True),
        ("郭伯雄曾说，要讲纪律。", "C-DISGRACED", True),
        ("我省江苏荣获先进，主席强调了三点。", "C-DISGRACED", False),
        ("要深刻汲取孙政才案件的教训。", "C-DISGRACED", False),
        ("要落实关于严禁买卖书号的规定。", "E-SCRUB", False),
        ("要落实关于作风建设的重要论述。", "E-SCRUB", True),
        ("他讲到：\n“这件事很要紧。\n\n“大家都要记住。”", "P-PAIR", False),
    ],
)
def test_contempt_promises_names_and_holes(text: str, code: str, *, wrong: bool) -> None:
    assert bool(_found(text, code)) is wrong


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("在全县工作会议上的讲话\n\n县长　李明\n（2019年3月5日）\n\n同志们：\n\n开会。", date(2019, 3, 5)),
        ("在2018年全县经济工作会议上的讲话\n\n同志们：\n\n开会。", date(2018, 6, 30)),
        ("在全县工作会议上的讲话\n\n同志们：\n\n2012年以来，变化很大。", date.today()),
    ],
)
def test_the_day_of_a_text_is_that_of_its_frame(text: str, day: date) -> None:
    assert make_context(text).as_of == day
