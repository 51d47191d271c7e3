"""Which lines of a scraped page are not the speech: page data, links, repeats, advertising; and broken lines.

Works line by line with one search for tell-tale words first, because most lines are the speech's own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rag_speech.speech.frame import is_bare
from rag_speech.speech.numerals import read_marker

SHORT = 90
"""Only lines up to this many characters are judged by words alone; longer ones hold sentences."""
_TOP = 8
_ENDS = "。！？!?；;"
_NARROWEST = 12
_JOINABLE = "，,、"
_CLOSED = _ENDS + "：:…”）)》】」』.\"'"

_TELLTALE = re.compile(
    r"来源|作者|编辑|编审|校对|审核|录入|供稿|撰稿|时间|日期|本文|发布|发表|更新|浏览|点击|阅读|字体|字号|字数|打印|分享|收藏|投稿|转载|版权"
    r"|声明|下载|关注|扫码|扫描|二维码|本站|本网|网友|小编|首页|位置|www|http|\.com|\.cn|\.net|\.org|相关|还看了|还喜欢|猜你喜欢|推荐|延伸"
    r"|热门|[上下]一篇|范文|未完|剩余|全文|更多|大家都|\d-\d\d|电话|热线|方式|[qQ]{2}|微信|客服|代写|写作|会员|VIP|关键词|标签|分类|栏目"
    r"|责编|[>»›]|登录|注册|评论|举报|点赞|讲话|发言|致辞|\d{4}[-/.]\d|400-|1[3-9]\d{9}|\A[^\w一-鿿]+\Z"
)
_FIELD = (
    r"来源|作者|责任?编辑|编审|校对|审核|录入|供稿|撰稿|发布[者人]|发布单位|发布时间|发布日期|发表时间|发表于|更新时间|更新日期|更新|时间|日期|上传"
    r"|浏览(?:次数|量)?|点击(?:次数|数|量)?|阅读(?:次数|数|量)?|字体(?:大小)?|字号|字数|分享到?|关键词|标签|分类|栏目|所属栏目|当前位置"
    r"|您?的位置|您(?:现在|当前)的位置|首页"
)
_BUTTON = "打印(?:本页)?|关闭(?:窗口|本页)?|收藏(?:本页)?|分享|点赞|评论|举报|登录|注册|首页|返回(?:顶部|首页|列表)?|字体：?|大|中|小"
_META = re.compile(
    rf"^[\s　·•>【\[（(]*(?:文章|信息|稿件|本文|新闻)?(?:{_FIELD})\s*[：:>»|/／]"
    rf"|^[\s　\[【(（]*(?:{_BUTTON})(?:[\s　|｜/·\]】)）\[【(（]+(?:{_BUTTON}))*[\s　\]】)）]*$"
    r"|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\s+\d{1,2}:\d\d|https?://|www\.|[\w-]+\.(?:com|cn|net|org)\b"
    r"|我要投稿|转载请|版权(?:归|所有|声明)|免责声明|点击(?:下载|查看|这里|阅读)|扫码(?:关注|下载|阅读|加)|(?:下方|上方)二维码|关注(?:我们|微信|公众号)"
    r"|(?:网友|小编|本站|本网)(?:整理|收集|搜集|为大家|为您|提供|分享|推荐|原创)|(?:收集|搜集)整理|下载(?:文档|本文|全文|[Ww]ord)"
    r"|未完，?全文共|剩余\d+%|登录后(?:查看|下载|阅读)|(?:发表|查看|网友)评论|[一-鿿]\s*[>»›]+\s*[一-鿿]"
)
_TEASER = re.compile(r"(?:\.{3,}|…+)\s*$")
_RELATED = re.compile(
    r"(?:相关(?:文章|推荐|阅读|范文|链接|内容|热词|搜索|资料|专题)|猜你喜欢|推荐阅读|延伸阅读|热门(?:文章|推荐|阅读)|精选范文|大家都在看"
    r"|人还(?:看了|喜欢)|更多(?:文章|范文|相关)[^。]{0,12})\s*[：:】\])）>]*$"
    r"|^[\s　]*[上下]一篇\s*[：:]|(?:为|给)(?:您|你|大家)推荐[^。]{0,16}[：:]$|^[^。]{0,30}范文\d+篇$"
)
_DATED_LINK = re.compile(r"[一-鿿）)》”](?:\d{4}-)?\d\d-\d\d$")
_LINK = re.compile(
    r"^[\s·•▪◆★>\-]*(?:\d{1,2}\s*[.、．)）]\s*)?[^。！？!?；;]{2,50}(?:讲话|发言|致辞|演讲|范文|稿|主持词?|总结|报告|体会|提纲|材料|模板|心得|方案|计划|篇|通用|精选|汇编|大全|\d\d-\d\d)[^。！？；]{0,8}$"
)
_ADVERT = re.compile(
    r"(?:联系|咨询|投稿|订购|加盟)(?:电话|热线|方式|微信)\s*[：:]|[qQ]{2}[群号]?\s*[：:]?\s*\d{5}|微信(?:号|公众号|群)?\s*[：:]\s*\w{3}|加微信|客服[：:热微Qq]"
    r"|代写|专业写作|写作服务|(?:VIP|vip|会员)(?:下载|专享|免费|中心)|(?:付费|积分|金币)下载|下载券|(?:电话|手机)\s*[：:]\s*(?:1[3-9]\d{9}|400-)"
)
_ORNAMENT = re.compile(r"[^\w一-鿿“”（）《》]{3,}")
INLINE_META = re.compile(
    r"(?m:^[ \t　（(]*(?:本文(?:由|来自|来源于?|转自|摘自)|文章来源)[^\n]{0,40}$)|"
    r"(?:本文(?:来自|来源于?|由|转自|摘自)|文章来源于?|[摘转]自网络|来源于网络)"
    r"(?:[：:]?[^，。；！？、\n]{0,16}?(?:网站?|文库|\.com|\.cn|公众号|论坛|整理|搜集|收集|提供))?(?:[：:](?=\n|$))?"
)
"""A source that was glued into a sentence; the words after it stay unless they name a site."""


def judge_lines(lines: Sequence[str]) -> dict[int, str]:
    """Return the lines that do not belong to the speech, with the code of the reason."""
    verdict: dict[int, str] = {}
    suspects = [i for i, line in enumerate(lines) if len(line) <= SHORT and _TELLTALE.search(line)]
    for index in suspects:
        code = _word_code(lines[index])
        if code:
            verdict[index] = code
    _mark_links(lines, suspects, verdict)
    _mark_repeats(lines, verdict)
    return verdict


def _word_code(line: str) -> str:
    if _ADVERT.search(line) and (line[-1] not in _ENDS or any(c.isdigit() for c in line) or len(line) <= 40):
        return "E-AD"
    if line[-1] in _ENDS:
        return ""
    if _ORNAMENT.fullmatch(line):
        return "P-CTRL"
    if read_marker(line):
        return ""
    if _RELATED.search(line):
        return "E-RELATED"
    return "E-META" if _META.search(line) else ""


def _mark_links(lines: Sequence[str], suspects: list[int], verdict: dict[int, str]) -> None:
    """Mark the links below a heading 相关文章, and titles with a date glued to them."""
    dated = [i for i in suspects if i not in verdict and _DATED_LINK.search(lines[i])]
    if len(dated) > 1:
        verdict |= dict.fromkeys(dated, "E-RELATED")
    for head in [i for i in suspects if verdict.get(i) == "E-RELATED"]:
        index = head + 1
        while index < len(lines) and len(lines[index]) <= SHORT // 2 and _LINK.match(lines[index]):
            if index < _TOP and head < _TOP and not _DATED_LINK.search(lines[index]):
                break
            verdict.setdefault(index, "E-RELATED")
            index += 1


def _mark_repeats(lines: Sequence[str], verdict: dict[int, str]) -> None:
    """Mark the title where it stands again, abstracts that only repeat the text, and doubled paragraphs."""
    top = [i for i in range(min(len(lines), _TOP + 4)) if i not in verdict]
    title_at = next(
        (i for i in top[:4] if len(lines[i]) >= 4 and is_bare(lines[i]) and not read_marker(lines[i])), None
    )
    title = lines[title_at] if title_at is not None else ""
    if len(title) >= 6:
        for index in top:
            if index > (title_at or 0) and lines[index] == title:
                verdict[index] = "E-DUP"
    for index in top[:_TOP]:
        line = _TEASER.sub("", lines[index])
        glued = bool(title) and index != title_at and line.startswith(title)
        words = line[len(title) :] if glued else line
        cut = glued or len(line) < len(lines[index])
        if index not in verdict and cut and len(words) >= 12 and _stands_later(words, lines, index, verdict):
            verdict[index] = "E-DUP"
    seen: dict[str, int] = {}
    for index, line in enumerate(lines):
        if len(line) >= 40 and index not in verdict and seen.setdefault(line, index) != index:
            verdict[index] = "E-DUP"


def _stands_later(words: str, lines: Sequence[str], index: int, verdict: dict[int, str]) -> bool:
    start = words[:16]
    return any(
        lines[i].startswith(start) and (len(words) <= len(lines[i]) + 16 or words.startswith(lines[i][:40]))
        for i in range(index + 1, min(len(lines), index + _TOP + 4))
        if i not in verdict
    )


def wrap_width(lines: Sequence[str]) -> int:
    """Return the width at which a page was wrapped, in characters; 0 when its lines are paragraphs."""
    lengths = Counter(len(line) for line in lines)
    width = max((n for n in lengths if n >= _NARROWEST), default=0)
    full = [line for line in lines if width - 2 <= len(line) <= width]
    cut = sum(line[-1] not in _CLOSED for line in full)
    return width if len(full) * 3 >= len(lines) >= _NARROWEST and cut * 2 >= len(full) else 0


def is_broken(line: str, following: str, width: int = 0) -> bool:
    """Whether the paragraph ``line`` was cut in two and goes on in ``following``; ``width`` is the page's."""
    last = line[-1]
    if last in _JOINABLE:
        return True
    if last in _CLOSED or read_marker(following):
        return False
    if width and len(line) >= width - 2:
        return True
    if len(line) <= 40 and not any(c in line for c in "。！？；"):
        return False
    return following[-1] in _CLOSED or len(following) > 40
