"""A layout checker that is not ours: the public package gongwen-skill, in an environment of its own.

It checks statutory documents by one province's rules, and reads only what is said on the paragraph itself, not
what its style says. So these findings are expected, each for the reason beside it; any other of P0 or P1 fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rag_speech.render.docx import render_docx
from rag_speech.render.styles import GBT9704, Profile, podium
from rag_speech.resources import data_dir
from rag_speech.speech.parse import parse

pytestmark = [pytest.mark.slow, pytest.mark.office]

_IN_STYLE = "reads only the paragraph's own properties; ours are in its style (see test_styles_are_those_of_the_standard)"
_RUN_IN = "a heading that runs into its paragraph is 楷体, the paragraph after it 仿宋; it asks for one font"
_PROVINCE = "asks for one province's value where GB/T 9704 has another"
_EXPECTED = {
    "gbt9704": {
        "CHK-C001": _PROVINCE + ": top margin 28 mm, the standard has 37",
        "CHK-C011": _PROVINCE + ": bottom margin 28 mm, the standard has 35",
        "CHK-C021": _IN_STYLE,
        "CHK-C012": _IN_STYLE,
        "CHK-C013": _IN_STYLE,
        "CHK-C004": _RUN_IN,
        "CHK-C006": _PROVINCE + ": 33 pt leading; 22 lines a page need 28.95",
        "CHK-C032": _PROVINCE + ": 33 pt leading; 22 lines a page need 28.95",
        "CHK-C035": _PROVINCE + ": 33 pt leading; 22 lines a page need 28.95",
    },
    "podium": {
        "CHK-C021": _IN_STYLE,
        "CHK-C012": _IN_STYLE,
        "CHK-C013": _IN_STYLE,
        "CHK-C004": _RUN_IN,
        "CHK-S007": "takes the caption and the small minute marks, 楷体 both, for headings of the second level",
        "CHK-C035": "takes the caption and the small minute marks, 楷体 both, for headings of the second level",
    },
}


@pytest.fixture(scope="module")
def gongwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("gongwen")
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(home)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip("no environment of its own can be made here: " + made.stderr.strip()[-200:])
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install = [str(python), "-m", "pip", "install", "-q", "gongwen-skill==2.15.0"]
    got = subprocess.run(install, capture_output=True, text=True, check=False, timeout=600)
    if got.returncode:
        pytest.skip("gongwen-skill cannot be installed here: " + got.stderr.strip()[-200:])
    return python.with_name("gongwen")


@pytest.mark.parametrize(
    ("profile", "kind"), [(GBT9704, "notice"), (podium(), "speech")], ids=["gbt9704", "podium"]
)
def test_another_checker_finds_nothing_unexpected(
    gongwen: Path, tmp_path: Path, profile: Profile, kind: str
) -> None:
    found: dict[str, str] = {}
    for name in ("training_opening-01", "flood_control-01", "commendation-02"):
        text = (data_dir("corpus") / "speeches" / f"{name}.md").read_text("utf-8").split("\n---\n", 1)[1]
        path = tmp_path / f"{name}.docx"
        path.write_bytes(render_docx(parse(text), profile=profile))
        command = [str(gongwen), "check", str(path), "-t", kind, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        issues = json.loads(done.stdout)
        assert issues
        found |= {
            i["rule_id"]: f"{i['name']}: {i.get('original')}" for i in issues if i["severity"] in ("P0", "P1")
        }
    unexpected = {rule: what for rule, what in found.items() if rule not in _EXPECTED[profile.name]}
    assert unexpected == {}
