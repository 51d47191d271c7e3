"""Old Word, WPS and RTF files, converted by LibreOffice where it is installed."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path, PurePosixPath

from rag_speech.ingest.readers.base import Document, UnreadableError

TIMEOUT = 120.0
"""Seconds that LibreOffice may take for one document."""

_ZIP = b"PK\x03\x04"


def read_office(data: bytes, name: str) -> Document:
    """Read a .doc, .wps or .rtf file through LibreOffice.

    Raises UnreadableError: LibreOffice missing, too slow, or unable to open the file (locked or damaged).
    """
    suffix = PurePosixPath(name).suffix.lower() or ".doc"
    if data.startswith(_ZIP):  # newer programs write the new format under the old suffix
        return _read_docx(data, name, suffix)
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        why = f"reading {suffix} needs LibreOffice, which is not installed; or save the file as .docx"
        raise UnreadableError(name, "tool_missing", why)
    return _read_docx(_convert(program, data, name, suffix), name, suffix)


def _read_docx(data: bytes, name: str, suffix: str) -> Document:
    from rag_speech.ingest.readers.docx import read_docx

    return dataclasses.replace(read_docx(data, name), format=suffix.lstrip("."))


def _convert(program: str, data: bytes, name: str, suffix: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="rag-speech-") as folder:
        source = Path(folder, f"source{suffix}")
        source.write_bytes(data)
        profile = Path(
            folder, "profile"
        ).as_uri()  # a profile of its own: a running LibreOffice must not interfere
        command = [program, f"-env:UserInstallation={profile}", "--headless", "--norestore"]
        command += ["--convert-to", "docx:MS Word 2007 XML", "--outdir", folder, str(source)]
        _run(command, name)
        result = Path(folder, "source.docx")
        if not result.is_file():
            why = "LibreOffice cannot open it: it is damaged, or locked with a password"
            raise UnreadableError(name, "damaged", why)
        return result.read_bytes()


def _run(command: list[str], name: str) -> None:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=os.name == "posix",
    )
    try:
        process.wait(TIMEOUT)
    except subprocess.TimeoutExpired as error:
        raise UnreadableError(name, "damaged", f"LibreOffice did not finish it in {TIMEOUT:.0f} s") from error
    finally:
        if process.poll() is None:
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End LibreOffice with the child that does its work."""
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
