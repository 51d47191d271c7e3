"""The kinds of failure that readers named in drafts of the first program, each planted anew: none may pass as 可用."""

from __future__ import annotations

import datetime

import pytest

from rag_speech.brief.brief import Brief
from rag_speech.checks import check
from rag_speech.checks.run import CheckReport

BRIEF = Brief(
    event="槐渡县农村供水管护工作会议",
    occasion="work_conference",
    place="槐渡县",
    speaker="副县长",
    audience="各乡镇分管负责人、县直有关部门负责人、村级管水员代表",
    date=datetime.date(2026, 9, 8),
    chars=565,
    points=(
        "管水员的报酬怎么发、谁来考核，要当面说清楚（这一段口语一点，别念文件）",
        "水质要守住三道关：消毒关、检测关、公示关",
        "修漏要快，说清楚报修以后多久到场",
    ),
    facts=(
        "全县有集中供水工程64处，管水员187名",
        "抽检情况：8月份抽检水样152份，合格149份",
        "管水员每月补助400元，由县财政按季度打卡发放",
        "计划11月底前更换老旧管道23公里",
        "县长讲过“水龙头里流的是民心”",
    ),
    tone="语气平实，不训人",
    avoid=("停水三天", "柳湾村"),
    words="县里上半年的抽检结果已经作废，不要再用。",
)
BASE = """在槐渡县农村供水管护工作会议上的讲话

槐渡县副县长

（2026年9月8日）

同志们：

今天到会的，有乡镇和部门的同志，也有天天跟水池、阀门打交道的管水员。县长讲过“水龙头里流的是民心”，这句话落到我们身上，就是把水管住、管好。全县有集中供水工程64处，管水员187名，家家户户的水，都从大家手上过。下面，我讲三点意见。

一、报酬和考核要说清楚

管水员的报酬怎么发，我在这里当面说清楚：每月补助400元，由县财政按季度打卡发放，不经过别人的手。谁来考核？由乡镇考核，村里签字，用水户说话。干得好不好，看水清不清、漏修得快不快，不看本子记得厚不厚。乡镇的同志要把考核办法讲给每一位管水员听，听不懂就再讲一遍。

二、水质三道关要守住

8月份抽检水样152份，合格149份。没有合格的那几份，哪一处出的问题，就由哪一处整改。消毒关要守住，该投的药按量投，不图省事。检测关要守住，按时取样、如实送样，不能挑好的送。公示关要守住，检测结果贴到村口，好的坏的都让群众看得见。

三、修漏要快起来

群众报修以后，多久能到场，是大家最关心的事。接到电话就要动身，当天到场看清楚，小漏当天修好，大漏先接临时水、再抓紧修。计划11月底前更换老旧管道23公里，施工的时候要提前告诉群众，早上做饭、晚上洗澡的时候不关阀门。

同志们，水管埋在地下，责任扛在肩上。希望大家把每一处工程都当成自家的水缸来守，让全县群众用上放心水。"""

PLANTED: dict[str, tuple[tuple[str, str], ...]] = {
    "a point unanswered": (
        (
            BASE[BASE.index("三、修漏") : BASE.index("同志们，水管")],
            "三、干部作风要硬起来\n\n干部要沉下身子，多到一线去，多听听大家的意见，把心思用在工作上，"
            "把本领练在平时，遇到困难想办法，碰到矛盾不绕道，一件一件抓出成效来。计划11月底前更换老旧管道23公里。\n\n",
        ),
    ),
    "a promised count not kept": (
        ("公示关要守住，检测结果贴到村口，好的坏的都让群众看得见。", "做到这两条，水质就有底。"),
    ),
    "points announced and not given": (("下面，我讲三点意见。", "下面，我讲四点意见。"),),
    "a hint read aloud": (("希望大家把每一处", "这一段口语一点，别念文件。希望大家把每一处"),),
    "a bracket read aloud": (
        ("管水员的报酬怎么发，我在", "管水员的报酬怎么发（这一段口语一点，别念文件），我在"),
    ),
    "a note of tone read aloud": (("乡镇的同志要把考核", "我语气平实，不训人。乡镇的同志要把考核"),),
    "an instruction as heading": (("一、报酬和考核要说清楚", "一、这一段口语一点，别念文件"),),
    "chat pasted": (("8月份抽检水样", "@王主任 收到，这个数回头我再核一下。8月份抽检水样"),),
    "a label pasted": (("8月份抽检水样152份", "抽检情况：8月份抽检水样152份"),),
    "a label's colon lost": (("8月份抽检水样152份", "抽检情况8月份抽检水样152份"),),
    "the same fact twice": (("不关阀门。", "不关阀门。管水员每月补助400元，由县财政按季度打卡发放。"),),
    "a figure of another year or place": (
        ("8月份抽检水样152份，合格149份。", "8月份抽检水样152份，合格149份。上半年合格率91.4%，涉及27个村。"),
    ),
    "a figure changed": (("管水员187名", "管水员178名"),),
    "a must-use fact missing": (("8月份抽检水样152份，合格149份。没有合格的那几份，", "不合格的水样，"),),
    "salutation of another hall": (("同志们：\n\n今天", "尊敬的各位来宾、女士们、先生们：\n\n今天"),),
    "a name that must not be said": (("哪一处出的问题", "像柳湾村那样，哪一处出的问题"),),
    "a private item": (("大漏先接临时水", "有事直接找水厂老周，电话13912345678，大漏先接临时水"),),
    "a promise beyond authority": (
        ("让全县群众用上放心水。", "让全县群众用上放心水。我保证今后绝不发生任何停水事故。"),
    ),
    "a plan told as done": (("计划11月底前更换老旧管道23公里，施工", "我们已经更换了老旧管道23公里，施工"),),
    "a quotation changed": (("水龙头里流的是民心", "水龙头里淌的是民心"),),
    "一、 twice": (("二、水质三道关", "一、水质三道关"),),
    "a placeholder left": (("由乡镇考核", "由XX乡镇考核"),),
}


def _report(text: str) -> CheckReport:
    return check(text, brief=BRIEF, generated=True)


def test_the_faultless_speech_is_fit() -> None:
    report = _report(BASE)
    assert report.verdict == "PASS", [(f.code, f.severity, f.message) for f in report.findings]


@pytest.mark.parametrize("kind", PLANTED)
def test_no_planted_failure_passes(kind: str) -> None:
    text = BASE
    for old, new in PLANTED[kind]:
        assert text.count(old) >= 1
        text = text.replace(old, new, 1)
    report, clean = _report(text), _report(BASE)
    known = [(f.code, f.message) for f in clean.findings]
    fresh = [f for f in report.findings if (f.code, f.message) not in known]
    assert fresh, kind
    assert report.verdict in {"REVISE", "REJECT"}, (
        kind,
        report.score.total,
        [(f.code, str(f.severity), f.message) for f in fresh],
    )
