"""Derive the pairs and characters of everyday Chinese from jieba's word list (MIT licence).

Usage: python scripts/build_common_words.py DICT.TXT, the file jieba/dict.txt of the jieba 0.42.1 source package.
Writes rag_speech/zh/data/common_pairs.bin (sorted little-endian uint32: first * 65536 + second) and
rag_speech/zh/data/common_characters.txt.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from itertools import pairwise
from pathlib import Path

PAIR_FREQUENCY = 60
CHARACTER_FREQUENCY = 30_000


def main(source: Path, target: Path) -> None:
    """Count pairs and characters over all words, weighted by frequency, and write the common ones."""
    pairs: Counter[int] = Counter()
    characters: Counter[str] = Counter()
    for line in source.read_text("utf-8").splitlines():
        word, frequency, *_ = line.split()
        for character in word:
            characters[character] += int(frequency)
        for first, second in pairwise(word):
            if max(first, second) <= "\uffff":
                pairs[ord(first) * 65536 + ord(second)] += int(frequency)
    codes = array("I", sorted(code for code, count in pairs.items() if count >= PAIR_FREQUENCY))
    if sys.byteorder == "big":
        codes.byteswap()
    (target / "common_pairs.bin").write_bytes(codes.tobytes())
    common = sorted(c for c, count in characters.items() if count >= CHARACTER_FREQUENCY)
    (target / "common_characters.txt").write_text("".join(common) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).resolve().parent.parent / "rag_speech" / "zh" / "data")
