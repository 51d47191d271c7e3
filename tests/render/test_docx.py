"""The Word file: valid, in the looks of GB/T 9704, and the same speech when read back."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag_speech.checks import check
from rag_speech.errors import InputError
from rag_speech.ingest.readers import read_bytes
from rag_speech.render.characters import common_characters, is_rare
from rag_speech.render.docx import MAX_CHARS, render_docx
from rag_speech.render.pinyin import rare_readings
from rag_speech.render.styles import FALLBACKS, GBT9704, Profile, podium
from rag_speech.resources import data_dir
from rag_speech.speech.parse import parse
from rag_speech.speech.render import render
from rag_speech.types import Finding, Severity, Span, Speech
from tests.render.ooxml import W, parts, problems
from tests.strategies import speeches

CORPUS = sorted((data_dir("corpus") / "speeches").glob("*.md"))
EXAMPLE = next(p for p in CORPUS if p.stem == "training_opening-01").read_text("utf-8").split("\n---\n", 1)[1]
SHORT = "在全县大会上的讲话\n同志们：\n今天开会。下面，我讲两点意见。\n一、抓学习\n（一）学理论。要天天学。\n二、抓落实\n要抓落实。\n谢谢大家！"


def read_back(data: bytes) -> Speech:
    return parse(read_bytes(data, "speech.docx").text)


@pytest.mark.parametrize("profile", [GBT9704, podium(), podium(24)], ids=["gbt9704", "podium", "podium-24"])
def test_corpus_comes_back_whole(profile: Profile) -> None:
    for path in CORPUS:
        speech = parse(path.read_text("utf-8").split("\n---\n", 1)[1])
        assert read_back(render_docx(speech, profile=profile)) == speech, path.name


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(speeches(), st.booleans())
def test_any_tree_comes_back(speech: Speech, reading: bool) -> None:
    data = render_docx(speech, profile=podium() if reading else GBT9704)
    assert problems(data) == []
    assert read_back(data) == speech


HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from(
            "一二三、。（）\n\t 　<>&\"']]>\u200b\u200e\u202e\ufeff\x00\x01\x1f\u0085\U0001f600饕餮——“”"
        ),
    ),
    min_size=1,
    max_size=300,
)


@settings(deadline=None, max_examples=150)
@given(HOSTILE, st.booleans())
def test_any_text_is_written_whole_or_refused(text: str, reading: bool) -> None:
    speech = parse("在全县大会上的讲话\n同志们：\n" + text)
    try:
        data = render_docx(speech, profile=podium() if reading else GBT9704)
    except InputError as error:
        assert "U+" in str(error)
        return
    assert problems(data) == []
    back = read_bytes(data, "speech.docx").text
    assert "".join(back.split()) == "".join(render(speech).split()).replace("\u00ad", "")


@pytest.mark.parametrize(
    "character", ["\x00", "\x0b", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ud800", "\ufffe"]
)
def test_characters_no_document_may_carry_are_refused(character: str) -> None:
    speech = Speech(title="在全县大会上的讲话", salutation=f"同志{character}们：")
    with pytest.raises(InputError, match=rf"Line 2 holds .*U\+{ord(character):04X}"):
        render_docx(speech)


def test_a_hundred_thousand_characters_are_rendered() -> None:
    sentence = "要坚持问题导向，把每一件事办实办好。"
    text = "在全县大会上的讲话\n同志们：\n" + "\n".join(
        [sentence * 20] * (100_000 // (20 * len(sentence)) + 1)
    )
    data = render_docx(parse(text))
    assert problems(data) == []
    assert len(read_bytes(data, "speech.docx").text) > 100_000
    assert problems(render_docx(parse("同志们：\n" + "好" * 100_000), profile=podium())) == []


def test_what_is_no_speech_is_refused() -> None:
    with pytest.raises(InputError, match="empty"):
        render_docx(Speech())
    with pytest.raises(InputError, match="not one speech"):
        render_docx(parse("好" * (MAX_CHARS + 1)))


# --------------------------------------------------------------------------- the page


def tree(data: bytes, part: str = "word/document.xml") -> Any:
    return parts(data)[part]


def test_page_is_that_of_the_standard() -> None:
    section = docx.Document(BytesIO(render_docx(parse(EXAMPLE)))).sections[0]
    sizes = {
        "page_width": 210, "page_height": 297, "top_margin": 37, "bottom_margin": 35, "left_margin": 28, "right_margin": 26,
    }  # fmt: skip
    for name, mm in sizes.items():
        assert getattr(section, name).mm == pytest.approx(mm, abs=0.1), name
    grid = tree(render_docx(parse(EXAMPLE))).find(f".//{W}docGrid")
    assert grid.get(f"{W}type") == "linesAndChars"
    assert grid.get(f"{W}linePitch") == "579"
    space = int(grid.get(f"{W}charSpace"))
    assert space == pytest.approx(-849, abs=2)
    assert 28 * (16 + space / 4096) <= 156 / 25.4 * 72
    assert 28 * GBT9704.zi <= 156 / 25.4 * 72 < 29 * GBT9704.zi
    assert 22 * 28.95 <= 225 / 25.4 * 72 < 23 * 28.95


def test_styles_are_those_of_the_standard() -> None:
    document = docx.Document(BytesIO(render_docx(parse(EXAMPLE))))
    expected = {
        "Title": ("方正小标宋简体", 22, "center", None),
        "讲话署名": ("楷体_GB2312", 16, "center", None),
        "Salutation": ("仿宋_GB2312", 16, "left", None),
        "讲话正文": ("仿宋_GB2312", 16, "both", "200"),
        "Heading 1": ("黑体", 16, "both", "200"),
        "Heading 2": ("楷体_GB2312", 16, "both", "200"),
        "Heading 3": ("仿宋_GB2312", 16, "both", "200"),
        "Heading 4": ("仿宋_GB2312", 16, "both", "200"),
    }
    for name, (font, size, align, indent) in expected.items():
        style = document.styles[name]
        element = style.element
        assert element.find(f".//{W}rFonts").get(f"{W}eastAsia") == font
        assert style.font.size.pt == size
        assert not style.font.bold
        assert element.find(f".//{W}jc").get(f"{W}val") == align
        assert (element.find(f".//{W}ind").get(f"{W}firstLineChars") or "0") == (indent or "0")
        if name != "Title":
            assert style.paragraph_format.line_spacing.pt == 28.95
    levels = [
        document.styles[f"Heading {n}"].element.find(f".//{W}outlineLvl").get(f"{W}val") for n in range(1, 5)
    ]
    assert levels == ["0", "1", "2", "3"]


def test_every_run_names_its_east_asian_font() -> None:
    for profile in (GBT9704, podium()):
        data = render_docx(parse(EXAMPLE), profile=profile)
        for name, part in parts(data).items():
            for run in part.iter(f"{W}r"):
                text = "".join(t.text or "" for t in run.findall(f"{W}t"))
                fonts = run.find(f"{W}rPr/{W}rFonts")
                guide = next(run.iterancestors(f"{W}rt"), None) is not None
                if text and not guide and name != "word/comments.xml":
                    assert fonts.get(f"{W}eastAsia") in FALLBACKS, (name, text)
                    assert fonts.get(f"{W}hint") == "eastAsia"
    table = tree(data, "word/fontTable.xml")
    declared = {f.get(f"{W}name"): f.find(f"{W}altName").get(f"{W}val") for f in table.iter(f"{W}font")}
    assert declared == {name: ",".join(others) for name, others in FALLBACKS.items()}


def test_all_is_black_and_nothing_belongs_to_a_statutory_document() -> None:
    data = render_docx(parse(EXAMPLE))
    colours = {e.get(f"{W}val") for t in parts(data).values() for e in t.iter(f"{W}color")}
    assert colours == {"000000"}
    for tag in ("pBdr", "drawing", "pict", "tbl", "framePr"):
        assert not any(True for t in parts(data).values() for _ in t.iter(f"{W}{tag}")), tag
    document = docx.Document(BytesIO(data))
    assert "\n".join(p.text.replace("\n", "") for p in document.paragraphs) == render(parse(EXAMPLE))
    assert not any(name.startswith("word/header") for name in parts(data))


def test_headings_make_the_navigation_pane() -> None:
    document = docx.Document(BytesIO(render_docx(parse(EXAMPLE))))
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert headings == ["一、把办公室这个岗位看清楚", "二、把吃饭的手艺练扎实", "三、把三天的规矩守住"]
    run_in = next(p for p in document.paragraphs if p.text.startswith("（一）写文稿"))
    fonts = [r._r.find(f"{W}rPr/{W}rFonts").get(f"{W}eastAsia") for r in run_in.runs]
    assert run_in.style.name == "讲话正文"
    assert run_in.runs[0].text.startswith("（一）写文稿")
    assert fonts[0] == "楷体_GB2312"
    assert set(fonts[1:]) == {"仿宋_GB2312"}


def test_no_indent_or_break_is_made_of_spaces_or_empty_paragraphs() -> None:
    document = docx.Document(BytesIO(render_docx(parse(EXAMPLE))))
    assert all(p.text == p.text.strip() and p.text for p in document.paragraphs)


def test_page_numbers_are_fields_outside() -> None:
    document = docx.Document(BytesIO(render_docx(parse(EXAMPLE))))
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer
    for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        (paragraph,) = footer.paragraphs
        assert paragraph.text == "— 1 —"
        assert paragraph._p.find(f".//{W}instrText").text == " PAGE "
        assert paragraph._p.find(f".//{W}jc").get(f"{W}val") == align
    centred = docx.Document(BytesIO(render_docx(parse(EXAMPLE), profile=podium())))
    assert not centred.settings.odd_and_even_pages_header_footer
    assert centred.sections[0].footer.paragraphs[0]._p.find(f".//{W}jc").get(f"{W}val") == "center"


def test_properties_say_what_it_is() -> None:
    properties = docx.Document(BytesIO(render_docx(parse(EXAMPLE), subject="开班式"))).core_properties
    assert properties.title == "在砚溪县办公室系统业务培训班开班式上的讲话"
    assert (properties.subject, properties.author, properties.language) == (
        "开班式",
        "砚溪县委常委、县委办公室主任",
        "zh-CN",
    )
    assert "python" not in (properties.comments or "").lower()


# --------------------------------------------------------------------------- the reading copy


def test_common_characters_are_level_one() -> None:
    assert len(common_characters()) == 3755
    assert not any(is_rare(c) for c in "的一是在县委办公室讲话，。A1〇")
    assert all(is_rare(c) for c in "饕餮瓴柃𠮷")


def test_rare_characters_carry_pinyin_once() -> None:
    assert rare_readings("瓴川市") == {0: "líng"}
    assert rare_readings("全县大会") == {}
    data = render_docx(
        parse("在瓴川市大会上的讲话\n同志们：\n瓴川市今天开会。饕餮之风要刹住。"), profile=podium()
    )
    rubies = [
        ("".join(r.find(f"{W}rt").itertext()), "".join(r.find(f"{W}rubyBase").itertext()))
        for r in tree(data).iter(f"{W}ruby")
    ]
    assert rubies == [("líng", "瓴"), ("tāo", "饕"), ("tiè", "餮")]
    assert not list(tree(render_docx(parse(SHORT.replace("全县", "瓴川")))).iter(f"{W}ruby"))


def test_reading_copy_keeps_paragraphs_together_and_marks_minutes() -> None:
    document = docx.Document(BytesIO(render_docx(parse(EXAMPLE), profile=podium())))
    bodies = [p for p in document.paragraphs if p.style.name in ("讲话正文", "讲话接排")]
    assert all(p.style.paragraph_format.keep_together for p in bodies)
    assert all(p.text[-1] in "。！？”" for p in bodies)
    assert bodies[0].style.font.size.pt == 18
    assert document.styles["讲话正文"].paragraph_format.line_spacing.pt == 30
    assert document.styles["Title"].font.size.pt == 24
    marks = [p.text for p in document.paragraphs if p.style.name == "讲话提示"]
    assert len(marks) == 5
    assert marks[0].startswith("全文3145字，约17.5分钟")


# --------------------------------------------------------------------------- comments and templates


def finding(start: int, end: int, message: str = "说法不当") -> Finding:
    return Finding("A-XH", Severity.P1, Span(start, end), "", message, "改掉")


def commented(data: bytes) -> list[str]:
    """Return the words that each comment covers."""
    body = tree(data).find(f"{W}body")
    covered: dict[str, str] = {}
    open_ids: set[str] = set()
    for element in body.iter():
        if element.tag == f"{W}commentRangeStart":
            open_ids.add(element.get(f"{W}id"))
        elif element.tag == f"{W}commentRangeEnd":
            open_ids.discard(element.get(f"{W}id"))
        elif element.tag == f"{W}t":
            for number in open_ids:
                covered[number] = covered.get(number, "") + (element.text or "")
    return [covered[n] for n in sorted(covered, key=int)]


@settings(deadline=None, max_examples=60)
@given(st.data(), st.booleans())
def test_comments_stand_at_their_spans(data: st.DataObject, reading: bool) -> None:
    speech = parse(SHORT)
    text = render(speech)
    spans = data.draw(
        st.lists(st.tuples(st.integers(0, len(text) - 1), st.integers(1, 30)), min_size=1, max_size=6)
    )
    spans = [(start, min(start + size, len(text))) for start, size in spans]
    spans = [s for s in spans if text[s[0] : s[1]].strip()]
    made = render_docx(
        speech, findings=[finding(*s) for s in spans], profile=podium() if reading else GBT9704
    )
    assert problems(made) == []
    assert read_back(made) == speech
    if not reading:
        assert commented(made) == [text[a:b].replace("\n", "") for a, b in spans]


def test_comments_of_the_checks_read_in_chinese() -> None:
    speech = parse(EXAMPLE.replace("同志们，前面提到", "同志们，县委主任布署了工作，前面提到"))
    report = check(render(speech))
    assert report.findings
    document = docx.Document(BytesIO(render_docx(speech, findings=report.findings)))
    texts = [comment.text for comment in document.comments]
    assert len(texts) == len(report.findings)
    assert all(t.startswith("【") for t in texts)
    assert {c.author for c in document.comments} == {"讲话稿检查"}


def house() -> bytes:
    """A house's template: own margins, own styles, a header, and headings numbered by themselves."""
    document = docx.Document()
    document.sections[0].left_margin = docx.shared.Mm(40)
    document.sections[0].header.paragraphs[0].text = "青禾县委办公室"
    document.styles["Heading 1"].font.size = docx.shared.Pt(20)
    document.styles["Body Text"].font.size = docx.shared.Pt(15)
    document.add_paragraph("示例正文要去掉")
    document.add_table(2, 2)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.parametrize("profile", [GBT9704, podium()], ids=["gbt9704", "podium"])
