"""How long reading and understanding a workbook takes, beside others that merely read its cells.

Workbooks of the official layout with seeded figures and notes, different in each. Three ways of reading them, in rounds
that alternate with the peers' (``ingest_peers.py`` in .venv-bench-ingest): a layout seen before; each workbook as if its layout
had never been seen; and workbooks of layouts that are all different. Prints medians, the range, and the ratios.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import openpyxl

from ingestion.forms.labels import labels_of
from ingestion.forms.layouts import KnownLayouts
from ingestion.forms.reader import FormReading, read_bytes
from ingestion.forms.template import Recorded, write_template
from ingestion.reference import Catalogue, load_catalogue

ROOT = Path(__file__).resolve().parents[1]
WORKBOOKS = 25
Taken: TypeAlias = tuple[float, float]


def main() -> int:
    """Measure, print, and give 1 when a ratio that the project promises isn't reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    catalogue = load_catalogue(ROOT / "dbt_project" / "seeds")
    written = [official_workbook(seed, catalogue) for seed in range(WORKBOOKS)]
    official = [content for content, _ in written]
    strange = [strange_workbook(content, seed) for seed, content in enumerate(official)]
    known = KnownLayouts(labels_of(catalogue.rows))

    def learnt(content: bytes) -> list[FormReading]:
        return read_bytes("H51.03/bieu.xlsx", content, catalogue, layouts=known)

    def never_seen(content: bytes) -> list[FormReading]:
        return read_bytes("H51.03/bieu.xlsx", content, catalogue, layouts=KnownLayouts(known.labels))

    for (content, values), moved in zip(written, strange, strict=True):
        check(learnt(content), values)
        check(learnt(moved), values)
        if learnt(content) != never_seen(content) or learnt(moved) != never_seen(moved):
            raise SystemExit("a layout seen before reads otherwise than one never seen")
    # Making the workbooks left a million objects behind, which are no part of reading. The night does the same at its start.
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryDirectory() as folder:
        for number, content in enumerate(official):
            (Path(folder) / f"{number:03}.xlsx").write_bytes(content)
        with subprocess.Popen(  # noqa: S603 - our own script
            [ROOT / ".venv-bench-ingest" / "bin" / "python", Path(__file__).with_name("ingest_peers.py"), folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as peers:  # fmt: skip
            rounds = [
                {
                    "layout seen before": timed(learnt, official),
                    "layout never seen (the official one)": timed(never_seen, official),
                    "layout never seen (rows and columns moved)": timed(never_seen, strange),
                    **peer_round(peers),
                }
                for _ in range(parser.parse_args().rounds)
            ]
            if peers.stdin:
                peers.stdin.close()
    return report(rounds)


def check(readings: list[FormReading], values: dict[str, Recorded]) -> None:
    """Stop unless every figure and note is what was written, so that no wrong way can win."""
    (reading,) = readings
    for line in reading.form.lines:
        wanted = values.get(line.code)
        if (line.value, line.note) != ((wanted.value, wanted.note) if wanted else (None, "")):
            raise SystemExit(f"{line.locator}: read {line.value} «{line.note}», written was {wanted}")


def official_workbook(seed: int, catalogue: Catalogue) -> tuple[bytes, dict[str, Recorded]]:
    """The official form filled in by about two thirds, a note on every eighth line, no two alike; and what stands in it."""
    chance = random.Random(seed)  # noqa: S311
    values = {}
    for row in catalogue.answered:
        if row.value_type != "reference" and chance.random() < 0.65:
            value = chance.choice(row.choices)[1] if row.choices else chance.randint(0, 9000)
            share = Decimal(chance.choice(["99.89", "100", "33.33", "0"]))
            note = chance.choice(notes(chance)) if chance.random() < 0.125 else ""
            values[row.code] = Recorded(share if row.value_type == "percent" else Decimal(value), note)
    agency = catalogue.agencies[1 + seed % 30]
    return write_template(agency, "2021", catalogue, values), values


def notes(chance: random.Random) -> tuple[str, str, str]:
    """A cited document, a ratio, a remark."""
    number = chance.randint(1, 6000)
    day = f"{chance.randint(1, 28):02}/{chance.randint(1, 12):02}/2021"
    return f"{number}/KH-STC ngày {day}", f"{number}/{number + 3} hồ sơ", f"Còn {number} TTHC chưa liên thông"


def strange_workbook(official: bytes, seed: int) -> bytes:
    """The same workbook with rows and columns moved, and some labels worded differently."""
    chance = random.Random(seed)  # noqa: S311
    book = openpyxl.load_workbook(io.BytesIO(official))
    sheet = book.worksheets[0]
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(merged))
    for row in range(9, sheet.max_row + 1):
        label = sheet.cell(row, 2)
        if chance.random() < 0.1:
            label.value = str(label.value).replace("Số", "Tổng số").replace("được ", "")
    sheet.insert_cols(chance.choice((1, 2, 4)))
    sheet.insert_rows(1, chance.randint(1, 9))
    for _ in range(3):
        sheet.insert_rows(chance.randint(30, 150))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def timed(read: Callable[[bytes], object], contents: Sequence[bytes]) -> Taken:
    """Seconds by the clock and of CPU for all of them; all that these workbooks cost is in this process."""
    start, cpu = time.perf_counter(), time.process_time()
    for content in contents:
        read(content)
    return time.perf_counter() - start, time.process_time() - cpu


def peer_round(peers: subprocess.Popen[str]) -> dict[str, Taken]:
    """One round of the peers, on the same workbooks."""
    if peers.stdin is None or peers.stdout is None:
        raise RuntimeError("the peers' pipes are closed")
    peers.stdin.write("round\n")
    peers.stdin.flush()
    seconds = json.loads(peers.stdout.readline())
    return {
        "python-calamine, cells only": tuple(seconds["with_calamine"]),
        "pandas + openpyxl, cells only": tuple(seconds["with_pandas"]),
    }


def report(rounds: Sequence[dict[str, Taken]]) -> int:
    """The table and the ratios, round by round; 1 when a median of the CPU seconds misses its bound."""
    print(f"{WORKBOOKS} workbooks, {len(rounds)} rounds; milliseconds a workbook: median (least to most)")
    for name in rounds[0]:
        print(f"  {name:44} clock {_spread([each[name][0] for each in rounds])}", end="")
        print(f"   CPU {_spread([each[name][1] for each in rounds])}")
    pandas, calamine = "pandas + openpyxl, cells only", "python-calamine, cells only"
    promises = (
        ("faster than pandas, layout seen before", pandas, "layout seen before", 6.0, True),
        ("times bare calamine, layout seen before", "layout seen before", calamine, 2.2, False),
        ("faster than pandas, official layout never seen", pandas, "layout never seen (the official one)", 1.0, True),
        (
            "faster than pandas, moved layout never seen",
            pandas,
            "layout never seen (rows and columns moved)",
            1.0,
            True,
        ),
    )
    missed = 0
    for words, above, below, bound, is_least in promises:
        by_clock, by_cpu = ([each[above][kind] / each[below][kind] for each in rounds] for kind in (0, 1))
        ratio = statistics.median(by_cpu)
        is_met = ratio >= bound if is_least else ratio <= bound
        missed += not is_met
        limit = f"{'at least' if is_least else 'at most'} {bound:g}"
        print(
            f"  {ratio:5.2f} x {words} by CPU ({min(by_cpu):.2f} to {max(by_cpu):.2f}; {limit}),"
            f" {statistics.median(by_clock):.2f} x by the clock {'' if is_met else 'MISSED'}"
        )
    return 1 if missed else 0


def _spread(seconds: Sequence[float]) -> str:
    taken = [1000 * each / WORKBOOKS for each in seconds]
    return f"{statistics.median(taken):6.2f} ({min(taken):.2f} to {max(taken):.2f})"


if __name__ == "__main__":
    sys.exit(main())
