"""Making a finding, and quoting words in its message."""

from __future__ import annotations

from rag_speech.types import Finding, Severity, Span


def finding(
    text: str,
    code: str,
    severity: Severity,
    at: tuple[int, int],
    *,
    message: str,
    suggestion: str = "",
    rule: str = "",
    source: str = "",
    evidence: str = "",
    fix: str | None = None,
) -> Finding:
    """Return a finding on ``text[at[0]:at[1]]``; ``rule`` defaults to the code."""
    span = Span(*at)
    return Finding(
        code, severity, span, span.of(text), message, suggestion, rule or code, source, evidence, fix
    )


def absent(code: str, severity: Severity, message: str, suggestion: str = "", *, source: str = "") -> Finding:
    """Return a finding on something that the text as a whole lacks."""
    return Finding(code, severity, None, "", message, suggestion, code, source)


def quoted(words: str, most: int = 24) -> str:
    """Return ``words`` in quotation marks for a message, cut at ``most``; words that carry their own stay."""
    shown = words.replace("\n", "⏎")
    if len(shown) > most:
        shown = shown[:most] + "……" + ("”" if shown[0] == "“" else "")
    return shown if shown[:1] in {"“", "《"} else f"“{shown}”"
