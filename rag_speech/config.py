"""Settings: arguments, then environment, then ``rag_speech.toml``, then defaults.

A key in the file and its environment variable have one name: ``base_url`` is ``RAG_SPEECH_BASE_URL``. The
standard ``OPENAI_BASE_URL``, ``OPENAI_API_KEY`` and ``OPENAI_MODEL`` are read when ours are not set.

Without an address and a key the embedded model runs. An OpenAI-compatible endpoint needs three lines:

    # rag_speech.toml, DeepSeek
    base_url = "https://api.deepseek.com/v1"
    model = "deepseek-chat"
    # and RAG_SPEECH_API_KEY in the environment (api_key = "..." here works too)

    # Qwen on DashScope
    base_url = "https://dashscope.aliyuncs.com/compatible-mode/v1"
    model = "qwen-plus"

    # Ollama, vLLM or llama.cpp on the local network: no key needed
    base_url = "http://127.0.0.1:11434/v1"
    model = "qwen2.5:14b"

More of them, with thinking, prices and budgets: docs/ENDPOINTS.md.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from rag_speech.errors import ConfigError

CONFIG_NAME = "rag_speech.toml"
ENV_PREFIX = "RAG_SPEECH_"
OPENAI_ENV = {"base_url": "OPENAI_BASE_URL", "api_key": "OPENAI_API_KEY", "model": "OPENAI_MODEL"}
OPENAI_URL = "https://api.openai.com/v1"
_ENV_ALIASES = {"RAG_SPEECH_CACHE": "cache_dir"}
_ENV_OTHER = {"RAG_SPEECH_CONFIG"}
_TABLE_KEYS = {"extra_body", "price"}
_CHAT = "/chat/completions"
_PATH_KEYS = {"model_path", "library", "cache_dir", "drafts_dir"}

Provider = Literal["auto", "endpoint", "embedded", "scripted"]


def _user_cache() -> Path:
    return Path(platformdirs.user_cache_dir("rag-speech", appauthor=False))


def _user_library() -> Path:
    return Path(platformdirs.user_data_dir("rag-speech", appauthor=False)) / "library"


class PriceTable(BaseModel):
    """What a million tokens of the endpoint's model cost; thoughts are billed as completion."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: float = Field(ge=0)
    completion: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)
    """Of prompt tokens that the endpoint had in its cache; None: as much as others."""
    currency: str = "CNY"


