from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag_speech.embed import Embedder, get_embedder
from rag_speech.embed.endpoint import EndpointEmbedder
from rag_speech.embed.hashing import HashEmbedder
from rag_speech.embed.onnx import MODEL_DIR, OnnxEmbedder
from rag_speech.errors import (
    AuthenticationError,
    BadReplyError,
    ConfigError,
    EndpointUnreachableError,
    ModelNotReadyError,
    UnknownModelError,
)

TEXTS = [
    "举办这次业务培训班，目的是提高公文质量。",
    "值班人员要在岗在位，遇有突发情况第一时间报告。",
    "好",
    "",
    "请假要事先报告，返岗要及时销假。" * 60,
]


@pytest.fixture(scope="module")
def onnx() -> OnnxEmbedder:
    return OnnxEmbedder()


@pytest.fixture(params=["default", "hash"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return get_embedder(request.param)


def test_contract(embedder: Embedder) -> None:
    for kind in ("query", "document"):
        vectors = embedder.embed(TEXTS, kind)  # type: ignore[arg-type]
        assert vectors.shape == (len(TEXTS), embedder.dimensions)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert embedder.embed([], "query").shape == (0, embedder.dimensions)


def test_a_vector_depends_on_its_text_alone(embedder: Embedder) -> None:
    many = embedder.embed(TEXTS * 3, "document")
    alone = np.vstack([embedder.embed([t], "document") for t in TEXTS])
    np.testing.assert_array_equal(many, np.vstack([alone] * 3))


@given(st.lists(st.text(max_size=30), max_size=6))
@settings(deadline=None)
def test_hash_embedder_is_deterministic_and_unit_length(texts: list[str]) -> None:
    one, two = HashEmbedder(64).embed(texts, "query"), HashEmbedder(64).embed(texts, "document")
    np.testing.assert_array_equal(one, two)
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1.0, atol=1e-5)


def test_default_model_knows_meaning(onnx: OnnxEmbedder) -> None:
    query = onnx.embed(["外出须履行请假手续"], "query")[0]
    near, far = onnx.embed(
        ["离开岗位要按规定报批，不得擅自外出。", "祝各位来宾身体健康、万事如意！"], "document"
    )
    assert query @ near > query @ far


def test_damaged_model_is_refused_with_both_digests(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(MODEL_DIR, folder)
    with (folder / "tokenizer.json").open("ab") as file:
        file.write(b" ")
    with pytest.raises(
        ModelNotReadyError, match=r"tokenizer\.json is damaged: expected SHA-256 \w{64}, found \w{64}"
    ):
        OnnxEmbedder(folder)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelNotReadyError, match="cannot be read"):
        OnnxEmbedder(folder)
    (folder / "model.json").write_text("{")
    with pytest.raises(ModelNotReadyError, match=r"model\.json"):
        OnnxEmbedder(folder)


@pytest.mark.parametrize("spec", ["", "nonsense", "st", "st:", "openai", "hash:3", "default:x"])
def test_unknown_spec_names_the_known_ones(spec: str) -> None:
    with pytest.raises(ConfigError, match="st:<id or folder>"):
        get_embedder(spec)


@pytest.mark.slow
def test_missing_sentence_transformers_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    code = (
        "from rag_speech.embed import get_embedder\n"
        "from rag_speech.errors import ModelNotReadyError\n"
        f"try: get_embedder('st:{tmp_path / 'absent'}')\n"
        "except ModelNotReadyError as e: print(e)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "cannot be loaded" in done.stdout


@pytest.mark.slow
def test_sentence_transformers_loads_the_same_model() -> None:
    """In a process of its own: the library's import takes seconds and leaves threads and warnings behind."""
    code = (
        "import json, sys, numpy as np\n"
        "from sentence_transformers import SentenceTransformer\n"
        "from rag_speech.embed import get_embedder\n"
        "from rag_speech.embed.onnx import MODEL_DIR\n"
        "texts = json.load(sys.stdin)\n"
        "plain = SentenceTransformer(str(MODEL_DIR), trust_remote_code=True)\n"
        "ours, ours_st = get_embedder('default'), get_embedder(f'st:{MODEL_DIR}')\n"
        "a = [ours.embed(texts, k) for k in ('query', 'document')]\n"
        "b = [ours_st.embed(texts, k) for k in ('query', 'document')]\n"
        "c = [plain.encode_query(texts), plain.encode_document(texts)]\n"
        "cos = [float((x * y).sum(1).min()) for x, y in zip(a + a, b + c)]\n"
        "print(json.dumps({'cos': cos, 'dims': ours_st.dimensions, 'name': ours_st.name}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(TEXTS), capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout.splitlines()[-1])
    assert min(said["cos"]) > 0.9999
    assert said["dims"] == 384
    assert said["name"].startswith("st:")


def test_default_embedder_imports_no_torch() -> None:
    code = (
        "import sys; from rag_speech.embed import get_embedder; get_embedder().embed(['好'], 'query');"
        "print([m for m in ('torch', 'sentence_transformers', 'chromadb', 'openai') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class _Endpoint(BaseHTTPRequestHandler):
    """Embeds each text as (its length, 1), answers out of order, and fails as the model's name tells it."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        status = {"locked": 401, "absent": 404}.get(asked["model"], 200)
        rows = [
            {"object": "embedding", "index": i, "embedding": [len(t), 1]}
            for i, t in enumerate(asked["input"])
        ]
        if asked["model"] == "short":
            rows = rows[:-1]
        if asked["model"] == "zero":
            rows[0]["embedding"] = [0, 0]
        body = {"object": "list", "model": asked["model"], "data": rows[::-1], "usage": {}}
        raw = json.dumps(body if status == 200 else {"error": {"message": "no: sk-secret123"}}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def test_endpoint_embeds_in_the_order_asked(url: str) -> None:
    embedder = EndpointEmbedder("any", base_url=url, api_key="sk-secret123", document_prefix="》")
    vectors = embedder.embed(["字" * n for n in range(1, 26)], "document")
    expected = np.array([[n + 1, 1] for n in range(1, 26)], dtype=np.float32)
    np.testing.assert_allclose(vectors, expected / np.linalg.norm(expected, axis=1, keepdims=True), rtol=1e-5)
    assert embedder.dimensions == 2
    assert embedder.embed([], "query").shape == (0, 2)


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("locked", AuthenticationError),
        ("absent", UnknownModelError),
        ("short", BadReplyError),
        ("zero", BadReplyError),
    ],
)
def test_endpoint_failures_are_ours_and_hide_the_key(url: str, model: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        EndpointEmbedder(model, base_url=url, api_key="sk-secret123").embed(["文", "字"], "query")
    assert "sk-secret123" not in str(caught.value)


def test_endpoint_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag_speech.embed.endpoint._RETRIES", 0)
    with pytest.raises(EndpointUnreachableError):
        EndpointEmbedder("any", base_url="http://127.0.0.1:9/v1").embed(["文"], "query")


def test_endpoint_needs_a_key_or_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        get_embedder("openai:text-embedding-3-small")
