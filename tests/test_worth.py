from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rag_speech.config import Settings
from rag_speech.embed import get_embedder
from rag_speech.prompts import Prompts
from rag_speech.worth import Worth, load_worth

LABELS = Path(__file__).parents[1] / "eval" / "labels" / "sentences.jsonl"


@pytest.fixture(scope="module")
def worth() -> Worth:
    embedder = get_embedder(Settings().embedder)
    found = load_worth(Prompts.bundled(), embedder.name, lambda text: embedder.embed([text], "query")[0])
    assert found is not None
    return found


def test_what_readers_left_in_lies_above_what_they_struck(worth: Worth) -> None:
    rows = [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()][::8]
    good = np.array([worth(r["sentence"]) for r in rows if r["label"] > 0])
    struck = np.array([worth(r["sentence"]) for r in rows if r["label"] == 0])
    assert (good[:, None] > struck[None, :]).mean() > 0.7
    assert (good > 0).mean() > 3 * (struck > 0).mean()


@pytest.mark.parametrize(
    ("stays", "goes"),
    [
        ("巡查结束后，要认真总结，找出问题所在，及时整改。", "大家把工作做好，自己也跟着做好。"),
        (
            "各乡镇要认真排查隐患，对发现的问题要立即制止并报告。",
            "只有把力量聚起来，才能把工作做好，才能让群众满意。",
        ),
        (
            "工程验收要现场查看，发现质量问题当场指出，限期返工。",
            "质量说不好，是因为没有做到好，而不是因为质量差。",
        ),
    ],
)
def test_a_demand_is_worth_more_than_a_circle(worth: Worth, stays: str, goes: str) -> None:
    assert worth(stays) > 0 > worth(goes)


def test_weights_of_another_embedder_are_not_used() -> None:
    assert load_worth(Prompts.bundled(), "onnx:another", lambda text: np.zeros(384, np.float32)) is None
