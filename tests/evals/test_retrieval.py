"""Retrieval metrics, and the labelled queries over the bundled corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag_speech.embed.hashing import HashEmbedder
from rag_speech.errors import InputError
from rag_speech.evals.retrieval import Asked, Label, Query, _metrics, _ranks, load_queries, measure_retrieval
from rag_speech.resources import data_dir
from rag_speech.retrieve.library import Library

QUERIES = Path(__file__).parents[2] / "eval" / "retrieval" / "queries.yaml"


def test_there_are_a_hundred_queries_and_every_label_stands_in_its_speech() -> None:
    queries = load_queries(QUERIES)
    assert len(queries) >= 100
    assert len({q.q for q in queries}) == len(queries)
    folder = data_dir("corpus") / "speeches"
    texts = {p.stem: "".join(p.read_text("utf-8").split()) for p in folder.glob("*.md")}
    for query in queries:
        for label in query.relevant:
            assert "".join(label.words.split()) in texts[label.speech], (query.q, label)
    assert len({label.speech for q in queries for label in q.relevant}) >= 50


def test_metrics_of_known_ranks() -> None:
    found = _metrics([Asked("a", (1,), 1), Asked("b", (2, 4), 2), Asked("c", (), 1), Asked("d", (10,), 1)])
    assert (found["hit@1"], found["hit@3"], found["hit@10"]) == (0.25, 0.5, 0.75)
    assert found["mrr"] == pytest.approx((1 + 0.5 + 0 + 0.1) / 4)
    assert found["ndcg@10"] == pytest.approx((1 + (0.6309 + 0.4307) / 1.6309 + 0 + 0.2891) / 4, abs=1e-3)


def test_a_label_counts_once_and_so_does_a_chunk() -> None:
    assert _ranks(["a", "b", "c"], [{"a", "b"}, {"c"}]) == (1, 3)
    assert _ranks(["a", "b"], [{"a"}, {"a"}]) == (1,)
    assert _ranks(["x"], [{"a"}]) == ()


def test_words_of_a_passage_are_found_again(library_folder: Path) -> None:
    query = Query(
        q="预警信息怎样叫得醒睡着的人",
        relevant=(Label(speech="flood_control-01", words="预警要叫得醒睡着的人"),),
    )
    with Library(library_folder, HashEmbedder()) as library:
        report = measure_retrieval(library, [query])
        assert report.metrics["hit@5"] == 1 and report.asked[0].relevant == 1
        lost = Query(q="x", relevant=(Label(speech="flood_control-01", words="没有这句话"),))
        with pytest.raises(InputError, match="no chunk of flood_control-01"):
            measure_retrieval(library, [lost])
