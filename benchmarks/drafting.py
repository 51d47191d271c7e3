"""What a draft costs beside the model itself: python benchmarks/drafting.py [brief.yaml]

Drafts a brief with the embedded model (half a minute on two cores) and, before and after in the same run, lets
the model alone generate text. From these: the wall time of the draft over the time that the model alone needs for
as many tokens as the finished speech has (target: at most 3) and for all that were generated, discarded candidates
included; the seconds in which no model call ran, over the time that the model alone needs for the speech (target:
under 5%); the share of prompt tokens that the server took from its cache. Loading the model and the first filling
of the library are not counted, they happen once. Results go to ``results/drafting.json``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rag_speech.brief.brief import Brief, load_brief
from rag_speech.config import Settings, load_settings
from rag_speech.evals.metered import MeteredLLM
from rag_speech.llm import LLM, Message, Reply, get_llm
from rag_speech.types import Draft, Usage
from rag_speech.writer import SpeechWriter
from rag_speech.zh.text import count_zi

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "drafting.json"
EXAMPLE = HERE.parent / "examples" / "01-county-office-training.yaml"
MAX_RATIO = 3.0
MAX_PIPELINE_RATIO = 0.05
ALONE_TOKENS = 256
ALONE = [Message("user", "请围绕“提高公文质量”写一段机关讲话，八百字左右，只写正文。")]


class Timed(MeteredLLM):
    """An LLM that remembers when its calls ran."""

    def __init__(self, llm: LLM) -> None:
        super().__init__(llm, seed=1)
        self.llm = llm
        self.calls: list[tuple[float, float]] = []

    async def complete(self, messages: Sequence[Message], **options: Any) -> Reply:
        start = time.perf_counter()
        try:
            return await super().complete(messages, **options)
        finally:
            self.calls.append((start, time.perf_counter()))

    async def aclose(self) -> None:
        await self.llm.aclose()

    def busy(self) -> float:
        """Seconds in which at least one call ran."""
        total, end = 0.0, 0.0
        for start, stop in sorted(self.calls):
            total += max(0.0, stop - max(start, end))
            end = max(end, stop)
        return total


async def alone(llm: LLM) -> tuple[int, float]:
    """Tokens and seconds of one long answer of the model, reading of its short prompt included."""
    start = time.perf_counter()
    reply = await llm.complete(ALONE, max_tokens=ALONE_TOKENS, seed=1)
    return reply.usage.completion_tokens, time.perf_counter() - start


async def tokens_of(text: str, llm: LLM) -> int:
    """Tokens of ``text`` as the model counts them, from what the server reports for it as a prompt."""

    async def prompt_tokens(content: str) -> int:
        reply = await llm.complete([Message("user", content)], max_tokens=1)
        return reply.usage.prompt_tokens

    return await prompt_tokens("。" + text) - await prompt_tokens("。")


def fill(settings: Settings) -> None:
    """Put the bundled speeches into the library, in another process: here its imports still count."""
    code = "import sys; from rag_speech.cli import main; sys.argv[0] = 'rag-speech'; main()"
    words = ["search", "值班纪律", "--library", str(settings.library)]
    subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True)


async def measure(brief: Brief, settings: Settings, llm: LLM, work: Path) -> dict[str, Any]:
    """Draft once between two trials of the model alone."""
    timed = Timed(llm)
    fill(settings)
    await llm.complete([Message("user", "好")], max_tokens=1)
    before = await alone(llm)
    start = time.perf_counter()
    # The writer opens the library itself: what that costs belongs to the draft.
    draft = await SpeechWriter(settings, llm=timed).adraft(brief, folder=work / "draft")
    wall = time.perf_counter() - start
    after = await alone(llm)
    per_token = (before[1] + after[1]) / (before[0] + after[0])
    spoken = await tokens_of(draft.text, llm)
    return {
        "wall_s": round(wall, 2),
        "model_alone_tokens_s": round(1 / per_token, 2),
        "model_alone_before_after": [round(t / s, 2) for t, s in (before, after)],
        "speech_tokens": spoken,
        "ratio_speech": round(wall / (spoken * per_token), 2),
        "ratio_generated": round(wall / (max(1, draft.usage.completion_tokens) * per_token), 2),
        "pipeline_s": round(wall - timed.busy(), 2),
        "pipeline_ratio": round((wall - timed.busy()) / (spoken * per_token), 4),
        "cached_prompt_share": round(draft.usage.cached_tokens / max(1, draft.usage.prompt_tokens), 3),
        "usage": _rounded(draft.usage),
        "draft": _kind(draft, brief),
    }


def _rounded(usage: Usage) -> dict[str, float]:
    return {
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "cached_tokens": usage.cached_tokens,
        "completion_tokens": usage.completion_tokens,
        "seconds": round(usage.seconds, 2),
    }


def _kind(draft: Draft, brief: Brief) -> dict[str, Any]:
    found: dict[str, int] = {}
    for finding in draft.findings:
        found[finding.severity.value] = found.get(finding.severity.value, 0) + 1
    return {
        "zi": draft.chars,
        "asked_zi": brief.target_chars,
        "zi_all": count_zi(draft.text),
        "findings": dict(sorted(found.items())),
    }


async def run(brief: Brief, settings: Settings) -> dict[str, Any]:
    """Measure with the configured model and end it."""
    llm = get_llm(settings)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-drafting-") as folder:
            work = Path(folder)
            own = settings.model_copy(update={"library": work / "library"})
            return await measure(brief, own, llm, work)
    finally:
        await llm.aclose()


def main() -> int:
    """Run, print and save; exit code 1 when a target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("brief", nargs="?", type=Path, default=EXAMPLE)
    parser.add_argument("-o", "--output", type=Path, default=RESULTS)
    given = parser.parse_args()
    settings = load_settings(provider="embedded")
    found = asyncio.run(run(load_brief(given.brief), settings))
    report = {
        "brief": given.brief.name,
        **found,
        "targets": {"ratio_speech": MAX_RATIO, "pipeline_ratio": MAX_PIPELINE_RATIO},
        "model": get_llm(settings).name,
        "cores": os.cpu_count(),
        "versions": {"python": platform.python_version(), "xllamacpp": version("xllamacpp")},
    }
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", "utf-8")
    print(json.dumps(report, ensure_ascii=False, indent=2))
    missed = found["ratio_speech"] > MAX_RATIO or found["pipeline_ratio"] >= MAX_PIPELINE_RATIO
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main())
