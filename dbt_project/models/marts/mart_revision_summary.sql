{{ config(materialized='view') }}
-- How much figures move after they were first given: mean revision by indicator and agency, over the periods that were
-- sent more than once. `all` stands for every agency, or every indicator.
with

-- Read where it is used: kept, all columns of all revisions are held.
revisions as {{ not_held() }}(
    select * from {{ ref('mart_revision').include(database=false) }}
),

-- One after the other, so that a question on one agency, or on all, groups only what it asks for.
final as (
    {% for agency, indicator in [('agency_code', 'indicator_code'), ('agency_code', none), (none, 'indicator_code')] %}
        select
            {{ agency or "'all' as agency_code" }},
            {{ indicator or "'all' as indicator_code" }},
            count(*) as figure_count,
            count(*) filter (where is_revised) as revised_count,
            cast({{ exact_mean('revision_amount', 6) }} as decimal(20, 6)) as mean_revision,
            cast({{ exact_mean('abs(revision_amount)', 6) }} as decimal(20, 6)) as mean_absolute_revision,
            {{ exact_mean('revision_percent', 2) }} as mean_revision_percent
        from revisions
        group by {{ [agency, indicator] | select | join(', ') }}
        {% if not loop.last %}

            union all
        {% endif %}
    {% endfor %}
)

select
    agency_code,
    indicator_code,
    figure_count,
    revised_count,
    mean_revision,
    mean_absolute_revision,
    mean_revision_percent
from final
