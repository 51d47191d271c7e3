"""From the tree back to text."""

from __future__ import annotations

from rag_speech.speech.walk import part_lines
from rag_speech.types import Speech


def render(speech: Speech) -> str:
    """Return the canonical text of a speech: one paragraph a line, no blank lines, no indents.

    Reading it back with :func:`rag_speech.speech.parse.parse` gives the same tree.
    """
    lines = [speech.title, speech.subtitle, *speech.caption, speech.salutation]
    body = part_lines(speech.opening)
    if speech.transition:
        if speech.transition_run_in and body:
            body[-1] += speech.transition
        else:
            body.append(speech.transition)
    for part in speech.parts:
        written = part_lines(part)
        if part.placement == "inline" and body:
            body[-1] += written.pop(0)
        body += written
    lines += [*body, *part_lines(speech.closing), speech.thanks]
    return "\n".join(line for line in lines if line)
