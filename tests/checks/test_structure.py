"""The frame, the numbering and the paragraphs of a speech: one defect put into a clean speech at a time."""

from __future__ import annotations

from datetime import date

import pytest

from rag_speech.brief.brief import make_brief
from rag_speech.checks import check
from rag_speech.checks.numbering import odd_heading, parallelism
from tests.checks.sample import CLEAN

AS_OF = date(2026, 5, 20)


def codes(text: str, **options: object) -> list[str]:
    report = check(text, as_of=AS_OF, occasion="flood_control", **options)  # type: ignore[arg-type]
    return [f.code for f in report.findings]


def test_the_clean_speech_is_clean_but_short() -> None:
    assert codes(CLEAN) == ["S-LENGTH"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("在栖岭县防汛工作会议上的讲话", "领导讲话稿", "S-TITLE"),
        ("县委副书记、县长\n\n（2026年5月20日）\n\n", "", "S-CAPTION"),
        ("2026年5月20日", "2026年05月20日", "S-CAPTION"),
        ("同志们：\n\n今天", "今天", "S-SALUT"),
        ("同志们：\n\n今天", "尊敬的各位领导、各位来宾：\n\n今天", "S-SALUT"),
        ("下面，我讲三点意见。", "", "S-TRANS"),
        ("讲三点意见", "讲四点意见", "S-PROMISE"),
        ("讲三点意见", "讲几点意见", "S-PROMISE"),
        ("二、突出重点", "、突出重点", "S-NUMMISS"),
        ("三、压实责任", "二、压实责任", "S-NUMDUP"),
        ("三、压实责任", "四、压实责任", "S-NUMMISS"),
        ("（二）看清工情", "（二）、看清工情", "S-NUMPUNCT"),
        ("（一）看清雨情", "1、看清雨情", "S-NUMPUNCT"),
        ("（一）看清雨情。气象", "1.看清雨情。气象", "S-NUMSKIP"),
        (
            "让我们齐心协力守好每一道堤，以实际行动保护群众安全，为全县平稳度汛作出贡献。",
            "水库都查过了。",
            "S-CLOSE",
        ),
        ("把小雨当大雨来防。", "把小雨当大雨来防。" + "堤坝要查，" * 60 + "查完为止。", "S-SENT"),
        ("把小雨当大雨来防。", "把小雨当大雨来防。" + "堤坝要一寸一寸查。" * 60, "S-PARA"),
        ("把隐患当事故对待，把小雨", "把隐患当事故\n对待，把小雨", "S-BREAK"),
    ],
)
def test_one_defect_is_found(old: str, new: str, code: str) -> None:
    assert CLEAN.count(old) == 1
    assert code in codes(CLEAN.replace(old, new))


def test_mixed_series_two_finals_and_one_family_on_two_levels() -> None:
    mixed = CLEAN.replace("（一）看清", "第一，看清").replace("（二）看清", "其次，看清")
    assert "S-SERIES" in codes(mixed)
    twice = CLEAN + "最后，提一点要求。\n\n最后，祝大家工作顺利。\n"
    assert "S-FINAL2" in codes(twice)
    levels = CLEAN.replace("一、认", "一是认").replace("二、突", "二是突").replace("三、压", "三是压")
    levels = levels.replace("让我们", "会后要做两件事：一是把预案学一遍。二是把队伍练一遍。让我们")
    assert "S-LEVEL" in codes(levels)


def test_length_follows_the_brief() -> None:
    brief = make_brief({"event": "栖岭县防汛工作会议", "level": "县", "minutes": 20, "date": AS_OF})
    assert "S-LENGTH" in codes(CLEAN, brief=brief)
    near = make_brief({"event": "栖岭县防汛工作会议", "level": "县", "chars": 300, "date": AS_OF})
    assert "S-LENGTH" not in codes(CLEAN, brief=near)


def test_the_title_names_the_briefed_event_and_the_level_fits() -> None:
    brief = make_brief({"event": "全市招商推介会", "level": "市"})
    found = codes(CLEAN.replace("各乡镇要把", "我县各乡镇要把"), brief=brief)
    assert "S-TITLE" in found
    assert "B-ORG" in found


@pytest.mark.parametrize(
    "headings",
    [
        ["认清形势，把弦绷紧", "突出重点，把人转移", "压实责任，把岗守住"],
        ["继续加强学习，在素质上要有新的提高", "继续当好助手，在服务上要有新的起色"],
    ],
)
def test_parallel_headings_score_high(headings: list[str]) -> None:
    assert parallelism(headings) >= 0.75
    assert odd_heading(headings) is None


def test_the_heading_that_drops_out_is_named() -> None:
    headings = ["解决业务不精的问题", "解决效率不高的问题", "解决工作不规范问题"]
    assert odd_heading(headings) == 2
    assert parallelism(["学", "抓好落实，压实责任，见到成效", "想在前面"]) < 0.75


@pytest.mark.parametrize("step", ["下面进行第一项，请县委副书记通报情况。", "首先，请县委副书记通报情况。"])
def test_a_host_passes_on_where_the_opening_calls_the_first_item(step: str) -> None:
    script = (
        "全县农村工作会议主持词\n\n县长\n\n（2026年2月26日）\n\n同志们：\n\n现在开会。今天的会议共有三项议程，{}\n\n"
        "一、通报情况\n\n请各单位对号入座。\n\n二、交流发言\n\n请榆树乡的同志发言。\n\n三、贯彻要求\n\n抓好落实。\n\n散会。"
    )
    found = {f.code for f in check(script.format(step), occasion="hosting", as_of=AS_OF).findings}
    assert "S-TRANS" not in found


def test_a_pledge_may_name_the_decision_before_it_supports_it() -> None:
    pledge = (
        "重点工程建设动员大会表态发言\n\n市住房和城乡建设局局长\n\n（2026年2月26日）\n\n各位领导、同志们：\n\n"
        "会议作出的部署，我坚决拥护，回去以后一项一项抓好落实。\n\n先说认领任务。我局承担的工程，一项一项抓好。\n\n谢谢大家！"
    )
    found = {f.code for f in check(pledge, occasion="commitment", as_of=AS_OF).findings}
    assert "S-OPEN" not in found


@pytest.mark.parametrize(
    ("salutation", "fits"),
    [("各位校长、各位园长，同志们：", True), ("各位企业家，同志们：", False), ("各位街坊邻居：", False)],
)
def test_whom_the_brief_has_in_the_hall_may_be_named(salutation: str, fits: bool) -> None:
    brief = make_brief(
        {"event": "青禾县校园安全工作会议", "audience": "各中小学校长、幼儿园园长", "place": "青禾县"}
    )
    text = f"在青禾县校园安全工作会议上的讲话\n\n{salutation}\n\n今天的会说校园安全。大家辛苦了。"
    codes = [f.code for f in check(text, brief=brief).findings]
    assert ("S-SALUT" not in codes) is fits
