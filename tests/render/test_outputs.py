"""Files by suffix, the list beside them, the provenance page, and the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from typer.testing import CliRunner

from rag_speech.brief.brief import dump_brief, make_brief
from rag_speech.cli import app
from rag_speech.draft.compose import compose
from rag_speech.errors import InputError, NotFoundError, StorageError
from rag_speech.render.copy import load_copy, moved
from rag_speech.render.outputs import check_output, make_look, write_outputs
from rag_speech.render.provenance import provenance_html
from rag_speech.speech.render import render
from rag_speech.trace import Trace
from rag_speech.types import (
    Draft,
    Edit,
    Exemplar,
    FactUse,
    Finding,
    Plan,
    PlannedParagraph,
    Role,
    Section,
    Severity,
    Span,
    Statement,
    Usage,
    Use,
)

PENDING = "讲话人姓名没有写明"
EXEMPLAR = Exemplar(
    "flood_control-01-003",
    "flood_control-01",
    Role.POINT,
    "〔地名〕有水库〔数字〕。",
    "青山县有水库12座。",
    0.03125,
)
TEXTS = {
    "opening": "今年入汛早，雨量<偏多>，形势不容乐观。",
    "1": "全县有小型水库36座，要逐座明确责任人。要赶在6月1日前完成检查。",
    "closing": "让我们共同努力，守住安全底线。",
}


def _section(id_: str, heading: str = "") -> Section:
    return Section(id=id_, heading=heading, paragraphs=(PlannedParagraph(say=f"要写的{id_}", zi=60),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished draft as the writer leaves it."""
    plan = Plan(
        title="在青禾县防汛工作会议上的讲话", caption=("青禾县县长", "（2026年5月8日）"), salutation="同志们：",
        thesis="守住堤", numbering="标题", opening=_section("opening"), transition="下面，我讲一点意见。",
        sections=(_section("1", "压实责任"),), closing=_section("closing"), thanks="谢谢大家！", target_zi=200,
    )  # fmt: skip
    aside = Statement(
        id="S9", text="去年邻县转移群众300人", source="去年总结.docx", use=Use.BACKGROUND, why="说的是往年"
    )
    text = render(compose(plan, TEXTS))
    brief = make_brief(
        {
            "event": "青禾县防汛工作会议",
            "occasion": "flood_control",
            "date": "2026-05-08",
            "facts": ["全县有小型水库36座"],
        }
    )
    at = brief.own_text.index("36座")
    word = text.index("形势")
    draft = Draft(
        plan.title, text, 120, 0.7,
        findings=(
            Finding("K-CLICHE", Severity.P1, Span(word, word + 6), "形势不容乐观", "套话<空>", "写具体"),
            Finding("S-LENGTH", Severity.P2, None, "", "全文偏短"),
        ),
        facts=(
            FactUse("全县有小型水库36座，要逐座明确责任人。", "36座", "figure", "brief", Span(at, at + 3)),
            FactUse("要赶在6月1日前完成检查。", "6月1日", "date", ""),
        ),
        exemplars=(EXEMPLAR,), pending=(PENDING,), withheld=("不点企业的名（县长交代）",), set_aside=(aside,),
        usage=Usage(3, 100, 80, 50, 9.5),
        model="scripted", occasion="flood_control", folder=str(tmp_path),
    )  # fmt: skip
    trace = Trace(
        plan=plan, texts=TEXTS, statements=(aside,), exemplars={"1": (EXEMPLAR,)}, settings={"temperature": "0.7"},
        edits=(Edit(quote="甲", why="乙", replacement="丙"),), refused=((Edit(quote="丁", why="戊"), "稿中没有这句原话"),),
    )  # fmt: skip
    for name, kind, value in (("draft", Draft, draft), ("trace", Trace, trace)):
        (tmp_path / f"{name}.json").write_bytes(TypeAdapter[Any](kind).dump_json(value))
    (tmp_path / "brief.yaml").write_text(dump_brief(brief), "utf-8")
    return tmp_path


@pytest.mark.parametrize("suffix", [".docx", ".html", ".md", ".txt", ".DOCX"])
def test_every_format_has_the_list_beside_it_and_never_inside(folder: Path, suffix: str) -> None:
    output = folder / f"讲话{suffix}"
    written = write_outputs(load_copy(folder), output)
    assert written == (output, folder / "讲话-待核实.txt")
    pending = written[1].read_text("utf-8")
    assert "1. 讲话人姓名没有写明" in pending
    assert "“6月1日”（要赶在6月1日前完成检查。）" in pending
    assert "【必须改】套话<空>" in pending
    assert "去年邻县转移群众300人（材料“去年总结.docx”：说的是往年）" in pending
    assert "不点企业的名（县长交代）" in pending
    if suffix in (".md", ".txt"):
        assert PENDING not in output.read_text("utf-8")
        assert "要逐座明确责任人" in output.read_text("utf-8")
    elif suffix != ".html":
        words = "\n".join(p.text for p in docx.Document(str(output)).paragraphs)
        assert words == load_copy(folder).text
        assert PENDING not in words


def test_nothing_pending_is_said(folder: Path) -> None:
    draft = json.loads((folder / "draft.json").read_text("utf-8"))
    draft |= {"pending": [], "set_aside": [], "withheld": [], "facts": [], "findings": []}
    (folder / "draft.json").write_text(json.dumps(draft), "utf-8")
    write_outputs(load_copy(folder), folder / "a.txt")
    assert (folder / "a-待核实.txt").read_text("utf-8").endswith("没有待核实的事项。\n")


