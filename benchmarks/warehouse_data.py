"""Fills raw tables and the gate's results with years of many provinces' reports, by DuckDB itself, from one seed number.

Agencies, periods and figures are made up; the form, its rules and the tables are the project's own. Half of the figures
carry a note, every submission cites two documents, one in thirty was sent twice (a tenth of the figures changed), one in
two hundred breaks an error rule; one dossier in ten comes in two states.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion.raw.load import ensure_schema
from state.warehouse import open_warehouse

ROOT = Path(__file__).resolve().parent.parent
LAST_YEAR = 2021
UNITS_OF_A_PROVINCE = 294

#: Year and number, as the portal gives them (PS2021-000047): counted through the periods of a year.
_SUBMISSION_ID = """'PS' || year || '-' || case right(period_code, 2) when 'Q1' then 1 when 'H1' then 2 when 'Q3' then 3 else 4 end
    || lpad(n::varchar, 5, '0') || '#r' || revision"""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much history: ``agencies`` report four times in each of ``years`` years up to 2021; ``dossiers`` in all."""

    agencies: int
    years: int
    dossiers: int
    seed: int = 2021

    @property
    def submissions(self) -> int:
        return self.agencies * self.years * 4


def copy_project(target: Path, scale: Scale) -> None:
    """The dbt project with the seeds of that many agencies and years beside its own."""
    shutil.copytree(ROOT / "dbt_project", target, ignore=shutil.ignore_patterns("target", "logs"))
    agencies, periods = target / "seeds" / "agencies.csv", target / "seeds" / "periods.csv"
    with duckdb.connect() as connection:
        _read(connection, "agencies", agencies)
        _read(connection, "periods", periods)
        connection.execute(
            f"""
            create table made as
            select 'H' || (100 + n // {UNITS_OF_A_PROVINCE}) as province, 1 + n % {UNITS_OF_A_PROVINCE} as unit, n
            from range({scale.agencies}) as numbers(n);
            insert into agencies
            select pattern.* replace (
                made.province as agency_code, '000.00.00.' || made.province as organ_id,
                'Tỉnh ' || made.province as name_vi, null as valid_to, null as successor_code
            ) from (select distinct province from made) as made
            cross join (select * from agencies where agency_code = 'H51') as pattern;
            insert into agencies
            select pattern.* replace (
                made.province || '.' || made.unit as agency_code,
                '000.00.' || made.unit || '.' || made.province as organ_id,
                'Đơn vị ' || made.unit || ' ' || made.province as name_vi, made.province as parent_code,
                null as valid_to, null as successor_code
            ) from made cross join (select * from agencies where agency_code = 'H51.03') as pattern;
            insert into periods
            select pattern.* replace (
                replace(period_code, '2021', given.year::varchar) as period_code, given.year::varchar as year,
                (data_from::date - to_years(2021 - given.year::integer))::date::varchar as data_from,
                (data_to::date - to_years(2021 - given.year::integer))::date::varchar as data_to,
                (due_on::date - to_years(2021 - given.year::integer))::date::varchar as due_on,
                replace(label_vi, '2021', given.year::varchar) as label_vi
            ) from (select * from periods where year = '2021') as pattern
            cross join (
                select year from range({LAST_YEAR - scale.years + 1}, {LAST_YEAR + 1}) as years(year)
                where year::varchar not in (select year from periods)
            ) as given
            """
        )
        connection.execute(f"copy (from agencies) to '{agencies}' (header)")
        connection.execute(f"copy (from periods order by data_from) to '{periods}' (header)")


def fill_history(warehouse: Path, project: Path, scale: Scale) -> None:
    """Every report of every period, judged, and every dossier, as if taken in night after night."""
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(warehouse)) as connection:
        _begin(connection, project)
        connection.execute(
            f"""
            create temp table wanted as
            select {_SUBMISSION_ID} as submission_id,
                agency.agency_code, agency.organ_id, period.period_code, period.due_on, revision,
                (10000 * dense_rank() over (order by period.data_from) + agency.n % 100)::bigint as landed_id
            from numbered as agency cross join periods as period cross join (values (1), (2)) as revisions(revision)
            where agency.n < {scale.agencies} and period.year::integer between {LAST_YEAR - scale.years + 1} and {LAST_YEAR}
                and (revision = 1 or hash(agency.n, period.period_code) % 30 = 0)
            """
        )
        _add_submissions(connection, scale.seed)
        _add_dossiers(
            connection,
            f"select n as dossier, {_day('n', scale)} as day, state, 2000000 + n // 1000 as landed_id"
            f" from range({scale.dossiers}) as numbers(n), unnest(case when n % 10 = 0 then [4, 10] else [10] end) as s(state)",
            scale.agencies,
        )
        _end(connection)


