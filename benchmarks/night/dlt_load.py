"""The portal's listings and the inbox into DuckDB by dlt, as its guides show: the REST source, incremental on ``updated_at``,
append; a resource that reads new files. ``python dlt_load.py URL INBOX SEEDS FOLDER NIGHT``, in the peers' environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
import openpyxl
from dlt.sources.rest_api import rest_api_source
from official import FIRST_ROW, Form, typed_submission, workbook_submission

BEFORE_ALL = "2000-01-01T00:00:00"


def main() -> None:
    url, inbox, seeds, folder, night = sys.argv[1], *map(Path, sys.argv[2:5]), sys.argv[5]
    form = Form(seeds)

    def understood(item: dict[str, Any]) -> dict[str, Any]:
        return typed_submission(item, form) | {"night_on": night}

    def marked(item: dict[str, Any]) -> dict[str, Any]:
        return item | {"night_on": night}

    def listing(name: str, path: str, limit: int, key: list[str], step: Any) -> dict[str, Any]:
        return {
            "name": name,
            "primary_key": key,
            "write_disposition": "append",
            "endpoint": {
                "path": path,
                "params": {"limit": limit},
                "data_selector": "items",
                "incremental": {
                    "start_param": "updated_since",
                    "cursor_path": "updated_at",
                    "initial_value": BEFORE_ALL,
                },
            },
            "processing_steps": [{"map": step}],
        }

    portal = rest_api_source(
        {
            "client": {
                "base_url": url,
                "auth": {
                    "type": "oauth2_client_credentials",
                    "access_token_url": f"{url}/oauth/token",
                    "client_id": "bench",
                    "client_secret": "bench",
                },
                "paginator": {"type": "cursor", "cursor_path": "next_cursor", "cursor_param": "cursor"},
            },
            "resources": [
                listing("submission", "api/v1/submissions", 500, ["submission_id", "revision"], understood),
                listing("dossier", "api/v1/dossiers", 5000, ["MaHoSo", "TrangThaiHoSo"], marked),
            ],
        }
    )

    @dlt.resource(name="workbook", primary_key="submission_id", write_disposition="append")
    def workbooks(updated_at: Any = dlt.sources.incremental("updated_at", initial_value=BEFORE_ALL)) -> Iterator[Any]:  # noqa: B008 - dlt's way
        received_at = datetime.combine(datetime.fromisoformat(night), time(1))
        for path in sorted(inbox.rglob("*.xlsx"), key=lambda path: path.stat().st_mtime):
            if datetime.fromtimestamp(path.stat().st_mtime).isoformat() >= updated_at.last_value:  # noqa: DTZ006
                sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
                cells = list(sheet.iter_rows(min_row=FIRST_ROW + 1, max_col=5, values_only=True))
                yield workbook_submission(path, cells, form, received_at) | {"night_on": night}

    pipeline = dlt.pipeline(
        pipeline_name="night",
        destination=dlt.destinations.duckdb(str(folder / "warehouse.duckdb")),
        dataset_name="landed",
        pipelines_dir=str(folder / "pipelines"),
    )
    pipeline.run([portal, workbooks()], loader_file_format="parquet")  # the faster of the two that its guide names


if __name__ == "__main__":
    main()
