"""Proposals judged by the compiled rules themselves: the same SQL that judged the form says whether it would be accepted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb
import pyarrow as pa

from expectations.compiler import RuleBook
from expectations.repair.form import Change
from expectations.sides import NUMBER_TEXT
from expectations.sql import Column

_COLUMNS = (
    "indicator_code, value, value_text, note, observation_status, ratio_numerator, ratio_denominator, document_count"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rules that the form would break once changed."""

    failed_errors: tuple[str, ...]
    failed_warnings: tuple[str, ...]


def judge_changes(
    connection: duckdb.DuckDBPyConnection, book: RuleBook, cases: Sequence[tuple[str, Iterable[Change]]]
) -> list[Verdict]:
    """For each (submission, changes) what the rules of one submission say of the changed form. Nothing is written to the
    warehouse: the changed lines live in a database of their own, in memory."""
    ids = sorted({submission_id for submission_id, _ in cases})
    lines = connection.execute(
        f"select submission_id, {_COLUMNS} from intermediate.int_submission_line where submission_id in (select unnest(?))",
        [ids],
    ).to_arrow_table()
    changed = pa.table(
        {
            "number": pa.array([n for n, (_, changes) in enumerate(cases) for _ in changes], pa.int64()),
            "code": pa.array([c.slot.code for _, changes in cases for c in changes], pa.string()),
            "aspect": pa.array([c.slot.aspect for _, changes in cases for c in changes], pa.string()),
            "figure": pa.array(
                [None if c.new is None else c.new.quantize(_MILLIONTH) for _, changes in cases for c in changes],
                pa.decimal128(38, 6),
            ),
        }
    )
    numbered = pa.table(
        {
            "number": pa.array(range(len(cases)), pa.int64()),
            "submission_id": pa.array([submission_id for submission_id, _ in cases], pa.string()),
        }
    )
    with duckdb.connect() as memory:
        memory.execute(NUMBER_TEXT)
        memory.register("lines", lines)
        memory.register("changed", changed)
        memory.register("numbered", numbered)
        memory.execute(_CHANGED_LINES)
        memory.register("recorded", _recorded(connection, ids))
        memory.execute(
            f"create table operand as select number as submission_id{''.join(map(_operand, book.columns))}"
            " from changed_lines group by number"
        )
        one_by_one = " union all ".join(
            f"select submission_id, '{rule.rule.rule_id}' as rule_id, {rule.outcome} = 'failed' as is_failed,"
            f" {rule.severity} as severity from operand"
            for rule in book.compiled
        )
        rows = memory.execute(
            f"""
            select
                submission_id,
                coalesce(list(rule_id order by rule_id) filter (where is_failed and severity = 'error'), []),
                coalesce(list(rule_id order by rule_id) filter (where is_failed and severity <> 'error'), [])
            from ({one_by_one}) group by submission_id order by submission_id
            """
        ).fetchall()
    return [Verdict(tuple(errors), tuple(warnings)) for _, errors, warnings in rows]


def _recorded(connection: duckdb.DuckDBPyConnection, ids: list[str]) -> pa.Table:
    """What the systems of record hold for the agency and period of each submission; nothing where they are not built."""
    is_built = connection.execute(
        "select 1 from information_schema.tables where table_schema = 'intermediate'"
        " and table_name = 'int_recorded_measure'"
    ).fetchone()
    if not is_built:
        return pa.table(
            {name: pa.array([], pa.string()) for name in ("submission_id", "measure_name", "recorded_value")}
        )
    return connection.execute(
        """
        select line.submission_id, recorded.measure_name, recorded.recorded_value
        from intermediate.int_recorded_measure as recorded
        inner join (
            select distinct submission_id, agency_code, period_code from intermediate.int_submission_line
            where submission_id in (select unnest(?))
        ) as line on recorded.agency_code = line.agency_code and recorded.period_code = line.period_code
        """,
        [ids],
    ).to_arrow_table()


def _operand(column: Column) -> str:
    """The operand's column; figures of other periods are unknown here, so that rules on them say nothing."""
    if column.aspect == "previous":
        return f", cast(null as decimal(20, 6)) as {column.name}"
    if column.aspect == "recorded":
        return (
            ", cast((select max(recorded_value) from recorded where recorded.submission_id = any_value(origin)"
            f" and measure_name = '{column.code}') as decimal(20, 6)) as {column.name}"
        )
    return f", {column.aggregate}"


_MILLIONTH = Decimal("0.000001")

_CHANGED_LINES = """
create table changed_lines as
with by_slot as (
    select
        number, code,
        bool_or(aspect = 'value') as is_value, max(figure) filter (where aspect = 'value') as value,
        max(figure) filter (where aspect = 'numerator') as numerator,
        max(figure) filter (where aspect = 'denominator') as denominator
    from changed group by number, code
)
select
    numbered.number, numbered.submission_id as origin, lines.indicator_code,
    cast(case when by_slot.is_value then by_slot.value else lines.value end as decimal(20, 6)) as value,
    case when by_slot.is_value then coalesce(cast(by_slot.value as varchar), '') else lines.value_text end as value_text,
    lines.note,
    case
        when not coalesce(by_slot.is_value, false) then lines.observation_status
        when by_slot.value is null then 'blank' else 'reported'
    end as observation_status,
    cast(coalesce(by_slot.numerator, lines.ratio_numerator) as decimal(20, 6)) as ratio_numerator,
    cast(coalesce(by_slot.denominator, lines.ratio_denominator) as decimal(20, 6)) as ratio_denominator,
    lines.document_count
from numbered
inner join lines on numbered.submission_id = lines.submission_id
left join by_slot on numbered.number = by_slot.number and lines.indicator_code = by_slot.code
"""
