"""What the contenders of ``bench_quality.py`` begin with: the made-up lines, and the relations that each of them can say."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import duckdb

from expectations.compiler import read_rule_book
from expectations.expression import Sum
from expectations.sql import CompiledRule, as_sum
from tests.expectations.gate_warehouses import SEEDS

#: A clean province's forms over and over, one in ``{one_in}`` of them filled with figures made up line by line, which break
#: half of the relations.
_MADE = """
copy (
    with clean as (
        select submission_id, row_number() over (order by submission_id) - 1 as place
        from (select distinct submission_id from intermediate.int_submission_line)
    )
    select 's' || number as submission_id, 'H51.03' as agency_code, '2021' as period_code, line.indicator_code,
        case when number % {one_in} = 0 then cast(hash(number, indicator_code) % 90 as decimal(20, 6)) else value end as value,
        case when number % {one_in} = 0 then cast(hash(number, indicator_code) % 90 as varchar) else value_text end
            as value_text
    from range(1, {forms} + 1) as forms (number)
    inner join clean on clean.place = number % (select count(*) from clean)
    inner join intermediate.int_submission_line as line on clean.submission_id = line.submission_id
    order by number
) to '{parquet}' (format parquet)
"""

RECEIVE = """
insert into raw.submission by name
select 's' || number as submission_id, 'portal' as source, 's' || number as door_id, 'H51.03' as agency_code,
    'so-2021' as form_code, '2021' as period_code, number as revision, 'typed' as reading,
    timestamp '2021-12-17 09:30:00' as received_at, date '2021-12-20' as night_on, 'page' as locator,
    repeat('0', 64) as sha256, repeat('0', 64) as content_sha256, number as landed_id
from range(1, {forms} + 1) as forms (number)
"""
#: What a line of the warehouse has besides what the file holds.
AS_REPORTED = """
'so-2021' as form_code, 'portal' as source, 1 as revision, '' as note,
case when value is null then 'blank' else 'reported' end as observation_status, 0 as document_count, 'page' as source_locator
"""
LOAD = f"""
insert into intermediate.int_submission_line by name
select submission_id, agency_code, period_code, indicator_code, value, value_text, {AS_REPORTED}
from read_parquet('{{parquet}}')
"""

#: One row a form, one column a line, as a person would write it for this one purpose.
_FORM = "create table form as select submission_id, {columns} from lines group by submission_id"


def make_lines(folder: Path, forms: int, one_in: int) -> Path:
    """A Parquet file of so many forms' lines, one form in ``one_in`` broken."""
    # It brings in the stand-ins, which no contender needs and whose memory would count as theirs.
    from tests.expectations.gate_provinces import make_province

    parquet = folder / f"lines_{one_in}.parquet"
    with (
        tempfile.TemporaryDirectory(dir=folder) as name,
        duckdb.connect(str(make_province(Path(name), seed=1))) as connection,
    ):
        connection.execute(_MADE.format(forms=forms, one_in=one_in, parquet=parquet))
    return parquet


def plain_relations() -> list[CompiledRule]:
    """The relations of one form over figures alone, with every operand wanted: what every contender can say."""
    return [
        compiled
        for compiled in read_rule_book(SEEDS).compiled
        if compiled.rule.operator in ("<=", "=")
        and compiled.rule.kind == "one submission"
        and all(column.aspect in ("value", "status") for column in compiled.columns)
    ]


def form_sql() -> str:
    """The statement that makes ``form`` of ``lines``."""
    codes = sorted({column.code for rule in plain_relations() for column in rule.columns})
    columns = ", ".join(f"max(value) filter (where indicator_code = '{code}') as \"{code}\"" for code in codes)
    return _FORM.format(columns=columns)


def write_rules(path: Path) -> None:
    def terms(side: Sum) -> list[tuple[float, str | None]]:
        return [(float(term.coefficient), term.operand.name if term.operand else None) for term in side.terms]

    def sql(side: Sum) -> str:
        return " + ".join(f"{c} * " + (f'"{code}"' if code else "1") for c, code in terms(side))

    rules = []
    for compiled in plain_relations():
        rule = compiled.rule
        left, right = as_sum(rule.left), as_sum(rule.right)
        broken = f"{sql(left)} {'>' if rule.operator == '<=' else '<>'} {sql(right)}"
        rules.append(
            {"rule_id": rule.rule_id, "operator": rule.operator, "left": terms(left), "right": terms(right),
             "query": f"select submission_id from form where {broken}"}
        )  # fmt: skip
    told = {"form": form_sql(), "rules": rules, "known": _known()}
    path.write_text(json.dumps(told), encoding="utf-8")


def _known() -> dict[str, list[str]]:
    """The codes that the structural checks know, by column of a line."""

    def codes(seed: str, column: str, wanted: str = "true") -> list[str]:
        query = f"select {column} from read_csv('{SEEDS / seed}.csv', header = true, all_varchar = true) where {wanted}"
        return [code for (code,) in duckdb.sql(query).fetchall()]

    return {
        "indicator_code": codes("indicators", "code", "value_type <> 'heading'"),
        "agency_code": [*codes("agencies", "agency_code"), "unknown"],
        "period_code": [*codes("periods", "period_code"), "unknown"],
    }
