"""Keeps what the embedded model has read of a prompt's fixed beginning: a machine reads it once, not once a draft.

Reading the instructions and worked examples takes the small model longer than writing a paragraph. A state is
some 20 MB and holds the words it was made from, so only a beginning that :meth:`EmbeddedLLM.expect` declared
is kept, never a brief.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag_speech.llm.base import Message

log = logging.getLogger(__name__)

KEPT = 4
"""States kept in the folder; a change of prompts, model or runtime makes a new one and the oldest goes."""
_RUNTIME = "xllamacpp"


def states_dir(cache_dir: Path) -> Path:
    """Folder of the states inside the cache."""
    return cache_dir / "prefixes"


def state_key(model: Path, messages: Sequence[Message]) -> str:
    """Name what a state depends on: the model's file, the runtime's version and the words."""
    status = model.stat()
    words = [asdict(m) for m in messages]
    parts = [model.name, status.st_size, status.st_mtime_ns, importlib.metadata.version(_RUNTIME), words]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class PrefixReader:
    """Brings a beginning into the memory of the server at ``address``; its ``key`` is the server's password."""

    address: str
    key: str
    folder: Path
    slots: int
    seconds: float

    async def read(self, name: str, messages: Sequence[Message]) -> bool:
        """Restore the state ``name``, or have the model read ``messages`` and keep what it knows then.

        Returns whether the server holds the beginning. It is never an error that it does not: the next call
        then reads it as part of its prompt, and an ailing server tells the caller itself.
        """
        import httpx2

        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            async with httpx2.AsyncClient(
                base_url=self.address, headers=headers, timeout=self.seconds, trust_env=False
            ) as client:
                return await self._restored(client, name) or await self._made(client, name, messages)
        except (httpx2.HTTPError, OSError, ValueError) as error:
            log.info("the prompt's beginning is read with the first call: %s", error)
            return False

    async def _restored(self, client: Any, name: str) -> bool:
        for path in self.folder.glob(f"{name}-*.state"):
            if path.name != _file_name(name, path):
                log.warning("%s is damaged; reading the prompt's beginning again", path)
                path.unlink(missing_ok=True)
                continue
            answers = [await self._slot(client, i, "restore", path.name) for i in range(self.slots)]
            if all(a.get("n_restored") for a in answers):
                os.utime(path)
                return True
            path.unlink(missing_ok=True)
        return False

    async def _made(self, client: Any, name: str, messages: Sequence[Message]) -> bool:
        self.folder.mkdir(parents=True, exist_ok=True)
        body = {"messages": [asdict(m) for m in messages], "max_tokens": 1, "temperature": 0, "id_slot": 0}
        (await client.post("/v1/chat/completions", json=body)).raise_for_status()
        part = self.folder / f"{name}.{os.getpid()}.part"
        try:
            if (await self._slot(client, 0, "save", part.name)).get("n_saved"):
                part.replace(part.with_name(_file_name(name, part)))
        finally:
            part.unlink(missing_ok=True)
        _forget(self.folder)
        return True

    async def _slot(self, client: Any, slot: int, action: str, filename: str) -> dict[str, Any]:
        answer = await client.post(f"/slots/{slot}", params={"action": action}, json={"filename": filename})
        return dict(answer.json())


def _file_name(name: str, path: Path) -> str:
    with path.open("rb") as file:
        return f"{name}-{hashlib.file_digest(file, 'sha256').hexdigest()[:24]}.state"


def _forget(folder: Path) -> None:
    by_age = sorted(folder.glob("*.state"), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in by_age[KEPT:]:
        old.unlink(missing_ok=True)
