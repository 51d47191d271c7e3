"""What is measured: every metric's name, what reports call it, and which direction is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rag_speech.errors import InputError

Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True, slots=True)
class Metric:
    """``draft`` metrics are taken of the first draft too; the others belong to the whole run of a case."""

    name: str
    label: str
    better: Better
    digits: int = 2
    draft: bool = True


_ROWS = (
    Metric("score", "总分", "higher", 1),
    Metric("pass", "合格", "higher"),
    Metric("held_out", "留出检查", "higher"),
    Metric("length_score", "篇幅得分", "higher", 1),
    Metric("length_off", "篇幅偏差", "lower"),
    Metric("within_10", "篇幅在一成内", "higher"),
    Metric("chars", "字数", "neither", 0),
    Metric("p0", "P0处数", "lower"),
    Metric("p1", "P1处数", "lower"),
    Metric("p2", "P2处数", "lower"),
    Metric("p3", "P3处数", "lower"),
    Metric("facts", "事实覆盖", "higher"),
    Metric("points", "要点覆盖", "higher"),
    Metric("expected", "用例要求", "higher"),
    Metric("must_not", "不得出现而出现", "lower"),
    Metric("ungrounded", "无来源的数字名称", "lower"),
    Metric("leaks", "范文信息泄漏", "lower"),
    Metric("drift", "离题度", "lower", 3),
    Metric("repetition", "重复率", "lower", 3),
    Metric("parallel", "标题对仗", "higher"),
    Metric("sameness", "各稿雷同", "lower", 3, draft=False),
    Metric("judge", "阅读模型评分", "higher", 1, draft=False),
    Metric("judge_hand_in", "阅读模型：可以递交", "higher", draft=False),
    Metric("judge_rubric", "阅读模型：要点做到", "higher", draft=False),
    Metric("judge_violations", "阅读模型：触犯", "lower", draft=False),
    Metric("calls", "调用次数", "lower", 1, draft=False),
    Metric("prompt_tokens", "输入词元", "lower", 0, draft=False),
    Metric("cached_tokens", "缓存词元", "neither", 0, draft=False),
    Metric("completion_tokens", "输出词元", "lower", 0, draft=False),
    Metric("tokens", "词元合计", "lower", 0, draft=False),
    Metric("seconds", "用时（秒）", "lower", 1, draft=False),
    Metric("cost", "费用", "lower", 4, draft=False),
    Metric("materials_cut", "放不下的材料字数", "lower", 0, draft=False),
    Metric("errors", "出错", "lower", 2, draft=False),
)
METRICS: dict[str, Metric] = {m.name: m for m in _ROWS}
RETRIEVAL = ("hit@1", "hit@3", "hit@5", "hit@10", "mrr", "ndcg@10")
HEADLINE = (
    "score", "pass", "held_out", "length_score", "within_10", "p0", "p1", "facts", "points", "expected",
    "must_not", "ungrounded", "leaks", "drift", "repetition", "sameness", "parallel", "tokens", "seconds",
)  # fmt: skip
"""What tables show."""
JUDGE = ("judge", "judge_hand_in", "judge_rubric", "judge_violations")
"""What they show first where a reading model read."""


def metric_of(name: str) -> Metric:
    """Return the metric of this name; ``first.score`` is the first draft's. Raises InputError for an unknown one."""
    bare = name.removeprefix("first.")
    if name.startswith("retrieval.") and name.removeprefix("retrieval.") in RETRIEVAL:
        return Metric(name, f"检索{name.removeprefix('retrieval.')}", "higher", 3, draft=False)
    found = METRICS.get(bare)
    if found is None or (bare != name and not found.draft):
        known = ", ".join([*METRICS, *(f"retrieval.{r}" for r in RETRIEVAL)])
        raise InputError(
            f"Unknown metric {name!r}; use one of {known}, or first.<metric> for the first draft"
        )
    if bare == name:
        return found
    return Metric(name, f"初稿{found.label}", found.better, found.digits)