def test_template_lends_page_and_styles(profile: Profile) -> None:
    data = render_docx(parse(EXAMPLE), template=house(), profile=profile)
    assert read_back(data) == parse(EXAMPLE)
    document = docx.Document(BytesIO(data))
    assert document.sections[0].left_margin.mm == pytest.approx(40, abs=0.1)
    assert document.sections[0].header.paragraphs[0].text == "青禾县委办公室"
    styles = {p.text[:4]: p.style for p in document.paragraphs}
    assert styles["一、把办"].name == "Heading 1"
    assert styles["一、把办"].font.size.pt == 20
    assert styles["今天，我"].name == "Body Text"
    assert styles["同志们："].name == "Salutation"
    assert "示例正文" not in "".join(p.text for p in document.paragraphs)
    assert not document.tables
    numbered = next(p for p in document.paragraphs if p.style.name == "Heading 1")
    assert numbered._p.find(f".//{W}numId").get(f"{W}val") == "0"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_what_is_no_template_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        render_docx(parse(SHORT), template=data)


def test_a_title_with_its_occasion_comes_back_as_title_and_subtitle() -> None:
    speech = Speech(title="把答卷写在回去以后——在栾陵市第三期中青年干部培训班上的讲话", salutation="同志们：")
    back = read_back(render_docx(speech))
    assert (back.title, back.subtitle) == ("把答卷写在回去以后", "——在栾陵市第三期中青年干部培训班上的讲话")
