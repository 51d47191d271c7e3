"""Faultless sentences that a word alone would have condemned, and faults that no list of words knows."""

from __future__ import annotations

import pytest

from rag_speech.checks import check
from rag_speech.checks.pages import page_data
from rag_speech.checks.residue import residue
from rag_speech.types import Severity

_HEAD = "在青禾县工作会议上的讲话\n\n县委副书记　李明\n（2026年3月5日）\n\n同志们：\n\n"
_TAIL = "\n\n谢谢大家！"


def _codes(text: str) -> set[str]:
    return {f.code for f in check(_HEAD + text + _TAIL).findings}


@pytest.mark.parametrize(
    "text",
    [
        "关注微信公众号“平安青禾”的群众已经有三万多人。",
        "扫码关注之后，群众在手机上就能查到自己的补贴。",
        "我县网上公文库里已经有两千多份材料，各单位要用起来。",
        "小编们天天熬夜，把政策编成了顺口溜。",
        "网友分享的旅游攻略，帮我们带来了不少客人。",
        "对网友提供的线索，要逐条核实。",
        "谣言大多来源于网络，要第一时间辟谣。",
        "有的心得体会摘自网络，连单位名称都没改。",
        "展板上的照片，版权归拍摄者所有，用之前要打招呼。",
        "报刊转载请注明出处，这是对作者的尊重。",
        "每篇稿子的阅读次数不是目的，群众看得懂才是目的。",
        "群众登录www.qinghe.gov.cn，就能看到办事指南。",
        "请大家点击查看群里的通知，今天下班前报名。",
        "三、办好公众号，让群众愿意关注公众号\n\n宣传部门要上心。",
        "（二）管好范文库，戒掉抄范文的毛病\n\n各单位要带头。",
        "来源：一是财政拨款，二是社会捐助。",
        "说到这里，我想起去年冬天那场雪，想起在路口守了一夜的交警同志，想起给他们送姜汤的店主，心里久久不能平静……",
    ],
)
def test_words_of_a_page_in_a_sentence_are_the_speakers(text: str) -> None:
    assert "E-META" not in _codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "一、抓好延伸阅读\n\n学校要开好书单。",
        "二、推荐阅读，养成习惯\n\n机关要带头读书。",
        "（三）管好网上相关内容\n\n网信部门要上心。",
        "相关阅读材料已经发给大家。",
        "请大家课后看一看相关链接里的案例。",
    ],
)
def test_a_heading_about_reading_is_no_link(text: str) -> None:
    assert "E-RELATED" not in _codes(text)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("来源：新华网", "E-META"),
        ("责任编辑：王某", "E-META"),
        ("发布时间：2024-03-05", "E-META"),
        ("时间：2024-03-05 09:12", "E-META"),
        ("扫码关注公众号", "E-META"),
        ("点击下载本文", "E-META"),
        ("转载请注明出处", "E-META"),
        ("以上内容由小编整理，转载请注明出处。", "E-META"),
        ("更多讲话稿尽在本站，扫码关注公众号！", "E-META"),
        ("如有侵权，请联系本站删除，版权归原作者所有。", "E-META"),
        ("当前位置：首页 > 讲话", "E-META"),
        ("剩余70%未读", "E-META"),
        ("www.example.com", "E-META"),
        ("（来源：某某日报）", "E-META"),
        ("相关文章：", "E-RELATED"),
        ("【安全会讲话】相关推荐", "E-RELATED"),
        ("看过防汛讲话的人还看了", "E-RELATED"),
        ("上一篇：在动员会上的讲话", "E-RELATED"),
        ("在安全会议上的讲话07-02", "E-RELATED"),
    ],
)
def test_what_a_page_left_is_found(line: str, code: str) -> None:
    assert code in {f.code for f in page_data(_HEAD + "大家要抓紧落实。" + _TAIL + "\n" + line)}


@pytest.mark.parametrize(
    "text",
    [
        "大家都知道，“6·5世界环境日”就在下周。",
        "我们都知道，“中国农民丰收节”是农民自己的节日。",
        "大家知道，“全国防灾减灾日”在五月。",
        "县里提出，“千名干部进万家”活动要见实效。",
        "去年我们提出的“一户一策精准帮扶机制”很管用。",
        "大家常说，“众人拾柴火焰高”。",
        "毛主席说：“没有调查，没有发言权。”",
        "习近平总书记强调：“空谈误国，实干兴邦。”",
        "孟子讲：“得道者多助，失道者寡助。”",
        "范仲淹写道：“先天下之忧而忧，后天下之乐而乐。”",
        "一位大娘拉着我的手说：“水通了，往后洗衣服再不用下河了。”",
        "有群众反映说：“办个证跑了四趟，趟趟都说材料不全。”",
        "老乡们说：“路修到家门口，卖瓜不用肩挑了。”",
    ],
)
def test_names_reported_speech_and_well_known_sayings_need_no_source(text: str) -> None:
    assert "G-QUOTE" not in _codes(text)


