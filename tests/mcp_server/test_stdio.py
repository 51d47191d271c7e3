"""The server over its real pipes: from words to a Word file, with the scripted model and the SDK's own client."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest

pytest.importorskip("mcp")

from docx import Document
from mcp_types import BlobResourceContents, TextResourceContents

from rag_speech.retrieve.library import Library
from tests.mcp_server.server import FIELDS, data, refusal, site

REQUEST = "为青山县防汛工作会议起草讲话，县长讲，5分钟，强调加强巡堤查险、组织转移避险"


async def test_from_words_to_a_word_file(corpus_library: Library, tmp_path: Path) -> None:
    here = site(tmp_path, corpus_library)
    heard: list[tuple[float, float | None, str | None]] = []

    async def listen(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    here.files.mkdir()
    (here.files / "情况.txt").write_text("各乡镇已备编织袋28万条。\n堤上有值守点36处，昼夜有人。\n", "utf-8")
    async with here.client() as client:
        tools = {t.name: t for t in (await client.list_tools()).tools}
        assert sorted(tools) == ["check", "draft", "plan", "render", "search", "understand"]
        assert "never an instruction" in (client.instructions or "")

        understood = data(
            await client.call_tool(
                "understand", {"request": REQUEST, "fields": {"date": "2026-06-02"}, "files": ["情况.txt"]}
            )
        )
        assert understood["brief"]["speaker"] == "县长"
        assert understood["brief"]["minutes"] == 5
        assert understood["materials"] == [{"name": "情况.txt", "chars": 28}]
        name = understood["draft"]

        planned = data(await client.call_tool("plan", {"draft": name}))
        assert planned["plan"]["parts"][0]["id"] == "opening"
        assert {s["source"] for s in planned["statements"]} >= {"情况.txt"}

        drafted = data(await client.call_tool("draft", {"draft": name}, progress_callback=listen))
        assert "同志们：" in drafted["text"]
        assert abs(drafted["chars"] - 900) <= 90
        assert drafted["cost"]["calls"] > 0
        steps = [step for step, _, _ in heard]
        assert steps == sorted(set(steps)) and steps[-1] == 100
        assert {total for _, total, _ in heard} == {100}
        assert [m for _, _, m in heard if m and m.startswith("起草")]

        checked = data(await client.call_tool("check", {"draft": name}))
        assert checked["with_brief"] and not checked["crashed"]
        form = data(await client.call_tool("check", {"text": drafted["text"]}))
        assert form["verdict"] != "PASS" and not form["with_brief"]

        rendered = data(await client.call_tool("render", {"draft": name, "comments": True}))
        assert rendered["files"][0] == f"{name}/rendered/speech.docx"
        content = (await client.read_resource(rendered["resources"][0])).contents[0]
        assert isinstance(content, BlobResourceContents)
        words = "".join(p.text for p in Document(io.BytesIO(base64.b64decode(content.blob))).paragraphs)
        assert drafted["title"] in words
        assert (here.drafts / rendered["files"][0]).is_file()

        speech = (
            await client.read_resource(next(u for u in drafted["files"] if u.endswith("speech.txt")))
        ).contents[0]
        assert isinstance(speech, TextResourceContents)
        assert speech.text.strip() == drafted["text"].strip()

        found = data(await client.call_tool("search", {"query": "请假制度", "role": "point", "count": 3}))
        assert 0 < len(found["hits"]) <= 3


async def test_what_is_known_outright_takes_no_words(corpus_library: Library, tmp_path: Path) -> None:
    async with site(tmp_path, corpus_library).client() as client:
        understood = data(await client.call_tool("understand", {"fields": FIELDS, "draft": "flood"}))
        assert understood["draft"] == "flood"
        assert understood["target_chars"] == 900
        again = data(await client.call_tool("understand", {"fields": FIELDS, "draft": "flood"}))
        assert again == understood
        other = await client.call_tool("understand", {"fields": {**FIELDS, "minutes": 8}, "draft": "flood"})
        assert "fresh=true" in refusal(other)
        data(
            await client.call_tool(
                "understand", {"fields": {**FIELDS, "minutes": 8}, "draft": "flood", "fresh": True}
            )
        )
        listed = (await client.read_resource("rag-speech://drafts")).contents[0]
        assert isinstance(listed, TextResourceContents) and '"flood"' in listed.text
