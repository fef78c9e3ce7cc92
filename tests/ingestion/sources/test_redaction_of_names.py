"""A person's name that an officer wrote into a field which is kept."""

from __future__ import annotations

import json

import pytest

from ingestion.sources.dossiers import redact_dossiers_page

SOUND = {
    "MaHoSo": "000.00.03.H51-210601-0001", "MaTTHC": "1.005434.000.00.00.H51", "MaDonVi": "000.00.03.H51",
    "KenhThucHien": "2", "MucDo": "4", "ChuHoSo": "Nguyễn Thị Bí Mật", "NgayTiepNhan": "20210601080000",
    "TrangThaiHoSo": "10", "updated_at": "2021-06-06T08:00:00",
}  # fmt: skip


@pytest.mark.parametrize("changed", [{}, {"MucDo": "7"}], ids=["sound", "refused"])
def test_the_name_of_a_procedure_that_names_the_applicant_does_not_land(changed: dict[str, str]) -> None:
    rows = [SOUND | changed | {"TenTTHC": "Thủ tục của Nguyễn Thị Bí Mật"}, SOUND | changed | {"TenTTHC": "Thủ tục"}]
    page = json.dumps({"items": rows, "next_cursor": None}, ensure_ascii=False).encode()
    landed = redact_dossiers_page(page, key=b"k")
    assert "Bí Mật" not in landed.decode()
    assert [json.loads(line)["TenTTHC"] for line in landed.splitlines()] == [None, "Thủ tục"]
