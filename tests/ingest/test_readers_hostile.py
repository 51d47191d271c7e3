from __future__ import annotations

from pathlib import Path

from rag_speech.ingest.readers import Document, Refusal, read_many


def test_twenty_broken_files_give_one_sentence_each_and_the_good_one_is_read(
    hostile_folder: tuple[Path, dict[str, str]],
) -> None:
    folder, kinds = hostile_folder
    found = list(read_many(folder))
    refusals = {Path(f.name).name: f for f in found if isinstance(f, Refusal)}
    assert len(kinds) == 20
    assert {name: r.kind for name, r in refusals.items()} == kinds
    assert all("\n" not in r.reason and str(folder) in r.reason for r in refusals.values())
    assert [Path(f.name).name for f in found if isinstance(f, Document)] == ["好文件.txt"]
