"""What the patterns let through, and what each of them is for."""

from __future__ import annotations

import re

import pytest

from rag_speech import phrases

DROPPING: dict[str, re.Pattern[str]] = {
    "GREETING": phrases.GREETING,
    "COMPANY": phrases.COMPANY,
    "SERVILE": phrases.SERVILE,
    "NOT_A_LEADER": phrases.NOT_A_LEADER,
    "SELF": phrases.SELF,
    "ORDINAL": phrases.ORDINAL,
    "EXAMPLE": phrases.EXAMPLE,
    "QUOTED": phrases.QUOTED,
    "HAPPENED": phrases.HAPPENED,
    "MEETING": phrases.MEETING,
    **{f"OTHER_LEVEL {level}": pattern for level, pattern in phrases.OTHER_LEVEL.items()},
}
"""LINK and LEANS are left out: their sentences stand, once, or behind the right one."""

GOOD = """
要健全市场监管机制，把不合格的产品挡在货架外面。
要健全市场主体退出的办法，该清的清，该帮的帮。
健全镇村两级责任体系，一级抓好一级。
健全县乡村三级联系的办法，消息当天传到底。
安全市场要靠天天巡查，不能靠运气。
要用好资本市场，把好项目推出去。
城市里的老人多，上下楼不便，这件事要放在心上。
集市里的摊位要摆得齐、走得通。
城市长效管理，难在长，也贵在长。
统一是底线，各单位口径不能各说各的。
万一是误报，也要当真的去核实。
唯一的办法，是一户一户上门去问。
第一责任人要到岗到位，不能只在电话里指挥。
第一时间赶到现场，先救人，再查原因。
第一书记要住在村里，把户情记在心里。
第一线最能看出作风，也最能锻炼人。
第二天一早，就要把值班记录交到办公室。
第三季度是施工的黄金期，一天都耽误不起。
坚持安全第一、预防为主，把隐患消除在萌芽状态。
任何时候都要生命至上、安全第一，宁可十防九空。
再次强调，值班电话必须有人接听。
最后一道关口要有人守，守住了才算数。
雨情、汛情不等人，转移要赶在前面。
人员转移不能拖、不能等，早一分钟就多一分安全。
群众的事、基层的事等不起，也拖不得。
教育、医疗、高等学校的布局，要同人口变化对得上。
领导带班、二十四小时值班，一刻都不能断人。
学习最怕三天打鱼、两天晒网，贵在天天坚持。
检查不能三天两头去，去了就要解决问题。
三番五次打招呼还不改的，要严肃处理。
水箱要定期清洗，防止二次污染。
这两天雨水多，山塘水库要加密巡查。
各单位“一把手”要亲自上手，不当甩手掌柜。
政策执行不能搞“一刀切”，要分类施策。
要落实“一岗双责”，管业务也要管安全。
打通“最后一公里”，让惠民政策落到户头上。
要保持“时时放心不下”的责任感，把准备做在前面。
“三农”工作做得实不实，地里看得见。
没有一个地方可以例外，没有一个人可以特殊。
标准只有一个，就是群众满意不满意。
只要有一名群众没有转移，工作就不算完。
每个路口都要有一名干部守着，不能空岗。
每人有一名监护人，每村有一名网格员，责任要到人。
今天会不会下雨，都要当作会下雨来准备。
发现有一个算一个，件件都要有着落。
节日前后，走访慰问要走到最困难的人家。
12月20日前，各单位要把清单报上来。
他山之石，可以攻玉，好办法要拿来用。
专项资金一分一厘都不能挪作他用。
自律和他律要一起抓，制度才有力量。
汛前天气多变，物资要早一点到位。
检查中发现问题，要当场交办、限期整改。
一旦发生事故，要按规定及时报告。
哪里发生一起，就在哪里查处一起。
忘我工作的人，组织不会忘记。
各乡镇要你追我赶，比出干劲来。
舍小我、顾大我，难的时候才看得出来。
带好这个班子，首先要带好头、管好人。
书记是班长，开好头、带好这个班子，责任最重。
下面的同志看着上面，上面松一寸，下面就松一尺。
下面有困难，上面要帮着解决。
各位代表要把群众的期盼带上来，把会议的精神带下去。
把大家好的经验用起来，少走弯路。
共同学习、共同进步，队伍才有活力。
会同学校和家长，把孩子上下学的路看护好。
引导企业就近吸纳务工，让群众在家门口有事做。
引导企业就业岗位向困难家庭倾斜。
做好窗口人员工作服的管理，形象要整齐。
党员工作做在前面，群众就会跟上来。
帮助群众多挣钱，才是产业发展的目的。
我们想群众之所想，急群众之所急。
我们想问题、办事情，都要从实际出发。
抓项目要盯前期，也要盯要素保障，服务跟着项目走。
招商不是把人请来就算完，落地以后的服务才是见真章。
老同志的身体健康要放在心上，有困难及时帮。
企业家敢闯敢干，政府就要敢于担当。
把困难摆到桌面上，有一说一，不绕弯子。
整改不能做表面文章，改一件就要见一件的效果。
批评要实事求是，自我批评要触及思想。
新提拔的同志要把位置看轻，把责任看重。
老师的事就是大事，能减的负担要减下来。
林区用火要管住，野外一个烟头都不能留。
项目签下来只是开头，落地投产才是结果。
代表的建议要件件有回音，办不成的要说明原因。
受表彰的同志是榜样，榜样就在身边。
困难群众过冬的衣被要送到手上，不能停在仓库里。
群众满意度是尺子，要拿这把尺子量工作。
查处腐败不手软，教育干部要用心。
写文章要短，开会要少，办事要快。
""".strip().splitlines()

