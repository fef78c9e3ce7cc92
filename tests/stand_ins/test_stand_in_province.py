"""The province that the stand-ins make: consistent where it should be, wrong where it says so."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from stand_ins.province.measures import Measures
from stand_ins.province.packages import Message
from stand_ins.province.plan import Plan, make_plan
from tests.stand_ins.stand_in_client import SEEDS
from tests.stand_ins.stand_in_rules import Form, failed, rows

IN_FORM = tuple("IV")  # every rule between lines of one form begins with its section


def is_in_form(rule_id: str) -> bool:
    return rule_id[0] in IN_FORM or rule_id == "P-01"


def form_attachments(message: Message) -> list[bytes]:
    """The workbooks of a message that hold a form."""
    found = []
    for content in (one.build() for one in message.enclosures):
        if not content.startswith(b"PK"):
            continue
        archive = zipfile.ZipFile(io.BytesIO(content))
        inner = [name for name in archive.namelist() if name.endswith(".xlsx")]
        workbook = archive.read(inner[0]) if inner else content
        if "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(workbook)).namelist():
            found.append(workbook)
    return found


def lines_of(workbook: bytes) -> list[dict[str, Any]]:
    """The lines of a form workbook, by the order of the catalogue's rows; none when the workbook is no form."""
    sheet = openpyxl.load_workbook(io.BytesIO(workbook)).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=5)]
    heads = [number for number, row in enumerate(cells) if len(row) > 2 and row[2] == "Đơn vị tính"]
    if not heads:
        return []
    body = cells[heads[0] + 1 :]
    catalogue = rows("indicators.csv")
    assert [str(row[1]).removeprefix("- ") for row in body] == [row["label_vi"] for row in catalogue]
    return [
        {"code": row["code"], "value": cells[3], "note": cells[4]}
        for row, cells in zip(catalogue, body, strict=True)
        if row["value_type"] != "heading"
    ]


def edoc_forms(plan: Plan) -> dict[str, Form]:
    """By docId, the form that a message carries."""
    forms = {}
    for message in plan.messages:
        for workbook in form_attachments(message):
            lines = lines_of(workbook)
            if lines:
                forms[message.door_id] = Form.of(lines)
    return forms


def portal_forms(plan: Plan) -> dict[tuple[str, int], Form]:
    return {(row["submission_id"], row["revision"]): Form.of(row["lines"]) for row in plan.submissions}


def planted_rules(plan: Plan, source: str) -> dict[tuple[str, int], set[str]]:
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for one in plan.planted:
        if one.kind == "rule" and one.source == source:
            found[one.place, one.revision].add(one.code)
    return found


@pytest.mark.parametrize("seed", [2021, 7, 1990])
def test_every_form_of_a_clean_province_satisfies_every_rule(seed: int) -> None:
    plan = make_plan(SEEDS, seed=seed, dossiers=4_000, errors=False)
    assert plan.planted == ()
    forms = portal_forms(plan)
    assert len(forms) >= 100
    assert {key: failed(form) for key, form in forms.items() if failed(form)} == {}


def test_every_workbook_of_a_clean_province_satisfies_every_rule(clean_plan: Plan) -> None:
    forms = edoc_forms(clean_plan)
    assert len(forms) == 11  # six alone, of which two came twice, and three beside the portal
    assert {door_id: failed(form) for door_id, form in forms.items() if failed(form)} == {}


@pytest.mark.parametrize("seed", [2021, 7, 1990])
def test_the_planted_list_names_exactly_the_rules_that_fail(seed: int) -> None:
    plan = make_plan(SEEDS, seed=seed, dossiers=4_000, errors=True)
    planted = planted_rules(plan, "portal")
    found = {key: failed(form) for key, form in portal_forms(plan).items()}
    expected = {key: {code for code in planted[key] if is_in_form(code)} for key in found}
    assert found == expected
    assert sum(len(codes) for codes in found.values()) >= 15


def test_the_shifted_rows_of_a_workbook_fail_as_planted(plan: Plan) -> None:
    planted = planted_rules(plan, "edoc")
    found = {(door_id, 1): failed(form) for door_id, form in edoc_forms(plan).items() if failed(form)}
    assert found == {key: codes & {"III-06", "III-07", "P-01"} for key, codes in planted.items()}
    assert len(found) == 1


