"""The five real speeches: what cleaning takes away and keeps, and one tree from every format."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from rag_speech.ingest.clean import clean
from rag_speech.ingest.readers import read_bytes, read_document
from rag_speech.speech.parse import parse
from rag_speech.types import Speech

_ROOT = Path(__file__).resolve().parents[2]
_HAN = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]")


def _letters(text: str) -> str:
    return "".join(_HAN.findall(text))


def _tree(text: str) -> Speech:
    return parse(clean(text).text)


def _score_cleaning(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_cleaning", _ROOT / "eval" / "score_cleaning.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "score_cleaning", module)
    spec.loader.exec_module(module)
    return module


def test_labelled_residue_is_found_and_nothing_else(
    seeds: list[Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = seeds[0].parent.parent / "labels"
    assert _score_cleaning(monkeypatch).main(labels, seeds[0].parent) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("recall 1.000")


def test_not_one_sentence_of_a_speech_is_lost(seeds: list[Path]) -> None:
    for seed in seeds:
        text = seed.read_text("utf-8")
        cleaned = clean(text)
        kept, last = [], 0
        for cut in sorted(cleaned.removals, key=lambda r: r.span):
            if cut.action == "removed":
                kept.append(text[last : cut.span.start])
                last = cut.span.end
        kept.append(text[last:])
        assert _letters(cleaned.text) == _letters("".join(kept)), seed.name
        for cut in cleaned.removals:
            if cut.action == "removed" and cut.code == "E-DUP":
                for sentence in re.split("[。！？\n]", cut.fragment):
                    body = _letters(sentence)[-12:]
                    assert body in _letters(cleaned.text), (seed.name, sentence)
            elif cut.action == "removed":
                assert "。" not in cut.fragment, (seed.name, cut.fragment)


def test_the_trees_are_equal_in_every_format(seeds: list[Path], make: SimpleNamespace) -> None:
    for seed in seeds:
        text = seed.read_text("utf-8")
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        want = _tree(text)
        for name, data in {
            "gbk.txt": text.encode("gb18030"),
            "utf16.txt": text.encode("utf-16"),
            "a.docx": make.docx(lines),
            "a.html": make.html(lines),
            "gbk.html": make.html(lines, encoding="gb18030"),
            "indented.pdf": make.pdf(lines),
            "spaced.pdf": make.pdf(lines, indent=0),
        }.items():
            assert _tree(read_bytes(data, name).text) == want, (seed.name, name)


@pytest.mark.office
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_the_trees_are_equal_when_libreoffice_saves_them(seeds: list[Path], tmp_path: Path) -> None:
    office = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    text = [
        *office,
        "--infilter=Text (encoded):UTF8,LF,,,",
        "--convert-to",
        "docx",
        "--outdir",
        str(tmp_path),
    ]
    subprocess.run([*text, *map(str, seeds)], check=True, capture_output=True, timeout=120)
    word = [str(tmp_path / f"{seed.stem}.docx") for seed in seeds]
    for suffix in ("pdf", "html"):
        made = [*office, "--convert-to", suffix, "--outdir", str(tmp_path), *word]
        subprocess.run(made, check=True, capture_output=True, timeout=120)
    for seed in seeds:
        want = _tree(seed.read_text("utf-8"))
        for suffix in ("docx", "html", "pdf"):
            saved = read_document(tmp_path / f"{seed.stem}.{suffix}")
            assert _tree(saved.text) == want, (seed.name, suffix)
