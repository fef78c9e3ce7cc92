"""What stands in a form's table and is taken by no line: named, so that nothing is lost silently."""

from __future__ import annotations

from ingestion.forms.grid import CellValue, Grid, cell_text
from ingestion.forms.labels import Labels
from ingestion.forms.layouts import Layout
from ingestion.model import Problem


def left_over(grid: Grid, layout: Layout, body: int, labels: Labels) -> list[Problem]:
    """Figures of rows that are no line of the form, and of headings; ``layout``'s lines begin at the grid's row ``body``."""
    return [*_unplaced(grid, layout, body), *_on_headings(grid, layout, body, labels)]


def is_figure(cell: CellValue) -> bool:
    return isinstance(cell, float | int) or cell_text(cell)[:1].isdigit()


def _unplaced(grid: Grid, layout: Layout, body: int) -> list[Problem]:
    """Rows with a label and a figure that are no row of the catalogue: named, so that nothing is lost silently."""
    problems = []
    column = layout.columns.values[0]
    for line in layout.unplaced:
        value = cell_text(grid.cell(body + line, column))
        if value:
            label = " ".join(filter(None, (cell_text(grid.cell(body + line, place)) for place in layout.columns.label)))
            message = f"Dòng «{label[:80]}» không có trong biểu; số liệu «{value[:40]}» không được nhận"
            problems.append(Problem("warning", "row_unknown", message, grid.address(body + line, column)))
    return problems


def _on_headings(grid: Grid, layout: Layout, body: int, labels: Labels) -> list[Problem]:
    """Figures that stand on a heading, which is not answered: named too."""
    problems = []
    column = layout.columns.values[0]
    for found in layout.found:
        cell = grid.cell(body + found.start, column)
        heading = labels.rows[found.row]
        if not heading.is_answered and is_figure(cell):
            message = f"{heading.code} {heading.label_vi} là đề mục, không có số liệu; «{cell_text(cell)[:40]}» không được nhận"
            problems.append(Problem("warning", "heading_has_figure", message, grid.address(body + found.start, column)))
    return problems
