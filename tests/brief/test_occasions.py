"""The occasion files and how an event's name leads to one of them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import yaml

from rag_speech.brief.occasions import Occasion, get_occasion, occasion_for, occasions, resolve_occasion
from rag_speech.errors import NotFoundError

EVENTS = [
    ("临江县办公室系统业务培训班开班式", "training_opening"),
    ("全市乡镇应急管理干部专题培训班开班仪式", "training_opening"),
    ("县委党校2026年春季学期开学典礼", "training_opening"),
    ("全县党委（党组）信息员业务培训会", "training_opening"),
    ("全市年轻干部能力提升研修班开班式", "training_opening"),
    ("全县村（社区）党组织书记轮训班", "training_opening"),
    ("全市政府系统办公室业务培训班结业式", "training_closing"),
    ("全县年轻干部专题培训班结业典礼", "training_closing"),
    ("全县公文写作业务培训总结会", "training_closing"),
    ("全县创建全国文明城市动员大会", "mobilisation"),
    ("全市城乡环境整治提升动员部署会", "mobilisation"),
    ("县委巡察工作动员部署会议", "mobilisation"),
    ("全县冬春农田水利建设动员会", "mobilisation"),
    ("全县重点项目建设推进会", "progress_meeting"),
    ("全市一季度经济运行调度会", "progress_meeting"),
    ("全县招商引资工作推进会", "progress_meeting"),
    ("全县和美乡村建设现场推进会", "site_meeting"),
    ("全市基层治理经验交流会", "site_meeting"),
    ("全县产业项目观摩会", "site_meeting"),
    ("全县高质量发展总结表彰大会", "commendation"),
    ("庆祝“五一”国际劳动节暨劳动模范表彰大会", "commendation"),
    ("全县见义勇为先进个人颁奖典礼", "commendation"),
    ("县委经济工作会议", "work_conference"),
    ("县委农村工作会议", "work_conference"),
    ("全市政法工作会议", "work_conference"),
    ("全县教育工作会议", "work_conference"),
    ("县委十四届十次全会", "party_plenum"),
    ("中共栖岭县第十四届委员会第九次全体会议", "party_plenum"),
    ("市委全会", "party_plenum"),
    ("全县民营企业家座谈会", "symposium"),
    ("县委党外人士座谈会", "symposium"),
    ("政企恳谈会", "symposium"),
    ("在某镇调研时的讲话", "inspection_visit"),
    ("县长在县人民医院现场办公会上的讲话", "inspection_visit"),
    ("全县安全生产工作会议主持词", "hosting"),
    ("全县防汛抗旱动员部署会议主持词", "hosting"),
    ("全县领导干部大会主持词", "hosting"),
    ("业务培训班开班式主持词", "hosting"),
    ("第八届桃花文化旅游节开幕式", "festival_address"),
    ("数字乡村发展论坛", "festival_address"),
    ("农民丰收节致辞", "festival_address"),
    ("重点项目集中开工仪式", "project_ceremony"),
    ("县人民医院新院区揭牌仪式", "project_ceremony"),
    ("环城公路通车仪式", "project_ceremony"),
    ("全县防汛抗旱工作会议", "flood_control"),
    ("全市防汛动员会", "flood_control"),
    ("全县防汛抗旱动员部署会议", "flood_control"),
    ("全县防汛工作推进会", "flood_control"),
    ("全市抗旱保供工作调度会", "flood_control"),
    ("全县安全生产工作会议", "work_safety"),
    ("县安委会第三次全体（扩大）会议", "work_safety"),
    ("“安全生产月”活动启动仪式", "work_safety"),
    ("全县森林草原防灭火工作会议", "fire_prevention"),
    ("全县森林防火动员部署会", "fire_prevention"),
    ("全市春季防火工作调度会", "fire_prevention"),
    ("全县违规占地问题专项整治动员会", "rectification"),
    ("中央生态环境保护督察反馈问题整改工作推进会", "rectification"),
    ("县委巡察整改工作会议", "rectification"),
    ("沅沙县（江城）招商推介会", "investment_fair"),
    ("绿色食品产业投资推介会暨项目签约仪式", "investment_fair"),
    ("重点招商项目集中签约仪式", "signing"),
    ("县校战略合作框架协议签约仪式", "signing"),
    ("重阳节老干部座谈会", "condolence_visit"),
    ("全县教师节座谈会", "condolence_visit"),
    ("“八一”建军节走访慰问驻地官兵", "condolence_visit"),
    ("全县庆祝第四十一个教师节大会", "condolence_visit"),
    ("各界人士新春团拜会", "new_year"),
    ("县委书记2026年新年致辞", "new_year"),
    ("春节团拜会", "new_year"),
    ("党（工）委书记抓基层党建工作述职评议会议", "duty_report"),
    ("年度领导干部述职述责述廉会议", "duty_report"),
    ("在全县领导干部大会上的表态发言", "commitment"),
    ("全县重点项目建设动员会上的表态发言", "commitment"),
    ("县人大常委会任命大会上的任职表态发言", "commitment"),
    ("新提拔科级干部任前集体谈话", "pre_appointment_talk"),
    ("新任职干部集体廉政谈话会", "pre_appointment_talk"),
    ("宣布县委主要领导调整的全县领导干部大会", "appointment_announcement"),
    ("宣布县委主要负责同志任免决定会议", "appointment_announcement"),
    ("全县警示教育大会", "integrity_education"),
    ("全县以案促改警示教育会议", "integrity_education"),
    ("县政府党组专题民主生活会", "democratic_life_meeting"),
    ("县委常委班子年度民主生活会", "democratic_life_meeting"),
    ("庆祝中国共产党成立105周年专题党课", "party_lecture"),
    ("党的二十届四中全会精神宣讲报告会", "party_lecture"),
    ("县第十八届人民代表大会第五次会议闭幕会", "peoples_congress"),
    ("县人代会开幕会", "peoples_congress"),
    ("政协栖岭县第十届委员会第五次会议开幕会", "cppcc"),
    ("市政协五届五次会议", "cppcc"),
    ("丰泽县图书馆新馆开馆仪式", "project_ceremony"),
    ("全县三级干部会议", "work_conference"),
    ("雾山县茶产业发展大会", "work_conference"),
    ("农业农村局年终总结会", "work_conference"),
    ("全县安委会第四次全体会议", "work_safety"),
    ("中共栖岭县委十四届九次全会第一次全体会议", "party_plenum"),
    ("县委八次全会", "party_plenum"),
    ("县防指第二次全体会议", "flood_control"),
    ("县防汛抗旱指挥部全体（扩大）会议", "flood_control"),
    ("县乡村振兴领导小组第二次全体会议", "work_conference"),
    ("县政府第三次全体会议", "work_conference"),
    ("县政府常务会议", "work_conference"),
    ("县双拥工作领导小组会议", "work_conference"),
    ("县政协十届三次全体会议", "cppcc"),
    ("县纪委十四届四次全会", "integrity_education"),
    ("县一中百年校庆", "festival_address"),
    ("第20家城市书房开放仪式", "project_ceremony"),
    ("人大代表建议和政协提案交办会", "work_conference"),
    ("重阳节“好媳妇好婆婆”表扬会", "commendation"),
    ("驻村工作队出征仪式", "mobilisation"),
]


NAMES: dict[str, list[str] | str] = yaml.safe_load(
    Path(__file__).with_name("events.yaml").read_text(encoding="utf-8")
)
"""Names of meetings as offices write them, with the occasions that fit, or ``none``."""


@pytest.mark.parametrize(("event", "expected"), EVENTS)
def test_an_event_name_leads_to_its_occasion(event: str, expected: str) -> None:
    found = resolve_occasion(event)
    assert found is not None
    assert found.id == expected


def test_names_in_peoples_words_lead_to_an_occasion_that_fits() -> None:
    fits = {name: ["none"] if right == "none" else right for name, right in NAMES.items()}
    assert set(itertools.chain(*fits.values())) <= {"none", *occasions()}
    wrong = {name: _id(name) for name, right in fits.items() if _id(name) not in ["none", *right]}
    missed = [name for name, right in fits.items() if _id(name) == "none" and "none" not in right]
    assert not wrong
    assert len(missed) <= 0.05 * len(fits), missed


def _id(event: str) -> str:
    found = resolve_occasion(event)
    return found.id if found else "none"


@pytest.mark.parametrize("suffix", ["上的讲话", "上的总结讲话", "讲话稿", "（2027年3月5日）"])
@pytest.mark.parametrize("event", ["全县教育大会", "高速公路通车", "重阳节慰问活动", "春耕动员会"])
def test_what_stands_behind_the_name_does_not_hide_its_end(event: str, suffix: str) -> None:
    assert _id(event + suffix) == _id(event)


def test_every_occasion_is_reached_by_some_event() -> None:
    assert {expected for _, expected in EVENTS} == {o.id for o in occasions().values() if not o.stands_in}


@pytest.mark.parametrize(
    ("event", "stand_in"),
    [
        ("赤樟县2027年清明祭英烈活动", "commemoration"),
        ("革命烈士纪念日公祭", "commemoration"),
        ("烈士陵园清明祭扫致辞", "commemoration"),
        ("学校家长会", "other_event"),
        ("十八岁成人礼", "other_event"),
        ("县工商联第八次会员代表大会", "other_meeting"),
        ("秸秆禁烧会", "other_meeting"),
        ("县长下午茶", "other_meeting"),
    ],
)
def test_an_event_without_an_occasion_gets_a_neutral_one(event: str, stand_in: str) -> None:
    assert resolve_occasion(event) is None
    assert occasion_for(event).id == stand_in
    assert occasion_for(event).stands_in


@pytest.mark.parametrize(
    ("event", "words", "occasion"),
    [
        ("县委十六届五次全会第一次全体会议", "21号全会我主持，六分钟", "hosting"),
        ("县委十六届五次全会第一次全体会议", "书记主持，县长作报告", "party_plenum"),
        ("无障碍执法检查汇报会", "副县长（受县人民政府委托表态）", "commitment"),
        ("镇干部大会", "写个表态发言，三分钟", "commitment"),
        ("全县重点项目推进会", "先请三个乡镇表态，县长再讲", "progress_meeting"),
        ("年度考核会", "局长的述职报告", "duty_report"),
    ],
)
def test_what_the_clerk_says_besides_tells_who_hosts_and_who_answers(
    event: str, words: str, occasion: str
) -> None:
    assert occasion_for(event, words).id == occasion


def test_a_named_occasion_needs_no_stand_in() -> None:
    assert all(occasion_for(event).id == expected for event, expected in EVENTS)


@pytest.mark.parametrize(
    ("event", "promise"),
    [
        ("全镇干部大会", "work_conference"),
        ("全县领导干部大会", "work_conference"),
        ("干部会议", "work_conference"),
    ],
)
def test_no_occasion_invents_a_decision(event: str, promise: str) -> None:
    assert _id(event) == promise


@pytest.mark.parametrize(
    "event", ["今天下午的安排", "学习贯彻四中全会精神", "安全生产知识竞赛", "防汛应急演练"]
)
def test_an_event_that_names_no_occasion_is_left_open(event: str) -> None:
    assert resolve_occasion(event) is None


def test_thirty_occasions_and_three_that_stand_in() -> None:
    assert [o.number for o in occasions().values()] == list(range(1, 34))
    assert sum(o.stands_in for o in occasions().values()) == 3


def test_no_alias_belongs_to_two_occasions() -> None:
    words = [word for o in occasions().values() for word in {o.name, *o.aliases, *o.tails}]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("occasion", occasions().values(), ids=list(occasions()))
class TestEachOccasion:
    def test_its_shares_fill_the_speech(self, occasion: Occasion) -> None:
        assert sum(m.share for m in occasion.moves) == pytest.approx(1, abs=0.02)
        for role, low, high in (("opening", 0.08, 0.3), ("closing", 0.06, 0.16)):
            assert low <= sum(m.share for m in occasion.moves if m.role == role) <= high

    def test_its_moves_run_from_opening_to_closing(self, occasion: Occasion) -> None:
        roles = [role for role, _ in itertools.groupby(m.role for m in occasion.moves)]
        assert roles == ["opening", "point", "closing"]
        assert len({m.name for m in occasion.moves}) == len(occasion.moves)

    def test_it_has_a_point_move_for_each_point(self, occasion: Occasion) -> None:
        assert occasion.points == sum(m.role == "point" and not m.optional for m in occasion.moves)

    def test_a_promise_needs_a_transition(self, occasion: Occasion) -> None:
        assert bool(occasion.promise) == (occasion.transition != "-")

    def test_its_range_and_words_are_usable(self, occasion: Occasion) -> None:
        assert 0 < occasion.length[0] < occasion.length[1] <= 60 * 180
        assert len(occasion.lexicon) == len(set(occasion.lexicon)) >= 20
        assert all(m.say.endswith(("。", "”")) and len(m.say) >= 20 for m in occasion.moves)

    def test_it_is_found_by_id_name_and_alias(self, occasion: Occasion) -> None:
        for word in (occasion.id, occasion.name, *occasion.aliases):
            assert get_occasion(word) is occasion


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="training_opening"):
        get_occasion("training_openin")
