"""The ingestion report as one HTML page, in Chinese: what came in, what was removed and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rag_speech.brief.occasions import occasions
from rag_speech.files import write_atomic
from rag_speech.ingest.records import Action, Cut, Guess, IngestItem, IngestReport

MAX_DETAILS = 400
"""Documents shown in full; of the others the page gives one line each, so that it stays readable."""

MECHANICAL = ("P-HALF", "P-SPACE", "P-CTRL", "P-TRAD", "S-BREAK")
FEW = 3
"""Removals of a mechanical class that are shown of each document; the rest is counted."""

ROLES = {"opening": "开头", "transition": "过渡", "point": "主体", "closing": "结尾"}
ACTIONS = {
    Action.ADDED: "新增",
    Action.UPDATED: "更新",
    Action.UNCHANGED: "未变",
    Action.DUPLICATE: "重复",
    Action.STRUCTURE_ONLY: "仅取结构",
    Action.REFUSED: "未收",
}
PROPERTIES = {
    "title": "标题",
    "occasion": "场合",
    "level": "层级",
    "place": "地方",
    "speaker": "讲话人",
    "audience": "听众",
    "event": "会议活动",
    "year": "年份",
    "date": "日期",
    "chars": "字数",
    "minutes": "时长",
}
SOURCES = {"given": "给定", "inferred": "推断"}
REASONS = {
    "missing": "文件不存在",
    "empty": "文件是空的",
    "no_text": "文件里没有可读的文字（扫描件请先做文字识别）",
    "too_large": "文件过大，不像一篇讲话",
    "unsupported": "不支持这种格式",
    "binary": "不是文字文件，可能后缀写错了",
    "encoding": "认不出文字编码，请另存为 UTF-8",
    "encrypted": "文件加了密码，请先解除",
    "damaged": "文件已损坏或不完整",
    "bomb": "压缩包解开后大得反常，已拒绝",
    "hostile": "文件带有危险内容，已拒绝",
    "loop": "链接绕回自身",
    "tool_missing": "读取旧版 Word、WPS 文件需要安装 LibreOffice，或另存为 docx",
    "front_matter": "文件头的说明写得不合格式",
    "unreadable": "没有读取权限或磁盘出错",
    "not_speech": "文字太少，不像一篇讲话",
    "fiction": "是故事，不是讲话",
    "classified": "带有密级或内部文件标志，不得在这里处理，请转到涉密设备上办理",
    "crashed": "内容无法分析，请把这份文件反馈给开发者",
    "same_file": "同一份文件已在库中",
    "same_words": "文字与库中一篇完全相同",
    "defects": "政治表述有硬伤，只借结构，原文不作范例",
}
CODES = {
    "E-META": "来源、作者、时间等",
    "E-RELATED": "相关文章列表",
    "E-DUP": "重复的标题或摘要",
    "E-SCRUB": "被网站删去词语的残句",
    "E-SEO": "混入的无关词语",
    "E-AD": "广告、联系方式",
    "D-PLACE": "占位符",
    "D-SPARE": "模板残留",
    "P-HALF": "半角标点改全角",
    "P-SPACE": "多余空格",
    "S-BREAK": "断行已接回",
    "P-CTRL": "控制字符、零宽字符、拆字符号",
    "P-TRAD": "繁体字",
    "PAGE": "页面部件",
}
_PAGE_PARTS = {
    "navigation": "导航栏",
    "sidebar": "侧栏",
    "page header": "页眉",
    "page footer": "页脚",
    "form": "表单",
    "list of links": "链接列表",
    "page number": "页码",
    "running head": "页眉页脚",
    "collection": "合集页的标题和说明",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart: ``share`` is its part of the longest bar, 0 to 1."""

    label: str
    count: int
    share: float


def bars(counts: Mapping[str, int], order: Iterable[str] = ()) -> tuple[Bar, ...]:
    """Return the rows of a chart, in ``order`` first and then by size; rows of zero are kept when ordered."""
    ordered = list(order)
    rest = sorted((n for n in counts if n not in ordered), key=lambda n: (-counts[n], n))
    most = max(counts.values(), default=0) or 1
    return tuple(Bar(name, counts.get(name, 0), counts.get(name, 0) / most) for name in [*ordered, *rest])


