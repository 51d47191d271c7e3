from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_speech import errors
from rag_speech.llm import failures
from rag_speech.llm.failures import Failure, clean_detail, parse_retry_after, retry_delay, to_error
from rag_speech.llm.openai_client import describe_failure


def _subclasses(base: type) -> set[type]:
    return {base}.union(*(_subclasses(child) for child in base.__subclasses__()))


def _instance(kind: type, status: int) -> Exception:
    """An exception as the SDK would raise it, whatever its constructor wants."""
    import httpx2

    request = httpx2.Request("POST", "http://x/v1")
    error: Exception = kind.__new__(kind)
    Exception.__init__(error, "said")
    for name, value in {
        "message": "said",
        "body": None,
        "code": None,
        "request_id": "r",
        "status_code": status,
        "response": httpx2.Response(status, request=request),
    }.items():
        try:
            setattr(error, name, value)
        except AttributeError:
            continue
    return error


def test_no_exception_of_the_sdk_is_unmapped() -> None:
    import httpx2
    import openai

    special = {
        openai.AuthenticationError: (401, errors.AuthenticationError),
        openai.PermissionDeniedError: (403, errors.AuthenticationError),
        openai.NotFoundError: (404, errors.UnknownModelError),
        openai.RateLimitError: (429, errors.RateLimitError),
        openai.APIConnectionError: (0, errors.EndpointUnreachableError),
        openai.APITimeoutError: (0, errors.EndpointUnreachableError),
    }
    kinds = _subclasses(openai.OpenAIError) | _subclasses(httpx2.HTTPError)
    assert len(kinds) > 20
    for kind in kinds:
        status, expected = special.get(kind, (400, errors.EndpointError))
        failure = describe_failure(_instance(kind, status))
        error = to_error(failure, where="host", model="m")
        assert isinstance(error, expected), kind
        assert str(error).startswith("host "), kind
        unclear = failure.kind == "sdk"
        assert not (unclear and issubclass(kind, openai.APIError | httpx2.HTTPError)), kind


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 40.0),
        ("Thu, 01 Jan 1970 00:00:10 GMT", 0.0),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, expected: float | None) -> None:
    assert parse_retry_after(value, now=60.0) == expected


@given(st.integers(0, 2000), st.floats(0.01, 2), st.floats(2, 60))
def test_backoff_grows_within_its_cap(attempt: int, base: float, cap: float) -> None:
    delay = retry_delay(Failure("cut"), attempt, base=base, cap=cap, retry_after_cap=10)
    assert delay is not None
    ceiling = min(cap, base * 2.0 ** min(attempt, 30))
    assert ceiling / 2 <= delay <= ceiling


@given(st.text(max_size=600), st.text("abcdefgh0123456789", min_size=8, max_size=40))
def test_details_are_one_short_line_without_the_key(text: str, key: str) -> None:
    detail = clean_detail(f"{text}{key}{text}", (key,))
    assert key not in detail
    assert len(detail) <= 300
    assert "\n" not in detail


def test_a_short_key_blots_out_only_itself() -> None:
    assert clean_detail("the key k is wrong: max_tokens", ("k",)) == "the key *** is wrong: max_tokens"


def test_other_providers_keys_are_masked_too() -> None:
    detail = clean_detail(
        "Incorrect API key provided: sk-ab***************************yz. Bearer abcdefgh1234"
    )
    assert detail == "Incorrect API key provided: *** ***"


def test_a_full_context_is_never_retried() -> None:
    failure = Failure("status", "the request exceeds the available context size", 500)
    assert failure.context_too_long
    assert not failure.retryable
    assert {408, 409, 429, 500, 503, 529} <= failures.RETRYABLE_STATUS
