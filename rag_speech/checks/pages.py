"""What a web page leaves around a speech (E-META, E-RELATED): told by form and place, never by one word.

A paragraph that ends like a sentence is the speaker's own, whatever words it uses (请大家关注公众号……。), unless two
different signs of a page meet in one of its sentences. A line that is no sentence needs one sign, and a numbered heading
is a page's only where a list of links follows.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rag_speech.checks.scan import finding, quoted
from rag_speech.types import Finding, Severity, Span
from rag_speech.zh.text import lines

_SOURCE = "网页转载痕迹"
_ENDS = "。！？!?；;：:"
_CLOSERS = "”’」』）)】 　"
_NUMBERED = re.compile(
    r"^[ 　]*(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[）)]|\d+[.．、]|第[一二三四五六七八九十]+[，、])"
)
_LABEL = re.compile(
    r"^[ 　]*(?:(?:文章|信息|稿件)?(?:来源|作者|编辑|责任编辑|发布人|发布者)|发布(?:时间|日期)|更新(?:时间|日期))\s?[：:].{0,60}$"
)
_WHEN = re.compile(r"^[ 　]*(?:时间|日期)\s?[：:]\s?\d{4}[-/.]\d")
_STAMP = re.compile(r"\d{4}-\d\d-\d\d\s\d\d:\d\d")
_CREDIT = re.compile(r"[（(](?:来源|作者|编辑|责编|责任编辑|稿源)[：:][^）)\n]{1,24}[）)]$")
_ADDRESS = re.compile(r"(?:https?://|www\.)[\w./?=&%#\-]+")
_USED = re.compile(r"登录|登陆|访问|点击|打开|网址|官网|网站|平台|系统|查询|门户|查看|留言|填报|申报")
"""A speaker who gives an address says what it is for."""
_SIGNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"我要投稿|在线投稿",
        r"转载(?:请|须|时请|需)?(?:注明|说明)(?:出处|来源)?",
        r"版权归|版权声明|免责声明|版权所有",
        r"(?:如有|若有|如)侵权|侵权(?:必究|删除)|联系(?:我们|本站|站长)删除",
        r"点击(?:下载|查看)|下载(?:文档|全文|本文)|(?:免费|付费)下载|剩余\d+%未读|未完，全文共|全文阅读|阅读全文|展开全文",
        r"扫码关注|(?:扫描|长按)[^。\n]{0,8}二维码|关注(?:微信)?公众号",
        r"更多[^。\n]{0,12}(?:尽在|请点击|请关注|请访问)",
        r"(?:网友|小编|本站)(?:整理|收集|搜集|为大家|提供|分享|推荐|带来|上传)|(?:收集|搜集|整理)(?:整理)?(?:于|自|来自)网络|摘自网络|来源于网络|来自网络",
        r"(?:浏览|阅读|点击)(?:次数|量)?\s?[：:]\s?\d|(?:人|次)(?:浏览|已阅)",
        r"(?:范文|文秘|公文|论文)(?:网|大全|之家|在线)|(?:范文|文秘|论文)库",
        r"(?:上|下)一篇[：:]|返回(?:首页|顶部|列表)|当前位置[：:]|首页\s?[>»›/]",
    )
)
_INLINE = re.compile(
    r"[、，,]?(?:本文来自|本文来源于?|文章来源[：:]|(?:本文|文章|以上内容|内容|稿件)(?:摘自|来自|来源于|转自|选自)网络)[^。\n]{0,20}"
)
_TEASER = re.compile(r"(?<!。)\.{3,}[ 　]*$")
_TEASER_CHARS = 40
_EDGE_LINES = 6
"""A teaser stands among the first or last lines of a page."""

_HEADER_WORD = "相关(?:文章|推荐|阅读|范文|链接|内容)|猜你喜欢|推荐阅读|延伸阅读|热门文章|精彩推荐|最新文章"
_HEADER = re.compile(
    rf"^[ 　•·●■◆▪*>|\-]*(?:【[^】\n]*】|[^，。\n]{{0,40}}(?:讲话|发言|致辞|演讲|范文|稿|总结|报告)[^，。\n]{{0,6}}?)?"
    rf"[【\[]?(?:{_HEADER_WORD})[】\]]?[ 　]*[：:]?[ 　>»]*$|(?:的人)?还看了[：:]?$|(?:上|下)一篇[：:]|范文\d+篇"
)
_LOOSE_HEADER = re.compile(rf"(?:{_HEADER_WORD})[：:]?$")
_LINK = re.compile(
    r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$|^\d{1,2}[.、．].{0,30}(?:讲话|发言|致辞|演讲|范文|稿|主持|总结|报告)"
    r"|(?:讲话稿?|发言稿?|致辞|演讲稿?|范文)(?:\d+篇)?$"
)
_DATED_LINK = re.compile(r"[㐀-鿿](?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$")
_LINK_CHARS = 50
_HEADER_CHARS = 60


@lru_cache(maxsize=16)
def page_data(text: str) -> tuple[Finding, ...]:
    """Return what a web page left in ``text``: its data (E-META) and its related links (E-RELATED), P0."""
    every = list(lines(text))
    return (*_meta(text, every), *_related(text, every))


def _p0(text: str, code: str, at: Span, message: str) -> Finding:
    return finding(
        text, code, Severity.P0, (at.start, at.end), message=message, suggestion="删去。", source=_SOURCE
    )


def _is_sentence(shown: str) -> bool:
    return shown.rstrip(_CLOSERS)[-1:] in set(_ENDS)


def _meta(text: str, every: list[Span]) -> list[Finding]:
    out: list[Finding] = []
    edge = {*range(_EDGE_LINES), *range(len(every) - _EDGE_LINES, len(every))}
    for number, line in enumerate(every):
        shown = line.of(text)
        if _is_page_line(shown) or (number in edge and len(shown) > _TEASER_CHARS and _TEASER.search(shown)):
            out.append(_p0(text, "E-META", line, f"网页信息留在稿子里：{quoted(shown)}。"))
            continue
        for found in (*_page_sentences(shown), *_INLINE.finditer(shown)):
            at = Span(line.start + found.start(), line.start + found.end())
            if not any(f.span and f.span.start < at.end and at.start < f.span.end for f in out[-3:]):
                out.append(_p0(text, "E-META", at, f"网页信息混进句子：{quoted(found.group())}。"))
    return out


def _is_page_line(shown: str) -> bool:
    """Tell a line that belongs to the page: a label, or a line that is no sentence and no heading with a page's words."""
    if _is_sentence(shown):
        return False
    if _LABEL.search(shown) or _WHEN.search(shown) or _STAMP.search(shown) or _CREDIT.search(shown):
        return True
    if _NUMBERED.match(shown):
        return False
    if _ADDRESS.search(shown) and not _USED.search(_ADDRESS.sub("", shown)):
        return True
    return any(sign.search(shown) for sign in _SIGNS) and not _is_title(shown)


