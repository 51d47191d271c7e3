from __future__ import annotations

import datetime

from rag_speech.materials import read_materials

from rag_speech.brief.brief import Brief, Material

TEXT = """关于2026年全县防汛工作情况的报告
截至5月底，全县已排查水库山塘86座，整改隐患31处。
邻近的南河县去年因山洪转移群众1200人。
2019年汛期，全县降雨量达到1800毫米。
各乡镇要在6月10日前落实巡查责任人。
天气真好。
"""


def _read(text: str = TEXT) -> tuple[list[str], list[str]]:
    brief = Brief(
        event="青山县防汛工作会议",
        place="青山县",
        date=datetime.date(2026, 6, 2),
        materials=(Material(name="报告.txt", text=text),),
    )
    found = read_materials(brief)
    for fact in (*found.facts, *found.set_aside):
        assert fact.span is not None
        assert fact.span.of(text).rstrip("；;。").replace("：", "") == fact.text.rstrip("。").replace(
            "：", ""
        )
        assert fact.source == "报告.txt"
    return [f.text for f in found.facts], [f.text for f in found.set_aside]


def test_statements_of_this_event_are_kept() -> None:
    facts, _ = _read()
    assert facts == [
        "截至5月底，全县已排查水库山塘86座，整改隐患31处。",
        "各乡镇要在6月10日前落实巡查责任人。",
    ]


def test_another_place_and_another_year_are_set_aside() -> None:
    _, aside = _read()
    assert aside == ["邻近的南河县去年因山洪转移群众1200人。", "2019年汛期，全县降雨量达到1800毫米。"]


def test_what_goes_on_about_the_other_place_is_set_aside_too() -> None:
    facts, aside = _read("邻近的南河县去年因山洪受灾，必须引以为戒。该县转移群众1200人。全县排查隐患31处。\n")
    assert facts == ["全县排查隐患31处。"]
    assert "该县转移群众1200人。" in aside


def test_a_countys_own_township_is_no_other_place() -> None:
    facts, _ = _read("石澜乡因山洪灾害预警转移806人。\n")
    assert facts == ["石澜乡因山洪灾害预警转移806人。"]


def test_a_repeated_statement_counts_once() -> None:
    facts, _ = _read("全县已排查水库86座。\n全县已排查水库86座。\n")
    assert facts == ["全县已排查水库86座。"]


def test_the_brief_wins_over_a_material_with_another_figure() -> None:
    brief = Brief(
        event="青山县春耕备耕推进会",
        facts=("全县高标准农田建设任务1.9万亩",),
        materials=(Material(name="a.txt", text="全县高标准农田建设任务2.4万亩。\n全县已备足化肥3200吨。\n"),),
    )
    found = read_materials(brief)
    assert [f.text for f in found.facts] == ["全县已备足化肥3200吨。"]
    assert [f.text for f in found.set_aside] == ["全县高标准农田建设任务2.4万亩。"]


def test_expired_wording_of_a_material_is_set_aside() -> None:
    _, aside = _read("当前，全县上下正在开展主题教育，必须抓好整改落实。\n")
    assert aside == ["当前，全县上下正在开展主题教育，必须抓好整改落实。"]


def test_a_plea_from_below_is_not_the_leaders_to_say_and_a_label_becomes_the_subject() -> None:
    facts, aside = _read("建议提前拨付修复资金300万元。\n县财政局：汛期拨付应急资金1180万元。\n")
    assert facts == ["县财政局汛期拨付应急资金1180万元。"]
    assert aside == ["建议提前拨付修复资金300万元。"]


def test_a_figure_of_one_township_is_not_the_countys() -> None:
    text = """一、全县情况
全县水毁工程登记在册267处。
二、分乡镇情况
1. 云渠镇
云渠镇辖18个村，登记隐患点4处。水毁工程登记21处，其中渠道9处。县水利局到镇里查看3次。
石澜乡排查隐患12处。已整改9处，剩下3处派人守着。不过也有问题，仓库漏雨，有2处要修。
三、下一步
各项修复工程要在明年汛前完成。
"""
    facts, aside = _read(text)
    assert facts == [
        "全县水毁工程登记在册267处。",
        "云渠镇辖18个村，登记隐患点4处。",
        "县水利局到镇里查看3次。",
        "石澜乡排查隐患12处。",
        "各项修复工程要在明年汛前完成。",
    ]
    assert aside == [
        "水毁工程登记21处，其中渠道9处。",
        "已整改9处，剩下3处派人守着。",
        "仓库漏雨，有2处要修。",
    ]


def test_a_statement_stands_without_what_tied_it_to_the_one_before() -> None:
    facts, _ = _read("不过也有问题，枣岭点的仓库漏雨，8600条编织袋受潮霉烂。\n")
    assert facts == ["枣岭点的仓库漏雨，8600条编织袋受潮霉烂。"]


def test_the_brief_wins_over_another_figure_for_the_same_work() -> None:
    def read(statement: str) -> list[str]:
        brief = Brief(
            event="青山县高标准农田建设推进会",
            facts=("今年的建设任务是3.2万亩，到10月底完成1.9万亩",),
            date=datetime.date(2026, 11, 10),
            materials=(Material(name="简报", text=statement),),
        )
        return [f.text for f in read_materials(brief).set_aside]

    disputed = "截至10月底，全县高标准农田建设完成2.4万亩，占年度任务的75%。"
    assert read(disputed) == [disputed]
    assert read("截至10月底，全县高标准农田建设完成1.9万亩。") == []
    assert read("石澜乡的机耕道已经完成12公里，放线20公里。") == []


def test_a_label_that_only_sorts_is_left_out() -> None:
    facts, _ = _read("存在的困难：两处便道的协议没有签下来，影响施工4天。\n县水利局：要在月底前查看12处。\n")
    assert facts == ["两处便道的协议没有签下来，影响施工4天。", "县水利局要在月底前查看12处。"]


def test_a_numbered_heading_is_no_statement_and_a_number_is_not_spoken() -> None:
    text = (
        "（二）同一件事，几个部门要几遍材料。一家食品厂去年接待各类检查41次。\n"
        "（一）各乡镇要在汛前落实巡查责任人。\n"
        "3.全县开展入企走访816家，收集问题214个。\n"
        "全县完成整治渠道240公里。其中石澜乡完成42公里，云渠镇完成38公里。\n"
    )
    facts, aside = _read(text)
    assert facts == [
        "一家食品厂去年接待各类检查41次。",
        "各乡镇要在汛前落实巡查责任人。",
        "全县开展入企走访816家，收集问题214个。",
        "全县完成整治渠道240公里。",
    ]
    assert aside == []
