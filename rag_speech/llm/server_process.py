"""The embedded model's server, run as a process of its own: ``python -P server_process.py``.

A process of its own, so that a crash or a lack of memory in the native library costs an answer and not the
draft, and so that nothing it prints reaches the terminal. One JSON line on standard input configures it, one
on standard output says where it listens; it ends when standard input closes or its parent is gone.
Imports nothing of rag_speech, so that it starts as fast as the native library does.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

_CHECK_SECONDS = 1.0
_ERRORS_ONLY = 1
_PROMPT_CACHE_MIB = 512
"""Prompts that lost their slot are kept in memory: some 18,000 tokens instead of the library's 8 GB."""


def _serve(config: dict[str, Any]) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = config["model"]
    params.model_alias = {config["name"]}
    params.n_ctx = config["context_tokens"] * config["slots"]
    params.n_parallel = config["slots"]
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    params.api_keys = [config["key"]]
    params.verbosity = _ERRORS_ONLY
    params.ui = False
    params.endpoint_slots = False
    if config["threads"]:
        params.cpuparams.n_threads = config["threads"]
        params.cpuparams_batch.n_threads = config["threads"]
    return xllamacpp.Server(params)


def _wait_for_the_end(parent: int) -> None:
    if sys.platform == "win32":
        sys.stdin.buffer.read()
        return
    import select

    # A forked sibling may hold the pipe open, hence the second look at the parent.
    while os.getppid() == parent:
        ready, _, _ = select.select([0], [], [], _CHECK_SECONDS)
        if ready and not os.read(0, 1024):
            return


def main() -> None:
    """Serve until the parent goes."""
    parent = os.getppid()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    config = json.loads(sys.stdin.buffer.readline())
    try:
        server = _serve(config)
        answers.write(json.dumps({"address": server.listening_address}) + "\n")
    except Exception as error:
        answers.write(json.dumps({"error": f"{type(error).__name__}: {error}"}) + "\n")
        answers.flush()
        os._exit(1)
    answers.flush()
    _wait_for_the_end(parent)
    # The native server's own shutdown waits for running answers; nobody is left to read them.
    os._exit(0)


if __name__ == "__main__":
    main()
