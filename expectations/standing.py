"""What each submission is judged beside: which report stands for an agency and a period, and what has changed since.

A report stands when its own form breaks no error rule (a waived one is none), nothing else speaks against it, and it is
the newest such of the door that comes first: what rules across reports say of it does not count here, so that no two
reports can hold each other up. Everything is worked out from the rows alone, never from the order of nights.

``audit.judged`` keeps, for each submission, a mark of everything its results were made from. A submission is judged when
it has no mark under the current rules, or when it is still of interest and its mark has changed.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from expectations import documents, outliers, periods, repetition
from expectations.compiler import RuleBook
from expectations.marks import MARK
from expectations.pivot import own_columns
from expectations.sql import Column, CompiledRule
from state.warehouse import transaction

#: What stands only while operands are laid out, and so is never written; and all other tables that the gate needs only while
#: it works.
_ON_THE_WAY = ("rule_fresh", "rule_live")
_WHILE_JUDGING = (
    "rule_operand", "rule_place", "rule_standing", "rule_counterpart", "rule_mark", "rule_figures", "rule_flow",
    "rule_document", "rule_cited", "rule_peer", "rule_history", "rule_form", "structural_violation",
)  # fmt: skip

#: Waivers in force: the last word on a submission and rule counts.
WAIVED = """
select submission_id, rule_id from raw.waiver
qualify row_number() over (partition by submission_id, rule_id order by landed_id desc) = 1 and is_in_force
"""

_FRESH = """
create or replace table audit.rule_fresh as
select distinct submission_id from intermediate.int_submission_line
where submission_id not in (select submission_id from audit.judged where rules_version = '{version}')
"""

_PLACE = """
create or replace table audit.rule_place as
select
    placed.submission_id, placed.agency_code, placed.period_code, placed.form_code, placed.source, placed.reading,
    placed.precedence, placed.document_id, placed.chain_position, placed.received_at, placed.landed_id,
    placed.is_withdrawn_by_sender or placed.is_recalled as is_withdrawn,
    placed.agency_code = 'unknown' or placed.period_code = 'unknown' or not placed.is_known_form
        or placed.error_problem_count > 0 as is_faulty,
    agency.level, period.kind, period.label_vi, cast(period.year as integer) as period_year,
    cast(period.data_from as date) as data_from, cast(period.data_to as date) as data_to,
    make_date(cast(period.year as integer) - 1, 12, 15) as opens_on,
    cast(period.data_to as date) - cast(period.data_from as date) + 1 as day_count
from intermediate.int_submission_placed as placed
left join seed.agencies as agency on placed.agency_code = agency.agency_code
left join seed.periods as period on placed.period_code = cast(period.period_code as varchar)
"""

_STANDING = """
create or replace table audit.rule_standing as
with broken as (
    select submission_id, rule_id from audit.rule_result_now
    where rules_version = '{version}' and outcome = 'failed' and severity = 'error' and rule_id in ({own_rules})
        and submission_id not in (select submission_id from audit.rule_fresh)
    union all
    select submission_id, unnest(list_filter([{failures}], failure -> failure is not null)) from audit.rule_operand
),
wrong as (
    select submission_id from broken
    where (submission_id, rule_id) not in (select (submission_id, rule_id) from ({waived}))
),
sound as (
    select * from audit.rule_place
    where not is_faulty and submission_id not in (select submission_id from wrong)
),
replaced as (
    select named.submission_id
    from raw.edoc_target as target
    inner join sound as named on target.target_document_id = named.document_id
    inner join sound as newer on target.document_id = newer.document_id and named.agency_code = newer.agency_code
        and named.landed_id <> newer.landed_id
    where target.business in ('update', 'replace')
),
withdrawn as (
    select agency_code, period_code, form_code, source, reading, max(chain_position) as chain_position
    from audit.rule_place where is_withdrawn
    group by agency_code, period_code, form_code, source, reading
)
select sound.submission_id, sound.agency_code, sound.period_code
from sound
left join withdrawn using (agency_code, period_code, form_code, source, reading)
where not sound.is_withdrawn and sound.submission_id not in (select submission_id from replaced)
    and sound.chain_position > coalesce(withdrawn.chain_position, 0)
