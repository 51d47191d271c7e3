"""PDF through LibreOffice, with stand-in fonts where the named ones are not installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from rag_speech.errors import InputError
from rag_speech.render.styles import FALLBACKS

TIMEOUT = 180.0
"""Seconds that LibreOffice may take for one document."""
_SYSTEM_FONTS = Path("/etc/fonts/fonts.conf")


def require_office() -> str:
    """Return the path of LibreOffice. Raises InputError when it is not installed."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise InputError(
            "PDF needs LibreOffice, which is not installed; install it, or print the Word file to PDF"
        )
    return program


def docx_to_pdf(data: bytes) -> bytes:
    """Return a Word file as PDF.

    Raises InputError: LibreOffice is not installed, takes longer than TIMEOUT seconds, or cannot open the file.
    """
    program = require_office()
    with tempfile.TemporaryDirectory(prefix="rag-speech-") as folder:
        source = Path(folder, "speech.docx")
        source.write_bytes(data)
        profile = Path(folder, "profile").as_uri()  # a running LibreOffice must not interfere
        command = [program, f"-env:UserInstallation={profile}", "--headless", "--norestore"]
        command += ["--convert-to", "pdf", "--outdir", folder, str(source)]
        _run(command, _environment(Path(folder)))
        result = Path(folder, "speech.pdf")
        if not result.is_file():
            raise InputError(
                "LibreOffice could not turn the Word file into PDF; open the Word file and print it instead"
            )
        return result.read_bytes()


def font_settings() -> str:
    """Return fontconfig settings that put the declared stand-ins, in their order, behind each named font."""
    rules = "".join(
        f'<match target="pattern"><test name="family"><string>{escape(name)}</string></test>'
        f'<edit name="family" mode="append" binding="strong">'
        f"{''.join(f'<string>{escape(other)}</string>' for other in others)}</edit></match>"
        for name, others in FALLBACKS.items()
    )
    include = f'<include ignore_missing="yes">{_SYSTEM_FONTS}</include>'
    return f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>{include}{rules}</fontconfig>'


def _environment(folder: Path) -> dict[str, str]:
    environment = dict(os.environ)
    if _SYSTEM_FONTS.exists() and "FONTCONFIG_FILE" not in environment:
        settings = folder / "fonts.conf"
        settings.write_text(font_settings(), "utf-8")
        environment["FONTCONFIG_FILE"] = str(settings)
    return environment


def _run(command: list[str], environment: dict[str, str]) -> None:
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=os.name == "posix",
    )
    try:
        process.wait(TIMEOUT)
    except subprocess.TimeoutExpired as error:
        raise InputError(
            f"LibreOffice did not finish the PDF in {TIMEOUT:.0f} s; the Word file itself is ready"
        ) from error
    finally:
        if process.poll() is None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End LibreOffice with the child that does its work."""
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
