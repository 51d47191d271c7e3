"""What drafted sentences are and have in common: cutting, runs and overlaps, what a fact needs to be said, faults of form."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from rag_speech import phrases
from rag_speech.types import Card, Fact
from rag_speech.zh.claims import claims, covers, loosely_said
from rag_speech.zh.text import count_zi

LONG_SENTENCE_ZI = 110

_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?]+[”’」』）]*|[^。！？!?\n]+")
HAN = re.compile(r"[^㐀-䶿一-鿿0-9A-Za-z%]")
_WHEN = re.compile(r"今年|明年|去年|前年|上半年|下半年|年底|月底|本月|下月|[一二三四]季度|汛期")
_LABEL = re.compile(
    r"^(段落卡片|地方|场合|语气|标题|字数|要写|事实|角度|首句|正文|内容)[:：]|^[一二三四五六七八九十\d]+[、.．)]|^[（(][一二三四五\d]+[）)]|^第[一二三四五]+[，、]"
)
_HALF = str.maketrans({",": "，", ";": "；", ":": "：", "!": "！", "?": "？", "(": "（", ")": "）"})


def states(text: str, fact: Fact) -> bool:
    """Tell whether ``text`` says ``fact``: all of its figures and times, and most of its words."""
    if any(m.group() not in text for m in _WHEN.finditer(fact.text)):
        return False
    wanted, given = claims(fact.text), [*claims(text), *loosely_said(text)]
    if any(not any(covers(g, w) for g in given) for w in wanted):
        return False
    return overlap(fact.text, text) >= (0.35 if wanted else 0.6)


def runs(text: str, size: int) -> set[str]:
    """Return all runs of ``size`` characters of ``text``, punctuation and spaces left out."""
    bare = HAN.sub("", text)
    return {bare[i : i + size] for i in range(len(bare) - size + 1)}


def spoken(text: str) -> list[str]:
    """Cut ``text`` into what is said in one breath: after 。！？ and line ends, not after ；."""
    return [s.strip() for s in _SENTENCE.findall(text) if s.strip()]


def clean_sentences(candidate: str, card: Card) -> list[str]:
    """Return the candidate's sentences without the lead, labels, numerals, line breaks and half-width marks."""
    text = candidate.strip()
    if card.lead and text.startswith(card.lead):
        text = text[len(card.lead) :]
    text = re.sub(r"(?<=[㐀-鿿”）])[,;:!?()]", lambda m: m.group().translate(_HALF), text)
    text = re.sub(r"做出(?=[^，。]{0,12}(?:贡献|努力|决定|承诺|安排|部署|表率|选择))", "作出", text)
    out = []
    for raw in text.splitlines():
        line = _LABEL.sub("", raw.strip())
        if card.heading and line.rstrip("。：:") == card.heading:
            continue
        out += spoken(line)
    return out


def without(parts: Sequence[str], gone: Collection[str]) -> list[str]:
    """Return the sentences that are not in ``gone``, nor lean on one that is (这些单位要写出检查)."""
    out: list[str] = []
    lost = False
    for part in parts:
        lost = part in gone or (lost and phrases.LEANS.match(part) is not None)
        if not lost:
            out.append(part)
    return out


def overlap(part: str, text: str) -> float:
    """Return the share of the pairs of 字 of ``part`` that ``text`` has, 0 to 1."""
    wanted = runs(part, 2)
    return len(wanted & runs(text, 2)) / len(wanted) if wanted else 1.0


def alike(sentence: str, others: Sequence[str]) -> bool:
    """Tell whether the sentence begins as one of ``others`` does, or has most of its pairs of 字."""
    mine, start = runs(sentence, 2), HAN.sub("", sentence)[:5]
    if any(HAN.sub("", s)[:5] == start for o in others for s in _SENTENCE.findall(o)):
        return True
    return any(len(mine & runs(o, 2)) > 0.6 * min(len(mine), len(runs(o, 2)) or 1) for o in others if o)


def form_fault(text: str) -> str:
    """Return what is wrong with the sentence's form, whatever it says; an empty string when nothing is."""
    if not text.endswith(("。", "！", "？", "”")):
        return "unfinished"
    if phrases.GREETING.search(text):
        return "greeting"
    if count_zi(text) > LONG_SENTENCE_ZI:
        return "too long to speak"
    if phrases.SERVILE.search(text):
        return "servile or scolding"
    if phrases.ORDINAL.search(text):
        return "a series of its own"
    if count_zi(text) < 6:
        return "too short"
    return "repeats itself" if _stutters(text) or _chimes(text) else ""


def echoes(sentence: str, card: Card) -> bool:
    """Tell whether the sentence speaks of its own task: 公文质量的做法是：, 事实是：, 先进是怎样做的？"""
    clauses = re.split("[，：]", card.say)
    if len(clauses) > 1 and len(clauses[-1]) >= 5 and clauses[-1] in sentence:
        return True
    return bool(
        re.match(r"(事实|缘由|原因|角度|做法|差距|标准|首句|要写|提示)(是|：|就是|在于：)", sentence)
    ) or (
        len(card.say) > 4 and re.match(re.escape(card.say) + r"(是|有|：|，就是|就是)", sentence) is not None
    )


def circles(sentence: str, heading: str) -> bool:
    """Tell whether the sentence says a heading's clause of six 字 or more again (才能把创建的力量聚起来)."""
    clauses = [HAN.sub("", c) for c in re.split("[，、；]", heading)]
    return any(len(c) >= 6 and overlap(c, sentence) >= 0.8 for c in clauses)


def _stutters(text: str) -> bool:
    bare = HAN.sub("", text)
    grams = [bare[i : i + 5] for i in range(len(bare) - 4)]
    return len(grams) - len(set(grams)) >= 3


def _chimes(text: str) -> bool:
    """Tell whether three clauses end on the same two 字: 放在首位，…放在首位，…摆在首位."""
    tails = [bare[-2:] for c in re.split(r"[，、；。！？]", text) if len(bare := HAN.sub("", c)) >= 4]
    return any(tails.count(t) >= 3 for t in set(tails) - {"到位", "到底", "起来", "清楚"})
