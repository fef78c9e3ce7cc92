"""One period's form for the whole province: every line's figure, every agency's cell, and how many stand behind them.

Read from the published file alone. What holds now comes from ``mart_province_summary``; what was believed on a day is
summed up again from ``value_as_believed_on`` by the same rules, so that for the last night both are the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from publishing import province_queries as queries


class ExportError(Exception):
    """What was asked for can't be exported; the message says why, in words for the one who asked."""


@dataclass(frozen=True, slots=True)
class Period:
    """A reporting period; the window's days are both included."""

    code: str
    label_vi: str
    kind: str
    year: int
    data_from: date
    data_to: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the form, headings too. ``choices`` is as the catalogue has it: ``Có = 1; Không = 0``."""

    code: str
    label_vi: str
    label_en: str
    unit_vi: str
    value_type: str
    choices: str
    numerator_vi: str
    denominator_vi: str
    break_on: date | None
    break_note_vi: str

    @property
    def is_answerable(self) -> bool:
        return self.value_type != "heading"


@dataclass(frozen=True, slots=True)
class Figure:
    """The province's figure of a line. ``value`` is None where nothing is known; ``choice_counts`` are agencies by answer."""

    value: Decimal | None
    basis: str | None
    numerator: Decimal | None
    denominator: Decimal | None
    yes_count: int | None
    no_count: int | None
    choice_counts: Mapping[str, int]
    answered_count: int
    with_value_count: int
    with_ratio_count: int
    doubtful_count: int


@dataclass(frozen=True, slots=True)
class Cell:
    """An agency's accepted answer: the value read, the text typed, and how it was read."""

    value: Decimal | None
    value_text: str
    status: str

    @property
    def is_answered(self) -> bool:
        return self.status in ("reported", "doubtful")


@dataclass(frozen=True, slots=True)
class Standing:
    """An agency that owes a report: ``status`` is accepted, quarantined, withdrawn, missing or awaited.

    ``broken_rules`` are (id, message_vi, message_en) of what keeps a report in quarantine; ``has_held_revision`` says that
    one report holds and another is in quarantine.
    """

    code: str
    name_vi: str
    level: str
    status: str
    status_reason: str
    has_held_revision: bool
    broken_rules: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class ProvinceTable:
    """Everything the appendix shows. ``figures`` by line, ``cells`` by (agency, line); ``night`` is the last one published."""

    province_code: str
    province_vi: str
    province_mark: str
    period: Period
    as_of: date | None
    night: date
    lines: tuple[Line, ...]
    figures: Mapping[str, Figure]
    agencies: tuple[Standing, ...]
    cells: Mapping[tuple[str, str], Cell]

    def count(self, *statuses: str) -> int:
        return sum(agency.status in statuses for agency in self.agencies)


_LEVELS = ("department", "district", "commune")


def read_province_table(published: Path, period: str, as_of: date | None = None) -> ProvinceTable:
    """The whole province's form for ``period``, as it holds now or as it was believed on ``as_of``.

    Raises ``ExportError`` for an unknown period, one that nobody owes a report for yet, and a file that isn't there.
    """
    if not published.exists():
        raise ExportError(f"nothing is published yet: {published} comes with the first night (make nightly)")
    with duckdb.connect(str(published), read_only=True) as connection:
        found = _period(connection, period)
        keys = {"period": found.code}
        day = "" if as_of is None else as_of.isoformat()
        figures = connection.execute(
            queries.FIGURES_NOW if as_of is None else queries.FIGURES_AS_OF.format(day=day), keys
        ).fetchall()
        if not figures:
            raise ExportError(f"nothing is published for {found.code} yet: no agency owed a report on it so far")
        standings = _standings(
            connection, queries.STANDINGS_NOW if as_of is None else queries.STANDINGS_AS_OF.format(day=day), keys
        )
        if not standings:
            raise ExportError(f"nothing is published for {found.code} yet: no agency owed a report on it so far")
        province = connection.execute(queries.PROVINCE, keys).fetchone()
        if province is None:
            raise ExportError(f"mart.dim_agency names no province above the agencies that report on {found.code}")
        owing = {standing.code for standing in standings}
        cells = connection.execute(
            queries.CELLS_NOW if as_of is None else queries.CELLS_AS_OF.format(day=day), keys
        ).fetchall()
        night = connection.execute("select max(night_on) from mart.fct_submission").fetchall()[0][0]
        code, name, mark = province
        return ProvinceTable(
            province_code=code,
            province_vi=name,
            province_mark=mark,
            period=found,
            as_of=as_of,
            night=night,
            lines=tuple(Line(*row) for row in connection.execute(queries.LINES).fetchall()),
            figures={line: _figure(rest) for line, *rest in figures},
            agencies=standings,
            cells={(agency, line): Cell(*rest) for agency, line, *rest in cells if agency in owing},
        )


def read_periods(connection: duckdb.DuckDBPyConnection) -> list[Period]:
    """Every period of the calendar, in the order in which their windows end."""
    rows = connection.execute(
        "select period_code, label_vi, kind, year, data_from, data_to, due_on from mart.dim_period"
        " where period_code <> 'unknown' order by data_to, data_from"
    ).fetchall()
    return [Period(*row) for row in rows]


def _period(connection: duckdb.DuckDBPyConnection, code: str) -> Period:
    periods = {period.code: period for period in read_periods(connection)}
    if code.strip().upper() not in periods:
        raise ExportError(f"no such period: {code} (e.g. 2021, 2021-Q1, 2021-H1, 2021-Q3)")
    return periods[code.strip().upper()]


def _figure(row: list[Any]) -> Figure:
    value, basis, numerator, denominator, yes, no, choices, *counts = row
    return Figure(value, basis, numerator, denominator, yes, no, json.loads(choices) if choices else {}, *counts)


def _standings(connection: duckdb.DuckDBPyConnection, sql: str, keys: dict[str, str]) -> tuple[Standing, ...]:
    broken: dict[str, list[tuple[str, str, str]]] = {}
    for submission, *rule in connection.execute(queries.BROKEN, keys).fetchall():
        broken.setdefault(submission, []).append((rule[0], rule[1], rule[2]))
    rows = sorted(connection.execute(sql, keys).fetchall(), key=lambda row: (_LEVELS.index(row[2]), row[0]))
    return tuple(
        Standing(
            code,
            name,
            level,
            status,
            reason,
            held,
            tuple(broken.get(submission, ())) if status == "quarantined" else (),
        )
        for code, name, level, status, reason, submission, held in rows
    )
