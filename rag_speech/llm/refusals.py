"""Which part of a refused prompt is to blame, told by what passed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence


def suspects(refused: Sequence[str], accepted: Iterable[Collection[str]]) -> tuple[str, ...]:
    """Return the parts of a refused prompt that stood in no accepted prompt, in their order, each once.

    ``refused`` are the parts that the prompt was made of (facts, materials, the heading ...); ``accepted`` those of
    each prompt that the same endpoint answered. What passed once is not to blame: endpoints refuse a wording, not a
    combination. Empty when every part passed elsewhere, so that nothing can be told; all parts when nothing passed yet.
    """
    passed = {part for prompt in accepted for part in prompt}
    return tuple(dict.fromkeys(part for part in refused if part and part not in passed))


def neutral(parts: Sequence[str], blamed: Collection[str], name: str = "有关情况") -> tuple[str, ...]:
    """Return ``parts`` with each blamed one as ``name``, and neighbours of the same name only once."""
    named = [name if part in blamed else part for part in parts]
    return tuple(part for at, part in enumerate(named) if part != name or at == 0 or named[at - 1] != name)
