"""Language models: any OpenAI-compatible endpoint, the embedded default, and a scripted one for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rag_speech.errors import ConfigError
from rag_speech.llm.base import LLM, Message, Reply
from rag_speech.llm.profile import EMBEDDED, HOSTED, profile_for

if TYPE_CHECKING:
    from rag_speech.config import Settings
    from rag_speech.llm.hearing import ThoughtCallback
    from rag_speech.llm.model_files import Progress
    from rag_speech.llm.usage import Price

__all__ = ["LLM", "Message", "Reply", "get_llm"]

_ENDPOINT_CONCURRENCY = 4


def get_llm(
    settings: Settings, *, progress: Progress | None = None, on_thought: ThoughtCallback | None = None
) -> LLM:
    """Return the model that ``settings`` ask for; nothing is started or connected yet.

    ``progress`` hears about the embedded model's file being joined and checked, ``on_thought`` how many tokens
    an endpoint's model has thought before its text begins (then 0). What was learned of an endpoint and the rate
    of requests are shared by the process; the budget belongs to the model that is returned. Raises ConfigError when an
    endpoint is configured without a model's name.
    """
    provider = settings.resolved_provider
    own: dict[str, Any] = {
        "temperature": settings.temperature,
        "review_rounds": settings.review_rounds,
        "context_tokens": settings.context_tokens,
    }
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
            profile=profile_for(EMBEDDED, **own),
        )
    if settings.model is None:
        raise ConfigError(
            f"The endpoint {settings.endpoint_url} needs the name of a model: set RAG_SPEECH_MODEL or model in "
            "rag_speech.toml."
        )
    from rag_speech.llm.budget import Budget, pace_of_this_process
    from rag_speech.llm.endpoint import EndpointLLM
    from rag_speech.llm.findings import load_learned
    from rag_speech.llm.learned import of_this_process
    from rag_speech.llm.openai_client import Limits

    url = settings.endpoint_url
    return EndpointLLM(
        base_url=url,
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
        extra_body=settings.extra_body,
        profile=profile_for(HOSTED, **own),
        thinking=settings.thinking,
        max_tokens_factor=settings.max_tokens_factor,
        price=_price(settings),
        budget=Budget(settings.max_calls, settings.max_tokens_total),
        pace=pace_of_this_process(url, settings.requests_per_minute),
        learned=of_this_process(
            url, settings.model, lambda model: load_learned(settings.cache_dir, url, model)
        ),
        on_thought=on_thought,
    )


def _price(settings: Settings) -> Price | None:
    from rag_speech.llm.usage import Price

    table = settings.price
    if table is None:
        return None
    cached = table.prompt if table.cached is None else table.cached
    return Price(table.prompt, table.completion, cached, table.currency)
