from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech.judge import Judge
from rag_speech.nearness import Nearness
from rag_speech.types import Card, Exemplar, Fact, Role
from rag_speech.wording import clean_sentences, runs, states, without

FACT = Fact("b1", "今年前三季度有43件公文被退回修改")
JUDGE = Judge(
    "全县办公室业务培训班开班式\n今年前三季度有43件公文被退回修改",
    datetime.date(2026, 11, 20),
    "training_opening",
    "全县办公室业务培训班开班式",
    {"b1": FACT},
    level="县",
    avoid=("张家村",),
    headings=("把文稿从头到尾核准",),
    demo_words=("流程图",),
    unfit="问责",
)
GOOD = "各单位办公室主任要把每一份文稿从头到尾看一遍，看准了再签字。"


def _card(**fields: object) -> Card:
    return Card("1.1", Role.POINT, "提高公文质量", "公文质量的差距", 120, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("今年又有57件公文被退回。", "G-FIGURE"),
        ("尊敬的各位领导，大家好。", "greeting"),
        ("我一直在学习，学到了不少东西。", "voice"),
        ("昨天晚上，值班人员都接受了培训。", "event the brief"),
        ("这项工作某某同志要负责到底。", "D-PLACE"),
        ("**各单位**要抓好落实工作。", "F-MARKDOWN"),
        ("各单位要把文稿看一遍，看准了", "unfinished"),
        ("二是抓好落实工作。", "series"),
        ("要强化培训，提高员工的业务素质。", "company words"),
        ("全市各单位都要把文稿看一遍。", "another level"),
        ("大家要向张家村的做法学一学。", "to be avoided"),
        ("去年夏天，有一名年轻干部没有认真履行职责，受到了处理。", "event the brief"),
        ("如果领导说啥，我们就要去做。", "servile"),
        ("会议传达了上级领导的讲话精神。", "event the brief"),
        ("要按制度值班要按制度值班要按制度值班要按制度。", "repeats"),
        ("把质量放在首位，把责任落实在首位，把纪律摆在首位。", "repeats"),
        ("校对的时候，比如人名和数字，都要核到原件。", "made up"),
        ("培训的内容主要是公文写作、值班值守等，大家要认真学。", "made up"),
        ("要学好公文写作、值班值守、政务接待等业务。", "made up"),
        ("要学习松山湖的先进经验，补齐短板。", "event the brief"),
        ("要记住一句话，“细节决定成败与荣辱”。", "made up"),
        ("他把每一份文稿都看了一遍，再交出去。", "event the brief"),
        ("群众反映最多的，是电话没有人接听。", "event the brief"),
        ("要把流程图上的每一步都走到。", "worked example"),
        ("青禾县是省级示范县，要学好经验。", "what the brief does not"),
        ("县领导要对所有文稿看一遍。", "what the brief does not: 县领导"),
        ("各村支书要把文稿看一遍。", "what the brief does not: 村支书"),
        ("单位之间的配合已经到位，运转顺畅。", "event the brief"),
        ("校对的时候，大家都认真了吗？", "asks"),
        ("值班的同志不许随便离开，严肃问责。", "this voice"),
    ],
)
def test_a_faulty_sentence_is_named(sentence: str, why: str) -> None:
    assert why in JUDGE.fault(sentence, written=(), copied=())


def test_a_good_sentence_passes() -> None:
    assert JUDGE.fault(GOOD, written=(), copied=()) == ""
    assert JUDGE.fault("43件被退回的公文，多数是粗心造成的。", written=(), copied=()) == ""


def test_what_was_said_before_and_what_was_copied_is_dropped() -> None:
    assert JUDGE.fault(GOOD, written=runs(GOOD, 9), copied=()) == "said before"
    assert JUDGE.fault(GOOD, written=(), copied=runs(GOOD, 14)) == "copied from an exemplar"


def test_a_heading_and_a_worn_opening_are_said_once() -> None:
    heading, opening = "各科室要把文稿从头到尾核准，再往外送。", "今天讲的这些事，大家都要记在心上。"
    for text, later in ((heading, "要把文稿从头到尾核准，一份不漏。"), (opening, "今天开始，就要照着做。")):
        assert JUDGE.fault(later, written=(), copied=()) == ""
        assert "another" in JUDGE.fault(later, written=JUDGE.traces(text), copied=())


