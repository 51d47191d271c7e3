"""How models differ, in one record: no stage asks which model it talks to."""

from __future__ import annotations

from dataclasses import dataclass, replace

_PROMPT_TOKENS = 3000
"""What a request holds besides the material or the speech: instructions, assignment, statements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a model can take and give in one call. Lengths in 字, temperatures as endpoints know them.

    ``window_zi`` is how much of a material is read at once, ``write_zi`` how much of a speech is written at once,
    ``surplus`` how much more is asked for than is wanted, since drafts come out short. ``plan_repairs``, ``review_rounds`` and
    ``length_rounds`` bound how often a plan or a finished text is gone over. ``answer_tokens`` is room for a JSON answer.
    ``exemplars`` and ``outlines`` are how many of the library's are shown, ``exemplar_zi`` how much of each. ``corrects``
    says that its reading may correct what rules or the brief itself say. ``by_paragraph`` has it write a paragraph a call of at most about
    ``paragraph_zi``,
    ``plain`` asks in fewer words.
    """

    window_zi: int = 6000
    write_zi: int = 1300
    surplus: float = 1.04
    reading_temperature: float = 0.2
    writing_temperature: float = 0.7
    plan_repairs: int = 2
    review_rounds: int = 2
    length_rounds: int = 4
    answer_tokens: int = 8000
    exemplars: int = 2
    exemplar_zi: int = 320
    outlines: int = 2
    corrects: bool = True
    by_paragraph: bool = False
    paragraph_zi: int = 420
    plain: bool = False


def profile_for(
    base: Profile,
    *,
    temperature: float | None = None,
    review_rounds: int | None = None,
    context_tokens: int | None = None,
) -> Profile:
    """Return ``base`` with what the settings say; a short context shortens what is read and written at once."""
    if temperature is not None:
        base = replace(base, writing_temperature=temperature)
    if review_rounds is not None:
        base = replace(base, review_rounds=review_rounds)
    if context_tokens is not None:
        answer = min(base.answer_tokens, context_tokens // 3)
        left = max(500, context_tokens - answer - _PROMPT_TOKENS)
        base = replace(
            base,
            answer_tokens=answer,
            window_zi=min(base.window_zi, left),
            write_zi=min(base.write_zi, max(300, left // 4)),
        )
    return base


HOSTED = Profile()
"""A model behind an endpoint: whoever configures one has a model that takes advice."""

EMBEDDED = Profile(
    window_zi=700,
    write_zi=320,
    surplus=1.0,
    reading_temperature=0.1,
    writing_temperature=0.5,
    plan_repairs=0,
    review_rounds=0,
    length_rounds=0,
    answer_tokens=1600,
    exemplars=0,
    exemplar_zi=160,
    outlines=0,
    corrects=False,
    by_paragraph=True,
    paragraph_zi=130,
    plain=True,
)
"""The small model on this machine: short windows, a part at a time."""
