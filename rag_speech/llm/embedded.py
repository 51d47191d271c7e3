"""The embedded default: a small real model on this machine, served by llama.cpp on loopback."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import importlib.util
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from rag_speech.errors import EndpointUnreachableError, ModelError, ModelNotReadyError
from rag_speech.llm.base import Message, Reply
from rag_speech.llm.endpoint import EndpointLLM
from rag_speech.llm.model_files import DEFAULT_MODEL, Progress, locate_model
from rag_speech.llm.openai_client import Limits
from rag_speech.llm.profile import EMBEDDED, Profile

log = logging.getLogger(__name__)

_PROCESS = Path(__file__).with_name("server_process.py")
_START_SECONDS = 300.0
_STOP_SECONDS = 5.0
_LOG_TAIL = 400
_SPIN_COUNT = "1000"
"""Turns that a compute thread waits awake for its fellows. libgomp's default of some 300,000 lets generation fall
from 33 to 1 token/s as soon as another program keeps one of two cores busy; with 1,000 it stays at 15-26."""
_LIMITS = Limits(connect=10.0, first_token=1800.0, idle=300.0, retries=1, backoff=0.2)
"""A slow machine reads some ten prompt tokens a second, and answers stand still while another prompt is read."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How the model is served. ``context_tokens`` is per slot; ``threads`` None takes the physical cores."""

    slots: int = 1
    context_tokens: int = 8192
    threads: int | None = None


