"""The portal's dossiers into DuckDB by dlt's REST source, the way that dlt's guide to it shows. Knows nothing of this
project; runs in the benchmark's own environment: ``python dossiers_by_dlt.py URL FOLDER``."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
from dlt.sources.rest_api import rest_api_source


def main() -> None:
    url, folder = sys.argv[1], Path(sys.argv[2])
    began = time.perf_counter()
    source = rest_api_source(
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
                {
                    "name": "dossier",
                    "endpoint": {"path": "api/v1/dossiers", "params": {"limit": 5000}, "data_selector": "items"},
                }
            ],
        }
    )
    pipeline = dlt.pipeline(
        pipeline_name="dossiers",
        destination=dlt.destinations.duckdb(str(folder / "dlt.duckdb")),
        dataset_name="raw",
        pipelines_dir=str(folder / "pipelines"),
    )
    pipeline.run(source, loader_file_format="parquet")  # the faster of the two that its guide to DuckDB names
    seconds = time.perf_counter() - began
    with pipeline.sql_client() as client:
        rows = client.execute_sql("select count(*) from dossier")[0][0]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "rows": rows, "peak_mb": peak_mb}))


if __name__ == "__main__":
    main()
