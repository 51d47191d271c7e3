"""What a probe found out about an endpoint, kept in the cache folder for later runs. Never a key."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rag_speech.files import write_atomic
from rag_speech.llm import json_reply
from rag_speech.llm.base import Message
from rag_speech.llm.endpoint import EndpointLLM
from rag_speech.llm.learned import Learned

log = logging.getLogger(__name__)

_FOLDER = "endpoints"
_CONTEXT_KEYS = ("max_model_len", "context_length", "max_context_length", "context_window", "n_ctx")
"""What vLLM, OpenRouter, LM Studio, Groq and llama.cpp call it in their lists of models."""

_PROBE_TOKENS = 96
_SCHEMA = {
    "type": "object",
    "properties": {"sentence": {"type": "string"}},
    "required": ["sentence"],
    "additionalProperties": False,
}
_PROBE = (Message("user", '用不超过二十个字说明什么是值班。以 JSON 回答，例如 {"sentence": "……"}。'),)


@dataclass(frozen=True, slots=True)
class Findings:
    """Outcome of one probe; times in seconds, sizes in tokens.

    ``streams`` says whether the answer came in more than one piece, ``json`` how JSON is asked for,
    ``thinking_tokens`` what it thought before a sentence of twenty 字, ``calls`` what the probe cost.
    """

    first_text: float
    whole: float
    streams: bool
    json: str
    thinking_tokens: int
    context_tokens: int | None
    calls: int


async def probe(llm: EndpointLLM) -> Findings:
    """Make one tiny call (more only when it is refused or needs room); what it shows stays in ``llm.learned``.

    Raises what :meth:`EndpointLLM.complete` raises.
    """
    if (told := _context(await llm.models(), llm.name)) is not None:
        llm.learned.context_tokens = told
    began = time.perf_counter()
    arrivals: list[float] = []
    reply = await llm.complete(
        _PROBE,
        max_tokens=_PROBE_TOKENS,
        temperature=0.0,
        schema=_SCHEMA,
        on_token=lambda _: arrivals.append(time.perf_counter()),
        on_restart=arrivals.clear,
    )
    ended = time.perf_counter()
    return Findings(
        first_text=round((arrivals[0] if arrivals else ended) - began, 3),
        whole=round(ended - began, 3),
        streams=len(arrivals) > 1,
        json=json_reply.MODES[llm.learned.json_mode],
        thinking_tokens=reply.usage.thinking_tokens,
        context_tokens=llm.context_tokens,
        calls=reply.usage.calls,
    )


def findings_path(cache_dir: Path, base_url: str, model: str) -> Path:
    """Return where the findings on ``model`` at ``base_url`` are kept."""
    digest = hashlib.sha256(f"{base_url}\n{model}".encode()).hexdigest()[:16]
    return cache_dir / _FOLDER / f"{digest}.json"


def save_findings(cache_dir: Path, base_url: str, model: str, found: Findings, learned: Learned) -> Path:
    """Write down what was found; return where. Raises StorageError."""
    parts = urlsplit(base_url)
    data = {
        "endpoint": f"{parts.scheme}://{parts.netloc}{parts.path}",
        "model": model,
        "checked": time.strftime("%Y-%m-%d"),
        "probe": asdict(found),
        "learned": learned.as_json(),
    }
    path = findings_path(cache_dir, base_url, model)
    write_atomic(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    return path


def load_learned(cache_dir: Path, base_url: str, model: str) -> Learned | None:
    """Return what an earlier probe learned; None without one. A file that cannot be used is named in the log."""
    path = findings_path(cache_dir, base_url, model)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Learned.from_json(data["learned"] if isinstance(data, dict) else None)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError) as error:
        log.warning("the findings in %s cannot be used (%s); run rag-speech doctor --probe", path, error)
        return None


def _context(models: tuple[Mapping[str, Any], ...], model: str) -> int | None:
    row = next((row for row in models if row.get("id") == model), None)
    if row is None:
        return None
    meta = row.get("meta")
    places = (row, meta if isinstance(meta, Mapping) else {})
    found = (place.get(key) for place in places for key in _CONTEXT_KEYS)
    return next((size for size in found if isinstance(size, int) and size > 0), None)