class ModelServer:
    """The server process of one model file. ``start`` and ``stop`` may be called any number of times."""

    def __init__(self, model: Path, name: str, options: ServerOptions) -> None:
        self.model = model
        self._name = name
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self.key = secrets.token_urlsafe(24)
        self.address = ""
        self.load_seconds = 0.0

    @property
    def alive(self) -> bool:
        """The process runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process and wait until the model is loaded; blocking. Raises ModelNotReadyError."""
        if self.alive:
            return
        self.stop()
        started = time.perf_counter()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_PROCESS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            # Ctrl-C is for the program that drafts: it saves what it has and then ends the server.
            start_new_session=os.name == "posix",
            env={"GOMP_SPINCOUNT": _SPIN_COUNT, **os.environ},
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        atexit.register(self.stop)
        answer = self._handshake(self._process)
        if "address" not in answer:
            why = answer.get("error") or self.last_words() or "it ended without a word"
            self.stop()
            raise ModelNotReadyError(
                f"The embedded model {self.model} could not be started: {why}. Run `rag-speech doctor`; a machine "
                "with less than 3 GB of free memory needs an endpoint instead (RAG_SPEECH_BASE_URL)."
            )
        self.address = answer["address"]
        self.load_seconds = time.perf_counter() - started
        log.info("embedded model ready in %.1f s at %s", self.load_seconds, self.address)

    def stop(self) -> None:
        """End the process; nothing happens when it does not run."""
        process, self._process = self._process, None
        if process is None:
            return
        atexit.unregister(self.stop)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._log is not None:
            self._log.close()
            self._log = None

    def obituary(self) -> str:
        """Say how the process ended."""
        code = self._process.poll() if self._process else None
        if code is not None and code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
            return f"killed by {name}" + (", often for lack of memory" if name == "SIGKILL" else "")
        return f"exit code {code}; {self.last_words()}".rstrip("; ")

    def last_words(self) -> str:
        """The end of what the native library said."""
        if self._log is None:
            return ""
        self._log.seek(0)
        return " ".join(self._log.read().decode("utf-8", "replace").split())[-_LOG_TAIL:]

    def _handshake(self, process: subprocess.Popen[bytes]) -> dict[str, str]:
        config = {
            "model": str(self.model),
            "name": self._name,
            "slots": self._options.slots,
            "context_tokens": self._options.context_tokens,
            "threads": self._options.threads or usable_threads(),
            "key": self.key,
        }
        assert process.stdin is not None
        assert process.stdout is not None
        watchdog = threading.Timer(_START_SECONDS, process.kill)
        watchdog.start()
        try:
            process.stdin.write(json.dumps(config).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
            answer: dict[str, str] = json.loads(line) if line.strip() else {}
        except (OSError, ValueError):
            return {}
        else:
            return answer
        finally:
            watchdog.cancel()


_SAMPLING = {"top_k": 20, "min_p": 0.05, "repeat_penalty": 1.08}
"""What keeps a small model from rambling and from turning in circles."""


class EmbeddedLLM:
    """An :class:`rag_speech.llm.base.LLM` that starts its server at the first call.

    ``path`` is a GGUF file of the user's own. ``progress`` hears about joining and checking the file.
    The server ends with :meth:`aclose`, with this process, and when this process is killed.
    """

    def __init__(
        self,
        cache_dir: Path,
        *,
        path: Path | None = None,
        options: ServerOptions | None = None,
        progress: Progress | None = None,
        profile: Profile = EMBEDDED,
    ) -> None:
        self._profile = profile
        self._cache_dir = cache_dir
        self._path = path
        self._options = options or ServerOptions()
        self._progress = progress
        self._lock = threading.Lock()
        self._server: ModelServer | None = None
        self._endpoint: EndpointLLM | None = None
        self._model: Path | None = None

    def __repr__(self) -> str:
        return f"EmbeddedLLM({self.name!r})"

    @property
    def name(self) -> str:
        """Name of the model as reports show it."""
        return self._path.stem if self._path else DEFAULT_MODEL.name

    @property
    def context_tokens(self) -> int:
        """Tokens that prompt and answer of one call share."""
        return self._options.context_tokens

    @property
    def max_parallel(self) -> int:
        """Number of slots."""
        return self._options.slots

    @property
    def profile(self) -> Profile:
        """What the model can take and give in one call."""
        return self._profile

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int,
        temperature: float = 0.7,
        top_p: float = 0.9,
        seed: int | None = None,
        stop: Sequence[str] = (),
        schema: Mapping[str, Any] | None = None,
        frequency_penalty: float = 0.0,
        on_token: Callable[[str], None] | None = None,
        on_restart: Callable[[], None] | None = None,
    ) -> Reply:
        """Answer ``messages``; contract and errors as in :meth:`rag_speech.llm.base.LLM.complete`.

        A server that died is started once more.
        """
        for last_try in (False, True):
            server, endpoint = await asyncio.to_thread(self._ready)
            try:
                return await endpoint.complete(
                    messages,
                    max_tokens=max_tokens,
                    temperature=temperature,
                    top_p=top_p,
                    seed=seed,
                    stop=stop,
                    schema=schema,
                    frequency_penalty=frequency_penalty,
                    on_token=on_token,
                    on_restart=on_restart,
                )
            except EndpointUnreachableError:
                if server.alive:
                    raise
                how = server.obituary()
            if last_try:
                break
            log.warning("the embedded model's process ended (%s); starting it again", how)
            if on_restart:
                on_restart()
        raise ModelError(
            f"The embedded model's process ended twice ({how}). Run the same command again to go on."
        )

    async def aclose(self) -> None:
        """End the server; the next call starts it again."""
        endpoint, self._endpoint = self._endpoint, None
        if endpoint is not None:
            await endpoint.aclose()
        server, self._server = self._server, None
        if server is not None:
            await asyncio.to_thread(server.stop)

    def _found(self) -> Path:
        if self._model is None:
            require_runtime()
            self._model = locate_model(self._cache_dir, path=self._path, progress=self._progress)
        return self._model

    def _ready(self) -> tuple[ModelServer, EndpointLLM]:
        with self._lock:
            if self._server is None:
                self._server = ModelServer(self._found(), self.name, self._options)
            if not self._server.alive or self._endpoint is None:
                self._server.start()
                self._endpoint = EndpointLLM(
                    base_url=f"{self._server.address}/v1",
                    model=self.name,
                    api_key=self._server.key,
                    context_tokens=self.context_tokens,
                    concurrency=self.max_parallel,
                    limits=_LIMITS,
                    direct=True,
                    extra_body=_SAMPLING,
                )
            return self._server, self._endpoint


def require_runtime() -> None:
    """Raise ModelNotReadyError unless the runtime that serves the model is installed."""
    if importlib.util.find_spec("xllamacpp") is None:
        raise ModelNotReadyError(
            "The runtime of the embedded model is not installed. Run `pip install 'rag-speech[local]'`, or configure "
            "an endpoint with RAG_SPEECH_BASE_URL, RAG_SPEECH_MODEL and RAG_SPEECH_API_KEY."
        )


def usable_threads() -> int | None:
    """Threads to compute with when this process may use fewer cores than the machine has; else None.

    None leaves the choice to llama.cpp, which counts physical cores but knows neither affinity nor quota.
    """
    cores = os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        if quota != "max":
            allowed = min(allowed, max(1, round(int(quota) / int(period))))
    except (OSError, ValueError):
        pass  # no cgroup v2 here: no quota to respect
    return allowed if allowed < cores else None
