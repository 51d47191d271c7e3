"""Punctuation (P), numbers (N) and wording (L) after GB/T 15834—2011 and GB/T 15835—2011."""

from __future__ import annotations

import re

from rag_speech.checks.base import CheckContext
from rag_speech.checks.grounding import quote_bank
from rag_speech.checks.scan import finding
from rag_speech.checks.scrape import clean_view
from rag_speech.types import Finding, Severity
from rag_speech.zh.text import HAN, lines

_MARKS = "GB/T 15834—2011"
_NUMBERS = "GB/T 15835—2011"
_FULL = dict(zip(",;:!?()", "，；：！？（）", strict=True))
_HALF = re.compile(rf"(?<=[{HAN}”’）》%])[,;:!?)]|(?<=[{HAN}])\(|\((?=[{HAN}])")
_SPACE = re.compile(rf"(?<=[{HAN}，。！？；：、,!;:?”）])[ 　]+(?=[{HAN}“（《])")
_DUN_BETWEEN = re.compile(r"(?:“[^“”\n]{1,20}”|《[^《》\n]{1,40}》)(?P<hit>、)(?=[“《])")
_DUN_ETC = re.compile(
    r"、(?=等(?!(?:[级待候着不靠来到他她我你人机米看要客天下谁、车雨水风政通领上别这那签批”’]|会诊|有(?!关)|大家|一等|群众)))"
)
"""等 that closes a list; 盼着、等着 and 等、靠、要 are verbs."""
_ELLIPSIS = re.compile(r"(?<!…)…(?!…)|\.{3,}|。{2,}|，{2,}|、{2,}|！{2,}|？{2,}|，。|。，|、，|，、")
_PAIRS = {"“": "”", "《": "》", "（": "）", "‘": "’"}


def check_punctuation(context: CheckContext) -> list[Finding]:
    """Half-width marks, spaces between words, 、 between quotations, ellipses, unpaired marks."""
    text = context.text
    view = clean_view(text)
    out = [_half(text, m) for m in _HALF.finditer(text)]
    frame = [s for name, s in context.speech.spans if name in {"title", "subtitle", "caption"}]
    for m in _SPACE.finditer(text):
        if (
            view[m.start() - 1] == " "
            or view[m.end()] == " "
            or any(s.start <= m.start() < s.end for s in frame)
        ):
            continue
        out.append(_mark(text, "P-SPACE", m.span(), "字句之间有多余的空格。", ""))
    for m in _DUN_BETWEEN.finditer(view):
        message = "并列的引号或书名号之间不用顿号。"
        out.append(_mark(text, "P-DUN", m.span("hit"), message, ""))
    for m in _DUN_ETC.finditer(view):
        out.append(_mark(text, "P-DUN", m.span(), "“等”字前面不用顿号。", ""))
    for m in _ELLIPSIS.finditer(view):
        dots = m.group() == "…" or m.group().startswith("...")
        code, message = (
            ("P-ELLIPSIS", "省略号是六个点“……”。") if dots else ("P-DOUBLE", f"标点重复：“{m.group()}”。")
        )
        out.append(_mark(text, code, m.span(), message, "……" if dots else m.group()[-1]))
    return out + _unpaired(text, view)


def _mark(text: str, code: str, at: tuple[int, int], message: str, fix: str) -> Finding:
    advice = f"改为“{fix}”。" if fix else "删去。"
    return finding(text, code, Severity.P3, at, message=message, suggestion=advice, source=_MARKS, fix=fix)


def _half(text: str, match: re.Match[str]) -> Finding:
    fix = _FULL[match.group()]
    return _mark(text, "P-HALF", match.span(), f"中文里用了半角标点“{match.group()}”。", fix)


