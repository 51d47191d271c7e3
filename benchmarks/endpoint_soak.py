"""Whether drafts survive an endpoint that fails in one of five answers, hour after hour.

    python benchmarks/endpoint_soak.py [MINUTES]        2 by default; the committed result is of 30

A loopback server in a process of its own answers calls like those of a draft: headings as JSON, then paragraphs, four
side by side. Every fifth answer, at random, goes wrong in one of the ways of ``FAULTS``. A draft must end whole or with
its gaps named by an error of ours; a call that was answered must not be made again; memory must not grow. Exit 1 when
one of these fails. Results go to ``results/endpoint_soak.json``.
"""

# ruff: noqa: ARG002 - every fault has the same signature

from __future__ import annotations

import asyncio
import json
import platform
import random
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rag_speech.errors import RagSpeechError
from rag_speech.llm import Message
from rag_speech.llm.budget import Pace
from rag_speech.llm.endpoint import EndpointLLM
from rag_speech.llm.learned import Learned
from rag_speech.llm.openai_client import Limits

RESULTS = Path(__file__).resolve().parent / "results" / "endpoint_soak.json"
FAULT_SHARE = 0.2
PARAGRAPHS = 12
SIDE_BY_SIDE = 4
PIECE_SECONDS = 0.02
IDLE_SECONDS = 3.0
WARM_UP_SECONDS = 60.0
MOST_GROWTH = 0.05
LIMITS = Limits(
    connect=5.0,
    first_token=10.0,
    idle=IDLE_SECONDS,
    retries=4,
    backoff=0.05,
    backoff_cap=0.5,
    retry_after_cap=2.0,
)
SCHEMA = {
    "type": "object",
    "properties": {"headings": {"type": "array", "items": {"type": "string"}, "minItems": 3}},
    "required": ["headings"],
    "additionalProperties": False,
}
HEADINGS = json.dumps({"headings": ["把责任扛起来", "把隐患查清楚", "把队伍练过硬"]}, ensure_ascii=False)
PARAGRAPH = (
    "各乡镇主要负责人",
    "要上堤看一遍，",
    "心里有数，",
    "手上有招。",
    "值班值守要严，",
    "电话要有人接，",
    "情况要随时报。",
)
NUMBER = re.compile(r"编号(\d+-\d+)")