def add_night(warehouse: Path, project: Path, scale: Scale, *, submissions: int, dossiers: int) -> None:
    """One more night. Of the submissions 80 % are first reports for the newest period, 15 % second or third revisions for
    the period before it, 5 % revisions for that year's other periods; of the dossiers 80 % are new, 20 % are next states of
    dossiers received in the last year."""
    with open_warehouse(warehouse) as connection:
        _begin(connection, project)
        connection.execute(
            f"""
            create temp table wanted as
            select {_SUBMISSION_ID} as submission_id, agency_code, organ_id,
                period_code, due_on, revision, 5000000 + n % 20 as landed_id
            from (
                select agency.*, period.*, case when agency.n % 20 < 16 then 1 else 3 end as revision
                from numbered as agency
                inner join periods as period
                    on period.period_code = case
                        when agency.n % 20 < 16 then '{LAST_YEAR + 1}-Q1'
                        when agency.n % 20 < 19 then '{LAST_YEAR}'
                        else '{LAST_YEAR}-' || ['Q1', 'H1', 'Q3'][1 + agency.n // 20 % 3]
                    end
                where agency.n < {submissions}
            )
            """
        )
        _add_submissions(connection, scale.seed)
        changed = f"{scale.dossiers} - 1 - n * {scale.dossiers // scale.years} // {max(dossiers, 1)}"
        _add_dossiers(
            connection,
            f"select case when n % 5 = 0 then {changed} else {scale.dossiers} + n end as dossier,"
            f" case when n % 5 = 0 then {_day(changed, scale)} else date '{LAST_YEAR + 1}-02-01' + to_days((n % 30)::integer)"
            f" end as day, 10 as state, 5000100 + n // 1000 as landed_id from range({dossiers}) as numbers(n)",
            scale.agencies,
            later=30,
        )
        _end(connection)


def _day(dossier: str, scale: Scale) -> str:
    """The day on which a dossier of the history was received: they come evenly."""
    first = f"date '{LAST_YEAR - scale.years + 1}-01-01'"
    return f"{first} + to_days((({dossier}) * {scale.years * 345} // {scale.dossiers})::integer)"


