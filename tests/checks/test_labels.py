"""The checks against labels of real speeches, where they are present."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_labels", ROOT / "eval" / "score_labels.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["score_labels"] = module
    spec.loader.exec_module(module)
    return module


score_labels = _load()
labelled = pytest.mark.skipif(not (SHARED / "labels").is_dir(), reason="the labelled speeches are not here")


@labelled
def test_recall_and_precision_reach_the_gates() -> None:
    adjudicated = score_labels.read_adjudicated(ROOT / "eval" / "labels" / "adjudicated.toml")
    verdict = score_labels.measure(score_labels.read_labels(SHARED / "labels"), SHARED / "seeds", adjudicated)
    assert verdict.p0_recall == 1.0
    assert verdict.hand_recall >= 0.95
    assert verdict.hand_precision >= 0.95
    assert verdict.strict_precision >= 0.90


@labelled
def test_every_scraped_speech_is_rejected_for_what_a_reader_names_first() -> None:
    from rag_speech.checks import check

    first = {
        "000": {"S-NUMMISS", "S-NUMDUP"},
        "001": {"D-PLACE"},
        "002": {"S-NUMMISS"},
        "003": {"C-DISGRACED"},
        "004": {"E-SEO", "B-EXPIRED"},
    }
    for seed, codes in first.items():
        report = check((SHARED / "seeds" / f"{seed}.txt").read_text("utf-8"), as_of=score_labels.AS_OF)
        assert report.verdict == "REJECT"
        assert codes <= {f.code for f in report.findings}


@labelled
def test_what_is_right_in_the_scraped_speeches_passes() -> None:
    from rag_speech.checks import check

    quiet = {
        "001": ("刘某", "某乡镇", "政治纪律、组织纪律、廉洁纪律", "四要、四不要"),
        "002": ("两个结合",),
        "003": ("万无一失", "五种角色", "四博"),
        "004": ("四个特点", "第一，继续", "第六，继续"),
    }
    for seed, words in quiet.items():
        text = (SHARED / "seeds" / f"{seed}.txt").read_text("utf-8")
        found = check(text, as_of=score_labels.AS_OF).findings
        for word in words:
            at = text.index(word)
            touching = {
                f.code
                for f in found
                if f.span and f.span.start < at + len(word) and at < f.span.end and len(f.fragment) < 60
            }
            assert touching == set(), (seed, word)


def test_without_labels_the_script_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    sys.argv = ["score_labels.py", str(tmp_path), str(tmp_path)]
    assert score_labels.main() == 2
    assert "No label sheets" in capsys.readouterr().err
