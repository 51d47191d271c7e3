from __future__ import annotations

from pathlib import Path

import pytest

from rag_speech.brief.brief import Brief, dump_brief, load_brief, make_brief
from rag_speech.errors import BriefError

REPO = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"event": "会议", "minute": 8}, ["unknown key 'minute'", "'minutes'"]),
        ({"event": "会议", "minutes": 0}, ["minutes", "greater than 0"]),
        ({"event": "会议", "minutes": 600}, ["minutes", "60"]),
        ({"event": "会议", "chars": 200_000}, ["chars", "10800"]),
        ({"event": "会议", "occasion": "flod_control"}, ["occasion", "flood_control"]),
        ({"event": "会议", "level": "国"}, ["level", "'市'"]),
        ({"event": "会议", "date": "2026-13-40"}, ["date"]),
        ({"minutes": 8}, ["event"]),
        ({"event": ["a"]}, ["event"]),
    ],
)
def test_an_impossible_value_gets_one_sentence(data: dict[str, object], words: list[str]) -> None:
    with pytest.raises(BriefError) as error:
        make_brief(data)
    message = str(error.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(BriefError, match=r"minutes.*; chars"):
        make_brief({"event": "会议", "minutes": -1, "chars": 3})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\x00\x01\x02\xff", "not text"),
        (b"- a\n- b\n", "must be a mapping"),
        (b"event: [", "not valid YAML"),
    ],
)
def test_a_bad_file_is_refused_with_its_name(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "brief.yaml"
    path.write_bytes(content)
    with pytest.raises(BriefError, match=words) as error:
        load_brief(path)
    assert "brief.yaml" in str(error.value)


def test_a_missing_brief_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(BriefError, match="does not exist"):
        load_brief(tmp_path / "none.yaml")
    with pytest.raises(BriefError, match="is a folder"):
        load_brief(tmp_path)


def test_gbk_is_read(tmp_path: Path) -> None:
    path = tmp_path / "brief.yaml"
    path.write_bytes("event: 全县防汛工作会议\nminutes: 10\n".encode("gbk"))
    assert load_brief(path).event == "全县防汛工作会议"


def test_json_with_materials_beside_it(tmp_path: Path) -> None:
    (tmp_path / "通知.txt").write_text("会议定于6月1日召开，参会人员120人。\n", encoding="utf-8")
    path = tmp_path / "brief.json"
    path.write_text('{"event": "全县防汛工作会议", "materials": ["通知.txt"]}', encoding="utf-8")
    (material,) = load_brief(path).materials
    assert (material.name, "120人" in material.text) == ("通知.txt", True)


@pytest.mark.parametrize("path", sorted((REPO / "examples").glob("*.yaml")), ids=lambda p: p.stem)
def test_examples_load_and_survive_dumping(path: Path, tmp_path: Path) -> None:
    brief = load_brief(path)
    copy = tmp_path / "copy.yaml"
    copy.write_text(dump_brief(brief), encoding="utf-8")
    assert load_brief(copy) == brief
    assert brief.facts and brief.resolved_occasion is not None


@pytest.mark.parametrize(
    ("fields", "target"),
    [({"minutes": 8}, 1440), ({"minutes": 8, "chars": 1000}, 1000), ({"occasion": "signing"}, 700)],
)
def test_target_length(fields: dict[str, object], target: int) -> None:
    assert Brief(event="签约仪式", **fields).target_chars == target  # type: ignore[arg-type]
