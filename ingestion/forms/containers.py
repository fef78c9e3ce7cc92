"""From a file's bytes to tables and text: what kind of file it is by its content, never by its name."""

from __future__ import annotations

import functools
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import docx
import openpyxl
import pypdfium2
import python_calamine

from ingestion.errors import ParseError
from ingestion.forms.grid import Grid

MOST_ENTRIES = 200
MOST_UNPACKED_BYTES = 200 * 1024 * 1024
MOST_ROWS = 5_000
MOST_COLUMNS = 256
MOST_NESTING = 2


@dataclass(frozen=True, slots=True)
class Text:
    """Running text of a file."""

    content: str


Content = tuple[Grid, ...] | Text
Refuse = Callable[[str], ParseError]


def open_file(name: str, content: bytes, *, source: str = "drop") -> Iterator[tuple[str, Content]]:
    """The tables or the text of each file in ``content``: one for most, several for an archive; (its name, what it holds).

    Raises ``ParseError`` with a Vietnamese reason when nothing can be made of it.
    """
    yield from _open(name, content, source, nesting=0)


def _open(name: str, content: bytes, source: str, nesting: int) -> Iterator[tuple[str, Content]]:
    def refuse(reason: str) -> ParseError:
        return ParseError(reason, source=source, locator=name)

    if not content.strip(b"\0 \r\n\t"):
        raise refuse("tệp rỗng")
    if content.startswith(b"PK\x03\x04") or content.startswith(b"PK\x05\x06"):
        kind, entries = _zip_kind(content, refuse)
        if kind == "archive":
            if nesting >= MOST_NESTING:
                raise refuse("tệp nén lồng nhau quá sâu")
            yield from _open_archive(name, content, entries, source, nesting)
            return
        yield name, (_word_tables(content, refuse) if kind == "word" else _workbook(content, refuse))
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        yield name, _workbook(content, refuse)
    elif content.startswith(b"%PDF"):
        yield name, _pdf_text(content, refuse)
    else:
        yield name, Text(_decode(content, refuse))


def _zip_kind(content: bytes, refuse: Refuse) -> tuple[str, list[zipfile.ZipInfo]]:
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile as error:
        raise refuse(f"tệp nén bị hỏng ({error})") from error
    if len(entries) > MOST_ENTRIES * 10:
        raise refuse(f"tệp nén có quá nhiều mục ({len(entries)})")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise refuse("tệp nén bung ra quá lớn")
    names = {entry.filename for entry in entries}
    if any(name.startswith("word/") for name in names):
        return "word", entries
    if any(name.startswith("xl/") for name in names) or "content.xml" in names:
        return "workbook", entries
    return "archive", entries


def _open_archive(
    name: str, content: bytes, entries: list[zipfile.ZipInfo], source: str, nesting: int
) -> Iterator[tuple[str, Content]]:
    if len(entries) > MOST_ENTRIES:
        raise ParseError(f"tệp nén có quá nhiều mục ({len(entries)})", source=source, locator=name)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in entries:
            inner = PurePosixPath(entry.filename.replace("\\", "/")).name
            if entry.is_dir() or not inner or inner.startswith(("~$", ".")):
                continue
            locator = f"{name}/{inner}"
            try:
                unpacked = archive.read(entry)
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
                raise ParseError(
                    f"không mở được mục trong tệp nén ({error})", source=source, locator=locator
                ) from error
            yield from _open(locator, unpacked, source, nesting + 1)


def _workbook(content: bytes, refuse: Refuse) -> tuple[Grid, ...]:
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(content))
    except python_calamine.PasswordError as error:
        raise refuse("bảng tính có mật khẩu, không mở được") from error
    except (python_calamine.CalamineError, python_calamine.XmlError, python_calamine.ZipError, OSError) as error:
        raise refuse(f"bảng tính bị hỏng hoặc không đúng định dạng ({error})") from error
    formats = _Formats(content)
    grids = []
    for about in workbook.sheets_metadata:
        name = about.name
        if about.typ is not python_calamine.SheetTypeEnum.WorkSheet:
            continue
        try:
            sheet = workbook.get_sheet_by_name(name)
            start = sheet.start or (0, 0)
            rows = sheet.to_python(skip_empty_area=True, nrows=MOST_ROWS)
        except python_calamine.CalamineError as error:
            raise refuse(f"trang tính «{name}» bị hỏng ({error})") from error
        grids.append(
            Grid(
                name,
                [row[:MOST_COLUMNS] for row in rows],
                start[0],
                start[1],
                is_hidden=about.visible is not python_calamine.SheetVisibleEnum.Visible,
                is_percent_format=functools.partial(formats.is_percent, name),
            )
        )
    return tuple(grids)


class _Formats:
    """How cells of a workbook are shown, opened only when a figure can't be understood without it."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._workbook: openpyxl.Workbook | None = None

    def is_percent(self, sheet: str, row: int, column: int) -> bool | None:
        if not self._content.startswith(b"PK"):
            return None
        if self._workbook is None:
            try:
                self._workbook = openpyxl.load_workbook(io.BytesIO(self._content), keep_vba=False, keep_links=False)
            except (
                KeyError,
                ValueError,
                TypeError,
                zipfile.BadZipFile,
                openpyxl.utils.exceptions.InvalidFileException,
            ):
                return None  # an .ods or .xlsb: openpyxl can't tell
        if sheet not in self._workbook.sheetnames:
            return None
        return "%" in str(self._workbook[sheet].cell(row + 1, column + 1).number_format)


def _word_tables(content: bytes, refuse: Refuse) -> tuple[Grid, ...]:
    """Each table of a Word file, with the paragraphs before it as rows above it: they say whose form it is."""
    try:
        document = docx.Document(io.BytesIO(content))
    except Exception as error:  # python-docx lets out whatever its parser meets
        raise refuse(f"tệp Word bị hỏng ({error})") from error
    above = [[paragraph.text] for paragraph in document.paragraphs[:60] if paragraph.text.strip()]
    grids = []
    for number, table in enumerate(document.tables, start=1):
        rows = [_distinct([cell.text for cell in row.cells]) for row in table.rows[:MOST_ROWS]]
        grids.append(Grid(f"Bảng {number}", [*above, *rows]))
    return tuple(grids)


def _distinct(texts: list[str]) -> list[str | None]:
    """A merged Word cell is given once for each column that it covers: only the first keeps its text."""
    return [None if index and text == texts[index - 1] and text else text for index, text in enumerate(texts)]


def _pdf_text(content: bytes, refuse: Refuse) -> Text:
    try:
        pdf = pypdfium2.PdfDocument(content)
        text = "\n\n".join(page.get_textpage().get_text_bounded() for page in pdf)
    except pypdfium2.PdfiumError as error:
        raise refuse(f"tệp PDF bị hỏng hoặc có mật khẩu ({error})") from error
    if not text.strip():
        raise refuse("tệp PDF chỉ có ảnh chụp, chưa nhận dạng được chữ")
    return Text(text.replace("\r\n", "\n"))


def _decode(content: bytes, refuse: Refuse) -> str:
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if is_wide else ["utf-8-sig", "cp1258"]
    if b"\0" in content[:4096] and not is_wide:
        raise refuse("không nhận ra định dạng của tệp")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse("không nhận ra bảng mã của tệp văn bản")
