"""Every exception that rag_speech raises on purpose.

    RagSpeechError                 base; its text is one sentence for the person at the keyboard
    ├── InputError                 what the user gave cannot be used                     (exit 2)
    │   ├── BriefError             the brief: unknown key, wrong type, impossible value
    │   ├── ConfigError            settings file, environment variable, rules file
    │   ├── ReadError              a document that cannot be read (empty, binary, encrypted, hostile ...)
    │   └── NotFoundError          no such speech, draft folder, occasion
    ├── LibraryError               the store of speeches                                (exit 2)
    │   └── LibraryBusyError       another process is writing to it
    ├── ModelError                 the language or embedding model                      (exit 3)
    │   ├── ModelNotReadyError     no endpoint, missing files, wrong digest
    │   ├── EndpointError          the endpoint refused or failed; carries status and request id
    │   │   ├── AuthenticationError
    │   │   ├── UnknownModelError
    │   │   ├── RateLimitError
    │   │   ├── ContextTooLongError
    │   │   └── EndpointUnreachableError   refused, reset, timed out, cut short
    │   ├── RefusedContentError    the endpoint withholds an answer for what is said in the prompt or the answer
    │   ├── BudgetError            max_calls or max_tokens_total would be passed
    │   └── BadReplyError          empty, cut off, or not the JSON that was asked for
    └── StorageError               disk full, read-only or vanished folder               (exit 2)

A traceback that ends in anything else is a bug.
"""

from __future__ import annotations


class RagSpeechError(Exception):
    """Base class; ``str(error)`` is one sentence that says what is wrong and what to do."""

    exit_code = 2


class InputError(RagSpeechError):
    """What the user gave cannot be used."""


class BriefError(InputError):
    """The brief is incomplete or impossible."""


class ConfigError(InputError):
    """A setting, environment variable or rules file is wrong."""


class ReadError(InputError):
    """A document cannot be read."""


class NotFoundError(InputError):
    """A speech, draft folder or occasion does not exist."""


class LibraryError(RagSpeechError):
    """The store of speeches cannot be used."""


class LibraryBusyError(LibraryError):
    """Another process holds the library's write lock."""


class ModelError(RagSpeechError):
    """A language or embedding model failed."""

    exit_code = 3


class ModelNotReadyError(ModelError):
    """No endpoint is configured and the embedded model is missing or damaged."""


class EndpointError(ModelError):
    """The endpoint refused or failed.

    Attributes: ``status`` is the HTTP status (None when no answer came), ``request_id`` the
    server's own id of the request, when it sent one.
    """

    def __init__(self, message: str, *, status: int | None = None, request_id: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.request_id = request_id


class AuthenticationError(EndpointError):
    """401 or 403: the key is missing, wrong or lacks the right."""


class UnknownModelError(EndpointError):
    """404: the endpoint does not serve this model."""


class RateLimitError(EndpointError):
    """429 after all retries."""


class ContextTooLongError(EndpointError):
    """The prompt does not fit the model's context."""


class EndpointUnreachableError(EndpointError):
    """Connection refused, reset, timed out or cut short, after all retries."""


class RefusedContentError(ModelError):
    """The endpoint's filter refuses what the prompt or the answer says; the same wording is refused again.

    Attributes: ``said`` is the endpoint's own reason, ``status`` and ``request_id`` as in EndpointError.
    """

    def __init__(
        self, message: str, *, said: str = "", status: int | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.said = said
        self.status = status
        self.request_id = request_id


class BudgetError(ModelError):
    """The next call would pass the budget that the settings allow; what is written so far is kept."""


class BadReplyError(ModelError):
    """The model answered with nothing, with a cut-off text, or not with the JSON that was asked for.

    Attribute: ``last_attempt`` is the text of the last answer.
    """

    def __init__(self, message: str, *, last_attempt: str = "") -> None:
        super().__init__(message)
        self.last_attempt = last_attempt


class StorageError(RagSpeechError):
    """A file cannot be written: disk full, read-only folder, vanished folder."""
