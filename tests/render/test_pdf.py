"""The page measured in the PDF that LibreOffice makes: margins, type, lines, page numbers."""

from __future__ import annotations

import re
import shutil
from collections import Counter, defaultdict
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest

from rag_speech.brief.brief import load_brief
from rag_speech.config import Settings
from rag_speech.llm.scripted import ScriptedLLM
from rag_speech.render.docx import render_docx
from rag_speech.render.pdf import docx_to_pdf
from rag_speech.render.styles import GBT9704, Profile, podium
from rag_speech.resources import data_dir
from rag_speech.retrieve.library import Library
from rag_speech.speech.parse import parse
from rag_speech.types import Finding, Severity, Span
from rag_speech.writer import SpeechWriter

pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(
        not (shutil.which("soffice") or shutil.which("libreoffice")), reason="needs LibreOffice"
    ),
]
MM = 72 / 25.4
EXAMPLES = ("training_opening-01", "flood_control-01", "commendation-02")
DRAFTS = ("01-county-office-training", "04-city-secretaries")
ABOVE_BASELINE = 0.8
"""Share of an exact line that LibreOffice, like Word, puts above the baseline."""


@dataclass
class Row:
    """A line of print: its baseline from the top of the page and its characters from the left, in points."""

    baseline: float
    chars: list[Any]

    @property
    def text(self) -> str:
        return "".join(c["text"] for c in self.chars)


def pages(data: bytes) -> list[list[Row]]:
    import pdfplumber

    out = []
    with pdfplumber.open(BytesIO(data)) as pdf:
        for page in pdf.pages:
            rows: dict[float, list[Any]] = defaultdict(list)
            for c in page.chars:
                rows[round(float(page.height) - c["matrix"][5], 1)].append(c)
            out.append([Row(y, sorted(rows[y], key=lambda c: c["x0"])) for y in sorted(rows)])
    return out


@pytest.fixture(scope="module")
def made(corpus_library: Library) -> dict[str, bytes]:
    speeches = {
        n: parse((data_dir("corpus") / "speeches" / f"{n}.md").read_text("utf-8").split("\n---\n", 1)[1])
        for n in EXAMPLES
    }
    writer = SpeechWriter(Settings(), llm=ScriptedLLM(), library=corpus_library)
    for name in DRAFTS:
        speeches[name] = parse(writer.draft(load_brief(data_dir("examples") / f"{name}.yaml")).text)
    out = {name: docx_to_pdf(render_docx(speech)) for name, speech in speeches.items()}
    out["podium"] = docx_to_pdf(render_docx(speeches["training_opening-01"], profile=podium()))
    return out


def family(char: Any) -> str:
    return str(char["fontname"]).split("+")[-1]


@pytest.mark.parametrize("name", EXAMPLES + DRAFTS)
def test_page_is_that_of_the_standard(made: dict[str, bytes], name: str) -> None:
    found = pages(made[name])
    zi = sum(len(c["text"].strip()) for page in found for row in page for c in row.chars)
    assert len(found) == pytest.approx(zi / (28 * 22), abs=2.5)
    full = next(page for page in found[1:] if len(page) == 23)
    turn = found.index(full) + 1
    body, number = full[:-1], full[-1]
    assert re.fullmatch(rf"— ?{turn} ?—", number.text.strip())
    assert len(body) == 22
    for before, after in pairwise(body):
        assert after.baseline - before.baseline == pytest.approx(28.95, abs=0.5)
    assert body[0].baseline - ABOVE_BASELINE * 28.95 == pytest.approx(37 * MM, abs=MM)
    bottom = body[-1].baseline + (1 - ABOVE_BASELINE) * 28.95
    assert 297 * MM - bottom == pytest.approx(35 * MM, abs=MM)
    assert min(row.chars[0]["x0"] for row in body) == pytest.approx(28 * MM, abs=MM)
    justified = [row for row in body if len(row.chars) > 25]
    edges = Counter(
        round(row.chars[-1]["x1"] / MM) for row in justified if row.chars[-1]["text"] not in "，。、；：”"
    )
    assert edges.most_common(1)[0][0] == pytest.approx(210 - 26, abs=1)


@pytest.mark.parametrize("name", EXAMPLES)
def test_lines_hold_28_characters(made: dict[str, bytes], name: str) -> None:
    plain = [
        len(row.text)
        for page in pages(made[name])
        for row in page
        if re.fullmatch(r"[一-鿿，。、；：“”！？]{20,}", row.text) and row.chars[-1]["x1"] > 182 * MM
    ]
    assert max(plain) in (28, 29)  # the 29th is a stop that hangs in the margin
    unindented = [n for n in plain if n > 26]
    assert Counter(unindented).most_common(1)[0][0] == 28