def write_report(
    report: IngestReport, path: Path, library: Mapping[str, Mapping[str, int]] | None = None
) -> None:
    """Write the page. ``library`` are counts of the whole library by occasion, level and role, shown as bars.

    Raises StorageError.
    """
    write_atomic(path, render_report(report, library))


def render_report(report: IngestReport, library: Mapping[str, Mapping[str, int]] | None = None) -> str:
    """Return the page: no scripts, no files beside it, every text escaped."""
    import jinja2

    env = jinja2.Environment(
        loader=jinja2.PackageLoader("rag_speech.ingest", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["action"] = lambda action: ACTIONS[action]
    env.filters["code"] = code_name
    env.filters["shown"] = shown_value
    env.filters["property"] = lambda name: PROPERTIES.get(name, name)
    env.filters["source"] = lambda name: SOURCES.get(name, name)
    env.filters["brief"] = _without_repeats
    env.filters["reason"] = lambda item: REASONS.get(item.kind, item.reason)
    return env.get_template("report.html.j2").render(
        report=report,
        counts=[(ACTIONS[action], action.value, report.counts()[action.value]) for action in Action],
        charts=_charts(library if library is not None else _own_counts(report.stored)),
        whole=library is not None,
        codes=_code_counts(report.items),
        detailed=[item for item in report.items if item.action is not Action.REFUSED][:MAX_DETAILS],
        more=[item for item in report.items if item.action is not Action.REFUSED][MAX_DETAILS:],
        roles=ROLES,
    )


def code_name(code: str) -> str:
    """The Chinese name of a class of removal."""
    if code.startswith("PAGE:"):
        return f"页面部件（{_PAGE_PARTS.get(code[5:], code[5:])}）"
    return CODES.get(code, code)


def shown_value(guess: Guess) -> str:
    """A property's value as a reader of Chinese expects it."""
    if guess.name == "minutes" and guess.value.replace(".", "", 1).isdecimal():
        return f"约{max(1, round(float(guess.value)))}分钟"
    known = occasions()
    return known[guess.value].name if guess.name == "occasion" and guess.value in known else guess.value


def _without_repeats(cuts: tuple[Cut, ...]) -> tuple[list[Cut], list[tuple[str, int]]]:
    """The removals to show, a few of each mechanical class, and how many more there are by class."""
    seen = Counter[str]()
    shown = []
    for cut in cuts:
        seen[cut.code] += 1
        if cut.code not in MECHANICAL or seen[cut.code] <= FEW:
            shown.append(cut)
    return shown, [(code, seen[code] - FEW) for code in MECHANICAL if seen[code] > FEW]


def _own_counts(items: Iterable[IngestItem]) -> dict[str, Counter[str]]:
    by: dict[str, Counter[str]] = {"occasion": Counter(), "level": Counter(), "role": Counter()}
    for item in items:
        by["occasion"][item.occasion] += 1
        by["level"][item.level] += 1
        by["role"].update(item.chunks)
    return by


def _charts(counts: Mapping[str, Mapping[str, int]]) -> list[tuple[str, tuple[Bar, ...]]]:
    known = occasions()
    named = Counter[str]()
    for occasion, count in counts.get("occasion", {}).items():
        named[known[occasion].name if occasion in known else "未定"] += count
    order = [o.name for o in known.values() if named[o.name]]
    levels = {level or "未定": n for level, n in counts.get("level", {}).items()}
    roles = {ROLES.get(role, role): n for role, n in counts.get("role", {}).items()}
    return [
        ("按场合（篇）", bars(named, order)),
        ("按层级（篇）", bars(levels)),
        ("按作用（段）", bars(roles, [r for r in ROLES.values() if r in roles])),
    ]


def _code_counts(items: Iterable[IngestItem]) -> tuple[Bar, ...]:
    found = Counter(code_name(cut.code) for item in items for cut in item.cuts)
    return bars(found)
