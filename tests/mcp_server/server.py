"""The real command in a process of its own, and the SDK's own client that talks to it."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters, stdio_client
from mcp_types import CallToolResult, TextContent

from rag_speech.retrieve.library import Library

REPO = Path(__file__).resolve().parent.parent.parent
SCRIPTED = {"RAG_SPEECH_PROVIDER": "scripted"}
FIELDS: dict[str, Any] = {
    "event": "青山县防汛工作会议",
    "speaker": "县长",
    "place": "青山县",
    "level": "县",
    "date": "2026-06-02",
    "minutes": 5,
    "points": ["加强巡堤查险", "组织转移避险", "严守值班纪律"],
    "facts": ["全县有险工险段17处"],
}


@dataclass(frozen=True)
class Site:
    """Where a server works: its drafts, its documents, what it writes to standard error."""

    root: Path
    library: Path

    @property
    def drafts(self) -> Path:
        return self.root / "drafts"

    @property
    def files(self) -> Path:
        return self.root / "files"

    @property
    def log(self) -> str:
        return (self.root / "stderr.txt").read_text("utf-8")

    @asynccontextmanager
    async def client(self, **env: str) -> AsyncIterator[Client]:
        """Start the server and talk to it; at the end it is told to go."""
        self.files.mkdir(exist_ok=True)
        words = ["-m", "rag_speech", "mcp", "--folder", str(self.drafts), "--files", str(self.files)]
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPO),
            "RAG_SPEECH_EMBEDDER": "hash",
            "RAG_SPEECH_LIBRARY": str(self.library),
            "RAG_SPEECH_CACHE": str(self.root / "cache"),
            **(env or SCRIPTED),
        }
        start = StdioServerParameters(command=sys.executable, args=words, env=environment, cwd=self.root)
        with (self.root / "stderr.txt").open("a", encoding="utf-8") as log:
            async with Client(stdio_client(start, errlog=log)) as client:
                yield client


def site(root: Path, library: Library) -> Site:
    return Site(root, library.path)


def text_of(result: CallToolResult) -> str:
    return "\n".join(c.text for c in result.content if isinstance(c, TextContent))


def data(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, text_of(result)
    assert isinstance(result.structured_content, dict)
    return result.structured_content


def refusal(result: CallToolResult) -> str:
    """Return the one sentence of a refused call."""
    assert result.is_error
    said = text_of(result)
    assert said and "\n" not in said and "Traceback" not in said, said
    return said
