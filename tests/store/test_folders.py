from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from rag_speech.store.folders import IndexFolders


@pytest.fixture
def folders(tmp_path: Path) -> IndexFolders:
    """One sealed folder with a finished graph, an unfinished one and a database."""
    folders = IndexFolders(tmp_path / "index")
    number = folders.copy("")
    for graph in ("finished", "small"):
        (folders.path(number) / graph).mkdir()
        (folders.path(number) / graph / "data.bin").write_bytes(b"graph" * 100)
    (folders.path(number) / "finished" / "index_metadata.pickle").write_bytes(b"names")
    (folders.path(number) / "chroma.sqlite3").write_bytes(b"rows")
    folders.seal(number)
    return folders


def test_what_is_as_sealed_has_no_fault(folders: IndexFolders) -> None:
    assert folders.fault("000001") == ""


def test_opening_leaves_its_traces_without_fault(folders: IndexFolders) -> None:
    """Chroma touches its database and remakes small graphs; copying a library changes the times of all files."""
    (folders.path("000001") / "chroma.sqlite3").write_bytes(b"other rows")
    (folders.path("000001") / "small" / "data.bin").write_bytes(b"remade")
    os.utime(folders.path("000001") / "finished" / "data.bin", (1, 1))
    assert folders.fault("000001") == ""


@pytest.mark.parametrize("harm", ["flip", "cut", "lose", "unsealed", "gone"])
def test_damage_is_seen(folders: IndexFolders, harm: str) -> None:
    file = folders.path("000001") / "finished" / "data.bin"
    if harm == "flip":
        file.write_bytes(b"grapH" * 100)
    elif harm == "cut":
        file.write_bytes(b"graph")
    elif harm == "lose":
        file.unlink()
    elif harm == "unsealed":
        (folders.path("000001") / "sealed.json").unlink()
    else:
        shutil.rmtree(folders.path("000001"))
    assert folders.fault("000001")


def test_a_copy_is_not_sealed_and_gets_a_new_number(folders: IndexFolders) -> None:
    (folders.path("000007")).mkdir()
    new = folders.copy("000001")
    assert new == "000008"
    assert (folders.path(new) / "finished" / "data.bin").read_bytes() == b"graph" * 100
    assert folders.fault(new) == "it is missing or was never finished"
    folders.keep("000001", new)
    assert sorted(p.name for p in folders.path(new).parent.iterdir()) == ["000001", "000008"]
