from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rag_speech.errors import ModelError, ModelNotReadyError
from rag_speech.llm import Message, embedded, get_llm
from rag_speech.llm.embedded import EmbeddedLLM, ModelServer, ServerOptions, usable_threads

ASK = [Message("user", "用一句话说明办公室工作的要求。")]

FAKE_SERVER = """
import http.server, json, os, sys
config = json.loads(sys.stdin.buffer.readline())
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if b"DIE" in body and not (b"ONCE" in body and os.path.exists(config["model"] + ".died")):
            open(config["model"] + ".died", "w").close()
            os.kill(os.getpid(), 9)
        assert self.headers["Authorization"] == "Bearer " + config["key"]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": config["name"]}
        choice = {"index": 0, "delta": {"content": "好。"}, "finish_reason": "stop"}
        self.wfile.write(f"data: {json.dumps({**chunk, 'choices': [choice]})}\\n\\n".encode())
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(json.dumps({"address": f"http://127.0.0.1:{server.server_address[1]}"}), flush=True)
import threading
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.buffer.read()
os._exit(0)
"""


@pytest.fixture
def own_model(tmp_path: Path) -> Path:
    path = tmp_path / "own.gguf"
    path.write_bytes(b"GGUF")
    return path


def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str = FAKE_SERVER) -> None:
    script = tmp_path / "fake_server.py"
    script.write_text(source, encoding="utf-8")
    monkeypatch.setattr(embedded, "_PROCESS", script)
    monkeypatch.setattr(embedded, "require_runtime", lambda: None)


async def test_the_server_starts_at_the_first_call_and_ends_with_aclose(
    tmp_path: Path, own_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path, monkeypatch)
    llm = EmbeddedLLM(tmp_path, path=own_model, options=ServerOptions(slots=2))
    assert llm._server is None
    replies = await asyncio.gather(*(llm.complete(ASK, max_tokens=5) for _ in range(4)))
    assert [reply.text for reply in replies] == ["好。"] * 4
    assert replies[0].model == llm.name == "own"
    server = llm._server
    assert server is not None
    assert server.alive
    await llm.aclose()
    assert not server.alive
    assert (await llm.complete(ASK, max_tokens=5)).text == "好。"
    await llm.aclose()


async def test_a_server_that_dies_is_started_once_more(
    tmp_path: Path, own_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path, monkeypatch)
    llm = EmbeddedLLM(tmp_path, path=own_model)
    assert (await llm.complete([Message("user", "DIE ONCE")], max_tokens=5)).text == "好。"
    with pytest.raises(ModelError, match=r"ended twice \(killed by SIGKILL, often for lack of memory\)"):
        await llm.complete([Message("user", "DIE")], max_tokens=5)
    assert (await llm.complete(ASK, max_tokens=5)).text == "好。"
    await llm.aclose()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import json; print(json.dumps({'error': 'RuntimeError: no tensors'}))", "no tensors"),
        ("import sys; sys.stderr.write('illegal instruction'); sys.exit(4)", "illegal instruction"),
        ("print('not JSON')", "ended without a word"),
    ],
)
async def test_a_server_that_cannot_start_says_why(
    tmp_path: Path, own_model: Path, monkeypatch: pytest.MonkeyPatch, source: str, words: str
) -> None:
    fake(tmp_path, monkeypatch, source)
    llm = EmbeddedLLM(tmp_path, path=own_model)
    with pytest.raises(ModelNotReadyError, match=f"could not be started: .*{words}"):
        await llm.complete(ASK, max_tokens=5)
    assert llm._server is not None
    assert not llm._server.alive


async def test_without_the_runtime_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelNotReadyError, match=r"pip install 'rag-speech\[local\]'"):
        await EmbeddedLLM(tmp_path).complete(ASK, max_tokens=5)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs CPU affinity")
def test_threads_respect_affinity() -> None:
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert usable_threads() == (1 if (os.cpu_count() or 1) > 1 else None)
    finally:
        os.sched_setaffinity(0, before)


SCHEMA = {
    "type": "object",
    "properties": {
        "标题": {"type": "string"},
        "要点": {"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 3},
    },
    "required": ["标题", "要点"],
    "additionalProperties": False,
}


@pytest.mark.model
async def test_the_real_model(capfd: pytest.CaptureFixture[str]) -> None:
    from rag_speech.config import load_settings

    llm = get_llm(load_settings(environ={}, cwd=Path("/")))
    beats = 0

    async def heart() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.05)
            beats += 1

    pulse = asyncio.create_task(heart())
    pieces: list[str] = []
    first = await llm.complete(ASK, max_tokens=20, seed=3, on_token=pieces.append)
    pulse.cancel()
    assert beats >= 10, "the event loop stands still while the model loads"
    assert first.text == "".join(pieces).strip()
    assert sum("一" <= char <= "龥" for char in first.text) >= 10
    assert 10 <= first.usage.completion_tokens <= 20
    assert first.usage.prompt_tokens > 20

    outline = await llm.complete(
        [Message("user", "为办公室业务培训讲话拟一个标题和三个要点，用 JSON 输出。")],
        max_tokens=200,
        schema=SCHEMA,
    )
    assert len(outline.data["要点"]) == 3
    assert outline.degraded == ""

    again = await llm.complete(ASK, max_tokens=5)
    assert again.usage.cached_tokens > 20, "the prefix is served from the cache"
    assert isinstance(llm, EmbeddedLLM)
    server = llm._server
    assert server is not None
    await llm.aclose()
    assert not server.alive
    assert capfd.readouterr() == ("", "")


@pytest.mark.model
def test_the_real_server_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    from rag_speech.config import Settings
    from rag_speech.llm.model_files import DEFAULT_MODEL, locate_model

    model = locate_model(Settings().cache_dir)
    script = (
        "import sys, time; from pathlib import Path; from rag_speech.llm.embedded import *\n"
        f"server = ModelServer(Path({str(model)!r}), {DEFAULT_MODEL.name!r}, ServerOptions())\n"
        "server.start(); print(server._process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and Path(f"/proc/{child}/status").exists():
        if "State:\tZ" in Path(f"/proc/{child}/status").read_text():
            break
        time.sleep(0.1)
    else:
        assert not Path(f"/proc/{child}").exists(), "the server outlived its parent"


@pytest.mark.model
def test_a_damaged_model_is_refused_by_the_runtime(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + b"\x00" * 4096)
    server = ModelServer(broken, "broken", ServerOptions())
    with pytest.raises(ModelNotReadyError, match="could not be started: "):
        server.start()
    assert not server.alive
