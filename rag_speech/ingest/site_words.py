"""What web pages say to their visitors, in groups that are independent signs of one another.

A group is *own* when only a page says it, never a speaker; the others say what a speaker may say too (请大家加微信群).
Rows were found on stored public pages of document and sample-text sites.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TEXTS = "讲话稿?|发言稿?|致辞|演讲稿?|主持词?|范文|文章|材料|文档|资料"
_OWN = {
    "editor": (
        r"(?:由|是|为)[^，。]{0,14}小编[^，。]{0,14}(?:整理|收集|搜集|带来|准备|分享|推荐|精心|提供|编写)"
        rf"|小编[^，。]{{0,6}}(?:为|给)(?:大家|您|你)|小编(?:精心)?(?:推荐|整理|寄语)|(?:网友|小编)(?:整理|收集|搜集|投稿|原创)(?=的|$|[，。）])"
        rf"|(?:以下|下面|以上|这里)(?:就?是|为|内容)?[^，。]{{0,16}}(?:为|给)?(?:大家|您|你|细心|精心)[^，。]{{0,12}}(?:整理|收集|搜集|准备|带来|分享)[^，。]{{0,12}}(?:{_TEXTS})"
        rf"|以上就?是[^，。]{{2,40}}的(?:全部|所有)?内容|[^，。]{{2,12}}网[^，。]{{0,10}}(?:栏目|频道)"
    ),
    "site": (
        r"(?:本站|本网站|本平台|本文档|本文库)(?!点|长|台|区|所|址)|信息存储空间|互联网用户自发|用户(?:自行)?(?:提供并)?上传"
        r"|(?:该文|本文|文中|文章)(?:观点|内容|版权)|(?:本文|文章|内容|资料|部分)[^，。]{0,6}(?:来自|来源于?|转自|摘自|源自|整理自)(?:于)?(?:互联)?网络"
        r"|作者原创|(?:由|为)会员(?:分享|原创|上传)|All [Rr]ights|[Cc]opyright|©|ICP备|公网安备|到(?:电脑)?桌面$|桌面快捷|快捷访问|收藏(?:本站|网址)"
        r"|(?:文库|文秘|范文|公文|论文|资料|家园|小说)网(?!格|络)|\b(?:https?://|www\.)|[A-Za-z0-9-]{1,40}\.(?:com|cn|net|org)\b"
    ),
    "page": (
        r"篇幅(?:问题|有限|所限|限制)[^，。]{0,8}(?:不能|无法|未能)?[^，。]{0,6}显示|提示信息|更多更全|阅读(?:全部|剩余|完整)(?:图文)?内容?|(?:查看|阅读|展开|显示)(?:全文|全部|更多|余下)"
        r"|全文共\d+字|当前仅?显示|(?:此处|这里|中间|以下|正文)?(?:隐藏|省略)(?:了)?\d+(?:个)?字|剩余\d+%|未完[^。]{0,6}(?:全文|请|待续|点击)|本章(?:未完|没有结束)|这章没有结束"
        r"|未加载完|[Ll]oading|附件列表|资源描述|(?:该|本)文档(?:总)?共\d+页|预览完|文章共\d+字|文档(?:简介|编号|介绍|信息)|正在加载"
    ),
    "pay": (
        r"(?:您|你)?(?:需要|请)先?登[录陆](?:后|$|[！。，）])|登[录陆](?:后|即可|才能)[^，。]{0,4}(?:查看|下载|阅读|复制|可见)|(?:开通|成为|收回|正式|注册)(?:本站)?(?:VIP)?会员|会员(?:可|专享|免费|权限|下载|完整)"
        r"|VIP(?=会员|下载|用户|文档|专享|免费|$)|付费(?:阅读|下载|内容|后)|(?:积分|金币|学币|文币)(?:下载|不足|充值)|下载券|下载币|扫码(?:支付|付费|下载|阅读全文)|解锁(?:全文|全部)"
    ),
    "novel": r"小说模式|广告屏蔽|天才一秒|最快更新|加入书签|多多收藏|【刷新】|温馨提示：[^。]{0,10}(?:搜索|下载|收藏|登录)",
    "code": r"长按[^，。]{0,8}二维码|[上下]方(?:的)?二维码|识别[^，。]{0,4}二维码",
    "download": (
        r"\.(?:docx?|pptx?|pdf|wps)(?:_第\d+页)?$|(?:点击|免费|立即|一键|打包|限时)下载|下载(?:文档|全文|本文|原文|[Ww]ord|DOCX?|PDF|次数|量|地址|链接|\d)|\b(?:DOCX?|docx?|PPTX?)\b|(?:上传|文档)(?:人|者|时间|编号|页数|大小)"
        r"|(?:浏览|收藏|点赞|下载|阅读|评论)[：\s]?\d|(?:喜欢|需要)[^，。]{0,4}就下载|复制(?:全文|链接|本文)"
    ),
    "forum": (
        r"楼主|只看该作者|发表于\s*\d{2,4}[-/年]|本帖最后|回复\s*[：:]?\s*\d|显示全部楼层|阅读模式|倒序浏览|QQ登录|找回密码|只需一步|复制链接|顶一下|踩一下"
        r"|(?:上|下)一(?:页|章|篇)(?:[：:]|$)|尾页"
    ),
}
_COMMON = {
    "reader": (
        r"仅供(?:大家|您|学习)?[^，。]{0,2}(?:参考|借鉴)|供(?:大家|您|各位)(?:参考|阅读|借鉴)|欢迎(?:大家|您)?(?:阅读|查阅|借鉴|下载|收藏|转发|浏览)|一起来(?:看看|阅读|了解)|(?:阅读|参考)借鉴"
        r"|希望[^，。]{0,10}(?:有所?帮助|帮到|有帮助)|感谢(?:您|你)?的?(?:阅读|浏览|观看|访问|关注)|请点(?:此|击)|点击[“”【《\w一-鿿]{1,14}查看|敬请关注|(?:获取|领取|查看)更多|更多[^，。]{0,30}(?:关注|尽在|点击|搜索|请)|收藏(?:本|我们)"
    ),
    "essay": (
        rf"(?:接触|用法?到|使用|见)过?[^，。]{{0,10}}(?:讲话稿|发言稿|演讲稿|致辞|主持词)|(?:讲话稿?|发言稿?|演讲稿?|致辞|主持词)(?:该)?(?:怎么|怎样|如何)写|(?:{_TEXTS})(?:大全|模板|格式|集锦|汇编|合集)"
        rf"|(?:精选|通用|推荐|汇总|合集|锦集)\s*\d+\s*篇|范文\d*[篇（]|[〔【「](?:讲话|演讲|发言|致辞)稿?[〕】」]"
    ),
    "rights": (
        r"版权(?:声明|说明|归|所有|问题)|免责声明|郑重声明|(?:禁止|不得|不允许|谢绝|未经)[^，。]{0,8}(?:转载|二次传播|复制|传播|商用)|转载(?:请|须|务必)[^，。]{0,6}(?:注明|联系)|转载自"
    ),
    "claims": (
        r"侵权|侵犯[^，。]{0,8}权[益利]|不承担[^，。]{0,8}责任|追究[^，。]{0,4}法律责任|不拥有所有权|(?:立即|及时|尽快|予以|第一时间)(?:删除|处理)|联系[^，。]{0,8}删除|举报或认领|仅代表[^，。]{0,6}(?:作者|个人)"
    ),
    "follow": r"扫[码描][^，。]{0,6}(?:关注|下载|阅读|添加|加|查看|获取)|(?:微信|官方)?公众号|关注(?:我们|微信)|加微信[^，。]{0,4}(?:领取|获取|进群)",
    "contact": r"(?:投稿|咨询|联系|客服|订购|加盟|合作|售后)(?:电话|热线|方式|微信|邮箱|QQ)|[qQ]{2}[群号]?\s*[：:]?\s*\d{5}|(?:加|微信号?)[：:]\s*\w{4}|客服|我要投稿|在线咨询",
    "hired": "代写|代笔|专业写作|写作服务|加急稿",
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What a stretch of text says as a page would: names of groups, those only a page says apart."""

    own: frozenset[str]
    common: frozenset[str]

    @property
    def count(self) -> int:
        """How many independent groups speak."""
        return len(self.own) + len(self.common)


def _compiled(groups: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in groups.items()))


_PATTERNS = {name: re.compile(pattern) for name, pattern in (_OWN | _COMMON).items()}
_ANY = _compiled(_OWN | _COMMON)
_QUOTED = re.compile(r"(?<=[^\n])“[^”\n]*(?:”|$)")
_WIDE = str.maketrans(
    {",": "，", ";": "；", ":": "：", "!": "！", "?": "？", "(": "（", ")": "）", "\xa0": " ", "　": " "}
)


def as_seen(line: str) -> str:
    """Return ``line`` with its punctuation widened, offsets kept: pages mix both."""
    return line.translate(_WIDE)


def site_signs(text: str) -> Signs:
    """Return the groups that speak in ``text``; what somebody is quoted with does not count."""
    seen = as_seen(text)
    if not _ANY.search(seen):
        return Signs(frozenset(), frozenset())
    said = _QUOTED.sub(lambda m: " " * len(m.group()), seen) if "“" in seen else seen
    found = {name for name, pattern in _PATTERNS.items() if pattern.search(said)}
    return Signs(frozenset(found & _OWN.keys()), frozenset(found & _COMMON.keys()))
