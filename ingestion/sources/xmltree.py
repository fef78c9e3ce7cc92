"""A small, safe tree of an XML document: local names, attributes and text, nothing else.

lxml parses with everything dangerous off; its events build the tree here, so that a DOCTYPE, a depth or a number of
elements is refused while it is being read, and a long text (a scanned report in base64) needs no relaxed parser.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from lxml import etree


class NotReadableError(Exception):
    """The bytes are no XML that may be read; the text says why, in Vietnamese."""


class Element:
    """An element by its local name; attributes count as children without children."""

    __slots__ = ("_text", "children", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.children: list[Element] = []
        self._text: list[str] = []

    @property
    def text(self) -> str:
        """Its own text, NFC, without the blanks around it."""
        return unicodedata.normalize("NFC", "".join(self._text)).strip()

    def add_text(self, text: str) -> None:
        self._text.append(text)

    def all(self, name: str) -> Iterator[Element]:
        """Every element of this name below, in document order."""
        waiting = self.children[::-1]
        while waiting:
            element = waiting.pop()
            if element.name == name:
                yield element
            waiting.extend(reversed(element.children))

    def first(self, name: str) -> Element | None:
        return next(self.all(name), None)

    def text_at(self, *path: str) -> str:
        """The text at a path of direct children; the first child of a name that has text at the end wins, else nothing."""
        name, *rest = path
        for child in self.children:
            if child.name == name and (text := child.text_at(*rest) if rest else child.text):
                return text
        return ""


class _Builder:
    """Takes lxml's events. An error raised in here stops the parser."""

    def __init__(self, max_elements: int, max_depth: int) -> None:
        self._left = max_elements
        self._max_depth = max_depth
        self._top = Element("")
        self._open = [self._top]

    def doctype(self, *_: object) -> None:
        raise NotReadableError("tệp XML có DOCTYPE; không được phép")

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._left -= 1 + len(attributes)
        if self._left < 0:
            raise NotReadableError("tệp XML có quá nhiều phần tử")
        if len(self._open) > self._max_depth:
            raise NotReadableError("tệp XML lồng quá sâu")
        element = Element(_local(tag))
        for name, value in attributes.items():
            attribute = Element(_local(name))
            attribute.add_text(value)
            element.children.append(attribute)
        self._open[-1].children.append(element)
        self._open.append(element)

    def end(self, _tag: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        self._open[-1].add_text(text)

    def close(self) -> Element | None:
        """The root; None when the parser was stopped before it, for lxml closes its target then too."""
        return self._top.children[0] if self._top.children else None


def read_tree(content: bytes, *, max_bytes: int, max_elements: int, max_depth: int) -> Element:
    """The root of the document. Raises ``NotReadableError``."""
    if len(content) > max_bytes:
        raise NotReadableError(f"gói tin lớn hơn {max_bytes // 1024 // 1024} MB")
    parser = etree.XMLParser(
        target=_Builder(max_elements, max_depth),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
    )
    try:
        root = etree.fromstring(content.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise NotReadableError("gói tin không phải XML đúng cú pháp hoặc bị cắt cụt") from error
    if not isinstance(root, Element):
        raise NotReadableError("gói tin không phải XML đúng cú pháp hoặc bị cắt cụt")
    return root


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
