"""The portal's rows by requests, and the workbooks' by openpyxl, as a script would get them. Knows nothing of this project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

#: A dossier's fields, persons left in as they come.
DOSSIER_FIELDS = (
    "MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "MaDonVi", "KenhThucHien", "MucDo", "ChuHoSo", "MaDoiTuong", "Email",
    "SoDienThoai", "NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "HinhThuc", "TrangThaiHoSo",
    "updated_at",
)  # fmt: skip
LIMITS = {"submissions": 500, "dossiers": 5000}


def pages(url: str, resource: str, since: str | None) -> Iterator[list[dict[str, Any]]]:
    """The items of each page of a resource, from a time on."""
    with requests.Session() as session:
        grant = session.post(
            f"{url}/oauth/token", data={"grant_type": "client_credentials"}, auth=("bench", "bench"), timeout=60
        ).json()
        session.headers["Authorization"] = f"Bearer {grant['access_token']}"
        asked = {"limit": str(LIMITS[resource])} | ({"updated_since": since} if since else {})
        while True:
            page = session.get(f"{url}/api/v1/{resource}", params=asked, timeout=60).json()
            if page["items"]:
                yield page["items"]
            if page["next_cursor"] is None:
                return
            asked = {"limit": str(LIMITS[resource]), "cursor": page["next_cursor"]}


def new_workbooks(inbox: Path, known: set[str]) -> list[Path]:
    """Those of the inbox that were not read yet."""
    return [path for path in sorted(inbox.rglob("*.xlsx")) if f"{path.parent.name}/{path.stem}" not in known]


def snake(name: str) -> str:
    """``NgayTiepNhan`` as dlt would call the column: ``ngay_tiep_nhan``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
