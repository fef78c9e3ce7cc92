"""PDF files with a text layer: tables where their columns can be told, else the text line by line.

A table with drawn lines is cut along them (pdfplumber). One without is cut where no word stands over the whole height of
the page. Pages follow each other as one table, as they do on paper.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Any

import pdfplumber
import pypdfium2

from ingestion.forms.containers.found import Cell, Found, Table, Text
from ingestion.forms.containers.limits import Limits, RefusedError, told
from ingestion.forms.text import fold

#: A page with fewer letters than this is a picture of a page.
LEAST_LETTERS = 40
LEAST_ROWS = 8
LEAST_GAP_POINTS = 5.0
MOST_LETTERS_OF_A_PAGE = 60_000
#: A file of no more pages is looked at whole; in a longer one, a report with prose, the form begins at its head.
MOST_PAGES_LOOKED_AT_WHOLE = 12
_HEAD = re.compile(r"\b(?:chi tieu|noi dung|tieu chi)\b.{0,200}\b(?:so lieu|don vi tinh|dvt|ket qua|ghi chu)")
_RULED = {"vertical_strategy": "lines", "horizontal_strategy": "lines", "intersection_tolerance": 6}

Word = dict[str, Any]


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
    is_ruled = False
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        for page in pdf.pages[first:]:
            if len(page.chars) > MOST_LETTERS_OF_A_PAGE:
                raise RefusedError(f"trang {page.page_number} của tệp PDF có quá nhiều chữ")
            words = page.extract_words()
            (prose if page.page_number <= head else lines).extend(_lines(words))
            above, table, below = _page(page, words)
            is_ruled = is_ruled or bool(table)
            rows.extend([*above, *table, *below])
            page.close()
    if not is_ruled:
        cut = _unruled(lines)
        if not cut:
            return Found(Text("\n".join([*texts[:first], *(_said(line) for line in [*prose, *lines])])))
        rows = [*rows[: len(rows) - len(lines)], *cut]
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
        return [[_said(line)] for line in _lines(words)], [], []
    top = min(table.bbox[1] for table in tables)
    bottom = max(table.bbox[3] for table in tables)
    return (
        [[_said(line)] for line in _lines(word for word in words if word["bottom"] <= top + 1)],
        [_cells(row, words) for table in tables for row in table.rows],
        [[_said(line)] for line in _lines(word for word in words if word["top"] >= bottom - 1)],
    )


def _cells(row: Any, words: Sequence[Word]) -> list[Cell]:
    """What stands in each cell of a drawn row, line by line; None where a cell is merged into its neighbour."""
    _, top, _, bottom = row.bbox
    own = [word for word in words if top <= (word["top"] + word["bottom"]) / 2 <= bottom]
    cells: list[Cell] = []
    for box in row.cells:
        inside = [word for word in own if box and box[0] <= (word["x0"] + word["x1"]) / 2 <= box[2]]
        cells.append("\n".join(_said(line) for line in _lines(inside)) if box else None)
    return cells


def _said(line: Sequence[Word]) -> str:
    return " ".join(word["text"] for word in line)


def _lines(words: Iterable[Word]) -> list[list[Word]]:
    """Words that stand at one height, from left to right; heights from top to bottom."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word["top"] + word["bottom"]) / 2):
        middle = (word["top"] + word["bottom"]) / 2
        if lines and middle < lines[-1][0]["bottom"] and middle > lines[-1][0]["top"]:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda word: word["x0"]) for line in lines]


def _unruled(lines: Sequence[Sequence[Word]]) -> list[list[Cell]]:
    """The rows of a table without drawn lines: cut at the gaps that go down through nearly all lines of all pages."""
    edges = _gaps(lines)
    if len(edges) < 2:
        return []
    rows: list[list[Cell]] = []
    for line in lines:
        cells: list[Cell] = [None] * (len(edges) + 1)
        if _crosses(line, edges):
            cells[0] = _said(line)  # a line over the whole page: title, signature
        else:
            for column, words in itertools.groupby(line, key=lambda word: _column(word, edges)):
                cells[column] = _said(list(words))
        rows.append(cells)
    filled = sum(sum(cell is not None for cell in row) >= 2 for row in rows)
    return rows if filled >= LEAST_ROWS * 2 else []


def _gaps(lines: Sequence[Sequence[Word]]) -> list[float]:
    """Where columns part: points over which at most one line in twenty-five has a word, wide enough to be no blank."""
    if len(lines) < LEAST_ROWS * 2:
        return []
    right = int(max(word["x1"] for line in lines for word in line)) + 2
    if not 0 < right < 5000:
        return []
    covered = [0] * (right + 1)
    for line in lines:
        if len(line) > 1 and line[0]["x0"] < right:
            for word in line:
                for point in range(max(int(word["x0"]), 0), min(int(word["x1"]) + 1, right)):
                    covered[point] += 1
    most = max(1, len(lines) // 25)
    edges, start = [], None
    for point, count in enumerate(covered):
        if count <= most:
            start = point if start is None else start
            continue
        if start is not None and start > 0 and point - start >= LEAST_GAP_POINTS:
            edges.append((start + point) / 2)
        start = None
    first = min(point for point, count in enumerate(covered) if count > most) if any(c > most for c in covered) else 0
    return [edge for edge in edges if edge > first]


def _crosses(line: Sequence[Word], edges: Sequence[float]) -> bool:
    return any(word["x0"] + 1 < edge < word["x1"] - 1 for word in line for edge in edges)


def _column(word: Word, edges: Sequence[float]) -> int:
    middle = (word["x0"] + word["x1"]) / 2
    return sum(edge < middle for edge in edges)
