"""The wheel is whole: built, installed in a clean environment, used from outside the repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

REPO = Path(__file__).resolve().parent.parent
BRIEF = "event: 青山县防汛工作会议\nspeaker: 县长\nminutes: 3\npoints: [加强巡堤查险, 组织转移避险]\nfacts: [全县有险工险段17处]\n"


@dataclass(frozen=True)
class Installed:
    """A clean environment with the wheel in it, and an empty folder to work in."""

    wheel: Path
    scripts: Path
    home: Path

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``words`` with nothing of this process's settings."""
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "SYSTEMROOT": os.environ.get("SYSTEMROOT", ""),
            "PYTHONUTF8": "1",
            "RAG_SPEECH_PROVIDER": "scripted",
            "RAG_SPEECH_LIBRARY": str(self.home / "library"),
        }
        program, *rest = words
        return subprocess.run(
            [str(self.scripts / program), *rest],
            cwd=self.home,
            env=env,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel and install it where third-party packages are visible but this checkout is not."""
    work = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        # Without --wheel the wheel is built from the source distribution, which must be whole for that.
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(work), str(REPO)],
        check=True,
        capture_output=True,
    )
    (wheel,) = work.glob("*.whl")
    venv.create(work / "env", with_pip=False)
    places = {"base": str(work / "env"), "platbase": str(work / "env")}
    site = Path(sysconfig.get_path("purelib", "venv", places))
    # A path file of the outer environment is not read again, so an editable install there stays out of sight.
    (site / "third_party.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    scripts = Path(sysconfig.get_path("scripts", "venv", places))
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index"]
    subprocess.run([*pip, "--no-deps", "--ignore-installed", str(wheel)], check=True, capture_output=True)
    home = work / "home"
    home.mkdir()
    return Installed(wheel, scripts, home)


def test_every_file_of_the_package_and_its_data_is_in_the_wheel(installed: Installed) -> None:
    inside = set(zipfile.ZipFile(installed.wheel).namelist())
    wanted = {p.relative_to(REPO).as_posix() for p in _files(REPO / "rag_speech")}
    for name in ("prompts", "corpus", "examples"):
        wanted |= {f"rag_speech/_data/{p.relative_to(REPO).as_posix()}" for p in _files(REPO / name)}
    assert wanted - inside == set()
    for kind in (".j2", ".toml", ".onnx", "tokenizer.json", "py.typed", "embed/model/LICENSE"):
        assert any(name.endswith(kind) for name in inside), kind
    metadata = next(name for name in inside if name.endswith("METADATA"))
    assert "rag-speech draft" in zipfile.ZipFile(installed.wheel).read(metadata).decode("utf-8")


def test_nothing_else_is_in_the_wheel(installed: Installed) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(installed.wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"rag_speech"}


def test_it_drafts_from_outside_the_repository(installed: Installed) -> None:
    where = installed.run("python", "-c", "import rag_speech; print(rag_speech.__file__)")
    assert str(installed.scripts.parent) in where.stdout

    (installed.home / "brief.yaml").write_text(BRIEF, "utf-8")
    done = installed.run("rag-speech", "draft", "brief.yaml", "--json", "-o", "speech.md")
    assert done.returncode == 0, done.stderr
    draft = json.loads(done.stdout)
    assert draft["title"] == "在青山县防汛工作会议上的讲话"
    assert draft["exemplars"], "the bundled speeches were found with the bundled embedder"
    assert "17处" in (installed.home / "speech.md").read_text("utf-8")


def test_the_other_commands_find_their_data(installed: Installed) -> None:
    assert len(installed.run("rag-speech", "occasions").stdout.splitlines()) == 33
    (installed.home / "bad.txt").write_text(
        "同志们：\n\n下面，我讲三点意见。\n\n一、抓落实\n\n作为一个AI语言模型，我不能。", "utf-8"
    )
    checked = installed.run("rag-speech", "check", "bad.txt", "--format", "html", "-o", "report.html")
    assert checked.returncode == 1, checked.stderr
    assert "<html" in (installed.home / "report.html").read_text("utf-8")
    doctor = installed.run("rag-speech", "doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert "multilingual-e5-small" in doctor.stdout
    hits = installed.run("rag-speech", "search", "请假制度", "--role", "point", "--json")
    assert json.loads(hits.stdout)["hits"]


def _files(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
