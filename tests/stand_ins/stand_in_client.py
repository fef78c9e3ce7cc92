"""A small client of both systems, as the contracts describe them."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import httpx

from stand_ins.serve import StandIns

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"


class ManualClock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Client:
    def __init__(self, running: StandIns) -> None:
        self.running = running
        self.http = httpx.Client(trust_env=False, timeout=20)
        self.token = ""
        self.ask_token()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def ask_token(self, secret: str | None = None, at: str = "") -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.running.client_id,
            "client_secret": self.running.client_secret if secret is None else secret,
        }
        answer = self.http.post((at or self.running.portal_url) + "/oauth/token", data=form)
        if answer.status_code == 200:
            self.token = answer.json()["access_token"]
        return answer

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def get(self, path: str, **params: Any) -> httpx.Response:
        base = self.running.edoc_url if path == "/outgoing" else self.running.portal_url
        return self.http.get(base + path, params=params, headers=self.headers)

    def read_all(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Every item from the first page to the last."""
        items: list[dict[str, Any]] = []
        page = self.get(path, **params).json()
        while True:
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            page = self.get(path, cursor=page["next_cursor"], limit=params.get("limit", 500)).json()

    def call(self, path: str, body: bytes = b"", **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(self.running.edoc_url + path, content=body, headers={**self.headers, **named})

    def received(self, first: str = "2021/01/01", last: str = "2022/01/31", **headers: str) -> httpx.Response:
        given = {"servicetype": "eDoc", "messagetype": "edoc", "page": "1", "pagesize": "200", **headers}
        return self.call("/getReceivedEdocList", fromdate=first, todate=last, **given)

    def package(self, door_id: str) -> bytes:
        return base64.b64decode(self.call("/getEdoc", docId=door_id).json()["data"])
