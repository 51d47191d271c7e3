"""Records that travel between rooms. Frozen, slotted, standard library only.

Offsets are code-point offsets into the text they belong to, half open. Lengths are in 字
(non-space characters, see :func:`rag_speech.zh.text.count_zi`) unless another unit is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of code points: ``text[start:end]``."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the fragment of ``text`` that this span covers."""
        return text[self.start : self.end]


# --------------------------------------------------------------------------- the speech as a tree

Placement = Literal["line", "run_in", "inline"]
"""Where a heading stands: on a line of its own; at the start of a paragraph that goes on after it;
or in the middle of the paragraph of the part before it (一是…；二是…)."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph without its numeral and heading; ``span`` lies in the parsed text."""

    text: str
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Part:
    """A numbered part of a speech, at any depth.

    ``marker`` is the numeral as written (``一、`` ``（一）`` ``1.`` ``第一，`` ``一是`` or empty), ``heading``
    the words after it without closing punctuation, ``stop`` that punctuation when the heading runs in.
    Level is the depth: 1 for the parts of the speech. On the page: marker, heading, stop, body paragraphs,
    children; an inline child stands after the first ``after`` body paragraphs of its parent, and goes on in
    their last line (None: after all of them, or after the child before it). ``stop`` may also close a line.
    Read a part in page order with :func:`rag_speech.speech.walk.blocks`.
    """

    level: int
    marker: str = ""
    heading: str = ""
    stop: str = ""
    placement: Placement = "line"
    body: tuple[Paragraph, ...] = ()
    children: tuple[Part, ...] = ()
    after: int | None = None
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Speech:
    """A speech as a tree. ``opening`` and ``closing`` are parts of level 0 and may have inline children.

    ``transition`` is the sentence that promises the points (下面，我讲三点意见。); ``transition_run_in`` says
    that it closes the opening's last paragraph instead of standing alone.
    """

    title: str = ""
    subtitle: str = ""
    caption: tuple[str, ...] = ()
    salutation: str = ""
    opening: Part = Part(level=0)
    transition: str = ""
    transition_run_in: bool = False
    parts: tuple[Part, ...] = ()
    closing: Part = Part(level=0)
    thanks: str = ""
    spans: tuple[tuple[str, Span], ...] = field(default=(), compare=False)
    """Where title, subtitle, caption, salutation, transition and thanks stand in the parsed text."""


# --------------------------------------------------------------------------- retrieval


class Role(StrEnum):
    """What a chunk does in its speech."""

    OPENING = "opening"
    TRANSITION = "transition"
    POINT = "point"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A paragraph-sized piece of a stored speech.

    ``span`` lies in the speech's cleaned text; ``headings`` is the path of headings above it, outermost first;
    ``family`` groups near-duplicates, so that two exemplars of one prompt never say the same.
    """

    id: str
    speech_id: str
    role: Role
    text: str
    span: Span
    headings: tuple[str, ...] = ()
    occasion: str = ""
    level: str = ""
    family: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved chunk. ``score`` is the fused score (higher is better); ranks are 1-based, None when absent."""

    chunk: Chunk
    score: float
    dense_rank: int | None = None
    lexical_rank: int | None = None
    window: Span | None = None
    """The sentence window that matched best, in the chunk's text."""


@dataclass(frozen=True, slots=True)
class Exemplar:
    """A style exemplar as the model sees it: names, figures, places, dates and slogans are typed slots."""

    chunk_id: str
    speech_id: str
    role: Role
    masked: str
    original: str
    score: float
    family: str = ""


# --------------------------------------------------------------------------- what was read


class Use(StrEnum):
    """What may be done with a statement: spoken, known only, or kept out of the speech."""

    SAY = "可讲"
    BACKGROUND = "背景"
    NEVER = "不讲"


