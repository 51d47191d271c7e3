"""How much of a line is made of the words of a page's interface: 下载, 登录, 阅读原文, 上一篇.

One such word stands in any sentence (请把材料下载下来); a line that is half made of them is no sentence of a speech. The share
generalises to pages that no list of phrases knows.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

_OFFICE = re.compile(
    r"(?:讲话|致辞|发言|报告|主持词|党课|总结)(?:提纲)?$|书记|[县市区镇乡局]长|主任|委员会|人民政府|同志|工作|建设|发展|群众|干部|管理|服务|学习|加强|推进|坚持|落实|活动|制度|机制|如下|[让把]|使(?!用)|了(?!又)|得好|人民|大家|感谢"
)
_PLAIN = re.compile(r"[^\w一-鿿]+|\d+")


@cache
def _pattern() -> re.Pattern[str]:
    raw = resources.files("rag_speech.ingest").joinpath("data", "interface.txt").read_text("utf-8")
    terms = [term for line in raw.splitlines() if not line.startswith("#") for term in line.split()]
    return re.compile("|".join(sorted(map(re.escape, terms), key=len, reverse=True)))


def interface_share(line: str) -> tuple[float, int]:
    """Return the share of a line's words (punctuation and figures apart) that an interface uses, and how many 字 they have.

    Zero where the line speaks of offices, their work or people, or tells something (让, 了): a title such as 在网站开通仪式上的讲话
    names an interface too.
    """
    bare = _PLAIN.sub("", line)
    if len(bare) < 3 or _OFFICE.search(bare):
        return 0.0, 0
    covered = sum(map(len, _pattern().findall(bare)))
    return covered / len(bare), covered
