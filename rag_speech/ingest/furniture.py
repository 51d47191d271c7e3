"""Lines that are parts of a page by their form: page data, buttons, counts, paths, page numbers.

Works on lines without a sentence in them; a label or a button alone is one sign, its form or its place the second.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from rag_speech.ingest.interface import interface_share
from rag_speech.ingest.site_words import as_seen

_HAN_NUMBER = "[一二三四五六七八九十]{1,3}"
_LABEL = (
    r"(?:信息|文章|稿件|新闻|资料)?来源|稿源|作者|文/|(?:责任)?编辑|责编|编审|校对|审核|录入|供稿|撰稿|发布[者人]|发布单位|发布时间|发布日期|发表时间|发表于|更新时间|更新日期|更新于?|时间|日期|上传(?:时间|者|人)?"
    r"|(?:浏览|点击|阅读|查看|访问|下载|收藏|点赞|评论|回复|评分|热度|人气)(?:次数|量|数)?|字体(?:大小)?|字号|字数|页数|大小|格式|文件类型|分享到?|关键[词字]|标签|分类|栏目|所属栏目|所属分类|所属目录|文档编号|信息员|通讯员|转自|正在阅读|编辑推荐|ID|资源(?:ID|大小|格式|编号)|全文页数|本文(?:标题|链接|地址|作者|目录)|支付方式|推荐度|相关热词|网站标识码"
    r"|您?的位置|(?:您|你)?(?:现在|当前)的?位置"
)
_BUTTON = (
    r"打印(?:本页|本文)?|关闭(?:窗口|本页)?|(?:加入)?收藏(?:本页|本站)?|分享(?:到)?|点赞|评论|举报|登[录陆]|注册|首页|返回(?:顶部|首页|列表|目录)?|字[体号]|[大中小]"
    r"|相关|下载|(?:相关|猜你|热门|精选|最新)(?:推荐|喜欢|文章|阅读)|版权反馈|免费文档|微信|微博|QQ空间|朋友圈|上一[页篇]|下一[页篇]|尾页|末页|目录|书签|繁体版?|简体版?|电脑版|手机版|客户端|网站地图|联系我们"
    r"|关灯|护眼|搜索|设为首页|复制(?:链接|网址)?|赞|踩|顶|\d+条(?:评论|回复|留言)|打赏|收起|展开|全文|原创|转载|推荐阅读|延伸阅读|在线咨询|帮助中心|意见反馈|投诉举报|投诉|发表评论|取消回复|用户中心|会员中心|免费注册|我的(?:收藏|订阅|下载)"
)
_VALUE = (
    r"佚名|未知|(?:互联)?网络|本站|本网|admin|\d{1,8}(?:次|页|字|篇|人|条|分|[KkMm][Bb]?)?|\d+(?:\.\d+)?[KkMmGg][Bb]|(?:DOCX?|docx?|PDF|pdf|PPTX?|TXT|txt|WPS|wps|ppt|zip)"
    r"|(?:19|20)?\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[：:]\d\d(?:[：:]\d\d)?|[-–—]|★+☆*"
)
_SPLIT = re.compile(r"[\s|｜/·、，>»›→【】\[\]（）：•#‹<«_]+")
_TOKEN = re.compile(rf"(?:{_LABEL}|{_BUTTON})?-?(?:{_VALUE})?")
_NAMED = re.compile(rf"(?:{_LABEL}|{_BUTTON})")
_ANY_LABEL = re.compile(_LABEL)
_FIELD = re.compile(
    rf"(?:^|[\s【（\[|｜]|(?<=[\d字次])|(?<=[”》]))(?:文章|信息|稿件|新闻|本文|资料)?(?P<label>{_LABEL})\s*[：/｜|]\s*(?P<value>[^\s：，。；！？|｜]*)"
)
_WEBBY = re.compile(
    r"(?:佚名|未知|互联网|网络|本站|本网|admin|原创|网友)$|网$|(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|^\d+(?:次|字|页)?$|\.(?:com|cn|net|org)|[大中小]$|首页"
)
_CREDIT = re.compile(
    r"[\s【（\[]*(?:(?:责任)?编辑|责编|作者|供稿|撰稿|校对|审核|审校|摄影|通讯员|录入|编审|上传(?:者|人)?|(?:信息|文章|稿件|新闻|资料)来源)\s*：\s*[^\s，。；：！？]{2,20}[\s】）\]]*"
)
"""A label of those who made a page, with a name and nothing else."""
_EMPTY = re.compile(
    r"[\s【（\[]*(?:字体(?:大小)?|字号|浏览(?:次数|量)|点击(?:次数|数|量)|阅读(?:次数|量)|发布时间|更新时间|责任编辑|关键词|本文目录|文章标签|所属分类)\s*：[\s】）\]]*"
)
_ADDRESS = re.compile(r"[^，。；]{0,10}(?:https?：//|www\.)[\w./?=&%#：~+-]+[。\s]*")
_PLAIN_DAY = frozenset({"时间", "日期", "更新", "上传", "评论", "回复", "转自"})
"""Labels that a programme or a caption has too; alone they are no sign."""
_STAMP = re.compile(r"(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?\s*\d{1,2}[：:]\d\d")
_PATH = re.compile(r"[一-鿿\w]\s*[>»›]+\s*[一-鿿]")
_SHOWN_PAGE = re.compile(
    r"[-—–·\s]*第\s*(?:\d{1,4}|[一二三四五六七八九十]{1,3})\s*页\s*[，/、|]?\s*(?:[（(]?\s*共\s*\d{1,4}\s*页\s*[）)]?)?[-—–·\s]*"
    r"|(?:共\s*\d{1,4}\s*页\s*[，/、|]?\s*)第\s*\d{1,4}\s*页|[—–\-]+\s*\d{1,4}\s*[—–\-]+|页码?\s*[：:]?\s*\d{1,4}(?:\s*/\s*\d{1,4})?|第\s*\d{1,4}\s*页\s*/\s*共\s*\d{1,4}\s*页"
    r"|[Pp]age\s*\d{1,4}(?:\s*of\s*\d{1,4})?|(?:\[\d{1,3}\]\s*){2,}(?:下一页|尾页|末页|\s)*|[（(]\s*\d{1,3}\s*/\s*\d{1,3}\s*[）)]"
)
_BARE_PAGE = re.compile(r"\d{1,4}|\d{1,4}\s*/\s*\d{1,4}")
_NUMBERED_PIECE = re.compile(rf"[【（\[]?\s*第?\s*篇\s*(?:\d{{1,2}}|{_HAN_NUMBER})\s*[】）\]]?\s*[：:]?")


def is_page_number(line: str) -> bool:
    """Whether a line is a page number that says so itself: 第1页 共2页, — 3 —."""
    return len(line) <= 40 and bool(_SHOWN_PAGE.fullmatch(as_seen(line)) or _SHOWN_PAGE.fullmatch(line))


def bare_page_numbers(lines: Sequence[str]) -> list[int]:
    """Return lines of a number alone when they count up through the text, twice at least."""
    found = [(i, int(re.split(r"\D", line)[0])) for i, line in enumerate(lines) if _BARE_PAGE.fullmatch(line)]
    rising = all(b[1] - a[1] == 1 and b[0] - a[0] > 2 for a, b in itertools.pairwise(found))
    return [i for i, _ in found] if len(found) > 1 and rising else []


def is_address(line: str) -> bool:
    """Whether a line is a web address, with or without its label."""
    return len(line) <= 120 and bool(_ADDRESS.fullmatch(as_seen(line)))


def is_piece_mark(line: str) -> bool:
    """Whether a line only numbers one of several texts on a page: 篇1, 【篇二】."""
    return len(line) <= 12 and bool(_NUMBERED_PIECE.fullmatch(as_seen(line)))


def furniture_sign(line: str) -> int:
    """Return how sure the form makes a line a part of the page: 2 for certain, 1 where its place must agree, 0 for none."""
    seen = as_seen(line).strip(" -—·•*")
    if _CREDIT.fullmatch(seen) or _EMPTY.fullmatch(seen) or _ADDRESS.fullmatch(seen):
        return 2
    tokens = [t for t in _SPLIT.split(seen) if t]
    named = [t for t in tokens if _NAMED.match(t)]
    if tokens and named and all(_TOKEN.fullmatch(t) for t in tokens):
        return 2 if len(tokens) > 2 or len(named) > 1 else 1
    known = sum(1 for t in tokens if _TOKEN.fullmatch(t))
    if len(tokens) >= 5 and len(named) >= 3 and known >= 0.7 * len(tokens):
        return 2
    if _STAMP.search(seen) and len(seen) <= 60:
        return 2 if _ANY_LABEL.search(seen) or _STAMP.match(seen) else 1
    if sign := max(_field_sign(seen), _menu_sign(seen, tokens)):
        return sign
    if _PATH.search(seen):
        return 2 if named or re.search(r"位置|范文|讲话稿|网|文库", seen) else 1
    return 0


def _menu_sign(seen: str, tokens: list[str]) -> int:
    """Whether the line is a row of short words, and how many of them an interface has."""
    if len(tokens) < 4 or any(c in seen for c in "。，；！？：、") or max(map(len, tokens)) > 8:
        return 0
    known = [
        t
        for t in tokens
        if _NAMED.fullmatch(t) or t.endswith("网") or t == "English" or interface_share(t)[0] >= 0.5
    ]
    barred = sum(seen.count(c) for c in "|｜/·>») ") >= len(tokens) - 1
    return 2 if known and barred else 0


def _field_sign(seen: str) -> int:
    fields = list(_FIELD.finditer(seen))
    if not fields or fields[0].start() > 1 or len(seen) > 90:
        return 0
    if any(c in seen for c in "。；！？") or seen.count("，") > 1:
        return 0
    webby = [f for f in fields if _WEBBY.search(f["value"])]
    plain = [f for f in fields if f["label"] not in _PLAIN_DAY]
    if webby or len(plain) > 1:
        return 2
    return 1 if plain and len(seen) <= 40 else 0
