"""Words that a web page injected into a speech (滤布), found without a list of them (DOMAIN E-SEO).

Injected words come again and again, at places where they do not belong. A word counts as injected when neither
everyday Chinese nor the bundled speeches know it beside its neighbours, one of its characters is uncommon, it
stands inside running text wherever it occurs, taking it out joins characters that stand together elsewhere, and it
names a thing that is sold (it ends with 机, 布, 阀 ...). Names of persons and places, and whatever is spoken to or of
as one (同志, 请, 两国, 村), are never taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from rag_speech.resources import data_dir
from rag_speech.types import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_TIMES = 12
"""A word that a text has more often than this is its subject."""
_REACH = 4
"""How many characters the word may go on beyond the pair that repeats, to either side."""
_SHARE = 0.6
"""Share of its occurrences whose removal must join a known pair."""
_JOINED = 2
"""How often the bundled speeches must have that pair; everyday words count as this often."""
_PUNCT = 1
_OTHER = 2
_GOODS = frozenset("机器泵阀筛布网膜塔炉箱柜板管剂漆胶灯锁仪粉丸膏贷砖罐钢绳芯袋槽罩盘轴轮带棒")
"""How words for things that are sold end; injected words are advertising."""
_NAMED_AFTER = re.compile(
    r"\s*(?:同志|先生|女士|老师|书记|主任|[县市区镇乡村局处科厂校院所站队]|请|两国|集团|公司|等|说|讲|牵头|代表|的)"
)
_NAMED_BEFORE = re.compile(r"(?:请|由|让|叫|向|跟|找|是|和|与|、|书记|主任|局长|同志)\Z")
_FUNCTION = (
    "要把的每不是使我你他它这那个一二三四五六七八九十有在上下中为和与及又也都就才再还既等到从向对会能可多少"
    "大小新第各该本了着过"
)
_NOT_BEFORE = "的个种和与及等条家件位座是在有把对从以为、“《"
_NOT_AFTER = "的等和与及了是在有市县区镇乡村河湖山水路桥集公社街省州里这那"


@dataclass(frozen=True)
class Background:
    """What stands beside what: pairs coded as first * 65536 + second, sorted, with their counts in speeches."""

    pairs: NDArray[np.uint64]
    counts: NDArray[np.int64]
    uncommon: NDArray[np.bool_]
    """By code point: whether a character is seldom met."""

    def known(self, codes: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return how often each pair is known to stand together."""
        import numpy as np

        at = np.minimum(np.searchsorted(self.pairs, codes), len(self.pairs) - 1)
        return np.where(self.pairs[at] == codes, self.counts[at], 0)

    def together(self, first: str, second: str) -> bool:
        """Whether two characters stand side by side inside an everyday word, or often in speeches."""
        import numpy as np

        code = np.array([ord(first) * 65536 + ord(second)], dtype=np.uint64)
        return bool(self.known(code)[0] >= _JOINED)


def build_background(texts: list[str]) -> Background:
    """Count the pairs of ``texts``, over those of everyday Chinese words."""
    import numpy as np

    data = resources.files("rag_speech.zh") / "data"
    everyday = np.frombuffer((data / "common_pairs.bin").read_bytes(), dtype="<u4").astype(np.uint64)
    common = (data / "common_characters.txt").read_text("utf-8").strip()
    symbols = _symbols("\n".join(["", *texts, ""]))
    every = np.concatenate([np.repeat(everyday, _JOINED), _pairs(symbols)])
    pairs, counts = np.unique(every, return_counts=True)
    uncommon = np.ones(65536, dtype=bool)
    uncommon[np.array([ord(c) for c in common if c <= "\uffff"])] = False
    uncommon[: _OTHER + 1] = False
    return Background(pairs, counts, uncommon)


@cache
def bundled_background() -> Background:
    """Return what the bundled speeches and everyday Chinese know."""
    folder = data_dir("corpus") / "speeches"
    texts = [path.read_text("utf-8").split("\n---\n", 1)[-1] for path in sorted(folder.glob("*.md"))]
    return build_background(texts)


