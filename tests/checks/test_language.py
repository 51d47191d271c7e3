"""Punctuation, numbers and wording after GB/T 15834 and GB/T 15835; absolutes and promises; agreement."""

from __future__ import annotations

from datetime import date

import pytest

from rag_speech.checks import check

AS_OF = date(2026, 11, 20)
HEAD = "在全县工作会议上的讲话\n\n同志们：\n\n"


def found(sentence: str) -> dict[str, str | None]:
    report = check(HEAD + sentence, as_of=AS_OF)
    return {f.code: f.fix for f in report.findings if f.span and f.code[0] in "PNLIBH"}


@pytest.mark.parametrize(
    ("sentence", "code", "fix"),
    [
        ("今年任务重,时间紧。", "P-HALF", "，"),
        ("今年任务重， 时间紧。", "P-SPACE", ""),
        ("当好“前哨”、“后院”。", "P-DUN", ""),
        ("认真学习《党章》、《准则》。", "P-DUN", ""),
        ("水泥、沙子、等物资。", "P-DUN", ""),
        ("还有很多…都要抓。", "P-ELLIPSIS", "……"),
        ("任务重，，时间紧。", "P-DOUBLE", "，"),
        ("要当好“前哨。", "P-PAIR", None),
        ("1-7月份完成任务。", "N-RANGE", "1—7月"),
        ("增长10-15%左右。", "N-RANGE", "10～15%"),
        ("投资3～5亿元。", "N-SHARED", "3亿～5亿"),
        ("2026年三月开工。", "N-MIXED", None),
        ("三、四天就能办完。", "N-APPROX", "三四"),
        ("历时三、四天就能办完。", "N-APPROX", "三四"),
        ("水、电、等都要通。", "P-DUN", ""),
        ("要坚定不移的贯彻部署。", "L-GRAMMAR", "地"),
        ("孟子讲天降大任于斯人也。", "L-MISQUOTE", None),
        ("把工作工作做好。", "L-REPEAT", None),
        ("确保全年零事故。", "I-ABS", None),
        ("重视进京赴省上访的信息。", "H-SENS", None),
        ("自觉在思想上、行动上与高度一致。", "B-FIXED", None),
        ("在思想上政治上行动上与党委、政府保持高度一致。", "B-FIXED", None),
        ("遵守政治纪律、工作纪律、保密纪律、作风纪律。", "B-FIXED", None),
    ],
)
def test_a_slip_is_found(sentence: str, code: str, fix: str | None) -> None:
    result = found(sentence)
    assert code in result
    assert result[code] == fix


@pytest.mark.parametrize(
    "sentence",
    [
        "当好“前哨”“后院”和“智库”。",
        "增长10%～15%，投资3亿～5亿元。",
        "2026—2030年的规划，1—7月的数据。",
        "五、六月份举行，三四天办完。",
        "一、一年来的工作",
        "二、两个方面的问题",
        "实实在在地干，坚定不移地贯彻。",
        "把实实在在的好事办好，日子过得自自在在。",
        "群众在盼、等着我们去办，不能有等、靠、要的念头。",
        "等这个文、等那笔钱，又等会诊、等签字，反映的还是“推、拖、等”。",
        "他在局里动辄一句“我说了算”，最后栽了跟头。",
        "在思想上政治上行动上同以习近平同志为核心的党中央保持高度一致。",
        "大家的意见高度一致。",
        "遵守政治纪律、组织纪律、廉洁纪律、群众纪律、工作纪律、生活纪律。",
        "机要工作要确保万无一失。",
        "任何人不得推荐提拔身边人。",
        "故天将降大任于是人也，必先苦其心志。",
    ],
)
def test_right_writing_passes(sentence: str) -> None:
    assert found(sentence) == {}
