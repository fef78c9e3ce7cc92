"""The appendix as a PDF, printed by LibreOffice from the workbook."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from publishing.province_table import ExportError

NAMES = ("soffice", "libreoffice")
_SECONDS = 120


def office() -> str | None:
    """LibreOffice's command on this machine; None where it isn't installed."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def print_pdf(workbook: bytes, command: str | None = None) -> bytes:
    """``workbook`` (an ``.xlsx``) as LibreOffice prints it, fonts embedded.

    It runs with a profile of its own, so that it neither waits for nor changes the one of whoever works at this machine.
    Raises ``ExportError`` where LibreOffice isn't installed, fails, or takes longer than two minutes.
    """
    command = command or office()
    if command is None:
        raise ExportError(
            "a PDF needs LibreOffice, which is not installed here (scripts/install-system-packages installs it);"
            " .xlsx and .docx do without it"
        )
    with tempfile.TemporaryDirectory(prefix="cchc-pdf-") as folder:
        source = Path(folder) / "appendix.xlsx"
        source.write_bytes(workbook)
        try:
            done = subprocess.run(  # noqa: S603 - LibreOffice, with arguments of our own
                [
                    command, f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}", "--headless", "--norestore",
                    "--convert-to", "pdf:calc_pdf_Export", "--outdir", folder, str(source),
                ],
                capture_output=True, text=True, timeout=_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise ExportError(f"LibreOffice did not print the appendix within {_SECONDS} s") from error
        printed = source.with_suffix(".pdf")
        if not printed.exists():
            raise ExportError(f"LibreOffice did not print the appendix: {done.stderr.strip() or done.stdout.strip()}")
        return printed.read_bytes()
