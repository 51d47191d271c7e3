"""What a small model says and no leader does, as patterns; :mod:`rag_speech.judge` drops sentences that have them."""

from __future__ import annotations

import re

GREETING = re.compile(
    r"^(尊敬的|各位|亲爱的|大家好|同志们[，：!！。]?$|女士们|谢谢|下面|首先，我|最后，|总之|总的来说|综上|让我们共同|让我们携手)"
    r"|大家好|谢谢大家|感谢大家的(聆听|支持)|朋友们|祝愿?大家|祝您|同学们?|(各位|尊敬的)学员|我(们)?相信(，)?通过|感谢大家|我代表|我就是|咱们|你(?!追我赶|争我夺|一言)|您|负责人是我"
)
COMPANY = re.compile(r"公司|企业(?:文化|生存|形象|就)|客户|老板|员工")
"""Words of the business texts that models are trained on, out of place unless the brief is about companies."""
SERVILE = re.compile(
    r"领导(?:说|讲|让)(?:啥|什么)|让(?:领导|上级)(?:满意|放心|高兴)|会被发现|伪君子|两面三刀|害人精"
    r"|(?:跟|向|找|由)(?:上级)?领导(?:汇报|解决|批准|帮忙)|领导的指示|(?:领导|上级)不重视|部门不配合|抓腐败|别怪|不好报|挣钱|自己的生意|坏的事情|啥|黑社会|赚大钱|亏本|不干不成"
)
"""Lines that no leader says in public: flattery of superiors, scolding, advice not to be caught."""
NOT_A_LEADER = re.compile(
    r"我(们)?(一直在|正在|会继续|打算|学到|学习了|将继续学|想|觉得很|非常荣幸|很荣幸|深感荣幸)|我们都是|作为(一名|一个)学员"
)
SELF = re.compile(r"(?<!自)我(?!们|县|市|区|镇|乡|国|省|党|军|讲|再|提|说|强调|希望|这里|看|就)")
LINK = re.compile(
    r"只有这样|通过这样|这样一来|这样，|这不仅|这些问题|因此，|所以，|同时，|总而言之|我们要|我们一定|我们必须|大家要|(?:我们)?(?:今天|这次|此次)"
)
"""Openings that a small model leans on: each may open one sentence of a speech."""
ORDINAL = re.compile(
    r"^(?:[一二三四五六七八九十]{1,2}(?:是|要)|第[一二三四五六七八九十]|首先|再次|最后)|其次|第[一二三四五][、，]|一是|以下几[点个条方]"
)
"""How a numbered series goes on: numbering is code, and a dropped member would break the count."""
LEANS = re.compile(
    r"这(?![里个项]|件事)|那[些个种样]|他们|它|但|而|也|因为|是因为|所以|因此|否则|不仅如此|其中|有了这|只有(?:这样|如此)|此外|另外|还有|同时"
)
"""How a sentence begins that makes sense only after the one it was written behind."""
EXAMPLE = re.compile(
    r"比如|例如|譬如|举个例子|(?:主要是|主要有|包括|涉及)[^。]{2,}等|(?:[^，。、；：]{2,8}、)+[^，。、；：]{2,8}等(?!候|待|级)"
    r"|[二两三四五六七八九十百]+(?:次|岁|天|个月|小时|公里|名|户|家|件|大寿)"
)
"""An example, a list or a small count that no fact gives: a model makes them up."""
QUOTED = re.compile(r"“([^”]{6,}|[一二三四五六七八九十两][个条项大]?[^”]{1,4})”")
"""Somebody's words, or a numbered slogan: both come from the brief or not at all."""
HAPPENED = re.compile(
    r"去年|前年|有的人[^，。]{0,3}为了|(?<!其)[他她](?![们人乡])|有一(?:名|位|个|次|家|回)(?!办法|过程|条|点)|某(?:县|乡|镇|单位|局)|传达(?:学习)?了|学习了[^，。]{0,16}(?:讲话|精神|文件)|昨天|昨晚|前天|前几天|上周|上个?月|前不久|日前|近日|刚刚|最近几天|今天上午|昨日|今天的课|组织大家|将大家分成"
    r"|我们看到|群众反映|群众对我们|实际情况是|我们这个[县市区镇]|[县市区镇]是(?:一个)?(?:典型|山区)|调查显示|据统计|数据显示|还有一部分|满意程?度|过去(?:有些|很多)|我们过去|已经|工作报告里|出台了|启动了|(?:先进|典型|成功)经验|主战场|示范区|试验区|先行区|储户|取得了|遇到了"
    r"|我们(?:已经|专门|特地|先后|还)?(?:成立|组织|开展|举办|召开|建立|制定(?:好)?|出台|邀请|安排|进行|举行|印发|做|花|投入|完成|落实|解决|取得|查处|派出|修复|对[^，。]{1,14}进行)了"
)
"""Something that is said to have happened, or to be so here: only the brief can know."""
OTHER_LEVEL = {
    "市": re.compile(r"[全我本]县(?!区)|县委(?!、市)|县政府|县长|县里|全镇|我镇"),
    "县": re.compile(r"[全我本]市|市委|市政府|市长|市里|全镇|我镇"),
    "区": re.compile(r"[全我本]县|县委|县政府|县长|县里|全镇|我镇"),
    "乡镇": re.compile(r"[全我本][县市](?!里)"),
}
MEETING = re.compile(
    r"(?:这个|这次|本次|此次|今天的?|今天这个)(?:会议?|培训|学习|活动|班|开班)|会议的目的|开班式|开这个[会班]|办这个班"
)
"""Talk about the occasion itself, which belongs into the opening."""
