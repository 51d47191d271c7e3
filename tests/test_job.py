from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag_speech.brief.brief import load_brief
from rag_speech.compose import cards_of
from rag_speech.config import Settings
from rag_speech.embed import Kind
from rag_speech.embed.hashing import HashEmbedder
from rag_speech.folder import DraftFolder
from rag_speech.job import Job
from rag_speech.llm.scripted import ScriptedLLM
from rag_speech.retrieve.library import Library
from rag_speech.types import Finding, Severity, Span
from rag_speech.writer import SpeechWriter

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "01-county-office-training.yaml"


async def test_a_paragraph_of_which_little_is_left_is_written_again_with_its_fault_named(
    corpus_library: Library, tmp_path: Path
) -> None:
    llm = ScriptedLLM()
    writer = SpeechWriter(Settings(), llm=llm, library=corpus_library)
    job = Job(writer, load_brief(EXAMPLE), DraftFolder(tmp_path), lambda _: None)
    job.open()
    plan = await job.plan()
    candidates = await job.draft(plan)
    texts = job.settle(plan, candidates)
    card = next(c for c in cards_of(plan) if c.id == "2.1")
    asked = len(llm.calls)
    fault = Finding("I-COMMIT", Severity.P1, Span(0, 4), texts[card.id][:4], "许诺超出任务书。")
    again = await job._again(plan, {**texts, card.id: card.lead}, {card.id: [fault]}, candidates, 1)
    assert set(again) == {card.id} and again[card.id].startswith(card.lead)
    assert len(again[card.id]) > len(card.lead)
    assert all("上一稿的毛病：许诺超出任务书。" in call.text for call in llm.calls[asked:])
    assert (tmp_path / "cards" / "2.1-again-1.json").exists()


async def test_a_paragraph_that_is_long_enough_is_left_alone(corpus_library: Library) -> None:
    llm = ScriptedLLM()
    writer = SpeechWriter(Settings(), llm=llm, library=corpus_library)
    job = Job(writer, load_brief(EXAMPLE), DraftFolder(None), lambda _: None)
    plan = await job.plan()
    candidates = await job.draft(plan)
    texts = job.settle(plan, candidates)
    fault = Finding("L-TYPO", Severity.P2, Span(0, 2), "要点", "错别字。")
    assert await job._again(plan, texts, {"2.1": [fault]}, candidates, 1) == {}


class Overheard(HashEmbedder):
    """Goes for the bundled embedder and remembers what it was asked."""

    name = "onnx:overheard"

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def embed(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        self.asked |= set(texts)
        return super().embed(texts, kind)


async def test_no_word_of_a_brief_is_kept_beyond_its_draft(tmp_path: Path) -> None:
    brief, embedder = load_brief(EXAMPLE), Overheard()
    with Library(tmp_path / "library", embedder) as library:
        writer = SpeechWriter(Settings(cache_dir=tmp_path), llm=ScriptedLLM(small=True), library=library)
        await writer.adraft(brief)
    with closing(sqlite3.connect(tmp_path / "vectors.sqlite")) as file:
        kept = {key for (key,) in file.execute("SELECT text FROM vectors")}
    told = (*brief.points, *brief.facts)
    of_brief = [text for text in embedder.asked if any(words in text for words in told)]
    assert kept and of_brief
    assert not kept & {hashlib.sha256(text.encode()).digest()[:16] for text in of_brief}