class Status(StrEnum):
    """How far the thing that a statement tells of has come."""

    STATE = "情况"
    DONE = "已完成"
    UNDER_WAY = "进行中"
    PLANNED = "计划"
    UNVERIFIED = "未核实"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something that the brief or a material says, in its own words.

    ``id`` is F1 for a fact that must be used, M1 for one that may be, S1 for a sentence of a material. ``text`` stands in
    ``source`` (``brief`` or a material's name) at ``span``; ``said`` is what may be spoken where the source is garbled,
    else empty. ``answers`` are ids of the points it serves.
    """

    id: str
    text: str
    source: str = "brief"
    span: Span | None = None
    said: str = ""
    whose: str = ""
    when: str = ""
    status: Status = Status.STATE
    use: Use = Use.SAY
    why: str = ""
    answers: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        """Whether the speech has to say it."""
        return self.id.startswith("F")

    @property
    def wording(self) -> str:
        """What may be spoken."""
        return self.said or self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A point of the brief, sorted: ``say`` is for the hall, ``manner`` for the writer alone.

    ``count`` is a promised number of things (三个盯住: 3, 0 when none) and ``members`` what they are.
    """

    id: str
    text: str
    say: str
    manner: str = ""
    count: int = 0
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """Something that must not be said: ``what`` for the writer to read, ``strings`` that may not stand in the speech."""

    what: str
    strings: tuple[str, ...] = ()
    why: str = ""
    source: str = "brief"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineItem:
    """A heading of the brief's own outline without its numeral; level 1 is a main part."""

    level: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """The brief as understood. ``pending`` is what the clerk has to find out, in Chinese."""

    speaker: str
    points: tuple[Point, ...] = ()
    manner: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    outline: tuple[OutlineItem, ...] = ()
    statements: tuple[Statement, ...] = ()
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the materials offer and forbid. ``unread`` names what could not be read, and why."""

    statements: tuple[Statement, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By point, the things it promises, as a material lists them."""
    settled: Mapping[str, str] = field(default_factory=dict)
    """By point, what is said instead, where a material gives the wording that was agreed."""
    pending: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


# --------------------------------------------------------------------------- findings


class Severity(StrEnum):
    """P0 a leader rejects outright, P1 must fix, P2 should fix, P3 style. ``P0 < P1`` compares as expected."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a text.

    ``span`` is None when something is absent from the text as a whole. ``fix`` is the replacement for the span
    when the repair is mechanical (None otherwise). ``message`` and ``suggestion`` are Chinese, for the writer.
    """

    code: str
    severity: Severity
    span: Span | None
    fragment: str
    message: str
    suggestion: str = ""
    rule: str = ""
    source: str = ""
    evidence: str = ""
    fix: str | None = None


class Outcome(StrEnum):
    """How a check ended: a crash is data, and never looks like a pass."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check; ``reason`` explains not_applicable and crashed."""

    check: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    reason: str = ""


# --------------------------------------------------------------------------- model use


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and seconds spent on a model; ``cached`` counts prompt tokens served from the server's cache.

    ``thinking_tokens`` are part of ``completion_tokens``. ``cost`` is None when no price is known; a sum of
    which one part has no known cost has none either.
    """

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    thinking_tokens: int = 0
    cost: float | None = None

    def __add__(self, other: Usage) -> Usage:
        known = [part.cost for part in (self, other) if part.calls or part.cost is not None]
        priced = [cost for cost in known if cost is not None]
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.completion_tokens + other.completion_tokens,
            self.seconds + other.seconds,
            self.thinking_tokens + other.thinking_tokens,
            sum(priced) if priced and len(priced) == len(known) else None,
        )


# --------------------------------------------------------------------------- drafting


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedParagraph:
    """What one paragraph says, the statements it uses by id, and its length in 字.

    ``heading`` is a heading of the second level that begins here (（一）…), without its numeral; mostly empty.
    """

    say: str
    heading: str = ""
    uses: tuple[str, ...] = ()
    zi: int = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the speech: ``id`` is ``opening``, ``1``, ``2`` ... or ``closing``; ``answers`` are ids of points."""

    id: str
    heading: str = ""
    answers: tuple[str, ...] = ()
    paragraphs: tuple[PlannedParagraph, ...] = ()

    @property
    def zi(self) -> int:
        """Its budget in 字."""
        return sum(p.zi for p in self.paragraphs)

    @property
    def uses(self) -> tuple[str, ...]:
        """Ids of all statements it uses, in order."""
        return tuple(dict.fromkeys(i for p in self.paragraphs for i in p.uses))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """A paragraph kept back: written only when the speech turns out short.

    ``section`` is where it would go, behind its paragraph ``after`` (from 1; 0: behind the last).
    """

    section: str
    paragraph: PlannedParagraph
    after: int = 0


Numbering = Literal["标题", "段首", "不编号"]
"""How the parts show: 一、 on a line of its own; 第一， at the start of a paragraph; not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that is decided before a sentence is drafted; title to salutation, ``transition`` and ``thanks`` are final.

    ``left_out`` tells, by statement, why it is not used.
    """

    title: str
    caption: tuple[str, ...]
    salutation: str
    thesis: str
    numbering: Numbering
    opening: Section
    transition: str
    sections: tuple[Section, ...]
    closing: Section
    thanks: str
    target_zi: int
    reserve: tuple[Reserve, ...] = ()
    left_out: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Section, ...]:
        """Opening, sections and closing in speaking order."""
        return (self.opening, *self.sections, self.closing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change that a review asks for: ``quote`` stands in the speech, ``replacement`` may be empty."""

    quote: str
    why: str
    replacement: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Progress for a caller: ``kind`` is stage, paragraph, token or note; ``done``/``total`` count a stage's steps."""

    kind: Literal["stage", "paragraph", "token", "note"]
    text: str
    done: int = 0
    total: int = 0


# --------------------------------------------------------------------------- the library


@dataclass(frozen=True, slots=True)
class StoredSpeech:
    """A speech as the library keeps it. Chunk spans lie in ``text``, the cleaned text; ``original`` is untouched.

    ``chars`` is the length of ``text`` in 字; ``origin`` names the file it came from; ``digest`` is the SHA-256 of
    that file's bytes, by which a second ingestion sees that nothing changed. A ``structure_only`` speech lends its
    outline, never its sentences. ``names`` are the persons, places and organisations to mask; ``family`` groups
    near-duplicate speeches; ``meta`` holds everything else known about the speech, as a JSON object; ``added`` is
    the UTC time of storing (ISO 8601), filled in by the library.
    """

    id: str
    title: str
    text: str
    original: str = ""
    occasion: str = ""
    level: str = ""
    place: str = ""
    speaker: str = ""
    audience: str = ""
    event: str = ""
    year: int | None = None
    chars: int = 0
    origin: str = ""
    digest: str = ""
    structure_only: bool = False
    names: tuple[str, ...] = ()
    family: str = ""
    meta: str = "{}"
    added: str = ""


@dataclass(frozen=True, slots=True)
class FactUse:
    """A claim of the finished text and the source that supports it (empty when nothing does)."""

    sentence: str
    claim: str
    kind: str
    source: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A finished draft. ``chars`` and ``minutes`` count from the salutation to the end, at 180 字 a minute.

    ``findings`` is what stayed wrong, worst first; ``pending`` what people have to settle (待核实), ``conflicts``
    where sources disagree and what was made of it, ``withheld`` what must not be said and is not, ``set_aside`` statements of materials that were kept out; ``folder`` is where the
    artefacts lie (empty when none were kept).
    """

    title: str
    text: str
    chars: int
    minutes: float
    findings: tuple[Finding, ...] = ()
    facts: tuple[FactUse, ...] = ()
    exemplars: tuple[Exemplar, ...] = ()
    pending: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    set_aside: tuple[Statement, ...] = ()
    usage: Usage = Usage()
    model: str = ""
    occasion: str = ""
    first_text: str = ""
    """The text before revision, for evaluation."""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Stages:
    """Which stages of the pipeline run; an evaluation switches them off one by one to learn what each is worth.

    Without ``read`` the brief's points and the materials' sentences go to the plan as they are; without ``plan`` the
    speech is asked for in one piece; without ``review`` the first draft is final; without ``retrieval`` there are no
    exemplars and outlines; without ``masking`` the model sees them with names and figures.
    """

    read: bool = True
    plan: bool = True
    review: bool = True
    retrieval: bool = True
    masking: bool = True