def test_a_sentence_that_leans_on_a_dropped_one_goes_with_it() -> None:
    leaning = "他们要多核一遍，不能怕麻烦。"
    kept = JUDGE.compose(_card(), [GOOD + leaning], written=(), chars=60)
    assert kept.text == GOOD + leaning
    alone = JUDGE.compose(_card(), ["今年又有57件公文被退回。" + leaning + GOOD], written=(), chars=60)
    assert alone.text == GOOD
    assert any("leans" in d for d in alone.dropped)


def test_what_is_beside_the_point_is_dropped_and_a_figure_of_the_brief_is_not() -> None:
    class Pigs(Nearness):
        def __call__(self, sentence: str, topic: str) -> float:
            return -0.1 if "猪" in sentence else 0.1

        def likeness(self, one: str, other: str) -> float:
            return float("签" in one and "签" in other)

    judge = replace(JUDGE, nearness=Pigs(lambda texts: np.zeros((len(texts), 1), np.float32), ()))
    fact = "今年前三季度有43件公文被退回修改，养猪的文件也在里面。"
    kept = judge.compose(
        _card(facts=("b1",)), [fact + "家里养了一头猪，要好好喂。" + GOOD], written=(), chars=60
    )
    assert kept.text == fact + GOOD
    told = _card(lead=FACT.text + "。", facts=("b1",))
    assert "养猪" not in judge.compose(told, [fact + GOOD], written=(), chars=60).text
    again = "没有看过的文稿，谁也不能签。"
    assert judge.compose(_card(), [again], written=(), said=[GOOD], chars=60).text == ""
    assert judge.compose(_card(), [again], written=(), chars=60).text == again


@pytest.mark.parametrize(
    "sentence",
    [
        "三个单位的做法很成功，公文质量得到提高。",
        "干部通过深入调研，把文稿里的问题解决了。",
        "公文质量是一个单位的脸面，要把好关。",
        "要看得准，要改得快，要核得细。",
    ],
)
def test_a_small_model_asks_and_neither_tells_nor_explains(sentence: str) -> None:
    assert JUDGE.compose(_card(), [sentence + GOOD], written=(), chars=60).text == GOOD
    larger = replace(JUDGE, small=False, allowed=JUDGE.allowed + "三个单位")
    assert larger.compose(_card(), [sentence + GOOD], written=(), chars=60).text == sentence + GOOD


def test_talk_about_the_meeting_stays_in_the_opening() -> None:
    meeting = "这次会议的目的，是让大家把文稿核准。"
    assert JUDGE.compose(_card(), [meeting + GOOD], written=(), chars=60).text == GOOD
    opening = replace(_card(), role=Role.OPENING)
    assert JUDGE.compose(opening, [meeting + GOOD], written=(), chars=60).text == meeting + GOOD


def test_the_good_sentences_of_two_candidates_make_one_paragraph() -> None:
    first = f"{GOOD}今年又有57件公文被退回。"
    second = "起草的同志先自己校对，数字、人名、日期逐个核到原件。"
    paragraph = JUDGE.compose(_card(), [first, second], written=(), chars=60)
    assert paragraph.text == GOOD + second
    assert len(paragraph.dropped) == 1 and "57" in paragraph.dropped[0]


def test_a_fact_that_no_candidate_states_is_stated_in_the_briefs_words() -> None:
    paragraph = JUDGE.compose(_card(facts=("b1",)), [GOOD], written=(), chars=60)
    assert paragraph.text.startswith("今年前三季度有43件公文被退回修改。")


def test_a_sentence_that_half_says_a_stated_fact_goes() -> None:
    half = "有43件公文被退回修改，都要改正。"
    paragraph = JUDGE.compose(_card(facts=("b1",)), [half + GOOD], written=(), chars=60)
    assert paragraph.text == "今年前三季度有43件公文被退回修改。" + GOOD


