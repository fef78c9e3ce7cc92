"""What ``cchc export`` does: hands the form's look to ``publishing`` and puts what comes back in its place in one step."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from cchc.edge import Language
from cchc.night import now
from cchc.settings import Settings
from ingestion.forms import official
from publishing.appendix.notes import Made
from publishing.province_table import ExportError, read_province_table

_KINDS = (".xlsx", ".docx", ".pdf")


def export_appendix(
    settings: Settings,
    period: str,
    out: Path | None,
    *,
    as_of: date | None,
    language: Language,
) -> tuple[list[Path], str]:
    """Write the appendix to ``out``, or in all three kinds; the paths, and why there is no PDF (empty where there is one).

    Raises ``ExportError`` for an unknown period or ending, nothing published, or a PDF that was asked for and can't be.
    """
    from publishing.appendix.document import write_document
    from publishing.appendix.pdf import office, print_pdf
    from publishing.appendix.workbook import write_workbook

    if out is not None and out.suffix.lower() not in _KINDS:
        raise ExportError(f"{out.name} ends with none of {', '.join(_KINDS)}")
    table = read_province_table(settings.published_path, period, as_of)
    made = _made(settings.published_path)
    if out is None:
        day = f"-{as_of.isoformat()}" if as_of else ""
        stem = settings.home_path / "exports" / f"phu-luc-2-{table.period.code}{day}{'-en' if language == 'en' else ''}"
        wanted = [stem.with_name(stem.name + kind) for kind in _KINDS]
    else:
        wanted = [out]
    left_out = ""
    written = []
    workbook = b""
    for path in wanted:
        kind = path.suffix.lower()
        if kind != ".docx" and not workbook:
            workbook = write_workbook(table, made, official, language)
        if kind == ".pdf" and out is None and office() is None:
            left_out = "LibreOffice is not installed (scripts/install-system-packages installs it)"
            continue
        if kind == ".docx":
            content = write_document(table, made, official, language)
        else:
            content = workbook if kind == ".xlsx" else print_pdf(workbook)
        written.append(_put(path, content))
    return written, left_out


def export_sdmx(settings: Settings, out: Path | None, *, as_of: date | None) -> tuple[list[Path], int]:
    """Write the three SDMX messages into a folder; the paths, and how many observations. Raises ``ExportError``."""
    from publishing.sdmx.messages import write_messages

    messages = write_messages(settings.published_path, now(), as_of)
    folder = out or settings.home_path / "exports" / "sdmx"
    texts: Mapping[str, str] = {
        "structure.json": messages.structure,
        "data.csv": messages.csv,
        "data.json": messages.json,
    }
    return [_put(folder / name, text.encode()) for name, text in texts.items()], messages.observation_count


def export_data_package(settings: Settings, out: Path | None) -> tuple[Path, dict[str, int]]:
    """Write the data package; its folder, and rows by table. Raises ``ExportError``."""
    from cchc.marts import table_models
    from publishing.datapackage import write_data_package

    folder = (out or settings.home_path / "exports" / "datapackage").resolve()
    keys = {model.name: model.primary_key for model in table_models(settings)}
    return folder, write_data_package(settings.published_path, folder, now(), keys)


def _made(published: Path) -> Made:
    with published.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    at = now()
    return Made(at, published.name, datetime.fromtimestamp(published.stat().st_mtime, at.tzinfo), sha256)


def _put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
    return path
