"""Whose form of which period: letterheads, wordings, folders and names as offices write them; contradictions are named."""

from __future__ import annotations

from datetime import date

import pytest

from ingestion.forms.title import Title, read_title
from ingestion.reference import Catalogue

WHOLE = (
    "THỐNG KÊ SỐ LIỆU VÀ KẾT QUẢ THỰC HIỆN CÔNG TÁC CẢI CÁCH HÀNH CHÍNH NĂM 2021 TẠI SỞ TÀI CHÍNH TỈNH SÓC TRĂNG\n"
    "(Kèm theo Báo cáo số 5686/BC-STC ngày 17 tháng 12 năm 2021 của Sở Tài chính tỉnh Sóc Trăng)"
)


def codes(title: Title) -> list[str]:
    return [problem.code for problem in title.problems]


def test_a_whole_title_tells_everything(catalogue: Catalogue) -> None:
    title = read_title(WHOLE, "bieu.xlsx", catalogue)
    assert title == Title("H51.03", "2021", "5686/BC-STC", date(2021, 12, 17))


@pytest.mark.parametrize(
    ("said", "agency"),
    [
        ("UBND TỈNH SÓC TRĂNG\nSỞ TÀI CHÍNH\nSố: 5686/BC-STC\nSóc Trăng, ngày 17 tháng 12 năm 2021", "H51.03"),
        ("UBND TỈNH SÓC TRĂNG CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSỞ Y TẾ Độc lập - Tự do - Hạnh phúc", "H51.16"),
        ("ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\nSỞ NỘI VỤ", "H51.02"),
        ("UỶ BAN NHÂN DÂN HUYỆN CHÂU THÀNH", "H51.32"),
        ("Ủy ban nhân dân thành phố Sóc Trăng", "H51.31"),
        ("UBND THỊ XÃ VĨNH CHÂU\nPHÒNG NỘI VỤ", "H51.40"),
        ("UBND HUYỆN MỸ TÚ tỉnh Sóc Trăng", "H51.34"),
        ("UBND HUYỆN MỸ XUYÊN", "H51.37"),
        ("VĂN PHÒNG UBND TỈNH SÓC TRĂNG", "H51.01"),
        ("Văn phòng Ủy ban nhân dân tỉnh", "H51.01"),
        ("UBND TỈNH SÓC TRĂNG\nVĂN PHÒNG\nSố: 12/BC-VP", "H51.01"),
        ("UBND TỈNH SÓC TRĂNG\nSố: 98/BC-STNMT", "H51.10"),
        ("Sở Tài nguyên và Môi trường", "H51.10"),
        ("SO TAI NGUYEN VA MOI TRUONG", "H51.10"),
        ("SỞ LAO ĐỘNG - THƯƠNG BINH VÀ XÃ HỘI", "H51.12"),
        ("Sở Lao động, Thương binh và Xã hội", "H51.12"),
        ("BAN QUẢN LÝ CÁC KHU CÔNG NGHIỆP", "H51.19"),
        ("SỞ TƯ PHÁP\nKính gửi: Sở Nội vụ tỉnh Sóc Trăng", "H51.05"),
        ("Kính gửi: Sở Nội vụ\nBáo cáo của Sở Xây dựng", "H51.09"),
        ("SỞ TƯ PHÁP\nThực hiện Công văn số 581/SNV-CCHC của Sở Nội vụ", "H51.05"),
        ("Số: 12/BC-SCT\nTheo hướng dẫn của Sở Nội vụ, Sở Công Thương báo cáo", "H51.06"),
        ("TẠI SỞ TƯ PHÁP; phối hợp Sở Nội vụ và Sở Tài chính", "H51.05"),
        ("Kết quả tại Sở Giao thơng vận tải", "H51.08"),
    ],
)
def test_the_reporter_is_found_in_letterheads_and_sentences(said: str, agency: str, catalogue: Catalogue) -> None:
    assert read_title(f"{said}\nTHỐNG KÊ CẢI CÁCH HÀNH CHÍNH NĂM 2021", "x.xlsx", catalogue).agency_code == agency


@pytest.mark.parametrize("said", ["UBND TỈNH SÓC TRĂNG", "Kính gửi: Sở Nội vụ", "Sở Tư pháp, Sở Y tế, Sở Xây dựng", ""])
def test_a_title_that_names_no_reporter_is_no_guess(said: str, catalogue: Catalogue) -> None:
    title = read_title(f"{said}\nCẢI CÁCH HÀNH CHÍNH NĂM 2021", "x.xlsx", catalogue)
    assert (title.agency_code, codes(title)) == (None, ["agency_unknown"])


@pytest.mark.parametrize(
    ("said", "period"),
    [
        ("CẢI CÁCH HÀNH CHÍNH NĂM 2021", "2021"),
        ("CẢI CÁCH HÀNH CHÍNH 6 THÁNG ĐẦU NĂM 2021", "2021-H1"),
        ("CCHC 06 tháng đầu năm 2021", "2021-H1"),
        ("CCHC sáu tháng đầu năm 2021", "2021-H1"),
        ("CẢI CÁCH HÀNH CHÍNH\n6 tháng đầu năm 2021", "2021-H1"),
        ("CCHC quý I năm 2022", "2022-Q1"),
        ("CCHC QUÝ III/2021", "2021-Q3"),
        ("CCHC Quý 3 năm 2021", "2021-Q3"),
        ("CCHC 3 tháng đầu năm 2022", "2022-Q1"),
        ("Kỳ báo cáo: 2021-H1", "2021-H1"),
        (
            "CẢI CÁCH HÀNH CHÍNH 6 THÁNG ĐẦU NĂM 2021\n(Kèm theo Báo cáo số 3/BC-STC ngày 17 tháng 6 năm 2021)",
            "2021-H1",
        ),
        ("Sóc Trăng, ngày 05 tháng 01 năm 2022\nCẢI CÁCH HÀNH CHÍNH NĂM 2021", "2021"),
        ("Kế hoạch năm 2020\nVăn bản năm 2019\nTHỐNG KÊ CẢI CÁCH HÀNH CHÍNH NĂM 2021", "2021"),
        ("Nghị quyết số 12/2019/NQ-HĐND ngày 01/02/2019\nCCHC quý I năm 2021", "2021-Q1"),
    ],
)
def test_the_period_is_found_however_it_is_worded(said: str, period: str, catalogue: Catalogue) -> None:
    title = read_title(f"SỞ TƯ PHÁP\n{said}", "x.xlsx", catalogue)
    assert (title.period_code, codes(title)) == (period, [])


