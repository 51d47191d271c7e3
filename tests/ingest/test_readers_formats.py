from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from rag_speech.ingest.readers import Document, Refusal, UnreadableError, read_bytes, read_document, read_many
from rag_speech.ingest.readers.docx_numbering import format_number

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def body(make: SimpleNamespace, xml: str) -> bytes:
    """A Word file whose body is ``xml``."""

    def put(document: bytes) -> bytes:
        start = document.index(b"<w:body>") + len(b"<w:body>")
        return document[:start] + xml.encode() + document[document.index(b"</w:body>") :]

    data: bytes = make.with_part(make.docx(["x"]), "word/document.xml", put)
    return data


def refused(data: bytes, name: str) -> str:
    with pytest.raises(UnreadableError) as caught:
        read_bytes(data, name)
    return caught.value.kind


# ------------------------------------------------------------------------------------------ all formats


def test_one_speech_reads_alike_in_every_format(make: SimpleNamespace) -> None:
    lines = make.paragraphs(make.speech)
    for name, data in {
        "a.txt": make.speech.encode("gb18030"),
        "a.docx": make.docx(lines),
        "a.html": make.html(lines),
        "b.html": make.html(lines, encoding="gb18030"),
        "a.pdf": make.pdf(lines),
        "b.pdf": make.pdf(lines, indent=0),
    }.items():
        assert make.paragraphs(read_bytes(data, name).text) == lines, name


def test_seeds_read_alike_in_every_format(seeds: list[Path], make: SimpleNamespace) -> None:
    for seed in seeds:
        text = seed.read_text("utf-8")
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        want = make.paragraphs(text)
        for name, data in {
            "a.txt": text.encode("gb18030"),
            "a.docx": make.docx(lines),
            "a.html": make.html(lines),
            "a.pdf": make.pdf(lines),
            "b.pdf": make.pdf(lines, indent=0),
        }.items():
            assert make.paragraphs(read_bytes(data, name).text) == want, (seed.name, name)


# ------------------------------------------------------------------------------------------ web pages


def test_menus_scripts_and_link_lists_go_and_are_named() -> None:
    links = "".join(f'<li><a href="/{i}">相关讲话稿之{i}</a></li>' for i in range(6))
    page = f"""<!DOCTYPE html><html><head><title>某网</title><style>p{{}}</style></head><body>
    <nav>首页 栏目</nav><div style="display:none">看不见</div><h1>讲话</h1><!-- 注释 -->
    <p>第一段，<b>加粗</b>的字。<br>换行之后。</p><p>源文件
    折行</p><ul>{links}</ul><footer>版权所有</footer><script>var a = "代码";</script></body></html>"""
    document = read_bytes(page.encode(), "a.html")
    assert document.text.split("\n") == ["讲话", "第一段，加粗的字。", "换行之后。", "源文件折行"]
    assert {d.reason for d in document.dropped} == {"navigation", "list of links", "page footer"}


def test_numbered_lists_keep_the_numerals_that_a_browser_shows() -> None:
    page = "<ol start=3><li>要快</li><li>要稳</li></ol><table><tr><td>甲</td><td>乙</td></tr></table>"
    assert read_bytes(page.encode(), "a.html").text.split("\n") == ["3.要快", "4.要稳", "甲\t乙"]


def test_a_page_that_lies_about_its_encoding_is_still_read() -> None:
    page = '<meta charset="big5"><p>同志们，今天我们召开会议，主要任务是部署下一步工作。</p>'
    assert read_bytes(page.encode("gb18030"), "a.html").text.startswith("同志们")


def test_deeply_nested_and_endless_lists_take_no_time() -> None:
    for page in ("<div>" * 20_000 + "字", "<ol>" + "<li>字" * 20_000, "字" + "\n" * 200_000 + "字"):
        assert "字" in read_bytes(page.encode(), "a.html").text


# ------------------------------------------------------------------------------------------ Word


def test_what_word_shows_is_what_is_read(make: SimpleNamespace) -> None:
    xml = f"""<w:p xmlns:w="{W}"><w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:softHyphen/><w:t>丙</w:t></w:r>
    <w:del><w:r><w:delText>删</w:delText></w:r></w:del><w:ins><w:r><w:t>增</w:t></w:r></w:ins>
    <w:r><w:rPr><w:vanish/></w:rPr><w:t>藏</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>
    <w:hyperlink><w:r><w:t>链</w:t></w:r></w:hyperlink></w:p>
    <w:tbl xmlns:w="{W}"><w:tr><w:tc><w:p><w:r><w:t>左</w:t></w:r></w:p></w:tc>
    <w:tc><w:p><w:r><w:t>右</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
    <w:sdt xmlns:w="{W}"><w:sdtContent><w:p><w:r><w:t>控件</w:t></w:r></w:p></w:sdtContent></w:sdt>"""
    text = read_bytes(body(make, xml), "a.docx").text
    assert text.split("\n") == ["甲", "乙丙增链", "左\t右", "控件"]


