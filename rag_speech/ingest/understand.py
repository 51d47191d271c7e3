"""What a speech is: occasion, level, speaker, audience, event, place, time; and whether its sentences may be used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from rag_speech.brief.occasions import get_occasion, occasions, resolve_occasion
from rag_speech.ingest.records import Guess
from rag_speech.speech.outline import speech_chars
from rag_speech.speech.walk import part_text
from rag_speech.types import Finding, Severity, Speech
from rag_speech.zh import names
from rag_speech.zh.places import local_places
from rag_speech.zh.text import minutes_of

Defects = Callable[[Speech, str, date], Iterable[Finding]]
"""Finds what makes a text's sentences unusable: P0 in political formulation or in the people quoted."""

PROPERTIES = ("occasion", "level", "speaker", "audience", "event", "place", "year", "date", "minutes")
MAX_DIALOGUE = 2.0
"""Quoted replies (他说：“…”) per 1000 字 above which a text is a story."""

_OPENING_CHARS = 400
_LEVELS = {
    "县": re.compile(r"[全我]县|县委|县政府|县人大|县直"),
    "市": re.compile(r"[全我]市|市委|市政府|市人大|市直"),
    "区": re.compile(r"[全我]区|区委|区政府|区人大|区直"),
    "乡镇": re.compile(r"[全我][镇乡](?!村)|[镇乡]党委|[镇乡]政府"),
}
_OWN = re.compile(r"[全我][县市区镇乡](?!村)")
_EVENT = re.compile(
    r"在(?P<event>[^，。：；]{2,60}?)(?:上|时|中)?的(?:主持)?(?:讲话|发言|致辞|报告|党课|点评|总结)|(?P<hosted>[^，。：；]{2,60}?)主持词"
)
_HELD = re.compile(
    r"(?:召开|举行|举办|参加|出席|迎来|开展)(?:这次|此次|今天的)?(?P<event>[^，。；：！]{2,40}?(?:会议|大会|会|班|仪式|式|论坛|座谈|节|活动|典礼|培训))[，。！]"
    r"|(?P<begun>(?:全[市县区]|我[市县区])?[^，。；：！“”]{2,40}?(?:班|会议|会|仪式|节))[，]?(?:今天|现在)?(?:正式|隆重)?(?:就要|即将|将要)?(?:开班|开学|开幕|开始|召开|结束|结业|闭幕|举行)"
)
_TODAY = re.compile(r"^(?:今天|现在|同志们|首先|刚才|大家好)[，,]?(?:我们)?(?:在这里|又)?(?:隆重|集中)?")
_ENDING = re.compile(r"(?:就要|即将|马上就要|顺利|圆满)(?:结束|结业)|结业|(?:培训|学习).{0,12}(?:画上|落下)")
_OFFICE = r"(?:[省市县区州镇乡]?(?:委|政府|人大|政协)?[^，。：；（）]{0,16}?(?:副?书记|副?[市县区镇乡]长|常委|秘书长|副?主任|副?部长|副?局长|副?主席|负责同志|负责人))"
_CAPTION_SPEAKER = re.compile(rf"^{_OFFICE}(?:[、兼][^，。：；（）]{{2,24}})*")
_TITLE_SPEAKER = re.compile(rf"^(?P<who>{_OFFICE})在")
_BEHALF = re.compile(r"我(?:谨)?代表(?P<who>[^，。；：！]{2,30}?)(?:，|向|对|和我个人)")
_ATTENDING = re.compile(
    r"参加(?:今天|这次|此次|本次)?(?:会议|培训|座谈|培训班|大会)?的?(?:有|人员有|人员是|主要是|人员主要是)(?P<who>[^，。；！]{4,60})"
)
_DATE = re.compile(r"(?P<y>20\d\d|19\d\d)年(?P<m>\d{1,2})月(?P<d>\d{1,2})日")
_YEAR = re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)年(?!代)")
_THIS_YEAR = re.compile(r"今年是[^，。]{0,16}?(?P<y>20\d\d)|(?P<y2>20\d\d)年?，?(?:是|即将过去|新年)")
_PLANS = (
    ("十一五", 2006),
    ("十二五", 2011),
    ("十三五", 2016),
    ("十四五", 2021),
    ("十五五", 2026),
    ("十六五", 2031),
)
_PLACE = re.compile(
    r"(?:^|在|中共)(?P<place>(?!在|中共)[一-鿿]{1,6}?(?:自治县|自治州|县|市|区|镇|乡|州|旗))(?!委|政|直|级|域|场|民|里|长)"
)
_PLACE_END = re.compile(r"(?<=..)(?:自治县|自治州|[县市区镇乡州旗])\Z")
_NO_PLACE = re.compile(
    r"^(?:全|我|本|各|该|某|一|这|那|城|社|园|景|辖|灾|山|老|新|大|小|乡|开发|示范|试验|高新)|(?:^|.)(?:城|都|门|农贸|专业|资本|人力资源|交易)市$"
)
_HOME = re.compile(
    r"^(?:——)?在?(?P<place>(?!在)[一-鿿]{2,6}?(?:县|市|区|镇|乡|州|旗))(?=委|人民政府|政府|人大|政协|政法委|纪委)"
)
_GENERAL = frozenset({"mobilisation", "progress_meeting", "work_conference", "site_meeting"})
_SUBJECTS = (
    ("flood_control", re.compile("防汛|抗旱|备汛|抗洪")),
    ("work_safety", re.compile("安全生产")),
    ("fire_prevention", re.compile("防灭火|(?:森林|草原)防火")),
    ("integrity_education", re.compile("警示教育")),
)
_REPLY = re.compile(r"[说道问笑答喊嚷骂叹][：:，,]?“|”[^。“”]{0,8}[说道问答喊]")
_THIRD = re.compile("[他她]")
_SPOKEN = re.compile("同志|我们|大家|各位|全[县市区]|工作|要")


