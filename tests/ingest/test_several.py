"""A page with several speeches becomes several documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag_speech.ingest.readers import Document, read_document
from rag_speech.ingest.records import Action
from rag_speech.ingest.run import ingest
from rag_speech.ingest.several import speeches_of
from rag_speech.retrieve.library import Library

_BODIES = (
    "同志们：\n今天，我们召开全县防汛工作会议，主要任务是分析形势、部署工作，把各项准备做在雨前。\n一、看清形势\n今年入汛比往年早，上游水库底水偏高，沿河老堤还有几段没有修完，大家要心里有数。\n二、压实责任\n值班的同志要做到电话有人接、险情有人报、群众有人管，查到无人值守的当场通报。\n谢谢大家！",
    "老师们、同学们：\n大家上午好！新学期开始了，校园里又响起了读书声，我代表学校欢迎新来的三十二位老师。\n一要爱学习\n把每一节课上好，把每一道题弄懂，把每一本书读透，日积月累，必有收获。\n二要爱劳动\n自己的桌子自己擦，自己的校园自己扫，在劳动里长本领，在劳动里懂珍惜。\n谢谢大家！",
    "乡亲们：\n修路的事，今天给大家一个准信：钱筹到了，图画好了，队伍下星期一进场，三个月完工。\n路修好以前，拉货的车绕道走，给大家添麻烦了，请多担待。路边的树，一棵也不乱砍。\n账目每半个月贴一次，贴在村部门口，哪一笔看不明白，来问我，我给大家讲清楚。\n谢谢大家！",
)
MARKS = (
    ("讲话稿 篇1", "讲话稿 篇2", "讲话稿 篇3"),
    ("篇一：在防汛会议上的讲话", "篇二：开学典礼致辞", "篇三：村民大会上的讲话"),
    ("【篇1】", "【篇2】", "【篇3】"),
    ("演讲比赛领导开场致辞(汇总16篇)篇一", "演讲比赛领导开场致辞(汇总16篇)篇二", "演讲比赛领导开场致辞(汇总16篇)篇三"),
    ("第一篇：防汛会议讲话", "第二篇：开学典礼致辞", "第三篇：村民大会讲话"),
    ("2022年元旦佳节演讲稿1", "2022年元旦佳节演讲稿2", "2022年元旦佳节演讲稿3"),
    ("开学典礼校长发言稿(一)", "开学典礼校长发言稿(二)", "开学典礼校长发言稿(三)"),
    ("领导讲话稿范文（1）", "领导讲话稿范文（2）", "领导讲话稿范文（3）"),
)  # fmt: skip


def _page(marks: tuple[str, ...], before: str = "") -> str:
    return before + "\n".join(f"{mark}\n{body}" for mark, body in zip(marks, _BODIES, strict=True))


@pytest.mark.parametrize("marks", MARKS, ids=lambda marks: marks[0])
def test_numbered_speeches_come_apart(marks: tuple[str, ...]) -> None:
    before = "领导讲话稿（精选3篇）\n以下是小编为大家整理的讲话稿，仅供参考，欢迎阅读。\n"
    found = speeches_of(Document(_page(marks, before), name="a.txt", digest="x"))
    assert [d.name for d in found] == ["a.txt#1", "a.txt#2", "a.txt#3"]
    assert len({d.digest for d in found}) == 3
    for document, body in zip(found, _BODIES, strict=True):
        assert document.text.endswith(body)
        assert "篇" not in document.text
    assert "小编" in found[0].dropped[0].text


def test_a_title_after_the_number_is_the_pieces_own() -> None:
    found = speeches_of(Document(_page(MARKS[1]), name="a.txt"))
    assert [d.text.split("\n")[0] for d in found] == [
        "在防汛会议上的讲话",
        "开学典礼致辞",
        "村民大会上的讲话",
    ]


def test_speeches_without_numbers_come_apart_after_the_thanks() -> None:
    titles = ("在全县防汛会议上的讲话", "在开学典礼上的致辞", "在村民大会上的讲话")
    found = speeches_of(Document(_page(titles), name="a.txt"))
    assert [d.text.split("\n")[0] for d in found] == list(titles)


@pytest.mark.parametrize(
    "text",
    [
        "在全县工作会议上的讲话\n" + _BODIES[0],
        "在全县工作会议上的讲话\n同志们：\n我讲两篇文章。\n篇一\n写给干部。\n篇二\n写给群众。\n谢谢大家！",
        "做好三篇文章\n同志们：\n第一篇：做好山的文章\n第二篇：做好水的文章\n第三篇：做好人的文章\n谢谢大家！",
        "做好三篇文章\n同志们：\n第一篇：做好山的文章\n"
        + "要把资源摸清，把规划做实，把项目落地。" * 6
        + "\n第二篇：做好水的文章\n"
        + "要把水源保住，把河道管好，把用水算清。" * 6
        + "\n谢谢大家！",
        "主持词\n"
        + _BODIES[0].replace("谢谢大家！", "下面请县长讲话。")
        + "\n刚才县长作了讲话\n同志们：\n大家要抓好落实。",
    ],
)
def test_one_speech_stays_one(text: str) -> None:
    document = Document(text, name="a.txt")
    assert speeches_of(document) == [document]


def test_the_bundled_speeches_are_one_each() -> None:
    folder = Path(__file__).resolve().parents[2] / "corpus" / "speeches"
    for path in sorted(folder.glob("*.md")):
        assert len(speeches_of(read_document(path))) == 1, path.name


def test_pieces_are_stored_once_and_follow_their_page(tmp_path: Path) -> None:
    page = tmp_path / "合集.txt"
    page.write_text(_page(MARKS[1]), "utf-8")
    with Library(tmp_path / "library", "hash") as library:
        first = ingest([page], library)
        assert [item.action for item in first.items] == [Action.ADDED] * 3
        assert len(library.speeches()) == 3
        again = ingest([page], library)
        assert [item.action for item in again.items] == [Action.UNCHANGED] * 3
        page.write_text("在全县防汛会议上的讲话\n" + _BODIES[0], "utf-8")
        ingest([page], library)
        assert [s.title for s in library.speeches()] == ["在全县防汛会议上的讲话"]