def _read(connection: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    connection.execute(
        f"create or replace temp table {table} as from read_csv('{path}', header = true, all_varchar = true)"
    )


def _begin(connection: duckdb.DuckDBPyConnection, project: Path) -> None:
    from expectations.gate import ensure_tables

    connection.execute("set memory_limit = '5GB'")
    connection.execute("set enable_progress_bar = false")
    connection.execute("set preserve_insertion_order = false")  # else a large insert is held back whole
    ensure_schema(connection)
    ensure_tables(connection)
    for table in ("agencies", "periods", "indicators", "rules"):
        _read(connection, table, project / "seeds" / f"{table}.csv")
    connection.execute(
        """
        create temp table numbered as
        select *, row_number() over (order by length(agency_code), agency_code) - 1 as n
        from agencies where agency_code like 'H1__.%';
        create temp table answered as
        select code, unit_vi, value_type, form_code, row_number() over (order by form_row::integer)::integer as line_order
        from indicators where value_type <> 'heading'
        """
    )


def _add_submissions(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    connection.execute(
        f"""
        insert into raw.submission by name
        select submission_id, 'portal' as source, submission_id as door_id, organ_id, null as agency_code,
            (select any_value(form_code) from answered) as form_code, period_code, revision, 'typed' as reading,
            '1/BC' as document_number, due_on::date::timestamp as submitted_at, due_on::date::timestamp as updated_at,
            due_on::date::timestamp + to_days(revision) as received_at, due_on::date as night_on, 'made' as locator,
            submission_id as sha256, submission_id as content_sha256, landed_id
        from wanted order by landed_id;

        -- in steps: a lateral join would hold every line in memory
        insert into raw.submission_line by name
        with crossed as (
            select wanted.submission_id, wanted.revision, answered.*, hash(agency_code, period_code, {seed}) as salt
            from (select * from wanted order by landed_id) as wanted cross join answered
        ),
        salted as (
            select *, hash(salt, line_order) as told,
                -- made-up figures match nothing that is recorded: where the two are compared, one in fifty is given
                code in ('III.6.1', 'III.6.2', 'III.6.3', 'VII.1.1', 'VII.1.1.a', 'VII.3.4')
                and hash(salt, line_order) % 50 > 0 as is_blank
            from crossed
        ),
        drawn as (select *, hash(salt, line_order, case when told % 10 = 0 then revision end) as drawn from salted)
        select submission_id, line_order, code as indicator_code,
            case when is_blank then '' else (drawn % 500)::varchar end as value_text,
            case when not is_blank then (drawn % 500)::decimal(20, 6) end as value,
            coalesce(unit_vi, '') as unit, case when drawn % 2 = 0 then 'theo số liệu báo cáo' else '' end as note,
            case when is_blank then 'blank' else 'reported' end as observation_status, 1.0 as confidence,
            'Biểu!D' || line_order as locator,
            case when value_type = 'percent' then (drawn % 500)::decimal(20, 6) end as ratio_numerator,
            case when value_type = 'percent' then 500::decimal(20, 6) end as ratio_denominator
        from drawn;

        insert into raw.submission_document by name
        select submission_id, answered.code as indicator_code, 1 as position,
            hash(submission_id, line_order) % 900 || '/KH-' || split_part(agency_code, '.', 2) as document_number,
            due_on::date - (hash(submission_id, line_order) % 60)::integer as document_on, '' as date_text
        from (select * from wanted order by landed_id) as wanted cross join answered where line_order in (1, 2);

        insert into audit.rule_result by name
        select wanted.submission_id, rules.rule_id, rules.severity,
            case when hash(wanted.submission_id, rules.rule_id) % 10000 = 0 then 'failed' else 'passed' end as outcome,
            1::decimal(20, 6) as left_value, 2::decimal(20, 6) as right_value, 'trái' as left_text, 'phải' as right_text,
            'made' as rules_version, wanted.due_on::date as night_on
        from wanted cross join rules;

        insert into raw.landed by name
        select landed_id, landed_id::varchar as sha256, landed_id::varchar as original_sha256, 'portal' as source,
            'submissions_page' as kind, landed_id::varchar as locator, min(due_on)::date as night_on,
            min(due_on)::date::timestamp as landed_at, 1 as size_bytes
        from wanted group by landed_id
        """
    )


def _add_dossiers(connection: duckdb.DuckDBPyConnection, drawn: str, agencies: int, later: int = 0) -> None:
    """The states of ``drawn`` (dossier, day received, state, landed_id); ``later`` days after those of the history."""
    connection.execute(
        f"""
        set preserve_insertion_order = true; -- pages come one after another
        create temp table drawn as {drawn};
        insert into raw.dossier by name
        select 'HS-' || dossier as dossier_id, '1.00' || (4000 + dossier % 900) || '.000.00.00.H51' as procedure_id,
            'Thủ tục ' || dossier % 900 as procedure_name, 'LV' || dossier % 40 as field_code, agency.organ_id,
            (1 + dossier % 3)::varchar as channel_code, (2 + dossier % 3)::varchar as service_level,
            day::timestamp as filed_at, day::timestamp as received_at, day::timestamp + to_days(10) as due_at,
            case when state = 10 then day::timestamp + to_days((dossier % 12)::integer) end as finished_at,
            case when state = 10 then day::timestamp + to_days((dossier % 13)::integer) end as returned_at,
            '0' as return_channel_code, state::varchar as state_code,
            day::timestamp + to_days((state + {later})::integer) as updated_at, day::date as night_on, landed_id
        from drawn inner join numbered as agency on agency.n = drawn.dossier % {agencies};
        insert into raw.landed by name
        select landed_id, landed_id::varchar as sha256, landed_id::varchar as original_sha256, 'portal' as source,
            'dossiers_page' as kind, landed_id::varchar as locator, min(day)::date as night_on,
            min(day)::timestamp as landed_at, 1 as size_bytes
        from drawn group by landed_id;
        set preserve_insertion_order = false
        """
    )


def _end(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("update raw.load_progress set landed_id = (select max(landed_id) from raw.landed)")
    connection.execute("checkpoint")
