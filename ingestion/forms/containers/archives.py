"""Archives of files (.zip): each entry unpacked in memory, within limits, under a name that leads nowhere."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator

from ingestion.forms.containers.limits import Limits, RefusedError
from ingestion.forms.containers.names import safe_path
from ingestion.forms.containers.packed import unpack

_OF_NO_INTEREST = ("__macosx/", "thumbs.db", "desktop.ini")


def open_archive(content: bytes, limits: Limits) -> Iterator[tuple[str, bytes | RefusedError]]:
    """Each file in the archive: its path inside, and its bytes or why it is not read. Nothing is written anywhere."""
    left = limits.most_unpacked_bytes
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for entry in packed.infolist():
            path = safe_path(_name(entry))
            base = path.rpartition("/")[2]
            if entry.is_dir() or not base or base.startswith(("~$", ".")) or path.lower().startswith(_OF_NO_INTEREST):
                continue
            if stat.S_ISLNK(entry.external_attr >> 16):
                yield path, RefusedError("mục trong tệp nén là liên kết (symlink), không mở")
                continue
            try:
                unpacked = unpack(packed, entry, min(left, limits.most_bytes))
            except RefusedError as error:
                yield path, error
                continue
            left -= len(unpacked)
            yield path, unpacked


def _name(entry: zipfile.ZipInfo) -> str:
    """The entry's name; many programs write UTF-8 without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename
