"""Bytes of a text to letters: the encodings that Vietnamese offices use."""

from __future__ import annotations

import unicodedata

from ingestion.forms.containers.found import Found, Text
from ingestion.forms.containers.limits import Limits, RefusedError

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_VOWELS = frozenset("aăâeêioôơuưyAĂÂEÊIOÔƠUƯY")
MOST_LETTERS = 4_000_000


def read_text(content: bytes, _limits: Limits) -> Found:
    """Raises ``RefusedError`` when the bytes are no text."""
    text = decode(content)
    if len(text) > MOST_LETTERS:
        raise RefusedError(f"tệp văn bản quá dài ({len(text) // 1_000_000} triệu chữ)")
    controls = sum(unicodedata.category(letter) == "Cc" and letter not in "\r\n\t\f\v" for letter in text[:20_000])
    if controls * 50 > len(text[:20_000]):
        raise RefusedError("không nhận ra định dạng của tệp")
    return Found(Text(text.replace("\r\n", "\n").replace("\r", "\n")))


def decode(content: bytes) -> str:
    """UTF-8, UTF-16, or one byte a letter: Windows-1258 where its tone marks follow vowels, else Western letters, in which
    texts typed in fonts from before Unicode (TCVN3, VNI) come. Raises ``RefusedError`` when it is none of them."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(content, "utf-16")
    if b"\0" in content[:4096]:
        wide = _of_wide_letters(content)
        if wide is None:
            raise RefusedError("không nhận ra định dạng của tệp")
        return _decoded(content, wide)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    vietnamese = content.decode("cp1258", errors="replace")
    tones = [index for index, letter in enumerate(vietnamese) if letter in _TONES and index]
    after_vowels = sum(unicodedata.normalize("NFD", vietnamese[index - 1])[0] in _VOWELS for index in tones)
    if tones and after_vowels * 10 >= len(tones) * 9 and "\ufffd" not in vietnamese:
        return vietnamese
    # The five bytes that Windows leaves open are letters of old fonts too.
    return "".join(bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in content)


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise RefusedError("tệp văn bản bị cắt cụt hoặc bị hỏng bảng mã") from error


def _of_wide_letters(content: bytes) -> str | None:
    """UTF-16 without a mark at its start: every other byte of its blanks and digits is zero."""
    start = content[:4096]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if odd * 5 > len(start) and not even:
        return "utf-16-le"
    if even * 5 > len(start) and not odd:
        return "utf-16-be"
    return None
