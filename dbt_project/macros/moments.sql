{#-
CTEs from `own_changes` to `moments`: every night on which something changed for the agency and period of a submission in
`here`, for each submission that had come by then, and for what replaces one of them (`is_judged_here` is false there). It
needs the CTEs `placed`, `here`, `needed`, `events`, `recalls`, `error_problems`, `verdicts` and `replacements` of
fct_submission_state.
-#}
{%- macro moments() -%}
own_changes as (
    select
        submission_id,
        night_on
    from placed
    where submission_id in (select needed.submission_id from needed)

    union

    select
        submission_id,
        night_on
    from events

    union

    select
        submission_id,
        night_on
    from recalls
    where submission_id in (select needed.submission_id from needed)

    union

    select
        submission_id,
        night_on
    from error_problems

    union

    select
        submission_id,
        night_on
    from verdicts
    where verdict_number > 1
),

changes as (
    select
        submission_id,
        night_on
    from own_changes

    union

    select
        replacements.submission_id,
        greatest(replacements.night_on, own_changes.night_on) as night_on
    from replacements
    inner join own_changes on replacements.replacement_id = own_changes.submission_id
),

change_nights as (
    select distinct
        here.agency_code,
        here.period_code,
        changes.night_on
    from changes
    inner join here on changes.submission_id = here.submission_id
),

group_nights as (
    select
        here.submission_id,
        change_nights.night_on
    from here
    inner join change_nights
        on
            here.agency_code = change_nights.agency_code
            and here.period_code = change_nights.period_code
            and here.night_on <= change_nights.night_on
),

every_moment as (
    select
        submission_id,
        night_on,
        true as is_judged_here
    from group_nights

    union all

    select
        replacements.replacement_id as submission_id,
        group_nights.night_on,
        false as is_judged_here
    from replacements
    inner join group_nights on replacements.submission_id = group_nights.submission_id
    where replacements.night_on <= group_nights.night_on
),

moments as (
    select
        submission_id,
        night_on,
        bool_or(is_judged_here) as is_judged_here
    from every_moment
    group by submission_id, night_on
)
{%- endmacro -%}
