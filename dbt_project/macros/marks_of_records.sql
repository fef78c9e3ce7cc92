{#-
What the models that tell of the systems of record, dossiers and outgoing documents, are built from: see marks.sql.
-#}

{#- A page of dossiers, and the agencies that they are laid upon. -#}
{%- macro marks_of_dossier_page() -%}
    select
        cast(landed_id as varchar) as part,
        hash(count(*), {{ mark_of_all(ref('dim_agency')) }}) as mark
    from {{ ref('stg_raw__dossier') }}
    group by landed_id
{%- endmacro -%}

{#- The days on which dossiers and documents of the systems of record happened: (day, mark). -#}
{%- macro marks_of_days() -%}
    {%- set dossiers = ref('fct_dossier') -%}
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
        {{ marks_of_days() }}
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

{#- A period's recorded measures and figures, and the rules' tolerances. -#}
{%- macro marks_of_reconciliation() -%}
    {%- set recorded = ref('int_recorded_measure') -%}
    select
        recorded.part,
        hash(recorded.mark, figures.mark, {{ mark_of_all(ref('rules')) }}) as mark
    from build.{{ recorded.name }} as recorded
    left join ({{ last_number_by_period(ref('fct_indicator_value')) }}) as figures on recorded.part = figures.part
{%- endmacro -%}

{#- A period's comparisons, and what the systems of record hold from three days before its window to three days after. -#}
{%- macro marks_of_reconciliation_detail() -%}
    {%- set compared = ref('mart_reconciliation') -%}
    select
        compared.part,
        hash(any_value(compared.mark), sum(hash(days.day, days.mark))) as mark
    from build.{{ compared.name }} as compared
    inner join {{ ref('dim_period') }} as periods on compared.part = periods.period_code
    left join ({{ marks_of_days() }}) as days on days.day between periods.data_from - 3 and periods.data_to + 3
    group by compared.part
{%- endmacro -%}
