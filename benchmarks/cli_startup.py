"""What it costs to start the command line: python benchmarks/cli_startup.py

``rag-speech --help`` in a new process against ``python -c "import typer"``, the least that a Typer program can cost;
and the import of the package against nothing. The programs take turns, so that all see the same noise. Target:
the help takes at most three times as long. Results go to ``results/cli_startup.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results" / "cli_startup.json"
RUNS = 25
MAX_RATIO = 3.0
PROGRAMS = {
    "rag-speech --help": "import sys; sys.argv = ['rag-speech', '--help']; from rag_speech.cli import main; main()",
    "import typer": "import typer",
    "import rag_speech": "import rag_speech",
    "python alone": "pass",
}


def measure(runs: int) -> dict[str, list[float]]:
    """Return the seconds of every run of every program; the first round warms the disk cache and is dropped."""
    took: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(runs + 1):
        for name, code in PROGRAMS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
            took[name].append(time.perf_counter() - start)
    return {name: seconds[1:] for name, seconds in took.items()}


def main() -> int:
    """Run, print and save; exit code 1 when the target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=RUNS)
    took = measure(parser.parse_args().runs)
    # The least of many runs is what the program costs; the rest is what else the machine did.
    ratio = min(took["rag-speech --help"]) / min(took["import typer"])
    report = {
        "seconds": {
            name: {"least": round(min(s), 4), "median": round(statistics.median(s), 4)}
            for name, s in took.items()
        },
        "ratio": round(ratio, 2),
        "target": MAX_RATIO,
        "cores": os.cpu_count(),
        "versions": {"python": platform.python_version(), "typer": version("typer")},
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    print(json.dumps(report, indent=2))
    return int(ratio > MAX_RATIO)


if __name__ == "__main__":
    raise SystemExit(main())
