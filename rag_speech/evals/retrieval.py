"""Measures retrieval on labelled queries: hit@k, MRR and nDCG@10 over the library's chunks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from rag_speech.errors import InputError
from rag_speech.evals.cases import read_mapping, sentence
from rag_speech.types import Chunk, Role

if TYPE_CHECKING:
    from rag_speech.retrieve.library import Library

DEPTH = 10


class Label(BaseModel):
    """A passage that answers a query: the speech's file name without suffix, and words that stand in the passage."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    speech: str
    words: str


class Query(BaseModel):
    """A query and all passages that answer it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: Annotated[str, Field(min_length=1)]
    relevant: Annotated[tuple[Label, ...], Field(min_length=1)]
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One query's outcome: the ids found, and the 1-based ranks at which something relevant stands."""

    query: str
    ranks: tuple[int, ...]
    relevant: int


@dataclass(frozen=True, slots=True)
class RetrievalReport:
    """``metrics`` are means over the queries, 0 to 1, higher is better."""

    metrics: Mapping[str, float]
    asked: tuple[Asked, ...]


def load_queries(path: Path) -> tuple[Query, ...]:
    """Read labelled queries. Raises InputError."""
    data = read_mapping(path)
    try:
        return TypeAdapter(tuple[Query, ...]).validate_python(data)
    except ValidationError as error:
        raise InputError(f"{path}: {sentence(error)}") from error


def measure_retrieval(library: Library, queries: Sequence[Query]) -> RetrievalReport:
    """Search every query. Raises InputError when a label's words stand in no chunk of its speech."""
    speeches = {Path(s.origin).stem or s.id: s.id for s in library.speeches()}
    chunks = {i: library.chunks(i) for i in speeches.values()}
    asked = []
    for query in queries:
        wanted = [_resolve(query, label, speeches, chunks) for label in query.relevant]
        hits = [h.chunk.id for h in library.search(query.q, k=DEPTH, role=query.role)]
        ranks = _ranks(hits, wanted)
        asked.append(Asked(query.q, ranks, len(wanted)))
    return RetrievalReport(_metrics(asked), tuple(asked))


def _ranks(hits: Sequence[str], wanted: Sequence[set[str]]) -> tuple[int, ...]:
    """Return the rank of each label found. A label counts once, however many chunks it has; so does a chunk."""
    ranks: list[int] = []
    open_labels = list(wanted)
    for rank, chunk in enumerate(hits, 1):
        for label in open_labels:
            if chunk in label:
                open_labels.remove(label)
                ranks.append(rank)
                break
    return tuple(ranks)


def _resolve(
    query: Query, label: Label, speeches: Mapping[str, str], chunks: Mapping[str, Sequence[Chunk]]
) -> set[str]:
    own = chunks.get(speeches.get(label.speech, ""), ())
    words = "".join(label.words.split())
    found = {c.id for c in own if words in "".join(c.text.split()) or words in "".join(c.headings)}
    if not found:
        raise InputError(f"Query {query.q!r}: no chunk of {label.speech} has the words {label.words!r}")
    return found


def _metrics(asked: Sequence[Asked]) -> dict[str, float]:
    total = len(asked)
    out = {f"hit@{k}": sum(any(r <= k for r in a.ranks) for a in asked) / total for k in (1, 3, 5, 10)}
    out["mrr"] = sum(1 / a.ranks[0] for a in asked if a.ranks) / total
    out["ndcg@10"] = sum(_ndcg(a) for a in asked) / total
    return out


def _ndcg(asked: Asked) -> float:
    ideal = sum(1 / math.log2(i + 1) for i in range(1, min(asked.relevant, DEPTH) + 1))
    return sum(1 / math.log2(r + 1) for r in asked.ranks) / ideal
