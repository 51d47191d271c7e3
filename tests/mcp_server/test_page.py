"""docs/MCP.md tells what there is: every tool with its arguments, every resource, configurations that start the server."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import typer.main

pytest.importorskip("mcp")

from rag_speech.cli import app
from rag_speech.config import Settings
from rag_speech.llm.scripted import ScriptedLLM
from rag_speech.mcp_server.places import READABLE, Places
from rag_speech.mcp_server.server import SpeechServer, build_server
from rag_speech.mcp_server.service import Service
from rag_speech.writer import SpeechWriter

REPO = Path(__file__).resolve().parent.parent.parent
PAGE = (REPO / "docs" / "MCP.md").read_text("utf-8")


@pytest.fixture
def server(tmp_path: Path) -> SpeechServer:
    settings = Settings(drafts_dir=tmp_path)
    return build_server(Service(settings, Places(tmp_path), SpeechWriter(settings, llm=ScriptedLLM())))


async def test_every_tool_and_argument_is_told_and_described(server: SpeechServer) -> None:
    rows = {
        m[1]: set(re.findall(r"`(\w+)`", m[2]))
        for m in re.finditer(r"^\| `(\w+)` \|[^|]+\|([^|]+)\|", PAGE, re.M)
    }
    tools = {tool.name: tool for tool in await server.list_tools()}
    assert {name: set(tool.input_schema["properties"]) for name, tool in tools.items()} == rows
    for tool in tools.values():
        assert tool.title and tool.description and tool.output_schema and tool.annotations
        undescribed = [k for k, v in tool.input_schema["properties"].items() if not v.get("description")]
        assert undescribed == [], tool.name


async def test_every_resource_is_told(server: SpeechServer) -> None:
    told = set(re.findall(r"^\| `(rag-speech://[^`]+)`", PAGE, re.M))
    there = {str(r.uri) for r in await server.list_resources()}
    there |= {t.uri_template for t in await server.list_resource_templates()}
    assert there == told
    assert all(f"`{name}`" in PAGE for name in READABLE)


@pytest.mark.parametrize("page", ["docs/MCP.md", "README.md", "README.zh-CN.md"])
def test_the_configuration_starts_the_server(page: str) -> None:
    blocks = re.findall(r"^```json\n(.*?)^```", (REPO / page).read_text("utf-8"), re.M | re.S)
    assert len(blocks) == 1
    entry = json.loads(blocks[0])["mcpServers"]["rag-speech"]
    assert entry["command"] == "rag-speech"
    name, *words = entry["args"]
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    command.make_context(name, words)
