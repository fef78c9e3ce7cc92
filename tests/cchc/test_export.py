"""``cchc export`` as a user calls it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from cchc.main import app
from publishing.appendix import pdf
from tests.publishing.made_province import make_published


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("export")
    make_published(home / "published" / "cchc.duckdb")
    return home


@pytest.fixture(autouse=True)
def of_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCHC_HOME", str(home))


def test_the_endings_say_what_is_written(tmp_path: Path) -> None:
    out = tmp_path / "new" / "bieu.xlsx"
    done = CliRunner().invoke(app, ["export", "appendix", "--period", "2021", "--out", str(out)])
    assert (done.exit_code, done.stdout) == (0, f"{out}\n")
    assert openpyxl.load_workbook(io.BytesIO(out.read_bytes())).sheetnames == ["Phụ lục 2", "Các cơ quan", "Ghi chú"]
    out = tmp_path / "bieu.docx"
    assert CliRunner().invoke(app, ["export", "appendix", "--period", "2021", "--out", str(out)]).exit_code == 0
    assert "word/document.xml" in zipfile.ZipFile(out).namelist()
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["bieu.docx", "bieu.xlsx"]


def test_without_libreoffice_the_others_are_written_and_the_word_is_clear(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf.shutil, "which", lambda _: None)
    done = CliRunner().invoke(
        app, ["export", "appendix", "--period", "2022-h1", "--language", "en", "--as-of", "2022-07-01"]
    )
    assert done.exit_code == 0, done.output
    stem = home / "exports" / "phu-luc-2-2022-H1-2022-07-01-en"
    assert done.stdout.splitlines() == [
        f"{stem}.xlsx",
        f"{stem}.docx",
        "no PDF: LibreOffice is not installed (scripts/install-system-packages installs it)",
    ]
    done = CliRunner().invoke(app, ["export", "appendix", "--period", "2021", "--out", str(tmp_path / "bieu.pdf")])
    assert done.exit_code == 1
    assert "a PDF needs LibreOffice" in done.stderr
    assert not (tmp_path / "bieu.pdf").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--period", "2021-Q2"], "no such period: 2021-Q2"),
        (["--period", "2021", "--out", "bieu.odt"], "bieu.odt ends with none of .xlsx, .docx, .pdf"),
    ],
)
def test_what_can_not_be_exported_ends_with_1_and_a_reason(arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(app, ["export", "appendix", *arguments])
    assert done.exit_code == 1
    assert message in done.stderr


def test_sdmx_is_three_files_of_the_same_figures(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["export", "sdmx", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv", "data.json", "structure.json"]
    count = len(json.loads((tmp_path / "data.json").read_bytes())["data"]["dataSets"][0]["observations"])
    assert done.stdout.splitlines()[-1] == f"{count} observations, checked against the structure"
    assert len((tmp_path / "data.csv").read_text(encoding="utf-8").splitlines()) == count + 1
