"""The envelope of the e-document axis: ``{"status", "ErrorCode", "ErrorDesc", "data"}``, also when it fails with HTTP 200."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from ingestion.sources.http import TransientError
from ingestion.sources.payload import NotJsonError, read_json
from ingestion.sources.times import axis_time


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of ``getReceivedEdocList``. ``created_at`` is local time, None when ``created_text`` is no time."""

    doc_id: str
    created_at: datetime | None
    created_text: str
    sender: str
    recipients: tuple[str, ...]

    def meta(self) -> dict[str, Any]:
        """What the landing zone keeps beside the package."""
        meta: dict[str, Any] = {
            "created_time_text": self.created_text,
            "from": self.sender,
            "to": list(self.recipients),
        }
        if self.created_at:
            meta["created_time"] = self.created_at.isoformat(timespec="seconds")
        return meta


def read_data(body: bytes, *, locator: str) -> Any:
    """``data`` of an envelope that says OK. Raises ``TransientError`` for FAIL, ``NotJsonError`` for what is no envelope."""
    answer = read_json(body)
    if not isinstance(answer, dict) or not ("status" in answer or "ErrorCode" in answer):
        raise NotJsonError("câu trả lời không có dạng của trục liên thông")
    status = str(answer.get("status", "")).upper()
    code = str(answer.get("ErrorCode", "0"))
    if status == "OK" or (not status and code == "0"):
        return answer.get("data")
    description = " ".join(str(answer.get("ErrorDesc") or "").split())[:120]
    reason = f"trục liên thông báo lỗi {code[:20]}" + (f" ({description})" if description else "")
    raise TransientError(reason, source="edoc", locator=locator)


def read_list(body: bytes, *, locator: str) -> tuple[list[Listed], int, int]:
    """(usable rows of the page, how many had no docId, how many rows there were in all).

    An empty body is an empty list; a row that says it is a status message is passed over.
    """
    if not body.strip():
        return [], 0, 0
    data = [] if body.strip() == b"[]" else read_data(body, locator=locator)
    if data is None or data == "":
        data = []
    if not isinstance(data, list):
        raise NotJsonError("data không phải là danh sách")
    rows: list[Listed] = []
    nameless_count = 0
    for item in data:
        doc_id = item.get("docId") if isinstance(item, dict) else None
        if isinstance(doc_id, int) and not isinstance(doc_id, bool):
            doc_id = str(doc_id)
        if not isinstance(doc_id, str) or not doc_id.strip():
            nameless_count += 1
        elif str(item.get("messageType", "")).lower() != "status":
            created = item.get("created_time")
            rows.append(
                Listed(
                    doc_id=doc_id.strip(),
                    created_at=axis_time(created),
                    created_text="" if created is None else str(created)[:64],
                    sender=next(iter(_organs(item.get("from"))), ""),
                    recipients=_organs(item.get("to")),
                )
            )
    return rows, nameless_count, len(data)


def _organs(value: Any) -> tuple[str, ...]:
    """Organ ids as the axis gives them: one, a list, or a JSON list inside a string."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return ()
    given: Sequence[Any] = value if isinstance(value, list) else [value]
    return tuple(organ.strip() for organ in given if isinstance(organ, str) and organ.strip())
