"""Every check, one row each. To add a check, write its function and add its row."""

from __future__ import annotations

from rag_speech.checks import (
    classified,
    cliche,
    commitments,
    concrete,
    consistency,
    constraints,
    grounding,
    language,
    numbering,
    originality,
    paragraphs,
    placeholders,
    politics,
    privacy,
    residue,
    scrape,
    series,
    spelling,
    structure,
    times,
)
from rag_speech.checks.base import Check

# Held out are checks of style (P2 and P3 only) that no stage of drafting applies by itself either: a draft passes them
# because it is well written, not because it was corrected until they fell silent. What a leader rejects a draft for
# (P0, P1) always steers revision, and every finding, theirs too, is reported with the finished draft.
CHECKS: tuple[Check, ...] = (
    Check("title", "S", ("S-TITLE",), structure.check_title),
    Check("caption", "S", ("S-CAPTION",), structure.check_caption),
    Check("salutation", "S", ("S-SALUT",), structure.check_salutation),
    Check("opening", "S", ("S-OPEN", "S-TRANS"), structure.check_opening),
    Check("closing", "S", ("S-CLOSE",), structure.check_closing),
    Check("length", "S", ("S-LENGTH",), structure.check_length),
    Check("promises", "S", ("S-PROMISE",), numbering.check_promises),
    Check("agenda", "S", ("S-PROMISE",), series.check_agenda),
    Check("broken_series", "S", ("S-SERIES",), series.check_broken),
    Check("numerals", "S", ("S-NUMMISS", "S-NUMDUP", "S-NUMSKIP", "S-NUMPUNCT"), numbering.check_numerals),
    Check("series", "S", ("S-SERIES", "S-LEVEL", "S-FINAL2"), numbering.check_series, held_out=True),
    Check("parallel", "S", ("S-PARALLEL",), numbering.check_parallel, held_out=True),
    Check("paragraphs", "S", ("S-PARA", "S-SENT"), paragraphs.check_paragraphs),
    Check("breaks", "S", ("S-BREAK",), paragraphs.check_breaks),
    Check(
        "rules",
        "A",
        (
            "A-XH",
            "B-EXPIRED",
            "B-FIXED",
            "B-NAME",
            "B-ORG",
            "C-DISGRACED",
            "I-ABS",
            "I-COMMIT",
            "I-TONE",
            "L-TYPO",
        ),
        politics.check_rules,
    ),
    Check("agreement", "B", ("B-FIXED",), politics.check_agreement),
    Check("disciplines", "B", ("B-FIXED",), politics.check_disciplines),
    Check("level", "B", ("B-ORG",), politics.check_level),
    Check(
        "constraints",
        "T",
        (
            "T-BANNED",
            "T-LEAK",
            "T-NOTE",
            "T-MISSING",
            "T-TWICE",
            "T-POINT",
            "T-COUNT",
            "T-LABEL",
            "T-STATE",
            "T-QUOTE",
        ),
        constraints.check_constraints,
    ),
    Check("bodies", "B", ("B-ORG",), politics.check_bodies),
    Check("placeholders", "D", ("D-PLACE",), placeholders.check_placeholders),
    Check("scrape", "E", ("E-META", "E-RELATED", "E-DUP", "E-SCRUB", "E-SEO"), scrape.check_scrape),
    Check(
        "residue",
        "F",
        ("F-CHAT", "F-MARKDOWN", "F-EMOJI", "F-COUNT", "F-ECHO", "F-ENGLISH"),
        residue.check_residue,
    ),
    Check(
        "facts",
        "G",
        ("G-FIGURE", "G-DATE", "G-DOC", "G-RANK", "G-NAME", "G-LOCAL"),
        grounding.check_facts,
    ),
    Check("consistency", "G", ("G-STATE", "G-ARITH"), consistency.check_consistency),
    Check("quotes", "G", ("G-QUOTE",), grounding.check_quotes),
    Check("classified", "H", ("H-SECRET",), classified.check_classified),
    Check("privacy", "H", ("H-SECRET", "H-DATA", "H-SENS"), privacy.check_privacy),
    Check("commitments", "I", ("I-COMMIT", "I-ABS"), commitments.check_commitments),
    Check("originality", "J", ("J-COPY",), originality.check_originality),
    Check(
        "cliche", "K", ("K-DENSITY", "K-EMPTY", "K-STACK", "K-MACHINE"), cliche.check_cliche, held_out=True
    ),
    Check("concrete", "K", ("K-VAGUE",), concrete.check_concrete, held_out=True),
    Check(
        "punctuation",
        "P",
        ("P-HALF", "P-SPACE", "P-PAIR", "P-DUN", "P-ELLIPSIS", "P-DOUBLE"),
        language.check_punctuation,
    ),
    Check(
        "numbers",
        "N",
        ("N-RANGE", "N-YEAR", "N-MIXED", "N-APPROX", "N-SHARED", "N-ZERO"),
        language.check_numbers,
        held_out=True,
    ),
    Check("wording", "L", ("L-MISQUOTE", "L-GRAMMAR", "L-REPEAT"), language.check_wording, held_out=True),
    Check("spelling", "L", ("L-TRAD", "L-TYPO", "P-SPLIT"), spelling.check_spelling),
    Check("times", "L", ("L-TIME",), times.check_times),
)

HELD_OUT: tuple[str, ...] = tuple(c.name for c in CHECKS if c.held_out)
"""Names of the checks that never steer revision, so that evaluation measures without circularity."""