def test_every_planted_rule_stands_in_the_rule_table(plan: Plan) -> None:
    known = {row["rule_id"] for row in rows("rules.csv")}
    planted = {one.code for one in plan.planted if one.kind == "rule"}
    assert planted <= known
    assert {"III-06", "III-07", "III-08", "III-11", "I-01", "IV-08", "P-01", "T-01", "S-01", "D-01"} <= planted


def test_flows_of_a_clean_province_add_up_over_its_periods(clean_plan: Plan) -> None:
    flows = [row["code"] for row in rows("indicators.csv") if row["measure"] == "flow" and row["value_type"] == "count"]
    forms: dict[str, dict[str, Form]] = defaultdict(dict)
    for row in clean_plan.submissions:
        forms[row["agency_organ_id"]][row["period_code"]] = Form.of(row["lines"])
    compared = 0
    for periods in forms.values():
        for code in flows:
            q1, h1, q3, year = (
                periods[period].values.get(code) if period in periods else None
                for period in ("2021-Q1", "2021-H1", "2021-Q3", "2021")
            )
            if q1 is not None and h1 is not None:
                assert q1 <= h1, code
            if h1 is not None and q3 is not None and year is not None:
                assert h1 + q3 <= year, code
                compared += 1
    assert compared > 500


def reported_and_recorded(form: Form, measures: Measures, index: int) -> dict[str, tuple[Any, Any]]:
    def share(part: int, whole: int) -> Decimal | None:
        return None if whole == 0 else round(Decimal(100 * part) / whole, 2)

    recorded = {
        "S-01": ("III.6.1", int(measures.received[index])),
        "S-02": ("III.6.2", int(measures.returned[index])),
        "S-03": ("III.6.3", share(int(measures.on_time[index]), int(measures.on_time_of[index]))),
        "S-04": ("VII.3.4", int(measures.by_post[index])),
        "S-05": ("VII.1.1", int(measures.documents[index])),
        "S-06": ("VII.1.1.a", share(int(measures.documents_electronic[index]), int(measures.documents[index]))),
    }
    return {rule: (form.values.get(code), value) for rule, (code, value) in recorded.items()}


def source_differences(plan: Plan) -> dict[tuple[str, int], set[str]]:
    agencies = {agency.organ_id: place for place, agency in enumerate(plan.reference.agencies)}
    agencies |= {agency.code: place for place, agency in enumerate(plan.reference.agencies)}
    found: dict[tuple[str, int], set[str]] = {}
    for row in plan.submissions:
        if row["period_code"] not in plan.measures or row["agency_organ_id"] not in agencies:
            continue
        index = agencies[row["agency_organ_id"]]
        pairs = reported_and_recorded(Form.of(row["lines"]), plan.measures[row["period_code"]], index)
        found[row["submission_id"], row["revision"]] = {
            rule
            for rule, (reported, recorded) in pairs.items()
            if reported is not None and recorded is not None and abs(reported - recorded) > Decimal("0.05")
        }
    return found


def test_what_a_clean_province_reports_is_what_the_systems_of_record_say(clean_plan: Plan) -> None:
    found = source_differences(clean_plan)
    assert len(found) >= 100
    assert not any(found.values())


@pytest.mark.parametrize("seed", [2021, 7])
def test_differences_from_the_systems_of_record_are_exactly_the_planted_ones(seed: int) -> None:
    plan = make_plan(SEEDS, seed=seed, dossiers=4_000, errors=True)
    planted = planted_rules(plan, "portal")
    found = source_differences(plan)
    assert found == {key: {code for code in planted[key] if code.startswith("S-")} for key in found}
    assert any(found.values())


