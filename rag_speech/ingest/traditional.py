"""Traditional characters: a text or a line of them is converted to simplified ones with OpenCC, a few are left for the eye.

Only shape and number of signs are changed, not vocabulary: 軟體 becomes 软体, not 软件.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from rag_speech.ingest.offsets import Edit
from rag_speech.types import Span

if TYPE_CHECKING:
    from opencc import OpenCC

_COMMON = re.compile(
    "[們國會對發經過說個後產開實現關業與無問間條應當體學長變機將給從員話議講領務責眾處縣鎮鄉單辦貫徹設統級內區決運論質項"
    "達歷頭數資計總結構這來時動進種麼還點義為於師節歡慶謝黨團書記農醫電車東門見貝頁風馬鳥魚龍張陳劉楊趙鄭許鄧馮於蘇盧葉"
    "雙廣場廠邊遠連選認識護證譽讀讓請誰調談論詞訓練線網緊維環壞塊聽聲職聯藝華萬號處衛裝製複觀規視親覺題願類顯顧飯館驗]"
)
"""Traditional characters one of which stands in any sentence or two; without one OpenCC is not asked."""
_HAN = re.compile("[㐀-䶿一-鿿]")
SHARE = 0.1
"""Share of the Han characters from which a text or a line is traditional; such texts have .25 to .45."""
_LEAST = 3


@cache
def _converter() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("tw2s")


def to_simplified(text: str) -> tuple[list[Edit], list[Span]]:
    """Return the edits that simplify a traditional text or its traditional lines, and single characters that stay."""
    if not _COMMON.search(text):
        return [], []
    every = _changed(text)
    whole = len(every) >= SHARE * max(1, len(_HAN.findall(text)))
    edits: list[Edit] = []
    left: list[Span] = []
    at = 0
    for line in text.split("\n"):
        end = at + len(line)
        changed = [(i, c) for i, c in every if at <= i < end]
        enough = len(changed) >= max(_LEAST, SHARE * len(_HAN.findall(line)))
        if whole or enough:
            edits += [Edit(i, i + 1, c, "P-TRAD") for i, c in changed]
        else:
            left += [Span(i, i + 1) for i, _ in changed]
        at = end + 1
    return edits, left


def _changed(text: str) -> list[tuple[int, str]]:
    converter = _converter()
    simple = converter.convert(text)
    if len(simple) != len(text):  # a phrase changed its length: take it character by character
        simple = "".join(s if len(s := converter.convert(c)) == 1 else c for c in text)
    return [(i, b) for i, (a, b) in enumerate(zip(text, simple, strict=True)) if a != b]
