from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from rag_speech.brief.brief import Brief, dump_brief, load_brief, make_brief
from rag_speech.errors import BriefError, RagSpeechError
from rag_speech.zh.text import count_zi

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
        (
            {"event": "会议", "speaker_role": "县长"},
            ["unknown key 'speaker_role'", "did you mean 'speaker'?"],
        ),
        ({"event": "会议", "free_text": "快点"}, ["unknown key 'free_text'", "did you mean 'words'?"]),
        ({"event": "会议", "occasion_zh": "开班式"}, ["did you mean 'occasion'?"]),
        ({"event": "会议", "must_not": ["点名"]}, ["did you mean 'avoid'?"]),
        ({"event": "会议", "outlines": "一、"}, ["did you mean 'outline'?"]),
        ({"event": "会议", "facts": [{"txt": "通车"}]}, ["facts", "'must_use'"]),
        ({"event": "会议", "facts": [{"text": "通车", "must_use": "maybe"}]}, ["facts", "true or false"]),
        ({"event": "会议", "facts": 3}, ["facts", "a list"]),
        ({"event": "会议", "words": "字" * 4001}, ["words", "4000"]),
        ({"event": "会议", "materials": "通知.txt"}, ["materials", "a mapping with name and text"]),
        ({"event": "会议", "materials": 3}, ["materials"]),
    ],
)
def test_an_impossible_value_gets_one_sentence(data: dict[str, object], words: list[str]) -> None:
    with pytest.raises(BriefError) as error:
        make_brief(data)
    message = str(error.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_a_caller_of_the_library_gets_the_same_sentence() -> None:
    with pytest.raises(RagSpeechError, match="greater than 0"):
        Brief(event="会议", minutes=0)
    with pytest.raises(ValidationError, match="minutes"):
        Brief.model_validate({"event": "会议", "minutes": 0})


def test_facts_that_may_be_used_stand_apart() -> None:
    facts = [
        "清淤渠道18公里",
        {"text": "整修山塘24口", "must_use": False},
        {"text": "资金到位", "must_use": True},
    ]
    brief = make_brief({"event": "水利现场会", "facts": facts, "may_use": "新打机井3眼"})
    assert brief.facts == ("清淤渠道18公里", "资金到位")
    assert brief.may_use == ("新打机井3眼", "整修山塘24口")
    assert "整修山塘24口" in brief.own_text
    assert make_brief(brief.model_dump(exclude_defaults=True)) == brief


def test_a_list_written_as_lines_is_a_list() -> None:
    brief = make_brief({"event": "水利现场会", "outline": "一、看进度\n\n二、看质量\n", "points": "抓质量"})
    assert (brief.outline, brief.points) == (("一、看进度", "二、看质量"), ("抓质量",))


def test_words_are_kept_and_are_no_source_of_facts() -> None:
    brief = Brief(event="水利现场会", words="县长讲一刻钟，别点名")
    assert brief.words == "县长讲一刻钟，别点名"
    assert "别点名" not in brief.own_text


def test_a_material_may_be_given_as_its_text(tmp_path: Path) -> None:
    text = "【会议通知】会议定于6月1日召开。\n参会人员120人。\n"
    assert [(m.name, m.text) for m in Brief(event="会议", materials=text).materials] == [("材料1", text)]
    long = "参会人员120人。" * 30
    path = tmp_path / "brief.yaml"
    (tmp_path / "纪要.txt").write_text("议定事项三条。\n", encoding="utf-8")
    content = {"event": "会议", "materials": [text, long, "纪要.txt", {"name": "函", "text": "短"}]}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    assert [m.name for m in load_brief(path).materials] == ["材料1", "材料2", "纪要.txt", "函"]


def test_long_materials_are_accepted(tmp_path: Path) -> None:
    text = "本年度完成渠道清淤18公里，整修山塘24口。\n" * 5000
    path = tmp_path / "brief.yaml"
    path.write_text(
        yaml.safe_dump({"event": "会议", "materials": text}, allow_unicode=True), encoding="utf-8"
    )
    assert count_zi(load_brief(path).materials[0].text) >= 100_000
    assert Brief(event="会议", materials=text).materials[0].text == text


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
