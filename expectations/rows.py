"""The night's failing rows as a workbook: one row a line that a broken rule names, to be filtered and handed on."""

from __future__ import annotations

from collections.abc import Mapping

from expectations.findings import Findings, place
from expectations.proposals import Repair, say_repair
from expectations.wording import Wording
from expectations.workbook import table

_WIDTHS = (26.0, 20.0, 14.0, 10.0, 10.0, 44.0, 12.0, 40.0, 14.0, 14.0, 34.0, 34.0, 40.0, 34.0)


def failing_rows(night: Findings, repairs: Mapping[str, tuple[Repair, ...]], wording: Wording) -> bytes:
    """Every line of every broken rule of the night, errors first within a form, with the best proposal."""
    words = wording.words
    heads = (
        words["agency"], words["period"], words["document"], words["rule"], words["severity"], words["reason"],
        words["indicator"], words["label"], words["typed"], words["read"], words["left"], words["right"],
        words["proposal"], words["place"],
    )  # fmt: skip
    is_vietnamese = wording.language == "vi"
    rows = []
    for finding in night.findings:
        proposed = repairs.get(finding.submission_id, ())
        for rule in (*finding.errors, *finding.warnings):
            is_error = rule.severity == "error"
            rows += [
                (
                    finding.agency_name or finding.agency_code, finding.period_label, finding.document_number or "",
                    rule.rule_id, words["error_word"] if is_error else words["warning_word"],
                    rule.message_vi if is_vietnamese else rule.message_en, figure.code,
                    figure.label_vi if is_vietnamese else figure.label_en, figure.text, figure.value,
                    rule.left_text, rule.right_text,
                    say_repair(proposed[0], wording) if is_error and proposed else "", place(figure.locator),
                )
                for figure in rule.figures
            ]  # fmt: skip
    return table(words["rows_sheet"], heads, rows, _WIDTHS)