BAD = [
    ("GREETING", "尊敬的各位领导，大家好。"),
    ("GREETING", "各位代表、同志们，新的一年就要开始了。"),
    ("GREETING", "各位老同志，新春好。"),
    ("GREETING", "下面，我讲三点意见。"),
    ("GREETING", "下面就这项工作讲几点意见。"),
    ("GREETING", "祝各位身体健康、工作顺利。"),
    ("GREETING", "大家好，很高兴来到这里。"),
    ("GREETING", "你要把自己的工作做好。"),
    ("GREETING", "同学们要珍惜时间。"),
    ("COMPANY", "要提高员工的业务素质。"),
    ("COMPANY", "没有质量，企业就会被淘汰。"),
    ("COMPANY", "让每一位客户都满意而归。"),
    ("SERVILE", "不能只想挣钱，忘了本分。"),
    ("SERVILE", "把工作做好，让领导满意。"),
    ("NOT_A_LEADER", "我们想通过培训提高自己。"),
    ("NOT_A_LEADER", "我一直在学习，学到了不少东西。"),
    ("SELF", "后来我去了一趟村里。"),
    ("SELF", "这件事让我很有感触。"),
    ("ORDINAL", "一是抓好落实。"),
    ("ORDINAL", "一是一把手带头，任务到人。"),
    ("ORDINAL", "抓落实有两条，一是快，二是实。"),
    ("ORDINAL", "第二，抓好落实。"),
    ("ORDINAL", "第三个方面，要把责任压实。"),
    ("ORDINAL", "要办好两条，第一，责任到人。"),
    ("ORDINAL", "首先要提高认识。"),
    ("ORDINAL", "最后要加强领导。"),
    ("EXAMPLE", "比如人名和数字，都要核到原件。"),
    ("EXAMPLE", "要学好公文写作、值班值守、政务接待等业务。"),
    ("EXAMPLE", "内容主要是写作技能、值守技能等，大家要认真学。"),
    ("EXAMPLE", "要照看好独居老人、留守儿童等人群。"),
    ("EXAMPLE", "水库边上住着三十二户，都转移了。"),
    ("EXAMPLE", "这两名同志值了一夜班。"),
    ("QUOTED", "要记住一句话，“细节决定成败与荣辱”。"),
    ("QUOTED", "要推行“五步工作法”，把事情办好。"),
    ("QUOTED", "要做到“四个必须”，一个不漏。"),
    ("HAPPENED", "今年以来，各单位开展了三轮排查。"),
    ("HAPPENED", "近年来，这项工作取得显著成绩。"),
    ("HAPPENED", "近几年，各乡镇的路修通了不少。"),
    ("HAPPENED", "前些天，县里发生了一起事故。"),
    ("HAPPENED", "某地发生了两起事故，教训很深。"),
    ("HAPPENED", "上一次检查中，发现了不少问题。"),
    ("HAPPENED", "在前期排查中，发现不少隐患。"),
    ("HAPPENED", "截至目前，任务完成过半。"),
    ("HAPPENED", "有个村子去冬修好了水渠。"),
    ("HAPPENED", "水渠是去冬修好的，水能流到田里。"),
    ("HAPPENED", "有位老人告诉县领导，路好走了。"),
    ("HAPPENED", "群众告诉县领导，路好走了。"),
    ("HAPPENED", "我们成功举办了培训班。"),
    ("HAPPENED", "我们先后召开了会议。"),
    ("HAPPENED", "日前，专班到各乡镇走了一遍。"),
    ("HAPPENED", "前天，值班室没有人接电话。"),
    ("HAPPENED", "村里有一个老党员，天天义务巡山。"),
    ("HAPPENED", "张家村有一名老支书，干了一辈子。"),
    ("HAPPENED", "东边那个村只有一家诊所。"),
    ("HAPPENED", "他把每一份文稿都看了一遍。"),
    ("HAPPENED", "应急响应启动了，人员都在岗。"),
    ("HAPPENED", "群众满意度明显提高。"),
    ("MEETING", "这个班办得及时，内容也实。"),
    ("MEETING", "这个会不评功、不摆好，只算欠账。"),
    ("MEETING", "这次会议的目的，是把任务说清。"),
    ("MEETING", "县里办这个班，是想把本领练强。"),
    ("OTHER_LEVEL 县", "全市各单位都要把文稿看一遍。"),
    ("OTHER_LEVEL 县", "要按市委的要求，把任务落实好。"),
    ("OTHER_LEVEL 县", "市里对这项工作很重视。"),
    ("OTHER_LEVEL 市", "全县上下要拧成一股绳。"),
    ("OTHER_LEVEL 市", "县委、县政府对这项工作很重视。"),
    ("OTHER_LEVEL 区", "我县的项目要抓紧开工。"),
    ("OTHER_LEVEL 乡镇", "全市上下要拧成一股绳。"),
]


