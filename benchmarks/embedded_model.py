"""How fast the embedded model reads and writes on this machine, alone and side by side.

    python benchmarks/embedded_model.py        two minutes on two cores

Tokens a second as a caller of :class:`EmbeddedLLM` sees them, so the adapter's own cost is inside. ``busy`` is the
share of all cores that other programs took meanwhile: above 0.05 a figure says little. Results go to
``results/embedded_model.json``.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rag_speech.config import load_settings
from rag_speech.llm import Message, Reply
from rag_speech.llm.embedded import EmbeddedLLM, ServerOptions

RESULTS = Path(__file__).resolve().parent / "results" / "embedded_model.json"
TOKENS = 96
PREFIX = "你是县委办公室的文稿起草人，语言庄重、准确、简练。" + "".join(
    f"背景{n}：全县办公室系统业务培训安排公文写作、值班值守、会议服务、保密管理课程，时间三天，地点在县委党校。"
    for n in range(1, 13)
)
POINTS = ("提高公文质量", "严守值班纪律", "坚持学以致用", "做好会议服务")


def prompt(point: str) -> list[Message]:
    """The shared prefix and one point: what a paragraph of a speech costs."""
    return [Message("system", PREFIX), Message("user", f"请围绕“{point}”写一段讲话，300字左右，只写正文。")]


def cpu_seconds() -> tuple[float, float]:
    """CPU seconds of the whole machine, and of this process with its children that ended (Linux)."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:4]
    return sum(map(int, fields)) / os.sysconf("SC_CLK_TCK"), time.process_time()


async def timed(llm: EmbeddedLLM, job: Callable[[], Awaitable[list[Reply]]]) -> dict[str, Any]:
    """Run ``job``; return seconds, tokens and what other programs took meanwhile."""
    assert llm._server is not None
    assert llm._server._process is not None
    stat = Path(f"/proc/{llm._server._process.pid}/stat")

    def server_cpu() -> float:
        fields = stat.read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    (all_before, own_before), server_before, started = cpu_seconds(), server_cpu(), time.perf_counter()
    replies = await job()
    seconds = time.perf_counter() - started
    (all_after, own_after), server_after = cpu_seconds(), server_cpu()
    others = all_after - all_before - (own_after - own_before) - (server_after - server_before)
    return {
        "seconds": round(seconds, 2),
        "read": sum(reply.usage.prompt_tokens - reply.usage.cached_tokens for reply in replies),
        "cached": sum(reply.usage.cached_tokens for reply in replies),
        "written": sum(reply.usage.completion_tokens for reply in replies),
        "busy": round(max(0.0, others) / seconds / (os.cpu_count() or 1), 3),
    }


async def measure(slots: int) -> dict[str, Any]:
    """Read the prefix cold, then write in every slot with the prefix cached, then one slot alone."""
    llm = EmbeddedLLM(load_settings().cache_dir, options=ServerOptions(slots=slots, context_tokens=4096))

    async def together(points: tuple[str, ...], tokens: int) -> list[Reply]:
        return list(await asyncio.gather(*(llm.complete(prompt(p), max_tokens=tokens) for p in points)))

    await llm.complete([Message("user", "好")], max_tokens=1)
    assert llm._server is not None
    out: dict[str, Any] = {"load_seconds": round(llm._server.load_seconds, 1)}
    out["cold"] = await timed(llm, lambda: together(POINTS[:slots], 2))
    await together(POINTS[:slots], 2)
    out["warm"] = await timed(llm, lambda: together(POINTS[:slots], TOKENS))
    out["read_per_second"] = round(out["cold"]["read"] / out["cold"]["seconds"], 1)
    out["written_per_second"] = round(out["warm"]["written"] / out["warm"]["seconds"], 1)
    await llm.aclose()
    return out


async def main() -> None:
    """Measure one, two and four slots."""
    results: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "xllamacpp": version("xllamacpp"),
        "slots": {str(slots): await measure(slots) for slots in (1, 2, 4)},
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    asyncio.run(main())
