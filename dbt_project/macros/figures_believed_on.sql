{#-
The figures that were published on a day: those whose submission was accepted by what was known then. `day` is an
expression, such as a parameter of a table function. Without a day: what holds now.
-#}
{%- macro figures_believed_on(day=none) -%}
    select
        figures.agency_code,
        figures.period_code,
        figures.indicator_code,
        figures.value,
        figures.value_text,
        figures.unit,
        figures.note,
        figures.ratio_numerator,
        figures.ratio_denominator,
        figures.observation_status,
        figures.confidence,
        figures.source,
        figures.reading,
        figures.revision,
        figures.submission_id,
        {% if day is none %}
            figures.received_at,
            figures.source_locator
        from {{ ref('fct_indicator_value').include(database=false) }} as figures
        where figures.is_current
        {%- else %}
            figures.received_at,
            figures.source_locator,
            states.known_from_on,
            states.known_to_on
        from {{ ref('fct_indicator_value').include(database=false) }} as figures
        inner join {{ ref('fct_submission_state').include(database=false) }} as states
            on figures.submission_id = states.submission_id
        where
            states.status = 'accepted'
            and figures.indicator_code <> 'unknown'
            and states.known_from_on <= cast({{ day }} as date)
            and coalesce(states.known_to_on > cast({{ day }} as date), true)
        {%- endif %}
{%- endmacro -%}
