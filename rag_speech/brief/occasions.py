"""The 30 kinds of occasion and three neutral ones that stand in, one TOML file each in ``prompts/occasions``."""

from __future__ import annotations

import difflib
import re
import tomllib
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag_speech.errors import ConfigError, InputError, NotFoundError
from rag_speech.resources import data_dir

SalutationClass = Literal["A", "B", "C", "D", "E", "F"]
OpeningType = Literal["O1", "O2", "O3", "O4", "O5"]
TransitionType = Literal["T1", "T2", "T3", "-"]
ClosingType = Literal["Z1", "Z2", "Z3", "Z4", "Z5"]

_TELLING_GENRES = frozenset({"主持词", "述职报告", "党课"})


class Move(BaseModel):
    """One rhetorical move. ``share`` is its part of the speech's 字; ``say`` tells the writer what it is for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    role: Literal["opening", "point", "closing"]
    say: str
    share: Annotated[float, Field(gt=0, le=1)]
    optional: bool = False


class Occasion(BaseModel):
    """A kind of occasion: who speaks to whom, in which moves, frame and length (字)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    number: Annotated[int, Field(ge=1)]
    name: str
    aliases: tuple[str, ...]
    """Words that name the occasion in an event; … stands for at most 12 字 (届…次全会)."""
    tails: tuple[str, ...] = ()
    """Words that name it only where an event's name ends with them (项目开工)."""
    subjects: tuple[str, ...] = ()
    """Subjects that make a meeting of no other kind one of these (防汛 with 会议, 推进会 ...)."""
    stands_in: bool = False
    """Neutral: no name leads to it, it is taken where a name tells no occasion."""
    speaker: str
    audience: str
    salutation: tuple[SalutationClass, ...]
    opening: tuple[OpeningType, ...]
    transition: TransitionType
    closing: tuple[ClosingType, ...]
    length: tuple[int, int]
    tone: str
    genre: Literal["讲话", "致辞", "发言", "主持词", "党课", "述职报告"] = "讲话"
    promise: str = "意见"
    points: Annotated[int, Field(ge=0, le=8)] = 3
    moves: tuple[Move, ...]
    lexicon: tuple[str, ...] = ()
    """Nouns at home on this occasion: they may appear without support in the brief."""


@cache
def occasions() -> dict[str, Occasion]:
    """Return all occasions by id, in their numbers' order. Raises ConfigError naming a bad file."""
    found = []
    for path in sorted((data_dir("prompts") / "occasions").glob("*.toml")):
        try:
            found.append(Occasion.model_validate(tomllib.loads(path.read_text("utf-8"))))
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            raise ConfigError(f"Occasion file {path.name} is not valid: {error}") from error
    return {o.id: o for o in sorted(found, key=lambda o: o.number)}


def get_occasion(name: str) -> Occasion:
    """Return the occasion with this id or Chinese name. Raises NotFoundError with the nearest choices."""
    every = occasions()
    if name in every:
        return every[name]
    for occasion in every.values():
        if name == occasion.name or name in occasion.aliases:
            return occasion
    words = [*every, *(o.name for o in every.values())]
    near = difflib.get_close_matches(name, words, n=3, cutoff=0.3) or list(every)[:3]
    raise NotFoundError(
        f"Unknown occasion {name!r}; did you mean {', '.join(near)}? See: rag-speech occasions"
    )


def resolve_occasion(text: str) -> Occasion | None:
    """Return the occasion that a name of a meeting or event tells; None when it tells none.

    What the name ends with says what it is (防汛表彰大会 commends); of several words that fit the longest counts,
    then the last. A meeting of officials without a kind (全县教育大会) is a work conference; its subject may make
    it one on flood control, safety ... Of ``A暨B`` A counts first. In running text, where no name ends, the longest
    alias counts. Raises InputError for what is no text.
    """
    if not isinstance(text, str):
        raise InputError(f"The name of an event is a text, not {type(text).__name__}")
    for occasion in occasions().values():
        if occasion.genre in _TELLING_GENRES and occasion.genre in text:
            return _best(text, at_end=True) or occasion if occasion.genre == "党课" else occasion
    if _SENTENCE.search(text.strip()) or len(text) > _NAME_LENGTH:
        return _best(text, at_end=False)
    first, joined, _ = text.partition("暨")
    return (_named(first) if joined else None) or _named(text)


_TOLD = (
    ("hosting", re.compile("主持(?:词|稿|讲话|提纲)|我(?:来|要|去)?主持|委托主持|主持会议[^，。]{0,4}$")),
    ("duty_report", re.compile("述职报告")),
    (
        "commitment",
        re.compile(
            "(?:表态|任职|就职)(?:发言|讲话)|就职演说|委托表态|我[^，。；\n]{0,12}(?<!三个)(?<!单位)(?<!乡镇)表态"
        ),
    ),
)
"""What kind of text is asked for tells the occasion, whatever the event."""


def occasion_told(words: str) -> str:
    """Return the id of the occasion that a request tells by the kind of text it asks for; empty for none."""
    return next((id_ for id_, pattern in _TOLD if pattern.search(words)), "")


