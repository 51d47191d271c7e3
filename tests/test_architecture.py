"""docs/ARCHITECTURE.md is true: its rooms, the direction of their imports, and the files that it names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import rag_speech

PACKAGE = Path(rag_speech.__file__).parent
PAGE = PACKAGE.parent / "docs" / "ARCHITECTURE.md"
UPWARD = {("retrieve/", "ingest/")}
"""An empty library is filled by an ingestion, which is loaded when it happens."""


def _section(title: str) -> str:
    return PAGE.read_text("utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _floors() -> dict[str, int]:
    """Every room of the table with its row, counted from the ground."""
    rows = [line for line in _section("Rooms").splitlines() if line.startswith("| `")]
    return {name: n for n, row in enumerate(rows) for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def _room(path: Path, floors: dict[str, int]) -> str:
    """Return the longest name of the table under which the module lies; empty for the package's own doors."""
    inside = path.relative_to(PACKAGE).as_posix()
    return max(
        (f for f in floors if inside == f or (f.endswith("/") and inside.startswith(f))), key=len, default=""
    )


def _imports(path: Path) -> set[Path]:
    """Return the package's modules that a module imports, at its top or anywhere in it, and not for types alone."""
    tree = ast.parse(path.read_text("utf-8"))
    unseen = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node not in unseen and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import) and node not in unseen:
            names |= {alias.name for alias in node.names}
    files = (PACKAGE.parent / Path(*name.split(".")) for name in names if name.startswith("rag_speech."))
    return {p for f in files for p in (f.with_suffix(".py"), f / "__init__.py") if p.exists()}


def test_every_module_has_its_room_in_the_table() -> None:
    floors = _floors()
    homeless = [p.name for p in PACKAGE.rglob("*.py") if "_data" not in p.parts and not _room(p, floors)]
    assert sorted(homeless) == ["__init__.py", "__main__.py"]


def test_imports_point_from_lower_rows_of_the_table_to_upper_ones() -> None:
    floors = _floors()
    upward = set()
    for path in PACKAGE.rglob("*.py"):
        if "_data" in path.parts or not (room := _room(path, floors)):
            continue
        for other in _imports(path):
            there = _room(other, floors)
            if there and there != room and floors[there] > floors[room]:
                upward.add((room, there))
    assert upward == UPWARD


@pytest.mark.parametrize("title", ["The flow", "Rooms", "Adding something touches one room"])
def test_every_file_that_is_named_is_there(title: str) -> None:
    kept = {
        "brief.yaml",
        "state.json",
        "assignment.yaml",
        "evidence.yaml",
        "plan.yaml",
        "draft.json",
        "trace.json",
    }
    files = set(re.findall(r"`([\w/]+\.(?:py|toml|yaml|json))`", _section(title))) - kept
    assert files
    for name in files:
        assert list(PACKAGE.parent.glob(f"{name}")) or list(PACKAGE.rglob(name)), name