def injected_words(text: str, background: Background) -> list[Span]:
    """Return the injected words of ``text``, in order and apart."""
    import numpy as np

    symbols = _symbols(text)
    if not background.uncommon[symbols].any():
        return []
    codes = _pairs(symbols)
    function = np.isin(symbols, _code_points(_FUNCTION)) | (symbols <= _OTHER)
    strange = (background.known(codes) == 0) & ~function[:-1] & ~function[1:]
    rare = background.uncommon[symbols]
    at = np.flatnonzero(strange & (rare[:-1] | rare[1:]))
    places: dict[int, list[int]] = {}
    for place, code in zip(at.tolist(), codes[at].tolist(), strict=True):
        places.setdefault(code, []).append(place)
    found: set[Span] = set()
    for pair in places.values():
        if 2 <= len(pair) <= MAX_TIMES:
            spans = [s for place in pair if (s := _word(text, place, symbols, strange, background))]
            if len(spans) >= 2 and len(spans) >= _SHARE * len(pair) and _is_advertising(text, spans):
                found.update(spans)
    return _apart(found)


def _is_advertising(text: str, spans: list[Span]) -> bool:
    """Whether the word names goods, is no name, and breaks into a clause at least once."""
    if any(s.of(text)[-1] not in _GOODS for s in spans):
        return False
    if any(_NAMED_AFTER.match(text, s.end) or _NAMED_BEFORE.search(text, 0, s.start) for s in spans):
        return False
    return all(text[s.start - 1] not in "。！？\n" for s in spans)


def _word(
    text: str, place: int, symbols: NDArray[np.int64], strange: NDArray[np.bool_], background: Background
) -> Span | None:
    """Return the word around the strange pair at ``place``, when taking it out joins a known pair."""
    import numpy as np

    low, high = place, place + 1
    while low > place - _REACH and low > 1 and strange[low - 1]:
        low -= 1
    while high < place + 1 + _REACH and high < len(text) - 1 and strange[high]:
        high += 1
    spans = [
        (start, end)
        for start in range(low, place + 1)
        for end in range(place + 2, high + 2)
        if start
        and end < len(text)
        and symbols[end] > _OTHER
        and text[end] not in _NOT_AFTER
        and text[start - 1] not in _NOT_BEFORE
    ]
    if not spans:
        return None
    edges = np.array([(s - 1, s, e - 1, e) for s, e in spans]).T
    before, first, last, after = symbols[edges]
    joined = background.known(_coded(before, after))
    strange_edges = (background.known(_coded(last, after)) == 0) & (
        (before == _PUNCT) | (background.known(_coded(before, first)) == 0)
    )
    scores = np.where(strange_edges, joined, 0)
    best = int(np.argmax(scores))
    return Span(*spans[best]) if scores[best] >= _JOINED else None


def _apart(found: set[Span]) -> list[Span]:
    result: list[Span] = []
    for span in sorted(found):
        if result and span.start < result[-1].end:
            result[-1] = Span(result[-1].start, max(span.end, result[-1].end))
        else:
            result.append(span)
    return result


def _symbols(text: str) -> NDArray[np.int64]:
    """Return one number a character: its code point, or one number for all punctuation and one for the rest."""
    import numpy as np

    raw = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.int64)
    word = ((raw >= 48) & (raw <= 57)) | ((raw >= 65) & (raw <= 122))
    return np.where((raw >= 0x3400) & (raw <= 0x9FFF), raw, np.where(word, _OTHER, _PUNCT))


def _pairs(symbols: NDArray[np.int64]) -> NDArray[np.uint64]:
    return _coded(symbols[:-1], symbols[1:])


def _coded(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.uint64]:
    import numpy as np

    return (first * 65536 + second).astype(np.uint64)


def _code_points(characters: str) -> NDArray[np.int64]:
    import numpy as np

    return np.array([ord(c) for c in characters])