@dataclass(frozen=True, slots=True)
class Understanding:
    """What is known about a speech; each guess has a confidence from 0 to 1, 1 when it was given.

    ``chars`` is its spoken length in 字. A ``structure_only`` speech lends its outline, never its sentences;
    ``reasons`` say why (Chinese). ``names`` are the persons, places and organisations to mask. A ``fiction`` text
    is no speech and does not belong into the library.
    """

    title: str
    chars: int
    guesses: Mapping[str, Guess]
    structure_only: bool
    reasons: tuple[str, ...]
    names: tuple[str, ...]
    fiction: bool

    def value(self, name: str) -> str:
        """Return a property's value; empty when nothing is known."""
        return self.guesses[name].value


def understand(
    speech: Speech,
    text: str,
    overrides: Mapping[str, object] | None = None,
    *,
    defects: Defects | None = None,
    as_of: date | None = None,
) -> Understanding:
    """Infer what the speech parsed from the cleaned ``text`` is; ``overrides`` win over what is inferred.

    ``defects`` finds unusable wording (default: the political checks), judged by the wording of ``as_of``
    (default: today). Raises NotFoundError for an unknown occasion among the overrides.
    """
    given = {k: str(v) for k, v in (overrides or {}).items() if v not in (None, "")}
    if "occasion" in given:
        given["occasion"] = get_occasion(given["occasion"]).id
    chars = speech_chars(speech)
    opening = part_text(speech.opening)[:_OPENING_CHARS]
    inferred = {
        "occasion": _occasion(speech, opening, text),
        "level": _level(speech, text),
        "speaker": _speaker(speech, opening),
        "audience": _audience(text),
        "event": _event(speech, opening),
        "place": _place(speech, text),
        "date": _date(speech),
        "year": _year(speech, text),
        "minutes": (f"{minutes_of(chars):g}", 0.9),
    }
    if "date" in given and "year" not in given:
        given["year"] = given["date"][:4]
    place, speaker = inferred["place"], inferred["speaker"]
    if len(place[0]) > 1 and speaker[0].startswith(place[0][:-1]):
        inferred["speaker"] = (speaker[0][len(place[0]) - 1 :], speaker[1])
    guesses = {
        name: Guess(name, given[name], 1.0, "given")
        if name in given
        else Guess(name, *inferred[name], "inferred")
        for name in PROPERTIES
    }
    if not guesses["audience"].value and (known := occasions().get(guesses["occasion"].value)):
        guesses["audience"] = Guess("audience", known.audience, 0.3, "inferred")
    found = list((defects or political_defects)(speech, text, as_of or date.today()))
    reasons = tuple(dict.fromkeys(f"{f.message}（{f.code}：{f.fragment[:20]}）" for f in found))
    return Understanding(
        title=given.get("title", speech.title),
        chars=chars,
        guesses=guesses,
        structure_only=bool(reasons),
        reasons=reasons,
        names=_names(text, guesses["place"].value),
        fiction=is_fiction(text),
    )


def political_defects(speech: Speech, text: str, as_of: date) -> list[Finding]:
    """Return P0 findings in political formulation (B) and in people quoted (C)."""
    from rag_speech.checks.base import CheckContext
    from rag_speech.checks.politics import check_agreement, check_rules

    context = CheckContext(text=text, speech=speech, as_of=as_of)
    every = [*check_rules(context), *check_agreement(context)]
    return [f for f in every if f.severity is Severity.P0 and f.code.startswith(("B-", "C-"))]


def is_fiction(text: str) -> bool:
    """Whether a text is a story: quoted replies, he and she, and hardly a word of what a speaker says."""
    size = len(text) / 1000
    if size < 0.2:
        return False
    replies = len(_REPLY.findall(text)) / size
    third = len(_THIRD.findall(text))
    return replies > MAX_DIALOGUE and third > len(_SPOKEN.findall(text)) * 0.6


