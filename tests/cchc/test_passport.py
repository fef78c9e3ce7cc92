"""A figure's passport, from a published file."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from cchc.main import app
from cchc.passport import UnknownFigureError, as_json, as_text, figure_passport
from cchc.query import NothingPublishedError, width

SHA = "8408da3bd6bbe7433acda36337c3679be3e8990e923e6d28263ce951cbb5b26d"

MARTS = f"""
create schema mart;
create table mart.dim_agency as from (values ('H51.03', 'Sở Tài chính'), ('H51.31', 'UBND thành phố Sóc Trăng'),
    ('H51.32', 'UBND huyện Châu Thành')) as held (agency_code, name_vi);
create table mart.dim_agency_identifier as from (values ('H51.03', '000.00.03.H51'), ('H51.31', 'UBND'),
    ('H51.32', 'UBND')) as held (agency_code, identifier);
create table mart.dim_period as select '2021' as period_code, 'Năm 2021' as label_vi;
create table mart.dim_indicator as from (values
    ('III.6.1', 'Số lượng hồ sơ TTHC do cơ quan, đơn vị tiếp nhận', true), ('III.6', 'Kết quả', false))
    as held (indicator_code, label_vi, is_answerable);
create table mart.mart_figure_passport as from (values
    ('H51.03', '2021', 'III.6.1', 'drop:8408', 'superseded', 'other_door_holds', false, 'Thư mục nhận tệp (bản quét)',
        'drop', 'scanned', 'scan.txt', '5686/BC-STC', date '2021-12-17', '{SHA}', 'dòng 118', '52g', 529::decimal(20, 6),
        'Hồ sơ', '', 'doubtful', 0.9, 1, timestamp '2021-12-20 01:00', date '2021-12-20', null, 'PS-1#r2'),
    ('H51.03', '2021', 'III.6.1', 'PS-1#r2', 'accepted', 'holds', true, 'Cổng dịch vụ công',
        'portal', 'typed', 'PS-1', '597/BC-STC', null, '{SHA}', '/page#III.6.1', '99,5', 99.5::decimal(20, 6),
        'Hồ sơ', '9/10 hồ sơ', 'reported', 1.0, 2, timestamp '2021-12-19 15:37', date '2021-12-20', null, 'PS-1#r2'))
    as held (agency_code, period_code, indicator_code, submission_id, quality_status, status_reason, is_current, door_vi,
        source, reading, door_id, document_number, document_on, sha256, source_locator, value_text, value, unit, note,
        observation_status, confidence, revision, received_at, night_on, withdrawn_at, holding_submission_id);
create table mart.fct_submission as from (values ('drop:8408', 'H51.03/scan.txt'), ('PS-1#r2', '/page'))
    as held (submission_id, source_locator);
create table mart.fct_submission_state as from (values
    ('drop:8408', 1, 'accepted', 'holds', date '2021-12-20', date '2021-12-22'),
    ('drop:8408', 2, 'superseded', 'other_door_holds', date '2021-12-22', null),
    ('PS-1#r2', 1, 'accepted', 'holds', date '2021-12-22', null))
    as held (submission_id, state_order, status, status_reason, known_from_on, known_to_on);
create table mart.dim_rule_indicator as from (values ('III-06', 'III.6.1'), ('III-01', 'III.2.3'))
    as held (rule_id, indicator_code);
create table mart.dim_rule as from (values ('III-06', 'Số hồ sơ tiếp nhận phải bằng số hồ sơ trả kết quả'))
    as held (rule_id, message_vi);
create table mart.fct_rule_result as from (values
    ('drop:8408', 'III-06', 'error', 'failed', 'III.6.1 = 529', 'III.6.2 = 528', 529, 528),
    ('drop:8408', 'III-01', 'error', 'failed', 'III.2.3 = 1', 'III.2.3.a = 2', 1, 2))
    as held (submission_id, rule_id, severity, outcome, left_text, right_text, left_value, right_value);
create table mart.fct_repair_proposal as from (values
    ('drop:8408', true, 1, 1, 'III.6.2', 'value', 'digits_swapped', 258::decimal(20, 6), 528::decimal(20, 6)),
    ('drop:8408', true, 1, 2, 'III.6.1', 'numerator', 'digits_swapped', 592, 529),
    ('PS-1#r2', false, 1, 1, 'III.6.1', 'value', 'corrected', 1, 2))
    as held (submission_id, is_quarantined, proposal_rank, change_position, indicator_code, aspect, cause, old_value,
        new_value), (select null::decimal(20, 6) as low_value, null::decimal(20, 6) as high_value,
        'hai chữ số gõ đảo nhau' as cause_vi, 'two digits swapped' as cause_en);
