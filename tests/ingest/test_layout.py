"""Broken and run-together paragraphs, words taken apart, traditional text."""

from __future__ import annotations

import unicodedata

import pytest

from rag_speech import clean
from rag_speech.speech.parse import parse

_TITLE = "在青禾县工作会议上的讲话"
_BODY = (
    "今天，我们召开全县春季农业生产工作会议，总结去年的工作，部署今年的任务。去年全县粮食总产达到32.6万吨，增长4.8%，是近10年来最好的一年。",
    "一、看清形势",
    "今年的难处比去年多。3月以来降水只有18毫米，比常年少6成，12座小水库见了底，有5个乡镇的1.3万亩春播地等着水。这一点大家心里要有数。",
    "二、抓住关键",
    "抗旱保播是眼下最要紧的事。各乡镇要在4月10日以前把机井修好，把水送到地头，县里拿出260万元补助，先修后补，修一眼补一眼。",
    "三、守住底线",
    "4月是防火的紧要时候，去年全县12起火情有9起出在上坟烧纸，每个路口都要有人守，每一座坟头都要有人看，带火种的劝回去。",
    "低温冻害也要防。气象局提前3天把预报送到村里，300座大棚的棉被要备齐，2.1万亩油菜要清好沟，冻了以后怎么补救，技术人员要讲明白。",
)


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def _wrapped(paragraph: str, width: int, indent: str = "") -> list[str]:
    """Lines of at most ``width`` columns, as an old editor or a mail program breaks them."""
    lines, line = [], indent
    for c in paragraph:
        if _columns(line + c) > width and c not in "，。、；：":
            lines.append(line)
            line = ""
        line += c
    return [*lines, line]


@pytest.mark.parametrize("width", [30, 36, 40, 50, 60, 72])
@pytest.mark.parametrize("indent", ["", "　　", "    "])
def test_a_wrapped_page_with_figures_becomes_paragraphs(width: int, indent: str) -> None:
    lines = [_TITLE, "", "同志们：", ""]
    for paragraph in _BODY:
        lines += _wrapped(paragraph, width, indent)
    assert clean("\n".join(lines)).text == "\n".join([_TITLE, "同志们：", *_BODY])


HEADINGS = (
    "一、认清形势，把全县上下的思想统一到市委的判断上来，进一步增强抓项目、抓产业、抓民生的紧迫感和责任感",
    "二、突出重点，在招商引资、项目建设、营商环境、要素保障四个方面持续用力，推动县域经济实现质的有效提升和量的合理增长",
    "（一）坚持把防止规模性返贫作为底线任务，健全监测帮扶机制，做到早发现、早干预、早帮扶，确保一户不落、一人不少",
    "（三）压紧压实县乡村三级责任，形成书记带头抓、分管领导具体抓、一级抓一级、层层抓落实的工作格局",
    "3.加强队伍建设，打造一支政治过硬、业务精通、作风优良、群众满意的基层办公室工作队伍",
    "第三，强化要素保障，统筹用好土地、资金、人才、数据四类资源，为重点项目开工建设提供坚强有力的支撑",
    "坚持以人民为中心的发展思想，把群众满意不满意作为检验办公室一切工作的根本标准和最终尺度",
)


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_long_heading_stays_a_line(heading: str) -> None:
    body = "从去年的情况看，全县项目少、产业弱，这一点大家心里都清楚，也都着急，光着急没有用，要拿出办法来。"
    text = f"{_TITLE}\n\n同志们：\n\n{heading}\n\n{body}\n\n谢谢大家！"
    assert clean(text).text.split("\n") == [_TITLE, "同志们：", heading, body, "谢谢大家！"]


@pytest.mark.parametrize("gap", ["　　", "    ", "\xa0\xa0\xa0\xa0", "　　　　", " 　　"])
def test_paragraphs_parted_by_wide_spaces_get_lines(gap: str) -> None:
    lines = ["同志们：", *_BODY, "谢谢大家！"]
    assert clean(gap + gap.join(lines)).text.split("\n") == lines