def _unpaired(text: str, view: str) -> list[Finding]:
    """Return marks without their other half; a quotation may run over paragraphs, each of which opens it again."""
    out: list[Finding] = []
    opened: Finding | None = None
    for line in lines(view):
        shown = line.of(view)
        if opened is not None and shown.startswith("“"):
            out.remove(opened)
            opened = None
        for left, right in _PAIRS.items():
            if shown.count(left) == shown.count(right):
                continue
            lonely = left if shown.count(left) > shown.count(right) else right
            at = line.start + (shown.rfind(left) if lonely == left else shown.find(right))
            if lonely == right and left == "“" and opened is not None:
                out.remove(opened)
                opened = None
                continue
            message = f"“{left}{right}”不成对。" if left != "“" else "引号不成对。"
            found = finding(
                text,
                "P-PAIR",
                Severity.P2,
                (at, at + 1),
                message=message,
                suggestion="补上另一半。",
                source=_MARKS,
            )
            if lonely == left == "“":
                opened = found
            out.append(found)
    return out


_N = r"\d+(?:\.\d+)?"
_UNIT = "[%万亿]?"
_RANGE = re.compile(
    rf"(?<![\d\-A-Za-z./])(?P<a>{_N})(?P<ua>{_UNIT})(?P<dash>-|~|--)(?P<b>{_N})(?P<ub>{_UNIT})(?P<t>[年月日号]?)"
    r"(?![\d\-./]|[A-Za-z])"
)
_SHARED = re.compile(rf"(?<![\d.])(?P<a>{_N})(?P<dash>[～~—–-]|至)(?P<b>{_N})(?P<unit>%|万|亿)")
_MIXED = re.compile(r"\d{4}年[一二三四五六七八九十]{1,2}月|二〇[〇一二三四五六七八九]{2}年\d{1,2}月")
_SHORT_YEAR = re.compile(r"(?<!\d)(?:['’`]\d\d年|\d\d年(?=\d{1,2}月))")
_APPROX = re.compile(
    r"[一两二三四五六七八九]、[一两二三四五六七八九](?=[十百千]|[天年次名位里遍场趟回户家人件起](?!级)|个(?!方面))"
)
_NO_ZERO = re.compile(rf"(?<![\d.{HAN}A-Za-z])\.\d+(?=[%万亿个元米])|(?<=[{HAN}])\.\d+(?=%)")


_NO_MEASURE = re.compile("室|号楼|号房|单元|栋|幢|比|战胜|负于|号机|型")
_BEFORE_CODE = re.compile(
    r"(?:电话|热线|号码|传真|拨打|致电|联系方式|门牌|房间|教室|编号|型号|代码|账号|比分|国道|省道)[^，。；\n]{0,8}$"
)


def _is_code(view: str, match: re.Match[str]) -> bool:
    """Tell a telephone, room or model number (0719-8812345, 3-201室) from a range: a range goes up and has no leading 0."""
    a, b = match["a"], match["b"]
    if any(re.match(r"0\d", n) for n in (a, b)) or ("." not in a + b and int(a) >= int(b)):
        return True
    if len(b) > len(a) + 2 and not match["ub"]:
        return True
    return bool(_NO_MEASURE.match(view, match.end())) or bool(
        _BEFORE_CODE.search(view[max(0, match.start() - 16) : match.start()])
    )


def check_numbers(context: CheckContext) -> list[Finding]:
    """Ranges, shared units, mixed numerals, short years, adjacent approximations."""
    text, view, out = context.text, clean_view(context.text), []
    for m in _RANGE.finditer(view):
        if _is_code(view, m):
            continue
        is_time = bool(m["t"])
        right = "—" if is_time else "～"
        message = f"{'时间' if is_time else '数值'}范围“{m.group()}”的连接号应为“{right}”。"
        out.append(_number(text, "N-RANGE", m.span(), message, m.group().replace(m["dash"], right, 1)))
    for m in _SHARED.finditer(view):
        both = f"{m['a']}{m['unit']}{'～' if m['dash'] != '至' else '至'}{m['b']}{m['unit']}"
        message = f"范围“{m.group()}”前一个数也要带“{m['unit']}”。"
        out.append(_number(text, "N-SHARED", m.span(), message, both))
    for m in _MIXED.finditer(view):
        out.append(_number(text, "N-MIXED", m.span(), f"日期“{m.group()}”汉字与阿拉伯数字混用。"))
    for m in _SHORT_YEAR.finditer(view):
        out.append(_number(text, "N-YEAR", m.span(), f"年份“{m.group()}”要写四位。"))
    for m in _APPROX.finditer(view):
        if not view[view.rfind("\n", 0, m.start()) + 1 : m.start()].strip() and _numbers_heading(view, m):
            continue
        out.append(
            _number(
                text, "N-APPROX", m.span(), f"概数“{m.group()}”中间不用顿号。", m.group().replace("、", "")
            )
        )
    for m in _NO_ZERO.finditer(view):
        out.append(_number(text, "N-ZERO", m.span(), f"小数“{m.group()}”前面的0不能省。", "0" + m.group()))
    return out


