"""The whole night by this project and by what a user would pick instead, from the same sources, to the same rows.

    python -m benchmarks.night --peers-python … [--agencies N] [--years N] [--dossiers N] [--only NAME …] [--folder PATH]

Three nights each: all there is, one hundredth new, nothing new. Ends with 1 when rows differ; bounds are told as pass or FAIL.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.night.cost import Cost
from benchmarks.night.dlt_peer import DltPeer
from benchmarks.night.ours import Ours
from benchmarks.night.pandas_peer import PandasPeer
from benchmarks.night.portal import serving
from benchmarks.night.postgres_peer import PostgresPeer
from benchmarks.night.province import NIGHTS, Size, make_province
from benchmarks.night.rules import write_rules
from benchmarks.night.same import differences, other_failures
from benchmarks.warehouse_peers import postgres

KINDS = ("first load", "delta", "nothing new")
STATES = ("first", "delta", "delta")
#: How many times faster than the best of the others is asked for.
GOALS = {"first load": 5.0, "delta": 10.0}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers-python", type=Path, required=True, help="a Python with dlt, dbt, Great Expectations")
    parser.add_argument("--agencies", type=int, default=120)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--dossiers", type=int, default=300_000)
    parser.add_argument("--only", nargs="*", default=[], help="of the peers, those whose name begins so")
    parser.add_argument("--folder", type=Path, default=None, help="where everything is made (removed afterwards)")
    given = parser.parse_args()
    size = Size(given.agencies, given.years, given.dossiers)
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="bench-night-") as folder:
        return _bench(Path(folder), size, given.peers_python.absolute(), given.only)


def _bench(folder: Path, size: Size, python: Path, only: list[str]) -> int:
    ours = Ours(folder / "ours", size)
    made = make_province(ours.seeds, folder / "made", size)
    _say(", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in made.items()))
    told = folder / "rules.json"
    rules = write_rules(told)
    with postgres() as server:
        peers = [
            DltPeer(folder / "dlt", ours.seeds, told, python),
            PandasPeer(folder / "pandas", ours.seeds, told),
            PostgresPeer(folder / "postgres", ours.seeds, told, python, server),
        ]
        return _nights(folder, ours, [peer for peer in peers if _is_wanted(peer.name, only)], rules)


def _is_wanted(name: str, only: list[str]) -> bool:
    return not only or any(name.startswith(word) for word in only)


def _nights(folder: Path, ours: Ours, peers: list[Any], rules: list[str]) -> int:
    costs: dict[str, dict[str, Cost]] = {ours.name: {}} | {peer.name: {} for peer in peers}
    wrong: list[str] = []
    for contender in (ours, *peers):
        for kind, state, night in zip(KINDS, STATES, NIGHTS, strict=True):
            if kind != "nothing new":
                workbooks = folder / "made" / "drops" / state
                shutil.copytree(workbooks, contender.inbox, copy_function=shutil.copyfile, dirs_exist_ok=True)
            with serving(folder / "made", state) as portal:
                cost = costs[contender.name][kind] = contender.night(night, portal)
            _say(
                f"{contender.name}, {kind}: {cost.seconds:.1f} s, CPU {cost.cpu_seconds:.1f} s, {cost.peak_mb:,.0f} MB"
            )
            kept = folder / "kept" / kind
            if contender is ours:
                _tell_shares(ours.told)
                ours.keep(kept / ours.name, rules)
                if others := other_failures(ours.warehouse, rules):
                    raise SystemExit(f"the province breaks rules that the peers don't check: {others}")
            else:
                if contender.seconds:
                    _say("  " + ", ".join(f"{part} {seconds:.1f} s" for part, seconds in contender.seconds.items()))
                contender.keep(kept / contender.name)
                wrong += _compare(kept / ours.name, kept / contender.name)
    _tell_ratios(costs, ours.name)
    return 1 if wrong else 0


def _compare(ours: Path, theirs: Path) -> list[str]:
    """Say whether the answers are the same; what differs."""
    counts, wrong = differences(ours, theirs)
    _say(f"  {'DIFFERS: ' + '; '.join(wrong) if wrong else 'the same rows as ours: ' + json.dumps(counts)}")
    return wrong


def _tell_shares(told: dict[str, Any]) -> None:
    """Where the seconds of our night went: its steps, Airflow beside them, dbt inside them."""
    steps = ", ".join(f"{name} {seconds:.1f}" for name, seconds in told["seconds"].items())
    _say(f"  seconds by step: {steps}; Airflow's own {told['airflow_seconds']:.1f}")


def _tell_ratios(costs: dict[str, dict[str, Cost]], ours: str) -> None:
    others = {name: cost for name, cost in costs.items() if name != ours}
    if not others:
        return
    for kind in KINDS:
        mine = costs[ours][kind]
        for figure, unit in (("seconds", "seconds"), ("cpu_seconds", "CPU seconds"), ("peak_mb", "memory")):
            best = min(others, key=lambda name: getattr(others[name][kind], figure))
            ratio = getattr(others[best][kind], figure) / getattr(mine, figure)
            goal = GOALS.get(kind) if figure == "seconds" else 1.0 if figure == "peak_mb" else None
            word = "" if goal is None else f" ({goal:g} x is asked for: {'pass' if ratio >= goal else 'FAIL'})"
            _say(f"{kind}, {unit}: best other ({best}) / ours {ratio:.2f} x{word}")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