class Settings(BaseModel):
    """Everything that can be configured. Times are seconds, sizes are tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    provider: Provider = "auto"
    base_url: str | None = None
    api_key: SecretStr | None = None
    model: str | None = None
    """Name of the endpoint's model."""
    model_path: Path | None = None
    """A GGUF file of one's own for the embedded provider."""
    context_tokens: int | None = Field(default=None, ge=512, le=2_000_000)
    timeout: float = Field(default=60.0, gt=0, le=3600)
    """Longest silence between two pieces of an answer."""
    first_token_timeout: float = Field(default=180.0, gt=0, le=3600)
    connect_timeout: float = Field(default=10.0, gt=0, le=600)
    max_retries: int = Field(default=4, ge=0, le=20)
    concurrency: int | None = Field(default=None, ge=1, le=64)
    """Calls side by side; None takes 4 for an endpoint and the number of slots for the embedded model."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """Of what is written; None takes what suits the model."""
    thinking: Literal["auto", "on", "off"] = "auto"
    """``off`` and ``on`` send the endpoint's own switch; ``auto`` sends none and gives room when thoughts come."""
    max_tokens_factor: float = Field(default=1.0, ge=1, le=100)
    """Multiplies the limit of every answer, for endpoints whose tokens are small or whose thoughts are long."""
    extra_body: dict[str, Any] = Field(default_factory=dict)
    """Sent with every request as it is: a table in the file, JSON in the environment."""
    max_calls: int | None = Field(default=None, ge=1)
    max_tokens_total: int | None = Field(default=None, ge=1)
    """Read and written tokens that a run may spend; the call that would pass it is not made."""
    requests_per_minute: int | None = Field(default=None, ge=1, le=100_000)
    """Shared by all calls of the process."""
    price: PriceTable | None = None
    embedder: str = "default"
    library: Path = Field(default_factory=_user_library)
    chroma_url: str | None = None
    cache_dir: Path = Field(default_factory=_user_cache)
    drafts_dir: Path = Path("drafts")
    rules: tuple[Path, ...] = ()
    """Rules files of the office's own, besides the built-in ones."""
    review_rounds: int | None = Field(default=None, ge=0, le=5)
    """How often the finished text is gone over; None takes what suits the model."""

    @field_validator("base_url", "chroma_url")
    @classmethod
    def _plain_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value.strip())
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an address such as https://api.deepseek.com/v1")
        if parts.username or parts.password:
            raise ValueError("must not contain a user name or password; give the key as RAG_SPEECH_API_KEY")
        # The whole address of a chat is what many providers' pages show.
        return value.strip().rstrip("/").removesuffix(_CHAT).rstrip("/")

    @field_validator("api_key")
    @classmethod
    def _sendable_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        key = value.get_secret_value().strip()
        if not key.isascii() or any(c.isspace() or not c.isprintable() for c in key):
            raise ValueError("contains a space, a line break or a character that no key has; copy it again")
        return SecretStr(key) if key else None

    @field_validator("model", "base_url", mode="before")
    @classmethod
    def _blank_is_absent(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @property
    def resolved_provider(self) -> Literal["endpoint", "embedded", "scripted"]:
        """The provider that ``auto`` stands for: an endpoint when an address or a key is configured."""
        if self.provider != "auto":
            return self.provider
        return "endpoint" if self.base_url or self.api_key else "embedded"

    @property
    def endpoint_url(self) -> str:
        """The endpoint's address; OpenAI's own when only a key is configured."""
        return self.base_url or OPENAI_URL


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of :func:`describe`: never the key itself."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings with the place that each value came from (``default`` when absent from ``sources``)."""

    settings: Settings
    sources: Mapping[str, str]


def load_settings(
    *,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    **arguments: Any,
) -> Settings:
    """Return the settings in force; arguments that are None count as not given.

    Raises ConfigError for an unknown key (with the nearest valid one), an impossible value or an
    unreadable file.
    """
    return load_with_sources(config=config, environ=environ, cwd=cwd, **arguments).settings


def load_with_sources(
    *,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    **arguments: Any,
) -> Loaded:
    """As :func:`load_settings`, keeping where each value came from for ``rag-speech doctor``."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for source, layer in (
        *_file_layer(config, environ, cwd or Path.cwd()),
        *_environment_layers(environ),
        *_argument_layer(arguments),
    ):
        values.update(layer)
        sources.update(dict.fromkeys(layer, source))
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise ConfigError(_sentence(error, sources)) from None
    return Loaded(settings, sources)


def describe(loaded: Loaded) -> tuple[Setting, ...]:
    """Return every setting with its value and source, the key as ``(set)`` or ``(not set)``."""
    rows = []
    for name in Settings.model_fields:
        value = getattr(loaded.settings, name)
        if name == "api_key":
            shown = "(set)" if value else "(not set)"
        elif isinstance(value, tuple):
            shown = ", ".join(str(item) for item in value) or "(none)"
        elif isinstance(value, dict):
            shown = ", ".join(sorted(value)) or "(none)"  # names only: a value may be secret
        else:
            shown = "(not set)" if value is None else str(value)
        rows.append(Setting(name, shown, loaded.sources.get(name, "default")))
    return tuple(rows)


def _file_layer(
    config: Path | None, environ: Mapping[str, str], cwd: Path
) -> tuple[tuple[str, dict[str, Any]], ...]:
    named = config or (Path(environ["RAG_SPEECH_CONFIG"]) if environ.get("RAG_SPEECH_CONFIG") else None)
    path = named.expanduser() if named else cwd / CONFIG_NAME
    if named is None and not path.is_file():
        return ()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(f"The settings file {path} does not exist.") from None
    except OSError as error:
        raise ConfigError(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"The settings file {path} is not UTF-8; save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The settings file {path} is not valid TOML: {error}.") from None
    for key in data:
        _require_known(key, f"the settings file {path}")
    base = path.resolve().parent
    for key in _PATH_KEYS & data.keys():
        if isinstance(data[key], str):
            data[key] = base / Path(data[key]).expanduser()
    if isinstance(data.get("rules"), list):
        data["rules"] = tuple(base / Path(str(item)).expanduser() for item in data["rules"])
    return ((str(path), data),)


def _environment_layers(environ: Mapping[str, str]) -> tuple[tuple[str, dict[str, Any]], ...]:
    layers: list[tuple[str, dict[str, Any]]] = [
        (variable, {key: environ[variable]}) for key, variable in OPENAI_ENV.items() if environ.get(variable)
    ]
    for variable in sorted(environ):
        if not variable.startswith(ENV_PREFIX) or variable in _ENV_OTHER or not environ[variable].strip():
            continue
        key = _ENV_ALIASES.get(variable, variable.removeprefix(ENV_PREFIX).lower())
        _require_known(key, "the environment", shown=variable)
        layers.append((variable, {key: _from_text(key, environ[variable])}))
    return tuple(layers)


def _from_text(key: str, text: str) -> Any:
    if key == "rules":
        return tuple(Path(item).expanduser() for item in text.split(os.pathsep) if item)
    if key in _TABLE_KEYS:
        try:
            return json.loads(text)
        except ValueError as error:
            raise ConfigError(
                f"Setting {key} ({ENV_PREFIX}{key.upper()}) is not valid JSON: {error}."
            ) from None
    return Path(text).expanduser() if key in _PATH_KEYS else text


def _argument_layer(arguments: Mapping[str, Any]) -> tuple[tuple[str, dict[str, Any]], ...]:
    given = {key: value for key, value in arguments.items() if value is not None}
    for key in given:
        _require_known(key, "the arguments")
    return (("argument", given),) if given else ()


def _require_known(key: str, where: str, *, shown: str | None = None) -> None:
    if key in Settings.model_fields:
        return
    near = get_close_matches(key, Settings.model_fields, n=1, cutoff=0.5)
    name = (ENV_PREFIX + near[0].upper() if shown else near[0]) if near else ""
    hint = f"did you mean {name}?" if near else "valid keys: " + ", ".join(Settings.model_fields) + "."
    raise ConfigError(f"Unknown setting {shown or key} in {where}; {hint}")


def _sentence(error: ValidationError, sources: Mapping[str, str]) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    key = str(first["loc"][0]) if first["loc"] else "settings"
    inner = ".".join(str(step) for step in first["loc"][1:])
    message = first["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    if key == "provider":
        near = "auto, endpoint, embedded, scripted"
        message = f"must be one of {near}"
    shown = f"{key}.{inner}" if inner and key in _TABLE_KEYS else key
    return f"Setting {shown} ({sources.get(key, 'default')}) is wrong: {message}."