qualify row_number() over (
    partition by sound.agency_code, sound.period_code
    order by sound.precedence, sound.chain_position desc, sound.received_at desc, sound.landed_id desc, sound.submission_id
) = 1
"""

#: Of interest: what was never judged, what stands, and the newest of each chain.
_LIVE = """
create or replace table audit.rule_live as
select submission_id from audit.rule_fresh
union
select submission_id from audit.rule_standing
union
select submission_id from audit.rule_place
where not is_withdrawn
qualify row_number() over (
    partition by agency_code, period_code, form_code, source, reading order by chain_position desc
) = 1
"""

_COUNTERPART = """
create or replace table audit.rule_counterpart as
with pairs as (
    select
        here.submission_id, other.submission_id as other_id, other.kind,
        other.period_year = here.period_year and other.kind <> here.kind as is_same_year,
        other.period_year = here.period_year - 1 and other.kind = here.kind as is_last_year,
        other.data_to = here.data_from - 1 as is_followed,
        row_number() over (partition by here.submission_id order by other.data_to desc) = 1 as is_before
    from audit.rule_live as live
    inner join audit.rule_place as here on live.submission_id = here.submission_id
    inner join audit.rule_standing as standing on here.agency_code = standing.agency_code
    inner join audit.rule_place as other on standing.submission_id = other.submission_id
    where other.data_to < here.data_to
)
select submission_id, kind as role, other_id from pairs where is_same_year
union all
select submission_id, 'last_year', other_id from pairs where is_last_year
union all
select submission_id, 'previous', other_id from pairs where is_followed
union all
select submission_id, 'before', other_id from pairs where is_before
"""

_FIGURES = """
create or replace table audit.rule_figures as
{fresh}
union all
select submission_id, figures, figure_count, long_count, round_count from audit.judged
where figures is not null and submission_id in (select submission_id from audit.rule_live)
    and submission_id not in (select submission_id from audit.rule_fresh)