def _numbers_heading(view: str, match: re.Match[str]) -> bool:
    """Tell the numeral of a heading (一、一年来的工作) from an approximation that begins a line (三、四天就能办完。)."""
    order = "一两三四五六七八九"
    first, second = (order.find(c.replace("二", "两")) for c in (match.group()[0], match.group()[-1]))
    end = view.find("\n", match.end())
    return second != first + 1 or "。" not in view[match.end() : end if end >= 0 else len(view)]


def _number(text: str, code: str, at: tuple[int, int], message: str, fix: str | None = None) -> Finding:
    advice = f"改为“{fix}”。" if fix else "按国家标准改正。"
    return finding(text, code, Severity.P3, at, message=message, suggestion=advice, source=_NUMBERS, fix=fix)


_MANNER = "坚定不移|持之以恒|毫不动摇|不折不扣|系统|深入|扎实|认真|切实|积极|主动|迅速|科学|有序|稳步|持续|自觉|准确|及时|高效|认认真真|扎扎实实|踏踏实实|实实在在"
_ACT = "贯彻|推进|推动|落实|开展|执行|抓好|做好|完成|解决|为大家|学习|研究|处理|配合|参与|服务|履行|遵守|维护|讲授"
_ADVERB = re.compile(
    rf"(?:{_MANNER})(?P<hit>的)(?=(?:{_ACT})(?!者|力|度|性|情况|精神|能力|方法|态度|意识|办法|成果|体系|机制))"
)
_DOUBLED = re.compile(
    r"的的|了了(?!解)|和和(?!美|气|睦|平)|是是(?!非)|(?<![实自])在在(?![册押岗职校线场位编家])|对对(?!联|子)|与与|及及|我们我们|大家大家|同志们同志们(?!：)|工作工作"
)


def check_wording(context: CheckContext) -> list[Finding]:
    """Misquotations from the bank, 的 for 地, doubled words."""
    text, out = context.text, []
    view = clean_view(text)
    for right, work, wrongs in quote_bank():
        for wrong in wrongs:
            at = view.find(wrong)
            if at >= 0:
                message = f"引文有误：“{wrong}”，{work}原文是“{right[:30]}”。"
                at_wrong = (at, at + len(wrong))
                out.append(
                    finding(
                        text,
                        "L-MISQUOTE",
                        Severity.P2,
                        at_wrong,
                        message=message,
                        suggestion="按原文改正。",
                        source=work,
                    )
                )
                break
    for m in _ADVERB.finditer(view):
        message = f"状语后面用“地”：“{text[max(0, m.start()) : m.end() + 2]}”。"
        out.append(
            finding(
                text,
                "L-GRAMMAR",
                Severity.P3,
                m.span("hit"),
                message=message,
                suggestion="改为“地”。",
                source="现代汉语“的、地、得”用法",
                fix="地",
            )
        )
    for m in _DOUBLED.finditer(view):
        message = f"字词重复：“{m.group()}”。"
        out.append(
            finding(
                text,
                "L-REPEAT",
                Severity.P2,
                m.span(),
                message=message,
                suggestion="删去一个。",
                source="校对惯例",
            )
        )
    return out