def _hits(sentence: str) -> dict[str, str]:
    return {name: m.group() for name, p in DROPPING.items() if (m := p.search(sentence))}


@pytest.mark.parametrize("sentence", GOOD)
def test_what_a_leader_says_passes(sentence: str) -> None:
    assert _hits(sentence) == {}


@pytest.mark.parametrize("sentence", ["各县委书记要亲自抓，抓到底。", "市县两级都要健全县乡联动的办法。"])
def test_a_city_may_speak_of_its_counties(sentence: str) -> None:
    assert not phrases.OTHER_LEVEL["市"].search(sentence)


@pytest.mark.parametrize(("name", "sentence"), BAD)
def test_what_no_leader_says_is_found(name: str, sentence: str) -> None:
    assert name in _hits(sentence)


def test_a_quotation_gives_its_words() -> None:
    found = phrases.QUOTED.search("要做到“四个必须”。")
    assert found and found.group(1) == "四个必须"
    assert phrases.EXAMPLE.groups == 0


@pytest.mark.parametrize("text", ["认真学习贯彻习近平总书记重要论述", "按照“三严三实”要求", "落实省委部署"])
def test_whom_a_county_quotes_only_when_its_brief_does(text: str) -> None:
    assert phrases.AUTHORITY.search(text)


def test_how_often_is_not_the_models_to_promise() -> None:
    assert phrases.FREQUENCY.search("每月召开一次民主生活会，每年开展一次党日活动")
    assert not phrases.FREQUENCY.search("每一次都要按规程来，每天都要有人在岗。")


def test_what_only_sounds_like_authority_stays() -> None:
    assert not phrases.AUTHORITY.search("中央空调和各村的办法都要看一看，严和实要放在一起。")
