"""Finds out how Chinese text was encoded: UTF-8, UTF-16, GB18030 (GBK) or Big5."""

from __future__ import annotations

import codecs
import re

from rag_speech.ingest.readers.base import UnreadableError

COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过民得经十三"
    "之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政"
    "四日社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系"
    "军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知"
    "较将组见计别手角期根论运农指几九区强放决西被干做必战先回则任取据处理府研质县市镇村委办室讲话意见领导单位会"
    "议认真落实加强坚持贯彻精神服务群众责任安全发展推进同志们今举行训班培习好确保障抓紧治环境项目企业乡"
    "這們來時會國對發動經進過說個後產種麼開還實現關點業與無問題間條應當體學長變機將給從員話議導講領務責眾處"
    "縣鎮鄉單辦貫徹設統級內區強決運論質項達歷頭數資計義總結構"
)
"""Characters that make up at least a third of any real Chinese speech, simplified and traditional."""

_HAN = re.compile(r"[\u3400-\u9fff]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f-\x84\x86-\x9f]")
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_MIN_COMMON = 0.2  # measured on speeches: right decodings 0.67-0.73, wrong ones under 0.02
_MAX_CONTROL = 0.005
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes, name: str, declared: str = "") -> tuple[str, str]:
    """Return the text of ``data`` with ``\\n`` line ends, and its encoding.

    ``declared`` is what the document says of itself; it is believed only when the result reads as Chinese.
    Raises UnreadableError: empty, binary, cut off inside a character, or no encoding that gives Chinese text.
    """
    if not data.strip():
        raise UnreadableError(name, "empty", "the file is empty")
    text, encoding = _decode(data, name, declared)
    text = _LINE_ENDS.sub("\n", text).rstrip("\x1a")
    if not text.strip():
        raise UnreadableError(name, "empty", "the file is empty")
    if _control_share(text) > _MAX_CONTROL or "\x00" in text:
        raise UnreadableError(name, "binary", "the file is binary data, not text")
    return text, encoding


def _decode(data: bytes, name: str, declared: str) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise UnreadableError(
                    name, "damaged", f"the file says it is {encoding} but is damaged or cut off"
                ) from error
    if data.count(0) > len(data) * _MAX_CONTROL:
        return _without_mark(data, name)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        if (
            error.end >= len(data)
            and error.reason == "unexpected end of data"
            and common_share(data[: error.start].decode()) > _MIN_COMMON
        ):
            raise UnreadableError(
                name, "damaged", "the text is cut off in the middle of a character"
            ) from error
    return _best(data, name, declared)


def _without_mark(data: bytes, name: str) -> tuple[str, str]:
    """UTF-16 text without a byte order mark has zero bytes in its line ends and digits."""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if common_share(text) > _MIN_COMMON and _control_share(text) <= _MAX_CONTROL:
            return text, encoding
    raise UnreadableError(name, "binary", "the file is binary data, not text")


def _best(data: bytes, name: str, declared: str) -> tuple[str, str]:
    candidates = [declared.lower()] if declared else []
    candidates += ["gb18030", "big5", "big5hkscs"]
    guess = _guess(data)
    if guess and guess not in candidates:
        candidates.append(guess)
    scored = []
    for rank, encoding in enumerate(candidates):
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        scored.append((common_share(text), -rank, encoding, text))
    if scored:
        share, _, encoding, text = max(scored)
        if share > _MIN_COMMON:
            return text, encoding
    why = "its encoding is not UTF-8, GB18030, UTF-16 or Big5, or it is damaged; save it as UTF-8"
    raise UnreadableError(
        name, "encoding" if _control_share(data.decode("latin-1")) <= _MAX_CONTROL else "binary", why
    )


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    match = from_bytes(data[:65536]).best()
    return str(match.encoding) if match else ""


def common_share(text: str) -> float:
    """Return the share of common characters among the Han characters of ``text`` (0 when there is none)."""
    han = _HAN.findall(text[:200_000])
    return sum(c in COMMON for c in han) / len(han) if han else 0.0


def _control_share(text: str) -> float:
    return len(_CONTROL.findall(text)) / max(1, len(text))
