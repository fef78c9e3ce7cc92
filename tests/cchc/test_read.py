"""``cchc read`` and ``cchc template`` as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest
from click.testing import Result
from typer.testing import CliRunner

from cchc.main import app

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "H51.03"
SCAN = EXAMPLES / "report_5686_BC-STC_2021_scan.txt"
WORKBOOK = EXAMPLES / "report_5686_BC-STC_2021.xlsx"


def cchc(*words: str | Path, home: Path | None = None) -> Result:
    environment = {"COLUMNS": "80", "NO_COLOR": "1", "CCHC_HOME": str(home or ROOT / "data")}
    return CliRunner().invoke(app, [str(word) for word in words], env=environment)


def test_a_doubtful_figure_stands_in_the_table_with_its_mark_and_reason() -> None:
    shown = cchc("read", SCAN)
    assert shown.exit_code == 0
    assert "\x1b" not in shown.stdout
    assert max(len(line) for line in shown.stdout.splitlines()) <= 80
    row = next(line for line in shown.stdout.splitlines() if line.startswith("VII.4.1"))
    assert row.split("công bố,")[1].split()[:2] == ["1", "?"]
    assert "133 dòng: 53 có trả lời" in shown.stdout


def test_a_folder_of_strange_files_gives_one_clear_line_for_each_that_holds_no_form(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number:02}.txt").write_text(f"một ghi chép khác {number}\n")
    (tmp_path / "bieu.xlsx").write_bytes(WORKBOOK.read_bytes())
    (tmp_path / "hong.xlsx").write_bytes(WORKBOOK.read_bytes()[:5000])
    (tmp_path / "trong.csv").write_bytes(b"")
    shown = cchc("read", tmp_path)
    assert shown.exit_code == 1
    lines = " ".join(shown.stdout.split())
    assert lines.count("✗ /") == 14
    assert "15 tệp: 1 biểu đọc được, 14 tệp không đọc được" in lines
    assert shown.stderr == ""
    overview = shown.stdout[shown.stdout.index("Tóm tắt") :].splitlines()
    assert next(line for line in overview if line.startswith("bieu.xlsx")).split() == [
        "bieu.xlsx",
        "H51.03",
        "2021",
        "59",
    ]
    assert "bị hỏng" in next(line for line in overview if line.startswith("hong.xlsx"))


def test_of_many_files_only_the_lines_to_be_looked_at_are_shown(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.txt").write_bytes(SCAN.read_bytes())
    whole, marked = cchc("read", tmp_path / "0.txt").stdout, cchc("read", tmp_path).stdout
    assert "\nVII.4.1 " in whole and "\nVII.4.1 " in marked  # doubtful
    assert "\nIII.6.1 " in whole and "\nIII.6.1 " not in marked


def test_what_programs_leave_in_a_folder_is_passed_over_and_no_name_moves_the_cursor(tmp_path: Path) -> None:
    for name in (".DS_Store", "Thumbs.db", "~$bieu.xlsx", "a\x1b[2Jb\n.txt"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "link.xlsx").symlink_to(WORKBOOK)
    shown = cchc("read", tmp_path)
    assert "a�[2Jb�.txt" in shown.stdout.replace("\n", "")
    assert "\x1b" not in shown.stdout
    assert shown.stdout.count("✗") == 1


def test_a_limit_set_by_the_environment_is_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCHC_FILE_MOST_ROWS", "60")
    shown = cchc("read", WORKBOOK, "--json")
    form = json.loads(shown.stdout)
    assert "chỉ đọc 60 dòng" in " ".join(problem["message"] for problem in form["problems"])
    monkeypatch.setenv("CCHC_FILE_MOST_ENTRIES", "1")
    with ZipFile(tmp_path / "gui.zip", "w") as packed:
        packed.write(WORKBOOK, "1.xlsx")
        packed.write(SCAN, "2.txt")
    assert "quá nhiều mục" in " ".join(cchc("read", tmp_path / "gui.zip").stdout.split())


def test_json_gives_one_object_with_every_line_for_a_file_and_for_one_that_cannot_be_read(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7 broken")
    shown = cchc("read", WORKBOOK, bad, "--json")
    assert shown.exit_code == 1
    good, refused = (json.loads(line) for line in shown.stdout.splitlines())
    assert list(good) == [
        "file", "agency_code", "form_code", "period_code", "document_number", "document_date", "lines", "problems",
    ]  # fmt: skip
    assert (good["file"], len(good["lines"]), len(refused["lines"])) == (str(WORKBOOK), 133, 133)
    assert {line["status"] for line in refused["lines"]} == {"unreadable"}
    assert refused["problems"][0]["severity"] == "error"


def test_explain_names_the_text_found_its_cell_its_likeness_and_what_else_it_could_be() -> None:
    shown = cchc("read", "--explain", "IV.6.3", WORKBOOK)
    said = " ".join(shown.stdout.split())
    assert shown.exit_code == 0
    assert "«Số vấn đề phát hiện qua kiểm tra» ở Phụ lục 2!B103" in said
    assert "IV.6 Kiểm tra việc thực hiện nhiệm vụ phân cấp" in said
    assert "1,00 I.2.3" in said
    assert cchc("read", "--explain", "IX.1", WORKBOOK).exit_code == 2


def test_the_form_that_template_writes_reads_back_as_that_agencys_and_periods(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    assert cchc("template", "--agency", "H51.03", "--period", "2022-H1", out).exit_code == 0
    said = json.loads(cchc("read", out, "--json").stdout)
    assert (said["agency_code"], said["period_code"], said["problems"]) == ("H51.03", "2022-H1", [])
    assert {line["status"] for line in said["lines"]} == {"blank"}


def test_a_filled_form_holds_what_the_systems_of_record_hold(tmp_path: Path) -> None:
    published = tmp_path / "published" / "cchc.duckdb"
    published.parent.mkdir()
    with duckdb.connect(str(published)) as connection:
        connection.execute("create schema mart")
        connection.execute(
            "create table mart.mart_reconciliation as select * from (values"
            " ('H51.03', '2021', 'III.6.1', 529::decimal(20, 6), null, null),"
            " ('H51.03', '2021', 'III.6.3', 99.43, 526, 529), ('H51.03', '2021', 'VII.3.4', null, null, null),"
            " ('H51.04', '2021', 'III.6.2', 7, null, null)"
            ") as t(agency_code, period_code, indicator_code, recorded_value, numerator, denominator)"
        )
    out = tmp_path / "out.xlsx"
    written = cchc("template", "--agency", "H51.03", "--period", "2021", "--filled", out, home=tmp_path)
    assert "2 figures filled in" in written.stdout
    lines = json.loads(cchc("read", out, "--json").stdout)["lines"]
    assert {line["code"]: line["value"] for line in lines if line["value"] is not None} == {
        "III.6.1": 529,
        "III.6.3": 99.43,
    }
    assert next(line["ratio"] for line in lines if line["code"] == "III.6.3") == {"numerator": 526, "denominator": 529}


@pytest.mark.parametrize(
    "words", [("--agency", "H99", "--period", "2022"), ("--agency", "H51.03", "--period", "2022-X")]
)
def test_an_unknown_agency_or_period_is_wrong_usage_and_writes_nothing(words: tuple[str, ...], tmp_path: Path) -> None:
    shown = cchc("template", *words, tmp_path / "out.xlsx")
    assert (shown.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "no such" in shown.stderr