def _occasion(speech: Speech, opening: str, text: str) -> tuple[str, float]:
    named = resolve_occasion(speech.title + speech.subtitle)
    held = _HELD.search(opening)
    spoken = resolve_occasion((held.group("event") or held.group("begun") or "") if held else "")
    spoken = spoken or resolve_occasion(opening.split("。", 1)[0][:150])
    found, confidence = (named, 0.85) if named else (spoken, 0.7)
    if named and spoken and named is spoken:
        confidence = 0.95
    if found and found.id in _GENERAL:
        subject = next(
            (name for name, words in _SUBJECTS if words.search(speech.title + speech.subtitle)), None
        )
        found = get_occasion(subject) if subject else found
    if found and found.id == "training_opening" and _ENDING.search(opening[:120]):
        found, confidence = get_occasion("training_closing"), 0.9
    elif (
        spoken
        and found
        and found.id == "work_conference"
        and spoken.id.startswith(("training", "appointment"))
    ):
        found, confidence = spoken, 0.7
    if found:
        return found.id, confidence
    scores = Counter(
        {
            o.id: sum(word in text for word in o.lexicon) / len(o.lexicon)
            for o in occasions().values()
            if o.lexicon
        }
    )
    best = scores.most_common(1)
    return (best[0][0], 0.3) if best and best[0][1] > 0.3 else ("", 0.0)


def _level(speech: Speech, text: str) -> tuple[str, float]:
    head = "\n".join([speech.title, speech.subtitle, *speech.caption])
    own = Counter("乡镇" if m[1] in "镇乡" else m[1] for m in _OWN.findall(text))
    votes = {
        level: 3.0 * own[level] + len(pattern.findall(text)) + 6 * len(pattern.findall(head))
        for level, pattern in _LEVELS.items()
    }
    for place in _PLACE.finditer(head):
        if not _NO_PLACE.search(place["place"]):
            level = (
                "乡镇"
                if place["place"][-1] in "镇乡"
                else {"州": "市", "旗": "县"}.get(place["place"][-1], place["place"][-1])
            )
            votes[level] += 4
    best = max(votes, key=lambda level: votes[level])
    total = sum(votes.values())
    return (best, round(min(0.95, votes[best] / total), 2)) if total else ("", 0.0)


def _speaker(speech: Speech, opening: str) -> tuple[str, float]:
    for line in speech.caption:
        found = _CAPTION_SPEAKER.match(line.strip("（）() "))
        if found:
            return found.group().split("　")[0].split(" ")[0], 0.9
    titled = _TITLE_SPEAKER.match(speech.title)
    if titled:
        return titled["who"], 0.8
    behalf = _BEHALF.search(opening)
    return (f"代表{behalf['who']}的领导", 0.5) if behalf else ("", 0.0)


def _audience(text: str) -> tuple[str, float]:
    found = _ATTENDING.search(text)
    return (found["who"].rstrip("，、"), 0.6) if found else ("", 0.0)


def _event(speech: Speech, opening: str) -> tuple[str, float]:
    for line in (speech.subtitle, speech.title):
        found = _EVENT.search(line)
        if found:
            return found["event"] or found["hosted"], 0.9
    held = _HELD.search(opening)
    if not held:
        return "", 0.0
    return _TODAY.sub("", held["event"] or held["begun"]), 0.7


def _place(speech: Speech, text: str) -> tuple[str, float]:
    for line in (speech.title, speech.subtitle, *speech.caption):
        for found in (*_PLACE.finditer(line), *_HOME.finditer(line)):
            if not _NO_PLACE.search(found["place"]):
                return found["place"], 0.85
    known = Counter(c.text for c in names.places(text))
    return (known.most_common(1)[0][0], 0.4) if known else ("", 0.0)


def _date(speech: Speech) -> tuple[str, float]:
    for line in speech.caption:
        found = _DATE.search(line)
        if found:
            year, month, day = (int(found[k]) for k in "ymd")
            try:
                return date(year, month, day).isoformat(), 0.95
            except ValueError:
                continue
    return "", 0.0


def _year(speech: Speech, text: str) -> tuple[str, float]:
    for line in speech.caption:
        if found := _YEAR.search(line):
            return found["y"], 0.95
    if found := _THIS_YEAR.search(text):
        return found["y"] or found["y2"], 0.8
    years = Counter(m["y"] for m in _YEAR.finditer(text) if m["y"] >= "2000")
    if years:
        return max(years, key=lambda y: (years[y], y)), 0.4
    for plan, first in reversed(_PLANS):
        for words, offset in (
            ("开局之年", 0),
            ("关键之年", 1),
            ("中期", 2),
            ("收官之年", 4),
            ("最后一年", 4),
        ):
            if re.search(f"“?{plan}”?[^，。]{{0,10}}{words}", text):
                return str(first + offset), 0.5
    return "", 0.0


def _names(text: str, place: str) -> tuple[str, ...]:
    """Return persons, places and organisations, each once, longest first."""
    found = {c.text for find in (names.persons, names.places, names.organisations) for c in find(text)}
    found |= local_places(text) | {place, _PLACE_END.sub("", place)}
    return tuple(sorted((n for n in found if len(n) > 1 and n in text), key=lambda n: (-len(n), n)))