def occasion_for(event: str, words: str = "") -> Occasion:
    """Return the occasion of ``event``, or the neutral one that stands in where its name tells none.

    ``words`` are what the clerk said besides: who hosts or answers for a task has an occasion of his own.
    """
    if told := occasion_told(words):
        return get_occasion(told)
    if found := resolve_occasion(event):
        return found
    standing_in = [o for o in occasions().values() if o.stands_in]
    fits = (o for o in standing_in if any(_last(a, event) >= 0 for a in (*o.aliases, *o.tails)))
    return next(fits, standing_in[-1])


_NAME_LENGTH = 60
"""Longer texts are no names."""
_SENTENCE = re.compile("[。！？；，\n]")
_SPEECH_AFTER = re.compile(
    r"(?:[（(][^（）()]*[）)]|(?:[上时中]|期间|时候)?的?(?:总结|主持|即席|书面|重要|开幕|闭幕)?(?:讲话|致辞|致词|发言|演讲|报告)稿?|活动|工作)$"
)
"""What may stand behind the name proper: …会上的讲话, …慰问活动."""
_GENERAL_KINDS = frozenset({"work_conference", "mobilisation", "progress_meeting"})
"""Meetings whose subject may have an occasion of its own."""
_PLAIN_MEETING = re.compile(r"(?:会议|大会|(?<=[汛旱火洪])会|安全会)$")
_NO_WORK_MEETING = re.compile(
    r"(?:代表|业主|村民|居民|社员|会员|股东|理事|董事|家长|师生|班级|选举|换届|听证|庆祝|纪念|追悼|成立|周年|诞辰|公祭|国际|学术|招聘|相亲|订货|拜师|歌咏|诗词|宣誓|演唱|体育|运动|武术|竞技|校友)[^会]{0,4}(?:会议|大会)$"
    r"|^.{0,6}(?:庆祝|纪念|悼念)"
)
"""Meetings where nobody is given tasks, and those that have a procedure of their own."""
_OTHER_HEAD = re.compile(
    "(?:赛|演练|演习|晚会|汇演|演出|仪式|典礼|讲座|沙龙|捐赠|联欢|联谊|聚会|展览?|征文|课堂|婚礼|葬礼)$"
)
"""Heads of names that have no occasion: what stands before them is their subject, not their kind."""


def _named(name: str) -> Occasion | None:
    ends = _ends(name)
    head = _best(name, at_end=True)
    plain = any(_PLAIN_MEETING.search(end) for end in ends)
    if (plain and not head) or (head and head.id in _GENERAL_KINDS):
        subject = _by_subject(name)
        if subject:
            return subject
    if head:
        return head
    if any(_OTHER_HEAD.search(end) for end in ends[:2]):
        return None
    if inside := _best(name, at_end=False):
        return inside
    if plain and not any(_NO_WORK_MEETING.search(end) for end in ends):
        return get_occasion("work_conference")
    return None


def _ends(name: str) -> list[str]:
    """Return the name as it stands and without what may stand behind it, one word less each time."""
    ends = [name.strip(" \t　“”\"'《》【】。！")]
    while shorter := _SPEECH_AFTER.sub("", ends[-1]).rstrip(" ”》"):
        if shorter == ends[-1]:
            break
        ends.append(shorter)
    return ends


def _best(text: str, *, at_end: bool) -> Occasion | None:
    best: tuple[int, int, Occasion] | None = None
    ends = {len(text[: text.rfind(end)]) + len(end) for end in _ends(text)} if at_end else set()
    for occasion in occasions().values():
        if occasion.stands_in:
            continue
        for alias in (occasion.name, *occasion.aliases, *(occasion.tails if at_end else ())):
            at = _last_ending(alias, text, ends) if at_end else _last(alias, text)
            if at >= 0 and (best is None or (len(alias), at) > best[:2]):
                best = (len(alias), at, occasion)
    return best[2] if best else None


def _by_subject(name: str) -> Occasion | None:
    found = [
        (name.rfind(word), occasion)
        for occasion in occasions().values()
        for word in occasion.subjects
        if word in name
    ]
    return max(found, key=lambda f: f[0])[1] if found else None


def _pattern(alias: str) -> str:
    return ".{0,12}".join(map(re.escape, alias.split("…")))


def _last_ending(alias: str, text: str, ends: set[int]) -> int:
    """Return where ``alias`` begins when it reaches to one of ``ends``, else -1."""
    if "…" not in alias:
        return max((end - len(alias) for end in ends if text.endswith(alias, 0, end)), default=-1)
    found = (m.start() for end in ends for m in re.finditer(f"{_pattern(alias)}$", text[:end]))
    return max(found, default=-1)


def _last(alias: str, text: str) -> int:
    """Return where ``alias`` stands last in ``text``, -1 where it does not; its … stands for at most 12 字."""
    if "…" not in alias:
        return text.rfind(alias)
    return max((m.start() for m in re.finditer(f"(?={_pattern(alias)})", text)), default=-1)