"""

_WAITING = """
select submission_id from audit.rule_mark where (submission_id, mark) not in (
    select (submission_id, mark) from audit.judged where rules_version = '{version}'
)
"""


#: Where the cases of a rule stand -> the statements that make them.
_CASES = {
    "audit.rule_flow": periods.PREPARE,
    "audit.rule_cited": documents.PREPARE,
    "audit.rule_peer": outliers.PEERS,
    "audit.rule_history": outliers.HISTORY,
    "audit.rule_form": repetition.PREPARE,
}


def prepare(connection: duckdb.DuckDBPyConnection, book: RuleBook) -> int:
    """Make ``audit.rule_operand`` of the submissions that are to be judged, and what the book's rules judge them beside;
    how many they are. Raises ``duckdb.Error`` where a table is missing."""
    with transaction(connection):
        count = _lay_out(connection, book)
        _drop(connection, _ON_THE_WAY)
    if count:
        for source in dict.fromkeys(rule.source for rule in book.cases):
            connection.execute(_CASES[source])
    return count


def _lay_out(connection: duckdb.DuckDBPyConnection, book: RuleBook) -> int:
    version = book.version
    own_rules = [rule for rule in book.compiled if rule.rule.kind == "one submission"]
    own = [column for column in book.columns if column.is_own]
    beside = [column for column in book.columns if not column.is_own]
    others = [rule for rule in book.compiled if rule not in own_rules]
    run = connection.execute
    run(_FRESH.format(version=version))
    fresh = "select submission_id from audit.rule_fresh"
    left_open = [
        *(f"cast(null as decimal(20, 6)) as {column.name}" for column in beside),
        *(f"cast(null as varchar) as {rule.outcome_name}" for rule in others),
    ]
    run(f"create or replace table audit.rule_operand as {_judged(own_columns(own, fresh), own_rules, left_open)}")
    run(_PLACE)
    failures = ", ".join(
        f"case when {rule.outcome_name} = 'failed' and {rule.severity} = 'error' then '{rule.rule.rule_id}' end"
        for rule in own_rules
    )
    names = ", ".join(f"'{rule.rule.rule_id}'" for rule in own_rules)
    run(
        _STANDING.format(
            version=version, own_rules=names or "''", failures=failures or "cast(null as varchar)", waived=WAIVED
        )
    )
    run(_LIVE)
    run(_COUNTERPART)
    is_asked = any(rule.source == "audit.rule_form" for rule in book.cases)
    run(_FIGURES.format(fresh=repetition.FIGURES.format(submissions=fresh if is_asked else f"{fresh} where false")))
    run(documents.BOOKS)
    run(MARK)
    waiting = _WAITING.format(version=version)
    stale = f"{waiting} and submission_id not in ({fresh})"
    run(f"insert into audit.rule_operand by name {_judged(own_columns(own, stale), own_rules)}")
    run(f"delete from audit.rule_operand where submission_id not in ({waiting})")
    if beside or others:
        run(_filled_in(beside, others))
    found = run("select count(*) from audit.rule_operand").fetchone()
    return int(found[0]) if found else 0


def remember(connection: duckdb.DuckDBPyConnection, version: str, night: str) -> None:
    """Keep the marks of what was judged; a submission has one, under the rules that judged it last."""
    connection.execute("delete from audit.judged where submission_id in (select submission_id from audit.rule_operand)")
    connection.execute(
        "insert into audit.judged select submission_id, ?, mark, cast(? as date), figures, figure_count, long_count,"
        " round_count from audit.rule_mark left join audit.rule_figures using (submission_id)"
        " where submission_id in (select submission_id from audit.rule_operand)",
        [version, night],
    )


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what the gate needs only while it works."""
    _drop(connection, _WHILE_JUDGING)


def _drop(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    for table in tables:
        connection.execute(f"drop table if exists audit.{table}")


def _filled_in(columns: list[Column], rules: list[CompiledRule]) -> str:
    """Fill in what own lines do not give: the columns of the systems of record and of the report before, and the outcomes of
    ``rules``, which need those."""
    recorded = "".join(f", {column.aggregate}" for column in columns if column.aspect == "recorded")
    previous = "".join(f", {column.aggregate}" for column in columns if column.aspect == "previous")
    names = [column.name for column in columns]
    found = f"""
select operand.* {f"exclude ({', '.join(names)})" if names else ""}{"".join(f", {c.aspect}.{c.name}" for c in columns)}
from audit.rule_operand as operand
left join audit.rule_place as place on operand.submission_id = place.submission_id
left join (
    select agency_code, period_code{recorded} from intermediate.int_recorded_measure group by agency_code, period_code
) as recorded on place.agency_code = recorded.agency_code and place.period_code = recorded.period_code
left join (
    select counterpart.submission_id{previous} from audit.rule_counterpart as counterpart
    inner join intermediate.int_submission_line as line on counterpart.other_id = line.submission_id
    where counterpart.role = 'previous' group by counterpart.submission_id
) as previous on operand.submission_id = previous.submission_id
"""
    filled = [*((name, name) for name in names), *((rule.outcome_name, rule.outcome) for rule in rules)]
    return f"""
update audit.rule_operand as operand set {", ".join(f"{name} = found.{name}" for name, _ in filled)}
from (select submission_id{"".join(f", {value} as {name}" for name, value in filled)} from ({found}) as operand) as found
where operand.submission_id = found.submission_id
"""


def _judged(query: str, rules: Iterable[CompiledRule], besides: Iterable[str] = ()) -> str:
    """The rows of a query with the outcomes of the rules, each worked out once and while the rows are made: by as many
    threads as make them; and with the columns ``besides``."""
    columns = ["*", *(f"{rule.outcome} as {rule.outcome_name}" for rule in rules), *besides]
    return f"select {', '.join(columns)} from ({query}) as operand"
