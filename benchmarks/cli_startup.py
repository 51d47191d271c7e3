"""What it costs to start the command line: python benchmarks/cli_startup.py

``rag-speech --help`` in a new process against ``python -c "import typer"``, the least that a Typer program can cost;
and what lies between. The programs take turns, so that all see the same noise; processor time stands beside wall
time, since other programs disturb it less, and decides. Target: the help takes at most three times as long. Results
go to ``results/cli_startup.json``. POSIX only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
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
    "the least Typer program --help": (
        "import sys, typer; sys.argv = ['x', '--help']; app = typer.Typer()\n"
        "@app.command()\ndef x(n: int = 1): pass\napp()"
    ),
    "import rag_speech": "import rag_speech",
    "python alone": "pass",
}


def measure(runs: int) -> dict[str, list[tuple[float, float]]]:
    """Return wall and processor seconds of every run; the first round warms the disk cache and is dropped."""
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in PROGRAMS}
    for _ in range(runs + 1):
        for name, code in PROGRAMS.items():
            start, before = time.perf_counter(), processor()
            subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
            took[name].append((time.perf_counter() - start, processor() - before))
    return {name: seconds[1:] for name, seconds in took.items()}


def processor() -> float:
    """Processor seconds of all ended child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    """Run, print and save; exit code 1 when the target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=RUNS)
    took = measure(parser.parse_args().runs)
    # The least of many runs is what the program costs; the rest is what else the machine did.
    wall, cpu = ({name: min(run[i] for run in rows) for name, rows in took.items()} for i in (0, 1))
    ratio = cpu["rag-speech --help"] / cpu["import typer"]
    report = {
        "seconds": {
            name: {
                "least": round(wall[name], 4),
                "median": round(statistics.median(run[0] for run in rows), 4),
                "least_processor": round(cpu[name], 4),
            }
            for name, rows in took.items()
        },
        "ratio": round(ratio, 2),
        "ratio_wall": round(wall["rag-speech --help"] / wall["import typer"], 2),
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
