{#-
What each incremental model's parts are built from, as one number a part: see changed_parts.sql. Rows of a submission are
never changed once they came (raw tables only grow, and a submission comes whole), so that its own lines need no mark.
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

{#- Results of the gate: what stands under the version that judged the submission last, whose submission it is, and what
was waived. -#}
{%- macro marks_of_judged_rule() -%}
    select
        results.part,
        hash(results.mark, waivers.mark, placed.agency_code, placed.period_code) as mark
    from ({{ marks_by(ref('stg_audit__rule_result'), 'submission_id') }}) as results
    left join ({{ marks_by(ref('stg_raw__waiver'), 'submission_id') }}) as waivers on results.part = waivers.part
    left join {{ ref('int_submission_judged') }} as placed on results.part = placed.submission_id
{%- endmacro -%}

{#- A page of dossiers, and the agencies that they are laid upon. -#}
{%- macro marks_of_dossier_page() -%}
    select
        cast(landed_id as varchar) as part,
        hash(count(*), {{ mark_of_all(ref('dim_agency')) }}) as mark
    from {{ ref('stg_raw__dossier') }}
    group by landed_id
{%- endmacro -%}

{#- What the systems of record hold for a period: who owes a report, and the days of dossiers and documents. -#}
{%- macro marks_of_recorded_measure() -%}
    {%- set dossiers = ref('fct_dossier') -%}
    with

    windows as (
        select
            period_code,
            data_from,
            data_to,
            hash(count(*), sum(hash(held))) as mark
        from {{ ref('int_reporting_obligation') }} as held
        group by period_code, data_from, data_to
    ),

    days as (
        select
            cast(part as date) as day,
            hash('dossier', mark) as mark
        from build.{{ dossiers.name }}_day
        union all
        select
            promulgated_on as day,
            hash('document', count(*), sum(hash(held))) as mark
        from {{ ref('int_outgoing_document_latest') }} as held
        where promulgated_on is not null
        group by promulgated_on
    ),

    known as (
        select
            (select count(*) > 0 from {{ dossiers }})
            or (select count(*) > 0 from {{ ref('stg_raw__landed') }} where kind = 'dossiers_page') as is_portal_known,
            (select count(*) > 0 from {{ ref('int_outgoing_document_latest') }})
            or (select count(*) > 0 from {{ ref('stg_raw__landed') }} where kind = 'outgoing_page') as is_register_known
    )

    select
        windows.period_code as part,
        hash(
            sum(hash(windows.mark, days.day, days.mark)), any_value(known.is_portal_known), any_value(known.is_register_known)
        ) as mark
    from windows
    cross join known
    left join days on days.day between windows.data_from and windows.data_to
    group by windows.period_code
{%- endmacro -%}

{#- Who owes a report for a period, and the submissions that came for it. -#}
{%- macro marks_of_reporting_rate() -%}
    {%- set submissions = ref('fct_submission') -%}
    select
        obligations.part,
        hash(obligations.mark, arrived.mark, {{ mark_of_all(ref('dim_indicator')) }}) as mark
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

{#- A period's recorded measures and figures, and the rules' tolerances. -#}
{%- macro marks_of_reconciliation() -%}
    {%- set recorded = ref('int_recorded_measure') -%}
    select
        recorded.part,
        hash(recorded.mark, figures.mark, {{ mark_of_all(ref('rules')) }}) as mark
    from build.{{ recorded.name }} as recorded
    left join ({{ marks_of_figures_by_period() }}) as figures on recorded.part = figures.part
{%- endmacro -%}
