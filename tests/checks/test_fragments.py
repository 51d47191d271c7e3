"""Placeholders, model residue, website residue and private data, on fragments of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.checks.placeholders import placeholders
from rag_speech.checks.privacy import luhn, private_data, valid_identity
from rag_speech.checks.residue import residue
from rag_speech.checks.scrape import clean_view, injected, scrape, scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "到20xx年建成",
        "XX书记批示",
        "“*”课堂",
        "×××同志",
        "建立X个联系点",
        "____年",
        "【此处插入数据】",
        "（待补充）",
    ],
)
def test_placeholders_are_found(text: str) -> None:
    assert [f.code for f in placeholders(text)] == ["D-PLACE"]


@pytest.mark.parametrize("text", ["某镇干部刘某", "某乡镇", "二〇〇八年", "5G基站", "X射线检查", "A级景区"])
def test_deliberate_anonymity_is_no_placeholder(text: str) -> None:
    assert placeholders(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("作为人工智能助手，我", "F-CHAT"),
        ("好的，以下是讲话稿：", "F-CHAT"),
        ("希望对您有所帮助", "F-CHAT"),
        ("如需修改请告诉我", "F-CHAT"),
        ("## 一、提高认识", "F-MARKDOWN"),
        ("**提高认识**", "F-MARKDOWN"),
        ("- 抓落实", "F-MARKDOWN"),
        ("加油💪", "F-EMOJI"),
        ("（全文约3000字）", "F-COUNT"),
        ("字数：3000字", "F-COUNT"),
        ("写作要求：语言平实", "F-ECHO"),
        ("要写：产业优势。角度：用数据说话。", "F-ECHO"),
        ("抓好落实。首句：今年以来", "F-ECHO"),
        ("段落卡片\n场合：全县会议", "F-ECHO"),
        ("我们要take action", "F-ENGLISH"),
    ],
)
def test_model_residue_is_found(text: str, code: str) -> None:
    assert code in {f.code for f in residue(text)}


@pytest.mark.parametrize(
    "text",
    [
        "GDP增长",
        "AI和5G应用",
        "以下几个方面要抓好",
        "好的做法要推广",
        "一线工作法",
        "ZZ热情",
        "希望对大家有帮助",
        "这些优势要写进手册，换个角度讲：先讲事实，再讲道理",
        "有两个事实：一个是水，一个是路",
    ],
)
def test_plain_speech_is_no_residue(text: str) -> None:
    assert residue(text) == []


def test_english_of_the_brief_may_be_used() -> None:
    assert residue("推广SmartGrid平台")
    assert residue("推广SmartGrid平台", "县里建设SmartGrid平台") == []


def test_scrubbed_names_are_found_and_whole_ones_are_not() -> None:
    assert scrubbed("同志曾就办公室工作指出：")
    assert scrubbed("自觉在思想上、行动上与高度一致")
    assert not scrubbed("王同志曾就办公室工作指出：")
    assert not scrubbed("在思想上政治上行动上同以习近平同志为核心的党中央保持高度一致")
    assert not scrubbed("大家的认识高度一致")


def test_goods_are_injected_unless_the_sentence_is_about_industry() -> None:
    assert injected("政府工作的主旋律是抓落实，压滤机滤布而办公室要协助领导。")
    assert not injected("支持压滤机滤布企业扩大生产。")
    assert not injected("主旋律是抓落实，压滤机滤布而办公室", known="压滤机滤布")
    assert not injected("滤布是镇上的老字号，三代人做滤布。")
    assert not injected("他家三代人做滤布。说起滤布，老人眼睛就亮。")


@pytest.mark.parametrize(
    "text",
    [
        "夜里要多留意独居老人流露的情绪。",
        "民生发展没有终点。",
        "把有限的资金分配资助到最难的人家。",
        "干部要培养健康的生活情趣。",
        "老年棋牌室天天有人。",
        "政府网站建设要跟上。",
        "严禁电动车电池上楼充电。",
        "拆掉逃生通道上的卷帘门和彩钢板隔断。",
        "代办员替老人代购药品。",
        "学校门口新添了小学车位。",
        "社区帮居民疏通下水道。",
    ],
)
def test_ordinary_words_are_no_injected_goods(text: str) -> None:
    assert injected(text) == []


PAGE = """在全县会议上的讲话
来源：网络  作者：佚名  更新时间：2024-06-23
在全县会议上的讲话
同志们：
今天，我们召开会议。

相关文章：
在全县会议上的讲话范文3篇
领导讲话稿07-02
"""


def test_page_residue_is_found_and_blanked_with_every_offset_kept() -> None:
    found = {f.code for f in scrape(PAGE)}
    assert found == {"E-META", "E-DUP", "E-RELATED"}
    view = clean_view(PAGE)
    assert len(view) == len(PAGE)
    assert view.split() == ["在全县会议上的讲话", "同志们：", "今天，我们召开会议。"]
    assert all(a == b or b == " " for a, b in zip(PAGE, view, strict=True))


@given(st.text(alphabet="同志们讲话来源：范文3篇07-2\n。[bookmark]www.本文来自", max_size=120))
def test_blanking_keeps_offsets_and_happens_once(text: str) -> None:
    view = clean_view(text)
    assert len(view) == len(text)
    assert clean_view(view) == view


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("机密★一年", "H-SECRET"),
        ("内部资料，注意保存", "H-SECRET"),
        ("身份证11010519491231002X", "H-DATA"),
        ("电话13812345678", "H-DATA"),
        ("电话１３８１２３４５６７８", "H-DATA"),
        ("卡号6222021234567890128", "H-DATA"),
        ("邮箱a.b@example.com", "H-DATA"),
    ],
)
def test_private_data_is_found(text: str, code: str) -> None:
    assert [f.code for f in private_data(text)] == [code]


def test_numbers_that_are_no_identity_or_card_pass() -> None:
    assert private_data("编号110105194912310021，服务热线12345，投资138123456780元") == []
    assert not valid_identity("110105194912310021")
    assert luhn("6222021234567890128")
    assert not luhn("6222021234567890123")