def test_provenance_names_exemplar_source_and_settings(folder: Path) -> None:
    from bs4 import BeautifulSoup

    page = BeautifulSoup(provenance_html(load_copy(folder)), "html.parser")
    row = next(s for s in page.select("section.row") if "小型水库" in s.select_one(".words").text)
    assert row.select_one(".words").text == TEXTS["1"]
    assert row.select_one("summary code").text == "flood_control-01-003"
    assert "得分0.0312" in row.select_one("summary").text
    assert row.select_one("blockquote").text == EXEMPLAR.masked
    assert row.select_one("u").text == "36座"
    assert "任务书：" in row.select_one(".src").text
    assert row.select_one(".none").text == "没有依据"
    assert [m["class"] for m in row.select("mark")] == [["fact"], ["bare"]]
    opening = next(s for s in page.select("section.row") if "今年入汛早" in s.select_one(".words").text)
    assert opening.select_one("mark.P1").text == "形势不容乐观"
    assert "套话<空>" in opening.select_one(".found").text
    frame = next(s for s in page.select("section.row") if "下面，我讲" in s.select_one(".words").text)
    assert "没有用模型" in frame.text
    everything = page.text
    for said in ("全文偏短", PENDING, "scripted", "要写的1", "温度", "3次", "防汛"):
        assert said in everything
    assert EXEMPLAR.original not in everything
    assert not page.select("link, script[src], img, iframe")
    words = [p.text for p in page.select(".words")]
    assert "\n".join(words) == load_copy(folder).text


def test_comments_of_a_draft_are_its_findings(folder: Path) -> None:
    write_outputs(load_copy(folder), folder / "a.docx", make_look(comments=True))
    texts = [c.text for c in docx.Document(str(folder / "a.docx")).comments]
    assert texts == ["【必须改】套话<空>\n建议：写具体", "【应当改】全文偏短"]
    write_outputs(load_copy(folder), folder / "a.docx")
    assert len(docx.Document(str(folder / "a.docx")).comments) == 0


@given(st.text("一二。\n　 ", max_size=30), st.data())
def test_spans_move_with_their_words(old: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(old)))
    end = data.draw(st.integers(start, len(old)))
    new = "\n".join(part.strip() for part in old.split("\n") if part.strip())
    (found,) = moved([Finding("A", Severity.P1, Span(start, end), "", "")], old, new)
    assert found.span is not None
    assert "".join(found.span.of(new).split()) == "".join(old[start:end].split())


@pytest.mark.parametrize("name", ["a", "a.doc", "a.rtf", "a.docx.zip"])
def test_other_suffixes_are_refused_before_anything_is_done(name: str) -> None:
    with pytest.raises(InputError, match=r"use \.docx, \.pdf, \.html, \.md, \.txt"):
        check_output(Path(name))


def test_options_that_do_not_fit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="no profile"):
        make_look("letter")
    with pytest.raises(InputError, match="goes with --profile podium"):
        make_look(size=20)
    with pytest.raises(InputError, match="18 to 24"):
        make_look("podium", size=40)
    with pytest.raises(InputError, match="cannot be read"):
        make_look(template=tmp_path / "no.docx")
    with pytest.raises(InputError, match="go with a Word file"):
        check_output(Path("a.html"), make_look(comments=True))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="LibreOffice"):
        check_output(Path("a.pdf"))
    with pytest.raises(InputError, match="LibreOffice"):
        check_output(Path("a.docx"), make_look(pdf=True))


def test_a_refused_text_leaves_the_old_file(tmp_path: Path) -> None:
    source, output = tmp_path / "a.txt", tmp_path / "a.docx"
    source.write_text("在全县大会上的讲话\n同志们：\n好。", "utf-8")
    write_outputs(load_copy(source), output)
    before = output.read_bytes()
    source.write_text("在全县大会上的讲话\n同志们：\n好\u202e。", "utf-8")
    with pytest.raises(InputError, match=r"U\+202E"):
        write_outputs(load_copy(source), output)
    assert output.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.docx", "a.txt"]
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(StorageError):
        write_outputs(load_copy(tmp_path / "a.docx"), tmp_path / "file" / "b.docx")


def test_what_is_no_draft_is_refused(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFoundError, match="no finished draft"):
        load_copy(tmp_path / "empty")
    speech = tmp_path / "a.txt"
    speech.write_text("在全县大会上的讲话\n同志们：\n好。", "utf-8")
    with pytest.raises(InputError, match="draft folder"):
        provenance_html(load_copy(speech))
    (folder / "trace.json").unlink()
    with pytest.raises(InputError, match="run the same draft command"):
        provenance_html(load_copy(folder))
    (folder / "draft.json").write_text("{", "utf-8")
    with pytest.raises(InputError, match="damaged"):
        load_copy(folder)


def test_command_renders_a_draft_and_a_file(folder: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke
    shown = run(
        app, ["render", str(folder), "-o", str(tmp_path / "a.docx"), "--profile", "podium", "--size", "20"]
    )
    assert shown.exit_code == 0, shown.output
    assert [Path(line).name for line in shown.output.split()] == ["a.docx", "a-待核实.txt"]
    assert docx.Document(str(tmp_path / "a.docx")).styles["讲话正文"].font.size.pt == 20
    source = tmp_path / "b.txt"
    source.write_text("在全县大会上的讲话\n同志们：\n要关心残废人。", "utf-8")
    shown = run(app, ["render", str(source), "-o", str(tmp_path / "b.docx"), "--comments"])
    assert shown.exit_code == 0, shown.output
    assert shown.output.split() == [str(tmp_path / "b.docx")]
    assert any("残疾人" in c.text for c in docx.Document(str(tmp_path / "b.docx")).comments)
    refused = run(app, ["render", str(source), "-o", str(tmp_path / "b.html")])
    assert isinstance(refused.exception, InputError)
