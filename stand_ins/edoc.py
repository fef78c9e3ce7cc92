"""The stand-in for the e-document system: parameters in headers, answers in an envelope."""

from __future__ import annotations

import base64
import hashlib
import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stand_ins.access import Access, Cursors
from stand_ins.paging import BadRequestError, answer
from stand_ins.province.packages import Message, package
from stand_ins.province.plan import Plan

_TIME = "%Y/%m/%d %H:%M:%S"
_WORDS = {"initial": "Văn bản mới đến", "processing": "Đang xử lý", "done": "Đã tiếp nhận", "fail": "Lỗi"}


@dataclass(frozen=True, slots=True)
class SentPackage:
    """A status package that a client sent, as it came and as it reads."""

    door_id: str
    sender: str
    recipients: tuple[str, ...]
    body: bytes
    status_code: str
    document_id: str
    description: str


@dataclass(slots=True)
class Axis:
    """The document axis as clients changed it: ``status_updates`` are (docId, status) in order, ``sent`` the packages."""

    plan: Plan
    cursors: Cursors
    status_updates: list[tuple[str, str]] = field(default_factory=list)
    sent: list[SentPackage] = field(default_factory=list)
    _status: dict[str, str] = field(default_factory=dict)
    _packages: dict[str, bytes] = field(default_factory=dict)

    def app(self, access: Access) -> Starlette:
        """The axis over HTTP; tokens come from ``POST /oauth/token``, here or at the portal."""
        return Starlette(
            routes=[
                Route("/oauth/token", access.grant, methods=["POST"]),
                Route("/getReceivedEdocList", access.guarded(self.list_received), methods=["POST"]),
                Route("/getEdoc", access.guarded(self.get_edoc), methods=["POST"]),
                Route("/updateStatus", access.guarded(self.update_status), methods=["POST"]),
                Route("/sendEdoc", access.guarded(self.send_edoc), methods=["POST"]),
                Route("/outgoing", access.guarded(self.outgoing)),
            ]
        )

    async def list_received(self, request: Request) -> Response:
        """Messages by created_time, both days included; one in sixteen is listed twice; nothing to list is an empty body."""
        headers = request.headers
        try:
            first = datetime.strptime(headers.get("fromdate", ""), "%Y/%m/%d").date()  # noqa: DTZ007 a local day
            last = datetime.strptime(headers.get("todate", ""), "%Y/%m/%d").date()  # noqa: DTZ007
            page, size = int(headers.get("page", "1")), int(headers.get("pagesize", "200"))
        except ValueError as error:
            return _fail("1", f"Tham số không hợp lệ: {error}")
        kind = headers.get("messagetype", "")
        if headers.get("servicetype", "").lower() != "edoc" or kind not in ("edoc", "status"):
            return _fail("2", "servicetype hoặc messagetype không hợp lệ")
        if page < 1 or not 1 <= size <= 200:
            return _fail("3", "page bắt đầu từ 1, pagesize từ 1 đến 200")
        listed = []
        for number, message in enumerate(self.plan.messages):
            if message.message_type == kind and first <= message.created_at.date() <= last:
                listed += [self._entry(message)] * (2 if number % 16 == 7 else 1)
        rows = listed[(page - 1) * size : page * size]
        return _envelope(rows) if rows else Response(b"", media_type="application/json")

    async def get_edoc(self, request: Request) -> Response:
        """One package, base64."""
        door_id = request.headers.get("docid", "")
        message = next((one for one in self.plan.messages if one.door_id == door_id), None)
        if message is None:
            return _fail("4", f"Không có văn bản {door_id}")
        if door_id not in self._packages:
            self._packages[door_id] = package(message)
        return _envelope(base64.b64encode(self._packages[door_id]).decode())

    async def update_status(self, request: Request) -> Response:
        """Recorded; the listing shows the new status."""
        door_id, status = request.headers.get("docid", ""), request.headers.get("status", "")
        if status not in ("processing", "done", "fail"):
            return _fail("5", f"status không hợp lệ: {status}")
        if all(one.door_id != door_id for one in self.plan.messages):
            return _fail("4", f"Không có văn bản {door_id}")
        self._status[door_id] = status
        self.status_updates.append((door_id, status))
        return _envelope(None)

    async def send_edoc(self, request: Request) -> Response:
        """A status package, recorded when its headers, its hash and its body are right."""
        headers, body = request.headers, await request.body()
        if headers.get("servicetype", "").lower() != "edoc" or headers.get("messagetype") != "status":
            return _fail("2", "servicetype hoặc messagetype không hợp lệ")
        if headers.get("hash-file", "").lower() != hashlib.sha256(body).hexdigest():
            return _fail("6", "hash-file không khớp nội dung")
        try:
            recipients = tuple(json.loads(headers.get("to", "")))
            told = _read_status(body)
        except (ValueError, TypeError, etree.XMLSyntaxError) as error:
            return _fail("7", f"Gói tin không hợp lệ: {error}")
        door_id = f"S{len(self.sent) + 1:06d}"
        self.sent.append(SentPackage(door_id, headers.get("from", ""), recipients, body, *told))
        return _envelope(None, DocId=door_id)

    async def outgoing(self, request: Request) -> Response:
        """The register, in order of (promulgated_on, document_id), ``from`` and ``to`` included."""
        items = self.plan.register.items

        def start(request: Request) -> tuple[str, int, int]:
            first, last = _day(request, "from"), _day(request, "to")
            position = bisect_left(items, first, key=lambda item: item["promulgated_on"])
            stop = bisect_right(items, last, key=lambda item: item["promulgated_on"])
            return f"{first} {last}", position, max(position, stop)

        return answer(request, self.cursors, "outgoing", start=start, rows=lambda a, b: items[a:b])

    def _entry(self, message: Message) -> dict[str, Any]:
        status = self._status.get(message.door_id, "initial")
        created = message.created_at.strftime(_TIME)
        return {
            "docId": message.door_id,
            "serviceType": "eDoc",
            "messageType": message.message_type,
            "created_time": created,
            "updated_time": created,
            "from": message.sender_organ_id,
            "to": message.recipients[0][0],
            "status": status,
            "status_desc": _WORDS[status],
        }


def _envelope(data: Any, **more: str) -> Response:
    return JSONResponse({"status": "OK", "ErrorCode": "0", "ErrorDesc": "", "data": data, **more})


def _fail(code: str, description: str) -> Response:
    return JSONResponse({"status": "FAIL", "ErrorCode": code, "ErrorDesc": description, "data": None})


def _day(request: Request, name: str) -> str:
    text = request.query_params.get(name, "")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise BadRequestError(f"{name} is no date: {text!r}") from error


def _read_status(body: bytes) -> tuple[str, str, str]:
    """(status code, DocumentId answered, description) of a status package; ``ValueError`` when it is none."""
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))

    def text(path: str) -> str:
        steps = "/".join(f"*[local-name()='{step}']" for step in path.split("/"))
        found = root.xpath(f"//{steps}")
        return (found[0].text or "").strip() if found else ""

    code, document_id = text("MessageHeader/StatusCode"), text("MessageHeader/ResponseFor/DocumentId")
    if not code or not document_id:
        raise ValueError("StatusCode and ResponseFor/DocumentId are needed")
    return code, document_id, text("MessageHeader/Description")
