"""A loopback OpenAI-compatible server that misbehaves on demand; standard library only."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler", dict[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """One request; behaviours call its methods."""

    server: FakeEndpoint  # type: ignore[assignment]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            number = len(self.server.requests)
            self.server.requests.append(body)
            self.server.keys.append(self.headers.get("Authorization", ""))
        behaviour = self.server.behaviours[min(number, len(self.server.behaviours) - 1)]
        behaviour(self, body)

    def error(self, status: int, message: str, *, code: str | None = None, **headers: str) -> None:
        """Answer with an error body as OpenAI's."""
        data = json.dumps({"error": {"message": message, "code": code, "type": "x"}}).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def whole(self, status: int, text: str, kind: str) -> None:
        """Answer with one body."""
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self.whole(200, json.dumps({"data": self.server.models}), "application/json")

    def begin(self, first: str = "") -> None:
        """Begin a stream, with ``first`` as it stands."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(first.encode())

    def event(self, value: object) -> None:
        """Send one server-sent event."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        self.wfile.write(f"data: {text}\n\n".encode())
        self.wfile.flush()

    def piece(self, content: str | None = None, *, finish: str | None = None, **delta: str) -> None:
        """Send one chunk of an answer."""
        self.delta({"content": content, **delta} if content is not None else delta, finish)

    def delta(self, parts: dict[str, Any], finish: str | None = None) -> None:
        """Send one chunk with any delta."""
        self.event(
            {
                "id": "c",
                "object": "chat.completion.chunk",
                "created": 0,
                "model": "fake-1",
                "choices": [{"index": 0, "delta": parts, "finish_reason": finish}],
            }
        )

    def usage(self, **extra: object) -> None:
        """Send the usage chunk."""
        usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120, **extra}
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "fake-1"}
        self.event({**chunk, "choices": [], "usage": usage})

    def reset(self) -> None:
        """Break the connection with a TCP reset."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


@dataclass
class FakeEndpoint(ThreadingHTTPServer):
    """Answers request number n with behaviour n; the last one repeats."""

    behaviours: tuple[Behaviour, ...]
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    models: list[dict[str, Any]] = field(default_factory=lambda: [{"id": "fake"}])
    lock: threading.Lock = field(default_factory=threading.Lock)
    daemon_threads = True
    block_on_close = False

    def __post_init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is part of the tests."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextmanager
def serving(*behaviours: Behaviour) -> Iterator[FakeEndpoint]:
    """Run a server for the block."""
    server = FakeEndpoint(behaviours)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def says(*pieces: str, finish: str = "stop", usage: dict[str, object] | None = None) -> Behaviour:
    """Answer properly with ``pieces``."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        handler.begin()
        for piece in pieces:
            handler.piece(piece)
        handler.piece(finish=finish)
        if "stream_options" in body and usage is not None:
            handler.usage(**usage)
        handler.event("[DONE]")

    return behave


def fails(status: int, message: str = "no", *, code: str | None = None, **headers: str) -> Behaviour:
    """Answer with an error status."""
    return lambda handler, body: handler.error(status, message, code=code, **headers)


def refuses(word: str, then: Behaviour, status: int = 400) -> Behaviour:
    """Refuse every request that carries the parameter ``word``."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        if word in json.dumps(body):
            handler.error(status, f"Unsupported parameter: {word}")
        else:
            then(handler, body)

    return behave


def hangs(after: int, seconds: float) -> Behaviour:
    """Stop talking after ``after`` pieces."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        handler.begin()
        for _ in range(after):
            handler.piece("半句")
        time.sleep(seconds)

    return behave


def breaks(how: str) -> Behaviour:
    """Break off in the middle: ``reset``, ``cut`` (the stream just ends), ``garbage`` or ``error`` (an event)."""

    def behave(handler: Handler, body: dict[str, Any]) -> None:
        handler.begin()
        handler.piece("半句")
        if how == "reset":
            handler.reset()
        elif how == "garbage":
            handler.event('{"id": "c", "choi')
        elif how == "error":
            handler.event({"error": {"message": "out of memory", "code": 500, "type": "server_error"}})

    return behave
