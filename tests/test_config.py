from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from rag_speech.config import OPENAI_URL, Settings, describe, load_settings, load_with_sources
from rag_speech.errors import ConfigError

KEY = "sk-verysecretkey0123456789"


def load(tmp_path: Path, environ: dict[str, str] | None = None, **arguments: Any) -> Settings:
    return load_settings(environ=environ or {}, cwd=tmp_path, **arguments)


def test_without_anything_the_embedded_model_runs(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.resolved_provider == "embedded"
    assert (settings.base_url, settings.api_key, settings.rules) == (None, None, ())
    assert settings.cache_dir.is_absolute()
    assert settings.library.is_absolute()


def test_arguments_beat_environment_beat_file(tmp_path: Path) -> None:
    (tmp_path / "rag_speech.toml").write_text(
        'model = "file"\nreview_rounds = 2\ntemperature = 0.5\n', encoding="utf-8"
    )
    environ = {"RAG_SPEECH_MODEL": "env", "OPENAI_MODEL": "standard", "RAG_SPEECH_REVIEW_ROUNDS": "4"}
    settings = load(tmp_path, environ, model="argument", review_rounds=None)
    assert (settings.model, settings.review_rounds, settings.temperature) == ("argument", 4, 0.5)
    assert load(tmp_path, environ).model == "env"
    assert load(tmp_path, {"OPENAI_MODEL": "standard"}).model == "standard"
    assert load(tmp_path).model == "file"


@pytest.mark.parametrize(
    ("environ", "provider", "url"),
    [
        ({"OPENAI_API_KEY": KEY}, "endpoint", OPENAI_URL),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1/"}, "endpoint", "http://127.0.0.1:11434/v1"),
        (
            {"RAG_SPEECH_BASE_URL": "https://a.example/v1", "OPENAI_BASE_URL": "https://b.example"},
            "endpoint",
            "https://a.example/v1",
        ),
        ({"OPENAI_API_KEY": KEY, "RAG_SPEECH_PROVIDER": "embedded"}, "embedded", OPENAI_URL),
        ({"OPENAI_API_KEY": "", "OPENAI_BASE_URL": " "}, "embedded", OPENAI_URL),
    ],
)
def test_the_provider_follows_from_what_is_set(
    tmp_path: Path, environ: dict[str, str], provider: str, url: str
) -> None:
    settings = load(tmp_path, environ)
    assert (settings.resolved_provider, settings.endpoint_url) == (provider, url)


def test_a_named_file_and_its_relative_paths(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    folder.mkdir()
    file = folder / "settings.toml"
    file.write_text('library = "speeches"\nrules = ["own.toml", "/abs/other.toml"]\n', encoding="utf-8-sig")
    for settings in (load(tmp_path, config=file), load(tmp_path, {"RAG_SPEECH_CONFIG": str(file)})):
        assert settings.library == folder / "speeches"
        assert settings.rules == (folder / "own.toml", Path("/abs/other.toml"))
    environ = {"RAG_SPEECH_RULES": os.pathsep.join(["a.toml", "b.toml"]), "RAG_SPEECH_CACHE": str(tmp_path)}
    settings = load(tmp_path, environ)
    assert settings.rules == (Path("a.toml"), Path("b.toml"))
    assert settings.cache_dir == tmp_path


@pytest.mark.parametrize(
    ("content", "environ", "arguments", "message"),
    [
        ('modle = "x"', {}, {}, "Unknown setting modle in the settings file .*did you mean model?"),
        ("[llm]\nx = 1", {}, {}, "Unknown setting llm"),
        (
            "",
            {"RAG_SPEECH_BASE_ULR": "x"},
            {},
            r"RAG_SPEECH_BASE_ULR in the environment; did you mean RAG_SPEECH_BASE_URL\?",
        ),
        (
            "",
            {},
            {"review_round": 2},
            r"Unknown setting review_round in the arguments; did you mean review_rounds\?",
        ),
        (
            "review_rounds = -1",
            {},
            {},
            r"Setting review_rounds \(.*rag_speech.toml\) is wrong: input should be greater than",
        ),
        ("", {"RAG_SPEECH_TIMEOUT": "soon"}, {}, r"Setting timeout \(RAG_SPEECH_TIMEOUT\) is wrong"),
        ("", {"RAG_SPEECH_PROVIDER": "openai"}, {}, "must be one of auto, endpoint, embedded, scripted"),
        ("", {"RAG_SPEECH_BASE_URL": "api.deepseek.com"}, {}, "must be an address such as https"),
        ("", {"RAG_SPEECH_BASE_URL": "https://u:p@host/v1"}, {}, "must not contain a user name"),
        ("model = ", {}, {}, "is not valid TOML"),
        ("", {"RAG_SPEECH_CONFIG": "/nowhere/x.toml"}, {}, "/nowhere/x.toml does not exist"),
    ],
)
def test_wrong_settings_get_one_clear_sentence(
    tmp_path: Path, content: str, environ: dict[str, str], arguments: dict[str, Any], message: str
) -> None:
    (tmp_path / "rag_speech.toml").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        load(tmp_path, environ, **arguments)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rag_speech.toml").write_bytes('model = "模型"'.encode("gbk"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(tmp_path)


@pytest.mark.parametrize("key", [f"{KEY}\nX-Evil: 1", f"{KEY} copied", "密钥密钥"])
def test_a_key_that_cannot_be_sent_is_refused_without_being_shown(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError, match="Setting api_key") as caught:
        load(tmp_path, {"RAG_SPEECH_API_KEY": key})
    assert key[:6] not in f"{caught.value!r} {caught.value.__context__!r}"


def test_the_key_is_never_described(tmp_path: Path) -> None:
    loaded = load_with_sources(environ={"OPENAI_API_KEY": f" {KEY}\n"}, cwd=tmp_path, model="m")
    assert loaded.settings.api_key is not None
    assert loaded.settings.api_key.get_secret_value() == KEY
    rows = {row.name: (row.value, row.source) for row in describe(loaded)}
    assert rows["api_key"] == ("(set)", "OPENAI_API_KEY")
    assert rows["model"] == ("m", "argument")
    assert rows["base_url"] == ("(not set)", "default")
    assert set(rows) == set(Settings.model_fields)
    assert KEY not in f"{rows} {loaded!r} {loaded.settings} {loaded.settings.model_dump_json()}"


def test_tables_come_from_the_file_or_as_json_from_the_environment(tmp_path: Path) -> None:
    (tmp_path / "rag_speech.toml").write_text(
        'thinking = "off"\nmax_tokens_factor = 4\n[extra_body]\ntop_k = 20\n[price]\nprompt = 2\ncompletion = 8\n',
        encoding="utf-8",
    )
    settings = load(tmp_path)
    assert (settings.thinking, settings.max_tokens_factor, settings.extra_body) == ("off", 4, {"top_k": 20})
    assert settings.price is not None
    assert (settings.price.prompt, settings.price.cached, settings.price.currency) == (2, None, "CNY")
    environ = {"RAG_SPEECH_EXTRA_BODY": '{"enable_thinking": false}', "RAG_SPEECH_MAX_CALLS": "40"}
    settings = load(tmp_path, environ)
    assert (settings.extra_body, settings.max_calls) == ({"enable_thinking": False}, 40)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"RAG_SPEECH_EXTRA_BODY": "top_k=3"}, r"extra_body \(RAG_SPEECH_EXTRA_BODY\) is not valid JSON"),
        ({"RAG_SPEECH_PRICE": '{"prompt": 2}'}, r"price.completion \(RAG_SPEECH_PRICE\) is wrong"),
        ({"RAG_SPEECH_PRICE": '{"prompt": 2, "completion": 1, "x": 1}'}, "price.x"),
        ({"RAG_SPEECH_THINKING": "maybe"}, "Setting thinking"),
        ({"RAG_SPEECH_MAX_CALLS": "0"}, "Setting max_calls"),
    ],
)
def test_wrong_tables_are_named(tmp_path: Path, environ: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(tmp_path, environ)


def test_values_sent_along_are_not_shown(tmp_path: Path) -> None:
    environ = {"RAG_SPEECH_EXTRA_BODY": '{"token": "very-secret", "top_k": 2}'}
    rows = {row.name: row.value for row in describe(load_with_sources(environ=environ, cwd=tmp_path))}
    assert rows["extra_body"] == "token, top_k"


def test_the_address_of_a_chat_is_taken_for_the_endpoints(tmp_path: Path) -> None:
    environ = {"RAG_SPEECH_BASE_URL": "https://api.deepseek.com/v1/chat/completions/"}
    assert load(tmp_path, environ).base_url == "https://api.deepseek.com/v1"
