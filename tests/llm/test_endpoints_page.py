"""The settings that docs/ENDPOINTS.md shows must load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rag_speech.config import load_settings
from rag_speech.llm import get_llm

PAGE = Path(__file__).resolve().parents[2] / "docs" / "ENDPOINTS.md"
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_shown_settings_file_loads(block: str, tmp_path: Path) -> None:
    path = tmp_path / "rag_speech.toml"
    path.write_text(block, encoding="utf-8")
    settings = load_settings(config=path, environ={}, cache_dir=tmp_path)
    assert settings.resolved_provider == "endpoint"
    assert get_llm(settings).name == settings.model