def test_automatic_numerals_are_read_as_shown(make: SimpleNamespace) -> None:
    levels = (("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3."))
    numbering = f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="77">'
    for depth, (fmt, text) in enumerate(levels):
        numbering += f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{fmt}"/><w:lvlText w:val="{text}"/></w:lvl>'
    numbering += '</w:abstractNum><w:num w:numId="88"><w:abstractNumId w:val="77"/></w:num></w:numbering>'
    rows = [
        (0, "提高认识"),
        (1, "看形势"),
        (1, "看责任"),
        (2, "值班"),
        (0, "抓好落实"),
        (1, "分工"),
        (2, "到人"),
    ]
    xml = "".join(
        f'<w:p xmlns:w="{W}"><w:pPr><w:numPr><w:ilvl w:val="{d}"/><w:numId w:val="88"/></w:numPr></w:pPr>'
        f"<w:r><w:t>{t}</w:t></w:r></w:p>"
        for d, t in rows
    )
    data = make.with_part(body(make, xml), "word/numbering.xml", lambda _: numbering.encode())
    assert read_bytes(data, "a.docx").text.split("\n") == [
        "一、提高认识",
        "（一）看形势",
        "（二）看责任",
        "1.值班",
        "二、抓好落实",
        "（一）分工",
        "1.到人",
    ]


@pytest.mark.parametrize(
    ("number", "fmt", "shown"),
    [
        (12, "chineseCountingThousand", "十二"),
        (21, "japaneseCounting", "二十一"),
        (3, "decimalEnclosedCircle", "③"),
        (2, "ideographTraditional", "乙"),
        (4, "upperRoman", "IV"),
        (28, "lowerLetter", "bb"),
        (7, "decimalZero", "07"),
        (10, "chineseLegalSimplified", "拾"),
        (5, "decimalFullWidth", "５"),
        (9, "somethingElse", "9"),
    ],
)
def test_number_formats(number: int, fmt: str, shown: str) -> None:
    assert format_number(number, fmt) == shown


@pytest.mark.parametrize(
    "entity",
    ['<!ENTITY x SYSTEM "file:///etc/passwd">', '<!ENTITY a "ha"><!ENTITY x "&a;&a;&a;">'],
    ids=["outside", "bomb"],
)
def test_word_files_that_declare_entities_are_refused(make: SimpleNamespace, entity: str) -> None:
    assert refused(make.hostile_docx(entity), "a.docx") == "hostile"


def test_entities_hidden_in_utf16_are_refused(make: SimpleNamespace) -> None:
    def poison(xml: bytes) -> bytes:
        text = xml.decode().replace("UTF-8", "UTF-16").replace("?>", '?><!DOCTYPE d [<!ENTITY x "y">]>', 1)
        return text.encode("utf-16")

    assert refused(make.with_part(make.docx(["x"]), "word/document.xml", poison), "a.docx") == "hostile"


def test_word_files_cut_at_any_place_are_refused(make: SimpleNamespace) -> None:
    data = make.docx(make.paragraphs(make.speech))
    for share in (0.01, 0.3, 0.6, 0.99):
        assert refused(data[: int(len(data) * share)], "a.docx") == "damaged"


def test_other_office_files_are_not_word_files(make: SimpleNamespace) -> None:
    data = make.with_part(
        make.docx(["x"]),
        "[Content_Types].xml",
        lambda x: x.replace(b"wordprocessingml.document.main", b"spreadsheetml.sheet.main"),
    )
    assert refused(data, "a.docx") == "unsupported"
    assert refused(make.docx([" "]), "b.docx") == "no_text"


# ------------------------------------------------------------------------------------------ PDF


def test_page_numbers_of_a_pdf_go_and_are_named(make: SimpleNamespace) -> None:
    lines = make.paragraphs(make.speech) * 6
    document = read_bytes(make.pdf(lines), "a.pdf")
    assert make.paragraphs(document.text) == lines
    assert {d.reason for d in document.dropped} == {"page number"}


def test_full_last_lines_without_indents_end_where_others_begin_alike(make: SimpleNamespace) -> None:
    fill = "各乡镇把险工险段走了一遍又一遍，" * 9
    full = 2 * 31 - 1  # characters of two lines, but for the full stop
    series = ["一是要早。", ("二是要快" + fill)[:full] + "。", "三是要准" + fill + "守住堤。", "四是要稳。"]
    alike = ["要看水位。", "要看堤坝。", "要看雨量。", ("我们走" + fill)[:full] + "。", "要看人。"]
    for lines in (series, alike):
        assert make.paragraphs(read_bytes(make.pdf(lines, indent=0, gap=0), "a.pdf").text) == lines


