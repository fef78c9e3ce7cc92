"""PDF files with a text layer: tables where their columns can be told, else the text line by line.

A table with drawn lines is cut along them (pdfplumber). One without is put together from where its words stand
(``unruled``), or cut where no word stands over the whole height of the page (``gaps``). Pages follow each other as one
table, as they do on paper.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import pdfplumber
import pypdfium2

from ingestion.forms.containers.found import Cell, Found, Table, Text
from ingestion.forms.containers.gaps import cut_at_gaps
from ingestion.forms.containers.limits import Limits, RefusedError, told
from ingestion.forms.containers.unruled import cut_by_places
from ingestion.forms.containers.words import Word, lines_of, parted, said_in
from ingestion.forms.text import fold

#: A page with fewer letters than this is a picture of a page.
LEAST_LETTERS = 40
#: Between two letters of a word, in sizes of a letter.
MOST_GAP_IN_A_WORD = 0.1
MOST_LETTERS_OF_A_PAGE = 60_000
#: A file of no more pages is looked at whole; in a longer one, a report with prose, the form begins at its head.
MOST_PAGES_LOOKED_AT_WHOLE = 12
_HEAD = re.compile(r"\b(?:chi tieu|noi dung|tieu chi)\b.{0,200}\b(?:so lieu|don vi tinh|dvt|ket qua|ghi chu)")
_RULED = {"vertical_strategy": "lines", "horizontal_strategy": "lines", "intersection_tolerance": 6}


def read_pdf(content: bytes, limits: Limits) -> Found | None:
    """The tables or the text; None when the file is pictures of pages only. Raises ``RefusedError``."""
    try:
        return _read(content, limits)
    except (RefusedError, MemoryError):
        raise
    except Exception as error:  # pdfminer lets out whatever it meets in a damaged file
        if "assword" in repr(error) or "Encryption" in repr(error):
            raise RefusedError("tệp PDF có mật khẩu, không mở được; xin bỏ mật khẩu rồi gửi lại") from error
        raise RefusedError(f"tệp PDF bị hỏng ({told(error)})") from error


def _read(content: bytes, limits: Limits) -> Found | None:
    texts = _texts_of_pages(content, limits)
    if sum(len(text) for text in texts) < LEAST_LETTERS * len(texts):
        return None
    head = next((number for number, text in enumerate(texts) if _HEAD.search(fold(text))), 0)
    first = head if len(texts) > MOST_PAGES_LOOKED_AT_WHOLE else 0
    rows: list[list[Cell]] = [[line] for text in texts[:first] for line in text.splitlines() if line.strip()]
    prose: list[list[Word]] = []
    lines: list[list[Word]] = []
    fine: list[list[Word]] = []
    is_ruled = False
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        for page in pdf.pages[first:]:
            if len(page.chars) > MOST_LETTERS_OF_A_PAGE:
                raise RefusedError(f"trang {page.page_number} của tệp PDF có quá nhiều chữ")
            words = page.extract_words(x_tolerance_ratio=MOST_GAP_IN_A_WORD, return_chars=True)
            (prose if page.page_number <= head else lines).extend(lines_of(words))
            above, table, below = _page(page, words)
            is_ruled = is_ruled or bool(table)
            if not is_ruled:
                fine.append(words)
            rows.extend([*above, *table, *below])
            page.close()
    if not is_ruled:
        before = rows[: len(rows) - len(lines) - len(prose)]
        cut = cut_by_places(fine) or cut_at_gaps([*prose, *lines])
        if cut is None:
            return Found(Text("\n".join([*texts[:first], *(said_in(line) for line in [*prose, *lines])])))
        doubtful = tuple(len(before) + row for row in sorted(cut.doubtful))
        return Found((Table("PDF", [*before, *cut.rows][: limits.most_rows], doubtful_rows=doubtful),))
    return Found((Table("PDF", rows[: limits.most_rows]),))


def _texts_of_pages(content: bytes, limits: Limits) -> list[str]:
    """The letters of each page, as pdfium gives them in no time; pdfplumber looks only at those from the form on."""
    pdf = pypdfium2.PdfDocument(content)
    if not 0 < len(pdf) <= limits.most_pages:
        raise RefusedError(f"tệp PDF có {len(pdf)} trang (nhiều nhất {limits.most_pages})")
    texts: list[str] = []
    for number in range(len(pdf)):
        page = pdf[number].get_textpage()
        if page.count_chars() > MOST_LETTERS_OF_A_PAGE:
            raise RefusedError(f"trang {number + 1} của tệp PDF có quá nhiều chữ")
        texts.append(page.get_text_bounded().replace("\r\n", "\n"))
    return texts


def _page(page: Any, words: Sequence[Word]) -> tuple[list[list[Cell]], list[list[Cell]], list[list[Cell]]]:
    """Lines above the tables of a page, rows of the tables, lines below, where tables are drawn; else lines only."""
    tables = [table for table in page.find_tables(_RULED) if len(table.rows[0].cells) >= 3]
    if not tables:
        return [[said_in(line)] for line in lines_of(words)], [], []
    top = min(table.bbox[1] for table in tables)
    bottom = max(table.bbox[3] for table in tables)
    return (
        [[said_in(line)] for line in lines_of(word for word in words if word["bottom"] <= top + 1)],
        [_cells(row, words) for table in tables for row in table.rows],
        [[said_in(line)] for line in lines_of(word for word in words if word["top"] >= bottom - 1)],
    )


def _cells(row: Any, words: Sequence[Word]) -> list[Cell]:
    """What stands in each cell of a drawn row, line by line; None where a cell is merged into its neighbour."""
    _, top, _, bottom = row.bbox
    edges = sorted({edge for box in row.cells if box for edge in (box[0], box[2])})
    level = (word for word in words if top <= (word["top"] + word["bottom"]) / 2 <= bottom)
    own = [part for word in level for part in parted(word, edges)]
    cells: list[Cell] = []
    for box in row.cells:
        inside = [word for word in own if box and box[0] <= (word["x0"] + word["x1"]) / 2 <= box[2]]
        cells.append("\n".join(said_in(line) for line in lines_of(inside)) if box else None)
    return cells
