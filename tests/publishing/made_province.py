"""A published file with the project's own catalogue, thirty agencies, two periods and figures of every kind.

H51.04 is in quarantine, H51.05 was withdrawn, H51.06 is missing, H51.07 has another report in quarantine;
H51.03's III.6.1 is doubtful, its III.6.2 unreadable.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds"
PERIODS = ("2021", "2022-H1")

_SQL = f"""
create schema mart;
create table mart.dim_indicator as
select
    code as indicator_code, form_row, parent_code, label_vi, label_en, unit_vi, value_type, measure, choices, aggregation,
    value_type <> 'heading' as is_answerable, aggregation = 'sum' as is_summable, numerator_vi, denominator_vi, break_on,
    note_vi as break_note_vi
from read_csv('{SEEDS}/indicators.csv', all_varchar = false) as line
left join read_csv('{SEEDS}/indicator_parts.csv') as part on line.code = part.indicator_code
left join read_csv('{SEEDS}/series_breaks.csv') as break on line.code = break.indicator_code
union all by name
select 'unknown' as indicator_code, 'Không xác định' as label_vi, 'unknown' as value_type, 'none' as aggregation,
    false as is_answerable, false as is_summable;
create table mart.dim_agency as
select agency_code, name_vi, level, parent_code, doc_suffix, valid_from, valid_to from read_csv('{SEEDS}/agencies.csv')
union all by name select 'unknown' as agency_code, 'Không xác định' as name_vi, 'unknown' as level;
create table mart.dim_period as
select *, period_code as code from read_csv('{SEEDS}/periods.csv', types = {{'period_code': 'varchar'}});
create table mart.dim_rule as
select rule_id, severity, message_vi, message_en from read_csv('{SEEDS}/rules.csv', delim = ',', quote = '"');

create table mart.fct_submission as
select
    agency_code || '/' || period_code as submission_id, agency_code, period_code, 1 as revision,
    timestamp '2021-12-18 08:00' as received_at, date '2021-12-20' as night_on,
    case agency_code when 'H51.04' then 'quarantined' when 'H51.05' then 'withdrawn' else 'accepted' end as status,
    case agency_code when 'H51.04' then 'failed_rule' when 'H51.05' then 'withdrawn_by_sender' else 'holds' end
        as status_reason
from mart.dim_agency, (values {", ".join(f"('{period}')" for period in PERIODS)}) as period (period_code)
where level in ('department', 'district') and agency_code <> 'H51.06';
create table mart.fct_submission_state as
select submission_id, 1 as state_order, agency_code, period_code, status, status_reason, night_on as known_from_on,
    null::date as known_to_on, true as is_latest
from mart.fct_submission;
create table mart.fct_rule_result as
select 'H51.04/2021' as submission_id, 'III-06' as rule_id, 'error' as severity, 'failed' as outcome;
create table mart.mart_reporting_rate as
select
    agency.agency_code, period.period_code, period.due_on, coalesce(held.status, 'missing') as status,
    held.submission_id, case when agency.agency_code = 'H51.07' then 1 else 0 end as quarantined_submission_count
from mart.dim_agency as agency
cross join mart.dim_period as period
left join mart.fct_submission as held using (agency_code, period_code)
where level in ('department', 'district') and period.period_code in {PERIODS};

create table mart.fct_indicator_value as
select
    held.agency_code, held.period_code, indicator_code, submission_id, 'accepted' as quality_status,
    case
        when observation_status not in ('reported', 'doubtful') or value_type in ('reference') then null
        when value_type in ('flag') then n % 2
        when value_type = 'choice' then n % 3
        when value_type = 'percent' then 50 + (n % 5000) / 100
        else n % 1300
    end::decimal(20, 6) as value,
    case when value_type = 'reference' then 'Kế hoạch số 12/KH' else (n % 1300)::varchar end as value_text,
    case when value_type = 'percent' and numerator_vi is not null then n % 90 end::decimal(20, 6) as ratio_numerator,
    case when value_type = 'percent' and numerator_vi is not null then 91 end::decimal(20, 6) as ratio_denominator,
    observation_status, held.status = 'accepted' as is_current
from mart.fct_submission as held
inner join mart.dim_indicator as line on line.is_answerable
cross join lateral (
    select
        (line.form_row * 7919 + cast(right(held.agency_code, 2) as integer) * 104729 + length(held.period_code)) as n,
        case
            when held.agency_code = 'H51.03' and indicator_code = 'III.6.1' then 'doubtful'
            when held.agency_code = 'H51.03' and indicator_code = 'III.6.2' then 'unreadable'
            when line.form_row % 11 = 0 then 'not_applicable'
            when line.form_row % 13 = 0 then 'blank'
            else 'reported'
        end as observation_status
) as made;
create macro mart.value_as_believed_on(day) as table
select figure.* from mart.fct_indicator_value as figure
inner join mart.fct_submission_state as state using (submission_id)
where state.status = 'accepted' and state.known_from_on <= day::date;
create table mart.mart_province_summary as
select
    rate.period_code, line.indicator_code, line.value_type,
    case
        when aggregation = 'sum' then sum(value)
        when aggregation = 'count_true' and count(value) > 0 then count(*) filter (where value = 1)
        when line.value_type = 'percent' then round(100 * sum(ratio_numerator) / sum(ratio_denominator), 2)
    end::decimal(38, 6) as value,
    case
        when aggregation = 'sum' and count(value) > 0 then 'sum'
        when aggregation = 'count_true' and count(value) > 0 then 'count_of_yes'
        when aggregation = 'distribution' and count(value) > 0 then 'distribution'
        when line.value_type = 'percent' and count(ratio_numerator) > 0 then 'ratios_cited_in_notes'
    end as value_basis,
    sum(ratio_numerator)::decimal(38, 6) as numerator, sum(ratio_denominator)::decimal(38, 6) as denominator,
    case when line.value_type = 'flag' and count(value) > 0 then count(*) filter (where value = 1) end as yes_count,
    case when line.value_type = 'flag' and count(value) > 0 then count(*) filter (where value = 0) end as no_count,
    case when line.value_type = 'choice' and count(value) > 0 then
        '{{"0": ' || count(*) filter (where value = 0) || ', "2": ' || count(*) filter (where value = 2) || '}}'
    end as choice_counts,
    count(distinct rate.agency_code) as agencies_expected_count, 27 as agencies_accepted_count,
    count(*) filter (where observation_status in ('reported', 'doubtful')) as agencies_answered_count,
    count(value) as agencies_with_value_count, count(ratio_numerator) as agencies_with_ratio_count,
    count(*) filter (where observation_status = 'doubtful') as doubtful_count
from mart.mart_reporting_rate as rate
cross join mart.dim_indicator as line
left join mart.fct_indicator_value as figure
    on rate.agency_code = figure.agency_code and rate.period_code = figure.period_code
    and line.indicator_code = figure.indicator_code and figure.is_current
where line.is_answerable
group by rate.period_code, line.indicator_code, line.value_type, aggregation;
"""


def make_published(path: Path) -> Path:
    """Write the published file to ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(_SQL)
    return path
