from __future__ import annotations

import importlib.util
import struct
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "scripts" / "build_embedder.py"
    spec = importlib.util.spec_from_file_location("build_embedder", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def packed(pieces: list[str], tensors: dict[str, bytes]) -> bytes:
    """A model file with these pieces and tensors."""
    texts = [piece.encode() for piece in pieces]
    offsets = [sum(map(len, texts[:i])) for i in range(len(texts) + 1)]
    head = b"E5S1" + struct.pack("<I", 1) + struct.pack("<7i", 4, 1, 1, 8, len(pieces), 16, 1)
    head += struct.pack("<fi5iQ", 1e-5, 32, len(pieces), 0, 2, 1, 3, offsets[-1])
    head += struct.pack(f"<{len(offsets)}I", *offsets) + struct.pack(f"<{len(pieces)}f", *range(len(pieces)))
    head += b"".join(texts) + struct.pack("<iI", 1, 7) + b"folding" + struct.pack("<i", len(tensors))
    size = len(head) + sum(2 + len(name) + 21 for name in tensors)
    body = b""
    for name, raw in tensors.items():
        head += struct.pack(f"<H{len(name)}s", len(name), name.encode())
        head += struct.pack("<BIQQ", 0, len(raw), size + len(body), len(raw))
        body += raw
    return head + body


def test_unpack_reads_sizes_pieces_and_both_kinds_of_tensor(script: ModuleType) -> None:
    plain = np.arange(4, dtype="<f4")
    nibbles = bytes((i % 16) | ((15 - i % 16) << 4) for i in range(16))
    block = np.float16(0.5).tobytes() + nibbles
    model = script.unpack(packed(["<s>", "办", "▁the"], {"bias": plain.tobytes(), "weight": block}))
    assert (model.hidden, model.layers, model.inner, model.words) == (4, 1, 8, 3)
    assert model.pieces == ["<s>", "办", "▁the"]
    assert model.scores == [0.0, 1.0, 2.0]
    np.testing.assert_array_equal(model.tensor("bias", 4), plain)
    expected = [(i - 8) * 0.5 for i in range(16)] + [(15 - i - 8) * 0.5 for i in range(16)]
    np.testing.assert_array_equal(model.tensor("weight", 1, 32), [expected])


def test_other_files_are_refused(script: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="E5S1"):
        script.unpack(b"nothing of the kind" * 9)
    other = tmp_path / "e5.bin"
    other.write_bytes(packed(["<s>"], {}))
    with pytest.raises(SystemExit, match="other weights: expected SHA-256"):
        script.build(other, tmp_path / "out")


def test_the_vocabulary_keeps_chinese_ascii_and_special_pieces(script: ModuleType) -> None:
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁办公室", "，", "的", "▁the", "прив", "ção", "▁query", "２０"]
    kept = [pieces[i] for i in script.kept_rows(pieces)]
    assert kept == ["<s>", "<pad>", "</s>", "<unk>", "▁办公室", "，", "的", "▁the", "▁query", "２０"]


def test_the_tokenizer_brackets_and_folds(script: ModuleType) -> None:
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁", "办公", "室", "2"]
    tokenizer = script.make_tokenizer(pieces, [0.0, 0.0, 0.0, 0.0, -1.0, -2.0, -3.0, -4.0])
    assert tokenizer.encode("办公室２").tokens == ["<s>", "▁", "办公", "室", "2", "</s>"]
