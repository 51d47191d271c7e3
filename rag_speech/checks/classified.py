"""Marks of secrecy on the text or around it (family H): what bears one must not be worked on here."""

from __future__ import annotations

from rag_speech.checks.base import CheckContext
from rag_speech.checks.scan import absent, finding, quoted
from rag_speech.types import Finding, Severity
from rag_speech.zh.classified import classified_marks

_LAW = "《中华人民共和国保守国家秘密法》"
_ADVICE = "立即停止处理，按保密规定转到涉密设备上办理；确属误标的，先按程序解密或去标。"


def check_classified(context: CheckContext) -> list[Finding]:
    """P0 for every mark in the text, in page headers and footers, text boxes and watermarks."""
    text = context.text
    found = [
        finding(
            text,
            "H-SECRET",
            Severity.P0,
            (span.start, span.end),
            message=f"有密级或内部文件标志{quoted(span.of(text))}，不得在这里处理。",
            suggestion=_ADVICE,
            source=_LAW,
        )
        for span in classified_marks(text)
    ]
    for margin in dict.fromkeys(context.margins):
        for span in classified_marks(margin, margin=True):
            message = (
                f"页眉、页脚、文本框或水印里有密级或内部文件标志{quoted(span.of(margin))}，不得在这里处理。"
            )
            found.append(absent("H-SECRET", Severity.P0, message, _ADVICE, source=_LAW))
    return found
