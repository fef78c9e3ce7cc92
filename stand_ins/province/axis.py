"""The messages on the document axis: reports in every shape, their recalls and replacements, and much that is no report."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial

import numpy as np

from stand_ins.province.citations import Book
from stand_ins.province.damage import PlantedError
from stand_ins.province.figures import Cell
from stand_ins.province.packages import NEW, OLD, Enclosure, Message
from stand_ins.province.reference import Reference
from stand_ins.province.sending import Sending
from stand_ins.province.workbook import form_workbook, table_workbook, zipped

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OTHERS = (
    ("Giấy mời họp giao ban tháng", "GM"),
    ("V/v góp ý dự thảo Nghị quyết", "CV"),
    ("Thông báo lịch tiếp công dân", "TB"),
    ("Kế hoạch phòng, chống dịch COVID-19", "KH"),
    ("V/v báo cáo công tác phòng, chống tham nhũng", "CV"),
    ("Quyết định về việc nâng bậc lương thường xuyên", "QĐ"),
)


def report_messages(sending: Sending, shape: str, reference: Reference, book: Book, next_id: str) -> list[Message]:
    """The message or messages that carry one report; ``next_id`` is the docId of a second one, where the shape has two."""
    message = _report(sending, shape, reference)
    if shape not in ("replaced", "updated", "recalled"):
        return [message]
    later = sending.submitted_at + timedelta(days=1)
    if shape == "recalled":
        serial, notation = book.number("CV", later.date()).split("/")
        recall = replace(
            message,
            door_id=next_id,
            created_at=later,
            document_id=_document_id(message.sender_organ_id, later.date(), f"{serial}/{notation}"),
            code_number=serial,
            code_notation=notation,
            promulgated_on=later.date(),
            subject=f"V/v thu hồi Báo cáo số {sending.document_number}",
            enclosures=(),
            business="recall",
            targets=(message.document_id,),
            reason="Gửi nhầm biểu số liệu",
        )
        return [message, recall]
    newer = replace(
        sending,
        figures=dict(sending.figures),
        door_id=next_id,
        submitted_at=later,
        document_number=book.number("BC", later.date()),
        document_date=later.date(),
    )
    sending.figures["I.3.3"] = Cell(max(int(sending.figures["I.3.3"].value or 0) - 1, 0))
    second = replace(
        _report(newer, "plain", reference),
        business="replace" if shape == "replaced" else "update",
        targets=(message.document_id,),
        reason="Đính chính số liệu",
    )
    # The axis held the replaced report back: its replacement came first.
    first = replace(message, created_at=later + timedelta(hours=3)) if shape == "replaced" else message
    return [first, second]


def other_messages(reference: Reference, year: int, rng: np.random.Generator, start: int) -> list[Message]:
    """Thirty messages that are no report, oddities of real packages among them, and five status messages."""
    messages = []
    for number in range(30):
        subject, kind = _OTHERS[number % len(_OTHERS)]
        day = date(year, 1, 8) + timedelta(days=11 * number)
        sender = reference.agencies[int(rng.integers(0, len(reference.agencies)))]
        serial, notation = str(40 + 9 * number), f"{kind}-{sender.doc_suffix}"
        plain = Message(
            door_id=str(start + number),
            created_at=datetime.combine(day, time(9)) + timedelta(seconds=int(rng.integers(0, 20_000))),
            sender_organ_id=sender.organ_id,
            sender_name=sender.name,
            recipients=_recipients(reference),
            document_id=_document_id(sender.organ_id, day, f"{serial}/{notation}"),
            code_number=serial,
            code_notation=notation,
            promulgated_on=day,
            subject=subject,
            enclosures=(Enclosure("VanBan.pdf", "application/pdf", partial(_letter, subject)),),
            has_cid=number % 3 == 0,
        )
        messages.append(_odd(plain, number, reference))
    for number, code in enumerate(("01", "03", "05", "06", "13")):
        day = date(year, 2, 1) + timedelta(days=50 * number)
        status = replace(
            messages[number],
            door_id=str(start + 100 + number),
            message_type="status",
            created_at=datetime.combine(day, time(10)),
            status_code=code,
            subject="Văn thư đã tiếp nhận văn bản",
            enclosures=(),
            is_torn=False,
        )
        messages.append(status)
    return messages


def torn_message(reference: Reference, year: int, start: int) -> tuple[Message, PlantedError]:
    """A message whose package is cut short, and what that is called."""
    sender = reference.agencies[-1]
    day = date(year, 9, 16)
    message = Message(
        door_id=str(start + 200),
        created_at=datetime.combine(day, time(14, 5)),
        sender_organ_id=sender.organ_id,
        sender_name=sender.name,
        recipients=_recipients(reference),
        document_id=_document_id(sender.organ_id, day, f"977/BC-{sender.doc_suffix}"),
        code_number="977",
        code_notation=f"BC-{sender.doc_suffix}",
        promulgated_on=day,
        subject="Báo cáo công tác văn thư, lưu trữ",
        enclosures=(Enclosure("VanBan.pdf", "application/pdf", partial(_letter, "Báo cáo")),),
        is_torn=True,
    )
    return message, PlantedError(
        sender.code, "", "edoc", "body_refused", "a package cut short", "problem", message.door_id
    )


def _report(sending: Sending, shape: str, reference: Reference) -> Message:
    serial, notation = sending.document_number.split("/")
    form = partial(form_workbook, sending, reference)
    name = f"Bieu so lieu CCHC {sending.window.code}.xlsx"
    enclosures: tuple[Enclosure, ...] = (Enclosure(name, XLSX, form),)
    if shape == "zipped":
        enclosures = (Enclosure("Phu luc.zip", "application/zip", lambda: zipped(name, form())),)
    if shape == "many":
        staff = partial(table_workbook, "DANH SÁCH ĐẦU MỐI CÁN BỘ CCHC", [["STT", "Họ và tên"], [1, "Nguyễn Văn Mẫu"]])
        enclosures = (
            Enclosure("BaoCao.pdf", "application/pdf", partial(_letter, "Báo cáo")),
            Enclosure("Danh sach.xlsx", XLSX, staff),
            *enclosures,
        )
    if shape == "misnamed":
        enclosures = (Enclosure("Bieu so lieu.doc", "application/msword", form),)
    is_old = shape == "zipped"
    return Message(
        door_id=sending.door_id,
        created_at=sending.submitted_at,
        sender_organ_id=sending.organ_id,
        sender_name=sending.agency.name,
        recipients=_recipients(reference),
        document_id=_document_id(sending.organ_id, sending.document_date, sending.document_number),
        code_number=serial,
        code_notation=notation,
        promulgated_on=sending.document_date,
        subject=f"Báo cáo công tác cải cách hành chính {sending.window.title}",
        enclosures=enclosures,
        dialect=OLD if is_old else NEW,
        prefix=None if is_old else "edXML",
        has_cid=shape in ("many", "updated"),
    )


def _odd(message: Message, number: int, reference: Reference) -> Message:
    """The oddities of real packages, one each for the first dozen."""
    odd = {
        0: replace(message, document_id=_text_id(message, "2014/02/30"), date_text="2014/02/30"),
        1: replace(message, document_id=message.document_id.replace(message.sender_organ_id, "000.00.09.H99")),
        2: replace(message, code_number="12A"),
        3: replace(message, has_bom=True),
        4: replace(message, recipients=tuple((one.organ_id, one.name) for one in reference.agencies[:4])),
        5: replace(message, sender_name=reference.agencies[0].name),
        6: replace(message, dialect=OLD, prefix="edXML"),
        7: replace(message, enclosures=(Enclosure("VanBan.doc", "application/msword", _word),)),
        8: replace(message, prefix=None),
        9: replace(message, enclosures=()),
        10: replace(
            message,
            business="recall",
            targets=(_text_id(message, "2020/11/11"),),
            reason="Sai thể thức",
            enclosures=(),
        ),
        11: replace(message, sender_organ_id="000.00.00.G09", sender_name="Bộ Nội vụ"),
    }
    return odd.get(number, message)


def _text_id(message: Message, day: str) -> str:
    return f"{message.sender_organ_id},{day},{message.code_number}/{message.code_notation}"


def _document_id(organ_id: str, day: date, number: str) -> str:
    return f"{organ_id},{day:%Y/%m/%d},{number}"


def _recipients(reference: Reference) -> tuple[tuple[str, str], ...]:
    return ((reference.home_affairs.organ_id, reference.home_affairs.name),)


def _letter(subject: str) -> bytes:
    """A page that stands for the signed letter; its text is not read by anybody."""
    return b"%PDF-1.4\n% " + subject.encode() + b"\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def _word() -> bytes:
    """A word-processor file, as far as its archive goes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("word/document.xml", (2021, 1, 1, 0, 0, 0)), "<document/>")
    return buffer.getvalue()
