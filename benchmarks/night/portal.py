"""The portal of a province made beforehand: pages are pieces of one file, so that the server is not what is measured.

``python -m benchmarks.night.portal FOLDER first|delta`` prints its address once it listens, and serves until its standard
input closes. Token grant, ``updated_since``, ``limit`` and ``cursor`` are as the portal's contract has them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import SplitResult, parse_qs

from benchmarks.loopback import TOKEN, serve

DEFAULT_LIMIT = 500


class Listing:
    """The rows of a resource up to a state; a cursor is the number of the next row."""

    def __init__(self, path: Path, *, is_whole: bool) -> None:
        told = json.loads(path.with_suffix(".index").read_text(encoding="ascii"))
        self._rows = memoryview(path.with_suffix(".json").read_bytes())
        self._begins, self._updated = told["begins"], told["updated"]
        self._count = len(self._updated) if is_whole else told["first"]

    def page(self, asked: dict[str, list[str]]) -> bytes:
        limit = int(asked.get("limit", [str(DEFAULT_LIMIT)])[0])
        if "cursor" in asked:
            start = int(asked["cursor"][0])
        else:
            since = asked.get("updated_since", [""])[0][:19].replace(" ", "T")
            start = bisect_left(self._updated, since, hi=self._count)
        end = min(start + limit, self._count)
        rows = self._rows[self._begins[start] : max(self._begins[end] - 1, self._begins[start])]
        cursor = f'"{end}"' if end < self._count else "null"
        return b'{"items":[%b],"next_cursor":%b,"total_estimate":%d}' % (rows, cursor.encode(), self._count)


@contextmanager
def serving(folder: Path, state: str) -> Iterator[str]:
    """A portal in a process of its own; its address."""
    command = [sys.executable, "-m", "benchmarks.night.portal", str(folder), state]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdin and process.stdout  # noqa: S101 - both were asked for
        yield process.stdout.readline().strip()
        process.stdin.close()


def main() -> None:
    folder, state = Path(sys.argv[1]), sys.argv[2]
    listings = {
        f"/api/v1/{name}": Listing(folder / name, is_whole=state == "delta") for name in ("submissions", "dossiers")
    }

    def body_of(target: SplitResult) -> bytes:
        listing = listings.get(target.path)
        return listing.page(parse_qs(target.query)) if listing else TOKEN

    serve(body_of, lambda url: print(url, flush=True))


if __name__ == "__main__":
    main()