def test_pdf_refusals(make: SimpleNamespace) -> None:
    data = make.pdf(make.paragraphs(make.speech))
    assert refused(make.pdf(["字"], password="secret"), "a.pdf") == "encrypted"
    assert refused(data[: len(data) // 2], "a.pdf") == "damaged"
    assert refused(b"%PDF-1.7\nstartxref\n0\n%%EOF", "a.pdf") == "damaged"


def test_a_pdf_without_text_is_called_a_scan() -> None:
    from reportlab.pdfgen.canvas import Canvas

    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.rect(50, 50, 300, 300)
    canvas.save()
    assert refused(stream.getvalue(), "a.pdf") == "no_text"


# ------------------------------------------------------------------------------------------ archives


def read_zip(tmp_path: Path, data: bytes) -> list[Document | Refusal]:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    return list(read_many(path))


def test_a_zip_of_every_format_is_read(make: SimpleNamespace, tmp_path: Path) -> None:
    lines = make.paragraphs(make.speech)
    data = make.zip({
        "讲话/a.txt": make.speech.encode("gbk"),
        "讲话/b.docx": make.docx(lines),
        "讲话/c.html": make.html(lines),
        "__MACOSX/._a.txt": b"junk",
        "讲话/d.zip": b"PK",
        "讲话/e.txt": b"",
    })  # fmt: skip
    found = read_zip(tmp_path, data)
    assert [make.paragraphs(d.text) for d in found if isinstance(d, Document)] == [lines] * 3
    assert [r.kind for r in found if isinstance(r, Refusal)] == ["unsupported", "empty"]
    assert all(f.name.startswith(str(tmp_path / "a.zip") + "/讲话/") for f in found)


def test_names_written_in_gbk_are_read(make: SimpleNamespace, tmp_path: Path) -> None:
    plain = make.zip({"AAAAAA.txt": "一段话".encode()})
    found = read_zip(tmp_path, plain.replace(b"AAAAAA", "讲话稿".encode("gbk")))
    assert found[0].name.endswith("a.zip/讲话稿.txt")


@pytest.mark.parametrize("member", ["../x.txt", "/etc/x.txt", "a/../../x.txt", "..\\x.txt", "C:\\x.txt"])
def test_paths_that_leave_the_archive_refuse_it_whole(
    make: SimpleNamespace, tmp_path: Path, member: str
) -> None:
    found = read_zip(tmp_path, make.zip({"好.txt": make.speech.encode(), member: b"x"}))
    assert [f.kind for f in found if isinstance(f, Refusal)] == ["hostile"]
    assert len(found) == 1


def test_bombs_locked_and_broken_members(make: SimpleNamespace, tmp_path: Path) -> None:
    assert [
        f.kind for f in read_zip(tmp_path, make.zip({"a.txt": bytes(9 << 20)})) if isinstance(f, Refusal)
    ] == ["bomb"]
    whole = make.zip({"a.txt": make.speech.encode(), "b.txt": make.speech.encode()})
    locked = bytearray(whole)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + offset] |= 1
    broken = bytearray(whole)
    broken[40] ^= 0xFF
    for data, kind in ((bytes(locked), "encrypted"), (bytes(broken), "damaged")):
        found = read_zip(tmp_path, data)
        assert [f.kind for f in found if isinstance(f, Refusal)] == [kind]
        assert sum(isinstance(f, Document) for f in found) == 1
    assert [f.kind for f in read_zip(tmp_path, whole[:-30]) if isinstance(f, Refusal)] == ["damaged"]


def test_a_member_that_hides_its_size_is_not_unpacked_further(make: SimpleNamespace, tmp_path: Path) -> None:
    data = bytearray(make.zip({"a.txt": bytes(9 << 20)}))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        assert archive.infolist()[0].file_size == 1000
    assert [f.kind for f in read_zip(tmp_path, bytes(data)) if isinstance(f, Refusal)] == ["damaged"]


# ------------------------------------------------------------------------------------------ LibreOffice


def test_old_files_need_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UnreadableError, match="needs LibreOffice") as caught:
        read_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc")
    assert caught.value.kind == "tool_missing"


def test_new_word_files_under_an_old_suffix_need_nothing(
    make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    document = read_bytes(make.docx(["同志们："]), "a.wps")
    assert (document.text, document.format) == ("同志们：", "wps")


@pytest.mark.office
def test_old_word_files_are_converted(make: SimpleNamespace, tmp_path: Path) -> None:
    import subprocess

    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    source = tmp_path / "a.docx"
    source.write_bytes(make.docx(make.paragraphs(make.speech)))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "doc", "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    document = read_document(tmp_path / "a.doc")
    assert make.paragraphs(document.text) == make.paragraphs(make.speech)
    assert document.format == "doc"
    with pytest.raises(UnreadableError, match="cannot open"):
        read_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000), "坏.doc")
