"""Files made to do harm, small on disk, each named by what it tries."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

SHEET_HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
SHEET_TAIL = b"</sheetData></worksheet>"
_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="xml" ContentType="application/xml"/>'
    b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    b'<Override PartName="/xl/workbook.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    b'<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    b'"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELATIONS = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Target="%b" Type='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships/%b"/></Relationships>'
)
_WORKBOOK = (
    b'<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    b'<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
)


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(sheet: bytes, **others: bytes) -> bytes:
    """An .xlsx around the XML of its only sheet."""
    return packed(
        {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": _RELATIONS % (b"xl/workbook.xml", b"officeDocument"),
            "xl/workbook.xml": _WORKBOOK,
            "xl/_rels/workbook.xml.rels": _RELATIONS % (b"worksheets/sheet1.xml", b"worksheet"),
            "xl/worksheets/sheet1.xml": sheet,
            **{name.replace("__", "/").replace("_xml", ".xml"): content for name, content in others.items()},
        }
    )


def sheet_of(rows: bytes) -> bytes:
    return workbook(SHEET_HEAD + rows + SHEET_TAIL)


def number_at(address: str, row: int) -> bytes:
    return b'<row r="%d"><c r="%b"><v>1</v></c></row>' % (row, address.encode())


def zip_bomb() -> bytes:
    return packed({"bieu.txt": b"0" * (60 * 2**20)})


def bomb_in_a_workbook() -> bytes:
    return sheet_of(b" " * (60 * 2**20))


def bomb_that_lies_about_its_size() -> bytes:
    """The sheet says it has 1,000 bytes and unpacks to 100 million."""
    honest = bytearray(sheet_of(b"<row/>" * (8 * 2**20)))
    size = len(SHEET_HEAD + SHEET_TAIL) + 6 * 8 * 2**20
    at = 0
    while (at := honest.find(struct.pack("<I", size), at)) >= 0:
        honest[at : at + 4] = struct.pack("<I", 1000)
    return bytes(honest)


def nested_bombs() -> bytes:
    content = b"0" * (20 * 2**20)
    for depth in range(6):
        content = packed({f"{depth}-{copy}.zip": content for copy in range(4)})
    return content


def many_entries() -> bytes:
    return packed({f"{number}.txt": b"x" for number in range(5_000)})


def overlapping_entries() -> bytes:
    """Many entries that share one kernel of packed bytes, as in a bomb without nesting."""
    kernel = zlib.compress(b"0" * (10 * 2**20), 9)[2:-4]
    crc = zlib.crc32(b"0" * (10 * 2**20))
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(kernel), 10 * 2**20, 1, 0) + b"a" + kernel
    central = b"".join(
        struct.pack(
            "<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(kernel), 10 * 2**20, 1, 0, 0, 0, 0, 0, 0
        )
        + b"a"
        for _ in range(190)
    )
    return local + central + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 190, 190, len(central), len(local), 0)


def million_laughs(part: bytes = b"worksheet") -> bytes:
    entities = b'<!ENTITY a0 "ha">' + b"".join(
        b'<!ENTITY a%d "%b">' % (depth, b"&a%d;" % (depth - 1) * 10) for depth in range(1, 10)
    )
    return b'<?xml version="1.0"?><!DOCTYPE %b [%b]>' % (part, entities)


def entities_in_a_sheet() -> bytes:
    rows = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>'
    body = SHEET_HEAD.partition(b"?>")[2] + rows + SHEET_TAIL
    return workbook(million_laughs() + body)


def entities_in_shared_strings() -> bytes:
    strings = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&a9;</t></si></sst>'
    return workbook(SHEET_HEAD + SHEET_TAIL, xl__sharedStrings_xml=million_laughs(b"sst") + strings)


def _word(document: bytes) -> bytes:
    return packed({"[Content_Types].xml": _TYPES, "word/document.xml": document})


def entities_in_a_word_file() -> bytes:
    return _word(
        million_laughs(b"w:document") + b'<w:document xmlns:w="w"><w:body><w:p>&a9;</w:p></w:body></w:document>'
    )


def external_entity_in_a_word_file() -> bytes:
    return _word(
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><w:document xmlns:w="w"><w:body>&x;</w:body></w:document>'
    )


def entities_in_a_wide_word_file() -> bytes:
    said = b'<!DOCTYPE d [<!ENTITY x "y">]><d>&x;</d>'.decode()
    return _word(('<?xml version="1.0" encoding="UTF-16"?>' + said).encode("utf-16"))


def entities_in_an_open_document() -> bytes:
    return packed(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": b"<manifest/>",
            "styles.xml": b"<styles/>",
            "content.xml": million_laughs(b"d") + b"<d>&a9;</d>",
        }
    )


def deep_nesting_in_a_word_file() -> bytes:
    return _word(b'<w:document xmlns:w="w"><w:body>' + b"<w:tbl><w:tr><w:tc>" * 200_000)


def nested_word_tables() -> bytes:
    depth = 60
    return _word(
        b'<w:document xmlns:w="w"><w:body>'
        + b"<w:tbl><w:tr><w:tc>" * depth
        + b"</w:tc></w:tr></w:tbl>" * depth
        + b"</w:body></w:document>"
    )


def deep_nesting_in_a_sheet() -> bytes:
    return sheet_of(b"<row>" * 500_000)


def deep_nesting_in_a_web_page() -> bytes:
    return b"<html><body>" + b"<table><tr><td>" * 100_000


def million_empty_rows() -> bytes:
    return sheet_of(b"".join(b'<row r="%d" spans="1:5"><c r="A%d"/></row>' % (row, row) for row in range(1, 2**20 + 1)))


def cells_at_the_far_corners() -> bytes:
    return sheet_of(number_at("A1", 1) + number_at("XFD2", 2) + number_at("A1048576", 1048576))


def far_corners_without_addresses() -> bytes:
    """Nothing but the reader's own counting says how far out these cells stand."""
    return sheet_of(b"<row>" + b"<c><v>1</v></c>" * 60_000 + b"</row>" + b"<row><c><v>1</v></c></row>" * 60_000)