def _is_title(shown: str) -> bool:
    return bool(re.match(r"^(?:关于)?[^，。]{0,12}在.{2,40}上?的?(?:讲话|致辞|发言|主持词)$", shown))


_SENTENCE = re.compile(r"[^。！？!?；;]+[。！？!?；;]*")


def _page_sentences(shown: str) -> list[re.Match[str]]:
    """Return the sentences in which two different signs of a page meet, or an address that nobody is told to use."""
    out = []
    for sentence in _SENTENCE.finditer(shown):
        words = sentence.group()
        signs = sum(bool(sign.search(words)) for sign in _SIGNS)
        address = _ADDRESS.search(words)
        if signs > 1 or (address and (signs or not _USED.search(words))):
            out.append(sentence)
    return out


def _related(text: str, every: list[Span]) -> list[Finding]:
    out = []
    listing = False
    for number, line in enumerate(every):
        shown = line.of(text)
        ended = shown[-1] in "。！？；"
        follows = number + 1 < len(every) and _is_link(every[number + 1].of(text))
        header = len(shown) <= _HEADER_CHARS and not ended and _is_header(shown, follows=follows)
        late = line.start > len(text) * 0.5
        link = _is_link(shown)
        if header or (listing and link) or (link and _DATED_LINK.search(shown)):
            out.append(_p0(text, "E-RELATED", line, f"网页相关链接留在稿子里：{quoted(shown)}。"))
        listing = (header and late) or (listing and link)
    return out


def _is_header(shown: str, *, follows: bool) -> bool:
    if _NUMBERED.match(shown):
        return bool(re.search(r"范文\d+篇", shown)) or (follows and bool(_LOOSE_HEADER.search(shown)))
    return bool(_HEADER.search(shown)) or (follows and bool(_LOOSE_HEADER.search(shown)))


def _is_link(shown: str) -> bool:
    return len(shown) <= _LINK_CHARS and shown[-1] not in "。！？；" and bool(_LINK.search(shown))
