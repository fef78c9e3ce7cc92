{%- set measures = [
    ('III.6.1', 'portal.dossiers_received', 'received_count', none),
    ('III.6.2', 'portal.dossiers_returned', 'returned_count', none),
    ('III.6.3', 'portal.on_time_percent', 'on_time_count', 'answerable_count'),
    ('VII.3.4', 'portal.dossiers_received_by_post', 'post_count', none),
    ('VII.1.1', 'edoc.outgoing_documents', 'outgoing_count', none),
    ('VII.1.1.a', 'edoc.wholly_electronic_percent', 'wholly_electronic_count', 'outgoing_count'),
] -%}
{{
    config(
        materialized='incremental',
        incremental_strategy='differing',
        meta={'part': 'period_code', 'written_by': ['period_code', 'agency_code']},
        pre_hook="{{ forget_changed_parts(marks_of_recorded_measure()) }} {{ find_days_read() }}",
        post_hook="{{ remember_changed() }}"
    )
}}

-- What the systems of record say of each measure, for every agency and period that owes a report. A count is 0 where
-- the source is known and holds nothing; it is null where nothing was ever taken in from the source.
with

obligations as (
    select * from {{ ref('int_reporting_obligation') }}
    where {{ is_changed('period_code') }}
),

-- Read where it is used: kept, all columns of all dossiers are held.
dossiers as {{ not_held() }}(
    select * from {{ ref('fct_dossier') }}
),

-- Each day of a window with its period: an equal day is found by hashing, a span only by trying each dossier on each.
windows as (
    select distinct
        period_code,
        data_from,
        data_to
    from obligations
),

window_days as (
    select
        period_code,
        {{ each_day('data_from', 'data_to') }} as day_on
    from windows
),

documents as (
    select * from {{ ref('int_outgoing_document_latest') }}
),

landed as (
    select * from {{ ref('stg_raw__landed') }}
),

landed_kinds as (
    select
        count(*) filter (where kind = 'dossiers_page') as dossiers_page_count,
        count(*) filter (where kind = 'outgoing_page') as outgoing_page_count
    from landed
),

dossier_total as (
    select count(*) as row_count from dossiers
),

document_total as (
    select count(*) as row_count from documents
),

known_sources as (
    select
        landed_kinds.dossiers_page_count + dossier_total.row_count > 0 as is_portal_known,
        landed_kinds.outgoing_page_count + document_total.row_count > 0 as is_register_known
    from landed_kinds
    cross join dossier_total
    cross join document_total
),

received as (
    select
        dossiers.agency_code,
        window_days.period_code,
        count(*) as received_count,
        count(*) filter (where dossiers.channel = 'post') as post_count,
        count(*) filter (where dossiers.is_on_time) as on_time_count,
        count(*) filter (where coalesce(dossiers.state_number not in (7, 8), true)) as answerable_count
    from dossiers
    inner join window_days on cast(dossiers.received_at as date) = window_days.day_on
    where
        dossiers.is_received
        and {{ is_in_days_read('dossiers.received_at') }}
    group by dossiers.agency_code, window_days.period_code
),

returned as (
    select
        dossiers.agency_code,
        window_days.period_code,
        count(*) as returned_count
    from dossiers
    inner join window_days on cast(dossiers.returned_at as date) = window_days.day_on
    where
        dossiers.state_number = 10
        and {{ is_in_days_read('dossiers.returned_at') }}
    group by dossiers.agency_code, window_days.period_code
),

outgoing as (
    select
        documents.agency_code,
        window_days.period_code,
        count(*) as outgoing_count,
        count(*) filter (
            where documents.sent_form = 'electronic' and documents.is_digitally_signed
        ) as wholly_electronic_count
    from documents
    inner join window_days on documents.promulgated_on = window_days.day_on
    group by documents.agency_code, window_days.period_code
),

counted as (
    select
        obligations.agency_code,
        obligations.period_code,
        case when known_sources.is_portal_known then coalesce(received.received_count, 0) end as received_count,
        case when known_sources.is_portal_known then coalesce(received.post_count, 0) end as post_count,
        case when known_sources.is_portal_known then coalesce(received.on_time_count, 0) end as on_time_count,
        case when known_sources.is_portal_known then coalesce(received.answerable_count, 0) end as answerable_count,
        case when known_sources.is_portal_known then coalesce(returned.returned_count, 0) end as returned_count,
        case when known_sources.is_register_known then coalesce(outgoing.outgoing_count, 0) end as outgoing_count,
        case
            when known_sources.is_register_known then coalesce(outgoing.wholly_electronic_count, 0)
        end as wholly_electronic_count
    from obligations
    cross join known_sources
    left join received
        on
            obligations.agency_code = received.agency_code
            and obligations.period_code = received.period_code
    left join returned
        on
            obligations.agency_code = returned.agency_code
            and obligations.period_code = returned.period_code
    left join outgoing
        on
            obligations.agency_code = outgoing.agency_code
            and obligations.period_code = outgoing.period_code
),

final as (
    {% for indicator_code, measure_name, numerator, denominator in measures %}
        select
            agency_code,
            period_code,
            '{{ indicator_code }}' as indicator_code,
            '{{ measure_name }}' as measure_name,
            {% if denominator %}
                {{ exact_percent(numerator, denominator) }} as recorded_value,
            {% else %}
                cast({{ numerator }} as decimal(20, 6)) as recorded_value,
            {% endif %}
            {{ numerator if denominator else 'cast(null as bigint)' }} as numerator,
            {{ denominator or 'cast(null as bigint)' }} as denominator
        from counted
        {% if not loop.last %}

            union all
        {% endif %}
    {% endfor %}
)

select * from final