def test_a_word_of_the_brief_excuses_only_what_the_brief_says() -> None:
    judge = replace(JUDGE, allowed=JUDGE.allowed + "\n他已经退休的父亲")
    assert "event" in judge.fault("他不光自己校对，还帮别人校对。", written=(), copied=())
    assert "event" in judge.fault("文稿已经核准，可以签发。", written=(), copied=())
    assert "event" not in judge.fault("他已经退休的父亲，从前也校对文稿。", written=(), copied=())


def test_a_larger_model_may_speak_in_the_first_person_and_ask() -> None:
    larger = replace(JUDGE, small=False)
    for sentence in ("我常想，一份文稿从起草到印发，要过多少双手？", "文稿出了错，损害的是谁的形象？"):
        assert JUDGE.fault(sentence, written=(), copied=())
        assert larger.fault(sentence, written=(), copied=()) == ""
    assert "event" in larger.fault("前不久，县里发现了一份错漏很多的文稿。", written=(), copied=())


def test_what_leans_on_a_sentence_goes_with_it() -> None:
    parts = ["各科室要看准。", "错了要改正。", "这些单位要写出检查。", "大家要记牢。"]
    assert without(parts, {"错了要改正。"}) == ["各科室要看准。", "大家要记牢。"]


def test_nothing_is_told_of_a_facts_people_that_the_brief_does_not_tell() -> None:
    card = _card(lead="今年前三季度有43件公文被退回修改。", facts=("b1",))
    for claim in ("他们多是刚到机关的年轻同志。", "这些公文都是仓促写成的。"):
        assert JUDGE.compose(card, [claim + GOOD], written=(), chars=60).text == card.lead + GOOD
    fair = "这是作风上的毛病。"
    larger = replace(JUDGE, small=False)
    assert larger.compose(card, [fair + GOOD], written=(), chars=60).text == card.lead + fair + GOOD


def test_a_copied_exemplar_never_comes_through() -> None:
    exemplar = Exemplar("c", "s", Role.POINT, GOOD, GOOD, 1.0)
    judge = replace(JUDGE, exemplars=(exemplar,))
    paragraph = judge.compose(_card(lead="先说差距。"), [GOOD], written=(), chars=60)
    assert paragraph.text == "先说差距。"


def test_labels_numerals_and_half_width_marks_are_cleaned() -> None:
    raw = "一、提高公文质量\n正文：各单位要看准,再签字。\n首句：先说差距。"
    assert clean_sentences(raw, _card()) == ["各单位要看准，再签字。", "先说差距。"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("今年前三季度，被退回修改的公文有４３件。", True),
        ("前三季度，被退回修改的公文有43件。", False),
        ("今年前三季度，被退回修改的公文有44件。", False),
        ("公文退回的不少。", False),
    ],
)
def test_a_fact_is_said_only_with_its_figure(text: str, said: bool) -> None:
    assert states(text, FACT) is said


@given(st.text(max_size=80), st.integers(2, 12))
def test_runs_ignore_punctuation(text: str, size: int) -> None:
    assert runs(text, size) == runs("，".join(text), size)


def test_what_the_prompt_shows_is_not_repeated() -> None:
    judge = replace(JUDGE, demos="谁去的、看了什么、发现什么，都要签上名字。")
    assert (
        judge.fault("看了什么、发现什么，都要签上名字，一件不漏。", written=(), copied=())
        == "copied from a worked example"
    )


def test_a_connective_stays_alone_when_candidates_are_put_together() -> None:
    first = "同时，要把原件多看一遍。"
    second = "同时，不能让错字出门。"
    paragraph = JUDGE.compose(_card(), [first, second + GOOD], written=(), chars=120)
    assert paragraph.text.count("同时") == 1 and GOOD in paragraph.text


def test_a_heading_in_other_order_says_nothing_new() -> None:
    card = replace(_card(), heading="靠群众创，把创建的力量聚起来")
    circle = "大家齐心协力，才能把创建的力量聚起来。"
    plain = "各单位要把包干的网格走一遍，占道的、积水的都记下来。"
    done = JUDGE.compose(card, [plain + circle], written=(), chars=100)
    assert circle not in done.text and plain in done.text
