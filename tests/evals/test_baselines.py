"""The three baselines: what their prompts hold, and what they make of the answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag_speech.brief.brief import make_brief
from rag_speech.embed.hashing import HashEmbedder
from rag_speech.evals.baselines import Baselines, plain
from rag_speech.evals.cases import Case, load_cases
from rag_speech.evals.metered import MeteredLLM
from rag_speech.llm.base import Message
from rag_speech.llm.scripted import Call, ScriptedLLM
from rag_speech.llm.tokens import estimate_tokens
from rag_speech.prompts import Prompts
from rag_speech.retrieve.library import Library

REPO = Path(__file__).parents[2]
BRIEF = {
    "event": "渡云县防汛抗旱动员部署会", "place": "渡云县", "speaker": "县长", "chars": 1500, "date": "2027-04-16",
    "points": ["把困难估计得更足"], "facts": ["全县有小型水库52座"],
}  # fmt: skip
LONG = {**BRIEF, "materials": [{"name": "汇编", "text": "各乡镇要把水毁工程逐处登记，明年汛前修完。" * 600}]}


def case(brief: dict[str, object] = BRIEF, request: str = "") -> Case:
    return Case(id="c", brief=make_brief(brief), request=request)


def baselines(llm: ScriptedLLM, folder: Path) -> Baselines:
    return Baselines(llm, Prompts.bundled(), Library(folder, HashEmbedder()), 0.7)


async def test_one_prompt_has_the_whole_brief(library_folder: Path) -> None:
    llm = ScriptedLLM(lambda _: "# 标题\n\n**同志们：**\n今天开会。")
    answer = await baselines(llm, library_folder).single_prompt(case())
    assert answer.text == "标题\n同志们：\n今天开会。"
    (call,) = llm.calls
    for words in (
        "渡云县防汛抗旱动员部署会",
        "约1500字",
        "把困难估计得更足",
        "全县有小型水库52座",
        "2027年4月16日",
    ):
        assert words in call.text


@pytest.mark.parametrize("kind", ["single_prompt", "plain_rag", "agent_write"])
@pytest.mark.parametrize("name", ["D06", "D14", "D23"])
async def test_every_baseline_sees_all_that_the_brief_says(
    library_folder: Path, kind: str, name: str
) -> None:
    (noisy,) = load_cases([REPO / "eval" / "cases" / "noisy" / f"{name}.yaml"])
    llm = ScriptedLLM()
    answer = await getattr(baselines(llm, library_folder), kind)(noisy)
    brief = noisy.brief
    said = [brief.event, brief.speaker, brief.audience, brief.words, brief.tone, *brief.points, *brief.facts]
    said += [
        *brief.may_use,
        *brief.outline,
        *(m.name for m in brief.materials),
        *(m.text for m in brief.materials),
    ]
    for call in llm.calls:
        assert [words for words in said if words not in call.text] == []
        assert noisy.trap not in call.text and noisy.rubric[0] not in call.text, (
            "no system sees what readers go by"
        )
    assert answer.cut == 0


async def test_what_the_brief_fixes_or_forbids_is_in_the_prompt(library_folder: Path) -> None:
    llm = ScriptedLLM(lambda _: "稿子。")
    fixed = {
        "title": "在会上的讲话",
        "salutation": "各位乡亲：",
        "avoid": ["烈士"],
        "guests": ["王总"],
        "minutes": 8,
    }
    brief = {k: v for k, v in BRIEF.items() if k != "chars"} | fixed
    await baselines(llm, library_folder).single_prompt(case(brief))
    for words in (
        "标题：在会上的讲话",
        "称呼：各位乡亲：",
        "不要出现：烈士",
        "来宾：王总",
        "8分钟，约1440字",
    ):
        assert words in llm.calls[0].text


async def test_a_request_goes_in_as_it_is(library_folder: Path) -> None:
    llm = ScriptedLLM(lambda _: "稿子。")
    await baselines(llm, library_folder).single_prompt(case(request="写一篇防汛讲话，县长讲"))
    assert "写一篇防汛讲话，县长讲" in llm.calls[0].text and "52座" not in llm.calls[0].text


async def test_plain_rag_stuffs_unmasked_chunks(library_folder: Path) -> None:
    llm = ScriptedLLM(lambda _: "稿子。")
    answer = await baselines(llm, library_folder).plain_rag(case())
    assert len(answer.hits) == 5
    assert all(hit.chunk.text in llm.calls[0].text for hit in answer.hits)


@pytest.mark.parametrize("kind", ["single_prompt", "plain_rag", "agent_write"])
async def test_long_materials_are_cut_to_the_context(library_folder: Path, kind: str) -> None:
    llm = ScriptedLLM(context_tokens=8192)
    answer = await getattr(baselines(llm, library_folder), kind)(case(LONG))
    assert 0 < answer.cut < len(LONG["materials"][0]["text"])  # type: ignore[index]
    for call in llm.calls:
        assert estimate_tokens(call.text) + call.max_tokens <= 8192
        assert "逐处登记" in call.text


@pytest.mark.parametrize("kind", ["single_prompt", "plain_rag", "agent_write"])
async def test_the_longest_speech_stays_inside_the_context(library_folder: Path, kind: str) -> None:
    def script(call: Call) -> object:
        if call.schema:
            return {"paragraphs": [{"point": f"第{i}个意思", "chars": 600} for i in range(20)]}
        return "各单位要把任务逐条分解到人，办完一件销一件。" * 24

    llm = ScriptedLLM(script, context_tokens=8192)  # type: ignore[arg-type]
    await getattr(baselines(llm, library_folder), kind)(case({**LONG, "chars": 8100}))
    for call in llm.calls:
        assert estimate_tokens(call.text) + call.max_tokens <= 8192


async def test_agent_write_goes_paragraph_by_paragraph(library_folder: Path) -> None:
    def script(call: Call) -> object:
        if call.schema:
            return {"paragraphs": [{"point": f"第{i}个意思", "chars": 300} for i in "一二三四"]}
        return f"第{call.index}段的话。"

    llm = ScriptedLLM(script)  # type: ignore[arg-type]
    answer = await baselines(llm, library_folder).agent_write(case())
    assert answer.text == "第1段的话。\n第2段的话。\n第3段的话。\n第4段的话。"
    assert "第1段的话。\n第2段的话。" in llm.calls[3].text and "第三个意思，约300字" in llm.calls[3].text


async def test_the_meter_shifts_seeds_and_adds_up() -> None:
    inner = ScriptedLLM(lambda _: "好。")
    metered = MeteredLLM(inner, 3)
    await metered.complete([Message("user", "一")], max_tokens=9, seed=1)
    await metered.complete([Message("user", "二")], max_tokens=9)
    assert [c.seed for c in inner.calls] == [2001, None]
    assert metered.usage.calls == 2 and metered.usage.completion_tokens > 0


def test_plain_text_of_an_answer() -> None:
    assert plain("```markdown\n## 一、标题\n\n正文**重点**。\n```") == "一、标题\n正文重点。"
