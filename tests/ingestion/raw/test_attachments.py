"""Which e-documents are told that their report can't be read: an agency's reports, and none of the many other letters."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from ingestion.model import Attachment, EdocMessage
from ingestion.raw import attachments
from ingestion.raw.attachments import judge
from ingestion.reference import Catalogue

LETTER = Attachment("cong van.txt", "Kính gửi các cơ quan, đơn vị".encode(), "text/plain")


def message(
    subject: str, *files: Attachment, sender: str = "000.00.03.H51", business: Literal["new", "recall"] = "new"
) -> EdocMessage:
    return EdocMessage(
        document_id=f"{sender},2021/12/17,1/STC",
        sender_organ_id=sender,
        code_number="1",
        code_notation="STC",
        promulgated_on=date(2021, 12, 17),
        subject=subject,
        business=business,
        targets=(),
        reason="",
        attachments=files or (LETTER,),
        problems=(),
    )


@pytest.mark.parametrize(
    "subject",
    [
        "Kế hoạch cải cách hành chính năm 2022",
        "Giấy mời họp giao ban công tác CCHC",
        "V/v tuyên truyền cải cách hành chính",
        "Báo cáo thu chi ngân sách quý IV",
        "",
    ],
)
def test_a_letter_that_is_no_report_is_taken_in_unopened(
    subject: str, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "read_bytes", lambda *_, **__: pytest.fail("opened"))
    assert judge(message(subject), catalogue) is None


@pytest.mark.parametrize(
    "subject",
    ["Báo cáo công tác cải cách hành chính năm 2021", "BC CCHC quý I", "Số liệu thống kê CCHC", "V/v gửi Phụ lục 2"],
)
def test_a_report_without_a_form_is_refused_with_the_name_of_its_file(subject: str, catalogue: Catalogue) -> None:
    assert "cong van.txt" in (judge(message(subject), catalogue) or "")


def test_a_report_with_its_form_is_accepted_whatever_lies_beside_it(workbook: Path, catalogue: Catalogue) -> None:
    form = Attachment("bieu.doc", workbook.read_bytes(), "application/msword")
    assert judge(message("Báo cáo CCHC năm 2021", LETTER, form), catalogue) is None


def test_a_letter_from_an_organ_that_reports_nothing_to_us_is_taken_in(catalogue: Catalogue) -> None:
    """A ministry's report on the reform index, for one."""
    assert judge(message("Báo cáo chỉ số cải cách hành chính", sender="000.00.00.G09"), catalogue) is None


def test_a_recall_needs_no_form(catalogue: Catalogue) -> None:
    assert judge(message("Thu hồi báo cáo CCHC năm 2021", business="recall"), catalogue) is None
