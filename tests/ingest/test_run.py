from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from rag_speech.embed.hashing import HashEmbedder
from rag_speech.errors import InputError
from rag_speech.ingest.readers import Document
from rag_speech.ingest.records import Action, IngestItem
from rag_speech.ingest.run import ingest
from rag_speech.retrieve.library import Library

OTHER = """\
在栖岭县重阳节座谈会上的讲话

各位老领导、老同志：

又是一年重阳到。今天请大家回来坐一坐，一来当面问候，二来把县里一年的事情说给大家听。

过去一年，老同志们走村入户讲政策、劝架息争，有人还把自己种了几十年的果园让出来给年轻人学手艺。这些事，县委都记着。

祝各位老领导、老同志身体健康、晚年幸福！
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library", HashEmbedder())


def actions(items: tuple[IngestItem, ...]) -> list[str]:
    return [item.action.value for item in items]


def contents(library: Library) -> list[tuple[str, str, int]]:
    return [(s.id, library.get(s.id).text, len(library.chunks(s.id))) for s in library.speeches()]


def test_a_document_is_cleaned_understood_stored_and_found(
    library: Library, make: SimpleNamespace, tmp_path: Path
) -> None:
    dirty = (
        "来源：某某文秘网  更新时间：2024-05-06 10:00:00\n"
        + make.speech
        + "\n相关文章：\n防汛工作会议讲话稿3篇\n"
    )
    (tmp_path / "防汛.txt").write_bytes(dirty.encode("gb18030"))
    report = ingest([tmp_path / "防汛.txt"], library)
    (item,) = report.items
    assert item.action is Action.ADDED
    assert (item.occasion, item.level) == ("flood_control", "县")
    assert {cut.code for cut in item.cuts} >= {"E-META", "E-RELATED"}
    assert [h.text for h in item.outline] == ["看清形势，把准备做在雨前", "压实责任，把人守在岗上"]
    assert item.chars < item.original_chars
    stored = library.get(item.speech_id)
    assert "文秘网" not in stored.text
    assert "文秘网" in stored.original
    assert "同志们，雨不等人" in stored.text
    chunks = library.chunks(item.speech_id)
    assert sum(item.chunks.values()) == len(chunks)
    assert all(chunk.span.of(stored.text) == chunk.text for chunk in chunks)
    assert library.search("值班的同志要做到什么", k=1)[0].chunk.speech_id == item.speech_id


def test_a_second_run_adds_only_what_changed(library: Library, make: SimpleNamespace, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(make.speech, "utf-8")
    (folder / "b.txt").write_text(OTHER, "utf-8")
    assert actions(ingest([folder], library).items) == ["added", "added"]
    before = contents(library)
    assert actions(ingest([folder], library).items) == ["unchanged", "unchanged"]
    assert contents(library) == before
    (folder / "b.txt").write_text(OTHER.replace("果园", "茶园"), "utf-8")
    assert actions(ingest([folder], library).items) == ["unchanged", "updated"]
    assert [row[0] for row in contents(library)] == [row[0] for row in before]
    assert "茶园" in library.get("b").text


def test_the_same_speech_in_another_place_or_format_is_a_duplicate(
    library: Library, make: SimpleNamespace, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(make.speech, "utf-8")
    (folder / "b.txt").write_text(make.speech, "utf-8")
    (folder / "c.docx").write_bytes(make.docx(make.paragraphs(make.speech)))
    report = ingest([folder], library)
    assert actions(report.items) == ["added", "duplicate", "duplicate"]
    assert [item.kind for item in report.items] == ["", "same_file", "same_words"]
    assert "stored as a" in report.items[2].reason
    assert len(library.speeches()) == 1


def test_overrides_beat_front_matter_and_front_matter_beats_guesses(
    library: Library, make: SimpleNamespace, tmp_path: Path
) -> None:
    path = tmp_path / "a.md"
    path.write_text("---\noccasion: work_safety\nlevel: 市\nplace: 云岭市\n---\n" + make.speech, "utf-8")
    item = ingest([path], library).items[0]
    stored = library.get(item.speech_id)
    assert (stored.occasion, stored.level, stored.place) == ("work_safety", "市", "云岭市")
    item = ingest([path], library, overrides={"level": "区"}).items[0]
    assert item.action is Action.UPDATED
    assert library.get(item.speech_id).level == "区"
    assert library.get(item.speech_id).occasion == "work_safety"
    assert {g.source for g in item.guesses if g.name in ("level", "occasion")} == {"given"}


def test_a_wrong_property_is_refused_before_or_with_its_document(
    library: Library, make: SimpleNamespace, tmp_path: Path
) -> None:
    path = tmp_path / "a.md"
    path.write_text("---\noccasion: 不存在的场合\n---\n" + make.speech, "utf-8")
    (item,) = ingest([path], library).items
    assert (item.action, item.kind) == (Action.REFUSED, "front_matter")
    with pytest.raises(InputError, match="Unknown property"):
        ingest([path], library, overrides={"colour": "red"})
    with pytest.raises(InputError, match="Unknown occasion"):
        ingest([path], library, overrides={"occasion": "不存在的场合"})


def test_a_dry_run_tells_all_and_stores_nothing(
    library: Library, make: SimpleNamespace, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(make.speech, "utf-8")
    report = ingest([tmp_path / "a.txt"], library, dry_run=True)
    assert report.dry_run
    assert actions(report.items) == ["added"]
    assert library.speeches() == []


def test_near_duplicates_are_one_family_and_never_found_together(
    library: Library, make: SimpleNamespace, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(make.speech, "utf-8")
    (tmp_path / "b.txt").write_text(make.speech.replace("云岭县", "栖岭县").replace("两点", "几点"), "utf-8")
    report = ingest([tmp_path / "a.txt", tmp_path / "b.txt"], library)
    assert actions(report.items) == ["added", "added"]
    assert report.items[1].near == ("a",)
    first, second = library.speeches()
    assert first.family == second.family != ""
    hits = library.search("今年入汛比往年早，上游水库的底水偏高", k=5, role=None)
    assert len({hit.chunk.family for hit in hits}) == len(hits)


def test_a_text_that_breaks_the_parser_is_refused_and_the_rest_goes_in(
    library: Library, make: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import rag_speech.ingest.run as run

    whole = run.prepare

    def fragile(document: Document, *rest: object) -> object:
        if "重阳" in document.text:
            raise RecursionError("too deep")
        return whole(document, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "prepare", fragile)
    (tmp_path / "a.txt").write_text(OTHER, "utf-8")
    (tmp_path / "b.txt").write_text(make.speech, "utf-8")
    report = ingest([tmp_path / "a.txt", tmp_path / "b.txt"], library)
    assert actions(report.items) == ["refused", "added"]
    assert report.items[0].kind == "crashed"


def test_twenty_broken_files_do_not_stop_the_good_one(
    library: Library, hostile_folder: tuple[Path, dict[str, str]]
) -> None:
    folder, kinds = hostile_folder
    report = ingest([folder], library)
    assert {Path(item.name).name: item.kind for item in report.refused} == kinds
    assert library.search("值班的同志要做到什么", k=1)[0].chunk.speech_id == "好文件"


def test_the_seeds_are_understood_alike_in_every_format(
    library: Library, seeds: list[Path], make: SimpleNamespace, tmp_path: Path
) -> None:
    for seed in seeds:
        text = seed.read_text("utf-8")
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        for name, data in {
            "a.txt": text.encode("utf-8"),
            "b.txt": text.encode("gb18030"),
            "c.docx": make.docx(lines),
            "d.html": make.html(lines),
            "e.pdf": make.pdf(lines),
            "f.pdf": make.pdf(lines, indent=0),
        }.items():
            (tmp_path / name).write_bytes(data)
        items = [
            ingest([tmp_path / n], library, dry_run=True).items[0]
            for n in ("a.txt", "b.txt", "c.docx", "d.html", "e.pdf", "f.pdf")
        ]
        for item in items[1:]:
            assert item.outline == items[0].outline, (seed.name, item.name)
            assert (item.occasion, item.level, item.chars) == (
                items[0].occasion,
                items[0].level,
                items[0].chars,
            )


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals")
def test_a_killed_run_loses_and_doubles_nothing(make: SimpleNamespace, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(60):
        text = make.speech.replace("云岭县", f"云岭{number}县").replace("老堤", f"第{number}段老堤")
        (folder / f"{number:02d}.txt").write_text(text, "utf-8")
    code = (
        "import sys; from pathlib import Path; from rag_speech.embed.hashing import HashEmbedder;"
        "from rag_speech.retrieve.library import Library; from rag_speech.ingest.run import ingest;"
        "library = Library(Path(sys.argv[1]), HashEmbedder());"
        "print('ready', flush=True);"
        "ingest([Path(sys.argv[2])], library, progress=lambda item: print(item.name, flush=True))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "library"), str(folder)]
    kept = 0
    for stop_after in (3, 11):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path.cwd())
        assert process.stdout is not None
        for _ in range(stop_after + 1):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        with Library(tmp_path / "library", HashEmbedder()) as library:
            ids = [s.id for s in library.speeches()]
            assert len(ids) == len(set(ids)) >= min(stop_after, 60)
            assert len(ids) >= kept
            kept = len(ids)
    with Library(tmp_path / "library", HashEmbedder()) as library:
        report = ingest([folder], library)
        assert len(library.speeches()) == 60
        assert report.counts()["unchanged"] == kept
        assert report.counts()["added"] == 60 - kept
        assert library.search("今年入汛比往年早", k=3)
    with (
        Library(tmp_path / "fresh", HashEmbedder()) as fresh,
        Library(tmp_path / "library", HashEmbedder()) as library,
    ):
        ingest([folder], fresh)
        assert contents(fresh) == contents(library)
