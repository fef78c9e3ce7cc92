"""The XML parts of a packed office file (.xlsx, .xlsb, .ods, .docx), unpacked within limits and looked at before any reader is."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from lxml import etree

from ingestion.forms.containers.limits import Limits, RefusedError, told

# Only what Python itself unpacks piece by piece: the others may ask for gigabytes before the first byte.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,
    NotImplementedError,
    OSError,
    EOFError,
    ValueError,
    OverflowError,
)
_ENCRYPTED = 0x1
SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)


class Package:
    """A packed office file; its parts are read one by one and never written anywhere."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        try:
            self._packed = zipfile.ZipFile(io.BytesIO(content))
        except _FAULTS as error:
            raise RefusedError(f"tệp bị hỏng hoặc bị cắt cụt ({told(error)})") from error
        self._left = limits.most_unpacked_bytes
        self.names = frozenset(self._packed.namelist())

    def read(self, name: str) -> bytes:
        """A part of the package. Raises ``RefusedError`` when it is missing, damaged or larger than may be unpacked."""
        try:
            entry = self._packed.getinfo(name)
        except KeyError as error:
            raise RefusedError(f"tệp bị hỏng: thiếu phần «{name}»") from error
        content = unpack(self._packed, entry, self._left)
        self._left -= len(content)
        return content

    def read_xml(self, name: str) -> bytes:
        """As ``read``, for XML: a document type, by which entities are declared, is refused."""
        content = self.read(name)
        refuse_document_type(content, name)
        return content


def unpack(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, most_bytes: int) -> bytes:
    """The bytes of an entry. Raises ``RefusedError``; no more than ``most_bytes`` are ever unpacked."""
    if entry.flag_bits & _ENCRYPTED:
        raise RefusedError("tệp nén có mật khẩu, không mở được")
    if entry.compress_type not in _METHODS:
        raise RefusedError("cách nén không được hỗ trợ; xin nén lại thành .zip thông thường")
    if entry.file_size > most_bytes:
        raise RefusedError(f"bung ra quá lớn ({entry.file_size // 2**20} MB)")
    try:
        with packed.open(entry) as opened:
            content = opened.read(most_bytes + 1)
    except _FAULTS as error:
        raise RefusedError(f"tệp nén bị hỏng ({told(error)})") from error
    if len(content) > most_bytes:
        raise RefusedError("bung ra quá lớn")
    return content


def refuse_document_type(content: bytes, name: str) -> None:
    """Raises ``RefusedError`` where XML declares a document type; no office program writes one."""
    start = content[:4]
    said = content
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in start:
        said = content.replace(b"\0", b"")
    if b"<!DOCTYPE" in said or b"<!ENTITY" in said:
        raise RefusedError(f"phần «{name}» có khai báo DTD hoặc thực thể XML; không được phép")


def events(
    content: bytes, name: str, tags: tuple[str, ...], kinds: tuple[str, ...] = ("end",)
) -> Iterator[tuple[str, Any]]:
    """The elements of XML one after the other, emptied once they were given. Raises ``RefusedError`` when it is none."""
    try:
        for event, element in etree.iterparse(
            io.BytesIO(content),
            events=kinds,
            tag=tags,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        ):
            yield event, element
            if event == "end":
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise RefusedError(_fault(name, error)) from error


def parse(content: bytes, name: str) -> Any:
    """The root of an XML part. Raises ``RefusedError`` when it is none, or is nested too deeply."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RefusedError(_fault(name, error)) from error


def _fault(name: str, error: Exception) -> str:
    if "depth" in str(error):
        return f"phần «{name}» lồng nhau quá sâu"
    return f"phần «{name}» không phải XML đúng cú pháp ({told(error)})"


def local_name(element: Any) -> str:
    """The name of an element without its namespace; "" for comments and the like."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def targets_of(package: Package, part: str) -> dict[str, str]:
    """What a part's relations point to inside the package, by their ids."""
    folder, _, base = part.rpartition("/")
    name = f"{folder}/_rels/{base}.rels"
    if name not in package.names:
        return {}
    targets = {}
    for _, relation in events(package.read_xml(name), name, ("{*}Relationship",)):
        target = relation.get("Target", "")
        if relation.get("TargetMode", "") != "External":
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
            targets[relation.get("Id", "")] = path
    return targets