@pytest.mark.parametrize("name", EXAMPLES)
def test_type_is_that_of_the_standard(made: dict[str, bytes], name: str) -> None:
    found = pages(made[name])
    sizes = Counter(round(c["size"], 1) for page in found for row in page for c in row.chars)
    assert set(sizes) == {22.0, 16.0, 14.0}
    title = found[0][0]
    assert {round(c["size"], 1) for c in title.chars} == {22.0}
    left, right = title.chars[0]["x0"], title.chars[-1]["x1"]
    assert (left + right) / 2 == pytest.approx((28 + 156 / 2) * MM, abs=MM)
    heading = next(row for page in found for row in page if row.text.startswith("一、"))
    body = next(row for page in found[1:] for row in page if len(row.text) > 26)
    caption = found[0][2]
    flush = next(row for row in found[0] if row.text.startswith("同志们"))
    assert heading.chars[0]["x0"] - flush.chars[0]["x0"] == pytest.approx(2 * GBT9704.zi, abs=0.5)
    assert family(heading.chars[1]) != family(body.chars[1])
    assert "Sans" in family(heading.chars[1])
    assert "Serif" in family(body.chars[1])
    if shutil.which("fc-list") and "UKai" in family(caption.chars[1]):
        assert family(caption.chars[1]) not in (family(body.chars[1]), family(heading.chars[1]))


def test_page_numbers_stand_outside_below_the_text(made: dict[str, bytes]) -> None:
    import pypdfium2

    found = pages(made["training_opening-01"])
    odd, even = found[2][-1], found[1][-1]
    assert odd.chars[-1]["x1"] == pytest.approx(184 * MM - 14, abs=MM)
    assert even.chars[0]["x0"] == pytest.approx(28 * MM + 14, abs=MM)
    assert {round(c["size"], 1) for c in (*odd.chars, *even.chars)} == {14.0}
    scale = 8
    page = pypdfium2.PdfDocument(made["training_opening-01"])[1]
    image = page.render(scale=scale).to_pil().convert("L")
    dash = even.chars[0]
    box = [int(v * scale) for v in (dash["x0"] + 1, 262 * MM, dash["x1"] - 1, 280 * MM)]
    strip = image.crop(tuple(box))
    dark = [y for y in range(strip.height) if min(strip.getpixel((x, y)) for x in range(strip.width)) < 128]
    assert dark
    below = (dark[0] + dark[-1]) / 2 / scale / MM
    assert below == pytest.approx(7, abs=1)


def test_reading_copy_turns_pages_between_sentences(made: dict[str, bytes]) -> None:
    found = pages(made["podium"])
    sizes = Counter(round(c["size"], 1) for page in found for row in page for c in row.chars)
    assert set(sizes) == {24.0, 18.0, 14.0, 12.0, 9.0}  # 9 pt is pinyin
    for page in found:
        assert page[-2].text.strip()[-1] in "。！？”：", page[-2].text
        steps = [b.baseline - a.baseline for a, b in pairwise(page)]
        assert Counter(round(s) for s in steps).most_common(1)[0][0] == 30


def test_podium_sizes_reach_24() -> None:
    text = "在瓴川市大会上的讲话\n同志们：\n" + "饕餮之风要坚决刹住。" * 30
    data = docx_to_pdf(render_docx(parse(text), profile=podium(24)))
    sizes = Counter(round(c["size"], 1) for page in pages(data) for row in page for c in row.chars)
    assert sizes.most_common(1)[0][0] == 24.0


@pytest.mark.parametrize("profile", [GBT9704, podium()], ids=["gbt9704", "podium"])
def test_hostile_text_with_comments_opens(profile: Profile) -> None:
    text = (
        "在“全县”<大会>&上的讲话\n同志们：\n\U0001f600\u200e\u200f饕餮]]>&amp;<w:t>\t一是"
        + "长" * 3000
        + "\n谢谢大家！"
    )
    findings = [
        Finding("A-XH", Severity.P1, Span(3, 40), "", "有<问题>&", "改掉"),
        Finding("S", Severity.P2, None, "", "缺少"),
    ]
    data = docx_to_pdf(render_docx(parse(text), findings=findings, profile=profile))
    assert "谢谢大家！" in "".join(row.text for page in pages(data) for row in page)


@pytest.mark.parametrize("name", DRAFTS)
def test_the_picture_of_a_page_has_its_ink_inside_the_margins(made: dict[str, bytes], name: str) -> None:
    import numpy as np
    import pypdfium2

    document = pypdfium2.PdfDocument(made[name])
    bitmap = document[0].render(scale=2, grayscale=True)
    grey = np.array(bitmap.to_numpy()).reshape(bitmap.height, bitmap.width)
    document.close()
    ink = np.argwhere(grey < 128)
    (top, left), (bottom, right) = ink.min(axis=0) / 2 / MM, ink.max(axis=0) / 2 / MM
    assert left >= 28 - 1 and right <= 210 - 26 + 1
    assert top >= 37 - 1 and bottom <= 297 - 20
    assert len(ink) > 5_000
