"""Retrieval-augmented speech writer for Chinese county and municipal occasions.

from rag_speech import Brief, SpeechWriter
draft = SpeechWriter().draft(Brief(event="青山县办公室系统业务培训班开班式", minutes=8))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag_speech.brief.brief import Brief, load_brief
    from rag_speech.brief.occasions import resolve_occasion
    from rag_speech.brief.request import read_request
    from rag_speech.checks import CheckReport, check
    from rag_speech.config import Settings, load_settings
    from rag_speech.errors import RagSpeechError
    from rag_speech.ingest.clean import clean
    from rag_speech.retrieve.library import Library
    from rag_speech.types import Draft, Event, Finding, Severity, Speech
    from rag_speech.writer import SpeechWriter

_HOME = {
    "Brief": "rag_speech.brief.brief",
    "CheckReport": "rag_speech.checks",
    "Draft": "rag_speech.types",
    "Event": "rag_speech.types",
    "Finding": "rag_speech.types",
    "Library": "rag_speech.retrieve.library",
    "RagSpeechError": "rag_speech.errors",
    "Settings": "rag_speech.config",
    "Severity": "rag_speech.types",
    "Speech": "rag_speech.types",
    "SpeechWriter": "rag_speech.writer",
    "check": "rag_speech.checks",
    "clean": "rag_speech.ingest.clean",
    "load_brief": "rag_speech.brief.brief",
    "load_settings": "rag_speech.config",
    "read_request": "rag_speech.brief.request",
    "resolve_occasion": "rag_speech.brief.occasions",
}

__all__ = [
    "Brief",
    "CheckReport",
    "Draft",
    "Event",
    "Finding",
    "Library",
    "RagSpeechError",
    "Settings",
    "Severity",
    "Speech",
    "SpeechWriter",
    "check",
    "clean",
    "load_brief",
    "load_settings",
    "read_request",
    "resolve_occasion",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: importing the package costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'rag_speech' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