create table mart.fct_outcome as from (values
    ('a', 'read', 'drop:8408', 'warning', 'value_doubtful: đọc là «529», cần xem lại', 'dòng 118'),
    ('b', 'read', 'drop:8408', 'warning', 'value_doubtful: chỗ khác', 'dòng 1'))
    as held (outcome_key, step, submission_id, result, reason, source_locator);
create table mart.mart_reconciliation as select 'H51.03' as agency_code, '2021' as period_code,
    'III.6.1' as indicator_code, 'portal.dossiers_received' as measure_name, 99.5::decimal(20, 6) as reported_value,
    101::decimal(20, 6) as recorded_value, -1.5::decimal(20, 6) as difference, null as numerator, null as denominator,
    false as is_matching;
"""


@pytest.fixture
def published(tmp_path: Path) -> Path:
    path = tmp_path / "published" / "cchc.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute(MARTS)
    return path


def test_what_holds_comes_first_and_what_it_replaced_is_shown_too(published: Path) -> None:
    passport = figure_passport(published, "H51.03", "2021", "III.6.1")
    assert [figure["submission_id"] for figure in passport["figures"]] == ["PS-1#r2", "drop:8408"]
    text = as_text(passport)
    assert "Số đang công bố: 99,5 Hồ sơ\n" in text
    assert "101 · chênh -1,5 [portal.dossiers_received]" in text
    for told in (
        "5686/BC-STC ngày 17/12/2021", f"SHA-256 {SHA}", "H51.03/scan.txt", "dòng 118", "«52g» Hồ sơ",
        "529 Hồ sơ (đọc không chắc, cần xem lại, độ chắc 0,9)", "đọc là «529», cần xem lại",
        "Quy tắc III-06 KHÔNG ĐẠT: Số hồ sơ tiếp nhận", "từ đêm 20/12/2021 đến trước đêm 22/12/2021: đang",
    ):  # fmt: skip
        assert told in text


def test_only_the_remarks_and_rules_of_the_cell_are_told(published: Path) -> None:
    text = as_text(figure_passport(published, "H51.03", "2021", "III.6.1"))
    assert "III-01" not in text
    assert "chỗ khác" not in text


def test_what_would_repair_a_form_that_is_held_back_is_proposed(published: Path) -> None:
    passport = figure_passport(published, "H51.03", "2021", "III.6.1")
    assert [len(figure["proposals"]) for figure in passport["figures"]] == [0, 2]
    text = " ".join(as_text(passport).split())
    assert "Đề xuất 1 III.6.2: 258 → 528; tử số ở ghi chú III.6.1: 592 → 529 (hai chữ số gõ đảo nhau)" in text
    assert "Đề xuất 2" not in text


def test_every_line_fits_eighty_columns(published: Path) -> None:
    text = as_text(figure_passport(published, "H51.03", "2021", "III.6.1"))
    assert max(width(line) for line in text.splitlines()) <= 80


def test_the_old_organ_id_finds_the_agency_and_case_does_not_matter(published: Path) -> None:
    assert figure_passport(published, "000.00.03.h51", "2021", "iii.6.1")["agency_code"] == "H51.03"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (("H51.99", "2021", "III.6.1"), "không có cơ quan nào là H51.99"),
        (("UBND", "2021", "III.6.1"), "UBND có thể là nhiều cơ quan: H51.31, H51.32"),
        (("H51.03", "2021-Q2", "III.6.1"), "không có kỳ báo cáo 2021-Q2"),
        (("H51.03", "2021", "III.6"), "biểu mẫu không có chỉ tiêu III.6"),
        (("H51.31", "2021", "III.6.1"), "chưa có báo cáo nào của UBND thành phố Sóc Trăng cho Năm 2021"),
    ],
)
def test_what_can_not_be_found_is_told_by_name(published: Path, cell: tuple[str, str, str], message: str) -> None:
    with pytest.raises(UnknownFigureError, match=message):
        figure_passport(published, *cell)


def test_json_has_numbers_and_iso_days(published: Path) -> None:
    told = json.loads(as_json(figure_passport(published, "H51.03", "2021", "III.6.1")))
    assert told["figures"][0]["value"] == 99.5
    assert told["figures"][1]["document_on"] == "2021-12-17"
    assert told["recorded"]["difference"] == -1.5


def test_before_the_first_night_there_is_no_passport(tmp_path: Path) -> None:
    with pytest.raises(NothingPublishedError):
        figure_passport(tmp_path / "none.duckdb", "H51.03", "2021", "III.6.1")


def test_the_command_prints_the_passport_and_ends_with_1_where_there_is_none(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCHC_HOME", str(published.parents[1]))
    shown = CliRunner().invoke(app, ["explain", "H51.03", "2021", "III.6.1"])
    assert shown.exit_code == 0
    assert shown.stdout.startswith("Sở Tài chính (H51.03) · Năm 2021\n")
    assert CliRunner().invoke(app, ["explain", "H51.03", "2021", "IX.1"]).exit_code == 1
