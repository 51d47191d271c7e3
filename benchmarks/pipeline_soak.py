"""Whether whole drafts survive an endpoint that fails in one of five answers: the pipeline under :mod:`endpoint_soak`'s faults.

    python benchmarks/pipeline_soak.py [MINUTES]        2 by default

The server answers the stages' requests as the scripted model does. A draft that stops with an error of ours is run again in its
folder, as the same command would be, until it ends; it must end whole or with its gaps named in 待核实. No request that was answered in full
may come again, and memory must not grow. Exit 1 when one of these fails. Results go to ``results/pipeline_soak.json``.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from endpoint_soak import FAULT_SHARE, FAULTS, IDLE_SECONDS, LIMITS, MOST_GROWTH, Answer, Flaky, memory_mb

from rag_speech.brief.brief import Brief, load_brief
from rag_speech.config import Settings
from rag_speech.errors import RagSpeechError
from rag_speech.llm.base import Message
from rag_speech.llm.endpoint import EndpointLLM
from rag_speech.llm.scripted import ScriptedLLM
from rag_speech.writer import SpeechWriter

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "pipeline_soak.json"
EXAMPLE = HERE.parent / "examples" / "01-county-office-training.yaml"
MOST_RUNS = 30
"""Runs of one draft's command before it counts as stuck."""


class Office(Answer):
    """Answers as the scripted model does, when it does not fail."""

    def do_POST(self) -> None:  # noqa: N802
        """Answer one request, or fail."""
        import random

        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = {k: v for k, v in body.items() if k not in ("stream", "stream_options", "max_tokens")}
        number = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
        with self.server.lock:
            self.server.requests += 1
            self.server.asked_twice += number in self.server.answered
            fault = random.choice(FAULTS) if random.random() < FAULT_SHARE else None
            if fault is not None:
                self.server.faults[fault.__name__.strip("_")] += 1
        if fault is not None:
            fault(self, body)
            return
        began = time.monotonic()
        schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
        said = [Message(turn["role"], turn["content"]) for turn in body["messages"]]
        reply = asyncio.run(
            ScriptedLLM().complete(said, max_tokens=body["max_tokens"], seed=body.get("seed"), schema=schema)
        )
        self._begin()
        self._event({"content": reply.text})
        self._event({}, reply.finish_reason)
        self.wfile.write(b"data: [DONE]\n\n")
        with self.server.lock:
            if time.monotonic() - began < IDLE_SECONDS / 2:
                self.server.answered.add(number)


async def one(url: str, brief: Brief, settings: Settings, folder: Path, tally: Counter[str]) -> None:
    """Run a draft's command until it ends; count how."""
    for _ in range(MOST_RUNS):
        llm = EndpointLLM(base_url=url, model="m", api_key="sk-soak", limits=LIMITS, direct=True)
        writer = SpeechWriter(settings, llm=llm)
        tally["runs"] += 1
        try:
            draft = await writer.adraft(brief, folder=folder)
        except RagSpeechError as error:
            tally[f"stopped by {type(error).__name__}"] += 1
            continue
        finally:
            await llm.aclose()
        gaps = [p for p in draft.pending if "稿中空缺" in p]
        tally["drafts"] += 1
        tally["with gaps named" if gaps else "whole"] += 1
        if not gaps and len([line for line in draft.text.splitlines() if line[1:2] == "、"]) != 3:
            tally["unexpected"] += 1
        return
    tally["stuck"] += 1


async def soak(url: str, minutes: float) -> tuple[Counter[str], list[float]]:
    """Draft until the time is up; every draft is of another length, so that no two ask the same."""
    tally: Counter[str] = Counter()
    memory: list[float] = []
    brief = load_brief(EXAMPLE)
    end, n = time.monotonic() + minutes * 60, 0
    with tempfile.TemporaryDirectory() as place:
        settings = Settings(library=Path(place) / "library", embedder="hash", cache_dir=Path(place) / "cache")
        while time.monotonic() < end:
            n += 1
            own = brief.model_copy(update={"chars": 700 + n % 900, "event": f"{brief.event}（第{n}期）"})
            await one(url, own, settings, Path(place) / str(n), tally)
            if n > 5:
                memory.append(memory_mb())
    return tally, memory


def main(minutes: float) -> int:
    """Run the soak and write its result."""
    import logging

    logging.getLogger("rag_speech").setLevel(logging.ERROR)
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        root = f"http://127.0.0.1:{int(server.stdout.readline())}"
        tally, memory = asyncio.run(soak(f"{root}/v1", minutes))
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(root) as answer:
            stats = json.load(answer)
    finally:
        server.terminate()
        server.wait()
    found: dict[str, Any] = {
        "minutes": minutes,
        **dict(sorted(tally.items())),
        "requests": stats["requests"],
        "faults": sum(stats["faults"].values()),
        "asked_twice_after_an_answer": stats["asked_twice"],
        "memory_mb_first": memory[0],
        "memory_mb_last": memory[-1],
    }
    print(json.dumps(found, ensure_ascii=False, indent=1))
    RESULTS.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    grown = memory[-1] / memory[0] - 1 > MOST_GROWTH
    return int(bool(stats["asked_twice"] or tally["unexpected"] or tally["stuck"] or grown))


if __name__ == "__main__":
    if "--serve" in sys.argv:
        flaky = Flaky()
        flaky.RequestHandlerClass = Office
        print(flaky.server_address[1], flush=True)
        flaky.serve_forever()
    else:
        sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0))
