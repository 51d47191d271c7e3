"""Sentences that promise a number of points (DOMAIN S-PROMISE)."""

from __future__ import annotations

import re

_N = "十[一二三]|[二两三四五六七八九十]"
_NOUN = (
    "意见|要求|希望|看法|体会|建议|想法|特点|特性|特征|考虑|需要|结合|角色|挑战|话|问题|原因|工作|任务|措施|目标|"
    "关系|重点|环节|方面|承诺|体系|转变|优势|机遇|经验|启示|感受|认识|原则|关键|关口|坚持|必须|突破|提升"
)
COUNTED = re.compile(
    rf"(?<![第这前后十百千万两二三四五六七八九])(?P<n>{_N}|几)(?P<unit>个方面|个|种|大|点|句|条|项|方面)的?[“]?"
    rf"(?:新的?|突出|主要|重要|具体|明显|鲜明)?(?P<noun>{_NOUN})?"
)
QUOTED = re.compile(rf"“(?P<n>{_N})(?P<noun>[^“”、，。\d]{{1,4}})(?:、(?P=n)[^“”、，。]{{1,4}})?”")
_LEAD = r"(?:下面|接下来|借此机会|借这个机会|在此|在这里|这里|为此|今天|现在|最后|围绕)"
_SAY = r"(?:讲|谈|提|说|强调|汇报|交流|概括|表态|明确|部署|安排|通报|介绍)"
_TRANSITION = re.compile(
    rf"{_LEAD}[^。！？\n]{{0,120}}?{_SAY}[^。！？\n]{{0,80}}[。：:！]"
    rf"|[^。！？\n]{{0,100}}?{_SAY}[^。！？\n]{{0,30}}?(?:{_N}|几)(?:点|条|项|个?方面)[^。！？\n]{{0,30}}[。：:！]"
)
_SENTENCE_START = re.compile(r"[。！？!?][”’』」）]?")


def transition_start(text: str) -> int | None:
    """Return where the sentence that leads to the points begins, when it is among the last two of ``text``."""
    cuts = [m.end() for m in _SENTENCE_START.finditer(text)]
    starts = [c for c in (0, *cuts) if c < len(text)]
    for start in starts[:-3:-1]:
        if _TRANSITION.match(text, start):
            return start
    return None
