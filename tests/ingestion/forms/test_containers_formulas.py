"""Formulas: a stored result is taken, a simple one without is computed, any other stays visible and is named."""

from __future__ import annotations

import io

import openpyxl
import pytest

from ingestion.forms.containers import Text, open_file
from ingestion.forms.containers.arithmetic import NotComputableError, compute
from ingestion.model import Problem
from tests.ingestion.forms.hostile_files import sheet_of


def saved(*rows: list[object], name: str = "Sheet") -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0].title = name
    for row in rows:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes) -> tuple[list[list[object]], list[Problem]]:
    problems: list[Problem] = []
    ((_, grids),) = open_file("a.xlsx", content, problems=problems)
    assert not isinstance(grids, Text)
    return [list(row) for row in grids[0].rows], problems


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("=A1+B1*2", 17.0),
        ("=(A1+B1)*2", 24.0),
        ("=A1-B1-1", 1.0),
        ("=-A1+B1", -2.0),
        ("=A1/B1", 1.4),
        ("=2^3", 8.0),
        ("=50%*A1", 3.5),
        ("=SUM(A1:B1)", 12.0),
        ("=SUM(A1;B1;3)", 15.0),
        ("=SUM($A$1:B1,C1)", 12.0),
        ("=AVERAGE(A1:B1)", 6.0),
        ("=MAX(A1:C1)-MIN(A1:B1)", 2.0),
        ("=COUNT(A1:C1)", 2.0),
        ("=COUNTA(A1:C1)", 3.0),
        ("=ROUND(100*B1/A1,2)", 71.43),
        ("=ROUND(2.5,0)", 3.0),
        ("=IF(A1>B1,1,0)", 1.0),
        ("=IF(A1=0,0,B1/A1*0+4)", 4.0),
        ("=IF(A1<0,1/0,2)", 2.0),
        ("=IFERROR(A1/0,9)", 9.0),
        ('=IF(C1="Có",1,0)', 1.0),
        ('=A1&"/"&B1', "7/5"),
        ("=AND(A1>1,B1>1)", True),
        ("=Sheet!A1+'Sheet'!B1", 12.0),
        ("=+A1", 7.0),
    ],
)
def test_a_simple_formula_without_a_result_is_computed(formula: str, result: object) -> None:
    rows, problems = read(saved([7, 5, "Có", formula]))
    assert rows[0][3] == result
    assert problems == []


@pytest.mark.parametrize(
    "formula",
    [
        "=NOW()",
        "=TODAY()+1",
        "=RAND()",
        '=INDIRECT("A1")',
        '=WEBSERVICE("http://127.0.0.1/")',
        "=[1]Khác!A1",
        "=Missing!A1",
        "=VLOOKUP(1,A1:B1,2,0)",
        "=A1/0",
        "=SUM(",
        "=C1+1",
        "=D1",
        "=OFFSET(A1,0,0)",
        "={1,2}",
    ],
)
def test_any_other_formula_stays_visible_and_is_named(formula: str) -> None:
    rows, problems = read(saved([7, 5, "Có", formula]))
    assert rows[0][3] == formula
    assert "1 công thức chưa có kết quả" in problems[0].message


def test_a_stored_result_is_taken_and_nothing_computed() -> None:
    """Even where the formula is volatile, or says something else."""
    rows, problems = read(
        sheet_of(b'<row r="1"><c r="A1"><f>NOW()</f><v>41</v></c><c r="B1"><f>1+1</f><v>3</v></c></row>')
    )
    assert rows == [[41.0, 3.0]]
    assert problems == []


@pytest.mark.parametrize("nothing", [b"", b"<v></v>", b"<v/>", b"\n <v> </v>"])
def test_no_result_is_seen_however_it_is_written(nothing: bytes) -> None:
    rows, _ = read(sheet_of(b'<row r="1"><c r="A1"><v>4</v></c><c r="B1"><f>A1*2</f>' + nothing + b"</c></row>"))
    assert rows == [[4.0, 8.0]]


def test_formulas_that_rest_on_formulas_are_computed_in_any_order() -> None:
    down = [[f"=A{row + 1}+1"] for row in range(1, 400)]
    rows, problems = read(saved(*down, [1]))
    assert rows[0][0] == 400.0
    assert problems == []


def test_a_formula_below_and_right_of_all_values_is_not_lost() -> None:
    rows, _ = read(saved([1, None, None], [None, None, None], [None, None, "=A1+1"]))
    assert rows[2][2] == 2.0


def test_formulas_that_go_round_are_named() -> None:
    rows, problems = read(saved(["=B1", "=A1"]))
    assert rows == [["=B1", "=A1"]]
    assert "2 công thức" in problems[0].message


def test_a_formula_reaches_only_what_it_is_given() -> None:
    with pytest.raises(NotComputableError):
        compute("=__import__('os')", lambda _: [])
    with pytest.raises(NotComputableError):
        compute("=" + "(" * 500 + "1" + ")" * 500, lambda _: [])
