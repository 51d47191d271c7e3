"""Records that travel between rooms. Frozen, slotted, standard library only.

Offsets are code-point offsets into the text they belong to, half open. Lengths are in 字
(non-space characters, see :func:`rag_speech.zh.text.count_zi`) unless another unit is named.
"""

from __future__ import annotations

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


# --------------------------------------------------------------------------- facts


@dataclass(frozen=True, slots=True)
class Fact:
    """A statement that the speech may use, with where it came from.

    ``source`` is ``brief`` or a material's name; ``span`` lies in that material's text.
    """

    id: str
    text: str
    source: str = "brief"
    span: Span | None = None
    required: bool = True


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


@dataclass(frozen=True, slots=True)
class Card:
    """One paragraph to write: where it stands, what it must say, in how many 字.

    ``guide`` is advice for a model that can take advice. ``lead`` is its first sentence when code or the brief has already written it. ``facts`` are ids of the plan's
    facts that must be used here; ``angles`` are short hints from exemplars, free of names and figures.
    """

    id: str
    role: Role
    heading: str
    say: str
    chars: int
    guide: str = ""
    lead: str = ""
    facts: tuple[str, ...] = ()
    angles: tuple[str, ...] = ()
    exemplars: tuple[Exemplar, ...] = ()
    fixed: bool = False
    """Its first sentence is all there is: nothing to draft."""


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """A main part: its heading without numeral (empty when the occasion has none), and its paragraphs.

    ``topic`` is what it is about, in the brief's or the occasion's words.
    """

    heading: str
    cards: tuple[Card, ...]
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is decided before a sentence is drafted; frame sentences are final text."""

    title: str
    caption: tuple[str, ...]
    salutation: str
    opening_line: str
    opening: tuple[Card, ...]
    transition: str
    sections: tuple[SectionPlan, ...]
    closing: tuple[Card, ...]
    closing_line: str
    thanks: str
    target_chars: int
    facts: tuple[Fact, ...] = ()
    set_aside: tuple[Fact, ...] = ()
    """Statements of the materials that belong to another place or year."""
    pending: tuple[str, ...] = ()
    """What the brief lacked, in Chinese, for the clerk to find out."""


@dataclass(frozen=True, slots=True)
class DraftedParagraph:
    """The text written for a card; ``dropped`` holds the sentences that the judge refused, with the reason."""

    card_id: str
    text: str
    dropped: tuple[str, ...] = ()
    candidates: int = 1


@dataclass(frozen=True, slots=True)
class Event:
    """Progress for a caller: ``kind`` is stage, paragraph, token, usage or note; ``done``/``total`` count paragraphs."""

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

    ``findings`` is what stayed wrong, worst first; ``pending`` what the brief lacked (待核实); ``folder`` is where
    the artefacts lie (empty when none were kept).
    """

    title: str
    text: str
    chars: int
    minutes: float
    findings: tuple[Finding, ...] = ()
    facts: tuple[FactUse, ...] = ()
    exemplars: tuple[Exemplar, ...] = ()
    pending: tuple[str, ...] = ()
    set_aside: tuple[Fact, ...] = ()
    usage: Usage = Usage()
    model: str = ""
    occasion: str = ""
    first_text: str = ""
    """The text before revision, for evaluation."""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Stages:
    """Which stages of the pipeline run; an evaluation switches them off one by one to learn what each is worth.

    Without ``retrieval`` there are no exemplars; without ``masking`` the model sees them with names and figures;
    without ``planning`` headings come from code and facts are dealt out in order; without ``selection`` the first
    candidate of each paragraph is taken as it is; without ``revision`` the first draft is final.
    """

    retrieval: bool = True
    masking: bool = True
    planning: bool = True
    selection: bool = True
    revision: bool = True
