"""The register of documents sent."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest

from ingestion.errors import ParseError
from ingestion.landing import Landing
from ingestion.sources.edoc import parse_outgoing_page, pull_outgoing
from ingestion.sources.http import PullResult, SourceAccess
from tests.ingestion.sources.scripted_server import Answer, Call, ScriptedServer, as_json
from tests.ingestion.sources.source_access import NIGHT, now, outcomes


def sent(number: int, on: str, **changed: Any) -> dict[str, Any]:
    row = {
        "document_id": f"000.00.03.H51,{on.replace('-', '/')},{number}/STC",
        "organ_id": "000.00.03.H51",
        "code": f"{number}/STC",
        "promulgated_on": on,
        "sent_form": "electronic",
        "digitally_signed": True,
        "updated_at": f"{on}T08:00:00",
    }
    return {**row, **changed}


class Register:
    def __init__(self, server: ScriptedServer, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        server.handlers["/outgoing"] = self

    def __call__(self, call: Call) -> Answer:
        rows = [row for row in self.rows if call.query["from"] <= str(row["promulgated_on"]) <= call.query["to"]]
        start, limit = int(call.query.get("cursor", "0")), int(call.query["limit"])
        return as_json(
            {
                "items": rows[start : start + limit],
                "next_cursor": str(start + limit) if start + limit < len(rows) else None,
            }
        )


def pull(access: SourceAccess, landing: Landing) -> PullResult:
    return pull_outgoing(access, landing, night=NIGHT, now=now)


def test_the_register_lands_whole_and_only_its_changes_after(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    register = Register(server, [sent(n, f"2021-12-{20 - n:02}") for n in range(8)])
    assert pull(access, landing) == PullResult(landed_count=3, item_count=8)
    assert server.calls_to("/outgoing")[0].query == {"from": "2000-01-01", "to": "2021-12-21", "limit": "3"}
    assert landing.watermark("edoc.outgoing") == "2021-12-20"
    assert pull(access, landing) == PullResult(unchanged_count=3)
    assert server.calls_to("/outgoing")[-1].query["from"] == "2021-11-05"
    register.rows[4]["digitally_signed"] = False
    assert pull(access, landing).landed_count == 1
    register.rows.append(sent(9, "2021-12-21"))
    assert pull(access, landing).landed_count == 1
    assert landing.watermark("edoc.outgoing") == "2021-12-21"
    assert pull(access, landing).landed_count == 0


def test_a_walk_cut_short_moves_no_watermark_and_repeats_no_page(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    register = Register(server, [sent(n, f"2021-12-{20 - n:02}") for n in range(8)])
    server.handlers["/outgoing"] = lambda call: Answer(500) if call.query.get("cursor") == "3" else register(call)
    assert pull(access, landing).failure is not None
    assert not landing.watermark("edoc.outgoing")
    server.handlers["/outgoing"] = register
    assert pull(access, landing) == PullResult(landed_count=2, unchanged_count=1, item_count=5)


def test_a_mistyped_day_to_come_does_not_move_the_window(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    Register(server, [sent(1, "2021-12-10"), sent(2, "2021-12-21", updated_at="2021-12-09T08:00:00")])
    pull(access, landing)
    assert landing.watermark("edoc.outgoing") == "2021-12-10"


def test_a_poisoned_row_is_named_and_the_rest_lands(
    server: ScriptedServer, access: SourceAccess, landing: Landing
) -> None:
    Register(server, [sent(1, "2021-12-10"), sent(2, "2021-12-11", digitally_signed="có"), sent(3, "2021-12-12", la=1)])
    result = pull(access, landing)
    assert (result.landed_count, result.item_count, result.problem_count) == (1, 3, 1)
    assert "2/STC: digitally_signed phải là đúng/sai." in outcomes(landing, "refused")[0]
    assert any("Trường lạ, bỏ qua: la." in line for line in outcomes(landing, "ok"))


def test_a_page_is_read_into_documents() -> None:
    body = json.dumps(
        {"items": [sent(1, "2021-12-10"), sent(1, "2021-12-10"), sent(2, "2021-12-11", code=None)]}
    ).encode()
    documents, problems = parse_outgoing_page(body, locator="p")
    assert [(d.document_number, d.promulgated_on) for d in documents] == [
        ("1/STC", date(2021, 12, 10)),
        ("", date(2021, 12, 11)),
    ]
    first = documents[0]
    assert (first.sent_form, first.is_digitally_signed) == ("electronic", True)
    assert first.updated_at == datetime(2021, 12, 10, 8)
    assert problems == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("document_id", None), ("organ_id", 5), ("code", 1), ("promulgated_on", "2021-02-30"), ("promulgated_on", None),
        ("sent_form", "fax"), ("sent_form", []), ("digitally_signed", 1), ("updated_at", "lately"),
    ],
)  # fmt: skip
def test_a_row_with_a_wrong_field_is_left_out_by_name(field: str, value: object) -> None:
    body = json.dumps({"items": [{**sent(1, "2021-12-10"), field: value}, sent(2, "2021-12-11"), 7]}).encode()
    documents, problems = parse_outgoing_page(body, locator="p")
    assert [document.document_number for document in documents] == ["2/STC"]
    assert [problem.code for problem in problems] == ["row_refused", "row_refused"]
    assert field in problems[0].message


def test_what_is_no_page_of_the_register_is_a_parse_error() -> None:
    for body in (b"", b"<html>", b"{}", b"[]"):
        with pytest.raises(ParseError):
            parse_outgoing_page(body, locator="p")