def long_text_shared_by_all_cells() -> bytes:
    """A text of half a million letters, said once and shown in 20,000 cells: ten gigabytes when each has its own."""
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rows = b"".join(
        b'<row r="%d">%b</row>'
        % (row, b"".join(b'<c r="%b%d" t="s"><v>0</v></c>' % (bytes([letter]), row) for letter in range(65, 91)))
        for row in range(1, 770)
    )
    strings = b"<sst %b><si><t>%b</t></si></sst>" % (main, b"a" * 500_000)
    return workbook(SHEET_HEAD + rows + SHEET_TAIL, xl__sharedStrings_xml=strings)


def one_sheet_named_a_thousand_times() -> bytes:
    sheets = b"".join(b'<sheet name="S%d" sheetId="%d" r:id="rId1"/>' % (number, number) for number in range(1, 5_001))
    cells = b"".join(number_at(f"A{row}", row) for row in range(1, 1_000))
    named = _WORKBOOK.partition(b"<sheets>")[0] + b"<sheets>" + sheets + b"</sheets></workbook>"
    return workbook(SHEET_HEAD + cells + SHEET_TAIL, xl__workbook_xml=named)


def sixteen_thousand_columns() -> bytes:
    def letters(number: int) -> str:
        said = ""
        while number:
            number, rest = divmod(number - 1, 26)
            said = chr(65 + rest) + said
        return said

    addresses = [letters(number) for number in range(1, 16_385)]
    rows = [
        b'<row r="%d">' % row + b"".join(b'<c r="%b%d"><v>1</v></c>' % (a.encode(), row) for a in addresses) + b"</row>"
        for row in range(1, 61)
    ]
    return sheet_of(b"".join(rows))