@pytest.mark.parametrize(
    "text",
    [
        "市委书记强调：“各县要把防汛责任落实到每一座水库每一个人。”",
        "总书记指出：“县一级办公室要做到每天一调度每周一通报。”",
        "有位老领导讲过：“手里的笔要对得起手里的公章。”",
        "古人说：“堤防之固在于日日巡而夜夜查之。”",
    ],
)
def test_the_words_of_leaders_and_of_tradition_need_one(text: str) -> None:
    assert "G-QUOTE" in _codes(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("孩子们管她叫女神校长。", "A-XH"),
        ("小区里的清洁女神，说的就是保洁员老周。", "A-XH"),
        ("村口有座四大天王像，是省级文物。", "A-XH"),
        ("银幕光影背后，是一位巨星般闪耀的科学家。", "A-XH"),
        ("值班电话是0719-8812345。", "N-RANGE"),
        ("有事请打010-12345678。", "N-RANGE"),
        ("报到地点在县委党校3-201室。", "N-RANGE"),
        ("县队以3-1战胜对手。", "N-RANGE"),
        ("**县的做法值得学，**镇也要跟上。", "F-MARKDOWN"),
        ("到**村去看，**书记正在田里。", "F-MARKDOWN"),
        ("当然，可以先试点再推开。", "F-CHAT"),
        ("以下是今年要抓的几件事：", "F-CHAT"),
        ("如需调整方案，请先报县政府批准。", "F-CHAT"),
        ("请根据实际情况调整班次，不要一刀切。", "F-CHAT"),
        ("根据您提供的线索，我们查处了两起。", "F-CHAT"),
        ("我不能满足于现状，还要再加一把劲。", "F-CHAT"),
        ("很抱歉，我来晚了。", "F-CHAT"),
        ("以上就是这次会议的主要内容。", "F-CHAT"),
        ("要把作为人工智能模型训练基地的园区建好。", "F-CHAT"),
        ("每人写一篇2000字的心得。", "F-ECHO"),
        ("汇报材料字数为1500字以内。", "F-COUNT"),
        ("发展LNG、CNG加气站。", "F-ENGLISH"),
        ("评上了五★级农家乐。", "F-EMOJI"),
        ("中-老铁路带来了新机遇。", "P-SPLIT"),
        ("九·一八的警报每年都要拉响。", "P-SPLIT"),
        ("请来了卡尔·马克思学院的专家。", "P-SPLIT"),
        ("北京-上海高铁经过我县。", "P-SPLIT"),
        ("我县有83个村，县为民办实事。", "L-TYPO"),
        ("李芃、张堃两位同志作了发言。", "L-TRAD"),
    ],
)
def test_faultless_sentences_are_left_alone(text: str, code: str) -> None:
    middle = "各单位要抓紧落实。\n\n" + text + "\n\n这件事要办好。\n\n请大家记住。"
    assert code not in _codes(middle)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("歌坛天王将在开幕式上登台。", "A-XH"),
        ("节目组请来了国民女神代言。", "A-XH"),
        ("增长8-10%，覆盖5-8个村。", "N-RANGE"),
        ("要**真抓实干**，不搞花架子。", "F-MARKDOWN"),
        ("好的，下面是为您撰写的讲话稿", "F-CHAT"),
        ("作为一名人工智能助手，我整理了要点。", "F-CHAT"),
        ("我们要build a better county。", "F-ENGLISH"),
        ("各位鄉親，今年的豐收來之不易。", "L-TRAD"),
        ("這次會議開得很好。", "L-TRAD"),
        ("縣委、縣政府感謝你們。", "L-TRAD"),
        ("要发扬民.主，依法办事。", "P-SPLIT"),
        ("全县干-部要带头。", "P-SPLIT"),
        ("群·众的事无小事。", "P-SPLIT"),
        ("县证府要带头。", "L-TYPO"),
        ("各位同智，请坐好。", "L-TYPO"),
        ("请各位代表和书计发言。", "L-TYPO"),
    ],
)
def test_faults_are_found(text: str, code: str) -> None:
    assert code in _codes(text)


def test_a_brand_in_latin_letters_is_no_reason_to_reject() -> None:
    assert [f.severity for f in residue("推广SmartGrid平台")] == [Severity.P2]
