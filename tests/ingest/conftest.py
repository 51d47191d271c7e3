"""Documents made on the spot: one speech in every format, and twenty files that must be refused."""

from __future__ import annotations

import html
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

SPEECH = """\
在云岭县防汛工作会议上的讲话

同志们：

今天，我们召开全县防汛工作会议，主要任务是分析形势、部署工作。刚才，水利局通报了前一阶段准备情况，几个乡镇作了发言，讲得都很实在。下面，我讲两点意见。

一、看清形势，把准备做在雨前

今年入汛比往年早，上游水库的底水偏高，沿河的老堤还有几段没有修完。各乡镇要在本周之内把险工险段走一遍，走到哪里、看到什么，当天记下来报县防汛办。

二、压实责任，把人守在岗上

值班的同志要做到电话有人接、险情有人报、群众有人管。县里会随时抽查，查到无人值守的，当场通报。

同志们，雨不等人，让我们早一天准备，为全县群众的平安作出应有的贡献。
"""


def paragraphs(text: str) -> list[str]:
    """The lines that are not blank, without white space: what every format must bring back."""
    return ["".join(line.split()) for line in text.split("\n") if line.strip()]


def docx_bytes(lines: list[str]) -> bytes:
    import docx

    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def html_bytes(lines: list[str], *, encoding: str = "utf-8") -> bytes:
    body = "\n".join(f"<p>{html.escape(line)}</p>" for line in lines)
    page = f'<!DOCTYPE html><html><head><meta charset="{encoding}"><title>网站</title></head><body>{body}</body></html>'
    return page.encode(encoding)


def pdf_bytes(lines: list[str], *, indent: int = 2, gap: float | None = None, password: str = "") -> bytes:
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    style = ParagraphStyle(
        "body",
        fontName="STSong-Light",
        fontSize=14,
        leading=22,
        wordWrap="CJK",
        firstLineIndent=14 * indent,
        spaceAfter=gap if gap is not None else 0 if indent else 8,
    )
    stream = io.BytesIO()
    lock = StandardEncryption(password) if password else None

    def page_number(canvas: object, document: object) -> None:
        canvas.setFont("STSong-Light", 10)  # type: ignore[attr-defined]
        canvas.drawCentredString(297, 30, f"— {document.page} —")  # type: ignore[attr-defined]

    SimpleDocTemplate(stream, encrypt=lock).build(
        [Paragraph(html.escape(line), style) for line in lines],
        onFirstPage=page_number,
        onLaterPages=page_number,
    )
    return stream.getvalue()


def zip_bytes(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def with_part(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A Word file with one of its parts changed."""
    source = zipfile.ZipFile(io.BytesIO(data))
    return zip_bytes({n: change(source.read(n)) if n == part else source.read(n) for n in source.namelist()})


def hostile_docx(entity: str) -> bytes:
    """A Word file whose XML declares ``entity`` and uses it."""

    def poison(xml: bytes) -> bytes:
        declared = xml.replace(b"?>", b"?><!DOCTYPE d [" + entity.encode() + b"]>", 1)
        return declared.replace("同志们".encode(), b"&x;")

    return with_part(docx_bytes(paragraphs(SPEECH)), "word/document.xml", poison)


def bad_files() -> dict[str, tuple[bytes, str]]:
    """Twenty documents by name, each with the kind of refusal that it must get."""
    lines = paragraphs(SPEECH)
    word, pdf = docx_bytes(lines), pdf_bytes(lines)
    ole = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    )
    return {
        "空文件.txt": (b"", "empty"),
        "只有空行.md": (b"\n \n\t\n", "empty"),
        "太大.txt": ("水".encode() * (7 * 1024 * 1024), "too_large"),
        "二进制.txt": (bytes(range(256)) * 40, "binary"),
        "图片改名.txt": (b"\x89PNG\r\n\x1a\n" + bytes(200), "binary"),
        "断在字中.txt": (SPEECH.encode()[:-2], "damaged"),
        "法文.txt": (("Déjà vu à l'été, où ça? Voilà. " * 20).encode("latin-1"), "encoding"),
        "头坏了.md": (b"---\noccasion: [\n---\n" + SPEECH.encode(), "front_matter"),
        "没有正文.md": (b"---\noccasion: flood_control\n---\n\n", "no_text"),
        "空网页.html": (b"<html><head><title>x</title></head><body><script>1</script></body></html>", "no_text"),
        "截断.docx": (word[: len(word) // 2], "damaged"),
        "不是压缩包.docx": ("这是一段普通的文字".encode(), "damaged"),
        "加密.docx": (ole, "encrypted"),
        "外部实体.docx": (hostile_docx('<!ENTITY x SYSTEM "file:///etc/passwd">'), "hostile"),
        "炸弹.docx": (zip_bytes({"word/document.xml": bytes(30 * 1024 * 1024)}), "bomb"),
        "截断.pdf": (pdf[: len(pdf) // 2], "damaged"),
        "加密.pdf": (pdf_bytes(lines, password="secret"), "encrypted"),
        "越界.zip": (zip_bytes({"../../越界.txt": SPEECH.encode()}), "hostile"),
        "炸弹.zip": (zip_bytes({"a.txt": bytes(18 * 1024 * 1024)}), "bomb"),
        "表格.xlsx": (b"PK\x03\x04", "unsupported"),
    }  # fmt: skip


@pytest.fixture
def hostile_folder(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A folder of twenty broken files and a good one (好文件.txt), and the kind that each must be refused with."""
    folder = tmp_path / "材料"
    folder.mkdir()
    kinds = {}
    for name, (data, kind) in bad_files().items():
        (folder / name).write_bytes(data)
        kinds[name] = kind
    (folder / "好文件.txt").write_text(SPEECH, "utf-8")
    return folder, kinds


@pytest.fixture(scope="session")
def seeds() -> list[Path]:
    """The real speeches kept beside the project; tests that need them skip where they are absent."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "seeds"
    found = sorted(folder.glob("*.txt"))
    if not found:
        pytest.skip("the seed speeches (../shared/seeds) are not here")
    return found


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """The builders of this file, for the tests beside it."""
    return SimpleNamespace(
        speech=SPEECH,
        paragraphs=paragraphs,
        docx=docx_bytes,
        html=html_bytes,
        pdf=pdf_bytes,
        zip=zip_bytes,
        with_part=with_part,
        hostile_docx=hostile_docx,
    )