@pytest.mark.parametrize(
    "said", ["quý II năm 2021", "Quý IV/2021", "9 tháng đầu năm 2021", "6 tháng cuối năm 2021", "năm 1999"]
)
def test_what_is_said_clearly_and_is_no_period_is_a_problem(said: str, catalogue: Catalogue) -> None:
    title = read_title(
        f"SỞ TƯ PHÁP\nCẢI CÁCH HÀNH CHÍNH {said}", "Q1.2021.xlsx" if "1999" in said else "x.xlsx", catalogue
    )
    assert title.period_code is None
    assert codes(title)[0].startswith("period_")


@pytest.mark.parametrize(
    ("path", "agency", "period"),
    [
        ("H51.05/bieu.xlsx", "H51.05", None),
        ("000.00.05.H51/bieu.xlsx", "H51.05", None),
        ("Sở Tư pháp/2021-H1/bieu.xlsx", "H51.05", "2021-H1"),
        ("STP/Quý I năm 2021/bieu.xlsx", "H51.05", "2021-Q1"),
        ("2021/H51.05/Quy 1/bieu.xlsx", "H51.05", "2021"),
        ("bieu_H51.05_2021-H1.xlsx", "H51.05", "2021-H1"),
        ("BC CCHC So Tu phap 6 thang 2021.xlsx", "H51.05", "2021-H1"),
        ("5686_BC-STC_2021.xlsx", "H51.03", "2021"),
        ("STP_Q3.2021.xlsx", "H51.05", "2021-Q3"),
        ("STP gui SNV 2021.xlsx", "H51.05", "2021"),
        ("2021/STP_Q3.2021.xlsx", "H51.05", "2021-Q3"),
        ("STP bieu 2021 nop ngay 05-01-2022.xlsx", "H51.05", "2021"),
        ("gui.zip/H51.05/bieu 2021.xlsx", "H51.05", "2021"),
        ("tmp/bieu.xlsx", None, None),
        ("bieu 2020 2021.xlsx", None, None),
    ],
)
def test_where_the_title_is_silent_folder_and_name_speak(
    path: str, agency: str | None, period: str | None, catalogue: Catalogue
) -> None:
    title = read_title("BIỂU MẪU", path, catalogue)
    assert (title.agency_code, title.period_code) == (agency, period)


@pytest.mark.parametrize("path", ["H51.05/bieu.xlsx", "bieu_STP.xlsx", "Sở Tư pháp/bieu.xlsx", "bieu H51.05.xlsx"])
def test_a_folder_or_name_of_another_agency_is_a_contradiction(path: str, catalogue: Catalogue) -> None:
    title = read_title(WHOLE, path, catalogue)
    assert (title.agency_code, codes(title)) == (None, ["agency_contradiction"])
    assert "Sở Tư pháp" in title.problems[0].message
    assert "Sở Tài chính" in title.problems[0].message


def test_a_sender_of_another_name_is_a_contradiction(catalogue: Catalogue) -> None:
    title = read_title(WHOLE, "bieu.xlsx", catalogue, agency_hint="H51.05")
    assert (title.agency_code, codes(title)) == (None, ["agency_contradiction"])


def test_folder_and_name_may_contradict_each_other_too(catalogue: Catalogue) -> None:
    title = read_title("", "H51.05/STC_2021.xlsx", catalogue)
    assert (title.agency_code, codes(title)) == (None, ["agency_contradiction"])


@pytest.mark.parametrize("path", ["bieu_2020.xlsx", "2021-Q1/bieu.xlsx", "bieu 6 thang 2021.xlsx", "2022/bieu.xlsx"])
def test_a_folder_or_name_of_another_period_is_a_contradiction(path: str, catalogue: Catalogue) -> None:
    title = read_title(WHOLE, path, catalogue)
    assert (title.period_code, codes(title)) == (None, ["period_contradiction"])
    assert title.agency_code == "H51.03"


@pytest.mark.parametrize(
    "path", ["bieu_2021.xlsx", "2021/bieu.xlsx", "H51.03/2021/STC_nam 2021.xlsx", "bc 17-12-2021.xlsx"]
)
def test_a_folder_or_name_that_agrees_is_none(path: str, catalogue: Catalogue) -> None:
    title = read_title(WHOLE, path, catalogue)
    assert (title.agency_code, title.period_code, codes(title)) == ("H51.03", "2021", [])


def test_two_periods_in_one_title_are_a_contradiction(catalogue: Catalogue) -> None:
    title = read_title("SỞ TƯ PHÁP\nTHỐNG KÊ CCHC quý I năm 2021 và quý III năm 2021", "x.xlsx", catalogue)
    assert (title.period_code, codes(title)) == (None, ["period_contradiction"])
