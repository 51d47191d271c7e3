from __future__ import annotations

from types import SimpleNamespace

import pytest

from rag_speech.errors import InputError, NotFoundError
from rag_speech.ingest.prepare import Prepared, checked_properties, prepare, recipe_of
from rag_speech.ingest.readers import Document, Dropped, UnreadableError
from rag_speech.ingest.records import Action


def made(text: str, **meta: object) -> Prepared:
    return prepare(Document(text, meta, name="a.md"), "a", {}, "r")


def test_removals_that_follow_one_another_are_one_with_signs_for_line_ends(make: SimpleNamespace) -> None:
    page = make.speech + "\n相关文章：\n1.防汛讲话稿3篇\n2.抗旱讲话稿2篇\n"
    (cut,) = [c for c in made(page).item.cuts if c.code == "E-RELATED"]
    assert cut.text == "相关文章：⏎1.防汛讲话稿3篇⏎2.抗旱讲话稿2篇"
    assert cut.before.endswith("贡献。⏎")


def test_parts_of_the_page_are_named_among_the_removals(make: SimpleNamespace) -> None:
    document = Document(make.speech, name="a.html", dropped=(Dropped("首页 栏目", "navigation"),))
    assert prepare(document, "a", {}, "r").item.cuts[0].code == "PAGE:navigation"


def test_political_defects_leave_the_structure_only(make: SimpleNamespace) -> None:
    spoiled = make.speech.replace("雨不等人", "我们要以优异成绩迎接党的十七大胜利召开")
    prepared = made(spoiled)
    assert prepared.item.action is Action.STRUCTURE_ONLY
    assert prepared.speech.structure_only
    assert "十七大" in prepared.item.notes[0]
    assert "structure only" in prepared.item.reason
    assert [h.text for h in prepared.item.outline] == [h.text for h in made(make.speech).item.outline]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("同志们：\n今天开会。", "not_speech"),
        ("他说：“你来了？”她笑道：“来了。”他又问：“吃了吗？”她答：“吃了。”\n" * 30, "fiction"),
    ],
)
def test_what_is_no_speech_is_refused(text: str, kind: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        made(text)
    assert caught.value.kind == kind


def test_front_matter_fills_the_record_and_its_unknown_keys_do_not_matter(make: SimpleNamespace) -> None:
    speech = made(
        make.speech, occasion="防汛抗旱部署会", date="2025-05-08", speaker="县长", colour="red"
    ).speech
    assert (speech.occasion, speech.year, speech.speaker) == ("flood_control", 2025, "县长")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"occasion": "火星会议"}, NotFoundError),
        ({"level": "省"}, InputError),
        ({"year": "去年"}, InputError),
        ({"date": "2025-13-01"}, InputError),
    ],
)
def test_impossible_properties_are_refused(
    make: SimpleNamespace, given: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        checked_properties(given)
    with pytest.raises(UnreadableError, match="front matter is wrong"):
        made(make.speech, **given)


def test_the_recipe_names_the_options_in_any_order() -> None:
    assert (
        recipe_of({"level": "县", "year": 2025}) == recipe_of({"year": 2025, "level": "县"}) != recipe_of({})
    )
