"""Judging planted forms by the compiled SQL alone, in memory, without Great Expectations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import duckdb

from expectations.catalogue import RuleRow, read_catalogue, read_rule_rows
from expectations.compiler import RuleBook, compile_rules, read_rule_book
from expectations.rules import type_rules
from expectations.sides import NUMBER_TEXT
from tests.expectations.gate_warehouses import SEEDS, Cell


class Judged(NamedTuple):
    outcome: str
    severity: str
    left: Decimal | None
    right: Decimal | None
    left_text: str
    right_text: str


Form = dict[str, Cell | int | str]


@dataclass(frozen=True)
class Bench:
    """Compiled rules, ready to judge forms given as {code: cell}."""

    book: RuleBook

    def judge(self, forms: Sequence[Form]) -> list[dict[str, Judged]]:
        """For each form the result of every rule, by rule id."""
        with duckdb.connect() as connection:
            self._plant(connection, forms)
            judged: list[dict[str, Judged]] = [{} for _ in forms]
            for compiled in self.book.compiled:
                for number, *result in connection.execute(
                    f"select submission_id, {compiled.outcome}, {compiled.severity}, {compiled.left_value},"
                    f" {compiled.right_value}, {compiled.left_text}, {compiled.right_text} from operand"
                ).fetchall():
                    judged[number][compiled.rule.rule_id] = Judged(*result)
            return judged

    def outcomes(self, forms: Sequence[Form]) -> list[dict[str, str]]:
        """For each form the outcome of every rule, by rule id."""
        with duckdb.connect() as connection:
            self._plant(connection, forms)
            selected = ", ".join(compiled.outcome for compiled in self.book.compiled)
            rows = connection.execute(f"select {selected} from operand order by submission_id").fetchall()
        ids = [compiled.rule.rule_id for compiled in self.book.compiled]
        return [dict(zip(ids, row, strict=True)) for row in rows]

    def _plant(self, connection: duckdb.DuckDBPyConnection, forms: Sequence[Form]) -> None:
        connection.execute(NUMBER_TEXT)
        connection.execute(
            "create schema intermediate; create table intermediate.int_submission_line (submission_id integer,"
            " indicator_code varchar, value decimal(20, 6), value_text varchar, note varchar,"
            " observation_status varchar, ratio_numerator decimal(20, 6), ratio_denominator decimal(20, 6),"
            " document_count bigint)"
        )
        rows = []
        for number, form in enumerate(forms):
            cells = {code: cell if isinstance(cell, Cell) else Cell(cell) for code, cell in form.items()}
            rows += [(number, code, *cell.row()) for code, cell in ({"I.1.1": Cell()} | cells).items()]
        connection.executemany("insert into intermediate.int_submission_line values (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        columns = "".join(
            f", {column.aggregate}" if column.is_own else f", cast(null as decimal(20, 6)) as {column.name}"
            for column in self.book.columns
        )
        connection.execute(
            f"create table operand as select submission_id{columns} from intermediate.int_submission_line group by all"
        )


def bench() -> Bench:
    """The rules of the project's own table."""
    return Bench(read_rule_book(SEEDS))


def bench_of(**changes: str) -> Bench:
    """One rule made up for a test, named X: ``bench_of(left='III.6.1', operator='=', right='III.6.2')``."""
    return Bench(compile_rules(type_rules((row(**changes),), read_catalogue(SEEDS)), read_catalogue(SEEDS)))


def row(**changes: str) -> RuleRow:
    cells = {
        "rule_id": "X", "severity": "error", "left": "III.6.1", "operator": "=", "right": "III.6.2", "tolerance": "0",
        "on_missing": "skip", "message_en": "differ", "message_vi": "khác nhau",
    }  # fmt: skip
    return RuleRow(**(cells | changes))


def outcome_of(bench: Bench, form: Form, rule_id: str = "X") -> str:
    return bench.outcomes([form])[0][rule_id]


def rows_of_the_table() -> dict[str, RuleRow]:
    return {row.rule_id: row for row in read_rule_rows(SEEDS)}
