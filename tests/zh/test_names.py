"""Names begin and end where words do; ordinary words are none; gold text of others says how many are found."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from rag_speech.zh.entities import entities
from rag_speech.zh.name_forms import ORGANISATION, PERSON, PLACE
from rag_speech.zh.names import local_places, organisations, persons, places
from rag_speech.zh.tagger import tagged

_GOLD = Path(__file__).resolve().parents[3] / "shared" / "text" / "news.jsonl"
_SPEECHES = Path(__file__).resolve().parents[2] / "corpus" / "speeches"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("县委书记陈立群、县长王海涛出席。", ["陈立群", "王海涛"]),
        ("请王书记和刘局长到台上来。", ["王", "刘"]),
        ("李建国同志主持，请局长陈明作说明。", ["李建国", "陈明"]),
        ("李鹏乔石李瑞环朱镕基出席。", ["李鹏", "乔石", "李瑞环", "朱镕基"]),
        ("要学习焦裕禄、孔繁森。", ["焦裕禄", "孔繁森"]),
    ],
)
def test_persons(text: str, named: list[str]) -> None:
    assert [c.text for c in persons(text)] == named


@pytest.mark.parametrize(
    "text",
    [
        "白事要有人张罗，邻里有人劝。",
        "能办的章子带过来，先办。",
        "好苗子谁家育的，一查便知。",
        "话也说不周全，先请大家原谅。",
        "我们的项目库里，有41个项目。",
        "给大家深深鞠一躬。",
        "各位老领导、各位老同志，某镇刘某也来了。",
        "高度重视，安全生产，全面贯彻落实。",
        "向前看、向上走，任何同志都不例外。",
    ],
)
def test_ordinary_words_are_no_persons(text: str) -> None:
    assert persons(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "城中村和老城区都要改造。",
        "会前县气象局作了通报，会同县司法局办理。",
        "各位来宾，沿河村庄、受益村民都来了。",
        "我县平安县建设要长治久安，延安精神永放光芒。",
        "包村干部住村，通组路修到门口。",
    ],
)
def test_kinds_of_places_are_no_places(text: str) -> None:
    assert [*places(text), *local_places(text)] == []


def test_a_body_that_every_county_has_names_its_place_only() -> None:
    text = "我代表青岭县委、县政府，向县农业农村局、人民医院的同志问好。"
    assert [c.text for c in places(text)] == ["青岭县"]
    assert organisations(text) == []
    assert [c.text for c in organisations("国轩集团和皖北煤电集团公司参加。")] == [
        "国轩集团",
        "皖北煤电集团公司",
    ]


def test_countries_run_together_are_taken_apart() -> None:
    assert [c.text for c in places("中美两国和中俄关系")] == ["中", "美", "中", "俄"]


def test_tags_tile_the_text_and_a_repeated_text_is_read_once() -> None:
    text = "青禾县浦坪镇石桥村的张大爷说，路修好了。" * 40
    words = tagged(text)
    assert "".join(w.span.of(text) for w in words) == text
    assert {e.text for e in entities(text)} >= {"青禾县"}


@pytest.mark.skipif(not _GOLD.is_file(), reason="the gold text of others is not here")
def test_recall_and_precision_on_gold_text_of_others() -> None:
    gold: Counter[str] = Counter()
    found: Counter[str] = Counter()
    wrong = size = 0
    for line in _GOLD.read_text("utf-8").splitlines():
        row = json.loads(line)
        text, marked = row["text"], row["entities"]
        got = entities(text)
        size += len(text)
        for start, end, kind in marked:
            gold[kind] += 1
            found[kind] += any(e.kind == kind and e.span.start < end and start < e.span.end for e in got)
        wrong += sum(not any(e.span.start < b and a < e.span.end for a, b, _ in marked) for e in got)
    share = {kind: found[kind] / gold[kind] for kind in gold}
    assert share[PERSON] >= 0.85
    assert share[PLACE] >= 0.85
    assert share[ORGANISATION] >= 0.7
    assert wrong <= size / 10_000
