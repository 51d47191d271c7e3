"""What a small model says and no leader does, as patterns; :mod:`rag_speech.judge` drops sentences that have them."""

from __future__ import annotations

import re


def _any(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(parts))


GREETING = _any(
    r"^(?:尊敬的|亲爱的|大家好[，。！]|同志们[，：!！。]?$|女士们|谢谢|首先，我|最后，|总之|总的来说|综上|让我们共同|让我们携手)",
    r"^各位(?:领导|来宾|嘉宾|学员)",
    r"^各位[^，。：！要在把都是对能]{1,8}[，：！、]",
    r"^下面(?:，|我|就|请|由|进行|开始|围绕|结合|针对|让|讲|说)",
    r"大家(?:上午|下午|早上|晚上)?好[，。！]|谢谢大家|感谢大家|朋友们",
    r"祝愿?(?:大家|各位|同志们|全体)|祝您|同学(?![习校科历段会])|(?:各位|尊敬的)学员",
    r"我(?:们)?相信，?通过|我代表|我就是|咱们|负责人是我|您",
    r"(?<!中有)你(?!追我赶|争我夺|来我往|中有我|一言)",
)
"""How a speech or a letter is opened and closed, and talk to one listener: the frame is code."""
COMPANY = _any(
    "公司|老板",
    "企业(?:文化|生存|形象|就(?![近业地医]))",
    "客户(?!端)",
    "(?<![人党委队成动])员工(?![作资])",
)
"""Words of the business texts that models are trained on, out of place unless the brief is about companies."""
SERVILE = _any(
    "领导(?:说|讲|让)(?:啥|什么)|让(?:领导|上级)(?:满意|放心|高兴)|会被发现|伪君子|两面三刀|害人精",
    "(?:跟|向|找|由)(?:上级)?领导(?:汇报|解决|批准|帮忙)|领导的指示|(?:领导|上级)不重视|部门不配合|抓腐败|别怪|不好报",
    "(?:为了|只想|光想|想着|自己|就是|只顾)挣钱|自己的生意|坏的事情|啥|黑社会|赚大钱|挣大钱|亏本|不干不成",
)
"""Lines that no leader says in public: flattery of superiors, scolding, advice not to be caught."""
NOT_A_LEADER = _any(
    "我(?:们)?(?:一直在|正在|会继续|打算|学到|学习了|将继续学|觉得很|非常荣幸|很荣幸|深感荣幸)",
    "我(?:们)?想(?!群众|人民|百姓|企业|基层|问题|事情|方设法|在前)",
    "我们都是|作为(?:一名|一个)学员",
)
"""What a trainee says of the course, or a writer of what comes next."""
FREQUENCY = re.compile(r"每(?:天|日|周|星期|月|季度?|半年|年)[^，。；]{0,8}[一两二三四]次")
"""How often something is to be done, which only the leader can promise."""
AUTHORITY = _any(
    "习近平|总书记|党中央|中央(?!空调|厨房)|国务院|省委|省政府",
    "三严三实|两学一做|四个(?:意识|自信|全面)|两个(?:维护|确立)|不忘初心|中国梦|新时代",
)
"""Whom and what a county's speech quotes only when its brief does."""
HONOUR = re.compile(
    "(?:全国|全省|全市|国家级|部级|省级|市级)[^，。；、]{0,4}(?:示范|先进|模范|文明|标兵|标杆|试点|百强|十强|名牌|品牌|特色)"
)
"""A rank that somebody holds, which only the brief can know."""
ACTOR = re.compile(
    r"(?:[省市县区镇乡](?:里的?)?|主管)领导|(?:检查|督导|督查|工作|领导|考核|巡查)小?组|专班|纪检监察|纪委|村支书|村主任|村干部|支部书记|项目部|施工队|抢险人员"
    r"|会计|财务人员|班主任|老师|校长|医生|园区|车间|厂长|物业|社区民警|公安(?:机关|部门)|市场监管|住建|农业农村局|水利局|财政局|审计"
)
"""Who is told to act: those whom the brief names. A small model sends whoever it has read of."""
ASKS = _any(
    "要(?!求)|不能|不得|不许|不准|别(?!人)|必须|请|应当|务必|严禁|(?<![领率优首])先(?![进生锋后例期])"
)
"""How a sentence asks somebody for something."""
EXPLAINS = _any(
    "这(?!里)|(?<![还不于可凡但])是(?!不是|否)|(?<![为除])了(?!解|再)|[；？“]", "要[^要]*要[^要]*要"
)
"""Explaining, telling and listing. Of what a small model asks for, readers left in 66 of 100 sentences that the other
measures let pass; of what explains, tells or lists, 23; of what asks for nothing, 43 (``eval/labels/sentences.jsonl``)."""
SELF = re.compile(
    r"(?<![自忘小大无])(?<!你[追争来])(?<!中有)(?<!我行)我"
    r"(?!们|县|市|区|镇|乡|国|省|党|军|讲|再|提|说|强调|希望|这里|看|就|其谁|一语|行我素)"
)
"""The speaker as a person, which only a report on oneself has."""
LINK = re.compile(
    r"只有这样|通过这样|这样一来|这样，|这不仅|这些问题|因此，|所以，|同时，|总而言之|我们要|我们一定|我们必须|大家要|(?:我们)?(?:今天|这次|此次)"
)
"""Openings that a small model leans on: each may open one sentence of a speech."""
ORDINAL = _any(
    "^[一二三四五六七八九十]{1,2}(?:是(?!一，二是二)|要)",
    # 第一时间, 第三季度, 第十五届: no number of a series
    "^第[一二三四五六七八九十]++(?!时间|责任|线|书记|天|现场|资源|要务|动力|产业|季度|方(?!面)|课堂|种形态|道防线"
    "|年|批|期|站|印象|手|位|反应|身份|职责|信号|届|次|个五年|粒扣子)",
    "^首先|^再次(?!强调)|^最后(?![一的])|其次",
    "[，；：。]第[一二三四五六][、，是要]",  # not 安全第一、预防为主
    "(?<![统万唯之合单专同])一是(?!一，二是二)",
    "以下几[点个条方]",
)
"""How a numbered series goes on: numbering is code, and a dropped member would break the count."""
LEANS = re.compile(
    r"这(?![里个项]|件事)|那[些个种样]|他们|它|但|而|也|因为|是因为|所以|因此|否则|不仅如此|其中|有了这|只有(?:这样|如此)|此外|另外|还有|同时"
)
"""How a sentence begins that makes sense only after the one it was written behind."""
_AND_SO_ON = (
    "(?<![不莫别坐干空平同均相高头])(?<!不能|只能)等(?![候待级于靠到来不得我你]|同(?![志学])|人(?=[来上去]))"
)
"""等 at the end of a list, and not 不能等, 坐等, 高等, 等不起."""
ABOUT_FACT = re.compile(r"[他她]们|这些[^，。]{1,6}?(?:都|全)?(?:是|有|没|已)")
"""How a sentence behind a fact begins that says who or what the fact's people and things are."""
EXAMPLE = _any(
    "比如|例如|譬如|举个例子",
    f"(?:主要是|主要有|包括|涉及)[^。]{{2,}}{_AND_SO_ON}",
    f"(?:[^，。、；：]{{2,8}}、)+[^，。、；：]{{2,8}}{_AND_SO_ON}",
    # not 二十四小时值班, 第二天, 这两天, 三天打鱼、两天晒网, 三番五次
    "(?<![第番二两三四五六七八九十百])(?:(?<!这)|(?![两三]天))(?!二十四小时|三天打鱼|两天晒网|三天两头|十天半月|百家争鸣|百家宴)"
    "[二两三四五六七八九十百]+"
    "(?:次(?!供水|创业|伤害|污染|事故|灾害|利用|分配|开发)|岁|天|个月|小时|公里|名|户|家|件|大寿)",
)
"""An example, a list or a small count that no fact gives: a model makes them up."""
_KNOWN = "|".join(
    (
        "一把手|一刀切|一岗双责|一票否决|一阵风|一窝蜂|一言堂|一盘棋|一张[网图]|一张蓝图|一件事|一站式|一本通|一卡通|一网通办|一次办好?",
        "一网统管|一线|一老一小|一门式|一条心|一股绳|一锅[煮粥]|一团和气|一锤子买卖|一公里|一.一策|一.一档|一事一议|一村一品|一.了之",
        "两个(?:维护|确立|结合|责任|毫不动摇|务必)|两山|两会|两委|两新|两重|两面人|两张皮|两张清单|两头热|两不愁三保障|两个一百年",
        "三农|三公|三会一课|三重一大|三严三实|三同时|三管三必须|三个必须|三个区分开来|三资|三保|三区三线|三包|三单|三无|三违|三夏|三秋",
        "三高|三北|三新|三务公开|三分钟热度|三板斧|三把火|四个(?:意识|自信|全面|伟大|最严)|四风|四下基层|四不两直|四不放过|四早|四好农村路",
        "四敢|四史|四种形态|四议两公开|五位一体|五级书记|五保|五险一金|五育并举|五加二|六稳|六保|六大纪律|七一|八一",
        "八项规定|八小时[以之]?外|九小场所|九小|十[三四五]五|十年禁渔|时时放心不下|高效办成一件事|绿水青山就是金山银山|平急两用",
        "最后一公里|门前三包|最多跑一次|百县千镇万村",
    )
)
"""Quoted words that are in general use."""
QUOTED = re.compile(rf"“(?!(?:{_KNOWN})”)([^”]{{6,}}|[一二三四五六七八九十两][个条项大]?[^”]{{1,4}})”")
"""Somebody's words, or a numbered slogan: both come from the brief or not at all."""
_CHECKING = "(?:检查|督查|督导|排查|巡查|巡察|调研|暗访|抽查|走访|考核)"
HAPPENED = _any(
    # when
    "(?<!过)去年|前年|昨天|昨晚|昨日|(?<![汛提以节雨])前天|(?<![汛节会])前(?:几|些)天|上周|上个?月|前不久|近日|刚刚|最近几天|今天上午",
    "(?<![0-9一二三四五六七八九十节假生当次即周作息])日前|前段时间|前一?阵子|(?<!过)去[冬秋]",
    "今年以来|目前正|正在(?:进行|施工|收尾)|预计|截[至止](?:目前|现在|今天)|到?目前为止",
    "近(?:几|些|两|三)?年来?(?=[^。]*(?:了(?!解)|取得|成绩|成效|成果|显著|得到|实现))",
    # who
    "有的人[^，。]{0,3}为了|(?<![其作利])[他她](?![们人乡山国律])|某(?:县|乡|镇|单位|局)",
    "(?<![没只要须应都总各先必能定具拥凡如怕每])(?<!每[人村户天])有一(?:名|位|个(?!算)|次|家|回)(?!办法|过程|条|点)",
    "(?<![没只要须应都总各凡如怕])有个(?:村|乡|镇|县|社区|单位|科室|部门|干部|同志|老人|孩子|年轻人|企业|农户|群众|地方|小区|窗口)",
    "(?<![没只要须应都总各凡如怕])有位(?:老|大|群众|村民|同志|干部|书记|年轻|基层|党员|企业|家长|学员)|告诉[县市区镇乡]?领导|只有一[名位家]",
    # what
    "传达(?:学习)?了|学习了[^，。]{0,16}(?:讲话|精神|文件)|今天的课|组织大家|将大家分成",
    "发生[了过](?:[一两三几多]|好几)[起次场]",
    f"上一?次{_CHECKING}(?=[^。]*(?:发现|了))|上一?次(?:会议?|培训|活动)(?=[^。]*(?:发现|了))",
    f"{_CHECKING}[中时里]，?(?:我们)?[也还就曾]?发现了?(?:不少|一些|许多|很多|多处|大量|个别|部分|几)",
    "我们看到|群众反映|群众对我们|实际情况是|我们这个[县市区镇]|[县市区镇]是(?:一个)?(?:典型|山区)|调查显示|据统计|数据显示|还有一部分",
    "满意程?度[^，。]{0,4}(?:达|提高|提升|上升|下降|不高|较高|较低|明显|显著)",
    "过去(?:有些|很多)|我们过去|已经|工作报告里|出台了|启动了|(?:先进|典型|成功)经验|主战场|示范区|试验区|先行区|储户|取得了|遇到了",
    "我们(?:已经|专门|特地|先后|还|也|成功|顺利|圆满|认真|扎实|积极|集中|及时|共同|累计|多次|连续)?"
    "(?:成立|组织|开展|举办|召开|建立|制定(?:好)?|出台|邀请|安排|进行|举行|印发|做|花|投入|完成|落实|解决|取得|查处|派出|修复|对[^，。]{1,14}进行)了",
)
"""Something that is said to have happened, or to be so here: only the brief can know."""
_COUNTY = (
    "(?<![健安完])[全我本]县(?![区域])|(?<![各市区])县委(?!、市)|(?<![各市区])县政府|(?<!各)县长|(?<!各)县里"
)
_TOWN = "(?<![健安完])全镇|我镇"
OTHER_LEVEL = {
    "市": _any(_COUNTY, _TOWN),
    "县": _any(
        "(?<![健安完齐保])全市(?![场域])|[我本]市(?!场)",
        "(?<!城)市(?:委|政府)|(?<!城)市长(?![期效远])|(?<![城集超门菜夜])市里",
        _TOWN,
    ),
    "区": _any(_COUNTY, _TOWN),
    "乡镇": re.compile("(?<![健安完齐保])[全我本][县市](?![里场域])"),
}
"""How a speech at another level, the key's, would call its own place and its own leaders."""
MEETING = _any(
    "(?:这个|这次|本次|此次|今天的?|今天这个)(?:会议?(?![员计商]|不会)|培训|学习|活动|班(?![子组])|开班)",
    "会议的目的|开班式|开这个[会班](?![子组])|办这个班(?![子组])",
)
"""Talk about the occasion itself, which belongs into the opening."""
LACKS = re.compile(
    r"还[有差没剩缺]|仍|没有|[没未](?!来)|不[到足合达能够]|只[有占]|缺|空缺|滞后|比.{1,6}[少低晚]|下降|退回|[差暴]露|抽查|督查发现"
)
"""How a fact tells of what is not done or not well."""
WEAK = re.compile(r"问题|不足|差距|短板|教训|滞后|毛病|还不|薄弱|难处|困难|根源")
GAINS = re.compile(r"做了|成绩|成效|成果|成功|收获|肯定|总结|回顾|先进|算清|家底|优势|基础")
"""Topics of parts that tell of what is weak, and of what was done."""
GREETS = re.compile(r"拜年|欢迎|感谢|祝贺|问候|慰问|(?:真诚|诚挚)?邀请")
"""How a part's topic begins that greets or thanks: nobody gives figures there."""
OCCASION_FACT = re.compile(
    r"[这本此][次期届]|(?:[一-鿿]{2}班)(?:为期|历时)|(?:培训|学习|集训|轮训|会议|活动|参训|参会)(?:期间|为期)|[上下]午看了|刚才"
    r"|会议(?:以|有|共|开到|采取|安排)"
)
"""How a fact begins that is about the occasion itself: who takes part, how long it lasts, how one behaves there."""
