"""The rules in the workbook template: an entry that breaks one is refused, and the figures that contradict are coloured.

A cell has one data validation and a rule several cells. A rule is therefore asked of the last of its cells, down the form:
whoever fills it in from the top has all other figures there by then, and corrects one above without being stopped. Whatever
the order, conditional formatting colours all cells of a rule while they break it, red for an error, yellow for a warning.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openpyxl import load_workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from expectations.catalogue import Catalogue
from expectations.excel import CellOf, excel_validation, share_validation
from expectations.expression import Sum
from expectations.rules import Rule
from expectations.workbook import first_row, saved

#: What Excel takes of a message.
_MESSAGE_LENGTH = 225
_FILLS = {"error": PatternFill(bgColor="FFC7CE"), "warning": PatternFill(bgColor="FFEB9C")}


@dataclass(frozen=True, slots=True)
class EntryCheck:
    """``formula`` is true while the figures of ``codes`` (down the form, the last is asked) may stay as they are."""

    rule_id: str
    severity: str
    codes: tuple[str, ...]
    formula: str
    message: str


def entry_checks(
    rules: Iterable[Rule], codes: Sequence[str], cell_of: CellOf, catalogue: Catalogue
) -> tuple[EntryCheck, ...]:
    """Every rule that a formula over the form's figures can tell; ``codes`` are the form's lines from the top."""
    place = {code: at for at, code in enumerate(codes)}
    checks = []
    for rule in rules:
        message = f"{rule.message_vi} ({rule.rule_id})."
        if rule.operator == "between":
            checks += [
                EntryCheck(rule.rule_id, rule.severity, (code,), share_validation(rule, cell_of(code)), message)
                for code in catalogue.closed_percents
            ]
            continue
        formula = excel_validation(rule, cell_of, catalogue)
        if formula is None:
            continue
        named = {o.name for side in (rule.left, rule.right) if isinstance(side, Sum) for o in side.operands}
        told = tuple(sorted(named, key=place.__getitem__))
        checks.append(EntryCheck(rule.rule_id, rule.severity, told, formula, message))
    return tuple(checks)


def with_entry_checks(form: bytes, codes: Sequence[str], rules: Iterable[Rule], catalogue: Catalogue) -> bytes:
    """``form`` with the rules as validations and colours; ``codes`` are its rows in order, headings among them. Lists of
    answers stay as they are, and the form's own checks of a figure hold beside the rules."""
    book = load_workbook(io.BytesIO(form))
    sheet = book.worksheets[0]
    first, column = first_row(sheet)
    letter = sheet.cell(first, column).column_letter
    rows = {code: row for row, code in enumerate(codes, first)}
    checks = entry_checks(rules, codes, lambda code: f"${letter}${rows[code]}", catalogue)
    asked: dict[str, list[EntryCheck]] = defaultdict(list)
    for check in checks:
        cells = " ".join(f"{letter}{rows[code]}" for code in check.codes)
        fill = _FILLS[check.severity]
        sheet.conditional_formatting.add(cells, FormulaRule(formula=[f"NOT({check.formula})"], fill=fill))
        asked[f"{letter}{rows[check.codes[-1]]}"].append(check)
    own = _own_validations(sheet)
    for cell, found in asked.items():
        before = own.get(cell)
        if before is None or before.type == "list":
            continue
        # One cell, one answer: beside an error that refuses, a warning is told by its colour alone.
        worst = [check for check in found if check.severity == "error"] or found
        before.sqref = MultiCellRange([one for one in str(before.sqref).split() if one != cell])
        sheet.add_data_validation(_validation(cell, before, worst))
    sheet.data_validations.dataValidation = [one for one in sheet.data_validations.dataValidation if one.sqref.ranges]
    return saved(book)


def _own_validations(sheet: Worksheet) -> dict[str, DataValidation]:
    """The form's own validation of each cell, its ranges written out cell by cell."""
    found: dict[str, DataValidation] = {}
    for validation in sheet.data_validations.dataValidation:
        cells = [
            f"{sheet.cell(row, column).coordinate}" for ref in validation.sqref.ranges for row, column in ref.cells
        ]
        validation.sqref = MultiCellRange(cells)
        found |= dict.fromkeys(cells, validation)
    return found


def _validation(cell: str, own: DataValidation, checks: Sequence[EntryCheck]) -> DataValidation:
    is_whole = f",{cell}=INT({cell})" if own.type == "whole" else ""
    formula = f"ISNUMBER({cell}),{cell}>={own.formula1},{cell}<={own.formula2}{is_whole}"
    is_error = any(check.severity == "error" for check in checks)
    made = DataValidation(
        type="custom",
        formula1=f"AND({formula},{','.join(check.formula for check in checks)})",
        errorStyle="stop" if is_error else "warning",
        allow_blank=True,
    )
    told = " ".join([*(check.message for check in checks), f"{own.error}."])
    made.error = told if len(told) <= _MESSAGE_LENGTH else told[: _MESSAGE_LENGTH - 1] + "…"
    made.errorTitle, made.promptTitle, made.prompt = own.errorTitle, own.promptTitle, own.prompt
    made.showInputMessage = made.showErrorMessage = True
    made.add(cell)
    return made
