"""The numbered folders of a vector index on disk.

A published folder is never written again: a change is made in a copy, which is sealed and then named the current
one. So a process killed while writing leaves garbage, not a damaged index (Chroma's graph files, half written,
were seen to answer wrongly and to crash the process), and readers never meet a writer.
"""

from __future__ import annotations

import json
import shutil
import zlib
from pathlib import Path
from typing import Final

_SEAL: Final = "sealed.json"
_FINISHED: Final = "index_metadata.pickle"
"""Stands beside the files of a graph that Chroma has written out. Others (small ones) it makes anew at every open,
from its own database, which can tell its own damage."""
_BLOCK: Final = 1 << 20


class IndexFolders:
    """Folders ``000001``, ``000002`` ... under ``base``; the caller remembers which one is current."""

    def __init__(self, base: Path) -> None:
        self._base = base

    def path(self, number: str) -> Path:
        """Return the folder with this number."""
        return self._base / number

    def copy(self, number: str) -> str:
        """Copy the folder with this number (empty: none, start with nothing); return the copy's number."""
        new = f"{max(map(int, [*self._numbers(), number or '0'])) + 1:06d}"
        self._base.mkdir(parents=True, exist_ok=True)
        if number:
            shutil.copytree(self.path(number), self.path(new), ignore=shutil.ignore_patterns(_SEAL, "*-shm"))
        else:
            self.path(new).mkdir()
        return new

    def seal(self, number: str) -> None:
        """Record what the closed folder's files look like."""
        rows = {name: [*_looks(file), _checksum(file)] for name, file in self._files(number).items()}
        (self.path(number) / _SEAL).write_text(json.dumps(rows), "utf-8")

    def fault(self, number: str) -> str:
        """Say what is not as it was sealed; empty when all is. Contents are read only where a file looks touched."""
        try:
            sealed = json.loads((self.path(number) / _SEAL).read_text("utf-8"))
        except (OSError, ValueError):
            return "it is missing or was never finished"
        files = self._files(number)
        if files.keys() != sealed.keys():
            return "files are missing"
        for name, (size, touched, checksum) in sealed.items():
            if _looks(files[name]) != (size, touched) and _checksum(files[name]) != checksum:
                return f"{name} has changed"
        return ""

    def keep(self, *numbers: str) -> None:
        """Remove all folders but these, as far as they can be removed."""
        for number in self._numbers():
            if number not in numbers:
                self.remove(number)

    def remove(self, number: str) -> None:
        """Remove one folder, as far as it can be removed."""
        shutil.rmtree(self.path(number), ignore_errors=True)

    def _numbers(self) -> list[str]:
        return [p.name for p in self._base.glob("[0-9]*") if p.name.isdigit()]

    def _files(self, number: str) -> dict[str, Path]:
        folder = self.path(number)
        return {
            file.relative_to(folder).as_posix(): file
            for graph in folder.glob(f"*/{_FINISHED}")
            for file in graph.parent.iterdir()
        }


def _looks(file: Path) -> tuple[int, int]:
    state = file.stat()
    return state.st_size, state.st_mtime_ns


def _checksum(file: Path) -> int:
    total = 0
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            total = zlib.crc32(block, total)
    return total
