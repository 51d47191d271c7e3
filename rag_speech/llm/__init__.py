"""Language models: any OpenAI-compatible endpoint, the embedded default, and a scripted one for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag_speech.errors import ConfigError
from rag_speech.llm.base import LLM, Message, Reply

if TYPE_CHECKING:
    from rag_speech.config import Settings
    from rag_speech.llm.model_files import Progress

__all__ = ["LLM", "Message", "Reply", "get_llm"]

_ENDPOINT_CONCURRENCY = 4


def get_llm(settings: Settings, *, progress: Progress | None = None) -> LLM:
    """Return the model that ``settings`` ask for; nothing is started or connected yet.

    ``progress`` hears about the embedded model's file being joined and checked. Raises ConfigError when an
    endpoint is configured without a model's name.
    """
    provider = settings.resolved_provider
    if provider == "scripted":
        from rag_speech.llm.scripted import ScriptedLLM

        return ScriptedLLM()
    if provider == "embedded":
        from rag_speech.llm.embedded import EmbeddedLLM, ServerOptions

        default = ServerOptions()
        return EmbeddedLLM(
            settings.cache_dir,
            path=settings.model_path,
            options=ServerOptions(
                slots=settings.concurrency or default.slots,
                context_tokens=settings.context_tokens or default.context_tokens,
            ),
            progress=progress,
        )
    if settings.model is None:
        raise ConfigError(
            f"The endpoint {settings.endpoint_url} needs the name of a model: set RAG_SPEECH_MODEL or model in "
            "rag_speech.toml."
        )
    from rag_speech.llm.endpoint import EndpointLLM
    from rag_speech.llm.openai_client import Limits

    return EndpointLLM(
        base_url=settings.endpoint_url,
        model=settings.model,
        api_key=settings.api_key.get_secret_value() if settings.api_key else None,
        context_tokens=settings.context_tokens,
        concurrency=settings.concurrency or _ENDPOINT_CONCURRENCY,
        limits=Limits(
            connect=settings.connect_timeout,
            first_token=settings.first_token_timeout,
            idle=settings.timeout,
            retries=settings.max_retries,
        ),
    )
