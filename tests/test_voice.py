from __future__ import annotations

import string

import pytest

from rag_speech.brief.occasions import Occasion, occasions
from rag_speech.checks.cliche import worn_phrases
from rag_speech.prompts import Prompts
from rag_speech.voice import Voice, core_of, hold_of, is_phrase, name_of, voice_of

PROMPTS = Prompts.bundled()
VOICES = {v.name: v for o in occasions() if (v := voice_of(o, PROMPTS))}


def test_every_occasion_has_one_voice() -> None:
    tables = PROMPTS.data("leads")
    named = [o for table in tables.values() for o in table["occasions"]]
    assert len(named) == len(set(named))
    assert set(named) <= set(occasions())
    assert set(VOICES) == set(tables)


@pytest.mark.parametrize("voice", VOICES.values(), ids=lambda v: v.name)
def test_a_voice_is_complete(voice: Voice) -> None:
    assert list(voice.facets) == list(voice.phrase_facets)
    assert set(voice.facets) | {"opening", "closing"} == set(voice.leads) - {"topic"}
    for row in (row for rows in voice.leads.values() for row in rows):
        _is_well_formed(row)


def _is_well_formed(row: str) -> None:
    assert {name for _, name, _, _ in string.Formatter().parse(row) if name} <= {"core", "topic", "hold"}
    assert row.endswith(("。", "！", "？")) and len(row) <= 125
    assert not worn_phrases(row)


@pytest.mark.parametrize("occasion", occasions().values(), ids=lambda o: o.id)
def test_an_occasions_own_beginnings_fit_its_voice(occasion: Occasion) -> None:
    voice = voice_of(occasion.id, PROMPTS)
    assert set(occasion.leads) <= set(voice.leads) - {"topic"}
    shared = {
        row for table in PROMPTS.data("leads").values() for rows in table["leads"].values() for row in rows
    }
    rows = [row for rows in occasion.leads.values() for row in rows]
    assert len(rows) == len(set(rows)) and not shared & set(rows)
    assert voice.own == set(rows)
    for row in rows:
        _is_well_formed(row)


def test_a_named_topic_and_a_phrase_are_asked_differently() -> None:
    voice = voice_of("work_conference", PROMPTS)
    assert voice.say("提高公文质量", 0) == "公文质量的差距"
    assert voice.say("把学到的本领带回岗位", 1) == "怎样把学到的本领带回岗位"
    assert voice.say("认清形势，增强自觉", 0) == "认清形势，增强自觉；为什么要增强自觉"
    assert voice.say("提高公文质量", len(voice.facets)) == voice.say("提高公文质量", 0)


@pytest.mark.parametrize(
    ("point", "name", "phrase"),
    [
        ("提高公文质量", "公文质量", True),
        ("公文质量", "公文质量", False),
        ("汇报县里的工作", "", False),
        ("把学到的本领带回岗位", "", True),
        ("守规矩，办事按程序来", "", False),
        ("预案要改到管用", "", False),
    ],
)
def test_names_of_topics(point: str, name: str, phrase: bool) -> None:
    assert (name_of(point), is_phrase(point)) == (name, phrase)


@pytest.mark.parametrize(
    ("point", "core"),
    [
        ("要素保障", "要素保障"),
        ("要害部位管理", "要害部位管理"),
        ("要抓早抓小", "抓早抓小"),
        ("要领导带头", "领导带头"),
        ("学习型机关", "学习型机关"),
        ("学习强国平台使用", "学习强国平台使用"),
        ("学习柏泉镇的做法", "柏泉镇的做法"),
        ("保障房建设", "保障房建设"),
        ("保障群众用水", "群众用水"),
        ("规范化建设", "规范化建设"),
        ("规范办事流程", "办事流程"),
        ("联系点制度", "联系点制度"),
        ("突出问题整改", "突出问题整改"),
        ("突出问题导向", "问题导向"),
        ("突出工作重点", "工作重点"),
        ("发展环境", "发展环境"),
        ("发展特色产业", "特色产业"),
        ("发展产业", "发展产业"),
        ("服务质量", "服务质量"),
        ("服务质量提升", "服务质量提升"),
        ("服务基层群众", "基层群众"),
        ("服务好老同志", "老同志"),
        ("建设用地保障", "建设用地保障"),
        ("建设和美乡村", "和美乡村"),
        ("提高公文质量", "公文质量"),
        ("严明值班纪律", "值班纪律"),
    ],
)
def test_a_verb_that_is_part_of_a_noun_stays(point: str, core: str) -> None:
    assert core_of(point) == core


def test_a_short_object_keeps_its_verb_and_is_still_an_action() -> None:
    assert is_phrase("服务群众") and is_phrase("发展产业")
    assert not is_phrase("服务质量") and not is_phrase("发展环境") and not is_phrase("要素保障")


@pytest.mark.parametrize(
    ("event", "hold"),
    [
        ("栗坪县委常委班子2026年度民主生活会", "开这个会"),
        ("在磬石县委常委会班子2024年度民主生活会上的总结讲话", "开这个会"),
        ("班组安全建设现场推进会", "开这个会"),
        ("机关值班值守工作会议", "开这个会"),
        ("全县防汛工作会议（电视电话会议）", "开这个会"),
        ("政协菱汊县第十届委员会第四次会议开幕会", "开这个会"),
        ("樟浔县宣讲报告会主持词", "开这个会"),
        ("岚湖市重点工程建设动员大会表态发言", "开这个会"),
        ("慰问县社会福利院", "办这次活动"),
        ("工会送温暖慰问活动", "办这次活动"),
        ("走访县总工会", "办这次活动"),
        ("在石桥镇调研基层治理工作时的讲话", "办这次活动"),
        ("在棠涧县第五届竹纸文化节开幕式上的致辞", "办这次活动"),
        ("县委领导班子调研慰问", "办这次活动"),
        ("全县办公室业务培训班开班式", "办这个班"),
        ("年轻干部培训班结业式", "办这个班"),
        ("在栾陵市第三期中青年干部培训班结业式上的讲话", "办这个班"),
        ("枫垭县2026年春季年轻干部能力提升班", "办这个班"),
        ("栖云县办公室系统业务培训会", "办这个班"),
        ("全县办公室业务培训", "办这个班"),
    ],
)
def test_the_event_says_at_its_end_what_is_held(event: str, hold: str) -> None:
    assert hold_of(event) == hold


def test_at_a_commendation_what_is_weak_is_spoken_of_as_at_a_meeting() -> None:
    praise = voice_of("commendation", PROMPTS)
    assert praise.on("向先进学什么") is praise
    assert praise.on("看到工业还不强").name == "meeting"
    meeting = voice_of("work_conference", PROMPTS)
    assert meeting.on("向先进学什么") is meeting


def test_a_topic_that_asks_why_is_given_reasons() -> None:
    voice = voice_of("work_conference", PROMPTS)
    asked = {voice.facet(n, "讲清为什么要整治") for n in range(6)}
    assert asked == set(voice.reasons) < {voice.facet(n, "整治到位") for n in range(6)}