@pytest.mark.parametrize(
    "line",
    [
        "县委书记　　张　三",
        "参加会议的有：张　三、李　四、王　　五。",
        "青禾县人民政府　　2026年3月5日",
        "主持人：李　明　　记录：王　芳",
    ],
)
def test_names_and_captions_with_wide_spaces_stay_whole(line: str) -> None:
    cleaned = clean(f"{_TITLE}\n{line}\n同志们：\n今天开会。").text
    assert len(cleaned.split("\n")) == 4


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("在全县深化作风建设优化营商环境", "暨重点项目推进大会上的讲话"),
        ("在青禾县第十七届人民代表大会", "第五次会议闭幕会上的讲话"),
        ("在庆祝中国共产党成立一百零五周年", "暨“七一”表彰大会上的讲话"),
        ("在全市安全生产和森林草原", "防灭火工作电视电话会议上的讲话"),
        ("李明同志", "在全县春季农业生产现场会上的讲话"),
    ],
)
def test_a_title_on_two_lines_is_one(first: str, second: str) -> None:
    text = f"{first}\n{second}\n\n（2026年3月5日）\n\n同志们：\n今天开会。"
    assert parse(clean(text).text).title == first + second


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("在全县三级干部大会上的讲话", "——在青禾县工作会议上的讲话"),
        ("中共青禾县委办公室", "在全县工作会议上的讲话"),
        ("坚定信心　真抓实干", "在全县工作会议上的讲话"),
        ("青禾县人民政府", "全县工作会议上的讲话"),
    ],
)
def test_two_lines_that_are_two_stay_two(first: str, second: str) -> None:
    assert clean(f"{first}\n{second}\n同志们：\n今天开会。").text.count("\n") == 3


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("要发扬民-主，畅通社情民-意。", "要发扬民主，畅通社情民意。"),
        ("各级政·府要带头，党·委要负责。", "各级政府要带头，党委要负责。"),
        ("信丨访的路要畅通，上丨访的人要接待。", "信访的路要畅通，上访的人要接待。"),
        ("县政-府的门开着，领-导在等大家。", "县政府的门开着，领导在等大家。"),
        ("踏着春天的.脚步，我们又走进了校园。大家辛苦了。学习要紧。", "踏着春天的脚步，我们又走进了校园。大家辛苦了。学习要紧。"),
        ("录像(xiang)看完(wan)后(hou)，大家(jia)谈体会。", "录像看完后，大家谈体会。"),
        ("要創(chuàng)建文明縣城，保護環(huán)境，我們大家都有責(zé)任。", "要创建文明县城，保护环境，我们大家都有责任。"),
    ],
)  # fmt: skip
def test_words_that_a_site_took_apart_are_whole_again(broken: str, whole: str) -> None:
    assert clean(f"{_TITLE}\n同志们：\n{broken}\n谢谢大家！").text.split("\n")[2] == whole


@pytest.mark.parametrize(
    "said",
    [
        "“五·四”精神要发扬。",
        "“一二·九”运动过去九十年了。",
        "阿卜杜拉·买买提同志讲了话，卡尔·马克思的话要记牢。",
        "京-津-冀协同，长三角-珠三角互动。",
        "青禾-白石、白石-南河两条路，上半年开工。",
        "大-中-小企业一视同仁。",
        "增长3.5个百分点，达到1-3月最好水平。",
    ],
)
def test_marks_with_a_reason_stay(said: str) -> None:
    assert clean(f"{_TITLE}\n同志们：\n{said}\n谢谢大家！").text.split("\n")[2] == said


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("今天我們歡聚一堂，慶祝教師節。縣委感謝大家。", "今天我们欢聚一堂，庆祝教师节。县委感谢大家。"),
        ("各級領導幹部要認真貫徹會議精神，確保責任落實。", "各级领导干部要认真贯彻会议精神，确保责任落实。"),
        ("隨著經濟社會發展，群眾的要求越來越高。", "随着经济社会发展，群众的要求越来越高。"),
        ("後來的事情，大家都瞭解了，裏面的道理很深。", "后来的事情，大家都了解了，里面的道理很深。"),
    ],
)
def test_traditional_lines_are_simplified(old: str, new: str) -> None:
    cleaned = clean(f"{_TITLE}\n同志们：\n{old}\n谢谢大家！")
    assert cleaned.text.split("\n")[2] == new
    assert {r.code for r in cleaned.removals} == {"P-TRAD"}


def test_one_traditional_character_stays_and_is_flagged() -> None:
    said = "老人写了一个“廳”字，意思是门厅要敞亮，心也要敞亮，待人要热情，办事要公道。"
    cleaned = clean(f"{_TITLE}\n同志们：\n{said}大家为此开了会。\n谢谢大家！")
    assert said in cleaned.text
    assert all(r.action == "flagged" for r in cleaned.removals)


@pytest.mark.parametrize(
    "said", ["乾隆年间修的这座桥，还在用。", "登高瞭望，山河一新。", "著名的侗族大歌，唱到了北京。"]
)
def test_characters_that_both_ways_share_stay(said: str) -> None:
    cleaned = clean(f"{_TITLE}\n同志们：\n{said}\n谢谢大家！")
    assert said in cleaned.text
    assert not cleaned.removals


def test_a_short_speech_is_not_taken_for_a_wrapped_page() -> None:
    text = f"{_TITLE}\n县委副书记　李明\n同志们：\n今年，全县生产总值达到326.5亿元，\n增长6.8%，其中一产增长4.2%。\n谢谢大家！"
    assert clean(text).text.endswith("增长4.2%。\n谢谢大家！")
