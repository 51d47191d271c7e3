"""What bears a mark of secrecy is not read further, wherever on the page the mark stands; `check` reports it as P0."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag_speech.brief.brief import load_brief
from rag_speech.errors import ReadError
from rag_speech.ingest.readers import Document, Refusal, read_bytes, read_document, read_many
from rag_speech.ingest.readers.base import UnreadableError

_MARK = "机密★1年"
_BOX = (
    '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml">'
    "<w:pict><v:shape><v:textbox><w:txbxContent><w:p><w:r><w:t>{mark}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
)
_WATERMARK = (
    '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml">'
    '<w:pict><v:shape><v:textpath string="{mark}"/></v:shape></w:pict></w:r>'
)


def _word(lines: list[str], change: Callable[[Any], None]) -> bytes:
    import docx

    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    change(document)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _raw(where: Any, xml: str) -> None:
    from docx.oxml import parse_xml

    where._p.append(parse_xml(xml))


PLACES: dict[str, Callable[[Any], None]] = {
    "header": lambda d: setattr(d.sections[0].header.paragraphs[0], "text", _MARK),
    "footer": lambda d: setattr(d.sections[0].footer.paragraphs[0], "text", "内部资料　注意保存"),
    "box": lambda d: _raw(d.paragraphs[3], _BOX.format(mark=_MARK)),
    "box in the header": lambda d: _raw(d.sections[0].header.paragraphs[0], _BOX.format(mark="秘密")),
    "watermark": lambda d: _raw(d.sections[0].header.paragraphs[0], _WATERMARK.format(mark="机 密")),
    "table": lambda d: setattr(d.add_table(1, 2).cell(0, 1), "text", _MARK),
    "category": lambda d: setattr(d.core_properties, "category", "机密"),
    "first paragraph": lambda d: d.paragraphs[0].insert_paragraph_before("内部文件"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_word_file_with_a_mark_is_refused(place: str, make: SimpleNamespace) -> None:
    data = _word(make.paragraphs(make.speech), PLACES[place])
    with pytest.raises(UnreadableError) as refused:
        read_bytes(data, "a.docx")
    assert refused.value.kind == "classified"
    assert str(refused.value).count("\n") == 0
    assert read_bytes(data, "a.docx", classified=True).text


def test_the_same_file_without_a_mark_is_read(make: SimpleNamespace) -> None:
    data = _word(
        make.paragraphs(make.speech),
        lambda d: setattr(d.sections[0].header.paragraphs[0], "text", "青禾县委办公室"),
    )
    assert "青禾县委办公室" in read_bytes(data, "a.docx").margins


@pytest.mark.parametrize("suffix", ["txt", "md", "html", "pdf"])
def test_other_formats_are_refused_too(suffix: str, make: SimpleNamespace) -> None:
    lines = [_MARK, *make.paragraphs(make.speech)]
    data = {"html": make.html, "pdf": make.pdf}.get(suffix, lambda ls: "\n".join(ls).encode())(lines)
    with pytest.raises(ReadError, match="mark of secrecy"):
        read_bytes(data, f"a.{suffix}")


def test_only_the_marked_file_of_a_folder_is_refused(tmp_path: Path, make: SimpleNamespace) -> None:
    (tmp_path / "1.txt").write_text(f"{_MARK}\n{make.speech}", "utf-8")
    (tmp_path / "2.txt").write_text(make.speech, "utf-8")
    found = list(read_many(tmp_path))
    assert [type(f) for f in found] == [Refusal, Document]
    assert isinstance(found[0], Refusal)
    assert found[0].kind == "classified"


def test_a_brief_does_not_take_a_marked_material(tmp_path: Path, make: SimpleNamespace) -> None:
    (tmp_path / "m.txt").write_text(f"内部资料　注意保存\n{make.speech}", "utf-8")
    (tmp_path / "b.yaml").write_text("event: 青禾县防汛工作会议\nmaterials: [m.txt]\n", "utf-8")
    with pytest.raises(ReadError, match="mark of secrecy"):
        load_brief(tmp_path / "b.yaml")


def test_check_reads_it_and_says_p0(tmp_path: Path, make: SimpleNamespace) -> None:
    from typer.testing import CliRunner

    from rag_speech.cli import app

    path = tmp_path / "a.docx"
    path.write_bytes(_word(make.paragraphs(make.speech), PLACES["header"]))
    with pytest.raises(ReadError):
        read_document(path)
    done = CliRunner().invoke(app, ["check", str(path)])
    assert done.exit_code == 1
    assert "H-SECRET" in done.output
