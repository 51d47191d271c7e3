"""Secrets and personal data (family H): secrecy marks, identity, telephone and bank numbers, sensitive handling."""

from __future__ import annotations

import re

from rag_speech.checks.base import CheckContext
from rag_speech.checks.scan import finding
from rag_speech.types import Finding, Severity
from rag_speech.zh.classified import classified_marks
from rag_speech.zh.text import half_width

_SECRECY_LAW = "《中华人民共和国保守国家秘密法》"
_PRIVACY_LAW = "《中华人民共和国个人信息保护法》"
_ID = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_BANK = re.compile(r"(?<!\d)(?:\d{16,19}|\d{4}(?: \d{4}){3}(?: \d{1,3})?)(?!\d)")
_MAIL = re.compile(r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")
_SENSITIVE = re.compile(
    "|".join(
        (
            r"(?:重视|掌握|上报|收集|搜集)?进京(?:、)?赴省(?:集体)?(?:非|上)?访(?:的(?:信息|人员))?|赴省进京[^，。]{0,8}访(?:的(?:信息|人员))?",
            r"进京(?:非|上)访|截访|拦访|劝返(?:工作|人员|任务)|稳控(?:对象|人员)|重点人员(?:稳控|名单)",
            r"(?:考察组成员|拟(?:提拔|任用|调整)(?:人选|干部))名单|(?:市委|县委|省委)组织部?(?:门)?[^，。]{0,6}考察(?:干部|人选)(?!学习|观摩)|[市县]委办?到我[县市区][^，。]{0,6}考察干部",
        )
    )
)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def private_data(text: str) -> list[Finding]:
    """Return secrecy marks and personal data in ``text``, which may be any fragment."""
    narrow = half_width(text)
    out = []
    for span in classified_marks(text):
        said = "有密级标志或内部资料字样，涉密内容不得在这里处理。"
        out.append(_p0(text, "H-SECRET", (span.start, span.end), said, _SECRECY_LAW))
    for m in _ID.finditer(narrow):
        if valid_identity(m.group()):
            out.append(_p0(text, "H-DATA", m.span(), "有身份证号码。", _PRIVACY_LAW))
    for m in _MOBILE.finditer(narrow):
        out.append(_p0(text, "H-DATA", m.span(), "有手机号码。", _PRIVACY_LAW))
    for m in _BANK.finditer(narrow):
        number = m.group().replace(" ", "")
        if luhn(number) and not valid_identity(number):
            out.append(_p0(text, "H-DATA", m.span(), "有银行卡号。", _PRIVACY_LAW))
    for m in _MAIL.finditer(narrow):
        out.append(_p0(text, "H-DATA", m.span(), "有电子邮箱。", _PRIVACY_LAW))
    return out


def _p0(text: str, code: str, at: tuple[int, int], message: str, source: str) -> Finding:
    return finding(text, code, Severity.P0, at, message=message, suggestion="删去。", source=source)


def valid_identity(number: str) -> bool:
    """Tell whether an 18-character number has a correct identity-card check digit (GB 11643—1999)."""
    if len(number) != 18 or not number[:17].isdigit():
        return False
    total = sum(int(d) * w for d, w in zip(number, _ID_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == number[17].upper()


def luhn(number: str) -> bool:
    """Tell whether a bank-card number passes the Luhn check (ISO/IEC 7812-1)."""
    digits = [int(d) for d in reversed(number)]
    return sum(digits[::2]) % 10 == -sum(sum(divmod(2 * d, 10)) for d in digits[1::2]) % 10


def check_privacy(context: CheckContext) -> list[Finding]:
    """Secrets, personal data, and matters that do not belong into a public speech."""
    out = private_data(context.text)
    for m in _SENSITIVE.finditer(context.text):
        message = f"“{m.group()}”属于敏感工作细节，不宜在讲话里说。"
        out.append(
            finding(
                context.text,
                "H-SENS",
                Severity.P1,
                m.span(),
                message=message,
                suggestion="删去，或改用“做好信访维稳工作”一类表述。",
                source="公开讲话保密惯例",
            )
        )
    return out
