"""Marks of secrecy are found wherever they stand; secrecy as a subject is none."""

from __future__ import annotations

import pytest

from rag_speech import check
from rag_speech.zh.classified import classified_marks

_BODY = (
    "同志们：\n今天，我们召开全县保密工作会议，主要任务是部署下半年工作。\n一、提高认识\n保密就是保安全，各单位要把责任扛起来。\n"
    "二、抓好落实\n要管好人、管好网、管好文件，把制度落到每一个岗位。\n三、加强领导\n一把手要亲自过问，分管领导要具体抓。\n最后，祝大家工作顺利！\n谢谢大家！"
)
_TITLE = "在全县保密工作会议上的讲话"
MARKS = (
    "机密★1年",
    "秘密★",
    "绝密★启用前",
    "机密 ★ 长期",
    "机　密",
    "秘密",
    "【机密】",
    "（秘密）",
    "密级：秘密",
    "密级:机密",
    "密 级：内部",
    "保密期限：10年",
    "内部文件",
    "内部资料　注意保存",
    "内部资料，注意保存",
    "内部文件，请勿外传",
    "内部材料 严禁外传 会后收回",
    "（内部资料，妥善保管）",
    "会后收回",
    "注意保存",
    "内部参考",
    "此件不公开",
    "工作秘密 不得公开",
    "秘密10年",
    "機密★一年",
    "第012号　　机密★3年　　特急",
    "CONFIDENTIAL",
)
SUBJECTS = (
    "要严守党和国家的秘密，管住嘴、管住笔、管住手机。",
    "国家秘密分为绝密、机密、秘密三级，密级不同，管法不同。",
    "机密文件要专人保管，用后及时归还。",
    "内部资料不能带回家，更不能拍照上网。",
    "“内部资料，注意保存”这八个字，不是印着好看的。",
    "看到“机密★”的标志，就要想到责任。",
    "国家秘密（绝密、机密、秘密）的范围，由法律规定。",
    "文件看完了，请大家注意保存。",
    "机密室的钥匙，必须两个人分开拿。",
    "商业秘密也是秘密，企业的心血不能外泄。",
    "这件事没有什么秘密，就是实干。",
    "成功的秘密只有一个，就是坚持。",
    "内部使用的表格，要一张一张清点。",
    "会后收回征求意见表，请同志们现在就填。",
    "密级标志要规范，谁定密谁负责。",
)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    "page",
    ["{mark}\n" + _TITLE + "\n" + _BODY, _TITLE + "\n{mark}\n" + _BODY, _TITLE + "\n" + _BODY + "\n{mark}"],
)
def test_a_mark_is_found_at_the_head_and_at_the_foot(mark: str, page: str) -> None:
    text = page.format(mark=mark)
    found = classified_marks(text)
    assert len(found) == 1
    assert found[0].of(text).strip() in mark
    assert [f.code for f in check(text).findings if f.severity == 0 or f.severity.name == "P0"].count(
        "H-SECRET"
    ) == 1


@pytest.mark.parametrize("mark", MARKS)
def test_a_word_alone_in_a_header_is_a_mark(mark: str) -> None:
    assert classified_marks(mark, margin=True)
    findings = check(f"{_TITLE}\n{_BODY}", margins=("青禾县委办公室", mark)).findings
    assert [f.severity.name for f in findings if f.code == "H-SECRET"] == ["P0"]


@pytest.mark.parametrize("mark", ["机密★1年", "密级：秘密", "（内部资料，注意保存）", "内部文件 请勿外传"])
def test_a_mark_with_its_sign_is_found_in_the_middle_too(mark: str) -> None:
    assert classified_marks(f"{_TITLE}\n{_BODY}\n{mark}\n{_BODY}\n{_BODY}")


@pytest.mark.parametrize("said", SUBJECTS)
def test_secrecy_as_a_subject_bears_no_mark(said: str) -> None:
    for text in (f"{_TITLE}\n{said}\n{_BODY}", f"{_TITLE}\n{_BODY}\n{said}", f"{_BODY}\n{said}\n{_BODY}"):
        assert classified_marks(text) == []
        assert "H-SECRET" not in {f.code for f in check(text).findings}


def test_headings_about_secrecy_bear_none() -> None:
    text = f"{_TITLE}\n{_BODY}\n一、定密要准\n各单位要把好关。\n二、机密文件的管理\n专人专柜。\n三、内部资料的使用\n谁借谁还。\n谢谢大家！"
    assert classified_marks(text) == []