def repeated_cells_in_an_open_document() -> bytes:
    names = (
        b'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        b'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        b'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    )
    content = (
        b"<office:document-content " + names + b"><office:body><office:spreadsheet>"
        b'<table:table table:name="S"><table:table-row table:number-rows-repeated="1048576">'
        b'<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1">'
        b"<text:p>1</text:p></table:table-cell></table:table-row></table:table>"
        b"</office:spreadsheet></office:body></office:document-content>"
    )
    return packed(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": b"<manifest/>",
            "styles.xml": b"<styles/>",
            "content.xml": content,
        }
    )


def formulas_that_go_round() -> bytes:
    return sheet_of(
        b'<row r="1"><c r="A1"><f>B1+1</f></c><c r="B1"><f>A1+1</f></c></row>'
        + b"".join(b'<row r="%d"><c r="A%d"><f>A%d*2</f></c></row>' % (row, row, row + 1) for row in range(2, 3000))
    )


def formula_of_a_million_brackets() -> bytes:
    return sheet_of(b'<row r="1"><c r="A1"><f>' + b"(" * 1_000_000 + b"1</f></c></row>")


def formulas_over_formulas() -> bytes:
    """Each asks for a whole block of the ones below it."""
    return sheet_of(
        b"".join(
            b'<row r="%d">' % row
            + b"".join(
                b'<c r="%c%d"><f>SUM(A%d:Z%d)+SUM(A%d:Z%d)</f></c>' % (65 + column, row, row + 1, 190, row + 1, 190)
                for column in range(26)
            )
            + b"</row>"
            for row in range(1, 180)
        )
    )


def formula_that_calls_out() -> bytes:
    return sheet_of(
        b'<row r="1"><c r="A1"><f>WEBSERVICE("http://127.0.0.1:1/")</f></c>'
        b'<c r="B1"><f>cmd|\'/c calc\'!A0</f></c><c r="C1"><f>[1]Kh\xc3\xa1c!A1</f></c><c r="D1"><f>NOW()</f></c></row>'
    )


def huge_text() -> bytes:
    return b"bieu mau cai cach hanh chinh\n" * (2 * 2**20)


def huge_web_table() -> bytes:
    return b"<html><table>" + b"<tr><td colspan=9999 rowspan=9999>1</td></tr>" * 6000 + b"</table></html>"


def pdf_of(objects: list[bytes]) -> bytes:
    body = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return body + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)


def pdf_bomb() -> bytes:
    """A page whose content unpacks from 200 kilobytes to 200 megabytes of drawing."""
    drawing = zlib.compress(b"0 0 m 1 1 l S\n" * (14 * 2**20), 9)
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
            b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(drawing), drawing),
        ]
    )


def pdf_that_points_to_itself() -> bytes:
    return pdf_of([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"])


def pdf_of_a_huge_page() -> bytes:
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 1000000 1000000]>>",
        ]
    )


def picture_of_a_huge_size() -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


HOSTILE: dict[str, Callable[[], bytes]] = {
    made.__name__: made
    for made in (
        zip_bomb,
        bomb_in_a_workbook,
        bomb_that_lies_about_its_size,
        nested_bombs,
        many_entries,
        overlapping_entries,
        entities_in_a_sheet,
        entities_in_shared_strings,
        entities_in_a_word_file,
        external_entity_in_a_word_file,
        entities_in_a_wide_word_file,
        entities_in_an_open_document,
        deep_nesting_in_a_word_file,
        nested_word_tables,
        deep_nesting_in_a_sheet,
        deep_nesting_in_a_web_page,
        million_empty_rows,
        cells_at_the_far_corners,
        far_corners_without_addresses,
        long_text_shared_by_all_cells,
        one_sheet_named_a_thousand_times,
        sixteen_thousand_columns,
        repeated_cells_in_an_open_document,
        formulas_that_go_round,
        formula_of_a_million_brackets,
        formulas_over_formulas,
        formula_that_calls_out,
        huge_text,
        huge_web_table,
        pdf_bomb,
        pdf_that_points_to_itself,
        pdf_of_a_huge_page,
        picture_of_a_huge_size,
    )
}
