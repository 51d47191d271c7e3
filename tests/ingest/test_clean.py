"""Cleaning: what is not the speech goes, with a reason; the speech itself stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import rag_speech
from rag_speech.errors import RagSpeechError
from rag_speech.ingest.clean import clean
from rag_speech.speech.render import render
from rag_speech.types import Speech
from tests.strategies import speeches

_PIECES = st.sampled_from(
    [
        "同志们：",
        "在全县大会上的讲话",
        "今天开会。",
        "一、抓学习",
        "来源：网络",
        "作者：某人",
        "相关文章：",
        "1.某某讲话稿3篇",
        "本文来自",
        "www.a.com",
        "2023-10-23",
        "09:54",
        "我要投稿",
        "高度重视，",
        "办公室",
        ",",
        ".",
        "!",
        "(",
        ")",
        "(",
        "一)",
        "“*”",
        "XX书记",
        "20xx年",
        "...",
        "……",
        "[bookmark:_T]",
        "滤布",
        "☆",
        "（gāo）",
        "与高度一致",
        "不断推进改革发展，抓好各项工作的落实",
        "\u200b",
        "\ufeff",
        "\r\n",
        "\x0c",
        "\n",
        "\n\n",
        "\u3000\u3000",
        "\t",
        "=",
        "===",
        "【标题】",
        "07-02",
        "的人还看了：",
        "（未完，全文共30字）",
        "此处隐藏5个字",
        "篇1：",
        "【篇二】",
        "民-主",
        "信丨访",
        "的.脚步",
        "本站",
        "小编为大家整理的讲话稿，仅供参考。",
        "关注公众号",
        "阅读原文",
        "会議講話們",
        "第1页",
        "1",
        "2",
        "责任编辑：某人",
        "（来源：网络）",
        "谢谢大家！",
        "　　　　",
        "QQ:123456",
        "、",
        "，",
    ]
)
_PAGES = st.lists(_PIECES, max_size=30).map("".join)


@given(st.one_of(_PAGES, st.text(max_size=80)))
@settings(max_examples=300)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once.text).text == once.text


@given(_PAGES)
def test_every_change_names_its_place(text: str) -> None:
    cleaned = clean(text)
    simplified = {r.span.start for r in cleaned.removals if r.code == "P-TRAD" and r.action == "replaced"}
    for removal in cleaned.removals:
        assert removal.span.of(text) == removal.fragment
        assert removal.code
        assert (removal.action == "replaced") == bool(removal.replacement)
    for index, character in enumerate(cleaned.text):
        at = cleaned.offsets.to_original(index)
        assert 0 <= at < len(text)
        if character.isalnum() and at not in simplified:
            assert text[at] == character


@given(speeches())
@settings(max_examples=50)
def test_a_clean_speech_stays_as_it_is(speech: Speech) -> None:
    text = render(speech)
    lines = text.split("\n")
    assume(len(set(lines)) == len(lines))
    cleaned = clean(text)
    assert "".join(cleaned.text.split()) == "".join(text.split())
    assert not cleaned.removals


_SPEECH = (
    "在全县办公室工作会议上的讲话\n同志们：\n今天，我们召开全县办公室工作会议，主要任务是部署下半年工作。下面，我讲两点意见。\n"
    "一、把握工作大局\n办公室是承上启下的枢纽，要站在全局想问题，把各项部署落到实处。\n"
    "二、提高服务本领\n要多学习、多调研，把情况摸清楚，把建议提到点子上，当好参谋助手。\n最后，祝大家工作顺利！"
)


def _codes(page: str) -> set[tuple[str, str]]:
    return {(r.code, r.action) for r in clean(page).removals}


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (_SPEECH.replace("\n同志们", "\n来源：网络  作者：佚名  更新时间：2024-06-23\n同志们"), "E-META"),
        (_SPEECH.replace("\n同志们", "\n时间：2024-06-23 10:00:02 我要投稿\n同志们"), "E-META"),
        (_SPEECH.replace("\n同志们", "\n首页 > 范文 > 讲话稿\n同志们"), "E-META"),
        ("范文网 » 公文 » 讲话稿\n" + _SPEECH, "E-META"),
        ("范文大全 / www.fanwen.example.com\n" + _SPEECH, "E-META"),
        (_SPEECH.replace("全局想问题，", "全局想问题，本文来自"), "E-META"),
        (
            _SPEECH + "\n看过全县办公室讲话的人还看了：\n1.办公室会议讲话稿3篇\n2.办公室主任发言稿",
            "E-RELATED",
        ),
        (_SPEECH + "\n【讲话】相关文章：\n全县会议上的讲话07-02\n动员会上的讲话08-16", "E-RELATED"),
        (_SPEECH.replace("同志们：", "同志们：\n在全县办公室工作会议上的讲话"), "E-DUP"),
        (_SPEECH + "\n咨询电话：13800000000 QQ：123456", "E-AD"),
        (_SPEECH + "\n============", "P-CTRL"),
        (_SPEECH.replace("今天", "今\u200b天"), "P-CTRL"),
    ],
)
def test_page_parts_go_and_the_speech_stays(page: str, code: str) -> None:
    cleaned = clean(page)
    assert cleaned.text == _SPEECH
    assert {r.code for r in cleaned.removals} == {code}


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (_SPEECH.replace("要站在", "XX书记要求站在"), ("D-PLACE", "flagged")),
        (_SPEECH.replace("要站在", "要与高度一致，站在"), ("E-SCRUB", "flagged")),
        (_SPEECH.replace("全局想问题，", "全局想问题,"), ("P-HALF", "replaced")),
        (_SPEECH.replace("把各项部署", "把各 项部署"), ("P-SPACE", "removed")),
        (_SPEECH.replace("部署下半年工作。下面，", "部署下半年工作。下\n面，"), ("S-BREAK", "removed")),
    ],
)
def test_defects_inside_sentences(page: str, found: tuple[str, str]) -> None:
    assert found in _codes(page)
    assert _codes(page) == {found}


def test_wrapped_pages_become_paragraphs_again() -> None:
    body = _SPEECH.split("\n", 2)[2] * 2
    wrapped = "\n".join(line[at : at + 24] for line in body.split("\n") for at in range(0, len(line), 24))
    assert clean(wrapped).text == clean(body).text


def test_injected_words_go_without_a_list() -> None:
    page = _SPEECH.replace("，要站在", "，滤砂筛要站在").replace("，当好参谋", "，滤砂筛当好参谋")
    cleaned = clean(page)
    assert cleaned.text == _SPEECH
    assert [(r.code, r.fragment) for r in cleaned.removals] == [("E-SEO", "滤砂筛")] * 2


@pytest.mark.parametrize(
    "line",
    [
        "（三）畅通举报渠道",
        "（一）完善相关资料",
        "一、推行扫码办事，提升服务质量",
        "各地要公布服务热线，群众打得通、说得清。",
        "时间就是生命，更新观念要快。",
        "来源于群众、服务于群众，是我们的本分。",
        "县委书记　张　三",
    ],
)
def test_lines_that_look_like_page_parts_stay(line: str) -> None:
    assert clean(_SPEECH.replace("一、把握工作大局", line)).text == _SPEECH.replace("一、把握工作大局", line)


def test_abstract_that_repeats_the_text_goes() -> None:
    title, rest = _SPEECH.split("\n同志们：\n")
    body = rest.split("\n")[0]
    page = f"{title}\n{title}{body[:30]}...\n同志们：\n{rest}"
    assert clean(page).text == _SPEECH


@pytest.mark.parametrize(
    "unit", [",", " ", "\n", "来源：", "本文来自", "一、\n", "滤布", "(", "…\n", "\u200b", "同志们："]
)
def test_repeats_take_linear_time(unit: str) -> None:
    started = time.process_time()
    clean(_SPEECH + unit * 50_000)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("wrong", [None, 3, b"x", ["a"]])
def test_what_is_no_text_is_said_in_one_sentence(wrong: object) -> None:
    with pytest.raises(RagSpeechError, match=r"^Only text can be cleaned, not \w+$"):
        rag_speech.clean(wrong)  # type: ignore[arg-type]
