"""What others take merely to read the cells of workbooks: run in .venv-bench-ingest by ``bench_ingest.py``.

Prints one JSON object for each round: for each reader the seconds, by the clock and of CPU, that all workbooks took.
Reads a line from stdin before each round, so that rounds alternate with those of the reader measured.
"""

import io
import json
import sys
import time
from pathlib import Path

import pandas
import python_calamine


def main() -> None:
    """``ingest_peers.py FOLDER``: one round for each line on stdin."""
    contents = [path.read_bytes() for path in sorted(Path(sys.argv[1]).glob("*.xlsx"))]
    for content in contents[:3]:
        with_calamine(content)
        with_pandas(content)
    for _ in sys.stdin:
        seconds = {}
        for reader in (with_calamine, with_pandas):
            start, cpu = time.perf_counter(), time.process_time()
            for content in contents:
                reader(content)
            seconds[reader.__name__] = (time.perf_counter() - start, time.process_time() - cpu)
        print(json.dumps(seconds), flush=True)


def with_calamine(content: bytes) -> object:
    """Bare python-calamine: the cells of the first sheet as Python values."""
    return python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def with_pandas(content: bytes) -> object:
    """``pandas.read_excel`` with openpyxl: the first sheet as a frame."""
    return pandas.read_excel(io.BytesIO(content), header=None, engine="openpyxl")


if __name__ == "__main__":
    main()
