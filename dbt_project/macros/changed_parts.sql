{#-
Incremental by what changed. A model's rows fall into parts (a submission, a period, a page of dossiers); a part's mark is
one number for everything that its rows are built from. `build.<model>` keeps the mark under which each part was built.
A part whose mark is another, or that is gone, is deleted and built again; everything else stays as it is.

The marks move in the same transaction as the rows, and they say what is there, not how far one has come: a build that
breaks off between two models is made good by the next one, in whatever order things came.

    config(materialized='incremental',
        pre_hook="{{ '{{' }} forget_changed('period_code', marks_of_this_model()) {{ '}}' }}",
        post_hook="{{ '{{' }} remember_changed() {{ '}}' }}")
    ... where {{ '{{' }} is_changed('period_code') {{ '}}' }}

`marks` is a query of (part varchar, mark), one row a part. What it reads has to be named by `ref` or `source` in it. Models of
many rows a part write only those that differ: they begin with forget_changed_parts, and differing_rows.sql does the rest.
-#}
{%- macro forget_changed(part, marks) -%}
    {{ forget_changed_parts(marks) }}
    {% if is_incremental() %}
    delete from {{ this }} where {{ part }} in (select changed.part from build.{{ this.name }}_changed as changed);
    {% endif %}
{%- endmacro -%}

{#- Write down which parts are to be built again, with the marks that they will have (null: the part is gone). -#}
{%- macro forget_changed_parts(marks) -%}
    {% if not is_incremental() %}drop table if exists build.{{ this.name }};{% endif %}
    create table if not exists build.{{ this.name }} (part varchar not null, mark ubigint not null);
    create or replace table build.{{ this.name }}_changed as
    select
        coalesce(wanted.part, built.part) as part,
        cast(wanted.mark as ubigint) as mark
    from ({{ marks }}) as wanted
    full outer join build.{{ this.name }} as built on wanted.part = built.part
    where wanted.mark is distinct from built.mark;
{%- endmacro -%}

{#- Keep the marks of the parts that were built, in the transaction that built them. -#}
{%- macro remember_changed() -%}
    delete from build.{{ this.name }}
    where part in (select changed.part from build.{{ this.name }}_changed as changed);
    insert into build.{{ this.name }}
    select changed.part, changed.mark from build.{{ this.name }}_changed as changed where changed.mark is not null;
{%- endmacro -%}

{#- The condition by which a model keeps to its changed parts; all of them where the whole table is built, as in a unit
test, where there is no `this`. -#}
{%- macro is_changed(part, list='changed') -%}
    {%- if this and is_incremental() -%}
        {{ part }} in (select changed.part from build.{{ this.name }}_{{ list }} as changed)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro -%}

{#- The parts of what is judged together: an agency's reports for one period. -#}
{%- macro agency_period() -%}
    agency_code || '|' || period_code
{%- endmacro -%}
