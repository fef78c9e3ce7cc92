"""The appendix as a Word document: the official form and the notes. Thirty agencies side by side are the workbook's."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from publishing.appendix.look import Look, ShownRow
from publishing.appendix.notes import Block, Made, line_note, note_blocks, shown_unit
from publishing.appendix.words import Language, english_head, number, words
from publishing.appendix.workbook import shown, title
from publishing.province_table import ProvinceTable

#: 165 mm: A4 inside the margins of decree 30/2020/NĐ-CP.
_WIDTHS = (Mm(10), Mm(70), Mm(24), Mm(22), Mm(39))
_NOTE_WIDTHS = (Mm(52), Mm(48), Mm(65))
_SHADE = "F2F2F2"
_CENTRE, _LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT


def write_document(table: ProvinceTable, made: Made, look: Look, language: Language = "vi") -> bytes:
    """The appendix as a ``.docx``; figures are written as officers write them, a blank stays blank."""
    document = Document()
    _set_up(document, look, made.at, words(language)["page"])
    lines = title(table, look, language)
    for text in lines:
        paragraph = document.add_paragraph()
        paragraph.alignment = _CENTRE
        paragraph.paragraph_format.space_after = Pt(3)
        run = paragraph.add_run(text)
        run.font.size = Pt(13)
        run.bold, run.italic = text is not lines[-1], text is lines[-1]
    _form(document, table, look, language)
    heading_line = document.add_paragraph()
    heading_line.paragraph_format.page_break_before = True
    heading = heading_line.add_run(words(language)["notes_title"])
    heading.bold, heading.font.size = True, Pt(13)
    for block in note_blocks(table, made, language):
        _notes(document, block)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_up(document: DocumentType, look: Look, at: datetime, page: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    style = document.styles["Normal"]
    style.font.name, style.font.size = look.FONT, Pt(12)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), look.FONT)
    style.paragraph_format.space_after = Pt(0)
    document.core_properties.author = document.core_properties.comments = ""
    document.core_properties.created = document.core_properties.modified = at
    footer = section.footer.paragraphs[0]
    footer.alignment = _CENTRE
    footer.add_run(f"{page} ")
    _field(footer, "PAGE")


def _form(document: DocumentType, table: ProvinceTable, look: Look, language: Language) -> None:
    document.add_paragraph()
    drawn = document.add_table(rows=2 + len(table.lines), cols=len(_WIDTHS), style="Table Grid")
    drawn.alignment, drawn.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    rows = list(drawn.rows)
    cells = [list(row.cells) for row in rows]
    head = look.HEAD if language == "vi" else english_head()
    for (below, column), text in head.items():
        _write(cells[below][column - 1], text, _CENTRE, is_bold=True)
    for row in rows[:2]:
        _repeat(row)
    for row, line in enumerate(table.lines, 2):
        figure = table.figures.get(line.code)
        value = "" if figure is None or figure.value is None else number(figure.value, language)
        note = line_note(table, line, language)
        _row(cells[row], shown(line, look, language), shown_unit(line, language), value, note)
    _set_widths(drawn, cells, _WIDTHS)
    for row, held in zip(rows, cells, strict=True):
        _keep_whole(row)
        for cell in held:
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    for column in (0, 1):
        cells[0][column].merge(cells[1][column])
    cells[0][2].merge(cells[0][4])
    for cell in (*cells[0], *cells[1]):
        _shade(cell)


def _row(cells: Sequence[_Cell], row: ShownRow, unit: str, value: str, note: str) -> None:
    is_bold = row.depth < 3
    _write(cells[0], "" if row.number is None else str(row.number), _CENTRE, is_bold=is_bold)
    _write(cells[1], row.label, _LEFT, is_bold=is_bold, is_italic=row.depth == 4)
    _write(cells[2], unit, _CENTRE)
    _write(cells[3], value, _CENTRE, is_bold=row.is_section)
    _write(cells[4], note, _LEFT, size=11)
    if row.is_section:
        for cell in cells:
            _shade(cell)


def _notes(document: DocumentType, block: Block) -> None:
    if block.title:
        document.add_paragraph()
        document.add_paragraph().add_run(block.title).bold = True
    if not block.head:
        for texts in block.rows:
            paragraph = document.add_paragraph()
            if len(texts) > 1:
                paragraph.add_run(f"{texts[0]}: ").bold = True
            paragraph.add_run(texts[-1])
        return
    drawn: Table = document.add_table(rows=1 + len(block.rows), cols=len(block.head), style="Table Grid")
    drawn.autofit = False
    rows = list(drawn.rows)
    cells = [list(row.cells) for row in rows]
    _set_widths(drawn, cells, _NOTE_WIDTHS)
    for row, held, texts in zip(rows, cells, (block.head, *block.rows), strict=True):
        _keep_whole(row)
        for cell, text in zip(held, texts, strict=True):
            _write(cell, text, _LEFT, is_bold=texts is block.head, size=11)
    _repeat(rows[0])


def _set_widths(table: Table, cells: Sequence[Sequence[_Cell]], widths: Sequence[Mm]) -> None:
    """Word reads the cells' widths, LibreOffice the columns'."""
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in cells:
        for cell, width in zip(row, widths, strict=True):
            cell.width = width


def _write(
    cell: _Cell,
    text: str,
    alignment: WD_ALIGN_PARAGRAPH,
    *,
    is_bold: bool = False,
    is_italic: bool = False,
    size: int = 12,
) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = alignment
    if text:
        run = paragraph.add_run(text)
        run.bold, run.italic, run.font.size = is_bold, is_italic, Pt(size)


def _repeat(row: _Row) -> None:
    """Show the row again at the top of every page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _keep_whole(row: _Row) -> None:
    """Don't break the row over two pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _shade(cell: _Cell) -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), _SHADE)
    cell._tc.get_or_add_tcPr().append(shade)


def _field(paragraph: Paragraph, name: str) -> None:
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", name), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)
