"""A night on which thirteen kinds of defects are planted, each in another agency's report of an otherwise clean province.

    python -m tests.expectations.night_of_defects

prints what was planted, and what the gate found and how it explains it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations.gate import GateResult, run_gate
from tests.expectations.gate_provinces import NIGHT, Lines, make_province

SEED = 3
#: What the systems of record hold against a form that was copied from another one.
_RECORDED = ("S-01", "S-02", "S-03", "S-04", "S-05", "S-06")

#: (agency, period, rule) -> its two sides.
Failed = dict[tuple[str, str, str], tuple[str, str]]
Read = Callable[[str, str], Lines]


@dataclass(frozen=True, slots=True)
class Defect:
    """What is wrong with one report: ``rule`` finds it and says ``told``; ``besides`` are rules that may see it too,
    ``twin`` the report of which it is a copy, where that one is told of it as well: nothing says who copied whom."""

    kind: str
    agency_code: str
    period_code: str
    rule: str
    told: tuple[str, ...]
    besides: tuple[str, ...] = ()
    twin: tuple[str, str] | None = None

    @property
    def seen_by(self) -> list[tuple[str, str, str]]:
        """Every (agency, period, rule) that tells of it."""
        own = [(self.agency_code, self.period_code, rule) for rule in (self.rule, *self.besides)]
        return [*own, (*self.twin, self.rule)] if self.twin else own


DEFECTS = (
    Defect("một quan hệ trong biểu", "H51.03", "2021", "III-06", ("III.6.1 = 166", "III.6.2 = 160"), ("S-02",)),
    Defect("gấp mười, khác hệ thống ghi nhận", "H51.15", "2021", "S-05", ("sổ văn bản điện tử",)),
    Defect("giữa các kỳ", "H51.06", "2021-H1", "T-01", ("I.3.2 (quý I) = 60", "I.3.2 (6 tháng) = ")),
    Defect("văn bản khác năm", "H51.11", "2021", "D-01", ("72/KH-STTTT ngày 04/02/2020", "năm báo cáo 2021")),
    Defect("văn bản sai thứ tự", "H51.13", "2021", "D-02", ("VI.5", "trong cùng sổ")),
    Defect("số văn bản nêu", "H51.12", "2021", "II-03", ("II.1 = 2", "số văn bản nêu tại ghi chú II.1 = 1")),
    Defect("vượt một bội số", "H51.31", "2021", "V-01", ("V.4.2 = 100", "2 × V.4.1 = 2 × 44 = 88")),
    Defect("tỷ lệ ngoài 0 đến 100", "H51.35", "2021", "P-01", ("I.5.3 = 102,5",)),
    Defect("tỷ số nêu tại ghi chú", "H51.39", "2021", "III-07", ("III.6.3 = 99,41", "164/169")),
    Defect("khác xa các cơ quan cùng cấp", "H51.36", "2021", "O-01", ("I.5.3 = 12", "trung vị")),
    Defect("cả biểu lặp kỳ trước", "H51.01", "2021-H1", "T-03", ("trùng với biểu của Quý I năm 2021",), _RECORDED),
    Defect(
        "cả biểu của cơ quan khác", "H51.07", "2021-Q1", "O-04", ("trùng với biểu của Sở Tài chính",), _RECORDED,
        twin=("H51.03", "2021-Q1"),
    ),
    Defect("nhiều số tròn", "H51.10", "2021", "O-05", ("số tròn chục", "không quá 60%")),
)  # fmt: skip


def plant(lines: Read) -> None:
    """Write the defects into the portal's submissions."""

    def year(agency: str) -> Lines:
        return lines(agency, "2021")

    year("H51.03")["III.6.2"]["value"] = 160  # 166 received
    documents = year("H51.15")["VII.1.1"]
    documents["value"] = 10 * int(documents["value"])
    lines("H51.06", "2021-Q1")["I.3.2"]["value"] = "60"  # more than in six months
    year("H51.11")["I.3"]["note"] = "72/KH-STTTT ngày 04/02/2020"
    note = year("H51.13")["VI.5"]["note"]
    year("H51.13")["VI.5"]["note"] = f"{int(note.split('/')[0]) + 300}/{note.split('/', 1)[1]}"
    year("H51.12")["II.1"]["value"] = 2  # one document cited
    year("H51.31")["V.4.2"]["value"] = 100  # 44 planned
    year("H51.35")["I.5.3"]["value"] = "102,5"
    year("H51.39")["III.6.3"]["note"] = "164/169 hồ sơ"
    year("H51.36")["I.5.3"]["value"] = "12"
    _copy(lines("H51.01", "2021-Q1"), lines("H51.01", "2021-H1"))
    _copy(lines("H51.03", "2021-Q1"), lines("H51.07", "2021-Q1"))
    _round(year("H51.10"))


def _copy(source: Lines, target: Lines) -> None:
    for code, line in target.items():
        line |= {name: source.get(code, {}).get(name) for name in ("value", "note")}


def _round(form: Lines) -> None:
    """Ten times every count of some sections: sums and bounds among them hold still."""
    for code, line in form.items():
        is_in = code.startswith(("III.2", "III.3", "III.5", "IV", "V.")) and code not in (
            "III.3.2",
            "III.5.3",
            "IV.2.5",
        )
        if is_in and str(line["value"]).isdigit() and int(line["value"]) > 1:
            line["value"] = 10 * int(line["value"])


def judged(folder: Path, **province: Any) -> tuple[GateResult, Failed]:
    """The gate's result, and every failed rule with its two sides."""
    warehouse = make_province(folder, **province)
    result = run_gate(
        warehouse,
        night=NIGHT,
        context_root=folder / "gx",
        now=lambda: datetime(2021, 12, 20, 18, tzinfo=UTC),
        has_docs=False,
    )
    with duckdb.connect(str(warehouse)) as connection:
        rows = connection.execute(
            "select agency_code, period_code, rule_id, left_text, right_text from audit.rule_result_now"
            " inner join raw.submission using (submission_id) where outcome = 'failed'"
        ).fetchall()
    return result, {(agency, period, rule): (left, right) for agency, period, rule, left, right in rows}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        result, failed = judged(Path(folder), seed=SEED, plant=plant)
    print(f"{len(DEFECTS)} kinds planted, {result.evaluated_count} forms judged, {len(result.quarantined)} held back")
    for number, defect in enumerate(DEFECTS, start=1):
        print(f"{number:2} {defect.kind}")
        for place, key in enumerate(defect.seen_by):
            sides = failed.pop(key, None)
            if sides or not place:
                print(f"     {' '.join(key)}: {' | '.join(sides) if sides else 'NOT FOUND'}")
    print("nothing else" if not failed else f"and besides: {failed}")


if __name__ == "__main__":
    main()