class Answer(BaseHTTPRequestHandler):
    """One request; every method named in FAULTS is a way to fail."""

    server: Flaky

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def do_GET(self) -> None:
        with self.server.lock:
            stats = {
                "requests": self.server.requests,
                "asked_twice": self.server.asked_twice,
                "faults": dict(self.server.faults),
            }
        self._whole(200, stats)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = NUMBER.search(str(body["messages"]))
        assert found is not None
        number = found.group(1)
        with self.server.lock:
            self.server.requests += 1
            self.server.asked_twice += number in self.server.answered
            fault = random.choice(FAULTS) if random.random() < FAULT_SHARE else None
            if fault is not None:
                self.server.faults[fault.__name__.strip("_")] += 1
        if fault is not None:
            fault(self, body)
            return
        longest = self._proper(body)
        with self.server.lock:
            if longest < IDLE_SECONDS / 2:
                self.server.answered.add(number)
            else:
                self.server.faults["machine_too_busy"] += 1

    def _whole(self, status: int, value: object, kind: str = "application/json", **headers: str) -> None:
        data = (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).encode()
        self.send_response(status)
        for name, header in headers.items():
            self.send_header(name.replace("_", "-"), header)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()

    def _event(self, delta: dict[str, Any], finish: str | None = None) -> None:
        chunk = {"id": "c", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        self.wfile.write(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode())
        self.wfile.flush()

    def _proper(self, body: dict[str, Any]) -> float:
        """Answer in full; return the longest pause, for which the client may have hung up."""
        self._begin()
        longest, last = 0.0, time.monotonic()
        for piece in (HEADINGS,) if "response_format" in body else PARAGRAPH:
            time.sleep(PIECE_SECONDS)
            self._event({"content": piece})
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        self._event({}, "stop")
        self.wfile.write(b"data: [DONE]\n\n")
        return max(longest, time.monotonic() - last)

    def _server_error(self, body: dict[str, Any]) -> None:
        self._whole(random.choice((500, 502, 503)), {"error": {"message": "upstream failed"}})

    def _rate_limit(self, body: dict[str, Any]) -> None:
        self._whole(429, {"error": {"message": "slow down"}}, Retry_After="0.2")

    def _busy_with_200(self, body: dict[str, Any]) -> None:
        self._whole(200, {"error": {"message": "当前分组上游负载已饱和", "code": "upstream_error"}})

    def _reset(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event({"content": PARAGRAPH[0]})
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _cut(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event({"content": PARAGRAPH[0]})

    def _garbage(self, body: dict[str, Any]) -> None:
        self._begin()
        self.wfile.write(b'data: {"id": "c", "choi\n\n')

    def _stall(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event({"content": PARAGRAPH[0]})
        time.sleep(IDLE_SECONDS + 0.5)

    def _empty(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event({}, "stop")

    def _thought_only(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event({"reasoning_content": "先想一想。" * 20})
        self._event({"content": ""}, "length")

    def _refused(self, body: dict[str, Any]) -> None:
        self._whole(400, {"error": {"code": "data_inspection_failed", "message": "inappropriate content"}})

    def _login_page(self, body: dict[str, Any]) -> None:
        self._whole(200, "<html><title>统一认证</title></html>", "text/html")

    def _no_json(self, body: dict[str, Any]) -> None:
        self._begin()
        self._event({"content": "" if "response_format" not in body else "好的，没有问题"})
        self._event({}, "stop")


FAULTS: tuple[Callable[[Answer, dict[str, Any]], None], ...] = (
    Answer._server_error,
    Answer._rate_limit,
    Answer._busy_with_200,
    Answer._reset,
    Answer._cut,
    Answer._garbage,
    Answer._stall,
    Answer._empty,
    Answer._thought_only,
    Answer._refused,
    Answer._login_page,
    Answer._no_json,
)


class Flaky(ThreadingHTTPServer):
    """Counts requests, faults, and requests for what was answered already."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.lock = threading.Lock()
        self.requests = 0
        self.asked_twice = 0
        self.answered: set[str] = set()
        self.faults: Counter[str] = Counter()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up belongs to it."""


class Tally:
    """How the drafts ended."""

    def __init__(self) -> None:
        self.drafts = self.whole = self.gaps = self.filled = self.calls = 0
        self.reasons: Counter[str] = Counter()
        self.unexpected: list[str] = []
        self.memory: list[float] = []


async def draft(llm: EndpointLLM, number: int, tally: Tally) -> None:
    """Make one draft's calls; fill its gaps once, as the same command would later."""

    async def call(place: int) -> bool:
        asked = [Message("system", "你是起草人。"), Message("user", f"编号{number}-{place}，写一段。")]
        heard: list[str] = []
        tally.calls += 1
        try:
            reply = await llm.complete(
                asked,
                max_tokens=300,
                seed=place,
                schema=SCHEMA if place == 0 else None,
                on_token=heard.append,
                on_restart=heard.clear,
            )
        except RagSpeechError as error:
            tally.reasons[type(error).__name__] += 1
            return False
        if "".join(heard).strip() != reply.text or reply.text not in (HEADINGS, "".join(PARAGRAPH)):
            tally.unexpected.append(f"wrong text: {reply.text[:60]}")
        return True

    places = [0, *range(1, PARAGRAPHS + 1)]
    done = [await call(0), *await asyncio.gather(*(call(place) for place in places[1:]))]
    gaps = [place for place, ok in zip(places, done, strict=True) if not ok]
    filled = [place for place in gaps if await call(place)]
    tally.drafts += 1
    tally.gaps += len(gaps)
    tally.filled += len(filled)
    tally.whole += len(filled) == len(gaps)


async def soak(url: str, minutes: float) -> Tally:
    """Draft until the time is up."""
    tally, learned, pace = Tally(), Learned(), Pace()
    began = last_look = time.monotonic()
    while time.monotonic() - began < minutes * 60:
        llm = EndpointLLM(
            base_url=url,
            model="m",
            api_key="sk-soak-soak-soak",
            concurrency=SIDE_BY_SIDE,
            limits=LIMITS,
            direct=True,
            learned=learned,
            pace=pace,
        )
        try:
            await draft(llm, tally.drafts, tally)
        except Exception as error:
            tally.unexpected.append(repr(error))
            tally.drafts += 1
        finally:
            await llm.aclose()
        now = time.monotonic()
        warm = now - began >= min(WARM_UP_SECONDS, minutes * 6)
        if warm and (not tally.memory or now - last_look > 10):
            tally.memory.append(memory_mb())
            last_look = now
    tally.memory.append(memory_mb())
    return tally


def memory_mb() -> float:
    """Resident memory of this process (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+)", status)
    assert found is not None
    return round(int(found.group(1)) / 1024, 1)


def serve() -> None:
    """Be the server; say the port."""
    server = Flaky()
    print(server.server_address[1], flush=True)
    server.serve_forever()


def main(minutes: float) -> int:
    import logging

    logging.getLogger("rag_speech").setLevel(logging.ERROR)
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        root = f"http://127.0.0.1:{int(server.stdout.readline())}"
        tally = asyncio.run(soak(f"{root}/v1", minutes))
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(root) as answer:
            stats = json.load(answer)
    finally:
        server.terminate()
        server.wait()
    growth = tally.memory[-1] / tally.memory[0] - 1
    found = {
        "minutes": minutes,
        "drafts": tally.drafts,
        "whole": tally.whole,
        "calls": tally.calls,
        "requests": stats["requests"],
        "faults": dict(sorted(stats["faults"].items())),
        "gaps_named": tally.gaps,
        "gaps_filled_later": tally.filled,
        "reasons": dict(sorted(tally.reasons.items())),
        "asked_twice_after_an_answer": stats["asked_twice"],
        "unexpected": len(tally.unexpected),
        "memory_mb_first": tally.memory[0],
        "memory_mb_last": tally.memory[-1],
        "memory_mb_most": max(tally.memory),
        "python": platform.python_version(),
        "openai": version("openai"),
    }
    print(json.dumps(found, ensure_ascii=False, indent=1))
    for line in tally.unexpected[:5]:
        print("unexpected:", line, file=sys.stderr)
    RESULTS.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return int(bool(stats["asked_twice"] or tally.unexpected or growth > MOST_GROWTH))


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        serve()
    else:
        sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else 2.0))
