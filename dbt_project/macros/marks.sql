{#-
What each incremental model's parts are built from, as one number a part: see changed_parts.sql; those of what the
systems of record hold are in marks_of_records.sql. Rows of a submission are never changed once they came (raw tables only
grow, and a submission comes whole), so that its own lines need no mark.
-#}

{#- Everything that a relation holds, as one number, whatever the order of its rows. -#}
{%- macro mark_of_all(relation) -%}
    (select hash(count(*), sum(hash(held))) from {{ relation }} as held)
{%- endmacro -%}

{#- A relation's rows by one of its columns: (part, mark). -#}
{%- macro marks_by(relation, column) -%}
    select
        cast({{ column }} as varchar) as part,
        hash(count(*), sum(hash(held))) as mark
    from {{ relation }} as held
    group by {{ column }}
{%- endmacro -%}

{#- How many rows a table that only grows holds, by one of its columns: (part, row_count). -#}
{%- macro row_counts_by(relation, column) -%}
    select
        cast({{ column }} as varchar) as part,
        count(*) as row_count
    from {{ relation }}
    where {{ column }} is not null
    group by {{ column }}
{%- endmacro -%}

{#- Lines of a submission: its place, and the catalogue's answerable lines. -#}
{%- macro marks_of_submission_line() -%}
    select
        submission_id as part,
        hash(agency_code, period_code, form_code, source, revision, {{ mark_of_all(ref('dim_indicator')) }}) as mark
    from {{ ref('int_submission_placed') }}
{%- endmacro -%}

{#- What a submission's lines are and what it counts for. -#}
{%- macro marks_of_judged_line() -%}
    {%- set lines = ref('int_submission_line') -%}
    select
        judged.submission_id as part,
        hash(judged, lines.mark) as mark
    from {{ ref('int_submission_judged') }} as judged
    left join build.{{ lines.name }} as lines on judged.submission_id = lines.part
{%- endmacro -%}

{#- A period's figures: its submissions, as their lines were built. -#}
{%- macro marks_of_figures_by_period() -%}
    {%- set figures = ref('fct_indicator_value') -%}
    select
        judged.period_code as part,
        hash(count(*), sum(hash(judged.submission_id, figures.mark))) as mark
    from {{ ref('int_submission_judged') }} as judged
    left join build.{{ figures.name }} as figures on judged.submission_id = figures.part
    group by judged.period_code
{%- endmacro -%}

{#- How many results of the gate there are on a submission, and decisions of officers: both only grow. -#}
{%- macro marks_of_rule_verdict() -%}
    select
        results.part,
        hash(results.row_count, waivers.row_count) as mark
    from ({{ row_counts_by(ref('stg_audit__rule_result'), 'submission_id') }}) as results
    left join ({{ row_counts_by(ref('stg_raw__waiver'), 'submission_id') }}) as waivers on results.part = waivers.part
{%- endmacro -%}

{#- What the gate found, and whose submission it is. -#}
{%- macro marks_of_rule_result() -%}
    {%- set verdicts = ref('int_rule_verdict') -%}
    select
        verdicts.part,
        hash(verdicts.mark, placed.agency_code, placed.period_code) as mark
    from build.{{ verdicts.name }} as verdicts
    left join {{ ref('int_submission_placed') }} as placed on verdicts.part = placed.submission_id
{%- endmacro -%}

{#- Everything that was ever known of the submissions for an agency and period, and of what replaces one of them. -#}
{%- macro marks_of_submission_state() -%}
    {%- set verdicts = ref('int_rule_verdict') -%}
    with

    own as (
        select
            placed.agency_code,
            placed.period_code,
            placed.document_id,
            hash(placed, events.row_count, problems.row_count, targets.row_count, verdicts.mark) as mark
        from {{ ref('int_submission_placed') }} as placed
        left join ({{ row_counts_by(ref('stg_raw__submission_event'), 'submission_id') }}) as events
            on placed.submission_id = events.part
        left join ({{ row_counts_by(ref('stg_raw__problem'), 'submission_id') }}) as problems
            on placed.submission_id = problems.part
        left join ({{ row_counts_by(ref('stg_raw__edoc_target'), 'target_document_id') }}) as targets
            on placed.document_id = targets.part
        left join build.{{ verdicts.name }} as verdicts on placed.submission_id = verdicts.part
    ),

    known as (
        select
            agency_code,
            period_code,
            mark
        from own
        union all
        select
            named.agency_code,
            named.period_code,
            hash(targets.business, replacement.mark) as mark
        from {{ ref('stg_raw__edoc_target') }} as targets
        inner join own as named on targets.target_document_id = named.document_id
        inner join own as replacement on targets.document_id = replacement.document_id
    )

    select
        {{ agency_period() }} as part,
        hash(count(*), sum(mark)) as mark
    from known
    group by agency_code, period_code
{%- endmacro -%}

{#- Citations of a submission: its place, and the catalogue's lines. -#}
{%- macro marks_of_citation() -%}
    select
        submission_id as part,
        hash(agency_code, period_code, {{ mark_of_all(ref('dim_indicator')) }}) as mark
    from {{ ref('int_submission_placed') }}
{%- endmacro -%}

{#- What happened in a night. -#}
{%- macro marks_of_outcome() -%}
    with

    happened as (
        {{ row_counts_by(ref('stg_raw__outcome'), 'night_on') }}
        union all
        {{ row_counts_by(ref('stg_raw__problem'), 'night_on') }}
        union all
        select
            cast(night_on as varchar) as part,
            hash(count(*), sum(hash(held))) as mark
        from {{ ref('int_rule_verdict') }} as held
        group by night_on
    )

    select
        part,
        hash(count(*), sum(row_count)) as mark
    from happened
    group by part
{%- endmacro -%}

{#- An agency's figures for a period, where it sent more than one report: what each counts for, and its lines. -#}
{%- macro marks_of_versions() -%}
    {%- set figures = ref('fct_indicator_value') -%}
    select
        submissions.agency_code || '|' || submissions.period_code as part,
        hash(count(*), sum(hash(submissions.submission_id, figures.mark))) as mark
    from {{ ref('fct_submission') }} as submissions
    inner join build.{{ figures.name }} as figures on submissions.submission_id = figures.part
    group by submissions.agency_code, submissions.period_code
    having count(*) > 1
{%- endmacro -%}

{#- Who owes a report for a period, and the submissions that came for it. -#}
{%- macro marks_of_reporting_rate() -%}
    {%- set submissions = ref('fct_submission') -%}
    select
        obligations.part,
        hash(obligations.mark, arrived.mark) as mark
    from ({{ marks_by(ref('int_reporting_obligation'), 'period_code') }}) as obligations
    left join (
        select
            held.period_code as part,
            hash(count(*), sum(hash(held.submission_id, built.mark))) as mark
        from {{ submissions }} as held
        left join build.{{ submissions.name }} as built on held.submission_id = built.part
        group by held.period_code
    ) as arrived on obligations.part = arrived.part
{%- endmacro -%}

{#- A period's rates and figures. -#}
{%- macro marks_of_province_summary() -%}
    {%- set rates = ref('mart_reporting_rate') -%}
    select
        rates.part,
        hash(rates.mark, figures.mark, {{ mark_of_all(ref('dim_indicator')) }}) as mark
    from build.{{ rates.name }} as rates
    left join ({{ marks_of_figures_by_period() }}) as figures on rates.part = figures.part
{%- endmacro -%}
