"""What kind of file it is, by its content and never by its name."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Literal

from ingestion.forms.containers.limits import Limits, RefusedError, told

Kind = Literal["archive", "workbook", "old_workbook", "word", "pdf", "picture", "markup", "text"]

_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_REFUSED = (
    (b"{\\rtf", "tệp .rtf không đọc được; xin lưu lại thành .docx hoặc .xlsx"),
    (b"Rar!\x1a\x07", "tệp nén .rar không đọc được; xin nén lại thành .zip"),
    (b"7z\xbc\xaf\x27\x1c", "tệp nén .7z không đọc được; xin nén lại thành .zip"),
    (b"\x1f\x8b", "tệp nén .gz không đọc được; xin nén lại thành .zip"),
    (b"MZ", "tệp là chương trình (.exe), không phải báo cáo"),
    (b"\x7fELF", "tệp là chương trình, không phải báo cáo"),
    (b"GIF8", "ảnh .gif không đọc được; xin gửi bảng tính, hoặc ảnh .png, .jpg, .tif"),
    (b"MIME-Version:", "trang web lưu thành một tệp (.mht) không đọc được; xin lưu lại thành .xlsx"),
)
_MARKUP = re.compile(
    rb"\s*(?:<\?xml|<!--|<!doctype|<html|<head|<meta|<body|<table|<style|<(?:\w+:)?workbook)", re.IGNORECASE
)


def kind_of(content: bytes, limits: Limits) -> Kind:
    """Raises ``RefusedError`` for what is never read, with the way out for its sender."""
    start = content[:1024]
    if not start.strip(b"\0 \r\n\t") and not content.strip(b"\0 \r\n\t"):
        raise RefusedError("tệp rỗng")
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _packed_kind(content, limits)
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound_kind(content)
    if b"%PDF-" in start:
        return "pdf"
    if start.startswith(_PICTURES):
        return "picture"
    for mark, reason in _REFUSED:
        if start.startswith(mark):
            raise RefusedError(reason)
    plain = start.removeprefix(b"\xef\xbb\xbf")
    if plain.startswith((b"\xff\xfe", b"\xfe\xff")):
        plain = plain.decode("utf-16", errors="ignore").encode()
    if _MARKUP.match(plain):
        return "markup"
    if start[:8].startswith((b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")):
        raise RefusedError("bảng tính quá cũ (Excel 95 trở về trước); xin lưu lại thành .xlsx")
    return "text"


def _packed_kind(content: bytes, limits: Limits) -> Kind:
    """A file of the ZIP kind: Word, a workbook, or an archive of files; what would unpack too large is refused here."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, OverflowError) as error:
        raise RefusedError(f"tệp nén bị hỏng hoặc bị cắt cụt ({told(error)})") from error
    names = {entry.filename.replace("\\", "/").lower() for entry in entries}
    is_office = "[content_types].xml" in names or "content.xml" in names
    if len(entries) > limits.most_entries * (10 if is_office else 1):
        raise RefusedError(f"tệp nén có quá nhiều mục ({len(entries)})")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.most_unpacked_bytes:
        raise RefusedError(f"tệp nén bung ra quá lớn ({unpacked // 2**20} MB)")
    if unpacked > 10 * 2**20 and unpacked > limits.most_ratio * max(len(content), 1):
        raise RefusedError(f"tệp nén bung ra gấp {unpacked // len(content)} lần, giống bom nén; không mở")
    if "[content_types].xml" in names and any(name.startswith("word/") for name in names):
        return "word"
    if "[content_types].xml" in names and any(name.startswith("xl/") for name in names):
        return "workbook"
    if "content.xml" in names and "meta-inf/manifest.xml" in names:
        if any(name.startswith("object ") for name in names) and "styles.xml" not in names:
            raise RefusedError("tệp OpenDocument không phải bảng tính; xin lưu lại thành .xlsx hoặc .docx")
        return "workbook"
    return "archive"


def _compound_kind(content: bytes) -> Kind:
    """A file of the old Office kind, by the names of the streams in it."""
    if _has_stream(content, "EncryptedPackage"):
        raise RefusedError("tệp có mật khẩu, không mở được; xin bỏ mật khẩu rồi gửi lại")
    if _has_stream(content, "Workbook") or _has_stream(content, "Book"):
        return "old_workbook"
    if _has_stream(content, "WordDocument"):
        raise RefusedError("tệp Word đời cũ (.doc) không đọc được; xin lưu lại thành .docx")
    if _has_stream(content, "PowerPoint Document"):
        raise RefusedError("tệp trình chiếu (.ppt), không phải báo cáo")
    raise RefusedError("không nhận ra định dạng của tệp (tệp Office đời cũ bị hỏng?)")


def _has_stream(content: bytes, name: str) -> bool:
    """Whether a directory entry of this name is there: 64 bytes of UTF-16, then the length of the name with its end."""
    wide = name.encode("utf-16-le")
    return wide.ljust(64, b"\0") + (len(wide) + 2).to_bytes(2, "little") in content