def test_measures_follow_the_definitions_on_the_rows_as_served(plan: Plan) -> None:
    latest: dict[str, dict[str, Any]] = {}
    for row in plan.listing.page(0, len(plan.listing)):
        latest[row["MaHoSo"]] = row
    assert len(latest) == 4_000
    codes = {agency.organ_id: place for place, agency in enumerate(plan.reference.agencies)}
    codes |= {agency.code: place for place, agency in enumerate(plan.reference.agencies)}
    for window in plan.windows:
        first, last = f"{window.first:%Y%m%d}", f"{window.last:%Y%m%d}"
        received, on_time, returned = ([0] * len(plan.reference.agencies) for _ in range(3))
        for row in latest.values():
            if row["MaDonVi"] not in codes:
                continue
            place = codes[row["MaDonVi"]]
            if row["TrangThaiHoSo"] == "10" and first <= row["NgayTra"][:8] <= last:
                returned[place] += 1
            if row["TrangThaiHoSo"] not in ("1", "3") and first <= row["NgayTiepNhan"][:8] <= last:
                received[place] += 1
                ended = row["NgayKetThucXuLy"] or row["NgayTra"]
                is_finished = row["TrangThaiHoSo"] in ("9", "10")
                on_time[place] += is_finished and (not row["NgayHenTra"] or ended <= row["NgayHenTra"])
        measures = plan.measures[window.code]
        assert (received, returned, on_time) == (
            measures.received.tolist(),
            measures.returned.tolist(),
            measures.on_time.tolist(),
        )


def test_every_agency_has_dossiers_and_documents_in_every_period(plan: Plan) -> None:
    for measures in plan.measures.values():
        assert measures.received.min() > 0
        assert measures.documents.min() > 0


def test_all_agencies_report_by_two_doors_with_every_kind_of_state(plan: Plan) -> None:
    senders = {row["agency_organ_id"] for row in plan.submissions}
    assert {agency.organ_id for agency in plan.reference.agencies} <= senders
    assert {row["status"] for row in plan.submissions} == {"submitted", "withdrawn"}
    assert sum(row["revision"] == 2 for row in plan.submissions) == 10
    due = {window.code: window.due for window in plan.windows}
    late = [one for one in plan.sendings if one.period_code in due and one.submitted_at.date() > due[one.period_code]]
    assert len(late) >= 8
    assert {message.business for message in plan.messages} == {"new", "recall", "update", "replace"}


def test_a_replacement_arrives_before_the_document_that_it_names(plan: Plan) -> None:
    created = {message.document_id: message.created_at for message in plan.messages}
    replacement = next(message for message in plan.messages if message.business == "replace")
    assert replacement.created_at < created[replacement.targets[0]]


def test_values_are_typed_in_the_ways_of_real_forms(plan: Plan) -> None:
    values = [line["value"] for row in plan.submissions for line in row["lines"]]
    texts = {value for value in values if isinstance(value, str)}
    assert {"100%", "không", "-", "", "Có", "xem phụ lục"} <= texts
    assert any("," in text for text in texts)
    assert any(text != text.strip() for text in texts)
    assert {type(value) for value in values} == {int, float, str, type(None)}


DIGEST = """
import hashlib, sys
from pathlib import Path
import orjson
from stand_ins.province.packages import package
from stand_ins.province.plan import make_plan
plan = make_plan(Path(sys.argv[1]), seed=5, dossiers=2000, errors=True)
digest = hashlib.sha256(orjson.dumps([plan.submissions, plan.listing.page(0, len(plan.listing)), plan.register.items]))
for message in plan.messages:
    digest.update(package(message))
print(digest.hexdigest())
"""


def test_the_same_seed_gives_the_same_bytes_in_every_process() -> None:
    digests = []
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(Path(__file__).parents[2])}
        answer = subprocess.run(  # noqa: S603 our own code
            [sys.executable, "-c", DIGEST, str(SEEDS)], env=environment, capture_output=True, text=True, check=True
        )
        digests.append(answer.stdout.strip())
    assert len(digests[0]) == len(hashlib.sha256().hexdigest())
    assert digests[0] == digests[1]


def test_another_seed_gives_another_province(plan: Plan) -> None:
    other = make_plan(SEEDS, seed=2022, dossiers=4_000, errors=True)
    assert other.submissions != plan.submissions


@pytest.mark.parametrize("dossiers", [0, 40])
def test_a_province_of_few_dossiers_is_still_a_province(dossiers: int) -> None:
    plan = make_plan(SEEDS, seed=3, dossiers=dossiers, errors=True)
    assert len({row["MaHoSo"] for row in plan.listing.page(0, len(plan.listing))}) == dossiers
    planted = planted_rules(plan, "portal")
    found = {key: failed(form) for key, form in portal_forms(plan).items()}
    assert found == {key: {code for code in planted[key] if is_in_form(code)} for key in found}
