{#-
The incremental strategy `differing`: of the parts that a model builds again (changed_parts.sql), only rows that are others than
before are written. What touches a period leaves the rows of nearly all its agencies as they were; and deleted rows are scattered
over the whole table, which the checkpoint then writes anew. It is worth its comparison where a part has many rows.

    config(materialized='incremental', incremental_strategy='differing',
        meta={'part': 'period_code', 'written_by': ['period_code', 'agency_code']},
        pre_hook="{{ '{{' }} forget_changed_parts(marks_of_this_model()) {{ '}}' }}", ...)

`part` is the column of the parts in `build.<model>_changed`. Where the rows of one value of `written_by` are others, or more or
fewer, all of them are deleted and added; what the model's query no longer gives is gone.
-#}
{%- macro get_incremental_differing_sql(arguments) -%}
    {%- set target, given = arguments.target_relation, arguments.temp_relation -%}
    {%- set columns = get_quoted_csv(arguments.dest_columns | map(attribute='name')) -%}
    {%- set meta = model.config.meta -%}
    {%- set place = 'hash(' ~ meta.written_by | join(', ') ~ ')' -%}
    create or replace temp table {{ this.name }}_differing as
    select coalesce(given.place, held.place) as place
    from ({{ rows_by_place(given, place, columns) }}) as given
    full outer join ({{ rows_by_place(target, place, columns, is_changed(meta.part)) }}) as held on given.place = held.place
    where (given.row_count, given.told) is distinct from (held.row_count, held.told);

    delete from {{ target }}
    where {{ is_changed(meta.part) }} and {{ place }} in (select differing.place from {{ this.name }}_differing as differing);

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ given }}
    where {{ place }} in (select differing.place from {{ this.name }}_differing as differing);

    drop table {{ given }};
    drop table {{ this.name }}_differing
{%- endmacro -%}

{#- How many rows each place has, and one number for all that they say. -#}
{%- macro rows_by_place(relation, place, columns, wanted='true') -%}
    select {{ place }} as place, count(*) as row_count, sum(hash({{ columns }})) as told
    from {{ relation }}
    where {{ wanted }}
    group by place
{%- endmacro -%}
