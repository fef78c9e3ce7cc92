"""The official form as a workbook for one agency and period, blank or begun, that the reader takes back without a doubt."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ingestion.forms.identity import SHEET, Identity
from ingestion.forms.official import DrawnRow, draw_form, form_row, set_up_print, title_lines
from ingestion.reference import FORM_CODE, Agency, Catalogue, Indicator

_WIDTHS = (5.5, 62.0, 18.0, 12.0, 42.0)
_MOST_COUNT = 999_999_999


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a system of record holds for a line: the figure, and the words for its note (``529/529 hồ sơ``)."""

    value: Decimal
    note: str = ""


def write_template(
    agency: Agency, period_code: str, catalogue: Catalogue, recorded: Mapping[str, Recorded] | None = None
) -> bytes:
    """The form as an ``.xlsx``; ``recorded`` figures, by code, are filled in and shaded. ValueError for an unknown period."""
    if period_code not in catalogue.period_codes:
        raise ValueError(period_code)
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one
    sheet.title = "Phụ lục 2"
    title = title_lines(period_code, agency.name_vi, agency.doc_suffix, is_province=agency.level == "province")
    rows = [_drawn(indicator, (recorded or {}).get(indicator.code)) for indicator in catalogue.rows]
    head, first = draw_form(sheet, title, rows, widths=_WIDTHS)
    _validate(sheet, first, catalogue)
    set_up_print(sheet, head=head, frozen=f"C{first}", area=f"A1:E{first + len(rows) - 1}")
    hidden = book.create_sheet(SHEET)
    for cells in Identity(FORM_CODE, agency.code, period_code).rows():
        hidden.append(cells)
    hidden.sheet_state = "veryHidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _drawn(indicator: Indicator, recorded: Recorded | None) -> DrawnRow:
    unit = "\n".join(f"{answer} = {value}" for answer, value in indicator.choices) or indicator.unit_vi
    row = form_row(indicator.code, indicator.label_vi)
    if recorded is None:
        return DrawnRow(row, unit)
    return DrawnRow(row, unit, recorded.value, recorded.note, is_shaded=True)


def _validate(sheet: Worksheet, first: int, catalogue: Catalogue) -> None:
    """A list for what is chosen, whole numbers for what is counted, 0 to 100 for shares (a plan may be exceeded)."""
    kinds: dict[tuple[str, ...], DataValidation] = {}
    for row, indicator in enumerate(catalogue.rows, first):
        rule = kinds.get(key := (indicator.value_type, *(answer for answer, _ in indicator.choices)))
        if rule is None:
            rule = _rule(indicator)
            if rule is None:
                continue
            kinds[key] = rule
            sheet.add_data_validation(rule)
        rule.add(sheet.cell(row, 4).coordinate)


def _rule(indicator: Indicator) -> DataValidation | None:
    if indicator.choices:
        answers = "; ".join(f"{answer} = {value}" for answer, value in indicator.choices)
        listed = ",".join(str(value) for _, value in sorted(indicator.choices, key=lambda choice: choice[1]))
        rule = DataValidation(type="list", formula1=f'"{listed}"')
        rule.prompt, rule.error = f"Chọn: {answers}", f"Chỉ chọn một trong các trả lời: {answers}"
    elif indicator.value_type == "count":
        rule = DataValidation(type="whole", operator="between", formula1="0", formula2=str(_MOST_COUNT))
        rule.prompt, rule.error = "Số nguyên; để trống nếu không có số liệu", "Số liệu phải là số nguyên, không âm"
    elif indicator.value_type == "percent":
        rule = DataValidation(type="decimal", operator="between", formula1="0", formula2="1000")
        rule.prompt, rule.error = "Tỷ lệ %, ví dụ 99,89 (không ghi dấu %)", "Tỷ lệ phải là số từ 0, ví dụ 99,89"
    else:
        return None
    rule.promptTitle, rule.errorTitle = "Số liệu", "Số liệu chưa đúng"
    rule.allow_blank = rule.showInputMessage = rule.showErrorMessage = True
    return rule
