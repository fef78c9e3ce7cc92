"""Telling the axis and the sender what became of a landed message.

Two calls acknowledge one message: ``updateStatus`` (done or fail) to the axis and a status package (03 accepted, 02 refused)
to the sender. When either fails, both are sent again the next night; an acknowledgement may therefore arrive twice, and
never before its message has landed.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from datetime import date, datetime
from functools import partial
from typing import Literal

import orjson

from ingestion.errors import FetchError
from ingestion.landing import Landing, sha256_hex
from ingestion.model import EdocMessage
from ingestion.sources.edxml import build_status_package
from ingestion.sources.envelope import Listed, read_data
from ingestion.sources.http import AccessRefusedError, SourceClient

_ACCEPTED = "Đã tiếp nhận văn bản."


def owe_acknowledgement(
    landing: Landing,
    row: Listed,
    message: EdocMessage | None,
    *,
    refusal: str | None,
    own_organ_id: str,
    night: date,
    at: datetime,
) -> None:
    """Write down, in the caller's transaction, what is to be answered. ``message`` is None when the package could not be
    read: then only the list tells who sent it. ``refusal`` is the Vietnamese reason, None when all is well."""
    is_ours = own_organ_id in row.recipients or not row.recipients
    from_organ_id = own_organ_id if is_ours else row.recipients[0]
    recipient = (message.sender_organ_id if message else "") or row.sender
    code = "/".join(part for part in (message.code_number, message.code_notation) if part) if message else ""
    description = _ACCEPTED if refusal is None else f"Không tiếp nhận được: {refusal}"
    package = build_status_package(
        from_organ_id=from_organ_id,
        to_organ_id=recipient,
        document_id=(message.document_id if message else "") or row.doc_id,
        code=code,
        promulgated_on=message.promulgated_on if message else None,
        status_code="03" if refusal is None else "02",
        description=description,
        at=at,
    )
    landing.owe_acknowledgement(
        row.doc_id,
        status="done" if refusal is None else "fail",
        reason=refusal or "",
        recipient=recipient,
        payload=orjson.dumps({"from": from_organ_id, "package": package.decode()}).decode(),
        night_on=night,
    )


def send_owed(
    client: SourceClient,
    landing: Landing,
    *,
    night: date,
    now: Callable[[], datetime],
    passed_over: Set[str] = frozenset(),
) -> set[str]:
    """Send every acknowledgement that is owed, except those ``passed_over``; the docIds of those that could not be sent.
    Each has an outcome record. Raises ``AccessRefusedError``.

    After three failures in a row the rest is tried once each; after ``failures_in_a_row_max`` it is left for the next night.
    """
    failed: set[str] = set()
    failures_in_a_row = 0
    for doc_id, status, reason, recipient, payload in landing.owed_acknowledgements():
        if doc_id in passed_over:
            continue
        result: Literal["ok", "failed"] = "ok"
        word = reason
        try:
            _send(client, doc_id, status, recipient, payload, attempts=1 if failures_in_a_row >= 3 else None)
        except AccessRefusedError:
            raise
        except FetchError as error:
            landing.acknowledgement_failed(doc_id)
            failed.add(doc_id)
            failures_in_a_row += 1
            result, word = "failed", f"Chưa gửi được xác nhận, đêm sau gửi lại: {error.reason}."
        else:
            landing.acknowledged(doc_id, now=now())
            failures_in_a_row = 0
        landing.record(
            night_on=night,
            now=now(),
            source="edoc",
            step="acknowledge",
            locator=doc_id,
            result=result,
            reason=word,
        )
        if failures_in_a_row >= client.access.failures_in_a_row_max:
            break
    return failed


def _send(
    client: SourceClient, doc_id: str, status: str, recipient: str, payload: str, *, attempts: int | None
) -> None:
    locator = f"/updateStatus#{doc_id}"
    client.fetch(
        "POST",
        "/updateStatus",
        locator=locator,
        read=partial(read_data, locator=locator),
        headers={"docid": doc_id, "status": status},
        attempts=attempts,
    )
    if not recipient:
        return
    answer = orjson.loads(payload)
    package = answer["package"].encode()
    locator = f"/sendEdoc#{doc_id}"
    client.fetch(
        "POST",
        "/sendEdoc",
        locator=locator,
        read=partial(read_data, locator=locator),
        headers={
            "from": answer["from"],
            "to": orjson.dumps([recipient]).decode(),
            "servicetype": "eDoc",
            "messagetype": "status",
            "hash-file": sha256_hex(package),
            "Content-Type": "application/xml; charset=utf-8",
        },
        content=package,
        attempts=attempts,
    )
